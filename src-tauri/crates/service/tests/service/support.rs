//! A service to try, the calls to it, and the replies.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use settings_privacy_api::{
    Code, CodeSent, ConsentChange, ConsentEventPage, Consents, ConsentsUpdate, DeviceInfo, Export,
    ExportFormat, ExportRequest, ExportStatus, IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, PROBLEM_JSON, Problem,
    RefreshRequest, Session, SessionRequest, StepUpPurpose, StepUpRequest, Token, VerificationCodeRequest,
    paths,
};
use settings_privacy_service::{Clock, Config, Service, SettableClock};
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;
use tower::ServiceExt;
use uuid::Uuid;

pub const MEI: &str = "mei.lin@example.org";
pub const TOM: &str = "tom@example.org";

/// A service in a folder of its own, with a clock that stands still.
pub struct Tried {
    pub folder: TempDir,
    pub clock: Arc<SettableClock>,
    pub service: Service,
    pub way: Way,
}

/// How calls reach the service.
#[derive(Clone)]
pub enum Way {
    InProcess(axum::Router),
    Tcp(reqwest::Client, SocketAddr),
}

impl Way {
    pub fn tcp(address: SocketAddr) -> Self {
        // The client asks for a provider even where nothing is encrypted. Another test may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Way::Tcp(reqwest::Client::new(), address)
    }
}

pub fn a_clock() -> Arc<SettableClock> {
    Arc::new(SettableClock::new("2026-11-23T12:00:00Z".parse().unwrap()))
}

pub fn a_config(folder: &Path, clock: &Arc<SettableClock>) -> Config {
    Config {
        clock: clock.clone(),
        ..Config::new(folder)
    }
}

pub async fn a_service() -> Tried {
    a_service_with(|_| {}).await
}

pub async fn a_service_with(change: impl FnOnce(&mut Config)) -> Tried {
    let (folder, clock) = (tempfile::tempdir().unwrap(), a_clock());
    let mut config = a_config(folder.path(), &clock);
    change(&mut config);
    let service = Service::open(config).await.unwrap();
    let way = Way::InProcess(service.router());
    Tried {
        folder,
        clock,
        service,
        way,
    }
}

/// A service with the made-up account.
pub async fn a_sample() -> Tried {
    a_service_with(|config| config.sample = true).await
}

/// The categories of the inventory.
pub fn all_categories() -> Vec<String> {
    let categories = &settings_privacy_core::data::inventory().categories;
    categories
        .iter()
        .map(|category| category.id.as_str().to_owned())
        .collect()
}

impl Tried {
    /// The same service behind a real port.
    pub async fn over_tcp(mut self) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = self.service.clone();
        tokio::spawn(async move { service.serve(listener, std::future::pending()).await });
        self.way = Way::tcp(address);
        self
    }

    /// Stops the service and opens another on the same folder.
    pub async fn restarted(self) -> Self {
        self.restarted_with(|_| {}).await
    }

    /// The same, with something that happens in between.
    pub async fn restarted_with(self, meanwhile: impl FnOnce(&Path)) -> Self {
        self.service.clone().close().await;
        meanwhile(self.folder.path());
        let config = a_config(self.folder.path(), &self.clock);
        self.opened(config).await
    }

    /// The same folder under a service that is opened anew. The one before was closed.
    pub async fn opened(self, config: Config) -> Self {
        let service = Service::open(config).await.unwrap();
        let way = Way::InProcess(service.router());
        Self { service, way, ..self }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn later(&self, by: SignedDuration) {
        self.clock.advance(by);
    }

    pub fn call(&self, method: Method, path: &str) -> Call {
        Call {
            way: self.way.clone(),
            request: Request::builder().method(method).uri(path),
            body: Bytes::new(),
        }
    }

    pub fn get(&self, path: &str, token: &Token) -> Call {
        self.call(Method::GET, path).bearer(token)
    }

    pub async fn ask_for_code(&self, identifier: &str) -> Reply {
        let request = VerificationCodeRequest {
            identifier: identifier.into(),
        };
        self.call(Method::POST, paths::VERIFICATION_CODES)
            .key(Uuid::new_v4())
            .json(&request)
            .send()
            .await
    }

    /// Asks for a code and reads it, as the program around an embedded service does.
    pub async fn a_code(&self, identifier: &str) -> String {
        let _: CodeSent = self.ask_for_code(identifier).await.expect(StatusCode::OK);
        let mailbox = self.service.mailbox().unwrap();
        let shown = mailbox.latest_code(identifier).await.expect("a letter was sent");
        shown.code.expose().to_owned()
    }

    pub fn sign_in(&self, identifier: &str, code: &str, device: Uuid) -> Call {
        let request = SessionRequest {
            identifier: identifier.into(),
            code: Token::new(code),
            device: DeviceInfo {
                id: device,
                name: "Desk".into(),
            },
        };
        self.call(Method::POST, paths::SESSIONS)
            .key(Uuid::new_v4())
            .json(&request)
    }

    pub async fn a_session(&self, identifier: &str) -> Session {
        self.a_session_on(identifier, Uuid::new_v4()).await
    }

    pub async fn a_session_on(&self, identifier: &str, device: Uuid) -> Session {
        let code = self.a_code(identifier).await;
        self.sign_in(identifier, &code, device)
            .send()
            .await
            .expect(StatusCode::CREATED)
    }

    pub fn refresh(&self, token: &Token) -> Call {
        let request = RefreshRequest {
            refresh_token: token.clone(),
        };
        self.call(Method::POST, paths::SESSIONS_REFRESH)
            .key(Uuid::new_v4())
            .json(&request)
    }

    pub fn set(&self, token: &Token, changes: &[(&str, bool)]) -> Call {
        let changes = changes.iter().map(|(id, granted)| ConsentChange {
            id: (*id).into(),
            granted: *granted,
            decided_at: self.now(),
        });
        let update = ConsentsUpdate {
            changes: changes.collect(),
        };
        self.call(Method::PUT, paths::CONSENTS)
            .bearer(token)
            .key(Uuid::new_v4())
            .json(&update)
    }

    pub async fn consents(&self, token: &Token) -> Consents {
        self.get(paths::CONSENTS, token)
            .send()
            .await
            .expect(StatusCode::OK)
    }

    pub async fn history(&self, token: &Token) -> ConsentEventPage {
        self.get(paths::CONSENTS_HISTORY, token)
            .send()
            .await
            .expect(StatusCode::OK)
    }

    pub fn ask_for_step_up_code(&self, session: &Session) -> Call {
        self.ask_for_code_for(session, StepUpPurpose::Export)
    }

    pub fn ask_for_code_for(&self, session: &Session, purpose: StepUpPurpose) -> Call {
        self.call(Method::POST, paths::STEP_UP_CODES)
            .bearer(&session.access_token)
            .key(Uuid::new_v4())
            .json(&StepUpRequest { purpose })
    }

    /// A code for asking for a copy.
    pub async fn a_step_up_code(&self, session: &Session) -> Token {
        self.a_code_for(session, StepUpPurpose::Export).await
    }

    /// A code for one act.
    pub async fn a_code_for(&self, session: &Session, purpose: StepUpPurpose) -> Token {
        let sent = self.ask_for_code_for(session, purpose).send().await;
        let _: CodeSent = sent.expect(StatusCode::OK);
        let mailbox = self.service.mailbox().unwrap();
        let shown = mailbox.latest_step_up_code(&session.account.identifier, purpose);
        shown.await.expect("a letter was sent").code
    }

    /// A request for a copy, with a fresh code.
    pub async fn export_request(
        &self,
        session: &Session,
        categories: &[&str],
        regime: &str,
    ) -> ExportRequest {
        ExportRequest {
            categories: categories.iter().map(|category| (*category).to_owned()).collect(),
            period: None,
            format: ExportFormat::Bag1,
            regime: regime.into(),
            code: self.a_step_up_code(session).await,
        }
    }

    pub fn ask_for_export(&self, token: &Token, body: &ExportRequest) -> Call {
        self.call(Method::POST, paths::EXPORTS)
            .bearer(token)
            .key(Uuid::new_v4())
            .json(body)
    }

    /// A copy from the request to the end.
    pub async fn a_copy(&self, session: &Session, categories: &[&str], regime: &str) -> Export {
        let body = self.export_request(session, categories, regime).await;
        let reply = self.ask_for_export(&session.access_token, &body).send().await;
        let export: Export = reply.expect(StatusCode::ACCEPTED);
        self.finished(&session.access_token, export.id).await
    }

    /// Looks how far a copy is until it goes no further.
    pub async fn finished(&self, token: &Token, id: Uuid) -> Export {
        loop {
            let path = paths::EXPORT.replace("{id}", &id.to_string());
            let export: Export = self.get(&path, token).send().await.expect(StatusCode::OK);
            if !matches!(export.status, ExportStatus::Open | ExportStatus::InProgress) {
                return export;
            }
        }
    }

    pub fn revoke(&self, token: &Token, id: Uuid) -> Call {
        let path = paths::EXPORT.replace("{id}", &id.to_string());
        self.call(Method::DELETE, &path).bearer(token).key(Uuid::new_v4())
    }

    pub fn retry(&self, token: &Token, id: Uuid) -> Call {
        let path = paths::EXPORT_RETRY.replace("{id}", &id.to_string());
        self.call(Method::POST, &path).bearer(token).key(Uuid::new_v4())
    }

    /// The whole archive.
    pub async fn archive(&self, token: &Token, id: Uuid) -> Bytes {
        let path = paths::EXPORT_ARCHIVE.replace("{id}", &id.to_string());
        let reply = self.get(&path, token).send().await;
        assert_eq!(reply.status, StatusCode::OK);
        reply.body
    }

    /// Is somebody who makes copies in another program: nobody here does, as long as this is held.
    pub fn hold_runner_lock(&self) -> std::fs::File {
        let path = self.folder.path().join("exports/runner.lock");
        let mut options = std::fs::File::options();
        let file = options
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .unwrap();
        file.lock().unwrap();
        file
    }

    /// The archives, whole and half, that lie on the disk.
    pub fn archives_on_disk(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path().join("exports")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != "runner.lock").collect()
    }

    pub fn database_path(&self) -> PathBuf {
        self.folder.path().join("service.sqlite")
    }

    /// Another connection to the same database, as an operator has one.
    pub async fn sql(&self) -> SqliteConnection {
        SqliteConnection::connect(&format!("sqlite:{}", self.database_path().display()))
            .await
            .unwrap()
    }
}

/// A call on its way.
pub struct Call {
    way: Way,
    request: http::request::Builder,
    body: Bytes,
}

impl Call {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let headers = self.request.headers_mut().unwrap();
        let name: http::HeaderName = name.parse().unwrap();
        headers.insert(name, value.parse().unwrap());
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.request.headers_mut().unwrap().remove(name);
        self
    }

    pub fn key(self, key: Uuid) -> Self {
        self.header(IDEMPOTENCY_KEY, &key.to_string())
    }

    pub fn bearer(self, token: &Token) -> Self {
        self.header("authorization", &format!("Bearer {}", token.expose()))
    }

    pub fn json(self, body: &impl Serialize) -> Self {
        let text = serde_json::to_string(body).unwrap();
        self.text("application/json", text)
    }

    pub fn text(self, kind: &str, text: impl Into<Bytes>) -> Self {
        let mut call = self.header("content-type", kind);
        call.body = text.into();
        call
    }

    pub async fn send(self) -> Reply {
        let request = self.request.body(self.body).unwrap();
        match self.way {
            Way::InProcess(router) => {
                let answer = router.oneshot(request.map(Body::from)).await.unwrap();
                let (parts, body) = answer.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                Reply::new(parts.status, parts.headers, body)
            }
            Way::Tcp(client, address) => {
                let (parts, body) = request.into_parts();
                let url = format!("http://{address}{}", parts.uri);
                let call = client
                    .request(parts.method, url)
                    .headers(parts.headers)
                    .body(body);
                let answer = call.send().await.unwrap();
                let (status, headers) = (answer.status(), answer.headers().clone());
                Reply::new(status, headers, answer.bytes().await.unwrap())
            }
        }
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    /// What holds of every reply is checked on every one.
    fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        let reply = Self {
            status,
            headers,
            body,
        };
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert!(reply.header("cache-control").is_some(), "{reply:?}");
        let is_refusal = status.is_client_error() || status.is_server_error();
        assert_eq!(
            reply.header("content-type") == Some(PROBLEM_JSON),
            is_refusal,
            "{reply:?}"
        );
        if matches!(status.as_u16(), 429 | 503) {
            let seconds: u64 = reply.header("retry-after").unwrap().parse().unwrap();
            assert_eq!(reply.problem().retry_after, Some(seconds));
        }
        reply
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn etag(&self) -> String {
        self.header("etag").expect("an entity tag").to_owned()
    }

    pub fn is_replayed(&self) -> bool {
        self.header(IDEMPOTENCY_REPLAYED) == Some("true")
    }

    #[track_caller]
    pub fn expect<T: DeserializeOwned>(&self, status: StatusCode) -> T {
        assert_eq!(self.status, status, "{:?}", self.body);
        serde_json::from_slice(&self.body).expect("the documented shape")
    }

    #[track_caller]
    pub fn problem(&self) -> Problem {
        let problem: Problem = serde_json::from_slice(&self.body).expect("a problem");
        assert_eq!(problem.status, self.status.as_u16());
        assert!(problem.type_.ends_with(problem.code.as_str()));
        problem
    }

    #[track_caller]
    pub fn refused(&self, status: u16, code: Code) -> Problem {
        let problem = self.problem();
        assert_eq!((problem.status, problem.code), (status, code), "{problem:?}");
        problem
    }
}

pub fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

pub fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

/// Whether a consent is given.
pub fn granted(consents: &Consents, id: &str) -> bool {
    let state = consents.consents.iter().find(|state| state.id == id);
    state.expect("a consent of the catalogue").granted
}
