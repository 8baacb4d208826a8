//! Device permissions: observe, plan, record, act, read back.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;
use settings_privacy_core::data;
use settings_privacy_core::history::{Change, EffectiveWord, Stage};
use settings_privacy_core::permission::{
    Catalogue, Effective, Permission, PermissionId, Plan, Refusal, Wanted, plan, resolve,
};
use settings_privacy_devices::{DeviceError, SettingsPage};
use uuid::Uuid;

use super::{DeviceState, Done, Engine, Notice, lock};
use crate::error::EngineError;

/// How often a change is begun when other programs write the same file at the same moment.
const TRIES: u32 = 10;

/// How long to wait before the next time, times the times so far.
const PAUSE: Duration = Duration::from_millis(5);

fn catalogue() -> &'static Catalogue {
    data::permissions()
}

pub(super) fn known(id: &PermissionId) -> Result<&'static Permission, EngineError> {
    catalogue()
        .get(id)
        .ok_or_else(|| Refusal::UnknownPermission(id.clone()).into())
}

impl Engine {
    /// Looks at this computer now.
    pub async fn observe(&self) -> DeviceState {
        let look = self.shared.looks.fetch_add(1, Ordering::Relaxed);
        let observation = self.shared.desktop.observe(catalogue()).await;
        let standings = resolve(catalogue(), &observation);
        let state = DeviceState {
            look,
            observed_at: Timestamp::now(),
            observation,
            standings,
        };
        let mut device = lock(&self.shared.device);
        // A look that began later has ended sooner: what it saw is newer.
        if let Some(newer) = device.as_ref().filter(|newer| newer.look > look) {
            return newer.clone();
        }
        let news = device
            .as_ref()
            .is_none_or(|old| old.standings != state.standings || old.observation != state.observation);
        *device = Some(state.clone());
        drop(device);
        if news {
            self.changed();
        }
        state
    }

    /// What switching a permission would do; nothing is done.
    ///
    /// # Errors
    /// When it can't be switched.
    pub async fn preview(&self, id: &PermissionId, wanted: Wanted) -> Result<Plan, EngineError> {
        let state = self.observe().await;
        Ok(plan(catalogue(), &state.observation, id, wanted)?)
    }

    /// Switches a permission on this computer.
    ///
    /// # Errors
    /// When it can't be switched, recorded or written; then everything is as it was.
    pub async fn set_permission(&self, id: &PermissionId, wanted: Wanted) -> Result<Done, EngineError> {
        let permission = known(id)?;
        let _writing = self.shared.writing.lock().await;
        let state = self.observe().await;
        let plan = plan(catalogue(), &state.observation, id, wanted)?;
        if plan.edits.is_empty() {
            return Ok(Done {
                change: None,
                says: says(permission, effective(&state, id)),
            });
        }
        let from = EffectiveWord::from(effective(&state, id));
        let row = self.make(id, wanted, from, &plan).await?;
        let state = self.observe().await;
        self.changed();
        self.bring_to_disk();
        self.report_device(&state).await;
        Ok(Done {
            change: Some(row),
            says: says(permission, effective(&state, id)),
        })
    }

    /// Records a change, makes it, and records what it left. Starts over when another program wrote the same file in
    /// between, so that what is recorded as before is what was there.
    async fn make(
        &self,
        id: &PermissionId,
        wanted: Wanted,
        from: EffectiveWord,
        plan: &Plan,
    ) -> Result<Uuid, EngineError> {
        let desktop = &self.shared.desktop;
        let mut tries = 1;
        loop {
            let prepared = desktop.prepare(catalogue(), &plan.edits).await?;
            let mut change = Change::Permission {
                permission: id.clone(),
                wanted,
                from,
                before: prepared.before.clone(),
                after: None,
            };
            let row = self.shared.store.begin_change(&change, Timestamp::now()).await?;
            match desktop.make(catalogue(), &prepared).await {
                Ok(()) => {}
                Err(DeviceError::Contended { .. }) if tries < TRIES => {
                    if let Err(error) = self.shared.store.forget_change(row).await {
                        self.record(row, &change, Stage::Failed).await;
                        return Err(error.into());
                    }
                    tokio::time::sleep(PAUSE * tries).await;
                    tries += 1;
                    continue;
                }
                Err(error) => {
                    self.record(row, &change, Stage::Failed).await;
                    self.observe().await;
                    return Err(error.into());
                }
            }
            let left = desktop.snapshot(catalogue(), &plan.edits).await.ok();
            if let Change::Permission { after, .. } = &mut change {
                *after = left;
            }
            self.record(row, &change, Stage::Done).await;
            return Ok(row);
        }
    }

    /// Sees to it that the record and what was written survive a power cut too, while nobody waits.
    pub(super) fn bring_to_disk(&self) {
        let engine = self.clone();
        tokio::spawn(async move { engine.on_disk().await });
    }

    /// The same for a record alone, a moment later: what is sent because of it is brought to the disk before it leaves,
    /// and the record with it.
    pub(super) fn bring_record_to_disk(&self) {
        let engine = self.clone();
        let mark = self.shared.store.mark();
        tokio::spawn(async move {
            tokio::time::sleep(2 * super::outbox::GATHERING).await;
            if let Err(error) = engine.shared.store.durable_at(mark).await {
                engine.tell_not_on_disk(&error.into());
            }
        });
    }

    /// Returns once what was written here survives a power cut, or the person was told that it may not.
    pub(super) async fn on_disk(&self) {
        // The record first: a change without one couldn't be undone.
        let kept = async {
            self.shared.store.durable().await?;
            self.shared.desktop.durable(catalogue()).await?;
            Ok::<_, EngineError>(())
        };
        if let Err(error) = kept.await {
            self.tell_not_on_disk(&error);
        }
    }

    fn tell_not_on_disk(&self, error: &EngineError) {
        self.notice(Notice {
            code: error.code().to_owned(),
            message: error.to_string(),
            file: None,
        });
    }

    /// Records what became of a change. If that fails, the change still is what it is, and the next start finds it
    /// begun and settles it.
    pub(super) async fn record(&self, row: Uuid, change: &Change, stage: Stage) {
        if let Err(error) = self.shared.store.finish_change(row, change, stage).await {
            tracing::warn!(%error, "a change isn't recorded as finished");
        }
    }

    /// The system's own page for a permission.
    pub fn settings_page(&self, permission: &Permission) -> Option<SettingsPage> {
        self.shared.desktop.settings_page(permission)
    }

    /// Opens it.
    ///
    /// # Errors
    /// When there is none, or it doesn't open.
    pub async fn open_settings(&self, id: &PermissionId) -> Result<(), EngineError> {
        Ok(self.shared.desktop.open_settings(known(id)?).await?)
    }

    /// Copies a file a problem is about beside itself. Only files that a standing problem names are copied.
    ///
    /// # Errors
    /// When nothing names it, or no copy can be made.
    pub async fn copy_aside(&self, file: &str) -> Result<PathBuf, EngineError> {
        let named = lock(&self.shared.device).as_ref().is_some_and(|state| {
            state
                .observation
                .problems
                .iter()
                .any(|problem| problem.file.as_deref() == Some(file))
        });
        if !named {
            return Err(EngineError::NotWaiting);
        }
        Ok(self.shared.desktop.copy_aside(Path::new(file)).await?)
    }

    /// Follows what other programs change, until the engine is closed.
    pub(super) async fn follow_this_computer(&self) {
        let mut watch = match self.shared.desktop.watch() {
            Ok(watch) => watch,
            Err(error) => {
                let message = error.to_string();
                self.notice(Notice {
                    code: error.code().to_owned(),
                    message,
                    file: None,
                });
                return;
            }
        };
        // What changed between the first look and the watch's beginning.
        let state = self.observe().await;
        self.report_device(&state).await;
        while watch.changed().await.is_some() {
            // A change of our own is read back by whoever makes it: wait for its end, but hold up none.
            drop(self.shared.writing.lock().await);
            let state = self.observe().await;
            self.report_device(&state).await;
        }
    }
}

pub(super) fn effective(state: &DeviceState, id: &PermissionId) -> Effective {
    let standing = state.standings.iter().find(|standing| &standing.permission == id);
    standing.map_or(Effective::Unknown, |standing| standing.effective)
}

/// What is true now, for the toast and the terminal.
pub(super) fn says(permission: &Permission, effective: Effective) -> String {
    let name = &permission.name;
    match effective {
        Effective::Allowed => format!("{name}: allowed."),
        Effective::Denied => format!("{name}: denied."),
        Effective::Asks => format!("{name}: DingTalk has to ask you."),
        Effective::NotRequested => format!("{name}: DingTalk doesn't ask for it."),
        Effective::NotEnforced => format!("{name}: nothing on this computer can hold it."),
        Effective::Unknown => format!("{name}: it couldn't be checked."),
    }
}
