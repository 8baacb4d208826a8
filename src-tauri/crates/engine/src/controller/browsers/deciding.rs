//! Having a browser decide for a site, and putting its rules back, while the profile's turn is held.

use jiff::Timestamp;
use settings_privacy_browsers::RuleError;
use settings_privacy_core::data;
use settings_privacy_core::history::{Change, Stage};
use settings_privacy_core::storage::{About, Decision, Effective, Profile, RulesBefore};
use uuid::Uuid;

use super::super::{Done, Engine};
use super::words::observed;
use crate::error::EngineError;

impl Engine {
    pub(super) async fn decide(
        &self,
        profile: &Profile,
        site: &str,
        about: About,
        decision: Decision,
    ) -> Result<Done, EngineError> {
        let now = Timestamp::now();
        let adapter = &self.shared.browsing.adapter;
        // Recorded before anything is written: undo outlives whatever happens on the way.
        let had = adapter
            .rules_before(profile, data::sites(), (site, about), now)
            .await?;
        let mut change = Change::SiteRule {
            profile: profile.clone(),
            site: site.to_owned(),
            about,
            wanted: decision,
            before: Some(had),
            after: None,
        };
        let row = self.begin(&change).await?;
        let decided = adapter
            .decide(profile, data::sites(), (site, about), decision, now)
            .await;
        let decided = match decided {
            Ok(decided) => decided,
            Err(error) => {
                // What became of these is found out at the next start.
                let unsure = matches!(
                    error,
                    RuleError::StartedMeanwhile { .. } | RuleError::NotTaken { .. }
                );
                if !unsure {
                    self.record(row, &change, Stage::Failed).await;
                }
                return Err(error.into());
            }
        };
        if let Change::SiteRule { before, after, .. } = &mut change {
            *before = Some(decided.before);
            // Without it, undo puts everything back as it was.
            *after = adapter
                .rules_before(profile, data::sites(), (site, about), now)
                .await
                .ok();
        }
        self.record(row, &change, Stage::Done).await;
        if about == About::Cookies {
            self.remember(|memory| match decision {
                Decision::Deny => memory.refused(&profile.path, site, now),
                Decision::Allow | Decision::Ask | Decision::UntilClosed => {
                    memory.allowed(&profile.path, site);
                }
            })
            .await?;
        }
        let says = observed(profile, site, about, decided.observed.of(site, about));
        Ok(Done {
            change: Some(row),
            says,
        })
    }

    pub(super) async fn put_back(
        &self,
        profile: &Profile,
        change: Uuid,
        before: &RulesBefore,
        after: Option<&RulesBefore>,
    ) -> Result<Done, EngineError> {
        let now = Timestamp::now();
        let adapter = &self.shared.browsing.adapter;
        let put_back = adapter
            .put_back(profile, data::sites(), before, after, now)
            .await?;
        self.undone(Some(change)).await?;
        let rule = put_back.observed.of(&before.site, before.about);
        if before.about == About::Cookies {
            let refused = rule.is_some_and(|rule| rule.effective == Effective::All(Decision::Deny));
            self.remember(|memory| match refused {
                true => memory.refused(&profile.path, &before.site, now),
                false => memory.allowed(&profile.path, &before.site),
            })
            .await?;
        }
        let says = observed(profile, &before.site, before.about, rule);
        Ok(Done {
            change: None,
            says: format!("Undone. {says}"),
        })
    }

    /// Whether a browser does what was wanted of it, for a change whose end wasn't recorded.
    pub(in super::super) async fn was_decided(
        &self,
        profile: &Profile,
        site: &str,
        about: About,
        wanted: Decision,
    ) -> bool {
        let adapter = &self.shared.browsing.adapter;
        let rules = adapter.rules(profile, data::sites(), Timestamp::now()).await;
        rules
            .of(site, about)
            .is_some_and(|rule| rule.effective == Effective::All(wanted))
    }
}
