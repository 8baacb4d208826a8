//! Firefox's.

use super::{Goes, Layout, Table, only_with, tie, with};
use crate::firefox::{BOOKMARKED, VISITED};

/// Firefox's `places.sqlite` (`toolkit/components/places/nsPlacesTables.h`). What Firefox does with triggers of its
/// own connection while it removes pages is done here.
pub(super) static PLACES: Layout = Layout {
    needed: &[(
        "moz_places",
        &[
            "id",
            "url",
            "rev_host",
            "visit_count",
            "last_visit_date",
            "foreign_count",
            "guid",
        ],
    )],
    // Firefox 153.
    known: 86,
    version_in_meta: false,
    stays: BOOKMARKED,
    visited: VISITED,
    unvisited: &[
        ("visit_count", "0"),
        ("last_visit_date", "NULL"),
        ("typed", "0"),
        // Firefox reckons anew how likely a page is meant.
        ("recalc_frecency", "1"),
        ("recalc_alt_frecency", "1"),
    ],
    reckoned: &[
        "frecency",
        "alt_frecency",
        "recalc_frecency",
        "recalc_alt_frecency",
    ],
    values: &[("moz_places", &["url", "title"])],
    tables: &[
        Table {
            name: "moz_places",
            id: Some("id"),
            goes: Goes::Pages,
            addresses: &["url"],
            also: &[("origin_id", "moz_origins")],
        },
        Table {
            name: "moz_origins",
            id: Some("id"),
            goes: Goes::Orphans {
                table: "moz_places",
                column: "origin_id",
                about: &["prefix", "host"],
            },
            addresses: &[],
            also: &[],
        },
        Table {
            name: "moz_historyvisits",
            id: Some("id"),
            goes: Goes::With(&[tie("place_id", "moz_places")]),
            addresses: &[],
            also: &[
                ("from_visit", "moz_historyvisits"),
                ("triggeringPlaceId", "moz_places"),
            ],
        },
        with("moz_historyvisits_extra", &[tie("visit_id", "moz_historyvisits")]),
        with("moz_inputhistory", &[tie("place_id", "moz_places")]),
        Table {
            name: "moz_places_metadata",
            id: Some("id"),
            goes: Goes::With(&[
                tie("place_id", "moz_places"),
                only_with("referrer_place_id", "moz_places"),
            ]),
            addresses: &[],
            also: &[("search_query_id", "moz_places_metadata_search_queries")],
        },
        Table {
            name: "moz_places_metadata_search_queries",
            id: Some("id"),
            goes: Goes::Orphans {
                table: "moz_places_metadata",
                column: "search_query_id",
                about: &["terms"],
            },
            addresses: &[],
            also: &[],
        },
        Table {
            name: "moz_newtab_shortcuts_interaction",
            id: Some("id"),
            goes: Goes::With(&[tie("place_id", "moz_places")]),
            addresses: &[],
            also: &[],
        },
        Table {
            name: "moz_annos",
            id: Some("id"),
            goes: Goes::With(&[only_with("place_id", "moz_places")]),
            addresses: &[],
            also: &[],
        },
        with("moz_places_extra", &[only_with("place_id", "moz_places")]),
    ],
};

/// Firefox's `favicons.sqlite` (`toolkit/components/places/nsPlacesTables.h`). A site's own icon has no page: it is told
/// by its address.
pub(super) static ICONS: Layout = Layout {
    needed: &[
        ("moz_pages_w_icons", &["id", "page_url"]),
        ("moz_icons", &["id", "icon_url"]),
        ("moz_icons_to_pages", &["page_id", "icon_id"]),
    ],
    // Firefox 153.
    known: 0,
    version_in_meta: false,
    stays: "0",
    visited: "1",
    unvisited: &[],
    reckoned: &[],
    values: &[("moz_pages_w_icons", &["page_url"]), ("moz_icons", &["icon_url"])],
    tables: &[
        Table {
            name: "moz_pages_w_icons",
            id: Some("id"),
            goes: Goes::Pages,
            addresses: &["page_url"],
            also: &[],
        },
        Table {
            name: "moz_icons_to_pages",
            id: None,
            goes: Goes::With(&[tie("page_id", "moz_pages_w_icons")]),
            addresses: &[],
            also: &[("icon_id", "moz_icons")],
        },
        Table {
            name: "moz_icons",
            id: Some("id"),
            goes: Goes::Orphans {
                table: "moz_icons_to_pages",
                column: "icon_id",
                about: &["icon_url", "width"],
            },
            addresses: &["icon_url"],
            also: &[],
        },
    ],
};
