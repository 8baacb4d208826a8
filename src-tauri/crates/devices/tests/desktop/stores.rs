//! Permission stores that behave as the real one doesn't let itself be made to.

use std::collections::HashMap;

use crate::computer::Computer;

/// A store that answers what it is asked, but refuses to write.
pub struct Refusing;

#[zbus::interface(name = "org.freedesktop.impl.portal.PermissionStore")]
impl Refusing {
    fn lookup(&self, _table: &str, _id: &str) -> zbus::fdo::Result<()> {
        Err(zbus::fdo::Error::ZBus(zbus::Error::Failure("unused".into())))
    }
}

/// A store of version 1, which remembers one entry.
pub struct Old {
    pub apps: HashMap<String, Vec<String>>,
}

#[zbus::interface(name = "org.freedesktop.impl.portal.PermissionStore")]
impl Old {
    fn lookup(&self, _table: &str, _id: &str) -> (HashMap<String, Vec<String>>, zbus::zvariant::OwnedValue) {
        (
            self.apps.clone(),
            zbus::zvariant::Value::from(7u8).try_into().unwrap(),
        )
    }

    fn set_permission(
        &mut self,
        _table: &str,
        _create: bool,
        _id: &str,
        app: String,
        permissions: Vec<String>,
    ) -> zbus::fdo::Result<()> {
        if permissions == ["refuse"] {
            return Err(zbus::fdo::Error::AccessDenied("/home/somebody says no".into()));
        }
        self.apps.insert(app, permissions);
        Ok(())
    }

    fn set(
        &mut self,
        _table: &str,
        _create: bool,
        _id: &str,
        apps: HashMap<String, Vec<String>>,
        data: zbus::zvariant::Value<'_>,
    ) {
        assert_eq!(data, zbus::zvariant::Value::from(7u8));
        self.apps = apps;
    }

    #[zbus(property, name = "version")]
    fn version(&self) -> u32 {
        1
    }
}

/// Puts a store on a computer's bus.
pub async fn serve<I: zbus::object_server::Interface>(computer: &Computer, store: I) -> zbus::Connection {
    let address = computer.bus_address().unwrap();
    zbus::connection::Builder::address(address.as_str())
        .unwrap()
        .serve_at("/org/freedesktop/impl/portal/PermissionStore", store)
        .unwrap()
        .name("org.freedesktop.impl.portal.PermissionStore")
        .unwrap()
        .build()
        .await
        .unwrap()
}
