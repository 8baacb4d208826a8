//! What browsers make of a history in which DingTalk's pages and others' are named: downloads, icons, suggestions.

use std::path::Path;

use crate::full::{CANARY, OTHERS, OURS};
use crate::made::{Made, sqlite};
use crate::visited::PAGES;

impl Made {
    /// Where icons are, below the profile.
    pub(crate) fn icons(self) -> &'static str {
        match self {
            Made::Firefox => "favicons.sqlite",
            Made::Chromium => "Favicons",
        }
    }
}

/// Adds it to a profile that has a history.
pub(crate) async fn made_of_history(made: Made, profile: &Path) {
    let mut pages = Vec::new();
    for host in [OURS].into_iter().chain(OTHERS) {
        let mark = if host == OURS { CANARY } else { "others" };
        pages.extend((0..PAGES).map(|page| (host, format!("{mark}-{page}-{host}"))));
    }
    match made {
        Made::Firefox => firefox(profile, &pages).await,
        Made::Chromium => chromium(profile, &pages).await,
    }
}

async fn firefox(profile: &Path, pages: &[(&str, String)]) {
    let mut notes = "INSERT INTO moz_anno_attributes VALUES (2, 'downloads/destinationFileURI');".to_owned();
    let mut icons = format!(
        "PRAGMA journal_mode = WAL;{}",
        include_str!("layouts/moz_icons.sql")
    );
    for (at, (host, mark)) in pages.iter().enumerate() {
        let id = at + 1;
        notes += &format!(
            "INSERT INTO moz_annos (id, place_id, anno_attribute_id, content) VALUES (1{id:02}, {id}, 2, 'file:///home/ana/{mark}');"
        );
        icons += &format!(
            "INSERT INTO moz_pages_w_icons VALUES ({id}, 'https://{host}/{mark}', {id}77);
             INSERT INTO moz_icons VALUES ({id}, 'https://{host}/{mark}.png', {id}88, 16, 0, NULL, 1, 0, x'01'), (5{id:02}, 'https://{host}/{mark}/favicon.ico', {id}99, 32, 1, NULL, 1, 0, x'02');
             INSERT INTO moz_icons_to_pages VALUES ({id}, {id}, 1);"
        );
    }
    // An icon of DingTalk's that a page of another's has, and one of another's that pages of both have.
    icons += "INSERT INTO moz_icons VALUES (90, 'https://im.dingtalk.com/shared.png', 1, 16, 0, NULL, 1, 0, x'03'), (91, 'https://www.example.org/shared.png', 1, 16, 0, NULL, 1, 0, x'04');
        INSERT INTO moz_icons_to_pages VALUES (4, 90, 1), (1, 91, 1), (4, 91, 1);";
    sqlite(&profile.join(Made::Firefox.history()), &notes).await;
    sqlite(&profile.join(Made::Firefox.icons()), &icons).await;
}

async fn chromium(profile: &Path, pages: &[(&str, String)]) {
    let mut downloads = include_str!("layouts/downloads.sql").to_owned();
    let mut icons = include_str!("layouts/favicons.sql").to_owned();
    let mut top = include_str!("layouts/top_sites.sql").to_owned();
    let mut shortcuts = include_str!("layouts/shortcuts.sql").to_owned();
    let mut predictions = include_str!("layouts/predictions.sql").to_owned();
    for (at, (host, mark)) in pages.iter().enumerate() {
        let id = at + 1;
        let address = format!("https://{host}/{mark}");
        // By the page it began on, by the address it came from, by the one that it was led to.
        let (tab, first, last) = match at % PAGES {
            0 => (
                address.as_str(),
                "https://cdn.example.org/a",
                "https://cdn.example.org/b",
            ),
            1 => ("", address.as_str(), "https://cdn.example.org/b"),
            _ => ("", "https://cdn.example.org/a", address.as_str()),
        };
        downloads += &format!(
            "INSERT INTO downloads VALUES ({id}, 'guid-{mark}', '/home/ana/{mark}', '/home/ana/{mark}', 1, 2, 2, 1, 0, 0, x'', 3, 0, 0, 0, '', '', '', '{tab}', '', '', '', '', '', '', '', 'text/plain', 'text/plain');
             INSERT INTO downloads_url_chains VALUES ({id}, 0, '{first}'), ({id}, 1, '{last}');
             INSERT INTO downloads_slices VALUES ({id}, 0, 2, 1);"
        );
        icons += &format!(
            "INSERT INTO favicons VALUES ({id}, 'https://{host}/{mark}.png', 1);
             INSERT INTO favicon_bitmaps VALUES ({id}1, {id}, 1, x'01', 16, 16, 0), ({id}2, {id}, 1, x'02', 32, 32, 0);
             INSERT INTO icon_mapping VALUES ({id}1, '{address}', {id}, 0), ({id}2, '{address}', {id}, 0);"
        );
        top += &format!("INSERT INTO top_sites VALUES ('{address}', {at}, 'title {mark}');");
        shortcuts += &format!(
            "INSERT INTO omni_box_shortcuts VALUES ('id-{id}', 'typed {mark}', '{address}', '{address}', 0, '{address}', '0,1', 'title {mark}', '0,1', 1, 1, '', 1, 1);"
        );
        predictions += &format!(
            "INSERT INTO network_action_predictor VALUES ('id-{id}', 'typed {mark}', '{address}', 1, 0);"
        );
    }
    icons += "INSERT INTO favicons VALUES (90, 'https://im.dingtalk.com/shared.png', 1), (91, 'https://www.example.org/shared.png', 1);
        INSERT INTO favicon_bitmaps VALUES (901, 90, 1, x'03', 16, 16, 0), (911, 91, 1, x'04', 16, 16, 0);
        INSERT INTO icon_mapping VALUES (901, 'https://www.example.org/others-0-www.example.org', 90, 0), (911, 'https://im.dingtalk.com/CANARY-0-im.dingtalk.com', 91, 0), (912, 'https://www.example.org/others-0-www.example.org', 91, 0);";
    for (file, sql) in [
        (Made::Chromium.history(), downloads),
        (Made::Chromium.icons(), icons),
        ("Top Sites", top),
        ("Shortcuts", shortcuts),
        ("Network Action Predictor", predictions),
    ] {
        sqlite(&profile.join(file), &sql).await;
    }
}
