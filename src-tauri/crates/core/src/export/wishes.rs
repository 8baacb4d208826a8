//! What the person wishes on the way.

use jiff::Timestamp;

use super::*;

impl Export {
    pub(super) fn download(&mut self, to: Place, now: Timestamp) {
        let Stage::Ready { archive } = &self.stage else {
            // Chosen before it is ready: it is downloaded when it is.
            if matches!(
                self.stage,
                Stage::Requested | Stage::Submitted { .. } | Stage::Preparing { .. }
            ) {
                // What came of it before a failure is moved then.
                self.place = Some(to);
            }
            return;
        };
        let archive = archive.clone();
        self.place = Some(to.clone());
        self.fetch(archive, to, now);
    }

    pub(super) fn resume(&mut self, elsewhere: Option<Place>, now: Timestamp) {
        for open in &mut self.outstanding {
            if matches!(open.when, When::Person(_)) {
                open.when = When::At(now);
                open.attempts = 0;
            }
        }
        let Some(to) = elsewhere.filter(|to| self.place.as_ref() != Some(to)) else {
            return;
        };
        let (Stage::Downloading { archive, .. } | Stage::Verifying { archive }) = &self.stage else {
            return;
        };
        let is_put_in_place =
            |open: &Outstanding| matches!(open.effect, Effect::Keep { .. }) && open.when == When::Handed;
        if self.outstanding.iter().any(is_put_in_place) {
            // It may lie there already.
            return;
        }
        let archive = archive.clone();
        self.place = Some(to.clone());
        // Where the service replaced it and is being asked what it has, that is fetched to the new place.
        if !archive.etag.is_empty() {
            self.fetch(archive, to, now);
        }
    }

    pub(super) fn encrypt(&mut self, now: Timestamp) {
        self.encrypt = true;
        let Stage::Verified {
            path,
            encrypted: false,
            unencrypted,
            ..
        } = &mut self.stage
        else {
            return;
        };
        *unencrypted = None;
        let path = path.clone();
        match self
            .outstanding
            .iter_mut()
            .find(|open| matches!(open.effect, Effect::Seal { .. }))
        {
            Some(open) if open.when == When::Handed => {}
            Some(open) => open.when = When::At(now),
            None => self.put(Effect::Seal { path }, now),
        }
    }

    pub(super) fn retry(&mut self, now: Timestamp) {
        let retry = match &self.stage {
            Stage::Failed {
                retry: Some(retry), ..
            } => retry.clone(),
            Stage::Expired { .. } => Retry::Asking,
            Stage::Failed { retry: None, .. }
            | Stage::Requested
            | Stage::Submitted { .. }
            | Stage::Preparing { .. }
            | Stage::Ready { .. }
            | Stage::Downloading { .. }
            | Stage::Verifying { .. }
            | Stage::Verified { .. }
            | Stage::Cancelled => return,
        };
        // What still waits to be told is no longer so.
        self.outstanding
            .retain(|open| !matches!(open.effect, Effect::Notify(_)));
        match retry {
            Retry::Asking => self.submit(now),
            Retry::Service { export } => {
                self.enter(Stage::Submitted {
                    export: export.clone(),
                });
                self.put(Effect::RetryRemote { export }, now);
            }
            Retry::Download { export } => {
                self.enter(Stage::Submitted {
                    export: export.clone(),
                });
                self.look(export, now);
            }
        }
    }

    pub(super) fn cancel(&mut self, now: Timestamp) {
        let export = match &self.stage {
            Stage::Requested => None,
            Stage::Submitted { export } | Stage::Preparing { export, .. } => Some(export.clone()),
            Stage::Ready { archive } | Stage::Downloading { archive, .. } | Stage::Verifying { archive } => {
                Some(archive.export.clone())
            }
            Stage::Failed {
                retry: Some(Retry::Service { export } | Retry::Download { export }),
                ..
            } => Some(export.clone()),
            Stage::Failed { .. } => None,
            Stage::Verified { .. } | Stage::Expired { .. } | Stage::Cancelled => return,
        };
        // Whether a request under way arrived can only be learned by sending it again under its key.
        let asking = self
            .outstanding
            .iter()
            .find(|open| matches!(open.effect, Effect::Submit { .. }))
            // One that waits for a code isn't there: that was looked at before.
            .filter(|open| !matches!(open.when, When::Person(Waits::Code { .. })))
            .cloned();
        self.stop_moving(now);
        self.enter(Stage::Cancelled);
        if let Some(part) = self.part.take().filter(|part| part.made) {
            self.put(Effect::Discard { to: part.at }, now);
        }
        self.outstanding
            .retain(|open| !matches!(open.effect, Effect::Notify(_)));
        self.outstanding.extend(asking);
        if let Some(export) = export {
            self.put(Effect::CancelRemote { export }, now);
        }
    }
}
