//! What `verify` finds.

use std::fs::File;
use std::io::Write as _;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use settings_privacy_archive::{Expected, Hasher, Progress, Stopped, verify};
use settings_privacy_core::archive::{Fault, Report};

use crate::support::{Bag, expected, jws, lying, manifest, offline, pinned, sha256, zip};

pub fn report(bytes: &[u8], expected: &Expected) -> Report {
    let lying = lying(bytes);
    verify(
        &lying.path,
        None,
        expected,
        Timestamp::UNIX_EPOCH,
        &Progress::default(),
    )
    .expect("nobody stops it")
}

pub fn codes(report: &Report) -> Vec<&str> {
    report
        .findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect()
}

#[test]
fn a_sound_archive_is_sound_packed_or_not() {
    for deflate in [true, false] {
        let bag = Bag {
            deflate,
            ..Bag::sample()
        };
        let bytes = bag.zip();
        let report = report(&bytes, &expected(&bytes));
        assert!(report.is_sound(), "{:#?}", report.lines());
        // The payload, its report, and the three tag files that are listed.
        assert_eq!(report.files, bag.files.len() as u64 + 4);
        assert_eq!(report.signed.map(|signed| signed.kid).as_deref(), Some("k1"));
        assert!(report.digest_as_told);
    }
}

type Entries = Vec<(String, Vec<u8>)>;

#[test]
fn each_thing_that_differs_is_named() {
    let sample = Bag::sample();
    let root = format!("settings-privacy-export-{}/", sample.export);
    let with = |change: &dyn Fn(&mut Entries)| {
        let mut entries = sample.entries();
        change(&mut entries);
        zip(&entries, true)
    };
    let at = |entries: &[(String, Vec<u8>)], name: &str| {
        let name = format!("{root}{name}");
        entries
            .iter()
            .position(|entry| entry.0 == name)
            .expect("it is there")
    };
    let plan = || "data/docs/plan.txt".to_owned();
    let resigned = |entries: &mut Vec<(String, Vec<u8>)>, seed: u8, kid: &str, alg: &str| {
        let tags = entries[at(entries, "tagmanifest-sha256.txt")].1.clone();
        let place = at(entries, "signature.jws");
        entries[place].1 = jws(&tags, seed, kid, alg).into_bytes();
    };
    let table: Vec<(&str, Vec<u8>, Fault)> = vec![
        (
            "a changed file",
            with(&|entries| {
                let place = at(entries, "data/docs/plan.txt");
                entries[place].1[7] ^= 1;
            }),
            Fault::Differs {
                name: format!("{root}{}", plan()),
            },
        ),
        (
            "a missing file",
            with(&|entries| {
                let place = at(entries, "data/docs/plan.txt");
                entries.remove(place);
            }),
            Fault::Missing { name: plan() },
        ),
        (
            "an extra file",
            with(&|entries| entries.push((format!("{root}data/docs/more.txt"), b"x".to_vec()))),
            Fault::Extra {
                name: format!("{root}data/docs/more.txt"),
            },
        ),
        (
            "an extra file beside the payload",
            with(&|entries| entries.push((format!("{root}run.exe"), b"x".to_vec()))),
            Fault::Extra {
                name: format!("{root}run.exe"),
            },
        ),
        (
            "an extra file beside the bag",
            with(&|entries| entries.push(("run.exe".into(), b"x".to_vec()))),
            Fault::Extra {
                name: "run.exe".into(),
            },
        ),
        (
            "lists made anew for a changed file",
            with(&|entries| {
                let place = at(entries, "data/docs/plan.txt");
                entries[place].1[7] ^= 1;
                let payload: Vec<_> = entries
                    .iter()
                    .filter(|entry| entry.0.starts_with(&format!("{root}data/")))
                    .map(|(name, bytes)| (name[root.len()..].to_owned(), bytes.clone()))
                    .collect();
                let list = at(entries, "manifest-sha256.txt");
                entries[list].1 = manifest(&payload);
                let tags: Vec<_> = ["bagit.txt", "bag-info.txt", "manifest-sha256.txt"]
                    .map(|name| (name.to_owned(), entries[at(entries, name)].1.clone()))
                    .into();
                let list = at(entries, "tagmanifest-sha256.txt");
                entries[list].1 = manifest(&tags);
            }),
            Fault::SignedOther,
        ),
        (
            "no signature",
            with(&|entries| {
                let place = at(entries, "signature.jws");
                entries.remove(place);
            }),
            Fault::Unsigned,
        ),
        (
            "a stranger's key under the known name",
            with(&|entries| resigned(entries, 2, "k1", "EdDSA")),
            Fault::SignatureWrong,
        ),
        (
            "a stranger's key",
            with(&|entries| resigned(entries, 2, "k2", "EdDSA")),
            Fault::UnknownKey { kid: "k2".into() },
        ),
        (
            "a signature that signs nothing",
            with(&|entries| resigned(entries, 1, "k1", "none")),
            Fault::SignatureUnreadable,
        ),
        (
            "no list of the lists",
            with(&|entries| {
                let place = at(entries, "tagmanifest-sha256.txt");
                entries.remove(place);
            }),
            Fault::Unsigned,
        ),
        (
            "a list that can't be read",
            with(&|entries| {
                let place = at(entries, "manifest-sha256.txt");
                entries[place].1[3] = b'z';
            }),
            Fault::TagFile {
                name: "manifest-sha256.txt".into(),
                line: Some(1),
            },
        ),
        (
            "somebody else's",
            Bag {
                account: "acc-2".into(),
                ..Bag::sample()
            }
            .zip(),
            Fault::AnotherAccount,
        ),
        (
            "another export",
            Bag {
                export: "beef".into(),
                ..Bag::sample()
            }
            .zip(),
            Fault::AnotherExport,
        ),
        (
            "a newer kind",
            Bag {
                info: "Schema-Version: 2\n".into(),
                ..Bag::sample()
            }
            .zip(),
            Fault::NewerSchema { version: "2".into() },
        ),
        (
            "two owners",
            Bag {
                claims: Some(r#"{"schema":1,"export":"7f3a","account":"acc-9"}"#.into()),
                ..Bag::sample()
            }
            .zip(),
            Fault::AnotherAccount,
        ),
        (
            "a plain ZIP",
            zip(&[("a/b.txt".into(), b"x".to_vec())], true),
            Fault::NotABag,
        ),
    ];
    for (what, bytes, fault) in table {
        let report = report(&bytes, &offline());
        let found: Vec<&Fault> = report.findings.iter().map(|finding| &finding.fault).collect();
        assert!(found.contains(&&fault), "{what}: {:#?}", report.lines());
    }
}

#[test]
fn a_rotated_key_is_as_good_as_the_first() {
    let bag = Bag {
        seed: 2,
        ..Bag::sample()
    };
    let bytes = bag.zip();
    let known = Expected {
        keys: pinned(&[1, 2]),
        ..expected(&bytes)
    };
    assert!(report(&bytes, &known).is_sound());
    assert_eq!(codes(&report(&bytes, &expected(&bytes))), ["unknown-key"]);
}

#[test]
fn a_cut_or_swapped_file_is_told_by_length_and_digest() {
    let bytes = Bag::sample().zip();
    let cut = &bytes[..bytes.len() - 100];
    assert_eq!(codes(&report(cut, &expected(&bytes))), ["size", "not-an-archive"]);
    let other = Bag::sample().file("data/docs/b.txt", "b").zip();
    assert!(codes(&report(&other, &expected(&bytes))).contains(&"digest"));
}

#[test]
fn a_digest_taken_while_it_came_is_not_taken_again_and_counts() {
    let bytes = Bag::sample().zip();
    let mut hasher = Hasher::default();
    for piece in bytes.chunks(1000) {
        hasher.write_all(piece).expect("it takes everything");
    }
    let streamed = Some(hasher.finish());
    let known = Expected {
        streamed,
        ..expected(&bytes)
    };
    assert!(report(&bytes, &known).digest_as_told);
    let wrong = Expected {
        streamed: Some(sha256(b"something else")),
        ..expected(&bytes)
    };
    assert_eq!(codes(&report(&bytes, &wrong)), ["digest"]);
}

#[test]
fn a_digest_goes_on_where_a_download_stopped() {
    let bytes = Bag::sample().zip();
    let lying = lying(&bytes);
    let half = bytes.len() / 2;
    let mut hasher = Hasher::resume(&mut File::open(&lying.path).expect("it is there"), half as u64)
        .expect("it is long enough");
    hasher.update(&bytes[half..]);
    assert_eq!(hasher.finish(), sha256(&bytes));
    let beyond = bytes.len() as u64 + 1;
    assert!(Hasher::resume(&mut File::open(&lying.path).expect("it is there"), beyond).is_err());
}

#[test]
fn it_can_be_stopped() {
    let lying = lying(&Bag::sample().zip());
    let progress = Progress::default();
    progress.stop.store(true, Ordering::Relaxed);
    let stopped = verify(&lying.path, None, &offline(), Timestamp::UNIX_EPOCH, &progress);
    assert_eq!(stopped, Err(Stopped));
}

#[test]
fn nobody_elses_identifier_is_in_the_report() {
    let bytes = Bag {
        account: "acc-secret".into(),
        ..Bag::sample()
    }
    .zip();
    let report = report(&bytes, &offline());
    assert!(!report.lines().join("\n").contains("acc-secret"));
}
