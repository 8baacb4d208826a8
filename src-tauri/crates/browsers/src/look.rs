//! One look at one profile: what is asked of it, and what came out so far.

use std::path::{Path, PathBuf};

use settings_privacy_core::storage::{
    Because, Bytes, Cookie, Finding, Item, Kind, Partition, Place, Problem, Profile, Purposes, Running, Seen,
    Sites,
};

use crate::error::ReadError;

/// A look at a profile.
#[derive(Debug)]
pub(crate) struct Look<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) running: Running,
    pub(crate) sites: &'a Sites,
    pub(crate) scratch: &'a Path,
    purposes: &'a Purposes,
    findings: Vec<Finding>,
    problems: Vec<Problem>,
}

/// Whose something is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) site: String,
    pub(crate) because: Because,
}

impl<'a> Look<'a> {
    pub(crate) fn new(
        profile: &'a Profile,
        running: Running,
        sites: &'a Sites,
        purposes: &'a Purposes,
        scratch: &'a Path,
    ) -> Self {
        Self {
            profile,
            running,
            sites,
            scratch,
            purposes,
            findings: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// A file or folder of the profile.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.profile.path.join(name)
    }

    /// Adds a cookie, if it is DingTalk's.
    pub(crate) fn cookie(&mut self, mut cookie: Cookie, partition: Partition, size: u64, file: &Path) {
        let host = bare(&cookie.host);
        let Some(owner) = owner(self.sites, &host, &partition) else {
            return;
        };
        cookie.purpose = self.purposes.of(&cookie.name);
        self.findings.push(Finding {
            site: owner.site,
            because: owner.because,
            host,
            origin: None,
            partition,
            item: Item::Cookie(cookie),
            size: Some(Bytes(size)),
            place: Place::Within(file.to_owned()),
        });
    }

    /// Adds what an origin keeps, if it is DingTalk's.
    pub(crate) fn kept(&mut self, origin: &Origin, item: Item, size: Option<u64>, place: Place) {
        let Some(owner) = owner(self.sites, &origin.host, &origin.partition) else {
            return;
        };
        self.findings.push(Finding {
            site: owner.site,
            because: owner.because,
            host: origin.host.clone(),
            origin: Some(origin.text.clone()),
            partition: origin.partition.clone(),
            item,
            size: size.map(Bytes),
            place,
        });
    }

    /// Adds a place where a host of DingTalk's is named.
    pub(crate) fn mentioned(&mut self, host: &str, item: Item, place: Place) {
        let host = bare(host);
        let Some(site) = self.sites.of_host(&host) else {
            return;
        };
        self.findings.push(Finding {
            site: site.domain.clone(),
            because: Because::Host,
            origin: None,
            partition: Partition::default(),
            item,
            size: None,
            place,
            host,
        });
    }

    /// Adds what couldn't be read, and what it hides.
    pub(crate) fn problem(&mut self, error: &ReadError, hides: &[Kind]) {
        self.add_problem(error.problem(hides));
    }

    /// Adds a problem, once.
    pub(crate) fn add_problem(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// What came of a read; a failure becomes a problem.
    pub(crate) fn told<T>(&mut self, outcome: Result<Option<T>, ReadError>, hides: &[Kind]) -> Option<T> {
        outcome.unwrap_or_else(|error| {
            self.problem(&error, hides);
            None
        })
    }

    pub(crate) fn finish(self) -> Seen {
        Seen {
            profile: self.profile.clone(),
            running: self.running,
            findings: self.findings,
            problems: self.problems,
        }
    }
}

/// A host in lower case without dots around it.
fn bare(host: &str) -> String {
    host.trim_start_matches('.')
        .trim_end_matches('.')
        .to_ascii_lowercase()
}

/// The host of a page's address, as findings have it; `None` for what has none.
pub(crate) fn page_host(address: &str) -> Option<String> {
    let address = url::Url::parse(address).ok()?;
    Some(bare(address.host_str()?)).filter(|host| !host.is_empty())
}

/// Whose something is: the storing host's site, else the site of the page it was part of.
pub(crate) fn owner(sites: &Sites, host: &str, partition: &Partition) -> Option<Owner> {
    let own = sites.of_host(host).map(|site| (site, Because::Host));
    let within = || {
        let top = partition.top_site.as_deref()?;
        Some((sites.of_origin(top)?, Because::Within))
    };
    let (site, because) = own.or_else(within)?;
    Some(Owner {
        site: site.domain.clone(),
        because,
    })
}

/// An origin, and the part of the storage it uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    /// `https://im.dingtalk.com:8443`.
    pub(crate) text: String,
    /// `im.dingtalk.com`.
    pub(crate) host: String,
    pub(crate) partition: Partition,
}

impl Origin {
    /// From a scheme, a host and a port; `None` for what isn't a web origin.
    pub(crate) fn new(scheme: &str, host: &str, port: Option<u16>, partition: Partition) -> Option<Self> {
        if !matches!(scheme, "http" | "https") || host.is_empty() {
            return None;
        }
        let port = port.map_or_else(String::new, |port| format!(":{port}"));
        Some(Self {
            text: format!("{scheme}://{host}{port}"),
            host: host.to_ascii_lowercase(),
            partition,
        })
    }

    /// From text like `https://host:port/`.
    pub(crate) fn parse(text: &str, partition: Partition) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let authority = rest.split('/').next()?;
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
            Some(_) | None => (authority, None),
        };
        Self::new(scheme, host, port, partition)
    }

    /// Whether it is DingTalk's.
    pub(crate) fn is_ours(&self, sites: &Sites) -> bool {
        owner(sites, &self.host, &self.partition).is_some()
    }
}

/// How many files are below a folder, and their length together. Links aren't followed.
pub(crate) fn measure(path: &Path) -> (u64, u64) {
    let Ok(told) = std::fs::symlink_metadata(path) else {
        return (0, 0);
    };
    if told.is_file() {
        return (1, told.len());
    }
    let mut total = (0, 0);
    if told.is_dir() {
        for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
            let (files, bytes) = measure(&entry.path());
            total = (total.0 + files, total.1 + bytes);
        }
    }
    total
}

/// The SQL condition that a column names one of the sites anywhere, perhaps; rows are looked at again. One `LIKE` a
/// site is twice as fast here as cutting the column's end off to compare it.
pub(crate) fn sql_names(sites: &Sites, column: &str) -> String {
    let conditions: Vec<String> = sites
        .sites
        .iter()
        .map(|site| format!("{column} LIKE '%{}%'", site.domain))
        .collect();
    match conditions.is_empty() {
        true => "0".to_owned(),
        false => format!("({})", conditions.join(" OR ")),
    }
}
