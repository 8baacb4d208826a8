//! The icon beside the clock, as a desktop that shows such icons sees it: the test is that desktop.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, connection};

use crate::deletion::{ask, hand_over};
use crate::driver::{App, my_turn};
use crate::home::Home;

/// Nothing of a desktop takes longer to appear.
const LIMIT: Duration = Duration::from_secs(20);
const MENU: &str = "com.canonical.dbusmenu";
const ITEM: &str = "org.kde.StatusNotifierItem";

/// What draws icons beside the clock.
#[derive(Clone, Default)]
struct Watcher {
    registered: Arc<Mutex<Option<String>>>,
    news: Arc<Notify>,
}

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: String) {
        *self.registered.lock().expect("nobody panics while holding it") = Some(service);
        self.news.notify_one();
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

impl Watcher {
    async fn on_the_bus(&self) -> Connection {
        let builder = connection::Builder::session().expect("the tests have a bus");
        let builder = builder.name("org.kde.StatusNotifierWatcher").expect("a name");
        let served = builder.serve_at("/StatusNotifierWatcher", self.clone());
        served
            .expect("a path")
            .build()
            .await
            .expect("nobody else is the watcher")
    }

    /// The icon that was put up.
    async fn icon(&self) -> String {
        let shown = async {
            loop {
                let known = self
                    .registered
                    .lock()
                    .expect("nobody panics while holding it")
                    .take();
                if let Some(known) = known {
                    return known;
                }
                self.news.notified().await;
            }
        };
        tokio::time::timeout(LIMIT, shown)
            .await
            .expect("it is there in time")
    }
}

/// An entry of a menu: its number, what it says and whether it can be pressed, and those below it.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// The entries of an icon's menu: number, label, whether it can be pressed.
async fn menu(bus: &Connection, icon: &str) -> Vec<(i32, String, bool)> {
    let asked = (0_i32, -1_i32, Vec::<String>::new());
    let answer = bus
        .call_method(Some(icon), "/MenuBar", Some(MENU), "GetLayout", &asked)
        .await;
    let answer = answer.expect("it has a menu");
    let (_, (_, _, below)): (u32, Layout) = answer.body().deserialize().expect("it is a menu");
    let entry = |entry: OwnedValue| {
        let (number, says, _) = Layout::try_from(entry).expect("it is an entry");
        let label = says
            .get("label")
            .and_then(|label| String::try_from(label.clone()).ok());
        let enabled = says
            .get("enabled")
            .is_none_or(|enabled| bool::try_from(enabled.clone()).unwrap_or(true));
        (number, label.unwrap_or_default(), enabled)
    };
    below.into_iter().map(entry).collect()
}

#[tokio::test]
async fn an_account_is_kept_from_beside_the_clock_and_the_icon_goes() {
    let _turn = my_turn().await;
    let home = Home::with_dingtalk();
    let watcher = Watcher::default();
    let bus = watcher.on_the_bus().await;
    let app = App::start(&home).await;
    app.click("onboarding-sample").await;
    app.click("onboarding-continue").await;
    app.click("nav-deletion").await;
    hand_over(&app).await;
    app.until("deletion-next", "aria-disabled", "false").await;
    assert!(
        watcher.registered.lock().expect("nobody holds it").is_none(),
        "nothing ends yet"
    );
    ask(&app).await;

    let icon = watcher.icon().await;
    let title = bus
        .call_method(
            Some(icon.as_str()),
            "/StatusNotifierItem",
            Some("org.freedesktop.DBus.Properties"),
            "Get",
            &(ITEM, "Title"),
        )
        .await
        .expect("it has a title");
    let title: OwnedValue = title.body().deserialize().expect("it is a value");
    assert_eq!(
        String::try_from(title).ok().as_deref(),
        Some("Settings & Privacy")
    );
    let entries = menu(&bus, &icon).await;
    let (_, until, pressable) = &entries[0];
    assert!(
        until.starts_with("Your account will be deleted on ") && !pressable,
        "{entries:?}"
    );
    let keep = entries.iter().find(|(_, label, _)| label == "Keep my account");
    let (number, _, pressable) = keep.unwrap_or_else(|| panic!("{entries:?}"));
    assert!(pressable, "{entries:?}");
    let pressed = (*number, "clicked", Value::from(0_i32), 0_u32);
    bus.call_method(Some(icon.as_str()), "/MenuBar", Some(MENU), "Event", &pressed)
        .await
        .expect("it can be pressed");
    app.until_says("Your account stays").await;

    let dbus = zbus::fdo::DBusProxy::new(&bus).await.expect("the bus answers");
    let there = async || {
        let name = icon.as_str().try_into().expect("a name");
        dbus.name_has_owner(name).await.expect("the bus answers")
    };
    let gone = async {
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        while there().await {
            looks.tick().await;
        }
    };
    tokio::time::timeout(LIMIT, gone).await.expect("the icon goes");
    app.close().await;
}
