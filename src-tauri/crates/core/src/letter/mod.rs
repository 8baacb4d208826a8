//! Letters: what a person writes to exercise a right (policy §3, §10, §14), short and plain, under the law they choose.
//!
//! A letter is made of the right's words, the person's own, and the policy's days. It never asks for a password, a code or a
//! secret, and promises no day that the policy doesn't give. Nothing here is kept: who the person is stands in the letter alone.

mod contacts;
#[cfg(test)]
mod tests;
mod words;

use std::fmt::Write as _;

pub use contacts::{Contacts, Disputes, Officer, Privacy, Regulator, Representative};
pub use words::Words;

use crate::data;
use crate::deadline::Deadline;
use crate::regime::{Regime, RegimeId};
use crate::rights::{Addressee, Request, Right};

/// No name or address is longer.
const LONGEST_LINE: usize = 200;
/// No explanation is longer: what doesn't fit in a letter belongs into an attachment.
const LONGEST_DETAILS: usize = 4_000;

/// What the person fills in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Their name.
    pub name: String,
    /// What they sign in to DingTalk with: an e-mail address or a mobile number.
    pub account: String,
    /// The Organization's name, when the letter is about its data.
    pub organization: String,
    /// The address of whoever answers for the Organization, when the letter goes there.
    pub organization_address: String,
    /// What the right's question asks for.
    pub details: String,
}

/// Which line of the form something is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The name.
    Name,
    /// What they sign in with.
    Account,
    /// The Organization's name.
    Organization,
    /// Its address.
    OrganizationAddress,
    /// The details.
    Details,
}

/// Why there is no letter yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unwritten {
    /// A line is empty.
    #[error("{}", missing(*.0))]
    Missing(Field),
    /// A line is longer than fits.
    #[error("{}", too_long(*.0))]
    TooLong(Field),
    /// It isn't an e-mail address.
    #[error("That doesn't look like an e-mail address. It has an @ in the middle and no spaces.")]
    NotAnAddress,
}

impl Unwritten {
    /// The stable code: it names the line.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing(Field::Name) => "letter-name-missing",
            Self::Missing(Field::Account) => "letter-account-missing",
            Self::Missing(Field::Organization) => "letter-organization-missing",
            Self::Missing(Field::OrganizationAddress) => "letter-organization-address-missing",
            Self::Missing(Field::Details) => "letter-details-missing",
            Self::TooLong(Field::Name) => "letter-name-too-long",
            Self::TooLong(Field::Account) => "letter-account-too-long",
            Self::TooLong(Field::Organization) => "letter-organization-too-long",
            Self::TooLong(Field::OrganizationAddress) => "letter-organization-address-too-long",
            Self::TooLong(Field::Details) => "letter-details-too-long",
            Self::NotAnAddress => "letter-organization-address-wrong",
        }
    }

    /// The line it is about.
    pub fn field(self) -> Field {
        match self {
            Self::Missing(field) | Self::TooLong(field) => field,
            Self::NotAnAddress => Field::OrganizationAddress,
        }
    }
}

fn missing(field: Field) -> &'static str {
    match field {
        Field::Name => "Write your name, so that they know who asks.",
        Field::Account => {
            "Write what you sign in to DingTalk with, so that they can find you. Never a password or a code."
        }
        Field::Organization => "Write the Organization's name.",
        Field::OrganizationAddress => {
            "Write the e-mail address of your Organization's administrator. If you don't know it, ask DingTalk to pass the letter on."
        }
        Field::Details => "This letter needs you to say what it is about.",
    }
}

fn too_long(field: Field) -> &'static str {
    match field {
        Field::Name | Field::Account | Field::Organization | Field::OrganizationAddress => {
            "That is too long for one line. Keep it under 200 characters."
        }
        Field::Details => {
            "That is too long for a letter. Keep it under 4,000 characters, and attach the rest."
        }
    }
}

/// A letter, to be sent by the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The address it goes to.
    pub to: String,
    /// Whose that is.
    pub to_name: String,
    /// Why it goes there, in a sentence.
    pub why: String,
    /// The clause that says so.
    pub why_clause: &'static str,
    /// The subject, on one line.
    pub subject: String,
    /// The text, with `\n` between lines.
    pub body: String,
    /// Its short name, which stands in the subject too.
    pub reference: String,
}

/// Writes the letter of a request.
///
/// # Errors
/// When something it needs is missing or can't stand in it.
pub fn write(request: &Request, person: &Person, words: &Words) -> Result<Letter, Unwritten> {
    let asked = &request.asked;
    // Both were looked up when the request was begun; a list that lost one since shows as a missing line, not as a crash.
    let right = data::rights()
        .get(&asked.right)
        .ok_or(Unwritten::Missing(Field::Details))?;
    let regime = data::regimes()
        .get(&asked.regime)
        .ok_or(Unwritten::Missing(Field::Details))?;
    let person = checked(person, right, asked.addressee)?;
    let reference = request.id.reference();
    let subject = words.subject(&asked.right);
    Ok(Letter {
        subject: words.fill(
            &words.frame.subject,
            &[("subject", subject), ("reference", &reference)],
        ),
        body: body(request, right, regime, &person, words),
        reference,
        ..recipient(asked.addressee, &regime.id, &person)
    })
}

/// The person's lines, trimmed, each on one line, and none missing.
fn checked(person: &Person, right: &Right, addressee: Addressee) -> Result<Person, Unwritten> {
    let line = |text: &str, field: Field| {
        let line = on_one_line(text);
        match line.chars().count() {
            0 => Err(Unwritten::Missing(field)),
            1..=LONGEST_LINE => Ok(line),
            _ => Err(Unwritten::TooLong(field)),
        }
    };
    let of_organization = |text: &str, field| match addressee {
        Addressee::Organization => line(text, field),
        Addressee::ThroughDingtalk if field == Field::Organization => line(text, field),
        Addressee::ThroughDingtalk | Addressee::Dingtalk => Ok(String::new()),
    };
    let details = plain(&person.details).trim().to_owned();
    match &right.details {
        Some(asked) if asked.required && details.is_empty() => {
            return Err(Unwritten::Missing(Field::Details));
        }
        Some(_) | None => {}
    }
    if details.chars().count() > LONGEST_DETAILS {
        return Err(Unwritten::TooLong(Field::Details));
    }
    let checked = Person {
        name: line(&person.name, Field::Name)?,
        account: line(&person.account, Field::Account)?,
        organization: of_organization(&person.organization, Field::Organization)?,
        organization_address: of_organization(&person.organization_address, Field::OrganizationAddress)?,
        details: right.details.as_ref().map(|_| details).unwrap_or_default(),
    };
    match checked.organization_address.as_str() {
        "" => Ok(checked),
        address if is_address(address) => Ok(checked),
        _ => Err(Unwritten::NotAnAddress),
    }
}

/// Without anything that a program would obey; lines stay lines.
fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars()
        .filter(|letter| *letter == '\n' || *letter == '\t' || !letter.is_control())
        .collect()
}

/// Whatever breaks a line is a space here: nothing becomes a header of its own.
fn on_one_line(text: &str) -> String {
    let breaks =
        |letter: char| letter.is_whitespace() || letter.is_control() || "\u{2028}\u{2029}".contains(letter);
    let words = text.split(breaks).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Good enough to write to. Whether somebody reads there, only they can say.
fn is_address(text: &str) -> bool {
    let odd =
        |letter: char| letter.is_whitespace() || letter.is_control() || "<>()[],;:\\\"".contains(letter);
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let labels = domain.split('.').all(|label| !label.is_empty());
    !local.is_empty() && !local.contains('@') && labels && !text.contains(odd)
}

/// To whom it goes, and why there.
fn recipient(addressee: Addressee, regime: &RegimeId, person: &Person) -> Letter {
    let contacts = data::contacts();
    let to = |to: &str, to_name: &str, why: &str, why_clause| Letter {
        to: to.to_owned(),
        to_name: to_name.to_owned(),
        why: why.to_owned(),
        why_clause,
        subject: String::new(),
        body: String::new(),
        reference: String::new(),
    };
    let privacy = &contacts.privacy;
    match addressee {
        Addressee::Dingtalk if contacts.officer.regime == *regime => to(
            &privacy.email,
            &contacts.officer.name,
            "DingTalk decides about this data, and under this law its Data Protection Officer answers at this address.",
            &contacts.officer.clause,
        ),
        Addressee::Dingtalk => to(
            &privacy.email,
            &privacy.name,
            "DingTalk decides about this data, and names this address for requests about it.",
            &privacy.clause,
        ),
        Addressee::Organization => to(
            &person.organization_address,
            &person.organization,
            "Your Organization decides about this data; DingTalk only keeps it for it.",
            "§1",
        ),
        Addressee::ThroughDingtalk => to(
            &privacy.email,
            &privacy.name,
            "Your Organization decides about this data. DingTalk keeps it for the Organization, and is asked to pass the letter on.",
            "§1; §14",
        ),
    }
}

fn body(request: &Request, right: &Right, regime: &Regime, person: &Person, words: &Words) -> String {
    let frame = &words.frame;
    let asked = &request.asked;
    let clauses = right.clauses(&regime.id);
    let mut paragraphs: Vec<String> = Vec::new();
    paragraphs.push(greeting(asked.addressee, regime, person, words));
    paragraphs.push(opening(asked.addressee, regime, &clauses, words));
    if asked.addressee == Addressee::ThroughDingtalk {
        paragraphs.push(words.fill(&frame.through_dingtalk, &[("organization", &person.organization)]));
    }
    paragraphs.extend(asks(words.asks(
        &asked.right,
        &regime.id,
        !person.details.is_empty(),
    )));
    if !person.details.is_empty() {
        paragraphs.push(format!("{}\n{}", frame.details, person.details));
    }
    paragraphs.push(who(asked.addressee, person, words));
    paragraphs.push(match asked.addressee {
        Addressee::Dingtalk => due(data::deadlines().of(&regime.id, &right.id), words),
        Addressee::Organization | Addressee::ThroughDingtalk => words.due.none.clone(),
    });
    paragraphs.push(frame.refusal.clone());
    paragraphs.push(frame.identity.clone());
    paragraphs.push(frame.answer_to.clone());
    let reference = words.fill(&frame.reference, &[("reference", &request.id.reference())]);
    paragraphs.push(format!("{}\n{reference}\n", person.name));
    paragraphs.join("\n\n")
}

fn greeting(addressee: Addressee, regime: &Regime, person: &Person, words: &Words) -> String {
    let frame = &words.frame;
    match addressee {
        Addressee::Dingtalk if data::contacts().officer.regime == regime.id => frame.greeting_officer.clone(),
        Addressee::Dingtalk | Addressee::ThroughDingtalk => frame.greeting_privacy.clone(),
        Addressee::Organization => words.fill(
            &frame.greeting_organization,
            &[("organization", &person.organization)],
        ),
    }
}

fn opening(addressee: Addressee, regime: &Regime, clauses: &str, words: &Words) -> String {
    let frame = &words.frame;
    match addressee {
        Addressee::Organization => frame.opening_organization.clone(),
        Addressee::Dingtalk | Addressee::ThroughDingtalk if regime.id.as_str() == "general" => {
            words.fill(&frame.opening_policy, &[("clauses", clauses)])
        }
        Addressee::Dingtalk | Addressee::ThroughDingtalk => words.fill(
            &frame.opening_law,
            &[
                ("place", &words.place(&regime.id, &regime.name)),
                ("law", &regime.law),
                ("clauses", clauses),
            ],
        ),
    }
}

/// Lines of a list stay together; other sentences are paragraphs.
fn asks(lines: &[String]) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    for line in lines {
        match paragraphs.last_mut() {
            Some(last) if line.starts_with("- ") => {
                // Writing to a String can't fail.
                let _ = write!(last, "\n{line}");
            }
            Some(_) | None => paragraphs.push(line.clone()),
        }
    }
    paragraphs
}

fn who(addressee: Addressee, person: &Person, words: &Words) -> String {
    let frame = &words.frame;
    let mut lines = vec![
        frame.who.clone(),
        format!("- {}", words.fill(&frame.name, &[("name", &person.name)])),
        format!(
            "- {}",
            words.fill(&frame.account, &[("account", &person.account)])
        ),
    ];
    match addressee {
        Addressee::Dingtalk => {}
        Addressee::Organization | Addressee::ThroughDingtalk => {
            let member = words.fill(&frame.member, &[("organization", &person.organization)]);
            lines.push(format!("- {member}"));
        }
    }
    lines.join("\n")
}

/// What the policy says of the days, and nothing where it says nothing.
fn due(deadline: &Deadline, words: &Words) -> String {
    let Some(answer) = deadline.answer.map(|within| words.within(within)) else {
        return words.due.none.clone();
    };
    let confirm = deadline.confirm.map(|within| words.within(within));
    let mut text = match confirm {
        Some(confirm) => words.fill(
            &words.due.confirm,
            &[
                ("clause", &deadline.clause),
                ("confirm", &confirm),
                ("answer", &answer),
            ],
        ),
        None => words.fill(
            &words.due.answer,
            &[("clause", &deadline.clause), ("answer", &answer)],
        ),
    };
    if let Some(extension) = deadline.extension.map(|within| words.within(within)) {
        text.push(' ');
        text.push_str(&words.fill(&words.due.extension, &[("extension", &extension)]));
    }
    text
}
