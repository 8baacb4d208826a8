//! What Chromium makes of the history: downloads, icons of pages, and the pages that it offers by itself.

use std::collections::{BTreeMap, BTreeSet};

use settings_privacy_core::storage::{Elsewhere, Kind};

use super::elsewhere::add;
use crate::error::ReadError;
use crate::look::{Look, page_host};
use crate::matching::names_site;
use crate::sqlite::Database;

/// The pages on a new tab.
pub(crate) const TOP_SITES: &str = "Top Sites";
/// Pages that were chosen in the address bar.
pub(crate) const SHORTCUTS: &str = "Shortcuts";
/// Pages that followed what was typed there.
pub(crate) const PREDICTIONS: &str = "Network Action Predictor";

/// Columns of `downloads` with addresses. The files are called by paths.
pub(crate) const DOWNLOAD_NAMES: &[&str] = &["referrer", "site_url", "tab_url", "tab_referrer_url"];
/// The table with the addresses that a download was led through, its column with the download, and that with addresses.
pub(crate) const DOWNLOADED: (&str, &str, &[&str]) = ("downloads_url_chains", "id", &["url"]);

/// A table with addresses of pages.
struct Listed {
    file: &'static str,
    table: &'static str,
    column: &'static str,
    place: Elsewhere,
}

const LISTED: [Listed; 4] = [
    Listed {
        file: "Favicons",
        table: "icon_mapping",
        column: "page_url",
        place: Elsewhere::Icons,
    },
    Listed {
        file: TOP_SITES,
        table: "top_sites",
        column: "url",
        place: Elsewhere::Suggestions,
    },
    Listed {
        file: SHORTCUTS,
        table: "omni_box_shortcuts",
        column: "url",
        place: Elsewhere::Suggestions,
    },
    Listed {
        file: PREDICTIONS,
        table: "network_action_predictor",
        column: "url",
        place: Elsewhere::Suggestions,
    },
];

pub(super) async fn see(look: &mut Look<'_>) {
    for list in &LISTED {
        let named = listed(look, list).await;
        look.told(named, &[Kind::Elsewhere(list.place)]);
    }
}

async fn listed(look: &mut Look<'_>, list: &Listed) -> Result<Option<()>, ReadError> {
    let path = look.path(list.file);
    let Some(mut database) = Database::open_to_match(&path, look.running, look.scratch, look.sites).await?
    else {
        return Ok(None);
    };
    let named = addresses(&mut database, list).await;
    database.close().await;
    add(look, by_host(named?), list.place, &path);
    Ok(Some(()))
}

async fn addresses(database: &mut Database, list: &Listed) -> Result<Vec<(String, String)>, ReadError> {
    let (table, column) = (list.table, list.column);
    if database.columns(table).await?.is_empty() {
        return Ok(Vec::new());
    }
    let names = names_site(column);
    pairs(
        database,
        format!("SELECT {column}, {column} FROM {table} WHERE {names}"),
    )
    .await
}

/// How many different things are named by each host.
pub(super) fn by_host(named: Vec<(String, String)>) -> BTreeMap<String, u64> {
    let mut things: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (thing, address) in named {
        if let Some(host) = page_host(&address) {
            things.entry(host).or_default().insert(thing);
        }
    }
    let counted = |(host, things): (String, BTreeSet<String>)| (host, things.len() as u64);
    things.into_iter().map(counted).collect()
}

/// Downloads by their numbers, each with what names it: the addresses it came from, and the page it began on.
pub(super) async fn downloads(database: &mut Database) -> Result<Vec<(String, String)>, ReadError> {
    let known = database.columns("downloads").await?;
    let (chains, number, addresses) = DOWNLOADED;
    let mut parts: Vec<String> = DOWNLOAD_NAMES
        .iter()
        .filter(|column| known.contains(**column))
        .map(|column| part("downloads", "id", column))
        .collect();
    if !database.columns(chains).await?.is_empty() {
        parts.extend(addresses.iter().map(|column| part(chains, number, column)));
    }
    match parts.is_empty() {
        true => Ok(Vec::new()),
        false => pairs(database, parts.join(" UNION ")).await,
    }
}

fn part(table: &str, number: &str, column: &str) -> String {
    format!(
        "SELECT CAST({number} AS TEXT), {column} FROM {table} WHERE {}",
        names_site(column)
    )
}

async fn pairs(database: &mut Database, sql: String) -> Result<Vec<(String, String)>, ReadError> {
    let rows = database.rows(sql).await?;
    rows.iter()
        .map(|row| Ok((database.get(row, 0)?, database.get(row, 1)?)))
        .collect()
}
