//! A line between a client and a server for downloads: it counts the bytes of archives, and can cut, hold, change or
//! replace them, at any byte.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use super::messages::{head, header, message};

/// Nothing is held longer.
const LIMIT: Duration = Duration::from_secs(120);

/// What happens to a download.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// It comes through.
    None,
    /// The line is cut after so many bytes of it.
    CutAfter(u64),
    /// It stops after so many bytes of it, until [`Wire::go_on`]; then it is cut.
    HoldAfter(u64),
    /// So many bytes in, a bit is another.
    FlipAt(u64),
    /// The server never hears of `Range`.
    IgnoreRange,
    /// The answer bears another `ETag`.
    AnotherTag,
}

/// The line.
pub struct Wire {
    /// `http://127.0.0.1:…`
    pub address: String,
    shared: Arc<Shared>,
}

struct Shared {
    server: Mutex<String>,
    state: Mutex<State>,
    news: Condvar,
    archive_bytes: AtomicU64,
}

#[derive(Default)]
struct State {
    faults: VecDeque<Fault>,
    /// Requests that begin so are held before they reach the server, or before their answer comes back.
    hold: Option<(&'static str, Hold)>,
    held: bool,
    go_on: bool,
    /// The rest comes through.
    whole: bool,
    /// From which byte each download was asked for.
    begun: Vec<u64>,
}

/// Where a request is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// The server never sees it.
    Request,
    /// The server did it; its answer is lost.
    Answer,
}

impl Wire {
    /// A line to a server.
    pub fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("it has one"));
        let shared = Arc::new(Shared {
            server: Mutex::new(server.trim_start_matches("http://").to_owned()),
            state: Mutex::default(),
            news: Condvar::new(),
            archive_bytes: AtomicU64::new(0),
        });
        let carrying = shared.clone();
        // It ends with the tests.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let shared = carrying.clone();
                thread::spawn(move || {
                    // A line that breaks is what this is for.
                    let _ = shared.carry(&client);
                    let _ = client.shutdown(Shutdown::Both);
                });
            }
        });
        Self { address, shared }
    }

    /// What happens to the next downloads, in this order.
    pub fn next(&self, faults: impl IntoIterator<Item = Fault>) {
        self.shared.state().faults.extend(faults);
    }

    /// Holds the next request that begins so.
    pub fn hold(&self, begins: &'static str, at: Hold) {
        let mut state = self.shared.state();
        (state.hold, state.held, state.go_on) = (Some((begins, at)), false, false);
    }

    /// Waits until something is held.
    #[track_caller]
    pub fn await_held(&self) {
        let waited = self
            .shared
            .news
            .wait_timeout_while(self.shared.state(), LIMIT, |state| !state.held);
        let (state, timeout) = waited.expect("nobody panics while holding it");
        drop(state);
        assert!(!timeout.timed_out(), "nothing was held");
    }

    /// Lets go of what is held: it is cut.
    pub fn go_on(&self) {
        let mut state = self.shared.state();
        (state.go_on, state.held) = (true, false);
        self.shared.news.notify_all();
    }

    /// Lets the rest of what is held through.
    pub fn go_on_whole(&self) {
        self.shared.state().whole = true;
        self.go_on();
    }

    /// Bytes of archives that came through.
    pub fn archive_bytes(&self) -> u64 {
        self.shared.archive_bytes.load(Ordering::SeqCst)
    }

    /// From which byte each download was asked for.
    pub fn begun(&self) -> Vec<u64> {
        self.shared.state().begun.clone()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics while holding it")
    }

    fn stand_still(&self) {
        let mut state = self.state();
        (state.held, state.go_on) = (true, false);
        self.news.notify_all();
        let waited = self.news.wait_timeout_while(state, LIMIT, |state| !state.go_on);
        drop(waited);
    }

    fn carry(&self, client: &TcpStream) -> io::Result<()> {
        let server = self
            .server
            .lock()
            .expect("nobody panics while holding it")
            .clone();
        let server = TcpStream::connect(server)?;
        let (mut from_client, mut from_server) = (BufReader::new(client), BufReader::new(&server));
        loop {
            let mut request = message(&mut from_client)?;
            let hold = {
                let mut state = self.state();
                let mine = state
                    .hold
                    .filter(|(begins, _)| request.starts_with(begins.as_bytes()));
                if mine.is_some() {
                    state.hold = None;
                }
                mine.map(|(_, at)| at)
            };
            if hold == Some(Hold::Request) {
                self.stand_still();
                return Ok(());
            }
            let is_archive = first_line(&request).contains("/archive ");
            let fault = is_archive.then(|| {
                let mut state = self.state();
                let from = header(&request, "range").and_then(|range| {
                    let from = range.strip_prefix("bytes=")?.trim_end_matches('-');
                    from.parse().ok()
                });
                state.begun.push(from.unwrap_or(0));
                state.faults.pop_front().unwrap_or(Fault::None)
            });
            if fault == Some(Fault::IgnoreRange) {
                request = without(&request, &["range", "if-range"]);
            }
            (&server).write_all(&request)?;
            match fault {
                Some(fault) => self.download(&mut from_server, client, &fault)?,
                None => {
                    let answer = message(&mut from_server)?;
                    if hold == Some(Hold::Answer) {
                        self.stand_still();
                        return Ok(());
                    }
                    (&mut { client }).write_all(&answer)?;
                }
            }
        }
    }

    fn download(&self, server: &mut impl BufRead, mut client: &TcpStream, fault: &Fault) -> io::Result<()> {
        let (mut head, length) = head(server)?;
        if *fault == Fault::AnotherTag {
            head = without(&head, &["etag"]);
            let end = head.len() - 2;
            head.splice(end..end, *b"etag: \"another\"\r\n");
        }
        client.write_all(&head)?;
        let (mut passed, mut stopped) = (0, false);
        let mut buffer = vec![0; 1 << 14];
        while passed < length {
            let most = buffer
                .len()
                .min(usize::try_from(length - passed).unwrap_or(usize::MAX));
            let mut count = server.read(&mut buffer[..most])?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let mut rest = 0;
            let stop = match *fault {
                Fault::CutAfter(at) | Fault::HoldAfter(at) if !stopped && passed + count as u64 >= at => {
                    rest = count - usize::try_from(at - passed).unwrap_or(count);
                    count -= rest;
                    true
                }
                Fault::FlipAt(at) if (passed..passed + count as u64).contains(&at) => {
                    buffer[usize::try_from(at - passed).unwrap_or(0)] ^= 1;
                    false
                }
                Fault::None
                | Fault::CutAfter(_)
                | Fault::HoldAfter(_)
                | Fault::FlipAt(_)
                | Fault::IgnoreRange
                | Fault::AnotherTag => false,
            };
            client.write_all(&buffer[..count])?;
            self.archive_bytes.fetch_add(count as u64, Ordering::SeqCst);
            passed += count as u64;
            if stop {
                if matches!(fault, Fault::HoldAfter(_)) {
                    self.stand_still();
                    if std::mem::take(&mut self.state().whole) {
                        stopped = true;
                        client.write_all(&buffer[count..count + rest])?;
                        passed += rest as u64;
                        continue;
                    }
                }
                return Err(io::ErrorKind::BrokenPipe.into());
            }
        }
        Ok(())
    }
}

fn first_line(message: &[u8]) -> String {
    let line = message.split(|byte| *byte == b'\r').next().unwrap_or_default();
    String::from_utf8_lossy(line).into_owned()
}

/// A message without these headers. Heads are text.
fn without(message: &[u8], names: &[&str]) -> Vec<u8> {
    let ends = message
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map_or(message.len(), |at| at + 2);
    let (head, rest) = message.split_at(ends);
    let head = String::from_utf8_lossy(head);
    let kept = head.split_inclusive("\r\n").filter(|line| {
        let name = line.split(':').next().unwrap_or_default();
        !names.iter().any(|unwanted| name.eq_ignore_ascii_case(unwanted))
    });
    let mut bytes: Vec<u8> = kept.collect::<String>().into_bytes();
    bytes.extend_from_slice(rest);
    bytes
}
