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
//! unchanged meanwhile, into a private folder (0700), removed afterwards. LevelDB is always read from a copy, since
//! opening it writes.
//!
//! # How it clears
//! A [`Plan`] of the core's is carried out by [`Browsers::clear`]: a backup first, then only what the plan names, then
//! a look at what is there. [`Browsers::restore`] puts a backup back, never over what came since; [`backups`] lists
//! them, [`prune`] ends them after thirty days. A clearing that was cut short is settled by [`Browsers::recover`], at
//! every start. While a profile is changed, nothing else in the program may look at it.
//!
//! SQLite rows go in one transaction; what they leave is overwritten, and a database of up to 64 MiB is written anew.
//! (In a larger one, what the *browser* left behind of an earlier version of a row may stay.) LevelDB folders,
//! `serviceworker.txt` and session files are written anew beside and change places with the old; the system must be
//! able to do that at once, which only Linux is asked for. Other folders are moved away, then removed.
//!
//! # For clearing and refusing, which build on this
//! - Every [`Finding`] says where it lies: [`Place::Whole`] is removed, [`Place::Within`] is edited. Its
//!   [`Partition`] keeps the browser's own spelling (`raw`): match by it, not by the host alone.
//! - [`running`](Browsers::running) must say [`Running::No`] right before a change, and again after it.
//!   [`Running::Unknown`] counts as running. Firefox is asked by profile, Chromium by the folder of all profiles.
//! - Chromium loses edits made while it runs, Firefox holds its databases exclusively: wait for either to close.
//! - Firefox keeps what pages kept for a session in its session store, shown as [`Elsewhere::SessionRestore`].
//! - In LevelDB, deleting in place leaves values behind: write a new folder without the rows, fsync, swap.
//!   rusty-leveldb passes over damaged records in silence, and panics at some: check the checksums first, as looking
//!   does, and compare the counts (here, `META:` sizes) before the swap.
//! - A profile's `permissions.sqlite` (Firefox) and `Preferences` (Chromium) are where rules will lie; both are in
//!   [`Profile::path`].
//!
//! # Not done yet
//! - Speed: SQLite itself takes 0.1 s to pass over a million cookies, our conditions most of a second. A collation of
//!   our own (`SqliteConnectOptions::collation`), under which all of DingTalk's hosts are equal, asks once a row.
//! - Names also remain in places that aren't looked into: Firefox's `favicons.sqlite`, `permissions.sqlite` and
//!   `bounce-tracking-protection.sqlite`; Chromium's `Favicons`, `Top Sites`, `Shortcuts`, `DIPS`, `Preferences`,
//!   `Sessions_Encrypted` (which can't be read), and its older “blockfile” HTTP cache.
//! - On macOS and Windows the folders are known and nothing was tried; Safari isn't looked at. Clearing refuses there
//!   what it would have to write anew.
//! - The history isn't cleared, nor Chromium's session files: they belong together with indexes of the browser's.
//!
//! # Tests
//! `cargo test` runs everything on made-up profiles. Killing a clearing needs `strace`, mounts need `unshare`;
//! `SETTINGS_PRIVACY_ALL_KILLS=1` kills at every call instead of at some.
//! `tests/real_browsers` lets Debian's `firefox-esr` and `chromium` store things, looks at what they wrote, clears it,
//! and lets them start again. Not every machine has them, so a plain `cargo test` leaves it out:
//! `cargo test -p settings-privacy-browsers --test real_browsers`. Without the browsers it says so and
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
//! [`Profile::path`]: settings_privacy_core::storage::Profile::path

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
mod mentions;
mod places;
mod running;
mod sqlite;
mod writable;

pub use browsers::{Browsers, Discovery};
pub use clear::{
    Backup, ClearError, Cleared, Counted, Progress, Restored, Settled, Settlement, backups, prune,
};
pub use closed::NotClosed;
pub use places::Places;
