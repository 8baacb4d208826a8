//! A site on this machine, under the names of DingTalk's, of another's, and of look-alikes. Its pages store what
//! pages can store, and each leads to the next.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// The pages, in the order they are visited.
const VISITED: [&str; 4] = [
    "app.dingtalk.com",
    "www.example.org",
    "www.notdingtalk.com",
    "dingtalk.com.evil.net",
];

const WORKER: &str = "self.addEventListener('fetch', () => {});";

const STORE: &str = r#"
const failed = [];
const tried = async (what, work) => { try { await work(); } catch (error) { failed.push(what + ': ' + error); } };
const database = () => new Promise((done, wrong) => {
  const open = indexedDB.open('letters', 1);
  open.onupgradeneeded = () => open.result.createObjectStore('kept');
  open.onerror = () => wrong(open.error);
  open.onsuccess = () => {
    const change = open.result.transaction('kept', 'readwrite');
    change.objectStore('kept').put('x'.repeat(2000), 'one');
    change.oncomplete = () => { open.result.close(); done(); };
    change.onerror = () => wrong(change.error);
  };
});
const store = async (everything) => {
  await tried('local', () => { for (const key of ['a', 'b', 'ключ']) localStorage.setItem(key, `value ${key} of ${location.hostname}`); });
  await tried('session', () => sessionStorage.setItem('tab', 'kept'));
  await tried('database', database);
  if (!everything) return;
  await tried('cache', async () => (await caches.open('v1')).put('/kept', new Response('kept')));
  await tried('files', async () => {
    const file = await (await navigator.storage.getDirectory()).getFileHandle('kept.txt', { create: true });
    const writer = await file.createWritable();
    await writer.write('kept');
    await writer.close();
  });
  await tried('worker', async () => {
    await navigator.serviceWorker.register('/worker.js');
    await navigator.serviceWorker.ready;
  });
};
"#;

/// What a page finds of what it stored. Asking makes nothing: private files and caches, which asking makes, are
/// looked into only when everything is to be there.
const STATE: &str = r#"
const found = async () => {
  const state = [SIGNED_IN ? 'signed-in' : 'signed-out'];
  state.push('local' + Object.keys(localStorage).length);
  state.push('databases' + (await indexedDB.databases()).length);
  state.push('workers' + (await navigator.serviceWorker.getRegistrations()).length);
  if (!EVERYTHING) return state.join('-');
  state.push('caches' + (await caches.keys()).length);
  let files = 0;
  for await (const name of (await navigator.storage.getDirectory()).keys()) files += 1;
  state.push('files' + files);
  return state.join('-');
};
"#;

/// The site, and what it is told.
pub(crate) struct Site {
    pub(crate) port: u16,
    told: Receiver<String>,
}

impl Site {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("it is bound").port();
        let (teller, told) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let teller = teller.clone();
                std::thread::spawn(move || answer(stream, port, &teller));
            }
        });
        Self { port, told }
    }

    /// Where a visit begins.
    pub(crate) fn first(&self) -> String {
        format!("http://{}:{}/store", VISITED[0], self.port)
    }

    /// Where pages say what they find of what they stored; `everything` when it is to be there.
    pub(crate) fn state(&self, everything: bool, visit: u32) -> String {
        let path = if everything {
            "state-of-everything"
        } else {
            "state"
        };
        format!("http://{}:{}/{path}?{visit}", VISITED[0], self.port)
    }

    /// What the pages of DingTalk's and of the unrelated site find at this visit. Firefox loads pages of earlier
    /// visits by itself, apart from what they stored, to draw small pictures of them.
    pub(crate) fn found(&self, visit: u32, at_most: Duration) -> [String; 2] {
        [VISITED[0], VISITED[1]].map(|page| {
            let begins = format!("{page} {visit}-");
            loop {
                let told = self.told.recv_timeout(at_most);
                let told = told.unwrap_or_else(|_| panic!("{page} said nothing within {at_most:?}"));
                if let Some(state) = told.strip_prefix(&begins) {
                    return state.to_owned();
                }
            }
        })
    }

    /// Says that the last of the pages was opened, and no other.
    pub(crate) fn only_last_is_opened(&self, at_most: Duration) {
        let told = self.told.recv_timeout(at_most);
        let told = told.unwrap_or_else(|_| panic!("nothing was opened within {at_most:?}"));
        assert_eq!(told, format!("{} ", VISITED[3]));
        assert_eq!(self.told.try_recv().ok(), None);
    }

    /// The origins that are to be treated as secure.
    pub(crate) fn origins(&self) -> Vec<String> {
        VISITED
            .map(|host| format!("http://{host}:{}", self.port))
            .to_vec()
    }

    pub(crate) fn wait_until_visited(&self, at_most: Duration) {
        for page in VISITED {
            let told = self.told.recv_timeout(at_most);
            let told = told.unwrap_or_else(|_| panic!("{page} wasn't done within {at_most:?}"));
            assert_eq!(told, format!("{page} "), "a page could not store something");
        }
    }
}

fn answer(mut stream: TcpStream, port: u16, teller: &Sender<String>) {
    let mut lines = BufReader::new(stream.try_clone().expect("a socket"))
        .lines()
        .map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    let (mut host, mut signed_in) = (String::new(), false);
    for line in lines.take_while(|line| !line.is_empty()) {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("host")
        {
            host = value.trim().split(':').next().unwrap_or_default().to_owned();
        }
        signed_in |=
            line.to_ascii_lowercase().starts_with("cookie:") && line.contains("JSESSIONID=secret-session");
    }
    let path = first.split(' ').nth(1).unwrap_or("/");
    let visit = path.split_once('?').map_or("", |(_, visit)| visit);
    let (kind, headers, body) = match path.split('?').next().unwrap_or("/") {
        "/store" => ("text/html", cookies(&host), page(&host, port)),
        "/frame" => (
            "text/html",
            String::new(),
            format!(
                "<script>{STORE}; store(false).then(() => parent.postMessage(failed.join('; '), '*'))</script>"
            ),
        ),
        path @ ("/state" | "/state-of-everything") => (
            "text/html",
            // Asked again and again.
            "Cache-Control: no-store\r\n".to_owned(),
            state(&host, port, signed_in, path, visit),
        ),
        "/worker.js" => ("text/javascript", String::new(), WORKER.to_owned()),
        "/done" => {
            let failed = path.split_once('?').map_or("", |(_, failed)| failed);
            let _ = teller.send(format!("{host} {failed}"));
            (
                "text/plain",
                "Cache-Control: no-store\r\n".to_owned(),
                String::new(),
            )
        }
        _ => ("text/plain", String::new(), "nothing".to_owned()),
    };
    let kept = match headers.contains("Cache-Control") {
        true => "",
        false => "Cache-Control: max-age=600\r\n",
    };
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\n{kept}Connection: close\r\n{headers}\r\n{body}",
        body.len()
    );
}

fn cookies(host: &str) -> String {
    let domain = host
        .strip_prefix("app.")
        .or(host.strip_prefix("www."))
        .unwrap_or(host);
    [
        format!(
            "JSESSIONID=secret-session/{host}; Domain={domain}; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax"
        ),
        "Hm_lvt_test=secret-visit; Path=/store; Max-Age=86400; SameSite=Strict".to_owned(),
        "unnamed_purpose=secret; Path=/; Max-Age=86400".to_owned(),
        "until_closed=secret; Path=/".to_owned(),
    ]
    .map(|cookie| format!("Set-Cookie: {cookie}\r\n"))
    .concat()
}

/// A page says what it finds, and leads on to the unrelated site.
fn state(host: &str, port: u16, signed_in: bool, path: &str, visit: &str) -> String {
    let everything = path == "/state-of-everything";
    let next = match host == VISITED[0] {
        true => format!("location = 'http://{}:{port}{path}?{visit}';", VISITED[1]),
        false => String::new(),
    };
    format!(
        "<!doctype html><title>A page</title><body><script>const SIGNED_IN = {signed_in}, EVERYTHING = {everything}; {STATE}
        (async () => {{
          let state; try {{ state = await found(); }} catch (error) {{ state = 'failed-' + error; }}
          await fetch('/done?{visit}-' + encodeURIComponent(state)); {next}
        }})();
        </script>"
    )
}

/// A page stores, then waits for a frame of another site to store, then says so and leads on.
fn page(host: &str, port: u16) -> String {
    let framed = match host {
        "app.dingtalk.com" => "www.example.org",
        _ => "app.dingtalk.com",
    };
    let at = VISITED.iter().position(|page| *page == host);
    let next = at.and_then(|at| VISITED.get(at + 1));
    let next = next.map_or_else(String::new, |next| {
        format!("location = 'http://{next}:{port}/store';")
    });
    let frame = match host {
        "app.dingtalk.com" | "www.example.org" => format!(
            "const heard = new Promise((done) => addEventListener('message', (event) => {{ if (event.data) failed.push('frame: ' + event.data); done(); }}));
             const frame = document.createElement('iframe'); frame.src = 'http://{framed}:{port}/frame'; document.body.append(frame); await heard;"
        ),
        _ => String::new(),
    };
    format!(
        "<!doctype html><title>A page</title><body><script>{STORE}
        (async () => {{ await store(true); {frame} await fetch('/done?' + encodeURIComponent(failed.join('; '))); {next} }})();
        </script>"
    )
}
