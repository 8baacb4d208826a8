//! What can be said about letters.

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;

/// Letters by which you ask for what the policy gives you, and what became of them.
#[derive(Debug, Subcommand)]
pub enum Requests {
    /// The laws, and what can be asked for under each.
    Laws,
    /// All of them, with what comes next and by when.
    List,
    /// Write a letter. Nothing is sent. Your name, what you sign in with, the Organization and its address (with --to),
    /// and what it is about are asked for, or read from standard input in this order, a line each.
    New(Ask),
    /// Write the letter of a request once more. Who you are isn't kept, so it is asked for again.
    Letter {
        /// Its reference, as `list` shows it.
        id: String,
        /// As a draft that mail programs open.
        #[arg(long)]
        eml: bool,
    },
    /// Say what happened: `tell 4F2A91C0 sent`.
    Tell(Tell),
    /// The day the next step is due, for your calendar.
    Reminder {
        /// Its reference, as `list` shows it.
        id: String,
    },
    /// Take a request off the list.
    Forget {
        /// Its reference, as `list` shows it.
        id: String,
    },
}

/// What to ask for.
#[derive(Debug, Args)]
pub struct Ask {
    /// What, as `laws` names it.
    #[arg(value_name = "WHAT")]
    pub right: String,
    /// Under which law, as `laws` names it.
    #[arg(long)]
    pub law: String,
    /// Of whom.
    #[arg(long, default_value = "dingtalk")]
    pub to: AddresseeWord,
    /// As a draft that mail programs open.
    #[arg(long)]
    pub eml: bool,
}

/// What happened.
#[derive(Debug, Args)]
pub struct Tell {
    /// The request's reference, as `list` shows it.
    pub id: String,
    /// What.
    pub event: EventWord,
    /// On which day; today when left out.
    #[arg(long, value_name = "DATE")]
    pub on: Option<Date>,
    /// With extended: by when they answer, if they said so.
    #[arg(long, value_name = "DATE")]
    pub until: Option<Date>,
    /// With denied: why, if they said so.
    #[arg(long)]
    pub reason: Option<DenialWord>,
}

/// Whom a request goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AddresseeWord {
    /// DingTalk.
    Dingtalk,
    /// Your Organization, which decides about its own data.
    Organization,
    /// DingTalk, to pass it on to your Organization.
    ThroughDingtalk,
}

/// What can happen to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EventWord {
    /// You sent the letter.
    Sent,
    /// They confirmed that they received it.
    Confirmed,
    /// They ask who you are.
    IdentityAsked,
    /// You answered that.
    IdentityGiven,
    /// They need longer.
    Extended,
    /// They did what you asked for.
    Fulfilled,
    /// They refused.
    Denied,
    /// You took it back.
    Revoked,
    /// What you said last was a mistake.
    Mistake,
}

/// Why they refused, as the Data Rights Protocol names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DenialWord {
    /// They think somebody else asks.
    SuspectedFraud,
    /// They couldn't make sure who asks.
    InsufVerification,
    /// They found nothing about you.
    NoMatch,
    /// They say the law doesn't cover it.
    ClaimNotCovered,
    /// They say the law isn't for you.
    OutsideJurisdiction,
    /// They say you asked too often.
    TooManyRequests,
    /// Something else, or no reason.
    Other,
}
