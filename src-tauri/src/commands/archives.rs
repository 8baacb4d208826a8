//! Reading an archive: an export of this program's, or one from elsewhere. Everything comes by the page; what blocks runs
//! where blocking is allowed.

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;
use settings_privacy_core::archive::Me;
use settings_privacy_engine::archive::{PageQuery, compare, portable_copy, save_new};
use tauri::{AppHandle, State};

use super::{Answer, places};
use crate::archives::{Archives, blocking, telling};
use crate::running::Running;
use crate::view::{self, *};

/// So many rows cross at once.
const MOST_ROWS: u32 = 1000;
/// So many changes are listed; all are counted.
const MOST_CHANGES: usize = 500;

/// Opens an archive, and begins to index it. It is then one of those that are known here.
#[tauri::command]
#[specta::specta]
pub async fn open_archive(
    app: AppHandle,
    running: State<'_, Running>,
    archives: State<'_, Archives>,
    path: String,
    passphrase: Option<String>,
) -> Answer<ArchiveView> {
    let path = places::whole(&path)?;
    let passphrase = passphrase
        .filter(|given| !given.is_empty())
        .map(SecretString::from);
    let opened = archives.open(&app, path, passphrase).await?;
    // It can be read even where nothing can be noted.
    if let Ok(engine) = running.engine().await
        && let Err(error) = engine.add_archive(&opened.path).await
    {
        tracing::info!(code = error.code(), "an archive isn't remembered");
    }
    Ok(view::archive_view(&opened, &[]))
}

/// An open archive as it is now.
#[tauri::command]
#[specta::specta]
pub async fn archive(archives: State<'_, Archives>, id: String) -> Answer<ArchiveView> {
    let opened = archives.get(&id)?;
    let counts = match opened.indexed() {
        Some(Ok(index)) => index.counts().await?,
        Some(Err(_)) | None => Vec::new(),
    };
    Ok(view::archive_view(&opened, &counts))
}

/// Closes an archive; nothing of it stays in memory or in the program's folder.
#[tauri::command]
#[specta::specta]
pub async fn close_archive(archives: State<'_, Archives>, id: String) -> Answer<()> {
    archives.close(&id);
    Ok(())
}

/// How many records lie in each day or month. Waits for the index.
#[tauri::command]
#[specta::specta]
pub async fn archive_timeline(
    archives: State<'_, Archives>,
    id: String,
    category: Option<String>,
    scale: TimeScale,
) -> Answer<Vec<SpanView>> {
    let index = archives.get(&id)?.index().await?;
    let spans = index.timeline(category.as_deref(), view::scale(scale)).await?;
    Ok(spans.into_iter().map(view::span_view).collect())
}

/// Records by time. Waits for the index.
#[tauri::command]
#[specta::specta]
pub async fn archive_records(
    archives: State<'_, Archives>,
    id: String,
    query: RecordsQuery,
) -> Answer<Vec<RecordRow>> {
    let index = archives.get(&id)?.index().await?;
    let time = |told: Option<String>| -> Answer<Option<Timestamp>> {
        told.map(|told| told.parse().map_err(|_| ErrorView::unknown_id()))
            .transpose()
    };
    let query = PageQuery {
        category: query.category,
        from: time(query.from)?,
        before: time(query.before)?,
        oldest_first: query.oldest_first,
        after: None,
        skip: query.skip,
        most: query.most.min(MOST_ROWS),
    };
    let page = index.page(&query).await?;
    Ok(page.rows.into_iter().map(view::record_row).collect())
}

/// Searches. Waits for the index.
#[tauri::command]
#[specta::specta]
pub async fn search_archive(
    archives: State<'_, Archives>,
    id: String,
    text: String,
    category: Option<String>,
) -> Answer<HitsView> {
    let index = archives.get(&id)?.index().await?;
    let hits = index.search(&text, category.as_deref(), MOST_ROWS).await?;
    Ok(view::hits_view(hits))
}

/// A record, whole but for a very long text.
#[tauri::command]
#[specta::specta]
pub async fn archive_record(archives: State<'_, Archives>, id: String, item: String) -> Answer<RecordView> {
    let opened = archives.get(&id)?;
    let number: i64 = item.parse().map_err(|_| ErrorView::unknown_id())?;
    let record = opened.index().await?.item(number).await?;
    Ok(view::record_view(number, record, |path| {
        opened.archive.file_size(path)
    }))
}

/// What lies in a folder of the archive, by the page.
#[tauri::command]
#[specta::specta]
pub async fn archive_folder(
    archives: State<'_, Archives>,
    id: String,
    path: String,
    skip: u32,
    most: u32,
) -> Answer<FolderView> {
    let archive = Arc::clone(&archives.get(&id)?.archive);
    let nodes = blocking(move || archive.folder(&path)).await?;
    Ok(view::folder_view(nodes, skip, most.min(MOST_ROWS)))
}

/// A file of the archive as it can be shown.
#[tauri::command]
#[specta::specta]
pub async fn preview_file(archives: State<'_, Archives>, id: String, path: String) -> Answer<PreviewView> {
    let archive = Arc::clone(&archives.get(&id)?.archive);
    let preview = blocking(move || archive.preview(&path).map(view::preview_view)).await??;
    Ok(preview)
}

/// Saves a file of the archive into a folder; says where.
#[tauri::command]
#[specta::specta]
pub async fn save_file(
    archives: State<'_, Archives>,
    id: String,
    path: String,
    folder: String,
) -> Answer<String> {
    let archive = Arc::clone(&archives.get(&id)?.archive);
    let folder = places::whole(&folder)?;
    let saved = blocking(move || archive.save(&path, &folder, None)).await??;
    Ok(saved.display().to_string())
}

/// Saves a record into a folder, as JSON; says where.
#[tauri::command]
#[specta::specta]
pub async fn save_record(
    archives: State<'_, Archives>,
    id: String,
    item: String,
    folder: String,
) -> Answer<String> {
    let opened = archives.get(&id)?;
    let number: i64 = item.parse().map_err(|_| ErrorView::unknown_id())?;
    let record = opened.index().await?.item(number).await?;
    let folder = places::whole(&folder)?;
    let named = record
        .title
        .as_deref()
        .unwrap_or(&record.id)
        .replace(['/', '\\'], " ");
    let text = serde_json::to_vec_pretty(&record).map_err(|_| ErrorView::unknown_id())?;
    let saved = blocking(move || save_new(&folder, &format!("{named}.json"), &text)).await??;
    Ok(saved.display().to_string())
}

/// Checks an archive from its first byte to its last, against every key known here.
#[tauri::command]
#[specta::specta]
pub async fn check_archive(
    app: AppHandle,
    running: State<'_, Running>,
    archives: State<'_, Archives>,
    id: String,
) -> Answer<ReportView> {
    let opened = archives.get(&id)?;
    let engine = running.engine().await?;
    let progress = opened.begin_check();
    let work = engine.check_archive(&opened.path, opened.passphrase.clone(), Arc::clone(&progress));
    let checked = telling(&app, opened.id, work).await;
    opened.end_check(&progress, checked.as_ref().ok().cloned());
    Ok(view::report_view(&checked?))
}

/// Saves what the last check found into a folder, as text and as JSON; says where the text lies.
#[tauri::command]
#[specta::specta]
pub async fn save_archive_report(
    archives: State<'_, Archives>,
    id: String,
    folder: String,
) -> Answer<String> {
    let report = archives
        .get(&id)?
        .last_report()
        .ok_or_else(ErrorView::unknown_id)?;
    super::exports::save_report(report, &folder).await
}

/// What changed between two open archives.
#[tauri::command]
#[specta::specta]
pub async fn compare_archives(
    archives: State<'_, Archives>,
    earlier: String,
    later: String,
) -> Answer<ComparisonView> {
    let earlier = archives.get(&earlier)?.index().await?;
    let later = archives.get(&later)?.index().await?;
    let comparison = compare(Arc::clone(&earlier), Arc::clone(&later), MOST_CHANGES).await?;
    let mut changes = Vec::with_capacity(comparison.changes.len());
    for (how, category, id) in &comparison.changes {
        let how = match how.as_str() {
            "added" => HowChanged::Added,
            "removed" => HowChanged::Removed,
            _ => HowChanged::Changed,
        };
        let index = if how == HowChanged::Removed {
            &earlier
        } else {
            &later
        };
        if let Some(row) = index.find(category, id).await? {
            changes.push(ChangedRecord {
                how,
                row: view::record_row(row),
            });
        }
    }
    Ok(view::comparison_view(&comparison, changes))
}

/// Makes a copy for another provider that leaves out what identifies others.
#[tauri::command]
#[specta::specta]
pub async fn copy_for_provider(
    archives: State<'_, Archives>,
    id: String,
    to: String,
    names: Vec<String>,
    addresses: Vec<String>,
) -> Answer<PortableView> {
    let opened = archives.get(&id)?;
    let to = places::whole(&to)?;
    let stop = opened.begin_copy();
    let archive = Arc::clone(&opened.archive);
    let me = Me { names, addresses };
    let copy = blocking(move || portable_copy(&archive, &to, me, Timestamp::now(), &stop)).await??;
    Ok(view::portable_view(&copy))
}

/// Ends a check or a copy that takes too long.
#[tauri::command]
#[specta::specta]
pub async fn stop_archive_work(archives: State<'_, Archives>, id: String) -> Answer<()> {
    archives.get(&id)?.stop();
    Ok(())
}
