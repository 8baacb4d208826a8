//! What becomes of what is held when an account ends (policy §4, §5), from `retention.toml`.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::data::DataError;
use crate::inventory::{Category, CategoryId, Controller, Inventory};

/// What becomes of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Nothing of it is left.
    Deleted,
    /// What is left can't be traced to anybody.
    Anonymized,
}

/// Why something isn't deleted (§4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub enum Criterion {
    /// Transaction records and complaints.
    A,
    /// Security and quality of the service.
    B,
    /// A legal duty.
    C,
    /// The person agreed to a longer time.
    D,
    /// Disputes and agreements.
    E,
}

/// What becomes of one category.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Of the inventory.
    pub category: CategoryId,
    /// What becomes of it.
    pub fate: Fate,
    /// Why it isn't deleted, where it isn't.
    #[serde(default)]
    pub criterion: Option<Criterion>,
    /// What that means, in one sentence.
    pub says: String,
    /// The policy's clause.
    pub clause: String,
}

/// Something that is noted about a deletion, and stays.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Why.
    pub criterion: Criterion,
    /// What it is and what for.
    pub says: String,
    /// The policy's clause.
    pub clause: String,
}

/// What others hold and decide about.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elsewhere {
    /// Where the Organization is the controller.
    pub organization: String,
    /// Where whoever made the group is.
    pub group_owner: String,
    /// Where whoever makes the app is.
    pub vendor: String,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Raised with every change.
    pub version: u32,
    /// What becomes of copies in backups.
    pub backups: String,
    /// What others hold.
    pub elsewhere: Elsewhere,
    /// By category.
    #[serde(rename = "rule")]
    rules: Vec<Rule>,
    /// What is noted and stays.
    pub kept: Vec<Kept>,
}

impl Retention {
    /// Reads `retention.toml`.
    ///
    /// # Errors
    /// When a key is unknown, a category of the inventory has no rule or two, a rule is about no category, or what
    /// isn't deleted names no criterion.
    pub fn parse(text: &str, inventory: &Inventory) -> Result<Self, DataError> {
        let fail = |reason: String| DataError {
            file: "retention.toml",
            reason,
        };
        let retention: Self = toml::from_str(text).map_err(|error| fail(error.to_string()))?;
        let mut ruled = BTreeSet::new();
        for rule in &retention.rules {
            let id = &rule.category;
            if inventory.get(id).is_none() {
                return Err(fail(format!("{id} isn't in the inventory")));
            }
            if !ruled.insert(id) {
                return Err(fail(format!("{id} has two rules")));
            }
            if (rule.fate == Fate::Deleted) != rule.criterion.is_none() {
                return Err(fail(format!(
                    "{id}: what isn't deleted, and only that, has a criterion"
                )));
            }
        }
        match inventory
            .categories
            .iter()
            .find(|category| !ruled.contains(&category.id))
        {
            Some(category) => Err(fail(format!("{} has no rule", category.id))),
            None => Ok(retention),
        }
    }

    /// Every category of an inventory this was read for, in its order, with what becomes of it.
    pub fn of<'a>(&'a self, inventory: &'a Inventory) -> impl Iterator<Item = (&'a Category, &'a Rule)> {
        inventory.categories.iter().filter_map(|category| {
            let rule = self.rules.iter().find(|rule| rule.category == category.id)?;
            Some((category, rule))
        })
    }

    /// What somebody else holds of what they control.
    pub fn elsewhere(&self, controller: Controller) -> Option<&str> {
        match controller {
            Controller::Dingtalk => None,
            Controller::Organization => Some(&self.elsewhere.organization),
            Controller::GroupOwner => Some(&self.elsewhere.group_owner),
            Controller::Vendor => Some(&self.elsewhere.vendor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data;

    #[test]
    fn every_category_has_its_fate_and_what_stays_says_why() {
        let (inventory, retention) = (data::inventory(), data::retention());
        assert_eq!(retention.of(inventory).count(), inventory.categories.len());
        assert!(!retention.kept.is_empty());
        let told = retention.of(inventory).map(|(_, rule)| &rule.says);
        for says in told.chain([&retention.backups]) {
            assert!(
                !says.bytes().any(|byte| byte.is_ascii_digit()),
                "no number of days that nobody gave: {says}"
            );
        }
    }

    #[test]
    fn a_category_without_a_fate_and_a_fate_without_a_reason_are_refused() {
        let text = include_str!("../../../../data/retention.toml");
        let inventory = data::inventory();
        let read = |text: &str| Retention::parse(text, inventory);
        assert!(read(text).is_ok());
        for (from, to) in [
            ("category = \"mail\"", "category = \"post\""),
            ("category = \"mail\"", "category = \"wiki\""),
            ("fate = \"anonymized\"", "fate = \"deleted\""),
            ("version = 1", "version = 1\nday = 3"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text);
            assert!(read(&changed).is_err(), "{to}");
        }
    }
}
