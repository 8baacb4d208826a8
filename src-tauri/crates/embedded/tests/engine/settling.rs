//! A change whose end was never recorded, because the program ended: the next start finds out what became of it.

use crate::support::{Stage as Setup, state};
use settings_privacy_core::history::{Change, EffectiveWord, Stage};
use settings_privacy_core::permission::{PermissionId, Snapshot, Wanted};
use settings_privacy_engine::store::Store;

const DENIED: &str = "[Context]\nfilesystems=!xdg-download;\n";

/// A computer with DingTalk's Flatpak, on which somebody began to deny the files and was cut off.
async fn cut_off(before: Option<&str>, now: Option<&str>) -> Setup {
    let setup = Setup::new();
    let flatpak = setup.home.path().join("home/.local/share/flatpak");
    let active = flatpak.join("app/com.dingtalk.DingTalk/current/active");
    std::fs::create_dir_all(&active).expect("it can be made");
    let metadata = "[Application]\nname=com.dingtalk.DingTalk\n\n[Context]\nfilesystems=xdg-download;\n";
    std::fs::write(active.join("metadata"), metadata).expect("it can be written");
    std::fs::create_dir_all(flatpak.join("overrides")).expect("it can be made");
    if let Some(now) = now {
        std::fs::write(overrides(&setup), now).expect("it can be written");
    }
    let opened = Store::open(&setup.own().database(), jiff::Timestamp::now())
        .await
        .expect("it opens");
    let change = Change::Permission {
        permission: PermissionId::new("files"),
        wanted: Wanted::Deny,
        from: EffectiveWord::Allowed,
        before: Snapshot {
            override_file: before.map(str::to_owned),
            store: Vec::new(),
        },
        after: None,
    };
    opened
        .store
        .begin_change(&change, jiff::Timestamp::now())
        .await
        .expect("it is recorded");
    opened.store.close().await;
    setup
}

fn overrides(setup: &Setup) -> std::path::PathBuf {
    setup
        .home
        .path()
        .join("home/.local/share/flatpak/overrides/com.dingtalk.DingTalk")
}

#[tokio::test]
async fn a_change_that_was_never_made_is_recorded_as_failed() {
    let setup = cut_off(None, None).await;
    let engine = setup.engine().await;
    assert_eq!(state(&engine).await.history[0].stage, Stage::Failed);
}

#[tokio::test]
async fn a_change_that_was_made_can_be_undone_to_the_byte() {
    let before = "# mine\n[Context]\nsockets=!cups;\n";
    let setup = cut_off(Some(before), Some(DENIED)).await;
    let engine = setup.engine().await;
    assert_eq!(state(&engine).await.history[0].stage, Stage::Done);
    engine.undo_last().await.expect("it can be undone");
    assert_eq!(
        std::fs::read_to_string(overrides(&setup)).expect("it is there"),
        before
    );
}

#[tokio::test]
async fn what_somebody_else_wrote_since_outlives_the_undo() {
    let setup = cut_off(None, Some(DENIED)).await;
    let engine = setup.engine().await;
    std::fs::write(overrides(&setup), format!("{DENIED}devices=!all;\n")).expect("it can be written");
    engine.undo_last().await.expect("it can be undone");
    let left = std::fs::read_to_string(overrides(&setup)).expect("it is there");
    assert!(
        left.contains("devices=!all;") && !left.contains("xdg-download"),
        "{left}"
    );
}
