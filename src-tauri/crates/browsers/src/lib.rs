//! What DingTalk's sites keep in a person's own browsers: found, and shown.
//!
//! [`Browsers`] finds every profile of Firefox and of the Chromium family that the [`Places`] hold, tells whether a
//! browser has it open, and lists what is kept there for the sites of `data/sites.toml`: cookies, local storage,
//! databases, caches, service workers, private files, the browser's book-keeping, and, told apart, where else a
//! name remains. What an observation means is decided in `settings_privacy_core::storage`.
//!
//! Looking writes nothing into a profile. It never reads out a cookie's or an entry's value, decrypts nothing, and
//! logs no host, cookie or path. What can't be read becomes a problem of that profile; the rest stands.
//!
//! # How it reads
//! A browser that runs holds its databases, and what is fresh lies in their logs. So a file is read where it lies
//! only when the browser is closed and the file has no log beside it; else the file *and* its log are copied, both
//! unchanged meanwhile, into a private folder (0700), removed afterwards. A LevelDB is never opened where it lies, since
//! opening writes: small ones are copied, of local storage the tables are read through a layer that keeps what is
//! written in memory, and only the origins that are DingTalk's.
//!
//! Which rows are DingTalk's is asked under a collation of our own, once a row. A large jar is asked from an index that
//! holds the hosts, in ranges at once, on as many as four cores. `cargo xtask bench browsers` measures it beside others.
//!
//! # How it clears
//! A [`Plan`] of the core's is carried out by [`Browsers::clear`]: a backup first, then only what the plan names, then
//! a look at what is there. [`Browsers::restore`] puts a backup back, never over what came since; [`backups`] lists
//! them, [`prune`] ends them after thirty days. A clearing that was cut short is settled by [`Browsers::recover`], at
//! every start. While a profile is changed, nothing else in the program may look at it.
//!
//! SQLite rows go in one transaction; what they leave is overwritten, and the database is written anew: one of up to
//! 64 MiB always, a larger one where its free space still has a piece of a removed value. LevelDB folders,
//! `serviceworker.txt` and session files are written anew beside and change places with the old; the system must be
//! able to do that at once, which only Linux is asked for. Other folders are moved away, then removed.
//!
//! The history and what is to be opened again go only when a plan names them. With a page goes all that its database
//! tells of it, by a list of ties for each family; a bookmark stays, as if never visited. What a browser makes of the
//! history goes the same way: downloads, icons (but one that another's page uses), what it offers by itself. Of tabs, the pages of
//! DingTalk's go, and a tab in which no other is left. Chromium writes its tabs a second time, encrypted: that copy goes
//! whole, and Chromium reads the other.
//!
//! # How it decides
//! [`Browsers::rules`] tells what the browser itself decides for each site about cookies, camera, microphone, location
//! and notifications; [`Browsers::refuse`], [`allow`](Browsers::allow) and [`decide`](Browsers::decide) change that in
//! the browser's own settings while it is closed, all of it or nothing, and read it back;
//! [`put_back`](Browsers::put_back) undoes it exactly. Browsers refuse by site, not by a cookie's name or purpose.
//!
//! # What a change has to mind
//! - Every [`Finding`] says where it lies: [`Place::Whole`] is removed, [`Place::Within`] is edited. Its
//!   [`Partition`] keeps the browser's own spelling (`raw`): match by it, not by the host alone.
//! - [`running`](Browsers::running) must say [`Running::No`] right before a change, and again after it.
//!   [`Running::Unknown`] counts as running. Firefox is asked by profile, Chromium by the folder of all profiles.
//! - Chromium loses edits made while it runs, Firefox holds its databases exclusively: wait for either to close.
//! - Firefox keeps what pages kept for a session in its session store, shown as [`Elsewhere::SessionRestore`].
//! - In LevelDB, deleting in place leaves values behind: write a new folder without the rows, fsync, swap.
//!   rusty-leveldb passes over damaged records in silence, and panics at some: check the checksums first, as looking
//!   does, and compare the counts (here, `META:` sizes) before the swap.
//!
//! # Not done yet
//! - Firefox keeps camera, microphone, location and notifications by host: a host that neither `sites.toml` nor the
//!   profile knows isn't covered by a rule.
//! - Administrators' policies are read from files, as on Linux; those of macOS and Windows aren't, nor those that an
//!   account brings along.
//! - Names also remain in places that aren't looked into, which the preview says. Firefox: `formhistory.sqlite`,
//!   `logins.db`, `content-prefs.sqlite`, `permissions.sqlite`, `bounce-tracking-protection.sqlite`,
//!   `SiteSecurityServiceState.bin`, `AlternateServices.bin`, `downloads.json`. Chromium: `Preferences` (how often a
//!   site is visited, zoom), `Web Data`, `Login Data`, `DIPS`, `Network Persistent State`, `Reporting and NEL`,
//!   `shared_proto_db`, `Site Characteristics Database`, `../segmentation_platform`, the other tables of
//!   `Network Action Predictor`, and its older “blockfile” HTTP cache.
//! - On macOS and Windows the folders are known and nothing was tried; Safari can't be looked at. Clearing refuses there
//!   what it would have to write anew.
//!
//! # Tests
//! `cargo test` runs everything on made-up profiles. Killing a clearing needs `strace`, mounts need `unshare`;
//! `SETTINGS_PRIVACY_ALL_KILLS=1` kills at every call instead of at some.
//! `tests/real_browsers` lets Debian's `firefox-esr` and `chromium` store things, looks at what they wrote, clears it,
//! refuses them, and lets them start again. Not every machine has them, so a plain `cargo test` leaves it out:
//! `cargo test -p settings-privacy-browsers --bench real_browsers`. Without the browsers it says so and
//! passes, unless `CI` or `SETTINGS_PRIVACY_BROWSERS=1` is set: then it fails.
//!
//! [`Plan`]: settings_privacy_core::storage::Plan
//! [`Finding`]: settings_privacy_core::storage::Finding
//! [`Place::Whole`]: settings_privacy_core::storage::Place::Whole
//! [`Place::Within`]: settings_privacy_core::storage::Place::Within
//! [`Partition`]: settings_privacy_core::storage::Partition
//! [`Running::No`]: settings_privacy_core::storage::Running::No
//! [`Running::Unknown`]: settings_privacy_core::storage::Running::Unknown
//! [`Elsewhere::SessionRestore`]: settings_privacy_core::storage::Elsewhere::SessionRestore

mod browsers;
mod chromium;
mod clear;
mod closed;
mod copy;
mod discover;
mod error;
mod firefox;
mod leveldb;
mod look;
mod matching;
mod mentions;
mod places;
mod rules;
mod running;
pub mod safari;
mod sqlite;
mod writable;

pub use browsers::{Browsers, Discovery};
pub use clear::{
    Backup, ClearError, Cleared, Counted, Progress, Restored, Settled, Settlement, backups, kept_until, prune,
};
pub use closed::NotClosed;
pub use places::Places;
pub use rules::{RuleChange, RuleError};
