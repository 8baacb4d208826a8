//! Reading an archive: categories, tree, previews, saving.

use std::path::PathBuf;

use settings_privacy_archive::{Archive, Kind, Preview};
use settings_privacy_core::archive::Fault;

use crate::support::{Bag, Lying, everything_below, lying, zip};

fn open(bytes: &[u8]) -> (Lying, Archive) {
    let lying = lying(bytes);
    let archive = Archive::open(&lying.path, None).expect("it opens");
    (lying, archive)
}

fn shown(path: &str) -> Preview {
    open(&Bag::sample().zip()).1.preview(path).expect("it is there")
}

#[test]
fn categories_are_counted_as_they_are_and_named_as_the_archive_says() {
    let (_lying, archive) = open(&Bag::sample().zip());
    assert_eq!(archive.kind(), Kind::Export);
    assert!(archive.findings().is_empty());
    let found: Vec<_> = archive
        .categories()
        .into_iter()
        .map(|category| (category.id, category.files, category.claimed_items))
        .collect();
    let wanted = [
        ("calendar", 1, None),
        ("contacts", 2, None),
        ("docs", 1, None),
        ("mail", 1, None),
        ("messages", 2, Some(3)),
    ];
    assert_eq!(
        found,
        wanted.map(|(id, files, items)| (id.to_owned(), files, items))
    );
}

#[test]
fn a_zip_of_anything_opens_as_a_tree() {
    let (_lying, archive) = open(&zip(
        &[
            ("Takeout/Mail/all.txt".into(), b"one".to_vec()),
            ("Takeout/Photos/2024/a.jpg".into(), b"two".to_vec()),
            ("Takeout/index.html".into(), b"three".to_vec()),
        ],
        true,
    ));
    assert_eq!(archive.kind(), Kind::Tree);
    let names = |path| -> Vec<(String, bool, u64)> {
        let nodes = archive.folder(path);
        nodes
            .into_iter()
            .map(|node| (node.name, node.folder, node.bytes))
            .collect()
    };
    assert_eq!(
        names(""),
        [
            ("Mail".into(), true, 3),
            ("Photos".into(), true, 3),
            ("index.html".into(), false, 5)
        ]
    );
    assert_eq!(names("Photos"), [("2024".into(), true, 3)]);
}

#[test]
fn a_bag_of_which_parts_are_missing_opens_with_what_there_is() {
    let mut entries = Bag::sample().entries();
    entries.retain(|(name, _)| !name.contains("/mail/") && !name.ends_with("signature.jws"));
    let (_lying, archive) = open(&zip(&entries, true));
    assert_eq!(archive.kind(), Kind::Export);
    assert!(archive.preview("data/docs/plan.txt").is_ok());
    let gone = archive.preview("data/mail/1.eml").expect_err("it isn't there");
    assert_eq!(gone.code(), "missing");
}

#[test]
fn of_a_download_that_stopped_what_is_whole_can_be_read() {
    for deflate in [true, false] {
        let bag = Bag {
            deflate,
            ..Bag::sample()
        };
        let bytes = bag.zip();
        let plan = memchr::memmem::find(&bytes, b"data/docs/plan.txt").expect("it is there");
        let (_lying, archive) = open(&bytes[..plan + 40]);
        let codes: Vec<String> = archive
            .findings()
            .into_iter()
            .map(|finding| finding.code)
            .collect();
        assert_eq!(codes, ["cut-short"]);
        assert!(matches!(
            archive.preview("data/mail/1.eml"),
            Ok(Preview::Letter(_))
        ));
        assert_eq!(archive.file_size("data/docs/plan.txt"), None, "it isn't whole");
        assert_eq!(archive.folder("data").len(), 5);
    }
}

#[test]
fn a_cut_archive_of_any_length_is_opened_or_refused_and_never_a_panic() {
    let bytes = Bag::sample().zip();
    let opened = (0..bytes.len()).step_by(101).filter(|at| {
        let lying = lying(&bytes[..*at]);
        match Archive::open(&lying.path, None) {
            Ok(archive) => archive
                .findings()
                .iter()
                .any(|finding| finding.code == "cut-short"),
            Err(fault) => {
                assert_eq!(fault, Fault::NotAnArchive);
                false
            }
        }
    });
    assert!(opened.count() > 20);
}

#[test]
fn what_is_made_to_do_harm_does_not_open() {
    let lying = lying(&zip(&[("../a".into(), b"x".to_vec())], true));
    let refused = Archive::open(&lying.path, None).err().map(|fault| fault.code());
    assert_eq!(refused, Some("unsafe-name"));
}

#[test]
fn a_card_is_shown_as_people() {
    let Preview::Contacts { contacts, cut } = shown("data/contacts/contacts.vcf") else {
        panic!("it is shown otherwise")
    };
    assert!(!cut);
    let names: Vec<&str> = contacts.iter().map(|contact| contact.name.as_str()).collect();
    assert_eq!(names, ["Ann Lee", "王芳"]);
    assert_eq!(contacts[0].numbers, ["+6580000000"]);
    assert_eq!(contacts[0].addresses, ["ann@example.org"]);
    assert_eq!(contacts[0].organization.as_deref(), Some("Example, Inc."));
}

#[test]
fn a_calendar_is_shown_as_events() {
    let Preview::Events { events, .. } = shown("data/calendar/calendar.ics") else {
        panic!("it is shown otherwise")
    };
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].summary, "Review");
    assert_eq!(events[0].begins.as_deref(), Some("2025-03-02 09:00Z"));
    assert_eq!(events[0].location.as_deref(), Some("Room 3"));
}

#[test]
fn a_letter_is_shown_as_text_and_nothing_of_its_page_remains() {
    let Preview::Letter(letter) = shown("data/mail/1.eml") else {
        panic!("it is shown otherwise")
    };
    assert_eq!(letter.subject, "计划");
    assert_eq!(letter.from, ["Ann Lee <ann@example.org>"]);
    assert!(letter.text.contains("Hello") && letter.text.contains("Mei"));
    for gone in ["<script", "<img", "tracker.example", "<p>"] {
        assert!(!letter.text.contains(gone), "{gone} in {}", letter.text);
    }
}

#[test]
fn a_page_is_shown_as_its_text() {
    let Preview::Text { text, .. } = shown("data/index.html") else {
        panic!("it is shown otherwise")
    };
    assert!(text.contains("Hello") && !text.contains('<'), "{text}");
}

#[test]
fn a_page_is_one_by_its_bytes_too() {
    let (_lying, archive) = open(
        &Bag::sample()
            .file("data/docs/page.txt", "<!DOCTYPE html><p>Hello")
            .zip(),
    );
    let Ok(Preview::Text { text, .. }) = archive.preview("data/docs/page.txt") else {
        panic!("it is shown otherwise")
    };
    assert!(text.contains("Hello") && !text.contains('<'), "{text}");
}

#[test]
fn a_picture_is_one_by_its_bytes_not_by_its_name() {
    let png = crate::support::PNG;
    let bag = Bag::sample()
        .file("data/docs/a.txt", png)
        .file("data/docs/b.png", "<svg onload=alert(1)>")
        .file("data/docs/c.svg", "<svg onload=alert(1)>")
        .file("data/docs/d.pdf", b"%PDF-1.4 \xff\xff".to_vec())
        .file("data/docs/e.bin", vec![0; 50]);
    let (_lying, archive) = open(&bag.zip());
    let of = |path| archive.preview(path).expect("it is there");
    let picture = Preview::Picture {
        media_type: "image/png",
        bytes: png.to_vec(),
    };
    assert!(of("data/docs/a.txt") == picture);
    for path in ["data/docs/b.png", "data/docs/c.svg"] {
        assert!(matches!(of(path), Preview::Text { .. }), "{path}");
    }
    let pdf = Preview::Other {
        media_type: Some("application/pdf"),
        size: 11,
    };
    assert!(of("data/docs/d.pdf") == pdf);
    assert!(matches!(
        of("data/docs/e.bin"),
        Preview::Other { media_type: None, .. }
    ));
}

#[test]
fn a_long_text_is_cut_between_characters() {
    let (_lying, archive) = open(
        &Bag::sample()
            .file("data/docs/long.txt", "会".repeat(200_000))
            .zip(),
    );
    let Ok(Preview::Text { text, cut }) = archive.preview("data/docs/long.txt") else {
        panic!("it is shown otherwise")
    };
    assert!(cut && text.chars().all(|char| char == '会'));
}

#[test]
fn one_file_is_saved_beside_what_is_there_and_over_nothing() {
    let (lying, archive) = open(&Bag::sample().zip());
    let folder = lying.folder.path().join("chosen");
    std::fs::create_dir(&folder).expect("there is room");
    let save = |wished| {
        archive
            .save("data/docs/plan.txt", &folder, wished)
            .expect("it is saved")
    };
    let names: Vec<PathBuf> = [None, None, Some("../../Plan?.txt"), Some("CON")]
        .map(save)
        .into();
    let wanted = ["plan.txt", "plan (2).txt", "Plan_.txt", "_CON"].map(|name| folder.join(name));
    assert_eq!(names, wanted);
    assert_eq!(
        std::fs::read(&names[1]).expect("it is there"),
        "A plan\n".repeat(2000).as_bytes()
    );
    // Nothing else, above all nothing outside the folder.
    assert_eq!(everything_below(lying.folder.path()).len(), 2 + wanted.len());
}

#[cfg(unix)]
#[test]
fn a_link_that_lies_in_wait_is_not_written_through() {
    let (lying, archive) = open(&Bag::sample().zip());
    let outside = lying.folder.path().join("outside.txt");
    let folder = lying.folder.path().join("chosen");
    std::fs::create_dir(&folder).expect("there is room");
    std::os::unix::fs::symlink(&outside, folder.join("plan.txt")).expect("links work here");
    let saved = archive
        .save("data/docs/plan.txt", &folder, None)
        .expect("it is saved");
    assert_eq!(saved, folder.join("plan (2).txt"));
    assert!(!outside.exists());
}

#[test]
fn what_is_damaged_or_was_changed_is_not_saved() {
    let mut entries = Bag::sample().entries();
    let plan = entries
        .iter_mut()
        .find(|entry| entry.0.ends_with("plan.txt"))
        .expect("it is there");
    plan.1[0] = b'B';
    let changed = zip(&entries, false);
    let mut damaged = Bag {
        deflate: false,
        ..Bag::sample()
    }
    .zip();
    let at = memchr::memmem::find(&damaged, b"A plan\n").expect("it is stored as it is");
    damaged[at] = b'B';
    for (bytes, code) in [(changed, "differs"), (damaged, "damaged")] {
        let (lying, archive) = open(&bytes);
        let folder = lying.folder.path().join("chosen");
        std::fs::create_dir(&folder).expect("there is room");
        let refused = archive
            .save("data/docs/plan.txt", &folder, None)
            .map_err(|fault| fault.code());
        assert_eq!(refused, Err(code));
        assert!(everything_below(&folder).is_empty());
    }
}

#[test]
fn a_folder_that_is_gone_is_said_to_be() {
    let (lying, archive) = open(&Bag::sample().zip());
    let gone = lying.folder.path().join("gone");
    let refused = archive.save("data/docs/plan.txt", &gone, None);
    assert!(matches!(refused, Err(Fault::Unwritable { .. })), "{refused:?}");
}
