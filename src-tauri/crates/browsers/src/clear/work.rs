//! A clearing's steps, prepared and then carried out.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use settings_privacy_core::storage::Family;

use super::backup::Backup;
use super::disk::Fingerprint;
use super::entries::{self, Entries};
use super::error::ClearError;
use super::rows::{self, Kept};
use super::step::{Step, Store};
use super::target::{Target, Work, entry_owner};
use super::{Progress, disk, history, workers};
use crate::browsers::blocking;
use crate::closed::Closed;
use crate::copy::{beside, file_name};
use crate::{chromium, firefox};

/// What is ready to be removed: all of it is in the backup, and what takes its place is in the work space.
#[derive(Default)]
pub(super) struct Prepared {
    steps: Vec<Ready>,
}

struct Ready {
    step: Step,
    how: How,
}

enum How {
    /// An open database.
    Rows(Box<Kept>),
    /// An open history.
    History(Box<history::Kept>),
    /// What is in the work space takes the place of what is there.
    Exchange {
        /// What takes its place.
        new: PathBuf,
        /// What the new one was made from.
        was: Fingerprint,
    },
    /// It is moved into the work space.
    Move(PathBuf),
}

/// Prepares all of it. An error leaves the profile as it was, but for the work space.
pub(super) async fn prepare(
    work: &Work,
    backup: &Backup,
    scratch: &Path,
    closed: &Closed,
) -> Result<Prepared, ClearError> {
    let mut prepared = Prepared::default();
    match prepared.all(work, backup, scratch, closed).await {
        Ok(()) => Ok(prepared),
        Err(error) => {
            prepared.let_go().await;
            Err(error)
        }
    }
}

impl Prepared {
    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    pub(super) fn steps(&self) -> Vec<Step> {
        self.steps.iter().map(|ready| ready.step.clone()).collect()
    }

    /// Closes what is open.
    pub(super) async fn let_go(self) {
        for ready in self.steps {
            let _ = match ready.how {
                How::Rows(kept) => kept.close().await,
                How::History(kept) => kept.close().await,
                How::Exchange { .. } | How::Move(_) => Ok(()),
            };
        }
    }

    /// Carries the steps out, one after another. Asks before each whether the browser is still closed.
    pub(super) async fn remove(
        self,
        backup: &Backup,
        closed: &Closed,
        told: &(impl Fn(Progress) + Sync),
    ) -> Result<(), ClearError> {
        let of = self.steps.len();
        let mut steps = self.steps.into_iter().enumerate();
        while let Some((done, ready)) = steps.next() {
            told(Progress { done, of });
            let outcome = match closed.still() {
                Ok(()) => one(ready, backup).await,
                Err(_) => Err(ClearError::StartedMeanwhile {
                    browser: backup.profile.browser.name(),
                }),
            };
            if let Err(error) = outcome {
                let rest = Prepared {
                    steps: steps.map(|(_, ready)| ready).collect(),
                };
                rest.let_go().await;
                return Err(error);
            }
        }
        told(Progress { done: of, of });
        Ok(())
    }

    async fn all(
        &mut self,
        work: &Work,
        backup: &Backup,
        scratch: &Path,
        closed: &Closed,
    ) -> Result<(), ClearError> {
        let profile = &backup.profile.path;
        let workspace = backup.workspace();
        let named = file_name(profile);
        let exchanges = !(work.entries.is_empty() && work.workers.is_empty() && work.sessions.is_empty());
        let made = blocking(move || {
            disk::private_folder(&workspace)?;
            disk::sync_parent(&workspace)?;
            // Not every system and not every disk can. That is learnt here, before anything is changed.
            match exchanges {
                true => disk::try_exchange(&workspace),
                false => Ok(()),
            }
        });
        made.await.map_err(|error| ClearError::io(&named, error))?;
        // What fails most often comes first.
        for (file, table, pick) in work.rows(backup.profile.family) {
            let kept = self.next(".sqlite");
            let path = disk::below(profile, &file)?;
            if let Some(open) = rows::keep(&path, table, &pick, &backup.kept(&kept), closed).await? {
                let how = How::Rows(Box::new(open));
                self.push(Step::Rows { file, table, kept }, how);
            }
        }
        for (file, hosts) in &work.histories {
            let kept = self.next(".sqlite");
            let path = disk::below(profile, file)?;
            let open = history::keep(&path, hosts, &backup.kept(&kept), closed).await?;
            if let Some(open) = open {
                let file = file.clone();
                self.push(Step::History { file, kept }, How::History(Box::new(open)));
            }
        }
        let mut whole = work.whole.clone();
        for (store, targets) in &work.entries {
            self.entries(*store, targets, &mut whole, backup, scratch).await?;
        }
        self.workers(&work.workers, backup).await?;
        for (file, hosts) in &work.sessions {
            self.session(file, hosts, backup).await?;
        }
        for path in whole {
            self.whole(path, backup).await?;
        }
        Ok(())
    }

    fn push(&mut self, step: Step, how: How) {
        self.steps.push(Ready { step, how });
    }

    /// A name in the backup that isn't taken.
    fn next(&self, end: &str) -> PathBuf {
        PathBuf::from(format!("{}{end}", self.steps.len()))
    }

    async fn entries(
        &mut self,
        store: Store,
        targets: &BTreeSet<Target>,
        whole: &mut BTreeSet<PathBuf>,
        backup: &Backup,
        scratch: &Path,
    ) -> Result<(), ClearError> {
        let folder = PathBuf::from(store.folder());
        let path = disk::below(&backup.profile.path, &folder)?;
        let was = disk::fingerprint(&path).map_err(|error| ClearError::io(store.folder(), error))?;
        let Some(mut stay) = entries::read(&path, scratch).await? else {
            return Ok(());
        };
        let meant =
            |owner: &String| entry_owner(store, owner).is_some_and(|target| targets.contains(&target));
        let mut go = Entries::new();
        for (key, owner) in entries::owners(store, &stay) {
            if meant(&owner)
                && let Some(value) = stay.remove(&key)
            {
                go.insert(key, value);
            }
        }
        if go.is_empty() {
            return Ok(());
        }
        if store == Store::ServiceWorkers {
            whole.extend(scripts(&backup.profile.path, &entries::scripts(go.keys())));
        }
        let kept = self.next("");
        let new = backup.workspace().join(&kept);
        in_backup(entries::write(backup.kept(&kept), go, scratch).await)?;
        entries::write(new.clone(), stay, scratch).await?;
        self.push(Step::Entries { folder, store, kept }, How::Exchange { new, was });
        Ok(())
    }

    async fn workers(&mut self, targets: &BTreeSet<Target>, backup: &Backup) -> Result<(), ClearError> {
        const FILE: &str = "serviceworker.txt";
        if targets.is_empty() {
            return Ok(());
        }
        let path = disk::below(&backup.profile.path, Path::new(FILE))?;
        let was = disk::fingerprint(&path).map_err(|error| ClearError::io(FILE, error))?;
        let Some(text) = read_if_there(&path)? else {
            return Ok(());
        };
        let text = String::from_utf8(text).map_err(|_| ClearError::ForeignSchema {
            file: FILE.to_owned(),
        })?;
        let Some((stay, go)) = workers::divide(&text, targets) else {
            return Ok(());
        };
        let kept = self.next(".txt");
        let new = self
            .new_file(backup, &kept, stay.into_bytes(), go.into_bytes())
            .await?;
        let file = PathBuf::from(FILE);
        self.push(Step::Workers { file, kept }, How::Exchange { new, was });
        Ok(())
    }

    async fn session(
        &mut self,
        file: &Path,
        hosts: &BTreeSet<String>,
        backup: &Backup,
    ) -> Result<(), ClearError> {
        let path = disk::below(&backup.profile.path, file)?;
        let was = disk::fingerprint(&path).map_err(|error| ClearError::io(&file_name(file), error))?;
        let Some(bytes) = read_if_there(&path)? else {
            return Ok(());
        };
        let damaged = || ClearError::Damaged {
            file: file_name(file),
        };
        let mut goes = |host: &str| hosts.contains(host);
        let without = match backup.profile.family {
            Family::Firefox => firefox::session::without(&bytes, &mut goes),
            Family::Chromium => chromium::session::without(&file_name(file), &bytes, &mut goes),
        };
        let without = without.ok_or_else(damaged)?;
        let kept = self.next(".session");
        // Undoing it needs to know whether the browser wrote it since.
        let left = backup.kept(&beside(&kept, ".left"));
        let leaves = without.clone();
        let written = blocking(move || disk::private_file(&left, &leaves)).await;
        written.map_err(ClearError::backup)?;
        let new = self.new_file(backup, &kept, without, bytes).await?;
        let file = file.to_owned();
        self.push(Step::Session { file, kept }, How::Exchange { new, was });
        Ok(())
    }

    /// Writes what goes into the backup and what stays into the work space.
    async fn new_file(
        &self,
        backup: &Backup,
        kept: &Path,
        stays: Vec<u8>,
        goes: Vec<u8>,
    ) -> Result<PathBuf, ClearError> {
        let (to, new) = (backup.kept(kept), backup.workspace().join(kept));
        let name = file_name(kept);
        let written = new.clone();
        blocking(move || disk::private_file(&to, &goes))
            .await
            .map_err(ClearError::backup)?;
        blocking(move || disk::private_file(&written, &stays))
            .await
            .map_err(|error| ClearError::io(&name, error))?;
        Ok(new)
    }

    async fn whole(&mut self, path: PathBuf, backup: &Backup) -> Result<(), ClearError> {
        let from = disk::below(&backup.profile.path, &path)?;
        if fs::symlink_metadata(&from).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            return Ok(());
        }
        let kept = self.next("");
        let (to, name) = (backup.kept(&kept), disk::shown(&path));
        let copied = blocking(move || disk::copy_tree(&from, &to)).await;
        copied.map_err(|error| match error.kind() == io::ErrorKind::InvalidInput {
            true => ClearError::Linked { file: name },
            false => ClearError::backup(error),
        })?;
        let away = backup.workspace().join(&kept);
        self.push(Step::Whole { path, kept }, How::Move(away));
        Ok(())
    }
}

async fn one(ready: Ready, backup: &Backup) -> Result<(), ClearError> {
    let profile = &backup.profile.path;
    let (path, how) = match (ready.how, ready.step) {
        (How::Rows(kept), _) => return kept.remove().await,
        (How::History(kept), _) => return kept.remove().await,
        (
            how,
            Step::Rows { file: path, .. }
            | Step::History { file: path, .. }
            | Step::Entries { folder: path, .. }
            | Step::Workers { file: path, .. }
            | Step::Session { file: path, .. }
            | Step::Whole { path, .. },
        ) => (path, how),
    };
    let name = disk::shown(&path);
    let path = disk::below(profile, &path)?;
    blocking(move || {
        match how {
            How::Exchange { new, was } => {
                disk::unchanged(&path, &was, &name)?;
                disk::exchange(&new, &path)
            }
            How::Move(away) => disk::move_away(&path, &away),
            How::Rows(_) | How::History(_) => Ok(()),
        }
        .map_err(|error| ClearError::io(&name, error))
    })
    .await
}

/// The files of service workers' scripts, by the number in their header.
fn scripts(profile: &Path, numbers: &BTreeSet<String>) -> Vec<PathBuf> {
    const FOLDER: &str = "Service Worker/ScriptCache";
    let mut found = Vec::new();
    for entry in fs::read_dir(profile.join(FOLDER)).into_iter().flatten().flatten() {
        let name = file_name(&entry.path());
        let is_entry = ["_0", "_1", "_s"].iter().any(|end| name.ends_with(end));
        let number = chromium::cache_key(&entry.path())
            .ok()
            .and_then(|key| String::from_utf8(key).ok());
        if is_entry && number.is_some_and(|number| numbers.contains(&number)) {
            found.push(Path::new(FOLDER).join(name));
        }
    }
    found
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, ClearError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ClearError::io(&file_name(path), error)),
    }
}

fn in_backup<T>(outcome: Result<T, ClearError>) -> Result<T, ClearError> {
    outcome.map_err(|error| match error {
        ClearError::Unwritable { source, .. } => ClearError::Backup { source },
        ClearError::NoSpace { source, .. } => ClearError::backup(source),
        error @ (ClearError::NotClosed(_)
        | ClearError::Locked { .. }
        | ClearError::Damaged { .. }
        | ClearError::ForeignSchema { .. }
        | ClearError::NewerSchema { .. }
        | ClearError::Linked { .. }
        | ClearError::ChangedMeanwhile { .. }
        | ClearError::Backup { .. }
        | ClearError::Unrestorable { .. }
        | ClearError::StartedMeanwhile { .. }
        | ClearError::Unsettled { .. }) => error,
    })
}
