//! The XDG permission store: what the desktop remembers of the answers a person gave about an app.
//!
//! It speaks versions 1 and 2 of [`org.freedesktop.impl.portal.PermissionStore`][1], and gives every call, connecting
//! included, two seconds. It only ever touches the entries of the one app it is asked about.
//!
//! [1]: https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.impl.portal.PermissionStore.html

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use settings_privacy_core::permission::StoreKey;
use tokio::sync::Mutex;
use zbus::proxy::CacheProperties;
use zbus::zvariant::{OwnedValue, Value};

use crate::error::StoreFailure;

/// How long one call may take.
pub(super) const LIMIT: Duration = Duration::from_secs(2);

const NOT_FOUND: &str = "org.freedesktop.portal.Error.NotFound";

/// The interface, as far as both versions have it.
#[zbus::proxy(
    interface = "org.freedesktop.impl.portal.PermissionStore",
    default_service = "org.freedesktop.impl.portal.PermissionStore",
    default_path = "/org/freedesktop/impl/portal/PermissionStore",
    gen_blocking = false
)]
pub(super) trait Interface {
    /// The permissions of every app under an entry, and the entry's data.
    fn lookup(&self, table: &str, id: &str) -> zbus::Result<(HashMap<String, Vec<String>>, OwnedValue)>;
    /// Sets one app's permissions under an entry.
    fn set_permission(
        &self,
        table: &str,
        create: bool,
        id: &str,
        app: &str,
        permissions: &[String],
    ) -> zbus::Result<()>;
    /// Sets a whole entry.
    fn set(
        &self,
        table: &str,
        create: bool,
        id: &str,
        app_permissions: &HashMap<String, Vec<String>>,
        data: &Value<'_>,
    ) -> zbus::Result<()>;
    /// Removes one app's permissions under an entry. Since version 2.
    fn delete_permission(&self, table: &str, id: &str, app: &str) -> zbus::Result<()>;
    /// An entry changed.
    #[zbus(signal)]
    fn changed(
        &self,
        table: &str,
        id: &str,
        deleted: bool,
        data: Value<'_>,
        permissions: HashMap<&str, Vec<&str>>,
    ) -> zbus::Result<()>;
    /// The interface's version.
    #[zbus(property, name = "version")]
    fn version(&self) -> zbus::Result<u32>;
}

/// The store on one bus. It connects when it is first asked, and again when the bus went away.
#[derive(Debug)]
pub(super) struct PermissionStore {
    address: Option<String>,
    connection: Mutex<Option<zbus::Connection>>,
}

/// One thing to ask of the store.
#[derive(Debug, Clone, Copy)]
enum Ask<'a> {
    Read,
    Write(&'a StoreKey, Option<&'a [String]>),
}

impl PermissionStore {
    /// The store on the bus at this address; on none when there is no bus.
    pub(super) fn new(address: Option<String>) -> Self {
        Self {
            address,
            connection: Mutex::new(None),
        }
    }

    /// What the store holds for the app under each key. Keys without an entry for it are absent.
    pub(super) async fn read(
        &self,
        app: &str,
        keys: &[StoreKey],
    ) -> Result<BTreeMap<StoreKey, Vec<String>>, StoreFailure> {
        self.limited(app, keys, Ask::Read).await
    }

    /// Sets what the store holds for the app under a key, or removes it with `None`.
    pub(super) async fn write(
        &self,
        app: &str,
        key: &StoreKey,
        value: Option<&[String]>,
    ) -> Result<(), StoreFailure> {
        self.limited(app, &[], Ask::Write(key, value)).await.map(drop)
    }

    /// Asks within the limit. A connection that failed isn't used again; one that had gone away is made anew at once.
    async fn limited(
        &self,
        app: &str,
        keys: &[StoreKey],
        ask: Ask<'_>,
    ) -> Result<BTreeMap<StoreKey, Vec<String>>, StoreFailure> {
        let asked = async {
            let (connection, made_now) = self.connected().await?;
            let first = ask_over(&connection, app, keys, ask).await;
            match first {
                Err(StoreFailure::Missing { .. }) if !made_now => {
                    self.forget().await;
                    let (connection, _) = self.connected().await?;
                    ask_over(&connection, app, keys, ask).await
                }
                other => other,
            }
        };
        let answer = tokio::time::timeout(LIMIT, asked)
            .await
            .unwrap_or(Err(StoreFailure::Hanging));
        if matches!(answer, Err(StoreFailure::Missing { .. } | StoreFailure::Hanging)) {
            self.forget().await;
        }
        answer
    }

    /// The connection, and whether it was made just now. Its calls don't wait for each other.
    async fn connected(&self) -> Result<(zbus::Connection, bool), StoreFailure> {
        let mut slot = self.connection.lock().await;
        if let Some(connection) = &*slot {
            return Ok((connection.clone(), false));
        }
        let connection = connect(self.address.as_deref()).await?;
        Ok((slot.insert(connection).clone(), true))
    }

    async fn forget(&self) {
        *self.connection.lock().await = None;
    }
}

async fn ask_over(
    connection: &zbus::Connection,
    app: &str,
    keys: &[StoreKey],
    ask: Ask<'_>,
) -> Result<BTreeMap<StoreKey, Vec<String>>, StoreFailure> {
    let store = proxy(connection).await.map_err(|error| failure(&error))?;
    let answer = match ask {
        Ask::Read => read(&store, app, keys).await,
        Ask::Write(key, value) => write(&store, app, key, value).await.map(|()| BTreeMap::new()),
    };
    answer.map_err(|error| failure(&error))
}

/// Opens a connection to the bus. Without a limit of its own.
pub(super) async fn connect(address: Option<&str>) -> Result<zbus::Connection, StoreFailure> {
    let address = address.ok_or_else(|| StoreFailure::Missing {
        detail: "there is no session bus".to_owned(),
    })?;
    let open = async { zbus::connection::Builder::address(address)?.build().await };
    open.await.map_err(|error| failure(&error))
}

/// The store's proxy; its one property is read when it is needed.
pub(super) async fn proxy(connection: &zbus::Connection) -> zbus::Result<InterfaceProxy<'static>> {
    InterfaceProxy::builder(connection)
        .cache_properties(CacheProperties::No)
        .build()
        .await
}

/// Turns the store's “not found” into nothing.
fn found<T>(answer: zbus::Result<T>) -> zbus::Result<Option<T>> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(zbus::Error::MethodError(name, _, _)) if name.as_str() == NOT_FOUND => Ok(None),
        Err(error) => Err(error),
    }
}

async fn read(
    store: &InterfaceProxy<'_>,
    app: &str,
    keys: &[StoreKey],
) -> zbus::Result<BTreeMap<StoreKey, Vec<String>>> {
    // Asked all at once, so that they take the time of one.
    let asked = keys.iter().map(|key| async move {
        let entry = found(store.lookup(&key.table, &key.entry).await)?;
        let mine = entry.and_then(|(mut apps, _)| apps.remove(app));
        Ok::<_, zbus::Error>(mine.map(|mine| (key.clone(), mine)))
    });
    let held = futures_util::future::try_join_all(asked).await?;
    Ok(held.into_iter().flatten().collect())
}

async fn write(
    store: &InterfaceProxy<'_>,
    app: &str,
    key: &StoreKey,
    value: Option<&[String]>,
) -> zbus::Result<()> {
    match value {
        Some(value) => {
            store
                .set_permission(&key.table, true, &key.entry, app, value)
                .await
        }
        None if store.version().await? >= 2 => {
            found(store.delete_permission(&key.table, &key.entry, app).await).map(drop)
        }
        None => delete_in_version_1(store, app, key).await,
    }
}

/// Version 1 can't remove one app, only write the whole entry.
async fn delete_in_version_1(store: &InterfaceProxy<'_>, app: &str, key: &StoreKey) -> zbus::Result<()> {
    let Some((mut apps, data)) = found(store.lookup(&key.table, &key.entry).await)? else {
        return Ok(());
    };
    if apps.remove(app).is_none() {
        return Ok(());
    }
    store.set(&key.table, false, &key.entry, &apps, &data).await
}

/// What an error of the bus means for a person.
fn failure(error: &zbus::Error) -> StoreFailure {
    tracing::debug!(%error, "the permission store failed");
    let by_name = |name: &str| match name.strip_prefix("org.freedesktop.DBus.Error.") {
        Some("NoReply" | "Timeout" | "TimedOut") => StoreFailure::Hanging,
        Some("ServiceUnknown" | "NameHasNoOwner" | "Disconnected" | "NoServer" | "UnknownMethod")
        | Some("UnknownInterface" | "UnknownObject") => StoreFailure::Missing {
            detail: name.to_owned(),
        },
        Some(other) if other.starts_with("Spawn.") => StoreFailure::Missing {
            detail: name.to_owned(),
        },
        // Only the name is said: the text behind it may hold paths.
        Some(_) | None => StoreFailure::Refused {
            detail: name.to_owned(),
        },
    };
    if let zbus::Error::MethodError(name, _, _) = error {
        return by_name(name.as_str());
    }
    if let zbus::Error::FDO(inner) = error {
        if let zbus::fdo::Error::ZBus(inner) = &**inner {
            return failure(inner);
        }
        return by_name(zbus::DBusError::name(&**inner).as_str());
    }
    let unreachable = matches!(
        error,
        zbus::Error::InputOutput(_)
            | zbus::Error::Connection(..)
            | zbus::Error::Address(_)
            | zbus::Error::Handshake(_)
    );
    match unreachable {
        true => StoreFailure::Missing {
            detail: error.to_string(),
        },
        false => StoreFailure::Refused {
            detail: "its answer isn't valid".to_owned(),
        },
    }
}
