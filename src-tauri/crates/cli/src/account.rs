//! Where the account lives, signing in and out.

use std::io::{BufRead, IsTerminal, Write};

use serde_json::{Value, json};
use settings_privacy_engine::{AccountState, Engine, EngineError, Place, SentCode, Signed, State};

use crate::arguments::{Account, PlaceWord, Receipt};
use crate::exit::{Exit, Failure};
use crate::output::{Face, Reply, count, local};
use crate::{deletion, organizations, sending};

/// Does what was said.
pub async fn obey(face: Face, engine: &Engine, command: Account) -> Result<Reply, Failure> {
    sending::resume(engine).await;
    match command {
        Account::Show => show(engine).await,
        Account::Use { place, address } => {
            let place = match (place, address) {
                (PlaceWord::Service, Some(address)) => Place::Service(address),
                (PlaceWord::None, None) => Place::None,
                (PlaceWord::Embedded, None) => Place::Embedded,
                (PlaceWord::Sample, None) => Place::Sample,
                (PlaceWord::None | PlaceWord::Embedded | PlaceWord::Sample, Some(_))
                | (PlaceWord::Service, None) => {
                    let message = "An address goes with service, and with nothing else.";
                    return Err(Failure::new(Exit::Usage, "usage", message));
                }
            };
            engine.choose_account(place).await?;
            show(engine).await
        }
        Account::Preflight => deletion::preflight(engine).await,
        Account::Delete(wanted) => deletion::delete(face, engine, wanted).await,
        Account::Status(wanted) => deletion::status(engine, wanted).await,
        Account::Cancel { account } => deletion::cancel(engine, account.as_deref()).await,
        Account::Receipt(Receipt::Verify { receipt, keys }) => deletion::verify(&receipt, &keys),
        Account::Organizations(command) => organizations::obey(face, engine, command).await,
        Account::Authorizations(command) => organizations::authorizations(engine, command).await,
    }
}

async fn show(engine: &Engine) -> Result<Reply, Failure> {
    let state = engine.state().await?;
    let lines = [place_words(&state.account.place), signed_words(&state.account)];
    let waiting = count(
        state.outbox.waiting,
        "change waits to be sent.",
        "changes wait to be sent.",
    );
    let waiting = (state.outbox.waiting > 0).then_some(waiting);
    let lines: Vec<String> = lines.into_iter().chain(waiting).collect();
    Ok(Reply::new(account_json(&state), lines.join("\n")))
}

fn place_words(place: &Place) -> String {
    match place {
        Place::None => "There is no account here: only this computer's settings.".to_owned(),
        Place::Embedded => "The account lives in this program, on this computer.".to_owned(),
        Place::Sample => "This is the sample account: everything in it is made up.".to_owned(),
        Place::Service(address) => format!("The account lives at {address}."),
    }
}

fn signed_words(account: &AccountState) -> String {
    match &account.signed {
        Signed::In(summary) => format!("Signed in as {} ({}).", summary.display_name, summary.identifier),
        Signed::Locked(why) => format!("Signed in, but your session can't be reached. {why}"),
        Signed::Out => "Nobody is signed in.".to_owned(),
    }
}

fn account_json(state: &State) -> Value {
    let place = match &state.account.place {
        Place::None => "none",
        Place::Embedded => "embedded",
        Place::Sample => "sample",
        Place::Service(_) => "service",
    };
    let address = match &state.account.place {
        Place::Service(address) => Some(address),
        Place::None | Place::Embedded | Place::Sample => None,
    };
    let (signed, account) = match &state.account.signed {
        Signed::Out => ("out", Value::Null),
        Signed::Locked(_) => ("locked", Value::Null),
        Signed::In(summary) => ("in", json!(summary)),
    };
    json!({
        "place": place,
        "address": address,
        "signed": signed,
        "account": account,
        "outbox": sending::outbox_json(&state.outbox),
    })
}

/// Nobody signed in is told apart from a session that can't be reached now.
pub fn signed_in(state: &State) -> Result<(), EngineError> {
    match (&state.account.place, &state.account.signed) {
        (_, Signed::In(_)) => Ok(()),
        (_, Signed::Locked(why)) => Err(EngineError::Secret(*why)),
        (Place::None, Signed::Out) => Err(EngineError::NoAccount),
        (Place::Embedded | Place::Sample | Place::Service(_), Signed::Out) => Err(EngineError::SignedOut),
    }
}

/// Signs in: asks for a code to be sent, then for the code.
pub async fn sign_in(
    face: Face,
    engine: &Engine,
    identifier: Option<String>,
    code_stdin: bool,
) -> Result<Reply, Failure> {
    // Told here, unlike elsewhere: without its service, nobody can sign in.
    engine.resume_account().await?;
    let state = engine.state().await?;
    if let Signed::In(summary) = &state.account.signed {
        let message = format!(
            "You are signed in already, as {}. To be someone else: privacy-settings sign-out.",
            summary.identifier
        );
        return Err(Failure::new(Exit::NotPossibleHere, "signed-in", message));
    }
    match (&state.account.place, identifier) {
        (Place::None, _) => return Err(EngineError::NoAccount.into()),
        (Place::Sample, None) => engine.choose_account(Place::Sample).await?,
        (Place::Sample | Place::Embedded | Place::Service(_), identifier) => {
            let from = Source::choose(code_stdin)?;
            let identifier = match identifier {
                Some(identifier) => identifier,
                None => from.identifier()?,
            };
            with_code(face, engine, &identifier, from).await?;
        }
    }
    let state = sending::flush(engine).await?;
    let reply = Reply::new(account_json(&state), signed_words(&state.account));
    if !state.account.session_only {
        return Ok(reply);
    }
    // The session ends with this program; the service needn't keep it open.
    engine.sign_out().await?;
    let kept = Failure::new(Exit::NotPossibleHere, "session-not-kept", NOT_KEPT);
    let state = engine.state().await?;
    let text = "The code was right, but the sign-in ended with this command.";
    Ok(Reply::new(account_json(&state), text).but(Some(kept)))
}

const NOT_KEPT: &str = "This computer has no keyring that is open, so there is nowhere safe to keep your session. What waited was sent. Start or unlock a keyring (GNOME Keyring, KWallet), then sign in again.";

/// Where a code, or another secret, comes from.
#[derive(Clone, Copy)]
pub enum Source {
    /// The terminal.
    Terminal,
    /// Standard input, a line at a time.
    Stdin,
}

impl Source {
    /// Decided before a code is asked for: a letter nobody can answer helps nobody.
    pub fn choose(code_stdin: bool) -> Result<Self, Failure> {
        match (code_stdin, std::io::stdin().is_terminal()) {
            (true, _) => Ok(Source::Stdin),
            (false, true) => Ok(Source::Terminal),
            (false, false) => Err(Failure::new(
                Exit::Usage,
                "no-terminal",
                "There is no terminal to ask for the code at. Use --code-stdin, and write the code to standard input once it was sent.",
            )),
        }
    }

    fn identifier(self) -> Result<String, Failure> {
        match self {
            Source::Stdin => Err(Failure::new(
                Exit::Usage,
                "usage",
                "Say whose account it is: privacy-settings sign-in someone@example.org --code-stdin",
            )),
            Source::Terminal => {
                let mut stderr = std::io::stderr();
                write!(stderr, "E-mail address: ")
                    .and_then(|()| stderr.flush())
                    .map_err(unreadable)?;
                read_line()
            }
        }
    }

    /// A code, as it was entered.
    pub fn code(self) -> Result<String, Failure> {
        match self {
            Source::Stdin => read_line(),
            Source::Terminal => {
                let code = rpassword::prompt_password("Code: ").map_err(unreadable)?;
                some(&code)
            }
        }
    }
}

pub fn read_line() -> Result<String, Failure> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(unreadable)?;
    some(&line)
}

fn some(line: &str) -> Result<String, Failure> {
    match line.trim() {
        "" => Err(Failure::new(
            Exit::Usage,
            "nothing-entered",
            "Nothing was entered, so nothing was done.",
        )),
        text => Ok(text.to_owned()),
    }
}

fn unreadable(error: std::io::Error) -> Failure {
    Failure::new(
        Exit::Other,
        "not-read",
        format!("What you enter can't be read ({error})."),
    )
}

/// Says where a code was sent, or shows it.
pub fn say_code(face: Face, (sent, shown): &SentCode, to: &str) {
    match shown {
        // A service of the person's own, in this program: there is nobody else to read the letter.
        Some(shown) => face.say(&format!(
            "Your code is {}. It can be used until {}.",
            shown.code.expose(),
            local(shown.expires_at)
        )),
        None => face.say(&format!(
            "A code was sent to {to}. It can be used until {}.",
            local(sent.expires_at)
        )),
    }
}

async fn with_code(face: Face, engine: &Engine, identifier: &str, from: Source) -> Result<(), Failure> {
    say_code(face, &engine.request_code(identifier).await?, identifier);
    loop {
        let code = from.code()?;
        match (engine.sign_in(identifier, &code).await, from) {
            (Ok(()), _) => return Ok(()),
            (Err(error), Source::Terminal) if error.code() == "code-wrong" => face.say(&error.to_string()),
            (Err(error), _) => return Err(error.into()),
        }
    }
}

/// Signs out.
pub async fn sign_out(engine: &Engine) -> Result<Reply, Failure> {
    sending::resume(engine).await;
    engine.sign_out().await?;
    let state = engine.state().await?;
    Ok(Reply::new(
        account_json(&state),
        "You are signed out. What waits to be sent is kept for the next sign-in.",
    ))
}
