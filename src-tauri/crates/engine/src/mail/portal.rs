//! The desktop's own way to open a mail program with a letter in it: [`org.freedesktop.portal.Email`][1].
//!
//! A `mailto:` address would do the same, but it travels in a command line, which everybody on the computer can read.
//!
//! [1]: https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.Email.html

use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt as _;
use settings_privacy_core::letter::Letter;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

/// How long the desktop may take to start a mail program.
const LIMIT: Duration = Duration::from_secs(20);

/// Why no mail program was opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum PortalError {
    #[error("there is no message bus")]
    NoBus,
    #[error("{0}")]
    Bus(#[from] zbus::Error),
    #[error("it answered with {0}")]
    Declined(u32),
    #[error("it doesn't answer")]
    Silent,
}

#[zbus::proxy(
    interface = "org.freedesktop.portal.Email",
    default_service = "org.freedesktop.portal.Desktop",
    default_path = "/org/freedesktop/portal/desktop",
    gen_blocking = false
)]
trait Email {
    /// Opens a mail program with a new letter.
    fn compose_email(&self, parent: &str, options: HashMap<&str, Value<'_>>)
    -> zbus::Result<OwnedObjectPath>;
}

#[zbus::proxy(
    interface = "org.freedesktop.portal.Request",
    default_service = "org.freedesktop.portal.Desktop",
    gen_blocking = false
)]
trait Request {
    /// How it ended: 0 when it was done.
    #[zbus(signal)]
    fn response(&self, response: u32, results: HashMap<String, OwnedValue>) -> zbus::Result<()>;
}

/// Opens a letter in a mail program, and returns once the desktop says that it is open.
pub(super) async fn compose(bus: Option<&str>, letter: &Letter) -> Result<(), PortalError> {
    let work = async {
        let address = bus.ok_or(PortalError::NoBus)?;
        let connection = zbus::connection::Builder::address(address)?.build().await?;
        let token = format!("letter{}", uuid::Uuid::new_v4().simple());
        // The answer may come before the call returns, so it is listened for where it will come from.
        let sender = connection
            .unique_name()
            .map(|name| name.trim_start_matches(':').replace('.', "_"))
            .unwrap_or_default();
        let path = format!("/org/freedesktop/portal/desktop/request/{sender}/{token}");
        let request = RequestProxy::builder(&connection).path(path)?.build().await?;
        let mut answers = request.receive_response().await?;
        let options = HashMap::from([
            ("handle_token", Value::from(token.as_str())),
            ("address", Value::from(letter.to.as_str())),
            ("subject", Value::from(letter.subject.as_str())),
            ("body", Value::from(letter.body.as_str())),
        ]);
        EmailProxy::new(&connection)
            .await?
            .compose_email("", options)
            .await?;
        let answer = answers.next().await.ok_or(PortalError::Silent)?;
        match answer.args()?.response {
            0 => Ok(()),
            other => Err(PortalError::Declined(other)),
        }
    };
    tokio::time::timeout(LIMIT, work)
        .await
        .unwrap_or(Err(PortalError::Silent))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::Mutex;
    use zbus::object_server::SignalEmitter;

    use super::*;
    use crate::mail::tests::letter;

    /// A desktop that opens no real mail program: what it was asked is kept.
    struct Desktop {
        answers: u32,
        asked: Arc<Mutex<Vec<HashMap<String, String>>>>,
    }

    #[zbus::interface(name = "org.freedesktop.portal.Email")]
    impl Desktop {
        async fn compose_email(
            &self,
            _parent: &str,
            options: HashMap<String, OwnedValue>,
            #[zbus(header)] header: zbus::message::Header<'_>,
            #[zbus(connection)] connection: &zbus::Connection,
        ) -> OwnedObjectPath {
            let text = |(name, value): (String, OwnedValue)| {
                let value = String::try_from(value).expect("every option is a text");
                (name, value)
            };
            let options: HashMap<String, String> = options.into_iter().map(text).collect();
            let sender = header.sender().expect("calls have a sender").to_string();
            let sender = sender.trim_start_matches(':').replace('.', "_");
            let token = &options["handle_token"];
            let path = format!("/org/freedesktop/portal/desktop/request/{sender}/{token}");
            self.asked.lock().await.push(options);
            let emitter = SignalEmitter::new(connection, path.clone()).expect("it is a path");
            let nothing: HashMap<String, OwnedValue> = HashMap::new();
            emitter
                .emit(
                    "org.freedesktop.portal.Request",
                    "Response",
                    &(self.answers, nothing),
                )
                .await
                .expect("the bus takes it");
            OwnedObjectPath::try_from(path).expect("it is a path")
        }
    }

    /// A bus of our own, with or without a desktop on it.
    async fn composed(answers: Option<u32>) -> (Result<(), PortalError>, Vec<HashMap<String, String>>) {
        let mut bus = std::process::Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address"])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("dbus-daemon is installed");
        let mut address = String::new();
        let out = bus.stdout.take().expect("it was asked for");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut address)
            .expect("it says where it is");
        let address = address.trim().to_owned();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let desktop = match answers {
            Some(answers) => {
                let desktop = Desktop {
                    answers,
                    asked: asked.clone(),
                };
                let built = zbus::connection::Builder::address(address.as_str())
                    .expect("it is an address")
                    .name("org.freedesktop.portal.Desktop")
                    .expect("it is a name")
                    .serve_at("/org/freedesktop/portal/desktop", desktop)
                    .expect("it is a path")
                    .build();
                Some(built.await.expect("the bus takes it"))
            }
            None => None,
        };
        let outcome = compose(Some(&address), &letter()).await;
        drop(desktop);
        bus.kill().expect("it runs");
        bus.wait().expect("it ends");
        let asked = asked.lock().await.clone();
        (outcome, asked)
    }

    #[tokio::test]
    async fn the_desktop_is_given_the_whole_letter() {
        let (outcome, asked) = composed(Some(0)).await;
        outcome.expect("it was opened");
        let [options] = &asked[..] else {
            panic!("asked once: {asked:?}");
        };
        assert_eq!(options["address"], letter().to);
        assert_eq!(options["subject"], letter().subject);
        assert_eq!(options["body"], letter().body);
    }

    #[tokio::test]
    async fn a_desktop_that_declines_or_isnt_there_opened_nothing() {
        let (outcome, asked) = composed(Some(2)).await;
        assert!(matches!(outcome, Err(PortalError::Declined(2))), "{outcome:?}");
        assert_eq!(asked.len(), 1);
        let (outcome, _) = composed(None).await;
        assert!(outcome.is_err());
        assert!(matches!(compose(None, &letter()).await, Err(PortalError::NoBus)));
    }
}
