//! Downloading an archive, whole or in part (RFC 9110 §14, RFC 9530).

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    IF_RANGE, RANGE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_range_header::{EndPosition, RangeUnsatisfiableError, StartPosition, SyntacticallyCorrectRange};
use settings_privacy_api::{Code, ExportStatus, Problem, paths};
use uuid::Uuid;

use super::Refusals;
use crate::answer::{self, Answer};
use crate::db::exports::{self as rows, Archive};
use crate::exports::{etag, status};
use crate::problem::{self, Failure};
use crate::request::{Caller, identified};
use crate::service::Shared;

/// How much is read from the disk at once; a download holds about two of these.
const CHUNK: usize = 256 * 1024;

const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");

/// The archive, whole or in part
///
/// One range is answered with 206. Several, or what isn't a range, are answered with the whole, as the standard allows.
/// `If-Range` takes the strong `ETag`. `Repr-Digest` is the whole archive's SHA-256, also with a part. `HEAD` is answered
/// with the same headers.
#[utoipa::path(
    get,
    operation_id = "getExportArchive",
    path = paths::EXPORT_ARCHIVE,
    tag = "exports",
    params(
        ("id" = Uuid, Path, description = "The copy"),
        ("range" = Option<String>, Header, description = "Which part: `bytes=0-99`, `bytes=100-`, `bytes=-100`"),
        ("if-range" = Option<String>, Header, description = "The `ETag` of the archive the range is of; another one is answered whole"),
        ("if-match" = Option<String>, Header, description = "The `ETag` of the archive that is meant"),
        ("if-none-match" = Option<String>, Header, description = "The `ETag` of what is held already"),
    ),
    responses(
        (status = 200, description = "The whole", content_type = "application/zip", headers(
            ("etag" = String, description = "Of exactly these bytes"),
            ("repr-digest" = String, description = "The whole archive's SHA-256 (RFC 9530)"),
            ("accept-ranges" = String, description = "`bytes`"),
        )),
        (status = 206, description = "A part", content_type = "application/zip", headers(
            ("content-range" = String, description = "Which"),
            ("etag" = String, description = "Of exactly these bytes"),
            ("repr-digest" = String, description = "The whole archive's SHA-256 (RFC 9530)"),
        )),
        (status = 304, description = "What is held already is what holds"),
        Refusals,
    ),
    security(("session" = [])),
)]
pub async fn archive(
    State(shared): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let id = identified(&id)?;
    shared.desk.nudge();
    let mut reading = shared.database.read().await?;
    let export = rows::find(&mut reading, caller.account, id)
        .await?
        .ok_or_else(problem::not_found)?;
    drop(reading);
    let archive = match (status(&export, shared.now()), export.archive) {
        (ExportStatus::Fulfilled, Some(archive)) => archive,
        (ExportStatus::Expired, _) => return Err(expired().into()),
        (ExportStatus::Revoked, _) => return Err(revoked().into()),
        (
            ExportStatus::Open
            | ExportStatus::InProgress
            | ExportStatus::Failed
            | ExportStatus::Fulfilled
            | ExportStatus::Unknown,
            _,
        ) => return Err(not_ready().into()),
    };
    let mut held = Answer::empty(StatusCode::OK);
    held.etag = Some(etag(&archive.sha256));
    answer::check_if_match(&headers, &held)?;
    let held = held.unless_held(&headers);
    if held.status == StatusCode::NOT_MODIFIED {
        return Ok(held.into_response());
    }
    let part = match part(&headers, &archive) {
        Part::Unsatisfiable => return Ok(unsatisfiable(archive.bytes)),
        part @ (Part::Whole | Part::Of(_)) => part,
    };
    let (status, range) = match part {
        Part::Of(range) => (StatusCode::PARTIAL_CONTENT, range),
        Part::Whole | Part::Unsatisfiable => (StatusCode::OK, 0..=archive.bytes.saturating_sub(1)),
    };
    let length = (range.end() + 1)
        .saturating_sub(*range.start())
        .min(archive.bytes);
    let path = shared.desk.archive(id);
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        Body::from_stream(chunks(open(path, *range.start(), archive.bytes).await?, length))
    };
    let mut response = (status, body).into_response();
    describe(response.headers_mut(), id, &archive, length)?;
    if status == StatusCode::PARTIAL_CONTENT {
        let value = format!("bytes {}-{}/{}", range.start(), range.end(), archive.bytes);
        response.headers_mut().insert(CONTENT_RANGE, text(value)?);
    }
    Ok(response)
}

/// What is sent of an archive.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Of(RangeInclusive<u64>),
    Unsatisfiable,
}

fn part(headers: &HeaderMap, archive: &Archive) -> Part {
    let value = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let Some(range) = value(&RANGE) else {
        return Part::Whole;
    };
    // A weak tag or a date is never the same (RFC 9110 §13.1.5): there is no date.
    let is_of_another = value(&IF_RANGE).is_some_and(|condition| condition != etag(&archive.sha256));
    if is_of_another {
        return Part::Whole;
    }
    match http_range_header::parse_range_header(range).map(|parsed| parsed.ranges) {
        Ok(ranges) => match ranges.as_slice() {
            [range] => cut(range, archive.bytes),
            _ => Part::Whole,
        },
        // The last no bytes: well formed, and never there.
        Err(RangeUnsatisfiableError::ZeroSuffix) => Part::Unsatisfiable,
        Err(_) => Part::Whole,
    }
}

/// What a range is of so many bytes (RFC 9110 §14.1.2): an end beyond the last byte is the last byte, and a suffix longer
/// than the whole is the whole.
fn cut(range: &SyntacticallyCorrectRange, bytes: u64) -> Part {
    let last = bytes.saturating_sub(1);
    let (from, to) = match (range.start, range.end) {
        (StartPosition::Index(from), EndPosition::Index(to)) if to < from => return Part::Whole,
        (StartPosition::Index(from), EndPosition::Index(to)) => (from, to.min(last)),
        (StartPosition::Index(from), EndPosition::LastByte) => (from, last),
        (StartPosition::FromLast(count), _) => (bytes.saturating_sub(count), last),
    };
    if from < bytes {
        Part::Of(from..=to)
    } else {
        Part::Unsatisfiable
    }
}

/// Opens an archive at a place, if it is as long as it should be.
async fn open(path: PathBuf, from: u64, bytes: u64) -> Result<File, Failure> {
    let open = move || -> io::Result<File> {
        let mut file = File::open(path)?;
        if file.metadata()?.len() != bytes {
            return Err(io::Error::from(io::ErrorKind::InvalidData));
        }
        file.seek(SeekFrom::Start(from))?;
        Ok(file)
    };
    Ok(tokio::task::spawn_blocking(open).await??)
}

/// So many bytes of a file, a chunk at a time, read when the one before was taken.
fn chunks(file: File, length: u64) -> impl futures_util::Stream<Item = io::Result<Bytes>> {
    futures_util::stream::try_unfold((file, length), async |(mut file, left)| {
        if left == 0 {
            return Ok(None);
        }
        let read = move || -> io::Result<(File, Vec<u8>)> {
            let size = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
            let mut chunk = vec![0; size];
            file.read_exact(&mut chunk)?;
            Ok((file, chunk))
        };
        let (file, chunk) = tokio::task::spawn_blocking(read)
            .await
            .map_err(io::Error::other)??;
        let left = left - chunk.len() as u64;
        Ok(Some((Bytes::from(chunk), (file, left))))
    })
}

fn describe(headers: &mut HeaderMap, id: Uuid, archive: &Archive, length: u64) -> Result<(), Failure> {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // Whoever stands between must not change the bytes either.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
    headers.insert(ETAG, text(etag(&archive.sha256))?);
    headers.insert(
        REPR_DIGEST,
        text(format!("sha-256=:{}:", base64_of(&archive.sha256)))?,
    );
    let name = format!("attachment; filename=\"settings-privacy-export-{id}.zip\"");
    headers.insert(CONTENT_DISPOSITION, text(name)?);
    Ok(())
}

fn text(value: String) -> Result<HeaderValue, Failure> {
    HeaderValue::try_from(value).map_err(|error| Failure::File(io::Error::other(error)))
}

/// Hexadecimal as base64.
fn base64_of(hex: &str) -> String {
    let byte = |place: usize| u8::from_str_radix(hex.get(place..place + 2)?, 16).ok();
    let bytes: Vec<u8> = (0..hex.len()).step_by(2).filter_map(byte).collect();
    STANDARD.encode(bytes)
}

fn unsatisfiable(bytes: u64) -> Response {
    let problem = Problem::new(Code::RangeNotSatisfiable, 416, "The archive has no such part.")
        .with_detail("Download it from the beginning.");
    let mut response = problem::respond(&problem);
    if let Ok(range) = HeaderValue::try_from(format!("bytes */{bytes}")) {
        response.headers_mut().insert(CONTENT_RANGE, range);
    }
    response
}

fn not_ready() -> Problem {
    Problem::new(Code::ExportNotReady, 409, "The archive isn't ready.")
        .with_detail("Look how far the copy is.")
}

fn expired() -> Problem {
    Problem::new(
        Code::ExportExpired,
        410,
        "The archive was removed: its time had come.",
    )
    .with_detail("Ask for a new copy.")
}

fn revoked() -> Problem {
    Problem::new(Code::ExportRevoked, 410, "You took this copy back.").with_detail("Ask for a new one.")
}
