//! Other systems: told as often as it takes, and what they say.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use settings_privacy_api::{DeletionReceipt, DeletionStatus, RECEIPT_TYPE, SystemStatus};
use settings_privacy_core::deletion::downstream::{System, Systems};

use super::*;

/// What a system does when it is told.
#[derive(Debug, Clone, Copy)]
pub enum Does {
    Says(u16),
    AsksToWait(u16, u64),
    Hangs,
    Notes(&'static str),
}

/// A system: what it does, one after the other, the last for ever; and what it heard.
#[derive(Clone)]
pub struct Receiver {
    does: Arc<Mutex<VecDeque<Does>>>,
    heard: Arc<Mutex<Vec<String>>>,
    address: SocketAddr,
}

impl Receiver {
    pub async fn start(does: &[Does]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            does: Arc::new(Mutex::new(does.iter().copied().collect())),
            heard: Arc::default(),
            address: listener.local_addr().unwrap(),
        };
        let router = Router::new()
            .route("/erase", post(answer))
            .with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    pub fn url(&self) -> String {
        format!("http://{}/erase", self.address)
    }
}

async fn answer(State(receiver): State<Receiver>, headers: HeaderMap, body: String) -> Response {
    assert_eq!(headers["content-type"], "application/secevent+jwt");
    receiver.heard.lock().unwrap().push(body);
    let does = {
        let mut does = receiver.does.lock().unwrap();
        let now = *does.front().unwrap();
        if does.len() > 1 {
            does.pop_front();
        }
        now
    };
    let status = |status: u16| StatusCode::from_u16(status).unwrap();
    match does {
        Does::Says(code) => status(code).into_response(),
        Does::AsksToWait(code, seconds) => {
            (status(code), [("retry-after", seconds.to_string())]).into_response()
        }
        Does::Hangs => std::future::pending().await,
        Does::Notes(reference) => format!("{{\"reference\":\"{reference}\"}}").into_response(),
    }
}

async fn with(receivers: &[(&str, &Receiver)]) -> Tried {
    let systems = receivers.iter().map(|(name, receiver)| System {
        name: (*name).to_owned(),
        url: receiver.url(),
    });
    let systems = systems.collect();
    a_service_with(|config| {
        config.systems = Systems { systems };
        config.system_timeout = Duration::from_millis(300);
    })
    .await
}

/// Lets the clock go on as long as an ending waits for somebody.
async fn through_waits(tried: &Tried, token: &Token, step: SignedDuration) {
    let began = Instant::now();
    while look(tried, token).await.status != DeletionStatus::Deleted {
        assert!(
            began.elapsed() < PATIENCE,
            "{:?}",
            tried.service.deletions().await
        );
        if tried.service.deletions().await.unwrap()[0].step == Some("downstream") {
            tried.later(step);
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_system_that_fails_hangs_and_takes_its_time_is_told_until_it_confirms() {
    use Does::{AsksToWait, Hangs, Notes, Says};
    let search = Receiver::start(&[Says(500), Hangs, AsksToWait(503, 5), Says(202), Notes("R-7")]).await;
    let mail = Receiver::start(&[Says(204)]).await;
    let tried = with(&[("search", &search), ("mail-archive", &mail)]).await;
    let session = tried.a_session(MEI).await;
    let (_, token) = asked(&tried, &session).await;
    tried.later(SignedDuration::from_hours(24 * 30));
    through_waits(&tried, &token, seconds(2)).await;

    let heard = search.heard();
    assert_eq!((heard.len(), mail.heard().len()), (5, 1));
    let mut named = Vec::new();
    for token in &heard {
        let claims: serde_json::Value = says(&tried, token, "secevent+jwt").await;
        assert_eq!(claims["aud"], "search");
        assert_eq!(claims["sub_id"]["id"], session.account.id.to_string());
        let events = claims["events"].as_object().unwrap();
        assert!(events.keys().next().unwrap().ends_with("/account-purged"));
        named.push(claims["jti"].clone());
    }
    assert!(
        named.iter().all(|jti| *jti == named[0]),
        "hearing it twice does nothing twice"
    );
    let told: DeletionReceipt = says(&tried, &receipt(&tried, &token).await, RECEIPT_TYPE).await;
    let said: Vec<_> = told
        .downstream
        .iter()
        .map(|system| (system.system.as_str(), system.status, system.reference.as_deref()))
        .collect();
    let wanted = [
        ("mail-archive", SystemStatus::Erased, None),
        ("search", SystemStatus::Erased, Some("R-7")),
    ];
    assert_eq!(said, wanted);
    let account = session.account.id.to_string();
    assert_eq!(
        holding(tried.folder.path(), &account),
        [""; 0],
        "whom it was about is forgotten"
    );
}

#[tokio::test]
async fn a_receipt_does_not_wait_for_ever_says_who_has_not_confirmed_and_is_renewed_when_they_do() {
    use Does::{Notes, Says};
    let search = Receiver::start(&[Says(403), Says(403), Notes("R-8")]).await;
    let tried = with(&[("search", &search)]).await;
    let session = tried.a_session(MEI).await;
    let (_, token) = asked(&tried, &session).await;
    tried.later(SignedDuration::from_hours(24 * 30));
    until(&tried, &token, DeletionStatus::Finalising).await;
    let began = Instant::now();
    while search.heard().is_empty() {
        assert!(began.elapsed() < PATIENCE);
        look(&tried, &token).await;
    }
    assert_eq!(
        look(&tried, &token).await.status,
        DeletionStatus::Finalising,
        "it waits for the system"
    );
    tried.later(SignedDuration::from_mins(59));
    assert_eq!(look(&tried, &token).await.status, DeletionStatus::Finalising);
    tried.later(SignedDuration::from_mins(1));
    until(&tried, &token, DeletionStatus::Deleted).await;
    let first = receipt(&tried, &token).await;
    let told: DeletionReceipt = says(&tried, &first, RECEIPT_TYPE).await;
    assert_eq!(told.downstream[0].status, SystemStatus::Refused);

    tried.later(SignedDuration::from_hours(25));
    let began = Instant::now();
    let second = loop {
        let renewed = receipt(&tried, &token).await;
        if renewed != first {
            break renewed;
        }
        assert!(began.elapsed() < PATIENCE);
        tried.later(minutes(61));
    };
    let renewed: DeletionReceipt = says(&tried, &second, RECEIPT_TYPE).await;
    assert_eq!(renewed.downstream[0].status, SystemStatus::Erased);
    assert_eq!((renewed.deleted_at, renewed.jti), (told.deleted_at, told.jti));
    let account = session.account.id.to_string();
    let began = Instant::now();
    while !holding(tried.folder.path(), &account).is_empty() {
        assert!(began.elapsed() < PATIENCE, "whom it was about is forgotten");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_system_is_told_at_most_as_often_as_it_asks_for() {
    use Does::{AsksToWait, Says};
    let search = Receiver::start(&[AsksToWait(429, 600), Says(200)]).await;
    let tried = with(&[("search", &search)]).await;
    let session = tried.a_session(MEI).await;
    let (_, token) = asked(&tried, &session).await;
    tried.later(SignedDuration::from_hours(24 * 30));
    let began = Instant::now();
    while tried.service.deletions().await.unwrap()[0].fault.is_none() {
        assert!(began.elapsed() < PATIENCE);
        look(&tried, &token).await;
    }
    tried.later(seconds(599));
    for _ in 0..20 {
        look(&tried, &token).await;
    }
    assert_eq!(search.heard().len(), 1);
    tried.later(seconds(2));
    until(&tried, &token, DeletionStatus::Deleted).await;
    assert_eq!(search.heard().len(), 2);
}

#[tokio::test]
async fn a_service_that_stops_while_a_system_hangs_stops_at_once_and_tells_it_again() {
    let search = Receiver::start(&[Does::Hangs, Does::Says(200)]).await;
    let systems = Systems {
        systems: vec![System {
            name: "search".into(),
            url: search.url(),
        }],
    };
    let told = systems.clone();
    let tried = a_service_with(|config| config.systems = told).await;
    let session = tried.a_session(MEI).await;
    let (_, token) = asked(&tried, &session).await;
    tried.later(SignedDuration::from_hours(24 * 30));
    let began = Instant::now();
    while search.heard().is_empty() {
        assert!(began.elapsed() < PATIENCE);
        look(&tried, &token).await;
    }
    let stops = Instant::now();
    tried.service.clone().close().await;
    assert!(
        stops.elapsed() < Duration::from_secs(5),
        "it doesn't wait for the system"
    );
    let mut config = a_config(tried.folder.path(), &tried.clock);
    config.systems = systems;
    let tried = tried.opened(config).await;
    until(&tried, &token, DeletionStatus::Deleted).await;
    assert_eq!(search.heard().len(), 2);
}
