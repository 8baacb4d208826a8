//! Rows of `devices` and `device_permissions`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use settings_privacy_api::{DeviceInfo, DevicePermission, DevicePermissions, PermissionState};
use uuid::Uuid;

use super::{Connection, micros, timestamp};

/// Notes a device of an account, or its new name.
pub async fn register(
    connection: &mut Connection,
    account: Uuid,
    device: &DeviceInfo,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO devices (account_id, id, name, created_at, last_seen_at) VALUES ($1, $2, $3, $4, $4) \
         ON CONFLICT (account_id, id) DO UPDATE SET name = excluded.name, last_seen_at = excluded.last_seen_at",
    )
    .bind(account.to_string())
    .bind(device.id.to_string())
    .bind(&device.name)
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that a device was there.
pub async fn seen(
    connection: &mut Connection,
    account: Uuid,
    device: Uuid,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE devices SET last_seen_at = $3 WHERE account_id = $1 AND id = $2")
        .bind(account.to_string())
        .bind(device.to_string())
        .bind(micros(now))
        .execute(connection)
        .await?;
    Ok(())
}

/// What a device of an account reported; none if it is no device of this account's.
pub async fn permissions(
    connection: &mut Connection,
    account: Uuid,
    device: Uuid,
) -> Result<Option<DevicePermissions>, sqlx::Error> {
    let name: Option<String> =
        sqlx::query_scalar("SELECT name FROM devices WHERE account_id = $1 AND id = $2")
            .bind(account.to_string())
            .bind(device.to_string())
            .fetch_optional(&mut *connection)
            .await?;
    let Some(name) = name else { return Ok(None) };
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT permission_id, state, observed_at FROM device_permissions \
         WHERE account_id = $1 AND device_id = $2",
    )
    .bind(account.to_string())
    .bind(device.to_string())
    .fetch_all(connection)
    .await?;
    let mut permissions = BTreeMap::new();
    for (id, state, observed_at) in rows {
        let observed = DevicePermission {
            state: parse_state(&state)?,
            observed_at: timestamp(observed_at)?,
        };
        permissions.insert(id, observed);
    }
    Ok(Some(DevicePermissions {
        device,
        name,
        permissions,
    }))
}

/// Notes what a device reports of one permission.
pub async fn observe(
    connection: &mut Connection,
    account: Uuid,
    device: Uuid,
    permission: &str,
    observed: &DevicePermission,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO device_permissions (account_id, device_id, permission_id, state, observed_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id, device_id, permission_id) \
         DO UPDATE SET state = excluded.state, observed_at = excluded.observed_at",
    )
    .bind(account.to_string())
    .bind(device.to_string())
    .bind(permission)
    .bind(state_name(observed.state))
    .bind(micros(observed.observed_at))
    .execute(connection)
    .await?;
    Ok(())
}

const STATES: [(PermissionState, &str); 6] = [
    (PermissionState::Allowed, "allowed"),
    (PermissionState::Denied, "denied"),
    (PermissionState::Asks, "asks"),
    (PermissionState::NotRequested, "not-requested"),
    (PermissionState::NotEnforced, "not-enforced"),
    (PermissionState::Unknown, "unknown"),
];

fn state_name(state: PermissionState) -> &'static str {
    match state {
        PermissionState::Allowed => "allowed",
        PermissionState::Denied => "denied",
        PermissionState::Asks => "asks",
        PermissionState::NotRequested => "not-requested",
        PermissionState::NotEnforced => "not-enforced",
        PermissionState::Unknown => "unknown",
    }
}

fn parse_state(text: &str) -> Result<PermissionState, sqlx::Error> {
    let known = STATES.iter().find(|(_, name)| *name == text);
    known
        .map(|(state, _)| *state)
        .ok_or_else(|| sqlx::Error::Decode("an unknown state of a permission".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_stored_as_it_stands_on_the_wire_and_read_back() {
        for (state, name) in STATES {
            assert_eq!(serde_json::to_value(state).unwrap(), name);
            assert_eq!((state_name(state), parse_state(name).unwrap()), (name, state));
        }
        assert!(parse_state("perhaps").is_err());
    }
}
