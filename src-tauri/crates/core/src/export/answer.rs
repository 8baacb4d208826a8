//! What to do with the head of an answer to a `Range` request ([RFC 9110](https://www.rfc-editor.org/rfc/rfc9110) §13–15).

use std::time::Duration;

use super::Bytes;

/// What matters of the head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head<'a> {
    /// The status.
    pub status: u16,
    /// `ETag`, as sent.
    pub etag: Option<&'a str>,
    /// `Content-Range`, as sent.
    pub content_range: Option<&'a str>,
    /// `Retry-After`, read.
    pub retry_after: Option<Duration>,
}

/// What to do with the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Append it.
    Append,
    /// It is the whole: drop so many bytes, which are here already, then append.
    Skip(Bytes),
    /// There is nothing left to fetch.
    Complete,
    /// It is another archive by now.
    Changed,
    /// It can't be continued: begin again.
    CannotContinue,
    /// It is gone.
    Gone,
    /// Sign in first.
    SignIn,
    /// Refused for good.
    Refused,
    /// Try later.
    Later(Option<Duration>),
}

/// Decides it. `etag` and `size` are what the service said the archive is; `from` is where the part file ends.
pub fn read_answer(head: &Head<'_>, etag: &str, from: Bytes, size: Bytes) -> Answer {
    let same = head.etag.is_none_or(|told| told == etag);
    match head.status {
        200 | 206 | 416 if !same => Answer::Changed,
        200 if from.0 == 0 => Answer::Append,
        // It ignores `Range`, or `If-Range` didn't match. Only a tag that says so makes it the same file.
        200 if head.etag.is_some() => Answer::Skip(from),
        200 => Answer::CannotContinue,
        206 => match head.content_range.and_then(parse) {
            Some((_, _, Some(whole))) if whole != size.0 => Answer::Changed,
            Some((first, last, _)) if first == from.0 && last >= first && last < size.0 => Answer::Append,
            Some(_) | None => Answer::CannotContinue,
        },
        416 if from == size => Answer::Complete,
        416 => Answer::CannotContinue,
        401 => Answer::SignIn,
        404 | 410 => Answer::Gone,
        412 => Answer::Changed,
        408 | 425 | 429 | 500..=599 => Answer::Later(head.retry_after),
        _ => Answer::Refused,
    }
}

/// `bytes 5-9/10` → `(5, 9, Some(10))`.
fn parse(text: &str) -> Option<(u64, u64, Option<u64>)> {
    let (range, whole) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let whole = match whole {
        "*" => None,
        number => Some(number.parse().ok()?),
    };
    Some((first.parse().ok()?, last.parse().ok()?, whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_is_read_as_the_table_says() {
        let wait = Some(Duration::from_secs(9));
        type Row = (u16, Option<&'static str>, Option<&'static str>, u64, Answer);
        let table: [Row; 19] = [
            (200, Some("\"a\""), None, 0, Answer::Append),
            (200, None, None, 0, Answer::Append),
            (200, Some("\"a\""), None, 4, Answer::Skip(Bytes(4))),
            (200, Some("\"b\""), None, 4, Answer::Changed),
            (200, None, None, 4, Answer::CannotContinue),
            (206, Some("\"a\""), Some("bytes 4-9/10"), 4, Answer::Append),
            (206, None, Some("bytes 4-9/*"), 4, Answer::Append),
            (206, Some("\"b\""), Some("bytes 4-9/10"), 4, Answer::Changed),
            (206, Some("\"a\""), Some("bytes 4-10/11"), 4, Answer::Changed),
            (
                206,
                Some("\"a\""),
                Some("bytes 3-9/10"),
                4,
                Answer::CannotContinue,
            ),
            (
                206,
                Some("\"a\""),
                Some("pages 4-9/10"),
                4,
                Answer::CannotContinue,
            ),
            (206, Some("\"a\""), None, 4, Answer::CannotContinue),
            (416, Some("\"a\""), None, 10, Answer::Complete),
            (416, Some("\"a\""), None, 4, Answer::CannotContinue),
            (401, None, None, 4, Answer::SignIn),
            (410, None, None, 4, Answer::Gone),
            (412, None, None, 4, Answer::Changed),
            (503, None, None, 4, Answer::Later(wait)),
            (403, None, None, 4, Answer::Refused),
        ];
        for (status, etag, content_range, from, wanted) in table {
            let head = Head {
                status,
                etag,
                content_range,
                retry_after: wait,
            };
            assert_eq!(
                read_answer(&head, "\"a\"", Bytes(from), Bytes(10)),
                wanted,
                "{head:?} from {from}"
            );
        }
    }
}
