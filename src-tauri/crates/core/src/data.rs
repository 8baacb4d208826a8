//! The facts the decisions are made from, read from `src-tauri/data/*.toml` at compile time.
//!
//! A mistyped key is an error, not a silence: every structure denies unknown fields.

use std::sync::OnceLock;

use crate::{consent, deadline, deletion, inventory, letter, permission, regime, rights, storage};

/// A data file that can't be used. Only a broken build can show this: the files are compiled in and tested.
#[derive(Debug, thiserror::Error)]
#[error("the data file {file} is not valid: {reason}")]
pub struct DataError {
    /// Which file.
    pub file: &'static str,
    /// What the parser, or our own check, said.
    pub reason: String,
}

/// The permissions of DingTalk on a computer (`permissions.toml`).
pub fn permissions() -> &'static permission::Catalogue {
    static CATALOGUE: OnceLock<permission::Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        permission::Catalogue::parse(include_str!("../../../data/permissions.toml"))
            .expect("permissions.toml is compiled in, and a test parses it")
    })
}

/// The consents a person may give and take back (`consents.toml`).
pub fn consents() -> &'static consent::Catalogue {
    static CATALOGUE: OnceLock<consent::Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        consent::Catalogue::parse(include_str!("../../../data/consents.toml"))
            .expect("consents.toml is compiled in, and a test parses it")
    })
}

/// What is held about a person, by category (`inventory.toml`).
pub fn inventory() -> &'static inventory::Inventory {
    static INVENTORY: OnceLock<inventory::Inventory> = OnceLock::new();
    INVENTORY.get_or_init(|| {
        inventory::Inventory::parse(include_str!("../../../data/inventory.toml"))
            .expect("inventory.toml is compiled in, and a test parses it")
    })
}

/// What becomes of it when an account ends (`retention.toml`).
pub fn retention() -> &'static deletion::retention::Retention {
    static RETENTION: OnceLock<deletion::retention::Retention> = OnceLock::new();
    RETENTION.get_or_init(|| {
        deletion::retention::Retention::parse(include_str!("../../../data/retention.toml"), inventory())
            .expect("retention.toml is compiled in, and a test parses it")
    })
}

/// The laws a copy can be asked for under (`regimes.toml`).
pub fn regimes() -> &'static regime::Regimes {
    static REGIMES: OnceLock<regime::Regimes> = OnceLock::new();
    REGIMES.get_or_init(|| {
        regime::Regimes::parse(include_str!("../../../data/regimes.toml"))
            .expect("regimes.toml is compiled in, and a test parses it")
    })
}

/// The sites that belong to DingTalk (`sites.toml`).
pub fn sites() -> &'static storage::Sites {
    static SITES: OnceLock<storage::Sites> = OnceLock::new();
    SITES.get_or_init(|| {
        storage::Sites::parse(include_str!("../../../data/sites.toml"))
            .expect("sites.toml is compiled in, and a test parses it")
    })
}

/// What cookies are likely for (`cookies.toml`).
pub fn cookie_purposes() -> &'static storage::Purposes {
    static PURPOSES: OnceLock<storage::Purposes> = OnceLock::new();
    PURPOSES.get_or_init(|| {
        storage::Purposes::parse(include_str!("../../../data/cookies.toml"))
            .expect("cookies.toml is compiled in, and a test parses it")
    })
}

/// What a person can ask for (`rights.toml`).
pub fn rights() -> &'static rights::Rights {
    static RIGHTS: OnceLock<rights::Rights> = OnceLock::new();
    RIGHTS.get_or_init(|| {
        rights::Rights::parse(include_str!("../../../data/rights.toml"), regimes())
            .expect("rights.toml is compiled in, and a test parses it")
    })
}

/// By when an answer is due (`deadlines.toml`).
pub fn deadlines() -> &'static deadline::Deadlines {
    static DEADLINES: OnceLock<deadline::Deadlines> = OnceLock::new();
    DEADLINES.get_or_init(|| {
        deadline::Deadlines::parse(include_str!("../../../data/deadlines.toml"), regimes(), rights())
            .expect("deadlines.toml is compiled in, and a test parses it")
    })
}

/// Whom letters go to (`contacts.toml`).
pub fn contacts() -> &'static letter::Contacts {
    static CONTACTS: OnceLock<letter::Contacts> = OnceLock::new();
    CONTACTS.get_or_init(|| {
        letter::Contacts::parse(include_str!("../../../data/contacts.toml"), regimes())
            .expect("contacts.toml is compiled in, and a test parses it")
    })
}

/// The words of letters (`letters/en.toml`), the one language so far.
pub fn letters() -> &'static letter::Words {
    static WORDS: OnceLock<letter::Words> = OnceLock::new();
    WORDS.get_or_init(|| {
        letter::Words::parse(
            "letters/en.toml",
            include_str!("../../../data/letters/en.toml"),
            rights(),
        )
        .expect("letters/en.toml is compiled in, and a test parses it")
    })
}
