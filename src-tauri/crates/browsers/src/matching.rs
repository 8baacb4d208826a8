//! Asking SQLite which rows are DingTalk's, with one question a row.
//!
//! A `LIKE` for each site costs most of a second over a million cookies. Under a collation of our own all of DingTalk's
//! hosts are equal, so one comparison asks them all, and SQLite can answer from an index that holds the column.
//! Rows that match are looked at again by [`Look`](crate::look::Look).

use std::cmp::Ordering;

use settings_privacy_core::storage::Sites;
use sqlx::sqlite::SqliteConnectOptions;

/// The collation under which every host and origin of DingTalk's is equal.
const OF_SITE: &str = "of_site";
/// The collation under which every text that names a site anywhere is equal.
const NAMES_SITE: &str = "names_site";
/// A text that counts as DingTalk's, to compare with. No browser writes it as a host, an origin or an address.
const MARK: &str = "://";

/// The condition that a column's host or origin is DingTalk's. Only for a database opened with [`collations`].
pub(crate) fn of_site(column: &str) -> String {
    format!("{column} = '{MARK}' COLLATE {OF_SITE}")
}

/// The condition that a column names a site somewhere, perhaps within a longer word. Only for a database opened with
/// [`collations`].
pub(crate) fn names_site(column: &str) -> String {
    format!("{column} = '{MARK}' COLLATE {NAMES_SITE}")
}

/// Teaches a connection what DingTalk's sites are.
pub(crate) fn collations(options: SqliteConnectOptions, sites: &Sites) -> SqliteConnectOptions {
    let hosts = Hosts::new(sites);
    let names = Names::new(sites);
    let order = |one: bool, other: bool| other.cmp(&one);
    options
        .collation(OF_SITE, move |one: &str, other: &str| -> Ordering {
            order(hosts.are(one), hosts.are(other))
        })
        .collation(NAMES_SITE, move |one: &str, other: &str| -> Ordering {
            order(names.are_in(one), names.are_in(other))
        })
}

/// Whether a host or an origin is DingTalk's.
struct Hosts {
    sites: Sites,
    /// The last letters of the domains, and which of eight bytes they are. Nearly every host fails at one comparison
    /// with each.
    ends: Vec<u64>,
    mask: u64,
}

impl Hosts {
    fn new(sites: &Sites) -> Self {
        let domains = || sites.sites.iter().map(|site| site.domain.as_bytes());
        let letters = domains().map(<[u8]>::len).min().unwrap_or(8).min(8);
        let mask = u64::MAX >> (64 - 8 * letters.max(1));
        let padded = |domain: &[u8]| end(&[&[0; 8], domain].concat()).map(|end| end & mask);
        Self {
            ends: domains().filter_map(padded).collect(),
            mask,
            sites: sites.clone(),
        }
    }

    fn are(&self, text: &str) -> bool {
        // It is what every row is compared with.
        if text == MARK {
            return true;
        }
        let bytes = text.as_bytes();
        // Domains of sites end with a letter: what ends otherwise, as with a port or a dot, has to be read.
        let plain = bytes.last().is_some_and(u8::is_ascii_alphabetic);
        if plain && end(bytes).is_some_and(|end| !self.ends.contains(&(end & self.mask))) {
            return false;
        }
        match text.contains("://") {
            true => self.sites.of_origin(text).is_some(),
            false => self.sites.of_host(text).is_some(),
        }
    }
}

/// The last eight bytes, letters in lower case (and some other bytes changed too); `None` where there are fewer.
fn end(bytes: &[u8]) -> Option<u64> {
    let last = bytes.last_chunk::<8>()?;
    Some(u64::from_be_bytes(*last) | 0x2020_2020_2020_2020)
}

/// Whether a text has a domain of DingTalk's in it.
struct Names {
    /// Each domain, and where its first dot is.
    domains: Vec<(String, usize)>,
}

impl Names {
    fn new(sites: &Sites) -> Self {
        let dotted = |domain: &str| Some((domain.to_owned(), domain.find('.')?));
        Self {
            domains: sites
                .sites
                .iter()
                .filter_map(|site| dotted(&site.domain))
                .collect(),
        }
    }

    /// Looks at the dots only: there are few, and every domain has one.
    fn are_in(&self, text: &str) -> bool {
        if text == MARK {
            return true;
        }
        let bytes = text.as_bytes();
        let dots = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'.');
        let named = |at: usize| {
            self.domains.iter().any(|(domain, dot)| {
                at.checked_sub(*dot)
                    .and_then(|from| bytes.get(from..from + domain.len()))
                    .is_some_and(|part| part.eq_ignore_ascii_case(domain.as_bytes()))
            })
        };
        dots.map(|(at, _)| at).any(named)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use settings_privacy_core::data;

    use super::*;

    fn hosts() -> Hosts {
        Hosts::new(data::sites())
    }

    #[test]
    fn the_mark_stands_for_every_site() {
        assert!(hosts().are(MARK));
        assert!(Names::new(data::sites()).are_in(MARK));
    }

    #[test]
    fn a_site_with_a_short_domain_is_found_too() {
        let entry = |domain: &str| {
            format!(
                "[[site]]\ndomain=\"{domain}\"\nname=\"n\"\nreason=\"r\"\nevidence=\"e\"\nclause=\"§6\"\n"
            )
        };
        let text = format!("version=1\n{}{}", entry("t.cn"), entry("dingtalk.com"));
        let hosts = Hosts::new(&Sites::parse(&text).expect("it is a list"));
        for host in ["t.cn", "a.t.cn", "T.CN", "im.dingtalk.com", "https://www.t.cn"] {
            assert!(hosts.are(host), "{host}");
        }
        for host in ["at.cn", "www.weather.cn", "notdingtalk.com", "cn", ""] {
            assert!(!hosts.are(host), "{host}");
        }
    }

    #[test]
    fn a_name_counts_wherever_it_stands_and_nothing_else_does() {
        let names = Names::new(data::sites());
        for text in [
            "^partitionKey=%28https%2Cdingtalk.com%29",
            "https://www.example.org/?next=https://IM.DingTalk.com/",
            "dingtalk.com",
            "notdingtalk.community",
        ] {
            assert!(names.are_in(text), "{text}");
        }
        for text in [
            "",
            ".",
            "^partitionKey=%28https%2Cexample.org%29",
            "dingtalk",
            ".com",
            "dingtalk.co",
        ] {
            assert!(!names.are_in(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_quick_look_at_a_host_says_what_the_careful_one_says(
            host in "[.a-zA-Z0-9_-]{0,12}(dingtalk\\.com|DingTalk\\.IO|aliwork\\.com|ng\\.com|example\\.org|)[.:]?(443)?"
        ) {
            prop_assert_eq!(hosts().are(&host), data::sites().of_host(&host).is_some());
        }

        #[test]
        fn the_quick_look_at_an_origin_says_what_the_careful_one_says(
            origin in "https?://[.a-z0-9-]{0,6}(dingtalk\\.com|teambition\\.com|example\\.org|)(:8443)?/?"
        ) {
            prop_assert_eq!(hosts().are(&origin), data::sites().of_origin(&origin).is_some());
        }
    }
}
