//! From an open archive to what the window is given.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use settings_privacy_core::archive::{Fault, Finding, Item, LeftOut, Report};
use settings_privacy_core::data;
use settings_privacy_engine::archive::{
    Comparison, Contact, Event, Hits, Kind, Letter, Node, PortableCopy, Preview, Row, Scale, Span,
};

use super::ErrorView;
use super::archive::*;
use crate::archives::{Opened, so_far};

/// So much of a record's text is shown at once, in bytes.
const MOST_TEXT: usize = 256 << 10;

impl From<Fault> for ErrorView {
    fn from(fault: Fault) -> Self {
        Self {
            code: fault.code().to_owned(),
            message: fault.to_string(),
            retryable: matches!(
                fault,
                Fault::Unreadable { .. } | Fault::NoRoom | Fault::Unwritable { .. } | Fault::WrongPassphrase
            ),
        }
    }
}

/// An open archive. `counts` are its index's, when it is made.
pub fn archive_view(opened: &Opened, counts: &[(String, u64)]) -> ArchiveView {
    let archive = &opened.archive;
    let claims = archive.claims();
    let (files, bytes) = archive.size();
    let (findings, indexing, failure) = match opened.indexed() {
        None => (
            Vec::new(),
            Some(bytes_so_far(so_far(&opened.indexing.done, &opened.indexing.of))),
            None,
        ),
        Some(Ok(index)) => (index.findings().to_vec(), None, None),
        Some(Err(fault)) => (Vec::new(), None, Some(fault.into())),
    };
    let mut all = archive.findings();
    all.extend(findings);
    all.dedup_by(|one, other| one.fault == other.fault);
    ArchiveView {
        id: opened.id.to_string(),
        name: opened
            .path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        path: opened.path.display().to_string(),
        kind: match archive.kind() {
            Kind::Export => ArchiveKind::Export,
            Kind::Bag => ArchiveKind::Bag,
            Kind::Tree => ArchiveKind::Tree,
        },
        encrypted: archive.is_encrypted(),
        files: number(files),
        bytes: bytes.to_string(),
        period: claims.and_then(|claims| claims.period).map(|period| PeriodView {
            from: period.from.map(|at| at.to_string()),
            to: period.to.map(|at| at.to_string()),
        }),
        categories: categories(opened, counts),
        left_out: claims
            .map(|claims| claims.left_out.iter().map(left_out_view).collect())
            .unwrap_or_default(),
        findings: all.iter().map(finding_view).collect(),
        indexing,
        failure,
        checking: opened.checking().map(bytes_so_far),
        report: opened.last_report().as_ref().map(report_view),
    }
}

fn categories(opened: &Opened, counts: &[(String, u64)]) -> Vec<ArchiveCategoryView> {
    let counted: BTreeMap<&str, u64> = counts.iter().map(|(id, count)| (id.as_str(), *count)).collect();
    let is_counted = matches!(opened.indexed(), Some(Ok(_)));
    let mut categories: Vec<(u64, ArchiveCategoryView)> = opened
        .archive
        .categories()
        .into_iter()
        .map(|category| {
            let claimed = category.claimed_items;
            let records = if is_counted {
                counted.get(category.id.as_str()).copied().unwrap_or(0)
            } else {
                claimed.unwrap_or(0)
            };
            let view = ArchiveCategoryView {
                name: category.name.unwrap_or_else(|| category_name(&category.id)),
                files: number(category.files),
                bytes: category.bytes.to_string(),
                records: number(records),
                claimed: claimed
                    .filter(|claimed| is_counted && *claimed != records)
                    .map(number),
                id: category.id,
            };
            (category.bytes, view)
        })
        .collect();
    categories
        .sort_by(|(a, one), (b, other)| (other.records, b, &one.name).cmp(&(one.records, a, &other.name)));
    categories.into_iter().map(|(_, view)| view).collect()
}

/// What a category of the inventory is called; another is called what it is.
pub fn category_name(id: &str) -> String {
    data::inventory()
        .categories
        .iter()
        .find(|category| category.id.as_str() == id)
        .map_or_else(|| id.to_owned(), |category| category.name.clone())
}

/// A count that the window shows.
pub fn number(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn bytes_so_far((done, of): (u64, u64)) -> BytesSoFar {
    BytesSoFar {
        done: done.to_string(),
        of: of.to_string(),
    }
}

fn left_out_view(told: &LeftOut) -> LeftOutView {
    LeftOutView {
        category: category_name(&told.category),
        item: told.item.clone(),
        why: told.why.clone(),
    }
}

fn finding_view(finding: &Finding) -> FindingView {
    FindingView {
        code: finding.code.clone(),
        message: finding.message.clone(),
    }
}

/// What checking found.
pub fn report_view(report: &Report) -> ReportView {
    ReportView {
        sound: report.is_sound(),
        lines: report.lines(),
    }
}

/// How finely.
pub fn scale(scale: TimeScale) -> Scale {
    match scale {
        TimeScale::Day => Scale::Day,
        TimeScale::Month => Scale::Month,
    }
}

/// A span of time.
pub fn span_view(span: Span) -> SpanView {
    SpanView {
        begins: span.begins.to_string(),
        category: span.category,
        items: number(span.items),
    }
}

/// A record in a list.
pub fn record_row(row: Row) -> RecordRow {
    RecordRow {
        item: row.item.to_string(),
        category: row.category,
        at: row.at.map(|at| at.to_string()),
        kind: row.kind,
        line: row.line,
    }
}

/// What was found.
pub fn hits_view(hits: Hits) -> HitsView {
    HitsView {
        total: number(hits.total),
        rows: hits.rows.into_iter().map(record_row).collect(),
    }
}

/// A record. `size` tells how long a file of the archive is.
pub fn record_view(number: i64, item: Item, size: impl Fn(&str) -> Option<u64>) -> RecordView {
    let (text, cut) = match item.text {
        Some(text) => {
            let (text, cut) = beginning(text);
            (Some(text), cut)
        }
        None => (None, false),
    };
    RecordView {
        item: number.to_string(),
        kind: item.kind,
        at: item.at.map(|at| at.to_string()),
        title: item.title,
        text,
        cut,
        from: item.from,
        to: item.to,
        files: item
            .files
            .into_iter()
            .map(|path| RecordFile {
                name: path.rsplit('/').next().unwrap_or_default().to_owned(),
                bytes: size(&path).map(|bytes| bytes.to_string()),
                path,
            })
            .collect(),
        fields: item
            .fields
            .into_iter()
            .map(|(label, value)| FieldView { label, value })
            .collect(),
    }
}

fn beginning(mut text: String) -> (String, bool) {
    if text.len() <= MOST_TEXT {
        return (text, false);
    }
    let end = (0..=MOST_TEXT)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    text.truncate(end);
    (text, true)
}

/// A part of a folder.
pub fn folder_view(nodes: Vec<Node>, skip: u32, most: u32) -> FolderView {
    let total = number(nodes.len() as u64);
    let nodes = nodes.into_iter().skip(skip as usize).take(most as usize);
    let view = |node: Node| NodeView {
        name: node.name,
        folder: node.folder,
        files: number(node.files),
        bytes: node.bytes.to_string(),
    };
    FolderView {
        total,
        nodes: nodes.map(view).collect(),
    }
}

/// A file as it can be shown.
pub fn preview_view(preview: Preview) -> PreviewView {
    match preview {
        Preview::Text { text, cut } => PreviewView::Text { text, cut },
        Preview::Contacts { contacts, cut } => PreviewView::Contacts {
            contacts: contacts.into_iter().map(contact_view).collect(),
            cut,
        },
        Preview::Events { events, cut } => PreviewView::Events {
            events: events.into_iter().map(event_view).collect(),
            cut,
        },
        Preview::Letter(letter) => PreviewView::Letter(letter_view(letter)),
        Preview::Picture { media_type, bytes } => PreviewView::Picture {
            media_type: media_type.to_owned(),
            data: STANDARD.encode(bytes),
        },
        Preview::Other { media_type, size } => PreviewView::Other {
            media_type: media_type.map(str::to_owned),
            bytes: size.to_string(),
        },
    }
}

fn contact_view(contact: Contact) -> ContactView {
    ContactView {
        name: contact.name,
        numbers: contact.numbers,
        addresses: contact.addresses,
        organization: contact.organization,
        title: contact.title,
        note: contact.note,
    }
}

fn event_view(event: Event) -> EventView {
    EventView {
        summary: event.summary,
        begins: event.begins,
        ends: event.ends,
        location: event.location,
        description: event.description,
        repeats: event.repeats,
    }
}

fn letter_view(letter: Letter) -> LetterView {
    LetterView {
        from: letter.from,
        to: letter.to,
        subject: letter.subject,
        date: letter.date,
        text: letter.text,
        attachments: letter.attachments,
    }
}

/// What changed, with the records that could be found again.
pub fn comparison_view(comparison: &Comparison, changes: Vec<ChangedRecord>) -> ComparisonView {
    let categories: Vec<CategoryChanges> = comparison
        .counts
        .iter()
        .map(|(category, counts)| CategoryChanges {
            category: category_name(category),
            added: number(counts.added),
            removed: number(counts.removed),
            changed: number(counts.changed),
        })
        .collect();
    let total = comparison
        .counts
        .values()
        .map(|counts| counts.added + counts.removed + counts.changed)
        .sum();
    ComparisonView {
        categories,
        changes,
        total: number(total),
        not_covered: number(comparison.not_covered),
    }
}

/// A copy that was made.
pub fn portable_view(copy: &PortableCopy) -> PortableView {
    PortableView {
        path: copy.path.display().to_string(),
        records: number(copy.items),
        left_out: copy.left_out.iter().map(left_out_view).collect(),
    }
}
