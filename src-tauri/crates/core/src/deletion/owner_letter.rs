//! What the owner of an account is told by letter, at the account's own address, while the account ends: that it was asked
//! for, that it was taken back, that it can't be any more. Nothing secret stands in it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::ending::Ending;

/// A letter to the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OwnerLetter {
    /// The end was asked for, and can be taken back.
    AskedFor,
    /// It was taken back.
    TakenBack,
    /// It can't be taken back any more. The last letter: the address goes with the account.
    Final,
}

/// What a letter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Its subject.
    pub subject: String,
    /// Its text: plain ASCII, in lines that every program shows whole.
    pub text: String,
}

impl OwnerLetter {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AskedFor, Self::TakenBack, Self::Final];

    /// Which letter follows from a change; none where the owner knows already. `before` is none when the end begins.
    pub fn after(before: Option<Ending>, after: Ending) -> Option<Self> {
        match (before, after) {
            (None, Ending::CoolingOff { .. }) => Some(Self::AskedFor),
            (Some(Ending::CoolingOff { .. }), Ending::Cancelled { .. }) => Some(Self::TakenBack),
            (Some(Ending::CoolingOff { .. }), Ending::Finalising { .. }) => Some(Self::Final),
            // Also an account that a backup brought back: its owner was told when it ended.
            (_, Ending::CoolingOff { .. } | Ending::Cancelled { .. } | Ending::Finalising { .. })
            | (_, Ending::Deleted { .. }) => None,
        }
    }

    /// What it says of an end that was asked for and becomes, or became, final at these times.
    pub fn words(self, requested_at: Timestamp, final_at: Timestamp) -> Words {
        let (requested, end) = (moment(requested_at), moment(final_at));
        let (subject, text) = match self {
            Self::AskedFor => (
                format!("Your account will be deleted on {}", day(final_at)),
                format!(
                    "Somebody who is signed in to your account asked for it to be deleted, on\n\
                     {requested}.\n\
                     \n\
                     It will be deleted on\n\
                     {end}.\n\
                     Until then everything works as before, and you can keep it.\n\
                     \n\
                     To keep it, open Settings & Privacy on any device where you are signed in,\n\
                     and choose \"Keep my account\". Or run this in a terminal:\n\
                     \n\
                     privacy-settings account cancel\n\
                     \n\
                     Wasn't that you? Keep your account, then sign out your other devices.\n"
                ),
            ),
            Self::TakenBack => (
                "Your account stays".to_owned(),
                format!(
                    "Your account stays, and nothing was deleted: its deletion, asked for on\n\
                     {requested}, was taken back.\n\
                     \n\
                     Wasn't that you? Then somebody else may be signed in to your account. If you\n\
                     want it deleted, ask for that again.\n"
                ),
            ),
            Self::Final => (
                "Your account is being deleted".to_owned(),
                format!(
                    "The deletion of your account, asked for on\n\
                     {requested}, could be taken back until\n\
                     {end}.\n\
                     \n\
                     That time is over. Your account and what is in it are being deleted now, and\n\
                     nobody can bring them back. The program in which you asked for it fetches a\n\
                     signed receipt when everything is gone.\n\
                     \n\
                     This is the last letter: your address is deleted with the rest. You can sign\n\
                     up with it again.\n"
                ),
            ),
        };
        Words { subject, text }
    }
}

fn day(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::UTC)
        .strftime("%-d %B %Y")
        .to_string()
}

fn moment(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::UTC)
        .strftime("%-d %B %Y, %H:%M UTC")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::super::ending::{Event, Step, step};
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn the_first_letter_says_when_it_becomes_final_and_how_to_keep_the_account() {
        let words = OwnerLetter::AskedFor.words(at("2026-11-23T12:00:00Z"), at("2026-12-23T12:00:00Z"));
        assert_eq!(words.subject, "Your account will be deleted on 23 December 2026");
        for said in [
            "23 November 2026, 12:00 UTC",
            "23 December 2026, 12:00 UTC",
            "\"Keep my account\"",
            "privacy-settings account cancel",
        ] {
            assert!(words.text.contains(said), "{said}: {}", words.text);
        }
    }

    #[test]
    fn every_letter_is_plain_and_its_lines_are_short() {
        for letter in OwnerLetter::ALL {
            // The longest a time is.
            let words = letter.words(at("2026-09-23T12:00:00Z"), at("2026-09-30T12:00:00Z"));
            assert!(words.text.is_ascii() && words.subject.is_ascii(), "{letter:?}");
            assert!(
                words.text.ends_with('\n') && !words.text.contains("  "),
                "{letter:?}"
            );
            assert!(words.text.lines().all(|line| line.len() <= 78), "{letter:?}");
        }
    }

    #[test]
    fn each_change_is_told_once_and_no_step_of_finalising_is() {
        let (now, later) = (at("2026-11-23T12:00:00Z"), at("2026-12-23T12:00:00Z"));
        let begun = Ending::CoolingOff {
            requested_at: now,
            final_at: later,
        };
        assert_eq!(OwnerLetter::after(None, begun), Some(OwnerLetter::AskedFor));
        let kept = step(begun, Event::Cancel, now).ending;
        assert_eq!(
            OwnerLetter::after(Some(begun), kept),
            Some(OwnerLetter::TakenBack)
        );
        let mut ending = step(begun, Event::Time, later).ending;
        assert_eq!(OwnerLetter::after(Some(begun), ending), Some(OwnerLetter::Final));
        for done in Step::ALL {
            let next = step(ending, Event::Done(done), later).ending;
            assert_eq!(OwnerLetter::after(Some(ending), next), None, "{done:?}");
            ending = next;
        }
        let back = Ending::Finalising {
            requested_at: now,
            final_at: now,
            step: Step::Ledger,
        };
        assert_eq!(OwnerLetter::after(None, back), None, "a backup brought it back");
    }
}
