//! A line between a client and a server on which somebody changes the answers.

use std::io::{self, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use super::messages::message;

/// Passes requests on, and brings back whatever was made of the answers.
pub struct Meddler {
    /// `http://127.0.0.1:…`
    pub address: String,
}

type Meddle = dyn Fn(&str, &mut Vec<u8>) + Send + Sync;

impl Meddler {
    /// A line to a server. `meddle` is given the first line of each request, and the answer, head and all.
    pub fn new(server: &str, meddle: impl Fn(&str, &mut Vec<u8>) + Send + Sync + 'static) -> Self {
        let server = server.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("it has one"));
        let meddle: Arc<Meddle> = Arc::new(meddle);
        // It ends with the tests.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (server, meddle) = (server.clone(), meddle.clone());
                thread::spawn(move || {
                    // A client that ends breaks the line.
                    let _ = carry(&client, &server, &*meddle);
                    let _ = client.shutdown(Shutdown::Both);
                });
            }
        });
        Self { address }
    }
}

fn carry(mut client: &TcpStream, server: &str, meddle: &Meddle) -> io::Result<()> {
    let server = TcpStream::connect(server)?;
    let (mut from_client, mut from_server) = (BufReader::new(client), BufReader::new(&server));
    loop {
        let request = message(&mut from_client)?;
        (&server).write_all(&request)?;
        let mut answer = message(&mut from_server)?;
        let text = String::from_utf8_lossy(&request);
        meddle(text.lines().next().unwrap_or_default(), &mut answer);
        client.write_all(&answer)?;
    }
}
