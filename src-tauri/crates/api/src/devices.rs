//! What a device reported of its permissions, so that a person sees all their computers in one place.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Which permissions there are (policy §1 "System Permissions").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PermissionCatalogue {
    /// Raised with every change of the list.
    pub version: u32,
    /// The permissions, in the order shown.
    pub permissions: Vec<CatalogueEntry>,
}

/// One permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CatalogueEntry {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The policy's clause.
    pub clause: String,
    /// What it is asked for for.
    pub used_for: Vec<String>,
    /// What stops without it.
    pub without: String,
}

/// What holds on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PermissionState {
    /// The app can use it.
    Allowed,
    /// It can't.
    Denied,
    /// The desktop asks.
    Asks,
    /// It doesn't ask for it.
    NotRequested,
    /// Nothing there can hold it.
    NotEnforced,
    /// It couldn't be found out.
    Unknown,
}

/// One observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DevicePermission {
    /// What was observed.
    pub state: PermissionState,
    /// When, by the device's clock.
    #[schema(value_type = String, format = DateTime)]
    pub observed_at: Timestamp,
}

/// All a device reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DevicePermissions {
    /// The device.
    pub device: Uuid,
    /// Its name.
    pub name: String,
    /// By permission.
    pub permissions: BTreeMap<String, DevicePermission>,
}

/// What a device reports. Permissions it leaves out stay as they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DevicePermissionsUpdate {
    /// By permission.
    pub permissions: BTreeMap<String, DevicePermission>,
}
