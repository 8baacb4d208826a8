//! What checking an archive found: for the window, the terminal, and as a file to keep.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fault, Sha256};
use crate::export::Verdict;

/// So many findings are listed; the rest is counted.
pub const MOST_FINDINGS: usize = 1000;

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// A stable code.
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// What differs, as data.
    #[serde(flatten)]
    pub fault: Fault,
}

impl From<Fault> for Finding {
    fn from(fault: Fault) -> Self {
        Self {
            code: fault.code().to_owned(),
            message: fault.to_string(),
            fault,
        }
    }
}

/// Whose signature holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// The key's name.
    pub kid: String,
}

/// The whole result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The shape of this report: 1.
    pub report: u32,
    /// When it was checked.
    pub checked: Timestamp,
    /// Which export it says it is.
    pub export: Option<String>,
    /// The length of the file, in bytes.
    pub size: u64,
    /// The digest of the file, when it was computed.
    pub digest: Option<Sha256>,
    /// Whether that is the one the service named.
    pub digest_as_told: bool,
    /// Files whose bytes were read and compared with the list.
    pub files: u64,
    /// Their bytes, unpacked.
    pub bytes: u64,
    /// Whether it was known whose it must be, and compared with that.
    #[serde(default)]
    pub owner_known: bool,
    /// The signature, when it holds.
    pub signed: Option<Signed>,
    /// What is wrong; empty when all is well.
    pub findings: Vec<Finding>,
    /// Findings beyond those listed.
    pub more: u64,
}

impl Report {
    /// Whether everything is what it should be.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty() && self.more == 0
    }

    /// For the workflow.
    pub fn verdict(&self) -> Verdict {
        match self.findings.first() {
            None if self.more == 0 => Verdict::Sound,
            None => Verdict::NotSound {
                code: "unknown".to_owned(),
                message: "The archive isn't sound.".to_owned(),
            },
            Some(finding) => Verdict::NotSound {
                code: finding.code.clone(),
                message: finding.message.clone(),
            },
        }
    }

    /// Line by line, what was checked and what came of it.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![if self.is_sound() && self.owner_known {
            "This archive is complete and unchanged, and it is yours.".to_owned()
        } else if self.is_sound() {
            "This archive is complete and unchanged.".to_owned()
        } else {
            let count = self.findings.len() as u64 + self.more;
            let things = if count == 1 {
                "One thing is"
            } else {
                "Several things are"
            };
            format!("{things} not as they should be in this archive ({count} found).")
        }];
        lines.push(format!("Checked: {}", self.checked));
        lines.push(format!("Length: {} bytes", self.size));
        if let Some(digest) = self.digest {
            let told = if self.digest_as_told {
                ", as the service named it"
            } else {
                ""
            };
            lines.push(format!("SHA-256 of the file: {digest}{told}"));
        }
        lines.push(format!(
            "Files read and compared with the list: {} ({} bytes)",
            self.files, self.bytes
        ));
        lines.push(match &self.signed {
            Some(signed) => format!("Signature: holds, key “{}”", signed.kid),
            None => "Signature: none that holds".to_owned(),
        });
        lines.extend(
            self.findings
                .iter()
                .map(|finding| format!("– {} [{}]", finding.message, finding.code)),
        );
        if self.more > 0 {
            lines.push(format!("– and {} more like these", self.more));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(findings: Vec<Finding>) -> Report {
        Report {
            report: 1,
            checked: Timestamp::UNIX_EPOCH,
            export: None,
            size: 3,
            digest: None,
            digest_as_told: false,
            files: 0,
            bytes: 0,
            owner_known: false,
            signed: None,
            findings,
            more: 0,
        }
    }

    #[test]
    fn a_single_finding_makes_it_unsound_and_its_words_go_to_the_workflow() {
        assert_eq!(report(Vec::new()).verdict(), Verdict::Sound);
        let found = report(vec![Fault::Unsigned.into()]);
        assert!(!found.is_sound());
        let Verdict::NotSound { code, message } = found.verdict() else {
            panic!("it isn't sound")
        };
        assert_eq!(code, "unsigned");
        assert!(found.lines().iter().any(|line| line.contains(&message)));
    }

    #[test]
    fn only_what_was_compared_with_an_account_is_called_yours() {
        let mut sound = report(Vec::new());
        assert!(!sound.lines()[0].contains("yours"), "{:?}", sound.lines());
        sound.owner_known = true;
        assert!(sound.lines()[0].contains("yours"), "{:?}", sound.lines());
    }

    #[test]
    fn a_report_is_read_back_as_it_was_written() {
        let name = "data/a".to_owned();
        let found = report(vec![Fault::Differs { name }.into(), Fault::NotABag.into()]);
        let text = serde_json::to_string(&found).expect("it serializes");
        assert_eq!(
            serde_json::from_str::<Report>(&text).expect("it was just written"),
            found
        );
        assert!(text.contains(r#""fault":"differs""#), "{text}");
    }
}
