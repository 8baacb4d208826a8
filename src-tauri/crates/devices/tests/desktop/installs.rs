//! How the app is installed is told as it is.

use settings_privacy_core::permission::{Install, PackageKind, Scope};

use crate::computer::{APP, Computer, METADATA, Whose, catalogue, codes, write};

fn dpkg(computer: &Computer, state: &str) {
    write(
        &computer
            .root()
            .join("var/lib/dpkg/info/com.alibabainc.dingtalk.list"),
        "/.\n",
    );
    let status = format!(
        "Package: other\nStatus: install ok installed\n\nPackage: com.alibabainc.dingtalk\nStatus: {state}\n"
    );
    write(&computer.root().join("var/lib/dpkg/status"), &status);
}

#[tokio::test]
async fn a_computer_without_the_app_says_so() {
    let computer = Computer::without_bus();
    let seen = computer.desktop().observe(catalogue()).await;
    assert_eq!(seen.install, Install::Absent);
    assert_eq!(
        codes(&seen),
        Vec::<&str>::new(),
        "a store that nobody needs isn't missed"
    );
}

#[tokio::test]
async fn a_deb_and_a_folder_are_plain_programs() {
    let computer = Computer::without_bus();
    write(&computer.root().join("opt/dingtalk/run"), "");
    let folder = Install::Package {
        kind: PackageKind::Folder,
        found: "/opt/dingtalk".into(),
    };
    assert_eq!(computer.desktop().observe(catalogue()).await.install, folder);
    dpkg(&computer, "install ok installed");
    let deb = Install::Package {
        kind: PackageKind::Deb,
        found: "com.alibabainc.dingtalk".into(),
    };
    assert_eq!(computer.desktop().observe(catalogue()).await.install, deb);
    dpkg(&computer, "deinstall ok config-files");
    assert_eq!(computer.desktop().observe(catalogue()).await.install, folder);
}

#[tokio::test]
async fn rpm_is_asked_where_it_keeps_a_list() {
    let computer = Computer::without_bus();
    let rpm = computer.root().join("bin/rpm");
    write(&rpm, "#!/bin/sh\n[ \"$4\" = com.alibabainc.dingtalk ]\n");
    std::fs::set_permissions(&rpm, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut places = computer.places();
    places.programs = vec![computer.root().join("bin")];
    let desktop = settings_privacy_devices::Desktop::new(places);
    assert_eq!(desktop.observe(catalogue()).await.install, Install::Absent);
    std::fs::create_dir_all(computer.root().join("usr/lib/sysimage/rpm")).unwrap();
    let found = Install::Package {
        kind: PackageKind::Rpm,
        found: "com.alibabainc.dingtalk".into(),
    };
    assert_eq!(desktop.observe(catalogue()).await.install, found);
}

#[tokio::test]
async fn the_sandboxed_one_is_shown_and_the_plain_one_is_told() {
    let computer = Computer::with_dingtalk();
    dpkg(&computer, "install ok installed");
    let seen = computer.desktop().observe(catalogue()).await;
    assert!(matches!(
        seen.install,
        Install::Flatpak {
            scope: Scope::User,
            ..
        }
    ));
    assert_eq!(codes(&seen), ["also-installed-unsandboxed"]);
}

#[tokio::test]
async fn the_version_is_the_one_the_app_gives_itself() {
    let computer = Computer::with_dingtalk();
    let active = computer
        .installation(Whose::User)
        .join("app")
        .join(APP)
        .join("current/active");
    let path = active.join("files/share/metainfo/com.dingtalk.DingTalk.metainfo.xml");
    write(
        &path,
        "<component><releases><release version=\"8.1.0\" date=\"2026-01-01\"/></releases></component>",
    );
    let seen = computer.desktop().observe(catalogue()).await;
    let install = Install::Flatpak {
        app_id: APP.into(),
        version: Some("8.1.0".into()),
        scope: Scope::User,
    };
    assert_eq!(seen.install, install);
}

#[tokio::test]
async fn an_app_without_a_current_branch_is_found_all_the_same() {
    let computer = Computer::without_bus();
    computer.install(Whose::System, METADATA);
    std::fs::remove_file(
        computer
            .installation(Whose::System)
            .join("app")
            .join(APP)
            .join("current"),
    )
    .unwrap();
    let seen = computer.desktop().observe(catalogue()).await;
    assert!(matches!(
        seen.install,
        Install::Flatpak {
            scope: Scope::System,
            ..
        }
    ));
}
