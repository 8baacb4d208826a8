//! Archives as files: checked, listed, searched, compared. None of it needs an account or a network.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use settings_privacy_core::archive::{Fault, Jwks, Learned, Report, learn};
use settings_privacy_engine::archive::{
    Archive, Category, Expected, Index, IndexPlace, Indexing, PageQuery, Progress, Row, compare,
    verify as check,
};
use settings_privacy_engine::{Engine, EngineError};

use super::secret;
use super::words::size;
use crate::exit::{Exit, Failure};
use crate::output::{Reply, local, table};

/// Checks one.
pub async fn verify(
    engine: &Engine,
    file: &Path,
    keys: Option<&Path>,
    passphrase_stdin: bool,
) -> Result<Reply, Failure> {
    let passphrase = passphrase(file, passphrase_stdin).await?;
    let report = match keys {
        None => engine.check_archive(file, passphrase, Arc::default()).await?,
        Some(keys) => {
            let expected = Expected {
                keys: published(keys)?,
                ..Expected::default()
            };
            let file = file.to_owned();
            let work = move || {
                check(
                    &file,
                    passphrase.as_ref(),
                    &expected,
                    Timestamp::now(),
                    &Progress::default(),
                )
            };
            blocking(work).await?.map_err(|_| EngineError::Stopped)?
        }
    };
    let failure = report
        .findings
        .first()
        .map(|finding| Failure::new(Exit::Other, &finding.code, finding.message.clone()));
    Ok(Reply::new(json!(report), text(&report)).but(failure))
}

fn text(report: &Report) -> String {
    let mut lines = report.lines();
    // Whose it is can only be told where it was downloaded; a file alone has no owner to compare with.
    if report.is_sound() {
        lines[0] = "This archive is complete, unchanged, and signed by a key known here.".to_owned();
    }
    lines.join("\n")
}

fn published(path: &Path) -> Result<settings_privacy_core::archive::Pinned, Failure> {
    let unusable = || {
        let message = "The file with the keys can't be read. It should be what the service gives at /.well-known/jwks.json.";
        Failure::new(Exit::Usage, "keys-unreadable", message)
    };
    let text = std::fs::read_to_string(path).map_err(|_| unusable())?;
    let published: Jwks = serde_json::from_str(&text).map_err(|_| unusable())?;
    match learn(None, &published) {
        Learned::FirstUse(keys) => Ok(keys),
        Learned::Known
        | Learned::Rotated(_)
        | Learned::KeyChanged { .. }
        | Learned::Replaced
        | Learned::NoKeys => Err(unusable()),
    }
}

/// What one holds, or the records of a category.
pub async fn list(
    file: &Path,
    category: Option<&str>,
    most: u32,
    passphrase_stdin: bool,
) -> Result<Reply, Failure> {
    let archive = open(file, passphrase_stdin).await?;
    if let Some(category) = category {
        let index = index(archive).await?;
        let query = PageQuery {
            category: Some(category.to_owned()),
            most,
            ..PageQuery::default()
        };
        let page = index.page(&query).await.map_err(EngineError::from)?;
        let more = page.next.is_some();
        return Ok(Reply::new(
            json!({ "records": page.rows, "more": more }),
            records(&page.rows),
        ));
    }
    let (files, bytes) = archive.size();
    let categories = archive.categories();
    let row = |category: &Category| {
        [
            category.id.clone(),
            category.name.clone().unwrap_or_default(),
            category
                .claimed_items
                .map_or("-".to_owned(), |items| items.to_string()),
            category.files.to_string(),
            size(category.bytes),
        ]
    };
    let rows: Vec<[String; 5]> = categories.iter().map(row).collect();
    let findings = archive.findings();
    let mut text = table(["ID", "Category", "Items", "Files", "Size"], &rows);
    for finding in &findings {
        text += &format!("\nNote: {}", finding.message);
    }
    let category_json = |category: &Category| -> Value {
        json!({
            "id": category.id,
            "name": category.name,
            "items": category.claimed_items,
            "files": category.files,
            "bytes": category.bytes,
        })
    };
    let json = json!({
        "kind": format!("{:?}", archive.kind()).to_lowercase(),
        "files": files,
        "bytes": bytes,
        "encrypted": archive.is_encrypted(),
        "categories": categories.iter().map(category_json).collect::<Vec<_>>(),
        "about": archive.claims(),
        "findings": findings,
    });
    Ok(Reply::new(json, text))
}

/// Finds records.
pub async fn search(
    file: &Path,
    words: &str,
    category: Option<&str>,
    most: u32,
    passphrase_stdin: bool,
) -> Result<Reply, Failure> {
    let index = index(open(file, passphrase_stdin).await?).await?;
    let hits = index
        .search(words, category, most)
        .await
        .map_err(EngineError::from)?;
    let text = match hits.total {
        0 => "Nothing in this archive holds all these words.".to_owned(),
        total => format!("{}\n{total} found.", records(&hits.rows)),
    };
    Ok(Reply::new(json!(hits), text))
}

/// Tells what changed.
pub async fn diff(earlier: &Path, later: &Path, most: u32, passphrase_stdin: bool) -> Result<Reply, Failure> {
    let passphrase = match passphrase_stdin {
        true => Some(secret::known(true)?),
        false => None,
    };
    let mut indexes = Vec::new();
    for file in [earlier, later] {
        let archive = match &passphrase {
            Some(passphrase) => opened(file, Some(passphrase.clone())).await?,
            None => open(file, false).await?,
        };
        indexes.push(Arc::new(index(archive).await?));
    }
    let later = indexes.remove(1);
    let earlier = indexes.remove(0);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let compared = compare(earlier, later, most).await.map_err(EngineError::from)?;
    let row = |(category, counts): (&String, &settings_privacy_engine::archive::Counts)| {
        [
            category.clone(),
            counts.added.to_string(),
            counts.removed.to_string(),
            counts.changed.to_string(),
        ]
    };
    let rows: Vec<[String; 4]> = compared.counts.iter().map(row).collect();
    let mut text = match rows.is_empty() {
        true => "Nothing changed between the two.".to_owned(),
        false => table(["Category", "Added", "Removed", "Changed"], &rows),
    };
    for (how, category, id) in &compared.changes {
        text += &format!("\n{how}: {category} {id}");
    }
    if compared.not_covered > 0 {
        text += &format!(
            "\nNot compared: {} records of a category or time that only one of the two was asked for.",
            compared.not_covered
        );
    }
    Ok(Reply::new(json!(compared), text))
}

fn records(rows: &[Row]) -> String {
    let row = |row: &Row| {
        [
            row.at.map_or("-".to_owned(), local),
            row.category.clone(),
            row.line.chars().take(80).collect(),
        ]
    };
    let rows: Vec<[String; 3]> = rows.iter().map(row).collect();
    table(["When", "Category", "What"], &rows)
}

async fn index(archive: Arc<Archive>) -> Result<Index, EngineError> {
    // Nothing of an archive is left behind by a command.
    let progress = Arc::new(Indexing::default());
    Ok(Index::open(archive, IndexPlace::Memory, progress).await?)
}

async fn open(file: &Path, passphrase_stdin: bool) -> Result<Arc<Archive>, Failure> {
    let passphrase = passphrase(file, passphrase_stdin).await?;
    Ok(opened(file, passphrase).await?)
}

async fn opened(file: &Path, passphrase: Option<SecretString>) -> Result<Arc<Archive>, EngineError> {
    let file = file.to_owned();
    let archive = blocking(move || Archive::open(&file, passphrase.as_ref())).await??;
    Ok(Arc::new(archive))
}

/// The passphrase, if the file needs one.
async fn passphrase(file: &Path, stdin: bool) -> Result<Option<SecretString>, Failure> {
    let tried = file.to_owned();
    match blocking(move || Archive::open(&tried, None).map(drop)).await? {
        Err(Fault::NeedsPassphrase) => Ok(Some(secret::known(stdin)?)),
        Ok(()) | Err(_) => Ok(None),
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, EngineError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| EngineError::Stopped)
}
