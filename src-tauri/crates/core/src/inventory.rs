//! What is held about a person, by category, and who answers for it (policy §1).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::data::DataError;

/// The identifier of a category, as in `inventory.toml`, on the wire and in an archive: `messages`, `calendar`, …
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CategoryId(String);

impl CategoryId {
    /// An identifier that the inventory may or may not know.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The identifier as text: lower-case ASCII letters and hyphens, good as a folder's name everywhere.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for CategoryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who decides about the data, and whom a request therefore goes to (§1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Controller {
    /// DingTalk.
    Dingtalk,
    /// The person's Organization; DingTalk is its processor and passes a request on.
    Organization,
    /// Whoever made the group.
    GroupOwner,
    /// Whoever made the app.
    Vendor,
}

/// One kind of data.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Its identifier.
    pub id: CategoryId,
    /// Its name.
    pub name: String,
    /// What it holds, in one sentence.
    pub holds: String,
    /// The policy's clause.
    pub clause: String,
    /// Who answers for it.
    pub controller: Controller,
    /// Its things happened at a time, so that a copy of a period leaves out the others. What isn't dated is copied whole.
    pub dated: bool,
}

/// Every category, in the order shown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    /// Raised with every change of the list.
    pub version: u32,
    /// The categories.
    #[serde(rename = "category")]
    pub categories: Vec<Category>,
}

/// Why categories can't be chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unchosen {
    /// None is named.
    #[error("Choose at least one category.")]
    None,
    /// One isn't in the inventory. It is whatever was sent: don't repeat it to others.
    #[error("There is no category called “{0}”.")]
    Unknown(CategoryId),
}

impl Inventory {
    /// Reads `inventory.toml`.
    ///
    /// # Errors
    /// When a key is unknown, an identifier stands there twice or can't be a folder's name.
    pub fn parse(text: &str) -> Result<Self, DataError> {
        let fail = |reason: String| DataError {
            file: "inventory.toml",
            reason,
        };
        let inventory: Self = toml::from_str(text).map_err(|error| fail(error.to_string()))?;
        let mut seen = BTreeSet::new();
        for category in &inventory.categories {
            let id = category.id.as_str();
            let is_name = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
            if id.is_empty() || !id.bytes().all(is_name) {
                return Err(fail(format!("{id} can't be a folder's name")));
            }
            if !seen.insert(&category.id) {
                return Err(fail(format!("{id} stands there twice")));
            }
        }
        Ok(inventory)
    }

    /// A category by its identifier.
    pub fn get(&self, id: &CategoryId) -> Option<&Category> {
        self.categories.iter().find(|category| &category.id == id)
    }

    /// The named categories in the inventory's order, each once.
    ///
    /// # Errors
    /// When none is named, or one that doesn't exist.
    pub fn choose(&self, named: &[CategoryId]) -> Result<Vec<&Category>, Unchosen> {
        if let Some(unknown) = named.iter().find(|id| self.get(id).is_none()) {
            return Err(Unchosen::Unknown(unknown.clone()));
        }
        let chosen = self
            .categories
            .iter()
            .filter(|category| named.contains(&category.id));
        let chosen: Vec<&Category> = chosen.collect();
        if chosen.is_empty() {
            return Err(Unchosen::None);
        }
        Ok(chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_are_chosen_in_the_inventorys_order_and_once() {
        let inventory = crate::data::inventory();
        let named = ["calendar", "messages", "calendar"].map(CategoryId::new);
        let chosen: Vec<&str> = inventory
            .choose(&named)
            .unwrap()
            .into_iter()
            .map(|category| category.id.as_str())
            .collect();
        assert_eq!(chosen, ["messages", "calendar"]);
        assert_eq!(inventory.choose(&[]), Err(Unchosen::None));
        let unknown = CategoryId::new("everything");
        assert_eq!(
            inventory.choose(&[CategoryId::new("mail"), unknown.clone()]),
            Err(Unchosen::Unknown(unknown))
        );
    }

    #[test]
    fn an_identifier_that_could_leave_its_folder_is_refused() {
        let with = |id: &str| {
            format!(
                "version = 1\n[[category]]\nid = '{id}'\nname = ''\nholds = ''\nclause = ''\ncontroller = 'vendor'\ndated = true\n"
            )
        };
        assert!(Inventory::parse(&with("fine")).is_ok());
        for id in ["", "..", "a/b", "Mail", "a b"] {
            assert!(Inventory::parse(&with(id)).is_err(), "{id:?}");
        }
        let twice = format!(
            "{}{}",
            with("fine"),
            with("fine").trim_start_matches("version = 1\n")
        );
        assert!(Inventory::parse(&twice).unwrap_err().reason.contains("twice"));
        assert!(Inventory::parse(&format!("{}datd = true\n", with("fine"))).is_err());
    }
}
