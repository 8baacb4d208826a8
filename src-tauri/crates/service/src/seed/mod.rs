//! Made-up things for the made-up account: something true to show in every category, the same everywhere and always; and
//! as much of it as one likes, to measure with.

mod bulk;
mod chats;
mod files;
mod office;
mod people;
mod personal;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use ring::digest;
use uuid::Uuid;

use crate::db::items::{self, Item, Object, Says};
use crate::db::{self, Database};
use crate::exports::Desk;
use crate::folders;

pub use bulk::{Seeded, seed};
pub use office::WORK;

/// A category's made-up things.
pub struct Batch {
    category: &'static str,
    items: Vec<Item>,
    files: Vec<MadeUp>,
}

/// A made-up file.
struct MadeUp {
    item: String,
    at: Timestamp,
    name: String,
    media_type: &'static str,
    content: Vec<u8>,
}

/// Furnishes an account, once. What was done with its things since stays.
pub async fn furnish(database: &Database, desk: &Desk, account: Uuid) -> Result<(), sqlx::Error> {
    let mut reading = database.read().await?;
    let is_furnished = items::is_furnished(&mut reading, account).await?;
    drop(reading);
    if is_furnished {
        return Ok(());
    }
    // Files first: rows whose files aren't there would be a lie, files without rows are replaced next time.
    let folder = |category: &str| desk.objects(account, category);
    let batches: Vec<(PathBuf, Batch)> = batches()
        .await?
        .into_iter()
        .map(|batch| (folder(batch.category), batch))
        .collect();
    let write = move || -> io::Result<Vec<(Batch, Vec<Object>)>> {
        let written = batches.into_iter().map(|(folder, batch)| {
            let objects = batch.write_files(&folder)?;
            Ok((batch, objects))
        });
        written.collect()
    };
    let written = tokio::task::spawn_blocking(write)
        .await
        .map_err(io::Error::other)??;
    let mut transaction = database.begin().await?;
    if !items::note_furnished(&mut transaction, account).await? {
        return Ok(());
    }
    for (batch, objects) in &written {
        items::add(&mut transaction, account, batch.category, &batch.items).await?;
        items::add_objects(&mut transaction, account, batch.category, objects).await?;
    }
    transaction.commit().await
}

/// The same as [`made_up`], made where it holds nobody up.
async fn batches() -> Result<Vec<Batch>, sqlx::Error> {
    tokio::task::spawn_blocking(made_up)
        .await
        .map_err(io::Error::other)?
}

/// Everything the made-up account is furnished with.
fn made_up() -> Result<Vec<Batch>, sqlx::Error> {
    let mut batches = vec![chats::messages()?, chats::groups()?, chats::calls()?];
    batches.extend(personal::all()?);
    batches.extend(office::all()?);
    Ok(batches)
}

impl MadeUp {
    fn object(&self, number: i64) -> Object {
        Object {
            number,
            item: self.item.clone(),
            at: self.at,
            name: self.name.clone(),
            media_type: self.media_type.to_owned(),
            bytes: self.content.len() as u64,
            sha256: hex(digest::digest(&digest::SHA256, &self.content).as_ref()),
        }
    }
}

impl Batch {
    /// Writes the files into a folder, numbered from 1.
    fn write_files(&self, folder: &Path) -> io::Result<Vec<Object>> {
        if !self.files.is_empty() {
            folders::make_private(folder)?;
        }
        let written = (1..).zip(&self.files).map(|(number, file)| {
            let path = folder.join(i64::to_string(&number));
            folders::make_private_file(&path)?;
            std::fs::write(&path, &file.content)?;
            Ok(file.object(number))
        });
        written.collect()
    }

    fn of(category: &'static str) -> Self {
        Self {
            category,
            items: Vec::new(),
            files: Vec::new(),
        }
    }

    /// Adds an item. Its identifier is its number.
    fn add(&mut self, collection: &str, at: Timestamp, says: Says) -> &mut Self {
        self.items.push(Item {
            id: format!("{:05}", self.items.len() + 1),
            collection: collection.to_owned(),
            at,
            says,
            bytes: 0,
        });
        self
    }

    /// Adds a file to the newest item.
    fn with_file(&mut self, name: &str, media_type: &'static str, content: Vec<u8>) {
        if let Some(item) = self.items.last() {
            self.files.push(MadeUp {
                item: item.id.clone(),
                at: item.at,
                name: name.to_owned(),
                media_type,
                content,
            });
        }
    }
}

/// Numbers that look like dice and are the same everywhere: `SplitMix64` (Steele, Lea, Flood 2014). Nothing secret comes
/// of them.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.roll() % limit.max(1) as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// Things that happen one after the other.
struct Days {
    at: Timestamp,
    today: Timestamp,
    dice: Dice,
}

impl Days {
    fn from(start: &str, seed: u64) -> Result<Self, sqlx::Error> {
        Ok(Self {
            at: db::parse(start)?,
            today: db::parse("2026-11-20T18:00:00Z")?,
            dice: Dice(seed),
        })
    }

    /// The time of the next thing, about `hours` after the one before.
    fn next(&mut self, hours: usize) -> Timestamp {
        let seconds = 60 + self.dice.below(hours * 2 * 3600) as i64;
        self.at += SignedDuration::from_secs(seconds);
        // Nothing happened after the day the sample was made.
        if self.at > self.today {
            self.at -= SignedDuration::from_hours(24 * 290);
        }
        self.at
    }
}

fn says(kind: &str) -> Says {
    Says {
        kind: kind.to_owned(),
        ..Says::default()
    }
}

fn fields<const N: usize>(fields: [(&str, String); N]) -> BTreeMap<String, String> {
    fields
        .into_iter()
        .map(|(label, value)| (label.to_owned(), value))
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use settings_privacy_core::data;
    use settings_privacy_core::inventory::CategoryId;

    use super::*;

    /// Categories whose things lie in other tables of the service.
    const ELSEWHERE: [&str; 3] = ["account", "devices", "consents"];

    #[test]
    fn every_category_of_the_inventory_has_something_in_it() {
        let made: BTreeSet<&str> = made_up()
            .unwrap()
            .iter()
            .filter(|batch| !batch.items.is_empty())
            .map(|batch| batch.category)
            .chain(ELSEWHERE)
            .collect();
        let wanted: BTreeSet<&str> = data::inventory()
            .categories
            .iter()
            .map(|category| category.id.as_str())
            .collect();
        assert_eq!(made, wanted);
        assert!(data::inventory().get(&CategoryId::new("messages")).is_some());
    }

    #[test]
    fn it_is_the_same_everywhere() {
        let mut hash = digest::Context::new(&digest::SHA256);
        for batch in made_up().unwrap() {
            for item in &batch.items {
                hash.update(&serde_json::to_vec(&item.says).unwrap());
                hash.update(item.at.to_string().as_bytes());
            }
        }
        let known = "fb70b77f85d427e5f06227c00e738859010027106e6615a6736dfb88305214c4";
        assert_eq!(hex(hash.finish().as_ref()), known);
        // Pictures may be packed differently by another version of their library, but not from one time to the next.
        let files = || {
            let batches = made_up().unwrap();
            let files = batches.iter().flat_map(|batch| &batch.files);
            files.map(|file| file.object(1).sha256).collect::<Vec<_>>()
        };
        assert_eq!(files(), files());
    }

    #[test]
    fn everything_happened_while_the_account_was_there() {
        let (began, today) = ("2026-01-12T08:30:00Z", "2026-11-21T00:00:00Z");
        let (began, today): (Timestamp, Timestamp) = (began.parse().unwrap(), today.parse().unwrap());
        for batch in made_up().unwrap() {
            for item in &batch.items {
                assert!(
                    item.at >= began && item.at < today,
                    "{} {}",
                    batch.category,
                    item.at
                );
            }
        }
    }
}
