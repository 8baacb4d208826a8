//! The desktop's own settings pages are offered where they are.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use settings_privacy_devices::{Desktop, How, Places};

use crate::computer::{Computer, METADATA, Whose, catalogue, id, write};

fn gnome(computer: &Computer) -> Places {
    let program = computer.root().join("bin/gnome-control-center");
    let script = format!(
        "#!/bin/sh\nfor word; do echo \"<$word>\"; done > {}\n",
        computer.root().join("started").display()
    );
    write(&program, &script);
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut places = computer.places();
    places.programs = vec!["/nowhere".into(), computer.root().join("bin")];
    places.desktop = "ubuntu:GNOME".to_owned();
    places
}

fn arguments(desktop: &Desktop, which: &str) -> Option<Vec<String>> {
    match desktop.settings_page(catalogue().get(&id(which)).unwrap())?.how {
        How::Command { program, arguments } => {
            assert_eq!(program, "gnome-control-center");
            Some(arguments)
        }
        How::Uri(uri) => panic!("{uri}"),
    }
}

#[tokio::test]
async fn gnome_opens_the_apps_page_or_the_permissions() {
    let computer = Computer::without_bus();
    let desktop = Desktop::new(gnome(&computer));
    assert_eq!(arguments(&desktop, "camera"), Some(vec!["camera".to_owned()]));
    assert_eq!(arguments(&desktop, "files"), None);
    computer.install(Whose::User, METADATA);
    let app = vec!["applications".to_owned(), "com.dingtalk.DingTalk".to_owned()];
    assert_eq!(arguments(&desktop, "files"), Some(app));
}

#[tokio::test]
async fn elsewhere_no_page_is_offered() {
    let computer = Computer::without_bus();
    let mut places = gnome(&computer);
    places.desktop = "KDE".to_owned();
    assert_eq!(arguments(&Desktop::new(places), "camera"), None);
    let camera = catalogue().get(&id("camera")).unwrap();
    let error = computer.desktop().open_settings(camera).await.unwrap_err();
    assert_eq!(error.code(), "no-settings-page");
}

#[tokio::test]
async fn the_page_is_opened_without_a_shell() {
    let computer = Computer::without_bus();
    let desktop = Desktop::new(gnome(&computer));
    desktop
        .open_settings(catalogue().get(&id("camera")).unwrap())
        .await
        .unwrap();
    let started = computer.root().join("started");
    for _ in 0..400 {
        if std::fs::read_to_string(&started).is_ok_and(|words| words == "<camera>\n") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it wasn't started");
}
