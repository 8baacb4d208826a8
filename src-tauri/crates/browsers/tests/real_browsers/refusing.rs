//! What the browsers do once a site is refused or denied something, and once that is taken back: one suite over both.
//!
//! The site is reached through a proxy, so that its addresses are as on the open network: rules hold for a port.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Value;
use settings_privacy_browsers::{Browsers, Places};
use settings_privacy_core::data;
use settings_privacy_core::storage::{About, Decision, Effective, Kind, Profile, Sites};

use crate::launch::{self, Driven, Program};

const OURS: &str = "app.dingtalk.com";
const OTHER: &str = "www.example.org";
const SITE: &str = "dingtalk.com";
const PATIENCE: Duration = Duration::from_secs(90);
const PERMISSIONS: [(About, &str); 4] = [
    (About::Camera, "camera"),
    (About::Microphone, "microphone"),
    (About::Location, "geolocation"),
    (About::Notifications, "notifications"),
];

#[tokio::test(flavor = "multi_thread")]
async fn firefox_refuses_and_allows_again() {
    suite(Program::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chromium_refuses_and_allows_again() {
    suite(Program::Chromium).await;
}

async fn suite(program: Program) {
    let Some(executable) = launch::find(program) else {
        return;
    };
    let root = tempfile::tempdir().expect("a folder");
    let places = Places::under(root.path());
    std::fs::create_dir_all(&places.scratch).expect("a folder");
    let browsers = Browsers::new(places);
    let site = Proxied::start();
    let sites = data::sites();
    let visit = || site.visit(program, &executable, root.path(), &browsers);

    let [ours, others] = visit().await;
    assert!(!ours.sent && !others.sent, "nothing was kept yet");
    assert!(
        ours.kept && others.kept,
        "both keep something: {ours:?} {others:?}"
    );
    let [ours, others] = visit().await;
    assert!(
        ours.sent && others.sent,
        "both are sent what they kept: {ours:?} {others:?}"
    );
    let free = ours.permissions.clone();
    assert!(others.permissions == free, "both may ask for the same");

    let profile = the_profile(&browsers).await;
    let now = Timestamp::now;
    let refused = browsers
        .refuse(&profile, sites, SITE, now())
        .await
        .expect("it is closed");
    let mut denied = Vec::new();
    for (about, _) in PERMISSIONS {
        let change = browsers
            .decide(&profile, sites, (SITE, about), Decision::Deny, now())
            .await
            .expect("it is closed");
        denied.push(change.before);
    }
    let [ours, others] = visit().await;
    assert!(!ours.sent, "what is in the jar isn't sent");
    assert!(!ours.kept, "nothing is set: {ours:?}");
    for (_, name) in PERMISSIONS {
        assert_eq!(ours.permissions[name], "denied", "{name} in {ours:?}");
    }
    assert!(others.sent && others.kept, "another's site goes on as before");
    assert_eq!(others.permissions, free);

    // The browser took the rules for its own, and kept them.
    let rules = browsers.rules(&profile, sites, now()).await;
    for about in About::ALL {
        let found = rules.of(SITE, about).expect("it is read");
        assert_eq!(found.effective, Effective::All(Decision::Deny), "{about:?}");
    }

    browsers
        .allow(&profile, sites, SITE, now())
        .await
        .expect("it is closed");
    for before in &denied {
        browsers
            .put_back(&profile, sites, before, None, now())
            .await
            .expect("it is closed");
    }
    let [ours, others] = visit().await;
    assert!(ours.sent && ours.kept, "allowed again: {ours:?}");
    assert_eq!(ours.permissions, free);
    assert!(others.sent && others.kept);

    // The first undoing still fits: nothing was there before.
    let back = browsers
        .put_back(&profile, sites, &refused.before, None, now())
        .await
        .expect("it is closed");
    let found = back.observed.of(SITE, About::Cookies).expect("it is read");
    assert_eq!(found.effective, Effective::All(Decision::Allow));
}

async fn the_profile(browsers: &Browsers) -> Profile {
    let found = browsers.profiles().await;
    let [profile] = found.profiles.as_slice() else {
        panic!("one profile, not {:?}", found.profiles);
    };
    profile.clone()
}

/// Waits until Firefox has written both sites' cookies down: ended by a signal, it loses the last.
async fn written(browsers: &Browsers) {
    let entry = |domain: &str| {
        format!("[[site]]\ndomain='{domain}'\nname='n'\nreason='r'\nevidence='e'\nclause='c'\n")
    };
    let both = format!("version=1\n{}{}", entry(SITE), entry("example.org"));
    let both = Sites::parse(&both).expect("it is a list");
    let profile = the_profile(browsers).await;
    let begun = Instant::now();
    while browsers
        .see(&profile, &both, data::cookie_purposes())
        .await
        .total(Kind::Cookie)
        .0
        < 2
    {
        assert!(begun.elapsed() < PATIENCE, "the cookies aren't written down");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What a page told of itself.
#[derive(Debug)]
struct Visit {
    /// A cookie of an earlier visit came with the request.
    sent: bool,
    /// A cookie set by this visit came with the next request, and local storage took an entry.
    kept: bool,
    /// What `navigator.permissions` says, by name.
    permissions: Value,
}

/// The host, the visit's number, and what the page told.
type Told = (String, String, Visit);

struct Proxied {
    port: u16,
    told: Receiver<Told>,
    /// How many visits there were: a browser may open an older one's page again.
    visits: AtomicUsize,
}

impl Proxied {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("it is bound").port();
        let (teller, told) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let teller = teller.clone();
                std::thread::spawn(move || answer(stream, &teller));
            }
        });
        Self {
            port,
            told,
            visits: AtomicUsize::new(0),
        }
    }

    /// Starts the browser, lets it visit both sites, and closes it.
    async fn visit(
        &self,
        program: Program,
        executable: &Path,
        root: &Path,
        browsers: &Browsers,
    ) -> [Visit; 2] {
        let origins = [OURS, OTHER].map(|host| format!("http://{host}"));
        let number = self.visits.fetch_add(1, Ordering::Relaxed).to_string();
        let first = format!("http://{OURS}/visit?{number}");
        let mut browser =
            Driven::start_through(program, executable, root, Some(&first), &origins, Some(self.port));
        let visits = [OURS, OTHER].map(|expected| {
            loop {
                let told = self.told.recv_timeout(PATIENCE);
                let (host, of, visit) =
                    told.unwrap_or_else(|_| panic!("{expected} wasn't visited within {PATIENCE:?}"));
                if of == number {
                    assert_eq!(host, expected);
                    break visit;
                }
            }
        });
        if program == Program::Firefox {
            written(browsers).await;
        }
        browser.close();
        visits
    }
}

const PAGE: &str = r#"<!doctype html><title>A page</title><script>
(async () => {
  const told = { permissions: {}, local: true };
  try { localStorage.setItem('a', 'b'); } catch { told.local = false; }
  for (const name of ['camera', 'microphone', 'geolocation', 'notifications']) {
    try { told.permissions[name] = (await navigator.permissions.query({ name })).state; }
    catch (error) { told.permissions[name] = String(error); }
  }
  await fetch('/told?NUMBER&SENT&' + encodeURIComponent(JSON.stringify(told)));
  NEXT
})();
</script>"#;

/// A request to a proxy names the whole address.
fn answer(mut stream: TcpStream, teller: &Sender<Told>) {
    let mut lines = BufReader::new(stream.try_clone().expect("a socket"))
        .lines()
        .map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    let has_cookie = lines
        .take_while(|line| !line.is_empty())
        .any(|line| line.to_ascii_lowercase().starts_with("cookie:") && line.contains("kept=1"));
    let address = first.split(' ').nth(1).unwrap_or_default();
    let address = address.strip_prefix("http://").unwrap_or_default();
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    let mut headers = String::new();
    let body = match path.split_once('?').unwrap_or((path, "")) {
        ("visit", number) if [OURS, OTHER].contains(&host) => {
            headers = "Set-Cookie: kept=1; Path=/; Max-Age=86400\r\n".to_owned();
            let next = match host {
                OURS => format!("location = 'http://{OTHER}/visit?{number}';"),
                _ => String::new(),
            };
            PAGE.replace("SENT", &has_cookie.to_string())
                .replace("NEXT", &next)
                .replace("NUMBER", number)
        }
        ("told", query) => {
            let (number, rest) = query.split_once('&').unwrap_or_default();
            let (sent, told) = rest.split_once('&').unwrap_or_default();
            let decoded: String = url::form_urlencoded::parse(format!("a={told}").as_bytes())
                .map(|(_, value)| value.into_owned())
                .collect();
            let told: Value = serde_json::from_str(&decoded).expect("the page tells JSON");
            let visit = Visit {
                sent: sent == "true",
                kept: has_cookie && told["local"] == true,
                permissions: told["permissions"].clone(),
            };
            // The test may have ended.
            let _ = teller.send((host.to_owned(), number.to_owned(), visit));
            String::new()
        }
        _ => String::new(),
    };
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Connection: close\r\n{headers}\r\n{body}",
        body.len()
    );
}
