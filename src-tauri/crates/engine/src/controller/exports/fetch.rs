//! Downloading an archive: from where it stopped, into the part file.

use futures_util::StreamExt;
use http::header;
use settings_privacy_core::export::{
    Answer, Bytes, Event, Export, ExportId, FetchEnd, Head, Place, Reply, Sequence, Waits, WorkflowId,
    read_answer,
};
use tokio::sync::oneshot;

use super::super::Engine;
use super::part::{Part, Trouble, Writer, Written, part_of};
use super::perform::{trouble, unanswered};
use super::progress::{EVERY, Meter};
use super::runner::Happening;
use crate::client::{BodyStream, retry_after, told};

/// What is fetched.
pub(super) struct Wanted {
    /// Which export.
    pub(super) id: ExportId,
    /// Of which archive.
    pub(super) etag: String,
    /// The part file is cut to this length.
    pub(super) from: Bytes,
    /// How long the whole is.
    pub(super) size: Bytes,
    /// Where it shall lie in the end.
    pub(super) to: Place,
}

impl Engine {
    pub(super) async fn fetch(&self, export: &Export, sequence: Sequence, wanted: &Wanted) -> Reply {
        let reply = self.download(export, sequence, wanted).await;
        self.shared
            .exporting
            .live(export.workflow, |live| live.transfer = None);
        reply
    }

    async fn download(&self, export: &Export, sequence: Sequence, wanted: &Wanted) -> Reply {
        let (workflow, account) = (export.workflow, &export.account.0);
        let Wanted {
            id,
            etag,
            from,
            size,
            to,
        } = wanted;
        let (from, size) = (*from, *size);
        let held = self.part_file(workflow).await;
        let path = part_of(to);
        let ours = export.part.as_ref().is_some_and(|part| part.made);
        let mut tell = self.telling(workflow, sequence);
        let opened = tokio::task::spawn_blocking(move || {
            let part = Part::open(path, from, size, ours, held)?;
            if !ours {
                // Before anything is written: nobody's file is taken for one's own after a crash.
                tell(from.0);
            }
            Ok(part)
        });
        let opened = opened.await;
        let part = match opened {
            Ok(Ok(part)) => part,
            Ok(Err(trouble)) => return stopped(trouble),
            Err(_) => return unanswered(None),
        };
        let desk = &self.shared.exporting;
        let mut meter = Meter::start(desk, workflow, from.0, size.0);
        let mut writer = Writer::start(part, self.telling(workflow, sequence));
        if from == size {
            // All of it came before; only its digest is to be taken.
            return self.ended(workflow, size, writer.finish().await);
        }
        let answer = self
            .with_token(account, |client, token| async move {
                client.archive(&token, &id.0, from.0, etag).await
            })
            .await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return trouble(error),
        };
        let mut skip = match decide(&answer, etag, from, size) {
            Answer::Append => 0,
            Answer::Skip(bytes) => bytes.0,
            Answer::Complete => return self.ended(workflow, size, writer.finish().await),
            Answer::Changed => return Reply::Fetch(FetchEnd::Changed),
            Answer::CannotContinue => return Reply::Fetch(FetchEnd::CannotContinue),
            Answer::Gone => return Reply::Fetch(FetchEnd::Gone),
            Answer::SignIn => return Reply::Waits(Waits::SignIn),
            Answer::Later(wait) => return unanswered(wait),
            Answer::Refused => return trouble(told(answer).await.into()),
        };
        let mut body = answer.into_body();
        let mut broken = false;
        loop {
            let piece = match tokio::time::timeout(EVERY, body.next()).await {
                Ok(Some(piece)) => piece,
                Ok(None) => break,
                // Nothing came meanwhile: that is news as well.
                Err(_) => {
                    meter.more(desk, 0);
                    continue;
                }
            };
            let Ok(piece) = piece else {
                broken = true;
                break;
            };
            let drop = usize::try_from(skip).map_or(piece.len(), |skip| skip.min(piece.len()));
            skip -= drop as u64;
            let piece = &piece[drop..];
            if !writer.write(piece).await {
                break;
            }
            meter.more(desk, piece.len() as u64);
        }
        match writer.finish().await {
            Ok(_) if broken => unanswered(None),
            outcome => self.ended(workflow, size, outcome),
        }
    }

    fn ended(&self, workflow: WorkflowId, size: Bytes, outcome: Result<Written, Trouble>) -> Reply {
        match outcome {
            Ok(written) => {
                let bytes = Bytes(written.bytes);
                if bytes == size {
                    let digest = written.hasher.finish();
                    self.shared
                        .exporting
                        .live(workflow, |live| live.streamed = Some((bytes.0, digest)));
                }
                Reply::Fetch(FetchEnd::Complete { bytes })
            }
            Err(trouble) => stopped(trouble),
        }
    }

    /// Waits until nobody touches the part file any more.
    pub(super) async fn part_file(&self, id: WorkflowId) -> tokio::sync::OwnedMutexGuard<()> {
        let part = self.shared.exporting.live(id, |live| live.part.clone());
        part.lock_owned().await
    }

    /// Says how much is safe, and returns once that is recorded. Called on a thread that may wait.
    pub(super) fn telling(
        &self,
        id: WorkflowId,
        fetch: Sequence,
    ) -> impl FnMut(u64) + Send + 'static + use<> {
        let happenings = self.shared.exporting.happenings.clone();
        move |bytes| {
            let (done, recorded) = oneshot::channel();
            let bytes = Bytes(bytes);
            let event = Event::Stored { fetch, bytes };
            if happenings.send(Happening::To(id, event, Some(done))).is_ok() {
                // What can't be recorded is fetched twice at worst; what is here stays.
                let _ = recorded.blocking_recv();
            }
        }
    }
}

fn decide(answer: &http::Response<BodyStream>, etag: &str, from: Bytes, size: Bytes) -> Answer {
    let text = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
    let head = Head {
        status: answer.status().as_u16(),
        etag: text(header::ETAG),
        content_range: text(header::CONTENT_RANGE),
        retry_after: retry_after(answer.headers()),
    };
    read_answer(&head, etag, from, size)
}

pub(super) fn stopped(trouble: Trouble) -> Reply {
    match trouble {
        Trouble::Waits(waits) => Reply::Waits(waits),
        Trouble::Gone => Reply::Fetch(FetchEnd::PartGone),
        Trouble::TooLong => Reply::Fetch(FetchEnd::CannotContinue),
        Trouble::Passing(error) => {
            tracing::info!(kind = %error.kind(), "a part file isn't written on");
            unanswered(None)
        }
    }
}
