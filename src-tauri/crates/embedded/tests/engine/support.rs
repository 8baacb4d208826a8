//! An engine on temporary places, with the real service inside and a line to it that can be cut.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures_util::StreamExt;
use settings_privacy_core::consent::ConsentId;
use settings_privacy_devices::Places;
use settings_privacy_embedded::InThisProgram;
use settings_privacy_engine::api;
use settings_privacy_engine::client::{BodyStream, Transport, TransportError};
use settings_privacy_engine::places::OwnPlaces;
use settings_privacy_engine::{Engine, Hosted, Hosts, Options, Place, State};
use tempfile::TempDir;

/// What happens to the next requests that match.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The request never arrives.
    Lost,
    /// It arrives and is done; the answer doesn't come back.
    AnswerLost,
    /// Somebody in between answers with this.
    Answered {
        status: u16,
        retry_after: Option<&'static str>,
        body: &'static str,
    },
}

/// What happens to the next download.
#[derive(Debug, Clone)]
pub enum Stream {
    /// It breaks off after so many bytes.
    BreaksAfter(u64),
    /// So many bytes in, a bit is another.
    Flips(u64),
    /// `Range` is ignored: the whole comes.
    Whole,
    /// Its tag is another, as of an archive that was replaced.
    AnotherTag,
    /// It stays silent after so many bytes, until somebody gives up.
    HangsAfter(u64),
}

/// A line to the service on which faults can be laid.
#[derive(Default)]
pub struct Line {
    faults: Mutex<VecDeque<(&'static str, Fault)>>,
    streams: Mutex<VecDeque<Stream>>,
    cut: Mutex<bool>,
    pub puts: AtomicUsize,
    /// Bytes of archives that were handed over.
    pub downloaded: AtomicU64,
    /// Downloads that were begun: from which byte.
    pub begun: Mutex<Vec<u64>>,
}

impl Line {
    pub fn cut(&self, cut: bool) {
        *self.cut.lock().expect("no test panics while holding it") = cut;
    }

    pub fn next(&self, path: &'static str, fault: Fault) {
        self.faults
            .lock()
            .expect("no test panics while holding it")
            .push_back((path, fault));
    }

    pub fn next_download(&self, stream: Stream) {
        self.streams
            .lock()
            .expect("no test panics while holding it")
            .push_back(stream);
    }

    fn fault(&self, path: &str) -> Option<Fault> {
        if *self.cut.lock().expect("no test panics while holding it") {
            return Some(Fault::Lost);
        }
        let mut faults = self.faults.lock().expect("no test panics while holding it");
        let place = faults
            .iter()
            .position(|(on, _)| *on == path || on.strip_prefix('*').is_some_and(|end| path.ends_with(end)))?;
        faults.remove(place).map(|(_, fault)| fault)
    }
}

struct Faulty {
    line: Arc<Line>,
    real: Arc<dyn Transport>,
}

#[async_trait]
impl Transport for Faulty {
    async fn send(
        &self,
        request: http::Request<bytes::Bytes>,
    ) -> Result<http::Response<bytes::Bytes>, TransportError> {
        if request.method() == http::Method::PUT && request.uri().path() == api::paths::CONSENTS {
            self.line.puts.fetch_add(1, Ordering::SeqCst);
        }
        match self.line.fault(request.uri().path()) {
            None => self.real.send(request).await,
            Some(Fault::Lost) => Err(TransportError::Unreachable),
            Some(Fault::AnswerLost) => {
                self.real.send(request).await?;
                Err(TransportError::Broken)
            }
            Some(Fault::Answered {
                status,
                retry_after,
                body,
            }) => {
                let mut answer = http::Response::builder().status(status);
                if let Some(wait) = retry_after {
                    answer = answer.header("retry-after", wait);
                }
                Ok(answer.body(body.into()).expect("the parts are valid"))
            }
        }
    }

    async fn open(
        &self,
        mut request: http::Request<bytes::Bytes>,
    ) -> Result<http::Response<BodyStream>, TransportError> {
        if self.line.fault(request.uri().path()).is_some() {
            return Err(TransportError::Unreachable);
        }
        let from = request.headers().get("range").and_then(|range| {
            let range = range.to_str().ok()?.strip_prefix("bytes=")?;
            range.trim_end_matches('-').parse().ok()
        });
        let stream = {
            let mut begun = self.line.begun.lock().expect("no test panics while holding it");
            begun.push(from.unwrap_or(0));
            let mut streams = self.line.streams.lock().expect("no test panics while holding it");
            streams.pop_front()
        };
        if let Some(Stream::Whole) = stream {
            request.headers_mut().remove("range");
            request.headers_mut().remove("if-range");
        }
        let answer = self.real.open(request).await?;
        Ok(through(answer, stream, self.line.clone()))
    }
}

/// A download as the line lets it through.
fn through(
    answer: http::Response<BodyStream>,
    fault: Option<Stream>,
    line: Arc<Line>,
) -> http::Response<BodyStream> {
    let (mut head, body) = answer.into_parts();
    if let Some(Stream::AnotherTag) = fault {
        head.headers
            .insert("etag", http::HeaderValue::from_static("\"another\""));
    }
    let pieces = futures_util::stream::unfold((body, 0u64, false), move |(mut body, passed, ended)| {
        let (fault, line) = (fault.clone(), line.clone());
        async move {
            if ended {
                return None;
            }
            let piece = body.next().await?;
            let Ok(piece) = piece else {
                return Some((piece, (body, passed, true)));
            };
            let mut piece = piece.to_vec();
            let before = passed;
            match fault {
                Some(Stream::BreaksAfter(at)) if before >= at => {
                    return Some((Err(TransportError::Broken), (body, passed, true)));
                }
                Some(Stream::HangsAfter(at)) if before >= at => std::future::pending().await,
                Some(Stream::BreaksAfter(at) | Stream::HangsAfter(at)) => {
                    let most = usize::try_from(at - before).unwrap_or(usize::MAX);
                    piece.truncate(most);
                }
                Some(Stream::Flips(at)) if (before..before + piece.len() as u64).contains(&at) => {
                    piece[usize::try_from(at - before).expect("it is in the piece")] ^= 1;
                }
                Some(_) | None => {}
            }
            let passed = before + piece.len() as u64;
            line.downloaded.fetch_add(piece.len() as u64, Ordering::SeqCst);
            Some((Ok(piece.into()), (body, passed, false)))
        }
    });
    http::Response::from_parts(head, Box::pin(pieces))
}

struct OnALine {
    line: Arc<Line>,
    real: InThisProgram,
}

#[async_trait]
impl Hosts for OnALine {
    async fn start(&self, sample: bool) -> Result<Hosted, String> {
        let hosted = self.real.start(sample).await?;
        let transport = Arc::new(Faulty {
            line: self.line.clone(),
            real: hosted.transport.clone(),
        });
        Ok(Hosted { transport, ..hosted })
    }
}

pub struct Stage {
    pub home: TempDir,
    pub line: Arc<Line>,
    keyring: String,
}

impl Stage {
    pub fn new() -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let keyring = format!("settings-privacy-test-{}", uuid::Uuid::new_v4());
        Self {
            home,
            line: Arc::default(),
            keyring,
        }
    }

    pub fn own(&self) -> OwnPlaces {
        OwnPlaces {
            folder: self.home.path().join("own"),
        }
    }

    /// An engine as after a start of the program.
    pub async fn engine(&self) -> Engine {
        let own = self.own();
        let hosts = OnALine {
            line: self.line.clone(),
            real: InThisProgram::new(own.clone()),
        };
        let options = Options {
            own,
            browsers: settings_privacy_engine::BrowserPlaces::under(self.home.path()),
            system: Places::under(Path::new(self.home.path())),
            hosts: Arc::new(hosts),
            keyring: self.keyring.clone(),
        };
        Engine::open(options).await.expect("the engine opens")
    }

    /// The same, signed in to the made-up account.
    pub async fn sample(&self) -> Engine {
        let engine = self.engine().await;
        engine
            .choose_account(Place::Sample)
            .await
            .expect("the sample account opens");
        engine
    }
}

pub async fn state(engine: &Engine) -> State {
    engine.state().await.expect("the state can be read")
}

pub fn id(text: &str) -> ConsentId {
    ConsentId::new(text)
}

pub async fn set(engine: &Engine, consent: &str, granted: bool) {
    engine
        .set_consents(&[(id(consent), granted)])
        .await
        .expect("it is recorded");
}

pub async fn granted(engine: &Engine, consent: &str) -> bool {
    let state = state(engine).await;
    state
        .consents
        .iter()
        .find(|c| c.consent.id == id(consent))
        .expect("it is in the catalogue")
        .granted
}

/// What the service recorded of a consent, oldest first.
pub async fn recorded(engine: &Engine, consent: &str) -> Vec<bool> {
    let mut events = engine.consent_history().await.expect("the service answers");
    events.reverse();
    events
        .into_iter()
        .filter(|event| event.id == consent)
        .map(|event| event.granted)
        .collect()
}
