//! What a cookie is likely for, told from its name.

use serde::Deserialize;

use crate::data::DataError;

/// A cookie's likely purpose (policy §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Security and operation: the session, single sign-on.
    Security,
    /// Statistics and improvement.
    Statistics,
    /// Nobody says. DingTalk publishes no list of its cookies.
    #[serde(skip)]
    Unknown,
}

/// What is known about a cookie of this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurposeFact {
    /// What it is likely for; never [`Purpose::Unknown`].
    pub purpose: Purpose,
    /// Its site knows by it that the person is signed in.
    pub signs_in: bool,
    /// That, in one sentence.
    pub says: String,
    /// What it is known from.
    pub evidence: String,
    /// The policy's clause.
    pub clause: String,
    name: Name,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Exact(String),
    Prefix(String),
}

/// What is known about cookies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purposes {
    /// Raised with every change of the list.
    pub version: u32,
    /// Whether cookies can be refused by purpose, in words for people.
    pub refusing: String,
    facts: Vec<PurposeFact>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    #[serde(default)]
    refusing: String,
    #[serde(default)]
    cookie: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: Option<String>,
    prefix: Option<String>,
    purpose: Purpose,
    says: String,
    #[serde(default)]
    signs_in: bool,
    evidence: String,
    clause: String,
}

impl Purposes {
    /// Reads the list.
    ///
    /// # Errors
    /// When it isn't valid TOML, has a key that isn't known, or an entry has no name, two, or no evidence.
    pub fn parse(text: &str) -> Result<Self, DataError> {
        let wrong = |reason: String| DataError {
            file: "cookies.toml",
            reason,
        };
        let file: File = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let fact = |row: Row| {
            let name = match (row.name, row.prefix) {
                (Some(name), None) if !name.is_empty() => Name::Exact(name),
                // A shorter one would say something of cookies nobody looked at.
                (None, Some(prefix)) if prefix.len() >= 4 => Name::Prefix(prefix),
                _ => {
                    return Err(wrong(
                        "an entry needs one name, or one prefix of four letters".into(),
                    ));
                }
            };
            if [&row.says, &row.evidence, &row.clause]
                .iter()
                .any(|text| text.trim().is_empty())
            {
                return Err(wrong(format!("{name:?} says too little")));
            }
            Ok(PurposeFact {
                purpose: row.purpose,
                signs_in: row.signs_in,
                says: row.says,
                evidence: row.evidence,
                clause: row.clause,
                name,
            })
        };
        Ok(Self {
            version: file.version,
            refusing: file.refusing,
            facts: file.cookie.into_iter().map(fact).collect::<Result<_, _>>()?,
        })
    }

    /// What is known about a cookie of this name: an exact name before a prefix. The prefixes that browsers give a
    /// meaning to (`__Host-`, `__Secure-`) don't count.
    pub fn fact(&self, cookie: &str) -> Option<&PurposeFact> {
        let cookie = ["__Host-", "__Secure-"]
            .iter()
            .find_map(|prefix| cookie.strip_prefix(prefix))
            .unwrap_or(cookie);
        let exact = |fact: &&PurposeFact| matches!(&fact.name, Name::Exact(name) if name == cookie);
        let begins =
            |fact: &&PurposeFact| matches!(&fact.name, Name::Prefix(prefix) if cookie.starts_with(prefix));
        let facts = || self.facts.iter();
        facts().find(exact).or_else(|| facts().find(begins))
    }

    /// The likely purpose of a cookie of this name.
    pub fn of(&self, cookie: &str) -> Purpose {
        self.fact(cookie).map_or(Purpose::Unknown, |fact| fact.purpose)
    }
}
