//! As much as one likes: recordings, pictures and messages until the account holds so many bytes. Written as it is made,
//! so that memory doesn't grow with it.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use ring::digest::{Context, SHA256};
use uuid::Uuid;

use super::people::{OWN, PEOPLE};
use super::{Dice, files, hex, says};
use crate::db::items::{self, Item, Object, Says, Window};
use crate::db::{self, Database};
use crate::exports::Desk;
use crate::folders;

/// A recording, in bytes: about 17 minutes.
const RECORDING: u32 = 8 * 1024 * 1024;
/// A picture, in bytes.
const PICTURE: u32 = 1024 * 1024;
/// Messages that come with a recording.
const MESSAGES: i64 = 40;

/// What there is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seeded {
    /// Things, in the categories that were filled.
    pub items: u64,
    /// Their bytes, with those of their files.
    pub bytes: u64,
}

/// Fills an account until it holds about so many bytes. What was there already counts; made twice, it is the same.
pub async fn seed(
    database: &Database,
    desk: &Desk,
    account: Uuid,
    bytes: u64,
) -> Result<Seeded, sqlx::Error> {
    loop {
        let held = held(database, account).await?;
        if held.bytes >= bytes {
            return Ok(held);
        }
        let rounds = (bytes - held.bytes).div_ceil(u64::from(RECORDING + PICTURE));
        // Counting reads everything: a hundred rounds are made before it is counted again.
        for _ in 0..rounds.clamp(1, 100) {
            round(database, desk, account).await?;
        }
    }
}

async fn held(database: &Database, account: Uuid) -> Result<Seeded, sqlx::Error> {
    let mut reading = database.read().await?;
    let (mut items, mut bytes) = (0, 0);
    for category in ["calls", "messages"] {
        let totals = items::totals(&mut reading, account, category, Window::ALWAYS).await?;
        items += totals.items;
        bytes += totals.bytes;
    }
    Ok(Seeded { items, bytes })
}

/// One recording, one picture, some messages: files first, then their rows.
async fn round(database: &Database, desk: &Desk, account: Uuid) -> Result<(), sqlx::Error> {
    let mut transaction = database.begin().await?;
    let (calls, recordings) = items::extent(&mut transaction, account, "calls").await?;
    let (messages, pictures) = items::extent(&mut transaction, account, "messages").await?;
    let began = db::parse("2026-01-12T09:00:00Z")?;
    // A minute apart for every call, so that any number of them lies in the account's time.
    let at = began + SignedDuration::from_mins(calls % 440_000);

    let call = Item {
        id: format!("bulk-{calls:08}"),
        collection: String::new(),
        at,
        says: Says {
            title: Some(format!("Conference {calls}")),
            ..says("video conference")
        },
        bytes: 0,
    };
    let (folder, seed) = (desk.objects(account, "calls"), calls as u64);
    let made = blocking(move || noise(&folder, recordings + 1, RECORDING, seed)).await?;
    let recording = object(recordings + 1, &call, "recording.wav", "audio/wav", made);
    items::add(&mut transaction, account, "calls", std::slice::from_ref(&call)).await?;
    items::add_objects(&mut transaction, account, "calls", &[recording]).await?;

    let chat: Vec<Item> = (messages..messages + MESSAGES)
        .map(|nth| message(nth, at))
        .collect();
    let (folder, seed) = (desk.objects(account, "messages"), u64::MAX - messages as u64);
    let made = blocking(move || noise(&folder, pictures + 1, PICTURE, seed)).await?;
    items::add(&mut transaction, account, "messages", &chat).await?;
    if let Some(first) = chat.first() {
        let picture = object(pictures + 1, first, "voice.wav", "audio/wav", made);
        items::add_objects(&mut transaction, account, "messages", &[picture]).await?;
    }
    transaction.commit().await
}

fn message(nth: i64, at: Timestamp) -> Item {
    let mut dice = Dice(nth as u64);
    let person = PEOPLE[dice.below(PEOPLE.len())].name();
    let words = [
        "rye",
        "oven",
        "flour",
        "invoice",
        "delivery",
        "Thursday",
        "sourdough",
        "van",
        "shift",
        "cake",
    ];
    let text: Vec<&str> = (0..20).map(|_| dice.pick(&words)).collect();
    Item {
        id: format!("bulk-{nth:08}"),
        // Enough chats for each to fit one file or a few.
        collection: format!("Chat {}", nth / 4_000 + 1),
        at: at + SignedDuration::from_secs(nth % MESSAGES),
        says: Says {
            text: Some(text.join(" ")),
            from: Some(person),
            to: vec![OWN.to_owned()],
            ..says("message")
        },
        bytes: 0,
    }
}

fn object(number: i64, item: &Item, name: &str, media_type: &str, (bytes, sha256): (u64, String)) -> Object {
    Object {
        number,
        item: item.id.clone(),
        at: item.at,
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        bytes,
        sha256,
    }
}

/// Writes a sound file of noise. Says how long it is, and its SHA-256.
fn noise(folder: &Path, number: i64, samples: u32, seed: u64) -> io::Result<(u64, String)> {
    folders::make_private(folder)?;
    let path = folder.join(number.to_string());
    folders::make_private_file(&path)?;
    let mut file = BufWriter::new(File::options().write(true).truncate(true).open(path)?);
    let (mut hash, mut dice) = (Context::new(&SHA256), Dice(seed));
    let header = files::sound_header(samples);
    hash.update(&header);
    file.write_all(&header)?;
    let mut block = [0_u8; 4096];
    for _ in 0..samples as usize / block.len() {
        for eight in block.chunks_exact_mut(8) {
            eight.copy_from_slice(&dice.roll().to_le_bytes());
        }
        hash.update(&block);
        file.write_all(&block)?;
    }
    file.flush()?;
    Ok((
        header.len() as u64 + u64::from(samples),
        hex(hash.finish().as_ref()),
    ))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, sqlx::Error> {
    let done = tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?;
    Ok(done?)
}
