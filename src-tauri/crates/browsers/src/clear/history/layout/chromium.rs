//! Chromium's.

use super::{Goes, Layout, Table, tie, with};
use crate::chromium::{DOWNLOAD_NAMES, DOWNLOADED};

/// Chromium's `History` (`components/history/core/browser`). Bookmarks lie in another file.
pub(super) static HISTORY: Layout = Layout {
    needed: &[
        ("urls", &["id", "url", "title", "visit_count", "last_visit_time"]),
        ("downloads", &["id", "guid", "referrer", "tab_url"]),
    ],
    // Chromium 156.
    known: 70,
    version_in_meta: true,
    stays: "0",
    visited: "1",
    unvisited: &[],
    reckoned: &[],
    values: &[
        ("urls", &["url", "title"]),
        ("downloads", &["referrer", "tab_url", "target_path"]),
        ("downloads_url_chains", &["url"]),
    ],
    tables: &[
        Table {
            name: "urls",
            id: Some("id"),
            goes: Goes::Pages,
            addresses: &["url"],
            also: &[],
        },
        Table {
            name: "visits",
            id: Some("id"),
            goes: Goes::With(&[tie("url", "urls")]),
            addresses: &[],
            also: &[
                ("from_visit", "visits"),
                ("opener_visit", "visits"),
                ("segment_id", "segments"),
                ("visited_link_id", "visited_links"),
            ],
        },
        with("visit_source", &[tie("id", "visits")]),
        with("content_annotations", &[tie("visit_id", "visits")]),
        with("context_annotations", &[tie("visit_id", "visits")]),
        with("clusters_and_visits", &[tie("visit_id", "visits")]),
        with(
            "cluster_visit_duplicates",
            &[tie("visit_id", "visits"), tie("duplicate_visit_id", "visits")],
        ),
        Table {
            name: "clusters",
            id: Some("cluster_id"),
            goes: Goes::Orphans {
                table: "clusters_and_visits",
                column: "cluster_id",
                about: &["cluster_id"],
            },
            addresses: &[],
            also: &[],
        },
        with("cluster_keywords", &[tie("cluster_id", "clusters")]),
        with("keyword_search_terms", &[tie("url_id", "urls")]),
        Table {
            name: "segments",
            id: Some("id"),
            goes: Goes::With(&[tie("url_id", "urls")]),
            addresses: &[],
            also: &[],
        },
        Table {
            name: "segment_usage",
            id: Some("id"),
            goes: Goes::With(&[tie("segment_id", "segments")]),
            addresses: &[],
            also: &[],
        },
        Table {
            name: "visited_links",
            id: Some("id"),
            goes: Goes::With(&[tie("link_url_id", "urls")]),
            // Links that were followed on a page.
            addresses: &["top_level_url", "frame_url"],
            also: &[],
        },
        Table {
            name: "downloads",
            id: Some("id"),
            goes: Goes::Downloads {
                told_by: DOWNLOADED,
                same: "guid",
            },
            addresses: DOWNLOAD_NAMES,
            also: &[],
        },
        with("downloads_url_chains", &[tie("id", "downloads")]),
        with("downloads_slices", &[tie("download_id", "downloads")]),
    ],
};

/// Chromium's `Favicons` (`components/favicon/core/favicon_database.cc`).
pub(super) static ICONS: Layout = Layout {
    needed: &[
        ("icon_mapping", &["id", "page_url", "icon_id"]),
        ("favicons", &["id", "url"]),
    ],
    // Chromium 156.
    known: 9,
    version_in_meta: true,
    stays: "0",
    visited: "1",
    unvisited: &[],
    reckoned: &[],
    values: &[("icon_mapping", &["page_url"]), ("favicons", &["url"])],
    tables: &[
        Table {
            name: "icon_mapping",
            id: Some("id"),
            goes: Goes::Pages,
            addresses: &["page_url"],
            also: &[("icon_id", "favicons")],
        },
        Table {
            name: "favicons",
            id: Some("id"),
            goes: Goes::Orphans {
                table: "icon_mapping",
                column: "icon_id",
                about: &["url", "icon_type"],
            },
            addresses: &["url"],
            also: &[],
        },
        Table {
            name: "favicon_bitmaps",
            id: Some("id"),
            goes: Goes::With(&[tie("icon_id", "favicons")]),
            addresses: &[],
            also: &[],
        },
    ],
};
