//! Histories and sessions in which DingTalk's pages, others' and a bookmark of DingTalk's are named.

use std::path::{Path, PathBuf};

use crate::full::{CANARY, OTHERS, OURS};
use crate::made::{Made, sqlite, write};

/// Pages of DingTalk's that were visited, beside the bookmarked one.
pub(crate) const PAGES: usize = 3;

impl Made {
    /// Where the history is, below the profile.
    pub(crate) fn history(self) -> &'static str {
        match self {
            Made::Firefox => "places.sqlite",
            Made::Chromium => "History",
        }
    }
}

/// Fills a profile's history, and says where it is.
pub(crate) async fn history(made: Made, profile: &Path) -> PathBuf {
    let mut sql = match made {
        Made::Firefox => include_str!("layouts/places.sql").to_owned(),
        Made::Chromium => include_str!("layouts/history.sql").to_owned(),
    };
    let mut id = 0;
    for (number, host) in [OURS].into_iter().chain(OTHERS).enumerate() {
        let mark = if host == OURS { CANARY } else { "others" };
        for page in 0..PAGES {
            id += 1;
            sql += &match made {
                Made::Firefox => firefox(id, number + 1, host, &format!("{mark}-{page}-{host}")),
                Made::Chromium => chromium(id, host, &format!("{mark}-{page}-{host}")),
            };
        }
    }
    sql += match made {
        Made::Firefox => FIREFOX_BESIDE,
        Made::Chromium => CHROMIUM_BESIDE,
    };
    let path = profile.join(made.history());
    let journal = match made {
        Made::Firefox => "PRAGMA journal_mode = WAL;",
        Made::Chromium => "",
    };
    sqlite(&path, &format!("{journal}{sql}")).await;
    path
}

fn firefox(id: usize, origin: usize, host: &str, mark: &str) -> String {
    let backwards: String = host.chars().rev().collect();
    format!(
        "INSERT OR IGNORE INTO moz_origins VALUES ({origin}, 'https://', '{host}', 9, 0, NULL, 0, NULL, NULL);
         INSERT INTO moz_places VALUES ({id}, 'https://{host}/{mark}', 'title {mark}', '{backwards}.', 2, 0, 1, 900, {id}000001,
           'guid-{id}', 0, {id}77, NULL, NULL, NULL, {origin}, 0, NULL, 1);
         INSERT INTO moz_historyvisits VALUES ({id}1, 0, {id}, {id}000000, 1, 0, 0, NULL), ({id}2, {id}1, {id}, {id}000001, 2, 0, 0, {id});
         INSERT INTO moz_historyvisits_extra VALUES ({id}1, 'sync {mark}');
         INSERT INTO moz_inputhistory VALUES ({id}, 'typed {mark}', 1);
         INSERT INTO moz_places_metadata_search_queries VALUES ({id}, 'terms {mark}');
         INSERT INTO moz_places_metadata VALUES ({id}, {id}, NULL, 1, 2, 3, 4, 5, 6, 7, 0, {id});
         INSERT INTO moz_newtab_shortcuts_interaction VALUES ({id}, {id}, 1, 1, 0, 1);
         INSERT INTO moz_annos (id, place_id, anno_attribute_id, content) VALUES ({id}, {id}, 1, 'note {mark}');
         INSERT INTO moz_places_extra VALUES ({id}, 'sync {mark}');"
    )
}

/// A bookmark that was visited, one that never was, and another's page that was reached from one of DingTalk's.
const FIREFOX_BESIDE: &str = "
    INSERT INTO moz_anno_attributes VALUES (1, 'kind');
    INSERT INTO moz_origins VALUES (50, 'https://', 'dingtalk.com', 9, 0, NULL, 0, NULL, NULL);
    INSERT INTO moz_places VALUES (50, 'https://dingtalk.com/bookmarked', 'kept', 'moc.klatgnid.', 4, 0, 1, 900, 50000001, 'guid-50', 1, 5077, NULL, NULL, NULL, 50, 0, NULL, 0);
    INSERT INTO moz_places VALUES (51, 'https://dingtalk.com/never', 'kept too', 'moc.klatgnid.', 0, 0, 0, 900, NULL, 'guid-51', 1, 5177, NULL, NULL, NULL, 50, 0, NULL, 0);
    INSERT INTO moz_bookmarks (id, type, fk, parent, position, title, guid) VALUES (1, 1, 50, 3, 0, 'kept', 'mark-1'), (2, 1, 51, 3, 1, 'kept too', 'mark-2');
    INSERT INTO moz_historyvisits VALUES (501, 0, 50, 50000001, 1, 0, 0, NULL);
    INSERT INTO moz_inputhistory VALUES (50, 'typed CANARY', 1);
    INSERT INTO moz_annos (id, place_id, anno_attribute_id, content) VALUES (50, 50, 1, 'kept');
    UPDATE moz_historyvisits SET from_visit = 12 WHERE id = 41;
    INSERT INTO moz_places_metadata VALUES (60, 4, 1, 5, 2, 3, 4, 5, 6, 7, 0, NULL);";

fn chromium(id: usize, host: &str, mark: &str) -> String {
    format!(
        "INSERT INTO urls VALUES ({id}, 'https://{host}/{mark}', 'title {mark}', 2, 1, {id}000001, 0);
         INSERT INTO segments VALUES ({id}, 'https://{host}/{mark}', {id});
         INSERT INTO segment_usage VALUES ({id}, {id}, 1, 2);
         INSERT INTO visited_links VALUES ({id}, {id}, 'https://{host}', 'https://{host}/{mark}', 1);
         INSERT INTO visits (id, url, visit_time, from_visit, segment_id, visited_link_id) VALUES ({id}1, {id}, {id}000000, 0, {id}, {id}), ({id}2, {id}, {id}000001, {id}1, {id}, 0);
         INSERT INTO visit_source VALUES ({id}1, 0);
         INSERT INTO content_annotations (visit_id, annotation_flags, search_terms, has_url_keyed_image) VALUES ({id}1, 0, 'terms {mark}', 0);
         INSERT INTO context_annotations (visit_id, context_annotation_flags) VALUES ({id}1, 0);
         INSERT INTO clusters VALUES ({id}, 1, 'label {mark}', 'label', 1, '', 0);
         INSERT INTO clusters_and_visits VALUES ({id}, {id}1, 1, 1, 'https://{host}/{mark}', 'https://{host}/{mark}', '{mark}', 0);
         INSERT INTO cluster_keywords VALUES ({id}, 'word {mark}', 0, 1, '');
         INSERT INTO cluster_visit_duplicates VALUES ({id}1, {id}2);
         INSERT INTO keyword_search_terms VALUES (2, {id}, 'term {mark}', 'term {mark}');"
    )
}

/// A cluster of DingTalk's and of another's, a link of another's that was followed on a page of DingTalk's, and another's page that was reached from one of DingTalk's.
const CHROMIUM_BESIDE: &str = "
    INSERT INTO clusters VALUES (50, 1, 'both', 'both', 1, '', 0);
    INSERT INTO clusters_and_visits VALUES (50, 12, 1, 1, 'https://im.dingtalk.com/CANARY', '', '', 0), (50, 41, 1, 1, 'others', '', '', 0);
    INSERT INTO visited_links VALUES (60, 4, 'https://im.dingtalk.com', 'https://im.dingtalk.com/CANARY', 1);
    UPDATE visits SET from_visit = 12, segment_id = 1 WHERE id = 41;";

/// Writes what the browser opens again: a tab of DingTalk's, one of another's, and one of both. Says where.
pub(crate) fn session(made: Made, profile: &Path) -> PathBuf {
    match made {
        Made::Firefox => {
            let page = |host: &str| serde_json::json!({"url": format!("https://{host}/{CANARY}")});
            let others = |host: &str| serde_json::json!({"url": format!("https://{host}/others")});
            let session = serde_json::json!({
                "windows": [{"tabs": [
                    {"entries": [page(OURS)], "index": 1},
                    {"entries": [others(OTHERS[0])], "index": 1},
                    {"entries": [others(OTHERS[1]), page(OURS)], "index": 2},
                ], "selected": 1}],
                "cookies": [{"host": OURS, "name": "n", "value": CANARY}],
            });
            let json = serde_json::to_vec(&session).unwrap();
            let mut file = b"mozLz40\0".to_vec();
            file.extend(u32::try_from(json.len()).unwrap().to_le_bytes());
            file.extend(lz4_flex::block::compress(&json));
            let path = profile.join("sessionstore.jsonlz4");
            write(&path, file);
            path
        }
        Made::Chromium => {
            let page = |tab: u32, place: u32, host: &str, mark: &str| {
                let address = format!("https://{host}/{mark}");
                let mut body = vec![6, 9, 9, 9, 9];
                for part in [tab, place, u32::try_from(address.len()).unwrap()] {
                    body.extend(part.to_le_bytes());
                }
                body.extend(address.as_bytes());
                body.extend(mark.as_bytes());
                [&u16::try_from(body.len()).unwrap().to_le_bytes(), body.as_slice()].concat()
            };
            let file = [
                b"SNSS\x03\0\0\0".to_vec(),
                page(1, 0, OURS, CANARY),
                page(2, 0, OTHERS[0], "others"),
                page(3, 0, OTHERS[1], "others"),
                page(3, 1, OURS, CANARY),
            ];
            let path = profile.join("Sessions/Session_13440041380697896");
            write(&path, file.concat());
            write(
                &profile.join("Sessions_Encrypted/Session_13440041380698364"),
                "SNSS\x04\0\0\0nothing that can be read",
            );
            path
        }
    }
}
