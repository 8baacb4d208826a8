//! Letters by a mail server: a real one, small, on this computer.

use std::sync::{Arc, Mutex};

use http::{Method, StatusCode};
use mail_parser::MessageParser;
use settings_privacy_api::{Code, CodeSent, Session, VerificationCodeRequest, paths};
use settings_privacy_service::{Delivery, Smtp};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use uuid::Uuid;

use crate::support::*;

/// What the mail server does with letters.
#[derive(Clone)]
pub struct Manner {
    /// What it says to RCPT.
    recipient: Arc<Mutex<&'static str>>,
    /// It takes a letter when there is a permit.
    pub takes: Arc<Semaphore>,
    /// It says that a letter arrived, before it takes it.
    arrived: mpsc::UnboundedSender<String>,
}

impl Manner {
    /// Says something else to RCPT from now on.
    pub fn says(&self, recipient: &'static str) {
        *self.recipient.lock().unwrap() = recipient;
    }
}

pub async fn a_mail_server(
    recipient: &'static str,
    permits: usize,
) -> (Delivery, Manner, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (arrived, letters) = mpsc::unbounded_channel();
    let manner = Manner {
        recipient: Arc::new(Mutex::new(recipient)),
        takes: Arc::new(Semaphore::new(permits)),
        arrived,
    };
    let kept = manner.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, kept.clone()));
        }
    });
    let delivery = Delivery::Smtp(Smtp {
        url: format!("smtp://{address}").into(),
        from: "Privacy <no-reply@example.org>".into(),
    });
    (delivery, manner, letters)
}

/// RFC 5321, as much as one letter needs.
async fn converse(stream: TcpStream, manner: Manner) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sink\r\n").await?;
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line
            .split([' ', '\r'])
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let answer = match verb.as_str() {
            "EHLO" => "250-sink\r\n250 8BITMIME\r\n".to_owned(),
            "RCPT" => format!("{}\r\n", manner.recipient.lock().unwrap()),
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mut letter = String::new();
                while !letter.ends_with("\r\n.\r\n") {
                    stream.read_line(&mut letter).await?;
                }
                let _ = manner.arrived.send(letter);
                manner.takes.acquire().await.unwrap().forget();
                "250 taken\r\n".to_owned()
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "250 ok\r\n".to_owned(),
        };
        stream.write_all(answer.as_bytes()).await?;
    }
}

fn code_of(letter: &str) -> String {
    let letter = MessageParser::default().parse(letter.as_bytes()).unwrap();
    let text = letter.body_text(0).unwrap().into_owned();
    let code = text
        .lines()
        .find(|line| line.len() == 6 && line.parse::<u32>().is_ok());
    code.unwrap().to_owned()
}

#[tokio::test]
async fn a_code_that_came_by_mail_server_signs_in() {
    let (delivery, _manner, mut letters) = a_mail_server("250 ok", 1).await;
    let tried = a_service_with(|config| config.delivery = delivery).await;
    let _: CodeSent = tried.ask_for_code(MEI).await.expect(StatusCode::OK);
    let letter = letters.recv().await.unwrap();
    let parsed = MessageParser::default().parse(letter.as_bytes()).unwrap();
    assert_eq!(
        parsed.from().unwrap().first().unwrap().address(),
        Some("no-reply@example.org")
    );
    assert_eq!(parsed.to().unwrap().first().unwrap().address(), Some(MEI));
    let reply = tried.sign_in(MEI, &code_of(&letter), Uuid::new_v4()).send().await;
    let _: Session = reply.expect(StatusCode::CREATED);
    assert!(tried.service.mailbox().is_none(), "there is no folder to read");
    assert!(!tried.folder.path().join("mail").exists());
}

#[tokio::test]
async fn a_letter_the_mail_server_refuses_leaves_no_code_and_no_wait_behind() {
    let (delivery, _manner, _letters) = a_mail_server("550 no mei.lin@example.org here", 1).await;
    let tried = a_service_with(|config| config.delivery = delivery).await;
    for _ in 0..2 {
        let problem = tried.ask_for_code(MEI).await.refused(502, Code::DeliveryFailed);
        assert!(!format!("{problem:?}").contains("mei"), "{problem:?}");
    }
    let mut sql = tried.sql().await;
    for table in ["verification_codes", "code_sendings", "idempotency_keys"] {
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}")))
            .fetch_one(&mut sql)
            .await
            .unwrap();
        assert_eq!(count, 0, "{table}");
    }
}

#[tokio::test]
async fn a_mail_server_that_is_not_there_is_a_failed_delivery() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = gone.local_addr().unwrap();
    drop(gone);
    let delivery = Delivery::Smtp(Smtp {
        url: format!("smtp://{address}").into(),
        from: "no-reply@example.org".into(),
    });
    let tried = a_service_with(|config| config.delivery = delivery).await;
    tried.ask_for_code(MEI).await.refused(502, Code::DeliveryFailed);
}

#[tokio::test]
async fn while_a_letter_is_on_its_way_its_repetition_waits_and_nobody_else_does() {
    let (delivery, manner, mut letters) = a_mail_server("250 ok", 0).await;
    let tried = a_service_with(|config| config.delivery = delivery).await;
    let (key, request) = (
        Uuid::new_v4(),
        VerificationCodeRequest {
            identifier: MEI.into(),
        },
    );
    let ask = || {
        tried
            .call(Method::POST, paths::VERIFICATION_CODES)
            .key(key)
            .json(&request)
    };
    let first = tokio::spawn(ask().send());
    letters.recv().await.unwrap();
    let meanwhile = ask().send().await;
    meanwhile.refused(409, Code::IdempotencyInProgress);
    assert_eq!(meanwhile.header("retry-after"), Some("1"));
    let health = tried.call(Method::GET, paths::HEALTHZ).send().await;
    assert_eq!(health.status, StatusCode::OK);
    manner.takes.add_permits(1);
    let first = first.await.unwrap();
    let after = ask().send().await;
    assert_eq!((after.status, &after.body), (StatusCode::OK, &first.body));
    assert!(after.is_replayed());
}

#[tokio::test]
async fn whoever_asked_may_hang_up_while_the_letter_is_on_its_way() {
    let (delivery, manner, mut letters) = a_mail_server("250 ok", 0).await;
    let tried = a_service_with(|config| config.delivery = delivery).await;
    let key = Uuid::new_v4();
    let request = VerificationCodeRequest {
        identifier: MEI.into(),
    };
    let ask = || {
        tried
            .call(Method::POST, paths::VERIFICATION_CODES)
            .key(key)
            .json(&request)
    };
    let first = tokio::spawn(ask().send());
    let letter = letters.recv().await.unwrap();
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    manner.takes.add_permits(1);
    // The answer is kept once the letter was taken; until then its repetition is told to come back.
    let mut answer = ask().send().await;
    for _ in 0..2_000 {
        if answer.status != StatusCode::CONFLICT {
            break;
        }
        tokio::task::yield_now().await;
        answer = ask().send().await;
    }
    assert!(answer.is_replayed());
    let reply = tried.sign_in(MEI, &code_of(&letter), Uuid::new_v4()).send().await;
    let _: Session = reply.expect(StatusCode::CREATED);
}
