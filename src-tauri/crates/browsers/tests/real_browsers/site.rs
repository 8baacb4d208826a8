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
  await tried('local', () => { for (const key of ['a', 'b', 'ключ']) localStorage.setItem(key, 'value ' + key); });
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
    let mut host = String::new();
    for line in lines.take_while(|line| !line.is_empty()) {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("host")
        {
            host = value.trim().split(':').next().unwrap_or_default().to_owned();
        }
    }
    let path = first.split(' ').nth(1).unwrap_or("/");
    let (kind, headers, body) = match path.split('?').next().unwrap_or("/") {
        "/store" => ("text/html", cookies(&host), page(&host, port)),
        "/frame" => (
            "text/html",
            String::new(),
            format!(
                "<script>{STORE}; store(false).then(() => parent.postMessage(failed.join('; '), '*'))</script>"
            ),
        ),
        "/worker.js" => ("text/javascript", String::new(), WORKER.to_owned()),
        "/done" => {
            let failed = path.split_once('?').map_or("", |(_, failed)| failed);
            let _ = teller.send(format!("{host} {failed}"));
            ("text/plain", String::new(), String::new())
        }
        _ => ("text/plain", String::new(), "nothing".to_owned()),
    };
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: max-age=600\r\nConnection: close\r\n{headers}\r\n{body}",
        body.len()
    );
}

fn cookies(host: &str) -> String {
    let domain = host
        .strip_prefix("app.")
        .or(host.strip_prefix("www."))
        .unwrap_or(host);
    [
        format!("JSESSIONID=secret-session; Domain={domain}; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax"),
        "Hm_lvt_test=secret-visit; Path=/store; Max-Age=86400; SameSite=Strict".to_owned(),
        "unnamed_purpose=secret; Path=/; Max-Age=86400".to_owned(),
        "until_closed=secret; Path=/".to_owned(),
    ]
    .map(|cookie| format!("Set-Cookie: {cookie}\r\n"))
    .concat()
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
