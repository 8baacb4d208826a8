//! Letters to whoever decides about the data, and what became of them.

use std::io::{BufRead, IsTerminal, Read, Write};

use jiff::civil::Date;
use serde_json::{Value, json};
use settings_privacy_core::data;
use settings_privacy_core::letter::{Letter, Person};
use settings_privacy_core::regime::RegimeId;
use settings_privacy_core::rights::{
    Addressee, Asked, DenialReason, Event, Refused, RequestId, RightId, Standing, Step,
};
use settings_privacy_engine::{Engine, EngineError, RequestState};

use crate::arguments::{AddresseeWord, Ask, DenialWord, EventWord, Requests, Tell};
use crate::exit::{Exit, Failure};
use crate::output::{Face, Reply, table};

/// Does what was said. None of it needs an account or a network.
pub async fn obey(face: Face, engine: &Engine, command: Requests) -> Result<Reply, Failure> {
    match command {
        Requests::Laws => Ok(laws()),
        Requests::List => list(engine).await,
        Requests::New(ask) => new(face, engine, ask).await,
        Requests::Letter { id, eml } => letter(face, engine, &id, eml).await,
        Requests::Tell(tell) => told(engine, tell).await,
        Requests::Reminder { id } => reminder(engine, &id).await,
        Requests::Forget { id } => forget(engine, &id).await,
    }
}

fn laws() -> Reply {
    let mut json = Vec::new();
    let mut text = Vec::new();
    for regime in &data::regimes().regimes {
        let rights: Vec<_> = data::rights().under(&regime.id).collect();
        let rows: Vec<[String; 3]> = rights
            .iter()
            .map(|right| {
                let notes = right.annex(&regime.id).and_then(|annex| annex.note.as_deref());
                let says = [Some(right.says.as_str()), notes];
                let says = says.into_iter().flatten().collect::<Vec<_>>().join(" ");
                [right.id.to_string(), right.name.clone(), says]
            })
            .collect();
        text.push(format!(
            "{}: {} ({})\n{}",
            regime.id.as_str(),
            regime.name,
            regime.law,
            table(["ID", "What", "What it brings"], &rows)
        ));
        let rights = rights.iter().map(|right| {
            json!({
                "id": right.id,
                "name": right.name,
                "says": right.says,
                "clauses": right.clauses(&regime.id),
                "note": right.annex(&regime.id).and_then(|annex| annex.note.as_deref()),
                "details": right.details.as_ref().map(|details| &details.asks),
                "details_required": right.details.as_ref().is_some_and(|details| details.required),
                "organization": right.organization,
            })
        });
        json.push(json!({
            "id": regime.id,
            "name": regime.name,
            "law": regime.law,
            "rights": rights.collect::<Vec<_>>(),
        }));
    }
    Reply::new(json!({ "laws": json }), text.join("\n\n"))
}

async fn list(engine: &Engine) -> Result<Reply, Failure> {
    let requests = engine.requests().await?;
    let rows: Vec<[String; 5]> = requests
        .iter()
        .map(|state| {
            [
                state.request.id.reference(),
                name(&state.request.asked.right),
                stands(&state.request.standing),
                next_words(state),
                state.request.asked.regime.as_str().to_owned(),
            ]
        })
        .collect();
    let text = if rows.is_empty() {
        "You have written no letter from here yet. privacy-settings requests laws shows what can be asked for.".to_owned()
    } else {
        table(["Reference", "What", "Stands", "Next", "Law"], &rows)
    };
    let json: Vec<Value> = requests.iter().map(state_json).collect();
    Ok(Reply::new(json!({ "requests": json }), text))
}

async fn new(face: Face, engine: &Engine, ask: Ask) -> Result<Reply, Failure> {
    let asked = Asked {
        right: RightId::new(ask.right),
        regime: RegimeId::new(ask.law),
        addressee: addressee(ask.to),
    };
    let person = who_asks(face, &asked)?;
    let (state, letter) = engine.begin_request(asked, &person).await?;
    Ok(letter_reply(engine, &state, &letter, ask.eml))
}

async fn letter(face: Face, engine: &Engine, id: &str, eml: bool) -> Result<Reply, Failure> {
    let state = find(engine, id).await?;
    let person = who_asks(face, &state.request.asked)?;
    let (state, letter) = engine.letter(state.request.id, &person).await?;
    Ok(letter_reply(engine, &state, &letter, eml))
}

fn letter_reply(engine: &Engine, state: &RequestState, letter: &Letter, eml: bool) -> Reply {
    let mut json = state_json(state);
    let draft = String::from_utf8_lossy(&engine.draft(letter)).into_owned();
    if let Value::Object(fields) = &mut json {
        let letter = json!({
            "to": letter.to,
            "to_name": letter.to_name,
            "why": letter.why,
            "why_clause": letter.why_clause,
            "subject": letter.subject,
            "body": letter.body,
            "eml": draft,
        });
        fields.insert("letter".to_owned(), letter);
    }
    let text = match eml {
        true => draft.replace("\r\n", "\n"),
        false => format!(
            "To: {} ({})\n{} ({})\nSubject: {}\n\n{}\nNothing was sent. Once you have sent it: privacy-settings requests tell {} sent",
            letter.to,
            letter.to_name,
            letter.why,
            letter.why_clause,
            letter.subject,
            letter.body,
            letter.reference
        ),
    };
    Reply::new(json, text)
}

async fn told(engine: &Engine, tell: Tell) -> Result<Reply, Failure> {
    let state = find(engine, &tell.id).await?;
    let event = match tell.event {
        EventWord::Sent => Event::Sent,
        EventWord::Confirmed => Event::Confirmed,
        EventWord::IdentityAsked => Event::IdentityAsked,
        EventWord::IdentityGiven => Event::IdentityGiven,
        EventWord::Extended => Event::Extended { until: tell.until },
        EventWord::Fulfilled => Event::Fulfilled,
        EventWord::Denied => Event::Denied {
            reason: tell.reason.map_or(DenialReason::Other, reason),
        },
        EventWord::Revoked => Event::Revoked,
        EventWord::Mistake => Event::Corrected,
    };
    let state = engine.record_request(state.request.id, event, tell.on).await?;
    let text = format!(
        "{}: {}. {}",
        state.request.id.reference(),
        stands(&state.request.standing),
        next_words(&state)
    );
    Ok(Reply::new(state_json(&state), text))
}

async fn reminder(engine: &Engine, id: &str) -> Result<Reply, Failure> {
    let state = find(engine, id).await?;
    let calendar = engine.reminder(state.request.id).await?;
    let text = calendar.replace("\r\n", "\n").trim_end().to_owned();
    Ok(Reply::new(json!({ "ics": calendar }), text))
}

async fn forget(engine: &Engine, id: &str) -> Result<Reply, Failure> {
    let state = find(engine, id).await?;
    engine.forget_request(state.request.id).await?;
    let says = "It is off the list. A letter that was sent is sent.";
    Ok(Reply::new(json!({ "says": says }), says))
}

/// By its identifier, or by the reference in the letter's subject.
async fn find(engine: &Engine, named: &str) -> Result<RequestState, Failure> {
    let named = named.trim();
    let is_it = |id: RequestId| named.eq_ignore_ascii_case(&id.reference()) || named == id.0.to_string();
    let mut found = engine.requests().await?.into_iter();
    let found = found.find(|state| is_it(state.request.id));
    found.ok_or_else(|| EngineError::NoSuchRequest.into())
}

/// Asks who writes. These lines are in the letter and nowhere else: never in an argument, which other programs can read.
fn who_asks(face: Face, asked: &Asked) -> Result<Person, Failure> {
    let right = data::rights()
        .get(&asked.right)
        .ok_or(EngineError::Request(Refused::UnknownRight))?;
    let ask = |question: &str| {
        if std::io::stdin().is_terminal() {
            let mut stderr = std::io::stderr();
            // Where the question can't be shown, the line is read all the same.
            let _ = write!(stderr, "{question} ").and_then(|()| stderr.flush());
        }
        let mut line = String::new();
        match std::io::stdin().lock().read_line(&mut line) {
            Ok(_) => Ok(line.trim().to_owned()),
            Err(error) => Err(unread(&error)),
        }
    };
    let of_organization = asked.addressee != Addressee::Dingtalk;
    let mut person = Person {
        name: ask("Your name:")?,
        account: ask("What you sign in to DingTalk with (never a password):")?,
        ..Person::default()
    };
    if of_organization {
        person.organization = ask("The Organization's name:")?;
    }
    if asked.addressee == Addressee::Organization {
        person.organization_address = ask("The e-mail address of its administrator:")?;
    }
    if let Some(details) = &right.details {
        if std::io::stdin().is_terminal() {
            face.say(&format!("{} End with Ctrl-D on a line of its own.", details.asks));
        }
        let mut text = String::new();
        // More than a letter holds is refused by its length, not read without end.
        let read = std::io::stdin().lock().take(64_000).read_to_string(&mut text);
        read.map_err(|error| unread(&error))?;
        text.trim().clone_into(&mut person.details);
    }
    Ok(person)
}

fn unread(error: &std::io::Error) -> Failure {
    let message = format!("What you typed can't be read ({error}). Nothing was written.");
    Failure::new(Exit::Other, "not-read", message)
}

fn addressee(word: AddresseeWord) -> Addressee {
    match word {
        AddresseeWord::Dingtalk => Addressee::Dingtalk,
        AddresseeWord::Organization => Addressee::Organization,
        AddresseeWord::ThroughDingtalk => Addressee::ThroughDingtalk,
    }
}

fn reason(word: DenialWord) -> DenialReason {
    match word {
        DenialWord::SuspectedFraud => DenialReason::SuspectedFraud,
        DenialWord::InsufVerification => DenialReason::InsufVerification,
        DenialWord::NoMatch => DenialReason::NoMatch,
        DenialWord::ClaimNotCovered => DenialReason::ClaimNotCovered,
        DenialWord::OutsideJurisdiction => DenialReason::OutsideJurisdiction,
        DenialWord::TooManyRequests => DenialReason::TooManyRequests,
        DenialWord::Other => DenialReason::Other,
    }
}

fn name(right: &RightId) -> String {
    data::rights()
        .get(right)
        .map_or_else(|| right.to_string(), |right| right.name.clone())
}

fn stands(standing: &Standing) -> String {
    match standing {
        Standing::Draft => "not sent".to_owned(),
        Standing::Open { sent } => format!("sent on {sent}"),
        Standing::InProgress {
            need_user_verification: true,
            ..
        } => "they ask who you are".to_owned(),
        Standing::InProgress {
            extended: Some(extended),
            ..
        } => format!("put off on {}", extended.told),
        Standing::InProgress { sent, .. } => format!("received, sent on {sent}"),
        Standing::Fulfilled { on, .. } => format!("done on {on}"),
        Standing::Denied { on, .. } => format!("refused on {on}"),
        Standing::Revoked { on, .. } => format!("taken back on {on}"),
    }
}

fn next_words(state: &RequestState) -> String {
    let next = &state.next;
    let by = |what: &str, day: Option<Date>| match (day, next.overdue) {
        (Some(day), false) => format!("{what} by {day}"),
        (Some(day), true) => format!("{what} was due on {day}"),
        (None, _) => format!("{what}; the policy gives no day"),
    };
    match next.step {
        Step::Send => "send it".to_owned(),
        Step::AwaitConfirmation => by("a confirmation", next.by),
        Step::AwaitAnswer => by("an answer", next.by),
        Step::ShowIdentity => "show who you are, never with a password".to_owned(),
        Step::Complain => "others can help".to_owned(),
        Step::Nothing => "nothing".to_owned(),
    }
}

fn state_json(state: &RequestState) -> Value {
    let RequestState { request, next } = state;
    let step = match next.step {
        Step::Send => "send",
        Step::AwaitConfirmation => "await-confirmation",
        Step::AwaitAnswer => "await-answer",
        Step::ShowIdentity => "show-identity",
        Step::Complain => "complain",
        Step::Nothing => "nothing",
    };
    json!({
        "id": request.id.0,
        "reference": request.id.reference(),
        "asked": request.asked,
        "begun_at": request.begun_at.to_string(),
        "standing": request.standing,
        "history": request.history.iter().map(|entry| json!({"on": entry.on, "event": entry.event})).collect::<Vec<_>>(),
        "next": {"step": step, "by": next.by, "overdue": next.overdue, "clause": next.clause},
    })
}
