//! Which tables of a browser's history, and of what it makes of that, tell of a page, and by which columns.

mod chromium;
mod firefox;

/// How a browser lays out such a database. The first table has the pages.
pub(super) struct Layout {
    /// What tables have in every known version.
    pub(super) needed: &'static [(&'static str, &'static [&'static str])],
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
    /// What no trace may be left of, by table.
    pub(super) values: &'static [(&'static str, &'static [&'static str])],
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

/// What is asked for apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Part {
    /// Pages, with all that tells of them.
    Pages,
    /// Downloads.
    Downloads,
}

/// Which rows of a table go.
pub(super) enum Goes {
    /// The pages.
    Pages,
    /// Downloads: rows with an address of the hosts, or with one in another table that refers to them.
    Downloads {
        /// The other table, its column that refers to a row, and its columns with addresses.
        told_by: (&'static str, &'static str, &'static [&'static str]),
        /// The column by which a row is the same as one that is there again.
        same: &'static str,
    },
    /// Rows that a column ties to a row of another table that goes.
    With(&'static [Tie]),
    /// Rows that a column of another table referred to, and none refers to any more. The columns tell what they are
    /// about. Where the table has addresses, those of the hosts to which nothing refers go too.
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
    /// The layout of a database, by the name of its file. `None` for what isn't known here.
    pub(super) fn of(file: &str) -> Option<&'static Self> {
        match file {
            "places.sqlite" => Some(&firefox::PLACES),
            "favicons.sqlite" => Some(&firefox::ICONS),
            "History" => Some(&chromium::HISTORY),
            "Favicons" => Some(&chromium::ICONS),
            _ => None,
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
