//! What can be said to the program.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

/// See and control what DingTalk may use on this computer and what it holds about you.
///
/// Unofficial: not made by DingTalk, and it never signs in to DingTalk.
#[derive(Debug, Parser)]
#[command(name = "privacy-settings", version, after_long_help = crate::exit::HELP)]
pub struct Arguments {
    /// Answers as JSON on standard output; an error is JSON on standard error.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// What DingTalk may use on this computer.
    #[command(subcommand)]
    Permissions(Permissions),
    /// What DingTalk's sites keep in your browsers.
    #[command(subcommand)]
    Cookies(Cookies),
    /// What you agreed to at the account service.
    #[command(subcommand)]
    Consents(Consents),
    /// A copy of what is held about you: asked for, downloaded, checked, read.
    #[command(subcommand)]
    Export(Export),
    /// Where your account lives.
    #[command(subcommand)]
    Account(Account),
    /// Sign in with a code that is sent to you.
    SignIn {
        /// The account's e-mail address. Asked for when left out.
        identifier: Option<String>,
        /// Read the code from standard input, one line, once it was sent.
        #[arg(long)]
        code_stdin: bool,
    },
    /// Sign out here, and at the service when it answers. What waits to be sent is kept.
    SignOut,
    /// What was changed from here, newest first.
    History,
    /// Undo a change.
    Undo {
        /// Which, as `history` names it; the last one when left out.
        id: Option<Uuid>,
        /// Where a browser has to be closed for it: don't wait for that.
        #[arg(long)]
        no_wait: bool,
    },
    /// Ask the service for news and send what waits.
    Sync,
    /// Changes the service hasn't taken yet.
    #[command(subcommand)]
    Outbox(Outbox),
    /// Letters by which you ask for what the policy gives you, and what became of them.
    #[command(subcommand)]
    Requests(Requests),
}

/// What DingTalk may use on this computer.
#[derive(Debug, Subcommand)]
pub enum Permissions {
    /// All of them, as observed now.
    List,
    /// One of them, with everything known about it.
    Show {
        /// Which, as `list` names it.
        id: String,
    },
    /// Let DingTalk use it.
    Allow(Switch),
    /// Stop DingTalk from using it.
    Deny(Switch),
    /// Take back what you decided: what the app asks for holds again.
    Reset(Switch),
}

/// A switch to turn.
#[derive(Debug, Args)]
pub struct Switch {
    /// Which, as `list` names it.
    pub id: String,
    /// Go on without asking, also when something else goes along.
    #[arg(long, short)]
    pub yes: bool,
}

/// What DingTalk's sites keep in your browsers.
#[derive(Debug, Subcommand)]
pub enum Cookies {
    /// All of it, profile by profile. No cookie's value is read.
    List {
        /// One profile, as `list` names it.
        #[arg(long, value_name = "ID")]
        profile: Option<String>,
        /// One of DingTalk's sites.
        #[arg(long, value_name = "DOMAIN")]
        site: Option<String>,
    },
    /// Clear all of it, or a part. A backup is kept for 30 days.
    Clear(Clear),
    /// Have the browser itself refuse a site's cookies and storage.
    Refuse(SiteRule),
    /// Have the browser take them again.
    Allow(SiteRule),
    /// Say what a site's pages may use: `permit dingtalk.com camera deny`.
    Permit {
        /// Where.
        #[command(flatten)]
        rule: SiteRule,
        /// What.
        permission: PermissionWord,
        /// Whether.
        setting: SettingWord,
    },
    /// Put back what was cleared. What is newer stays.
    Restore {
        /// Which backup, as `list` names it; the newest when left out.
        #[arg(value_name = "BACKUP")]
        backup: Option<Timestamp>,
        /// Don't wait for an open browser to be closed.
        #[arg(long)]
        no_wait: bool,
    },
}

/// What to clear. Everything that sites keep, when nothing is named.
#[derive(Debug, Args)]
pub struct Clear {
    /// One profile, as `list` names it; all of them when left out.
    #[arg(long, value_name = "ID")]
    pub profile: Option<String>,
    /// One of DingTalk's sites; all of them when left out.
    #[arg(long, value_name = "DOMAIN")]
    pub site: Option<String>,
    /// One kind.
    #[arg(long)]
    pub kind: Option<KindWord>,
    /// Cookies that are likely for this.
    #[arg(long, conflicts_with = "kind")]
    pub purpose: Option<PurposeWord>,
    /// One thing, as `list` names it.
    #[arg(long, value_name = "ID", conflicts_with_all = ["profile", "site", "kind", "purpose", "elsewhere"])]
    pub item: Option<String>,
    /// Also where else the sites are named: all of it, or what is named (`--elsewhere=history,http-cache`).
    #[arg(
        long,
        value_name = "WHERE",
        num_args = 0..,
        require_equals = true,
        value_delimiter = ',',
        default_missing_values = ["history", "session-restore", "http-cache"]
    )]
    pub elsewhere: Vec<ElsewhereWord>,
    /// Go on without asking, also when something is lost.
    #[arg(long, short)]
    pub yes: bool,
    /// Don't wait for an open browser to be closed.
    #[arg(long)]
    pub no_wait: bool,
}

/// Where a browser's own rule is to hold.
#[derive(Debug, Args)]
pub struct SiteRule {
    /// One of DingTalk's sites.
    pub site: String,
    /// One profile, as `list` names it; all of them when left out.
    #[arg(long, value_name = "ID")]
    pub profile: Option<String>,
    /// Don't wait for an open browser to be closed.
    #[arg(long)]
    pub no_wait: bool,
}

/// What a site can keep, and where else it is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KindWord {
    /// Cookies.
    Cookie,
    /// Local storage.
    LocalStorage,
    /// Session storage.
    SessionStorage,
    /// Databases.
    IndexedDb,
    /// Files.
    FileSystem,
    /// Pages kept for use without a network.
    CacheStorage,
    /// Programs that run in the background.
    ServiceWorker,
    /// The browser's own notes about a site's storage.
    Quota,
    /// Pages that were visited.
    History,
    /// Tabs that the browser opens again.
    SessionRestore,
    /// Copies of pages.
    HttpCache,
    /// The list of downloads.
    Downloads,
    /// Icons of pages.
    Icons,
    /// What the browser offers by itself, of its history.
    Suggestions,
}

/// Where else a site is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ElsewhereWord {
    /// Pages that were visited, with the downloads, icons and suggestions in the browser's history.
    History,
    /// Tabs that the browser opens again.
    SessionRestore,
    /// Copies of pages.
    HttpCache,
}

/// What a cookie is likely for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PurposeWord {
    /// Security and operation.
    Operation,
    /// Statistics and improvement.
    Statistics,
    /// Nobody says.
    Unknown,
}

/// What a site's pages may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PermissionWord {
    /// The camera.
    Camera,
    /// The microphone.
    Microphone,
    /// Where the computer is.
    Location,
    /// Notifications.
    Notifications,
}

/// Whether they may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SettingWord {
    /// They may.
    Allow,
    /// The browser asks you each time.
    Ask,
    /// They may not.
    Deny,
}

/// What you agreed to at the account service.
#[derive(Debug, Subcommand)]
pub enum Consents {
    /// All of them.
    List,
    /// Set one or more: `set marketing.news.email off cookies.statistics off`.
    Set {
        /// Pairs: which one, and `on` or `off`.
        #[arg(required = true, num_args = 2.., value_names = ["ID", "on|off"])]
        pairs: Vec<String>,
    },
    /// What the service recorded, newest first.
    History,
}

/// A copy of what is held about you.
#[derive(Debug, Subcommand)]
pub enum Export {
    /// What is held, by category, and the laws you can ask under.
    Inventory,
    /// Ask for a copy. A code is sent to you first: it shows that it is you who asks.
    Request(ExportRequest),
    /// The copies you asked for from here, newest first.
    Status,
    /// Download a copy, check it, and put it in its place; go on with one that was interrupted.
    Download(ExportDownload),
    /// Try again one that failed, or ask anew for one that expired.
    Retry {
        /// Which, as `status` names it; the newest when left out.
        id: Option<Uuid>,
        /// Where a code is needed: read it from standard input, one line, once it was sent.
        #[arg(long)]
        code_stdin: bool,
    },
    /// End one: what was asked for is taken back, and what had come is removed.
    Cancel {
        /// Which, as `status` names it; the newest when left out.
        id: Option<Uuid>,
    },
    /// Check an archive, whole: every file, the signature, whose it is. Needs no account.
    Verify {
        /// The file.
        file: PathBuf,
        /// A file with the keys the service signs with (JWKS). Without it, those met from this computer count.
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
        /// Read the passphrase of an encrypted archive from standard input, one line.
        #[arg(long)]
        passphrase_stdin: bool,
    },
    /// What an archive holds. Needs no account.
    List {
        /// The file.
        file: PathBuf,
        /// Records of this category, newest first.
        #[arg(long, value_name = "ID")]
        category: Option<String>,
        /// At most so many records.
        #[arg(long, default_value_t = 50)]
        most: u32,
        /// Read the passphrase of an encrypted archive from standard input, one line.
        #[arg(long)]
        passphrase_stdin: bool,
    },
    /// Find records in an archive that hold all these words. Needs no account.
    Search {
        /// The file.
        file: PathBuf,
        /// The words.
        #[arg(required = true)]
        words: Vec<String>,
        /// In this category only.
        #[arg(long, value_name = "ID")]
        category: Option<String>,
        /// At most so many records.
        #[arg(long, default_value_t = 50)]
        most: u32,
        /// Read the passphrase of an encrypted archive from standard input, one line.
        #[arg(long)]
        passphrase_stdin: bool,
    },
    /// What changed between two archives. Needs no account.
    Diff {
        /// The earlier one.
        earlier: PathBuf,
        /// The later one.
        later: PathBuf,
        /// At most so many changes are listed; all are counted.
        #[arg(long, default_value_t = 50)]
        most: u32,
        /// Read the passphrase of encrypted archives from standard input, one line for both.
        #[arg(long)]
        passphrase_stdin: bool,
    },
}

/// What to ask for.
#[derive(Debug, Args)]
pub struct ExportRequest {
    /// One category, as `inventory` names it; repeat it for more. All of them when left out.
    #[arg(long, value_name = "ID")]
    pub category: Vec<String>,
    /// Under which law, as `inventory` names it.
    #[arg(long, value_name = "ID", default_value = "general")]
    pub law: String,
    /// Only what happened from this day on (2026-01-31).
    #[arg(long, value_name = "DAY", requires = "until")]
    pub from: Option<Date>,
    /// Only what happened before this day.
    #[arg(long, value_name = "DAY", requires = "from")]
    pub until: Option<Date>,
    /// Where the file shall lie: go on until it is there and checked.
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    /// Encrypt the file with a passphrase once it was checked.
    #[arg(long, requires = "to")]
    pub encrypt: bool,
    /// Read the code from standard input, one line, once it was sent.
    #[arg(long)]
    pub code_stdin: bool,
    /// Read the passphrase from standard input, one line, before the code.
    #[arg(long, requires = "encrypt")]
    pub passphrase_stdin: bool,
}

/// What to download.
#[derive(Debug, Args)]
pub struct ExportDownload {
    /// Where the file shall lie. Needed once; an interrupted download goes on where it was.
    pub to: Option<PathBuf>,
    /// Which, as `status` names it; the newest when left out.
    #[arg(long)]
    pub id: Option<Uuid>,
    /// Encrypt the file with a passphrase once it was checked.
    #[arg(long)]
    pub encrypt: bool,
    /// Read the passphrase from standard input, one line.
    #[arg(long, requires = "encrypt")]
    pub passphrase_stdin: bool,
    /// The service signs with keys that nobody known vouches for, and you asked whoever runs it: take them.
    #[arg(long)]
    pub accept_new_keys: bool,
}

/// Where your account lives.
#[derive(Debug, Subcommand)]
pub enum Account {
    /// Where it lives and who is signed in.
    Show,
    /// Choose where it lives. Leaving another place signs out there.
    Use {
        /// none: only this computer's settings. embedded: in this program. sample: a made-up one to try things
        /// out. service: at an address.
        place: PlaceWord,
        /// The service's address, with `service`.
        #[arg(long, required_if_eq("place", "service"))]
        address: Option<String>,
    },
    /// What deleting your account would mean, and what has to be done before. Nothing is done.
    Preflight,
    /// Delete your account. You type a word, then a code that is sent to you; until its end you can take it back.
    Delete(Delete),
    /// How the deletion stands, asked of the service now. What is left to remove here is removed.
    Status(Status),
    /// Keep your account, as long as that is possible. The service is asked first how it stands.
    Cancel {
        /// Which account, by its identifier, when it isn't the one that is signed in: `account status` names it.
        #[arg(long, value_name = "ID")]
        account: Option<String>,
    },
    /// The service's word that your account is deleted.
    #[command(subcommand)]
    Receipt(Receipt),
    /// Organizations you are or were in.
    #[command(subcommand)]
    Organizations(Organizations),
    /// Apps that you allowed to know something about you.
    #[command(subcommand)]
    Authorizations(Authorizations),
}

/// Deleting the account.
#[derive(Debug, Args)]
pub struct Delete {
    /// Why, if you want to say so. May be repeated.
    #[arg(long)]
    pub reason: Vec<ReasonWord>,
    /// Where the receipt shall lie, with its name. In your documents when left out.
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
    /// Afterwards, also clear what DingTalk's sites keep in your browsers.
    #[arg(long)]
    pub clear_cookies: bool,
    /// Afterwards, also take back what you decided about the DingTalk app's permissions.
    #[arg(long)]
    pub reset_permissions: bool,
    /// Afterwards, also remove the folder in which the DingTalk app keeps its own data.
    #[arg(long)]
    pub remove_app_folder: bool,
    /// Read the word and then the code from standard input, a line each.
    #[arg(long)]
    pub code_stdin: bool,
}

/// How the deletion stands.
#[derive(Debug, Args)]
pub struct Status {
    /// Fetch and check the receipt once more.
    #[arg(long)]
    pub retry: bool,
    /// Another place for the receipt, with its name.
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
    /// Remove what this computer keeps: where another device deleted the account, its receipt proves nothing, or nobody
    /// can sign in any more.
    #[arg(long, conflicts_with = "retry")]
    pub remove_here: bool,
    /// Remove older notes that were damaged and set aside. Another account's may be among them.
    #[arg(long, conflicts_with = "leave")]
    pub remove_damaged_notes: bool,
    /// Leave what isn't done and may stay: cookies, permissions, the app's folder, notes that were damaged.
    #[arg(long)]
    pub leave: bool,
}

/// Why somebody goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReasonWord {
    /// You don't use it any more.
    NotUsed,
    /// You have another account.
    AnotherAccount,
    /// You left the Organization you needed it for.
    LeftOrganization,
    /// You don't want so much to be known about you.
    Privacy,
    /// It doesn't do what you need.
    DoesNotFit,
    /// Another reason.
    Other,
}

/// The service's word that the account is deleted.
#[derive(Debug, Subcommand)]
pub enum Receipt {
    /// Check a receipt against the service's published keys. Needs no account and no network.
    Verify {
        /// The receipt.
        receipt: PathBuf,
        /// The service's keys: its /.well-known/jwks.json, saved.
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
    },
}

/// Organizations.
#[derive(Debug, Subcommand)]
pub enum Organizations {
    /// All of them.
    List,
    /// Leave one. What it holds stays its own decision.
    Leave {
        /// Which, as `list` names it.
        id: Uuid,
    },
    /// Make another member its administrator.
    Transfer {
        /// Which, as `list` names it.
        id: Uuid,
        /// The member, as `list` names them.
        #[arg(long)]
        to: Uuid,
    },
    /// End a member's membership, as its administrator. What it controls of their account goes; the account stays theirs.
    EndMembership {
        /// Which, as `list` names it.
        id: Uuid,
        /// The member, as `list` names them.
        #[arg(long)]
        member: Uuid,
        /// Go on without asking.
        #[arg(long, short)]
        yes: bool,
    },
    /// End it for everybody in it.
    Disband {
        /// Which, as `list` names it.
        id: Uuid,
        /// Go on without asking.
        #[arg(long, short)]
        yes: bool,
    },
}

/// Apps.
#[derive(Debug, Subcommand)]
pub enum Authorizations {
    /// All of them.
    List,
    /// Take one back. What the app was shown stays with its maker.
    Revoke {
        /// Which, as `list` names it.
        id: Uuid,
    },
}

/// Where an account can live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlaceWord {
    /// Only this computer's settings.
    None,
    /// In this program.
    Embedded,
    /// A made-up one to try things out.
    Sample,
    /// At an address.
    Service,
}

/// Changes the service hasn't taken yet.
#[derive(Debug, Subcommand)]
pub enum Outbox {
    /// All of them.
    List,
    /// Try a refused one again.
    Retry {
        /// Its number, as `list` shows it.
        id: i64,
    },
    /// Let a refused one go: what the service has is shown again.
    Discard {
        /// Its number, as `list` shows it.
        id: i64,
    },
}

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

/// Whether JSON was asked for by arguments that can't be read as a whole.
pub fn json_was_asked_for(mut arguments: impl Iterator<Item = OsString>) -> bool {
    arguments.any(|argument| argument == "--json")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_hang_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn an_address_belongs_to_a_service() {
        let parse = |line: &str| Arguments::try_parse_from(line.split(' ')).is_ok();
        assert!(parse("privacy-settings account use sample"));
        assert!(!parse("privacy-settings account use service"));
        assert!(parse(
            "privacy-settings account use service --address https://example.org"
        ));
    }

    #[test]
    fn where_else_sites_are_named_goes_as_a_whole_or_as_it_is_named() {
        let named = |line: &str| {
            let parsed = Arguments::try_parse_from(line.split(' ')).expect("it is understood");
            let Command::Cookies(Cookies::Clear(clear)) = parsed.command else {
                panic!("it is about clearing");
            };
            clear.elsewhere
        };
        let [history, tabs, cache] = [
            ElsewhereWord::History,
            ElsewhereWord::SessionRestore,
            ElsewhereWord::HttpCache,
        ];
        assert_eq!(named("privacy-settings cookies clear"), []);
        assert_eq!(
            named("privacy-settings cookies clear --elsewhere"),
            [history, tabs, cache]
        );
        assert_eq!(
            named("privacy-settings cookies clear --elsewhere --site dingtalk.com"),
            [history, tabs, cache]
        );
        assert_eq!(
            named("privacy-settings cookies clear --elsewhere=http-cache,history"),
            [cache, history]
        );
    }

    #[test]
    fn one_thing_is_cleared_alone() {
        let parse = |line: &str| Arguments::try_parse_from(line.split(' ')).is_ok();
        assert!(parse("privacy-settings cookies clear --item 0123456789ab"));
        assert!(!parse(
            "privacy-settings cookies clear --item 0123456789ab --elsewhere"
        ));
        assert!(!parse(
            "privacy-settings cookies clear --kind cookie --purpose statistics"
        ));
    }

    #[test]
    fn a_code_is_never_an_argument() {
        for line in [
            "privacy-settings sign-in someone@example.org 123456",
            "privacy-settings export request 123456",
            "privacy-settings export request --to a.zip --encrypt secret",
        ] {
            assert!(Arguments::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }
}
