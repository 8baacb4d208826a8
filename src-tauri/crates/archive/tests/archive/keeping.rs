//! Encryption at rest, and the copy for another provider.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::Timestamp;
use secrecy::SecretString;
use settings_privacy_archive::{
    Archive, Index, IndexPlace, Progress, keep, portable_copy, quarantine, save_new, seal, unseal, verify,
};
use settings_privacy_core::archive::Me;

use crate::support::{Bag, PNG, everything_below, expected, lying, offline, records, write};
use crate::verifying::codes;

/// Cheap, for tests.
const WORK: Option<u8> = Some(2);

fn passphrase(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

#[test]
fn what_is_encrypted_is_checked_and_read_without_being_written_out() {
    let bytes = Bag::sample().zip();
    let lying = lying(&bytes);
    let to = lying.folder.path().join("copy.zip.age");
    let word = passphrase("correct horse");
    assert_eq!(seal(&lying.path, &to, &word, WORK), Ok(to.clone()));
    let sealed = std::fs::read(&to).expect("it is there");
    assert!(
        memchr::memmem::find(&sealed, b"bagit.txt").is_none(),
        "a name can be read"
    );
    std::fs::remove_file(&lying.path).expect("it is there");

    let progress = Progress::default();
    let report = verify(
        &to,
        Some(&word),
        &expected(&bytes),
        Timestamp::UNIX_EPOCH,
        &progress,
    )
    .expect("nobody stops it");
    assert!(report.is_sound(), "{:#?}", report.lines());
    let archive = Archive::open(&to, Some(&word)).expect("it opens");
    assert!(archive.is_encrypted());
    assert!(archive.preview("data/docs/plan.txt").is_ok());
    assert_eq!(everything_below(lying.folder.path()), [to]);
}

#[tokio::test]
async fn the_index_of_an_encrypted_archive_stays_in_memory() {
    let lying = lying(&Bag::sample().zip());
    let to = lying.folder.path().join("copy.zip.age");
    let word = passphrase("correct horse");
    seal(&lying.path, &to, &word, WORK).expect("there is room");
    let archive = Arc::new(Archive::open(&to, Some(&word)).expect("it opens"));
    let wished = lying.folder.path().join("index.db");
    let index = Index::open(archive, IndexPlace::File(wished.clone()), Arc::default())
        .await
        .expect("it is read");
    assert_eq!(
        index.search("会议", None, 5).await.expect("it can be read").total,
        1
    );
    assert!(!wished.exists());
}

#[test]
fn another_passphrase_or_none_is_told_apart_from_damage() {
    let lying = lying(&Bag::sample().zip());
    let to = lying.folder.path().join("copy.zip.age");
    seal(&lying.path, &to, &passphrase("correct horse"), WORK).expect("there is room");
    let code = |word: Option<&SecretString>| Archive::open(&to, word).err().map(|fault| fault.code());
    assert_eq!(code(None), Some("needs-passphrase"));
    assert_eq!(code(Some(&passphrase("correct house"))), Some("wrong-passphrase"));
    let mut sealed = std::fs::read(&to).expect("it is there");
    let middle = sealed.len() - 2000;
    sealed[middle] ^= 1;
    write(&to, &sealed);
    let word = passphrase("correct horse");
    let report = verify(
        &to,
        Some(&word),
        &offline(),
        Timestamp::UNIX_EPOCH,
        &Progress::default(),
    )
    .expect("nobody stops it");
    assert!(!report.is_sound());
    assert!(Archive::open(&to, Some(&word)).is_err() || !codes(&report).is_empty());
}

#[test]
fn an_encrypted_copy_becomes_the_same_file_again() {
    let bytes = Bag::sample().zip();
    let lying = lying(&bytes);
    let (to, back) = (
        lying.folder.path().join("a.age"),
        lying.folder.path().join("back.zip"),
    );
    let word = passphrase("通行短语");
    seal(&lying.path, &to, &word, WORK).expect("there is room");
    unseal(&to, &back, &word).expect("there is room");
    assert_eq!(std::fs::read(&back).expect("it is there"), bytes);
    assert!(unseal(&to, &lying.folder.path().join("c.zip"), &passphrase("no")).is_err());
    assert_eq!(
        everything_below(lying.folder.path()).len(),
        3,
        "a failed one leaves nothing"
    );
}

#[test]
fn a_checked_file_gets_its_place_over_nothing_and_once() {
    let folder = tempfile::tempdir().expect("there is room");
    let at = |name: &str| folder.path().join(name);
    write(&at("copy.part"), b"new");
    write(&at("copy.zip"), b"old");
    let is_new = |path: &Path| std::fs::read(path).is_ok_and(|bytes| bytes == b"new");
    assert_eq!(
        keep(&at("copy.part"), &at("copy.zip"), is_new),
        Ok(at("copy (2).zip"))
    );
    assert_eq!(std::fs::read(at("copy.zip")).expect("it is there"), b"old");
    // The program was killed before it could note that.
    assert_eq!(
        keep(&at("copy.part"), &at("copy.zip"), is_new),
        Ok(at("copy (2).zip"))
    );
    let gone = keep(&at("copy.part"), &at("copy.zip"), |_| false);
    assert_eq!(gone.map_err(|fault| fault.code()), Err("unreadable"));
}

#[test]
fn a_file_that_cannot_get_its_place_stays_where_it_is() {
    let folder = tempfile::tempdir().expect("there is room");
    let part = folder.path().join("copy.part");
    write(&part, b"new");
    let refused = keep(&part, &folder.path().join("gone/copy.zip"), |_| false);
    assert_eq!(refused.map_err(|fault| fault.code()), Err("unwritable"));
    assert_eq!(std::fs::read(&part).expect("it is there"), b"new");
}

#[test]
fn a_report_is_saved_beside_what_has_its_name_and_never_outside_the_folder() {
    let folder = tempfile::tempdir().expect("there is room");
    let first = save_new(folder.path(), "report.txt", b"one");
    let second = save_new(folder.path(), "../report.txt", b"two");
    assert_eq!(first, Ok(folder.path().join("report.txt")));
    let second = second.expect("it can be saved");
    assert_eq!(second.parent(), Some(folder.path()));
    assert_eq!(
        std::fs::read(folder.path().join("report.txt")).expect("it is there"),
        b"one"
    );
    assert_eq!(std::fs::read(second).expect("it is there"), b"two");
}

#[test]
fn what_is_not_sound_is_set_aside_under_a_name_that_says_so() {
    let folder = tempfile::tempdir().expect("there is room");
    let part = folder.path().join("copy.zip.part");
    write(&part, b"bad");
    let aside = folder.path().join("copy.zip.part.not-sound");
    assert_eq!(quarantine(&part), Ok(Some(aside.clone())));
    assert_eq!(quarantine(&part), Ok(None));
    assert_eq!(everything_below(folder.path()), [aside]);
}

fn me() -> Me {
    Me {
        names: vec!["Chen Mei".into()],
        addresses: vec!["mei@example.org".into()],
    }
}

fn copied(bag: &Bag, to: &Path) -> settings_privacy_archive::PortableCopy {
    let lying = lying(&bag.zip());
    let archive = Archive::open(&lying.path, None).expect("it opens");
    portable_copy(&archive, to, me(), Timestamp::UNIX_EPOCH, &AtomicBool::new(false)).expect("there is room")
}

#[test]
fn a_copy_for_another_provider_names_nobody_else() {
    let mine = r#"{"id":"m9","at":"2025-05-01T00:00:00Z","kind":"message","text":"For Ann Lee and 王芳: ann@example.org","from":"Chen Mei","to":["Ann Lee"],"files":["data/messages/attachments/Ann-Lee-2.png"]}"#;
    let bag = Bag::sample()
        .file("data/messages/Ann-Lee.records.json", records("messages", &[mine]))
        .file("data/messages/attachments/Ann-Lee-2.png", PNG);
    let folder = tempfile::tempdir().expect("there is room");
    let to = folder.path().join("portable.zip");
    let copy = copied(&bag, &to);
    assert_eq!((copy.path.as_path(), copy.items), (to.as_path(), 4));

    let archive = Archive::open(&to, None).expect("it opens");
    let mut everything = Vec::new();
    let out = folder.path().join("out");
    std::fs::create_dir(&out).expect("there is room");
    let mut folders = vec!["".to_owned()];
    while let Some(at) = folders.pop() {
        for node in archive.folder(&at) {
            let path = format!("{at}{}{}", if at.is_empty() { "" } else { "/" }, node.name);
            everything.extend_from_slice(path.as_bytes());
            if node.folder {
                folders.push(path);
            } else {
                let saved = archive.save(&path, &out, None).expect("it is sound");
                everything.extend(std::fs::read(saved).expect("it is there"));
            }
        }
    }
    for gone in ["Ann", "Lee", "王芳", "ann@example.org", "8000 0000"] {
        assert!(
            memchr::memmem::find(&everything, gone.as_bytes()).is_none(),
            "{gone} is in it"
        );
    }
    for stays in [
        "Chen Mei",
        "A plan",
        "data/messages/files/000001.png",
        "Design budget",
    ] {
        assert!(
            memchr::memmem::find(&everything, stays.as_bytes()).is_some(),
            "{stays} isn't in it"
        );
    }
    let pictures = archive.folder("data/messages/files");
    assert_eq!(pictures.len(), 1, "somebody else sent the other");
    let why: Vec<&str> = copy.left_out.iter().map(|left| left.category.as_str()).collect();
    for category in ["calendar", "contacts", "mail", "messages"] {
        assert!(why.contains(&category), "{category}: {:?}", copy.left_out);
    }
}

#[test]
fn a_copy_is_a_whole_bag_that_nobody_signed() {
    let folder = tempfile::tempdir().expect("there is room");
    let to = folder.path().join("portable.zip");
    copied(&Bag::sample(), &to);
    let report =
        verify(&to, None, &offline(), Timestamp::UNIX_EPOCH, &Progress::default()).expect("nobody stops it");
    assert_eq!(codes(&report), ["unsigned"], "{:#?}", report.lines());
}

#[test]
fn what_cannot_be_understood_never_goes_along_unseen() {
    let bag = Bag::sample().file(
        "data/calls/a.records.json",
        r#"{"schema":"records/1","items":[{"id":7}]}"#,
    );
    let lying = lying(&bag.zip());
    let archive = Archive::open(&lying.path, None).expect("it opens");
    let to = lying.folder.path().join("portable.zip");
    let refused = portable_copy(
        &archive,
        &to,
        me(),
        Timestamp::UNIX_EPOCH,
        &AtomicBool::new(false),
    );
    assert_eq!(refused.map_err(|fault| fault.code()), Err("tag-file"));
    assert_eq!(everything_below(lying.folder.path()), [lying.path]);
}
