//! A line between a client and a server that can lose an answer.

use std::io::{self, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use super::messages::{header, message};

/// Passes requests on and brings answers back.
pub struct Proxy {
    /// `http://127.0.0.1:…`
    pub address: String,
    losing: Arc<Losing>,
}

struct Losing {
    begins: &'static str,
    left: AtomicU32,
    lost: AtomicU32,
    keys: Mutex<Vec<String>>,
}

impl Proxy {
    /// A line to a server. The next `times` requests that begin like this reach it, and their answers get lost.
    pub fn losing(server: &str, begins: &'static str, times: u32) -> Self {
        let server = server.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("it has one"));
        let losing = Arc::new(Losing {
            begins,
            left: AtomicU32::new(times),
            lost: AtomicU32::new(0),
            keys: Mutex::default(),
        });
        let seen = losing.clone();
        // It ends with the tests.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (server, losing) = (server.clone(), seen.clone());
                thread::spawn(move || {
                    // A line that breaks is what this is for.
                    let _ = carry(&client, &server, &losing);
                    let _ = client.shutdown(Shutdown::Both);
                });
            }
        });
        Self { address, losing }
    }

    /// The keys under which such requests came, in their order.
    pub fn keys(&self) -> Vec<String> {
        self.losing
            .keys
            .lock()
            .expect("nobody panics while holding it")
            .clone()
    }

    /// How many answers got lost.
    pub fn lost(&self) -> u32 {
        self.losing.lost.load(Ordering::SeqCst)
    }
}

fn carry(mut client: &TcpStream, server: &str, losing: &Losing) -> io::Result<()> {
    let server = TcpStream::connect(server)?;
    let (mut from_client, mut from_server) = (BufReader::new(client), BufReader::new(&server));
    loop {
        let request = message(&mut from_client)?;
        (&server).write_all(&request)?;
        let answer = message(&mut from_server)?;
        let mine = request.starts_with(losing.begins.as_bytes());
        if mine {
            losing
                .keys
                .lock()
                .expect("nobody panics while holding it")
                .extend(header(&request, "idempotency-key"));
        }
        let one_less = |left: u32| left.checked_sub(1);
        if mine
            && losing
                .left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
                .is_ok()
        {
            losing.lost.fetch_add(1, Ordering::SeqCst);
            return Ok(());
        }
        client.write_all(&answer)?;
    }
}
