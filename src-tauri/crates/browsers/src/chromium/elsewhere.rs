//! Where else Chromium names a host: history and what is made of it, the windows to be restored, the HTTP cache.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use settings_privacy_core::storage::{Elsewhere, Item, Kind, Place, Problem};

use super::{made_of_history, session};
use crate::browsers::blocking;
use crate::copy::file_name;
use crate::error::ReadError;
use crate::look::{Look, page_host};
use crate::matching::names_site;
use crate::mentions;
use crate::sqlite::Database;

pub(super) async fn see(look: &mut Look<'_>) {
    let visited = history(look).await;
    look.told(
        visited,
        &[
            Kind::Elsewhere(Elsewhere::History),
            Kind::Elsewhere(Elsewhere::Downloads),
        ],
    );
    made_of_history::see(look).await;
    sessions(look).await;
    cache(look).await;
}

/// `History`, tables `urls` and `downloads`.
async fn history(look: &mut Look<'_>) -> Result<Option<()>, ReadError> {
    let path = look.path("History");
    let Some(mut database) = Database::open_to_match(&path, look.running, look.scratch, look.sites).await?
    else {
        return Ok(None);
    };
    let visited = history_rows(look, &mut database, &path).await;
    let downloaded = made_of_history::downloads(&mut database).await;
    database.close().await;
    let downloaded = downloaded.map(|named| {
        add(look, made_of_history::by_host(named), Elsewhere::Downloads, &path);
    });
    visited.and(downloaded).map(Some)
}

async fn history_rows(look: &mut Look<'_>, database: &mut Database, path: &Path) -> Result<(), ReadError> {
    let sql = format!("SELECT url FROM urls WHERE {}", names_site("url"));
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for row in database.rows(sql).await? {
        let address = database.get::<String>(&row, 0)?;
        if let Some(host) = page_host(&address) {
            *counts.entry(host).or_default() += 1;
        }
    }
    add(look, counts, Elsewhere::History, path);
    Ok(())
}

pub(super) fn add(look: &mut Look<'_>, counts: BTreeMap<String, u64>, place: Elsewhere, path: &Path) {
    for (host, mentions) in counts {
        look.mentioned(
            &host,
            Item::Elsewhere { place, mentions },
            Place::Within(path.to_owned()),
        );
    }
}

/// `Sessions/*`, see [`session`].
async fn sessions(look: &mut Look<'_>) {
    const HIDES: &[Kind] = &[Kind::Elsewhere(Elsewhere::SessionRestore)];
    let files = |folder: &str| -> Vec<PathBuf> {
        let entries = fs::read_dir(look.path(folder)).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        files.sort();
        files
    };
    let (plain, encrypted) = (files(session::FOLDER), files(session::ENCRYPTED));
    if plain.is_empty() && !encrypted.is_empty() {
        look.add_problem(Problem {
            code: "encrypted",
            message: "The windows and tabs to be opened again are encrypted, so they can't be looked into."
                .to_owned(),
            hides: HIDES.to_vec(),
        });
    }
    for path in plain {
        let (read, sites) = (path.clone(), look.sites.clone());
        let name = file_name(&path);
        let of = name.clone();
        let outcome = blocking(move || {
            fs::read(&read)
                .map(|bytes| mentions::of_sites(&sites, |goes| session::without(&of, &bytes, goes)))
        });
        match outcome.await {
            Ok(Some(counts)) => add(look, counts, Elsewhere::SessionRestore, &path),
            Ok(None) => look.problem(&ReadError::ForeignSchema { file: name }, HIDES),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => look.problem(&ReadError::io(&name, error), HIDES),
        }
    }
}

/// `Cache/Cache_Data/*_0` (the “simple” cache, which Linux and macOS have): an entry begins with its address.
async fn cache(look: &mut Look<'_>) {
    let base = look.profile.cache.as_ref().unwrap_or(&look.profile.path);
    let folder = base.join("Cache/Cache_Data");
    let (entries, sites) = (folder.clone(), look.sites.clone());
    let counts = blocking(move || {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for entry in fs::read_dir(entries).into_iter().flatten().flatten() {
            let path = entry.path();
            let mut named = BTreeMap::new();
            if file_name(&path).ends_with("_0")
                && let Ok(key) = cache_key(&path)
            {
                mentions::count(&key, &sites, &mut named);
            }
            for host in named.into_keys() {
                *counts.entry(host).or_default() += 1;
            }
        }
        counts
    });
    let counts = counts.await;
    add(look, counts, Elsewhere::HttpCache, &folder);
}

/// `SimpleFileHeader`: a number, a version, the key's length (32 bits, little-endian) and hash, padding; the key.
pub(crate) fn cache_key(path: &Path) -> io::Result<Vec<u8>> {
    const HEADER: usize = 24;
    const LARGEST: u32 = 64 * 1024;
    let mut file = fs::File::open(path)?;
    let mut header = [0; HEADER];
    file.read_exact(&mut header)?;
    let [.., a, b, c, d, _, _, _, _, _, _, _, _] = header;
    let length = u32::from_le_bytes([a, b, c, d]).min(LARGEST);
    let mut key = Vec::new();
    file.take(length.into()).read_to_end(&mut key)?;
    Ok(key)
}
