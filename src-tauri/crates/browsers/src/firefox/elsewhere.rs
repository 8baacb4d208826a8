//! Where else Firefox names a host: history and what is made of it, the session to be restored, the HTTP cache.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use settings_privacy_core::storage::{Elsewhere, Item, Kind, Place, Sites};

use super::session;
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
    let shown = icons(look).await;
    look.told(shown, &[Kind::Elsewhere(Elsewhere::Icons)]);
    session(look).await;
    cache(look).await;
}

/// The condition that a page (a row `m` of `moz_places`) was visited, or is there for nothing else: for a bookmark.
pub(crate) const VISITED: &str = "m.visit_count > 0 OR m.last_visit_date IS NOT NULL OR m.foreign_count = 0 \
    OR m.id IN (SELECT place_id FROM main.moz_historyvisits)";

/// The condition that a page (a row `m` of `moz_places`) stays when the history goes: it is a bookmark's.
pub(crate) const BOOKMARKED: &str = "m.foreign_count > 0 OR m.id IN (SELECT fk FROM main.moz_bookmarks)";

/// `places.sqlite`: the host stands backwards in an indexed column, so ours are one range a site.
async fn history(look: &mut Look<'_>) -> Result<Option<()>, ReadError> {
    let path = look.path("places.sqlite");
    let Some(mut database) = Database::open(&path, look.running, look.scratch).await? else {
        return Ok(None);
    };
    let domains = look.sites.sites.iter();
    let ranges: Vec<String> = domains
        .map(|site| reversed(&site.domain))
        // The host ends with a dot there, and “/” follows “.” in ASCII.
        .map(|host| format!("(rev_host >= '{host}.' AND rev_host < '{host}/')"))
        .collect();
    let ours = match ranges.is_empty() {
        true => "0".to_owned(),
        false => ranges.join(" OR "),
    };
    let visited = pages(look, &mut database, &ours, &path).await;
    let downloaded = downloads(look, &mut database, &ours, &path).await;
    database.close().await;
    visited.and(downloaded).map(Some)
}

async fn pages(
    look: &mut Look<'_>,
    database: &mut Database,
    ours: &str,
    path: &Path,
) -> Result<(), ReadError> {
    let sql = format!(
        "SELECT rev_host, count(*) FROM moz_places AS m WHERE ({ours}) AND ({VISITED}) GROUP BY rev_host"
    );
    count(look, database, sql, Elsewhere::History, path).await
}

/// Firefox keeps them as notes on pages. One on a bookmark stays with it.
async fn downloads(
    look: &mut Look<'_>,
    database: &mut Database,
    ours: &str,
    path: &Path,
) -> Result<(), ReadError> {
    if database.columns("moz_annos").await?.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT rev_host, count(*) FROM moz_places AS m WHERE ({ours}) AND ({VISITED}) AND NOT ({BOOKMARKED}) \
         AND m.id IN (SELECT a.place_id FROM moz_annos a JOIN moz_anno_attributes t ON t.id = a.anno_attribute_id \
         WHERE t.name = 'downloads/destinationFileURI') GROUP BY rev_host"
    );
    count(look, database, sql, Elsewhere::Downloads, path).await
}

/// Adds what a query counts, by hosts written backwards.
async fn count(
    look: &mut Look<'_>,
    database: &mut Database,
    sql: String,
    place: Elsewhere,
    path: &Path,
) -> Result<(), ReadError> {
    for row in &database.rows(sql).await? {
        let host = reversed(database.get::<&str>(row, 0)?);
        let mentions = database.get::<i64>(row, 1)?.unsigned_abs();
        let item = Item::Elsewhere { place, mentions };
        look.mentioned(&host, item, Place::Within(path.to_owned()));
    }
    Ok(())
}

fn reversed(host: &str) -> String {
    host.chars().rev().collect()
}

/// `favicons.sqlite`: pages that have icons, and a site's own icons, which belong to no page.
async fn icons(look: &mut Look<'_>) -> Result<Option<()>, ReadError> {
    let path = look.path("favicons.sqlite");
    let Some(mut database) = Database::open_to_match(&path, look.running, look.scratch, look.sites).await?
    else {
        return Ok(None);
    };
    let sql = format!(
        "SELECT page_url FROM moz_pages_w_icons WHERE {} UNION SELECT icon_url FROM moz_icons WHERE {} \
         AND id NOT IN (SELECT icon_id FROM moz_icons_to_pages)",
        names_site("page_url"),
        names_site("icon_url")
    );
    let rows = database.rows(sql).await;
    let addresses: Result<Vec<String>, ReadError> =
        rows.and_then(|rows| rows.iter().map(|row| database.get(row, 0)).collect());
    database.close().await;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for host in addresses?.iter().filter_map(|address| page_host(address)) {
        *counts.entry(host).or_default() += 1;
    }
    for (host, mentions) in counts {
        let item = Item::Elsewhere {
            place: Elsewhere::Icons,
            mentions,
        };
        look.mentioned(&host, item, Place::Within(path.clone()));
    }
    Ok(Some(()))
}

/// `sessionstore.jsonlz4` and its backups: `mozLz40\0`, the length (32 bits, little-endian), one LZ4 block.
async fn session(look: &mut Look<'_>) {
    let mut files = vec![look.path("sessionstore.jsonlz4")];
    let backups = fs::read_dir(look.path("sessionstore-backups"))
        .into_iter()
        .flatten()
        .flatten();
    files.extend(
        backups
            .map(|entry| entry.path())
            .filter(|path| file_name(path).contains(".jsonlz4")),
    );
    files.sort();
    for path in files {
        let sites = look.sites.clone();
        let read = path.clone();
        match blocking(move || session_file(&read, &sites)).await {
            Ok(counts) => {
                for (host, mentions) in counts {
                    let item = Item::Elsewhere {
                        place: Elsewhere::SessionRestore,
                        mentions,
                    };
                    look.mentioned(&host, item, Place::Within(path.clone()));
                }
            }
            Err(error) => look.problem(&error, &[Kind::Elsewhere(Elsewhere::SessionRestore)]),
        }
    }
}

fn session_file(path: &Path, sites: &Sites) -> Result<BTreeMap<String, u64>, ReadError> {
    let name = file_name(path);
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(ReadError::io(&name, error)),
    };
    let counted = mentions::of_sites(sites, |goes| session::without(&bytes, goes));
    counted.ok_or(ReadError::Damaged { file: name })
}

/// What is in a file of Firefox's kind of LZ4.
pub(crate) fn unpacked(file: &[u8]) -> Option<Vec<u8>> {
    const LARGEST: u32 = 1 << 30;
    let (length, block) = file.strip_prefix(b"mozLz40\0")?.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length);
    // A length that no session has, before room is made for it.
    let plausible = length <= LARGEST && u64::from(length) <= 256 * block.len() as u64;
    lz4_flex::block::decompress(block, plausible.then_some(length as usize)?).ok()
}

/// `cache2/entries/*`: what is kept, then what is known of it, then (32 bits, big-endian) where that begins. The
/// address is part of what is known.
async fn cache(look: &mut Look<'_>) {
    let Some(folder) = look
        .profile
        .cache
        .as_ref()
        .map(|cache| cache.join("cache2/entries"))
    else {
        return;
    };
    let sites = look.sites.clone();
    let entries = folder.clone();
    let counts = blocking(move || {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for entry in fs::read_dir(entries).into_iter().flatten().flatten() {
            let mut named = BTreeMap::new();
            if let Ok(known) = cache_key(&entry.path()) {
                mentions::count(&known, &sites, &mut named);
            }
            // One entry is one mention, however often its address stands there.
            for host in named.into_keys() {
                *counts.entry(host).or_default() += 1;
            }
        }
        counts
    });
    for (host, mentions) in counts.await {
        let item = Item::Elsewhere {
            place: Elsewhere::HttpCache,
            mentions,
        };
        look.mentioned(&host, item, Place::Within(folder.clone()));
    }
}

pub(crate) fn cache_key(path: &Path) -> io::Result<Vec<u8>> {
    // More than any address with the headers of an answer.
    const LARGEST: u64 = 256 * 1024;
    let mut file = fs::File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::End(-4))?;
    let mut begins = [0; 4];
    file.read_exact(&mut begins)?;
    let begins = u64::from(u32::from_be_bytes(begins)).max(length.saturating_sub(LARGEST));
    file.seek(SeekFrom::Start(begins.min(length)))?;
    let mut known = Vec::new();
    file.take(LARGEST).read_to_end(&mut known)?;
    Ok(known)
}
