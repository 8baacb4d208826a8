//! Archives made to do harm.

use std::io::{Cursor, Write as _};

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use settings_privacy_core::archive::Fault;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::{Bag, expected, offline, zip};
use crate::verifying::{codes, report};

/// Puts other bytes in the place of a name of the same length, in both headers.
fn renamed(zip: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = zip.to_vec();
    let places: Vec<usize> = memchr::memmem::find_iter(zip, from).collect();
    assert!(places.len() >= 2, "the name is in both headers");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let table: [(&[u8], &str); 11] = [
        (b"../../../a.txt", "unsafe-name"),
        (b"/etc/cron.d/a", "unsafe-name"),
        (b"C:\\windows\\a", "unsafe-name"),
        (b"..\\..\\..\\a.bat", "unsafe-name"),
        (b"data\\a.txt", "unsafe-name"),
        (b"data//a.txt", "unsafe-name"),
        (b"data/a\0.txt", "unsafe-name"),
        (b"data/\xff\xfe.txt", "unsafe-name"),
        (b"data/bbbb.txt", "duplicate-name"),
        (b"data/BBBB.txt", "case-collision"),
        (b"data/bbbb.txt/a", "file-and-folder"),
    ];
    for (name, code) in table {
        let instead = "x".repeat(name.len());
        let plain = zip(
            &[
                (instead.clone(), b"1".to_vec()),
                ("data/bbbb.txt".into(), b"2".to_vec()),
            ],
            false,
        );
        let report = report(&renamed(&plain, instead.as_bytes(), name), &offline());
        assert!(
            codes(&report).contains(&code),
            "{}: {:#?}",
            name.escape_ascii(),
            report.lines()
        );
    }
}

#[test]
fn links_and_devices_are_never_followed() {
    for (mode, code) in [
        (0o120_777, "link"),
        (0o010_644, "special"),
        (0o020_644, "special"),
        (0o060_644, "special"),
    ] {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer
            .start_file("data/a", SimpleFileOptions::default().unix_permissions(0o644))
            .expect("the name is new");
        writer.write_all(b"/etc/passwd").expect("memory takes it");
        let mut bytes = writer.finish().expect("memory takes it").into_inner();
        let entry = memchr::memmem::find(&bytes, b"PK\x01\x02").expect("it has a table");
        bytes[entry + 40..entry + 42].copy_from_slice(&u16::try_from(mode).expect("it fits").to_le_bytes());
        let report = report(&bytes, &offline());
        assert!(codes(&report).contains(&code), "{mode:o}: {:#?}", report.lines());
    }
}

/// Many names, one and the same body: the shape of Fifield's bomb.
#[test]
fn files_that_share_bytes_are_a_bomb() {
    let body = vec![0; 100_000];
    let bytes = zip(&[("data/a".into(), body.clone()), ("data/b".into(), body)], true);
    let tables: Vec<usize> = memchr::memmem::find_iter(&bytes, b"PK\x01\x02").collect();
    let mut overlapping = bytes.clone();
    let first: [u8; 4] = bytes[tables[0] + 42..tables[0] + 46]
        .try_into()
        .expect("four bytes");
    overlapping[tables[1] + 42..tables[1] + 46].copy_from_slice(&first);
    let found = report(&overlapping, &offline());
    assert!(codes(&found).contains(&"overlap"), "{:#?}", found.lines());
    assert_eq!(found.bytes, 0, "nothing of it was unpacked");

    // The quoted kind: the first body reaches over the second's header.
    let mut quoting = bytes.clone();
    let long = u32::try_from(bytes.len()).expect("it is short") - 200;
    quoting[tables[0] + 20..tables[0] + 24].copy_from_slice(&long.to_le_bytes());
    let found = report(&quoting, &offline());
    assert!(codes(&found).contains(&"overlap"), "{:#?}", found.lines());
}

#[test]
fn an_archive_that_says_it_holds_far_more_than_it_is_is_not_unpacked() {
    let mut bytes = zip(&[("data/a".into(), vec![0; 100_000])], true);
    let table = memchr::memmem::find(&bytes, b"PK\x01\x02").expect("it has a table");
    bytes[table + 24..table + 28].copy_from_slice(&0xF000_0000u32.to_le_bytes());
    let found = report(&bytes, &offline());
    assert!(codes(&found).contains(&"too-much"), "{:#?}", found.lines());
    assert_eq!(found.bytes, 0);
}

#[test]
fn a_file_longer_or_shorter_than_it_says_is_found_and_unpacking_stops_there() {
    for said in [10u32, 200_000] {
        let mut bytes = zip(&[("data/a".into(), vec![7; 100_000])], true);
        let table = memchr::memmem::find(&bytes, b"PK\x01\x02").expect("it has a table");
        bytes[table + 24..table + 28].copy_from_slice(&said.to_le_bytes());
        let found = report(&bytes, &offline());
        assert!(
            codes(&found).contains(&"size-lies"),
            "{said}: {:#?}",
            found.lines()
        );
    }
}

#[test]
fn an_archive_within_the_archive_is_only_a_file() {
    let mut inner = zip(&[("../../a".into(), b"x".to_vec())], true);
    for _ in 0..20 {
        inner = zip(&[("data/inner.zip".into(), inner)], true);
    }
    let bytes = Bag::sample().file("data/docs/inner.zip", inner).zip();
    assert!(report(&bytes, &expected(&bytes)).is_sound());
}

#[test]
fn the_two_headers_of_a_file_must_agree() {
    let bytes = zip(&[("data/aaaa.txt".into(), b"x".to_vec())], false);
    let mut other = bytes.clone();
    let local = memchr::memmem::find(&bytes, b"data/aaaa.txt").expect("it is there");
    other[local] = b'D';
    assert!(codes(&report(&other, &offline())).contains(&"structure"));
}

#[test]
fn a_flipped_bit_anywhere_is_found() {
    let bytes = Bag {
        deflate: false,
        ..Bag::sample()
    }
    .zip();
    let expected = expected(&bytes);
    assert!(report(&bytes, &expected).is_sound());
    let mut dice = SmallRng::seed_from_u64(7);
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("copy.zip");
    for turn in 0..10_000 {
        let (at, bit) = (dice.random_range(0..bytes.len()), dice.random_range(0..8u8));
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << bit;
        std::fs::write(&path, &flipped).expect("there is room");
        let report = settings_privacy_archive::verify(
            &path,
            None,
            &expected,
            jiff::Timestamp::UNIX_EPOCH,
            &settings_privacy_archive::Progress::default(),
        )
        .expect("nobody stops it");
        assert!(
            !report.is_sound(),
            "turn {turn}: bit {bit} of byte {at} wasn't found"
        );
        assert!(report.findings.iter().all(|finding| !finding.message.is_empty()));
    }
}

/// Without the service's digest, what is in the files can still not differ: what isn't found changed no content.
#[test]
fn without_the_digest_no_flip_reaches_a_file() {
    let bytes = Bag::sample().zip();
    let whole = report(&bytes, &offline());
    assert!(whole.is_sound(), "{:#?}", whole.lines());
    let mut dice = SmallRng::seed_from_u64(8);
    let mut harmless = 0;
    for _ in 0..3000 {
        let mut flipped = bytes.clone();
        let at = dice.random_range(0..bytes.len());
        flipped[at] ^= 1 << dice.random_range(0..8u8);
        let report = report(&flipped, &offline());
        if report.is_sound() {
            harmless += 1;
            // Dates and attributes, which nothing here reads.
            assert_eq!((report.files, report.bytes), (whole.files, whole.bytes));
        }
    }
    assert!(harmless < 600, "{harmless} of 3000 weren't noticed");
}

#[test]
fn an_archive_cut_anywhere_is_never_sound_and_never_a_panic() {
    let bytes = Bag::sample().zip();
    for at in (0..bytes.len()).step_by(97) {
        assert!(!report(&bytes[..at], &offline()).is_sound(), "cut at {at}");
    }
}

#[test]
fn rubbish_is_no_archive() {
    let mut dice = SmallRng::seed_from_u64(9);
    for len in [0, 1, 21, 22, 23, 1000] {
        let bytes: Vec<u8> = (0..len).map(|_| dice.random()).collect();
        let found = report(&bytes, &offline());
        assert_eq!(
            found.findings[0].fault,
            Fault::NotAnArchive,
            "{:#?}",
            found.lines()
        );
    }
}

#[test]
fn a_folder_is_no_archive_and_a_missing_file_is_said_to_be() {
    let folder = tempfile::tempdir().expect("there is room");
    let look = |path| {
        settings_privacy_archive::verify(
            path,
            None,
            &offline(),
            jiff::Timestamp::UNIX_EPOCH,
            &settings_privacy_archive::Progress::default(),
        )
        .expect("nobody stops it")
    };
    assert_eq!(codes(&look(folder.path())), ["not-an-archive"]);
    assert_eq!(codes(&look(&folder.path().join("gone.zip"))), ["unreadable"]);
}
