//! Writing the copy for another provider. What goes into it is decided by [`Portable`].
//!
//! It is a bag of the same schema, without a signature: the service didn't make it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use settings_privacy_core::archive::{
    ClaimedCategory, Claims, Fault, Item, LeftOut, Me, Portable, Sha256, shown,
};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::archive::Archive;
use crate::container::{Entry, Reader};
use crate::hasher::{Hasher, digest};
use crate::layout::{CLAIMS, Kind};
use crate::save::{Fresh, unwritable};

/// No file of records is longer.
const MOST_RECORDS: u64 = 128 << 20;
const ROOT: &str = "portable-copy";
/// What compressing doesn't make shorter.
const PACKED: [&str; 12] = [
    "jpg", "jpeg", "png", "gif", "webp", "mp3", "mp4", "m4a", "zip", "docx", "xlsx", "pptx",
];

/// A copy that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PortableCopy {
    /// Where it lies.
    pub path: PathBuf,
    /// Records that are in it.
    pub items: u64,
    /// What isn't in it, and why: a line a category and reason.
    pub left_out: Vec<LeftOut>,
}

#[derive(Serialize, Deserialize)]
struct Records {
    schema: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    title: Option<String>,
    items: Vec<Item>,
}

/// Makes a copy of an export that leaves out what identifies others, as a new file at `to`: whole or not at all. Set
/// `stop` to end it.
///
/// # Errors
/// When the archive isn't an export, is damaged, or the copy can't be written. Then nothing remains.
pub fn portable_copy(
    archive: &Archive,
    to: &Path,
    me: Me,
    now: Timestamp,
    stop: &AtomicBool,
) -> Result<PortableCopy, Fault> {
    if archive.kind() != Kind::Export {
        return Err(Fault::NotABag);
    }
    let mut rule = Portable::new(me);
    let mut reader = archive.container.reader()?;
    let mut of_others = HashSet::new();
    let mut names = Names::default();
    let files: Vec<(&str, &str, &Entry)> = archive
        .container
        .entries
        .iter()
        .filter_map(|entry| {
            let path = archive.path_of(entry)?;
            Some((archive.category_of(path)?, path, entry))
        })
        .collect();
    for (category, path, entry) in files.iter().filter(|(_, path, _)| is_records(path)) {
        for item in records(&mut reader, path, entry, stop)?.items {
            rule.meet(category, &item);
        }
    }
    let mut fresh = Fresh::beside(to)?;
    let mut bag = Bag::new(BufWriter::new(fresh.file()));
    let mut left = Left::default();
    let mut items = 0;
    for (number, (category, path, entry)) in files.iter().filter(|(_, path, _)| is_records(path)).enumerate()
    {
        let found = records(&mut reader, path, entry, stop)?;
        let mut kept = Vec::with_capacity(found.items.len());
        for item in found.items {
            let files = item.files.clone();
            let copy = rule.item(category, item);
            // By their own names, until they get others.
            let stays = copy
                .as_ref()
                .map(|copy| copy.files.as_slice())
                .unwrap_or_default();
            of_others.extend(files.into_iter().filter(|file| !stays.contains(file)));
            match copy {
                Some(mut copy) => {
                    for file in &mut copy.files {
                        *file = names.of(archive.category_of(file).unwrap_or(category), file);
                    }
                    kept.push(copy);
                }
                None => left.count(category, "records", "They are about other people."),
            }
        }
        if kept.is_empty() {
            continue;
        }
        items += kept.len() as u64;
        bag.claim(category, kept.len() as u64);
        let copy = Records {
            schema: found.schema,
            category: (*category).to_owned(),
            title: found.title.map(|title| rule.text(&title)),
            items: kept,
        };
        let bytes = serde_json::to_vec(&copy).map_err(|_| Fault::Damaged {
            name: shown(path.as_bytes()),
        })?;
        // A file's own name may be a person's.
        bag.file(
            &format!("data/{category}/{:05}.records.json", number + 1),
            true,
            |take| take(&bytes),
        )?;
    }
    for (category, path, entry) in files.iter().filter(|(_, path, _)| !is_records(path)) {
        stopped(stop)?;
        if of_others.contains(*path) {
            left.count(
                category,
                "files",
                "Other people sent them, or they belong to records about other people.",
            );
        } else if rule.file(category, path) {
            let end = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
            let named = names.of(category, path);
            bag.file(&named, !PACKED.contains(&end.as_str()), |take| {
                reader.read(entry, |piece| take(piece))
            })?;
        } else {
            left.count(
                category,
                "files",
                "They may name other people, and can't be changed without breaking them.",
            );
        }
    }
    let left_out = left.lines();
    bag.finish(archive, left_out.clone(), now)?;
    let path = fresh.keep(to)?;
    Ok(PortableCopy {
        path,
        items,
        left_out,
    })
}

fn is_records(path: &str) -> bool {
    path.ends_with(".records.json")
}

fn stopped(stop: &AtomicBool) -> Result<(), Fault> {
    if stop.load(Ordering::Relaxed) {
        return Err(Fault::Unreadable {
            why: "it was stopped".to_owned(),
        });
    }
    Ok(())
}

/// A file of records. What can't be understood must not go along unseen, so it ends the copy.
fn records(reader: &mut Reader<'_>, path: &str, entry: &Entry, stop: &AtomicBool) -> Result<Records, Fault> {
    stopped(stop)?;
    let bytes = reader.whole(entry, MOST_RECORDS)?;
    serde_json::from_slice(&bytes).map_err(|_| Fault::TagFile {
        name: shown(path.as_bytes()),
        line: None,
    })
}

/// New names for files: their own may be people's.
#[derive(Default)]
struct Names(HashMap<String, String>);

impl Names {
    fn of(&mut self, category: &str, path: &str) -> String {
        let number = self.0.len() + 1;
        let end = path
            .rsplit('/')
            .next()
            .and_then(|name| name.rsplit_once('.'))
            .map_or("", |(_, end)| end);
        let plain = !end.is_empty() && end.len() <= 5 && end.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let dot = if plain { "." } else { "" };
        let new = || {
            format!(
                "data/{category}/files/{number:06}{dot}{}",
                if plain { end } else { "" }
            )
        };
        self.0.entry(path.to_owned()).or_insert_with(new).clone()
    }
}

/// What was left out, counted.
#[derive(Default)]
struct Left(BTreeMap<(String, &'static str, &'static str), u64>);

impl Left {
    fn count(&mut self, category: &str, what: &'static str, why: &'static str) {
        *self.0.entry((category.to_owned(), what, why)).or_default() += 1;
    }

    fn lines(self) -> Vec<LeftOut> {
        let line = |((category, what, why), count): ((String, &str, &str), u64)| LeftOut {
            category,
            item: format!("{count} {what}"),
            why: why.to_owned(),
        };
        self.0.into_iter().map(line).collect()
    }
}

/// A bag while it is written.
struct Bag<'f> {
    writer: ZipWriter<BufWriter<&'f mut File>>,
    files: Vec<(String, Sha256)>,
    bytes: u64,
    claims: BTreeMap<String, ClaimedCategory>,
}

impl<'f> Bag<'f> {
    fn new(file: BufWriter<&'f mut File>) -> Self {
        Self {
            writer: ZipWriter::new(file),
            files: Vec::new(),
            bytes: 0,
            claims: BTreeMap::new(),
        }
    }

    fn claim(&mut self, category: &str, items: u64) {
        let claim = self
            .claims
            .entry(category.to_owned())
            .or_insert_with(|| ClaimedCategory {
                id: category.to_owned(),
                name: category.to_owned(),
                ..ClaimedCategory::default()
            });
        claim.items += items;
    }

    fn begin(&mut self, path: &str, deflate: bool) -> Result<(), Fault> {
        let method = if deflate {
            CompressionMethod::Deflated
        } else {
            CompressionMethod::Stored
        };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .large_file(true);
        self.writer
            .start_file(format!("{ROOT}/{path}"), options)
            .map_err(zipped)
    }

    fn file(
        &mut self,
        path: &str,
        deflate: bool,
        read: impl FnOnce(&mut dyn FnMut(&[u8]) -> Result<(), Fault>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.begin(path, deflate)?;
        let mut hasher = Hasher::default();
        let writer = &mut self.writer;
        read(&mut |piece| {
            hasher.update(piece);
            writer.write_all(piece).map_err(unwritable)
        })?;
        let category = path.split('/').nth(1).filter(|_| path != CLAIMS);
        if let Some(claim) = category.and_then(|category| self.claims.get_mut(category)) {
            claim.files += 1;
            claim.bytes += hasher.bytes();
        }
        self.bytes += hasher.bytes();
        self.files.push((path.to_owned(), hasher.finish()));
        Ok(())
    }

    fn finish(mut self, of: &Archive, left_out: Vec<LeftOut>, now: Timestamp) -> Result<(), Fault> {
        let original = of.claims().cloned().unwrap_or_default();
        let claims = Claims {
            schema: 1,
            export: original.export,
            account: original.account,
            period: original.period,
            categories: std::mem::take(&mut self.claims).into_values().collect(),
            left_out,
        };
        let bytes = serde_json::to_vec_pretty(&claims).map_err(|_| Fault::Damaged {
            name: CLAIMS.to_owned(),
        })?;
        self.file(CLAIMS, true, |take| take(&bytes))?;
        let info = format!(
            "Bagging-Date: {}\nPayload-Oxum: {}.{}\nExternal-Identifier: {}\nAccount-Identifier: {}\nExternal-Description: A copy \
             made by the account's holder, without what identifies others. It is not signed.\n",
            now.to_zoned_datetime(jiff::tz::TimeZone::UTC).date(),
            self.bytes,
            self.files.len(),
            claims.export,
            claims.account
        );
        let list = |files: &[(String, Sha256)]| -> String {
            files
                .iter()
                .map(|(path, digest)| format!("{digest}  {path}\n"))
                .collect()
        };
        let mut tags = vec![
            (
                "bagit.txt",
                "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".to_owned(),
            ),
            ("bag-info.txt", info),
            ("manifest-sha256.txt", list(&self.files)),
        ];
        let digests: Vec<_> = tags
            .iter()
            .map(|(path, text)| ((*path).to_owned(), digest(text.as_bytes())))
            .collect();
        tags.push(("tagmanifest-sha256.txt", list(&digests)));
        for (path, text) in tags {
            self.begin(path, true)?;
            self.writer.write_all(text.as_bytes()).map_err(unwritable)?;
        }
        let mut file = self.writer.finish().map_err(zipped)?;
        file.flush().map_err(unwritable)
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "only the system's own faults have a meaning here"
)]
fn zipped(error: zip::result::ZipError) -> Fault {
    match error {
        zip::result::ZipError::Io(error) => unwritable(error),
        other => Fault::Unwritable {
            why: other.to_string(),
        },
    }
}
