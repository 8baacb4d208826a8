//! Consents and their append-only history.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Every consent of the catalogue, with what holds. Its `ETag` changes with every change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Consents {
    /// The catalogue's version.
    pub catalogue_version: u32,
    /// In the catalogue's order.
    pub consents: Vec<ConsentState>,
}

/// One consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsentState {
    /// Its identifier, such as `marketing.news.email`.
    pub id: String,
    /// Whether it is given.
    pub granted: bool,
    /// It can't be taken back.
    pub required: bool,
    /// When that was last set; absent when it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub changed_at: Option<Timestamp>,
}

/// Sets some consents, all or none. The others stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentsUpdate {
    /// What to set.
    pub changes: Vec<ConsentChange>,
}

/// One consent to set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentChange {
    /// Which.
    pub id: String,
    /// To what.
    pub granted: bool,
    /// When the person decided, by their computer's clock. The service records its own time beside it.
    #[schema(value_type = String, format = DateTime)]
    pub decided_at: Timestamp,
}

/// By what a consent was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// A client of this API.
    Client,
    /// The service's operator, on the person's request.
    Operator,
    /// A made-up account's beginnings.
    Sample,
}

/// One line of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsentEvent {
    /// Its place in the history; grows.
    pub sequence: i64,
    /// Which consent.
    pub id: String,
    /// To what it was set.
    pub granted: bool,
    /// When the person decided, by their computer's clock.
    #[schema(value_type = String, format = DateTime)]
    pub decided_at: Timestamp,
    /// When the service recorded it.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
    /// From which device, if from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Uuid>,
    /// By what.
    pub via: Via,
}

/// A page of the history, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsentEventPage {
    /// The lines.
    pub events: Vec<ConsentEvent>,
    /// Ask with `after` set to this for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}
