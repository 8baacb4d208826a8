//! Which tables of a browser's history tell of a page, and by which columns.

use settings_privacy_core::storage::Family;

use crate::firefox;

/// How a browser lays out its history. The first table has the pages.
pub(super) struct Layout {
    /// What the pages' table has in every known version.
    pub(super) needed: &'static [&'static str],
    /// The newest version that is known here.
    pub(super) known: i64,
    /// The version stands in a table `meta`, not in `user_version`.
    pub(super) version_in_meta: bool,
    /// The condition that a page (a row `m`) stays with nothing that tells of a visit: it is a bookmark's.
    pub(super) stays: &'static str,
    /// The condition that a page (a row `m`) was visited, or is there for nothing else.
    pub(super) visited: &'static str,
    /// What tells of a visit in the row of a page that stays, each with what says that there was none. Columns that a
    /// version doesn't have are left out.
    pub(super) unvisited: &'static [(&'static str, &'static str)],
    /// Columns of a page that the browser reckons by itself.
    pub(super) reckoned: &'static [&'static str],
    /// The tables, each after those that it is tied to. Tables that a version doesn't have are left out.
    pub(super) tables: &'static [Table],
}

/// A table of the history.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// The number by which others refer to its rows.
    pub(super) id: Option<&'static str>,
    /// Which of its rows go.
    pub(super) goes: Goes,
    /// Columns with addresses: a row goes, too, where one of them is of the pages' hosts.
    pub(super) addresses: &'static [&'static str],
    /// Columns that refer to rows without saying that this row goes with them: they follow a row that gets another
    /// number when it is put back.
    pub(super) also: &'static [(&'static str, &'static str)],
}

/// Which rows of a table go.
pub(super) enum Goes {
    /// The pages.
    Pages,
    /// Rows that a column ties to a row of another table that goes.
    With(&'static [Tie]),
    /// Rows that a column of another table referred to, and none refers to any more. The columns tell what they are
    /// about.
    Orphans {
        table: &'static str,
        column: &'static str,
        about: &'static [&'static str],
    },
}

/// A column that ties a row to another's.
pub(super) struct Tie {
    pub(super) column: &'static str,
    /// The table it ties to, by that table's number.
    pub(super) to: &'static str,
    /// It also ties to pages that stay: it tells of visits.
    pub(super) of_visits: bool,
}

const fn tie(column: &'static str, to: &'static str) -> Tie {
    Tie {
        column,
        to,
        of_visits: true,
    }
}

const fn only_with(column: &'static str, to: &'static str) -> Tie {
    Tie {
        column,
        to,
        of_visits: false,
    }
}

const fn with(name: &'static str, ties: &'static [Tie]) -> Table {
    Table {
        name,
        id: None,
        goes: Goes::With(ties),
        addresses: &[],
        also: &[],
    }
}

impl Layout {
    /// The layout of a family's history.
    pub(super) fn of(family: Family) -> &'static Self {
        match family {
            Family::Firefox => &PLACES,
            Family::Chromium => &HISTORY,
        }
    }

    /// The table with the pages.
    pub(super) fn pages(&self) -> &'static str {
        self.tables.first().map_or("", |pages| pages.name)
    }

    /// Whether a table's rows go when nothing refers to them any more.
    pub(super) fn is_orphan(&self, table: &str) -> bool {
        let named = self.tables.iter().find(|known| known.name == table);
        named.is_some_and(|table| matches!(table.goes, Goes::Orphans { .. }))
    }

    /// The column of the pages' table that has the address.
    pub(super) fn address(&self) -> &'static str {
        let pages = self.tables.first();
        pages
            .and_then(|pages| pages.addresses.first())
            .map_or("url", |address| address)
    }

    /// The number of a table's rows; they are asked for only where there is one.
    pub(super) fn id(&self, table: &str) -> &'static str {
        let named = self.tables.iter().find(|known| known.name == table);
        named.and_then(|table| table.id).unwrap_or("rowid")
    }
}

/// Firefox's `places.sqlite` (`toolkit/components/places/nsPlacesTables.h`). What Firefox does with triggers of its
/// own connection while it removes pages is done here.
static PLACES: Layout = Layout {
    needed: &[
        "id",
        "url",
        "rev_host",
        "visit_count",
        "last_visit_date",
        "foreign_count",
        "guid",
    ],
    // Firefox 153.
    known: 86,
    version_in_meta: false,
    stays: "m.foreign_count > 0 OR m.id IN (SELECT fk FROM main.moz_bookmarks)",
    visited: firefox::VISITED,
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

/// Chromium's `History` (`components/history/core/browser`). Bookmarks lie in another file.
static HISTORY: Layout = Layout {
    needed: &["id", "url", "title", "visit_count", "last_visit_time"],
    // Chromium 156.
    known: 70,
    version_in_meta: true,
    stays: "0",
    visited: "1",
    unvisited: &[],
    reckoned: &[],
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
    ],
};
