//! Memberships of Organizations that ended: the person is told once, and sees it for what it is.

use jiff::tz::TimeZone;
use settings_privacy_api as api;
use settings_privacy_core::membership::{self, By};
use uuid::Uuid;

use super::{Engine, Notice, lock};
use crate::error::EngineError;

/// The codes of the standing messages begin so; the Organization's identifier follows.
const NOTICE: &str = "account-membership-ended-";

/// What the end of a membership means, for the person; none while they are in it. The day is that of this computer.
pub fn ended_sentence(organization: &api::Organization) -> Option<String> {
    let end = organization.ended.as_ref()?;
    let by = match end.by {
        api::EndedBy::Administrator => By::Administrator,
        api::EndedBy::Unknown => By::Unknown,
    };
    let on = end.at.to_zoned_datetime(TimeZone::system()).date();
    Some(membership::ended_sentence(&organization.name, by, on))
}

impl Engine {
    /// Asks the service which memberships ended, and tells of those the person hasn't seen.
    pub(super) async fn pull_memberships(&self, key: &str) -> Result<(), EngineError> {
        let told = self
            .with_token(
                key,
                |client, token| async move { client.organizations(&token).await },
            )
            .await?;
        self.learn_memberships(key, &told.organizations).await
    }

    /// Tells of memberships that ended and that the person hasn't seen.
    pub(super) async fn learn_memberships(
        &self,
        key: &str,
        organizations: &[api::Organization],
    ) -> Result<(), EngineError> {
        for organization in organizations {
            let (Some(end), Some(message)) = (organization.ended, ended_sentence(organization)) else {
                continue;
            };
            let store = &self.shared.store;
            if !store.keep_membership_end(key, organization.id, end.at).await? {
                self.notice(Notice {
                    code: format!("{NOTICE}{}", organization.id),
                    message,
                    file: None,
                });
            }
        }
        Ok(())
    }

    /// Takes a standing message down that the person has seen: what is told only once isn't told again.
    ///
    /// # Errors
    /// When it can't be recorded. It is down all the same, and comes back with the next start.
    pub async fn notice_was_seen(&self, code: &str) -> Result<(), EngineError> {
        self.dismiss_notice(code);
        let organization = code.strip_prefix(NOTICE).and_then(|id| Uuid::try_parse(id).ok());
        let key = self.account_key(&lock(&self.shared.account).clone());
        if let (Some(organization), Some(key)) = (organization, key) {
            self.shared.store.see_membership_end(&key, organization).await?;
        }
        Ok(())
    }

    /// Nobody else is shown what one account was told.
    pub(super) fn forget_memberships(&self) {
        lock(&self.shared.notices).retain(|notice| !notice.code.starts_with(NOTICE));
    }
}
