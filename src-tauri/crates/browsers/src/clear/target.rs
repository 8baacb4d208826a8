//! From a plan to what is to be done in the profile.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use settings_privacy_core::storage::{
    Cookie, Elsewhere, Family, Finding, Item, Kind, Partition, Place, Plan,
};

use super::error::ClearError;
use super::history::{Hosts, Part};
use super::rows::Pick;
use super::step::{Store, Table};
use crate::look::{Origin, page_host};
use crate::{chromium, firefox};

/// An origin in one part of the storage.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    pub(super) origin: String,
    /// As the browser writes it.
    pub(super) part: String,
}

impl Target {
    pub(super) fn of(origin: &Origin) -> Self {
        Self {
            origin: origin.text.clone(),
            part: origin.partition.raw.clone(),
        }
    }
}

/// What is to be done. Paths are below the profile's folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Work {
    /// Cookies, by the file they are in.
    cookies: BTreeMap<PathBuf, BTreeSet<Vec<Option<String>>>>,
    /// Rows about origins.
    origins: BTreeMap<(PathBuf, Table), BTreeSet<Target>>,
    /// Entries of LevelDB folders.
    pub(super) entries: BTreeMap<Store, BTreeSet<Target>>,
    /// Records of `serviceworker.txt`.
    pub(super) workers: BTreeSet<Target>,
    /// Histories, with the hosts whose pages and downloads go, and icons, with the hosts of their pages.
    pub(super) histories: BTreeMap<PathBuf, Hosts>,
    /// Lists of pages that the browser offers by itself, with the hosts whose pages go.
    offered: BTreeMap<(PathBuf, Table), BTreeSet<String>>,
    /// Session files, with the hosts whose pages go.
    pub(super) sessions: BTreeMap<PathBuf, BTreeSet<String>>,
    /// Files and folders that go as they are.
    pub(super) whole: BTreeSet<PathBuf>,
    /// Hosts whose copies in the HTTP cache go.
    pub(super) cached: BTreeSet<String>,
}

impl Work {
    /// What a plan means.
    ///
    /// # Errors
    /// When a finding lies outside its profile.
    pub(super) fn of(plan: &Plan) -> Result<Self, ClearError> {
        let mut work = Work::default();
        for finding in &plan.findings {
            work.add(plan, finding)?;
        }
        Ok(work)
    }

    fn add(&mut self, plan: &Plan, finding: &Finding) -> Result<(), ClearError> {
        let profile = &plan.profile;
        let target = Target {
            origin: finding.origin.clone().unwrap_or_default(),
            part: finding.partition.raw.clone(),
        };
        let below = |path: &Path| match path.strip_prefix(&profile.path) {
            Ok(path) => Ok(path.to_owned()),
            Err(_) => Err(ClearError::Linked {
                file: "the profile".to_owned(),
            }),
        };
        match (&finding.item, &finding.place, profile.family) {
            (Item::Cookie(cookie), Place::Within(path) | Place::Whole(path), family) => {
                let key = cookie_key(family, cookie, &finding.partition);
                self.cookies.entry(below(path)?).or_default().insert(key);
            }
            (
                Item::Elsewhere {
                    place: Elsewhere::HttpCache,
                    ..
                },
                _,
                _,
            ) => {
                self.cached.insert(finding.host.clone());
            }
            (
                Item::Elsewhere {
                    place: Elsewhere::SessionRestore,
                    ..
                },
                Place::Within(path) | Place::Whole(path),
                family,
            ) => {
                let hosts = self.sessions.entry(below(path)?).or_default();
                hosts.insert(finding.host.clone());
                if family == Family::Chromium {
                    // The same once more, which can't be divided. It loses nothing that the others don't have.
                    self.whole.insert(PathBuf::from(chromium::session::ENCRYPTED));
                }
            }
            (
                Item::Elsewhere {
                    place: place @ (Elsewhere::History | Elsewhere::Downloads | Elsewhere::Icons),
                    ..
                },
                Place::Within(path) | Place::Whole(path),
                _,
            ) => {
                let part = match place {
                    Elsewhere::Downloads => Part::Downloads,
                    Elsewhere::History
                    | Elsewhere::Icons
                    | Elsewhere::Suggestions
                    | Elsewhere::SessionRestore
                    | Elsewhere::HttpCache => Part::Pages,
                };
                // Firefox's downloads are notes on pages, and go with them.
                if part == Part::Pages || profile.family == Family::Chromium {
                    let parts = self.histories.entry(below(path)?).or_default();
                    parts.entry(part).or_default().insert(finding.host.clone());
                }
            }
            (
                Item::Elsewhere {
                    place: Elsewhere::Suggestions,
                    ..
                },
                Place::Within(path) | Place::Whole(path),
                _,
            ) => {
                let path = below(path)?;
                if let Some(table) = offering(&path) {
                    let hosts = self.offered.entry((path, table)).or_default();
                    hosts.insert(finding.host.clone());
                }
            }
            (item, Place::Whole(path), family) => {
                let path = below(path)?;
                if family == Family::Chromium
                    && item.kind() == Kind::FileSystem
                    && path.starts_with("File System")
                {
                    self.entries.entry(Store::FileOrigins).or_default().insert(target);
                }
                self.whole.insert(path);
            }
            (item, Place::Within(path), Family::Firefox) => match item.kind() {
                Kind::ServiceWorker => {
                    self.workers.insert(target);
                }
                Kind::Quota => self.origin(below(path)?, Table::MozOrigin, target),
                Kind::LocalStorage
                | Kind::Cookie
                | Kind::IndexedDb
                | Kind::CacheStorage
                | Kind::FileSystem
                | Kind::SessionStorage
                | Kind::Elsewhere(_) => self.origin(below(path)?, Table::MozWebappsstore, target),
            },
            (item, Place::Within(path), Family::Chromium) => {
                let store = match item.kind() {
                    Kind::Quota => {
                        self.origin(below(path)?, Table::Buckets, target);
                        return Ok(());
                    }
                    Kind::SessionStorage => Store::SessionStorage,
                    Kind::ServiceWorker => Store::ServiceWorkers,
                    Kind::LocalStorage
                    | Kind::Cookie
                    | Kind::IndexedDb
                    | Kind::CacheStorage
                    | Kind::FileSystem
                    | Kind::Elsewhere(_) => Store::LocalStorage,
                };
                self.entries.entry(store).or_default().insert(target);
            }
        }
        Ok(())
    }

    fn origin(&mut self, file: PathBuf, table: Table, target: Target) {
        self.origins.entry((file, table)).or_default().insert(target);
    }

    /// The rows that go, by file and table.
    pub(super) fn rows(&self, family: Family) -> Vec<(PathBuf, Table, Pick)> {
        let table = match family {
            Family::Firefox => Table::MozCookies,
            Family::Chromium => Table::Cookies,
        };
        let cookies = self.cookies.iter().map(|(file, keys)| {
            let keys = serde_json::json!(keys).to_string();
            (file.clone(), table, Pick::Keys(keys))
        });
        let origins = self.origins.iter().map(|((file, table), targets)| {
            let (table, targets) = (*table, targets.clone());
            let owner = row_owner(table);
            let told_by: &[&str] = match table {
                Table::MozOrigin => &["origin", "suffix"],
                Table::MozWebappsstore => &["originKey", "originAttributes"],
                Table::Buckets
                | Table::MozCookies
                | Table::Cookies
                | Table::TopSites
                | Table::Shortcuts
                | Table::Predictions => &["storage_key"],
            };
            let meant = move |values: &[String]| {
                owner(values).is_some_and(|origin| targets.contains(&Target::of(&origin)))
            };
            (file.clone(), table, Pick::Where(told_by, Box::new(meant)))
        });
        let offered = self.offered.iter().map(|((file, table), hosts)| {
            let hosts = hosts.clone();
            let meant = move |values: &[String]| {
                let host = values.first().and_then(|address| page_host(address));
                host.is_some_and(|host| hosts.contains(&host))
            };
            (file.clone(), *table, Pick::Where(&["url"], Box::new(meant)))
        });
        cookies.chain(origins).chain(offered).collect()
    }

    /// A folder that an origin has for itself goes with the last thing in it.
    pub(super) fn with_emptied_folders(&mut self, profile: &Path) {
        let parents: BTreeSet<PathBuf> = self
            .whole
            .iter()
            .filter_map(|path| path.parent())
            .filter(|path| is_origins_own(path))
            .map(Path::to_owned)
            .collect();
        for parent in parents {
            let Ok(entries) = std::fs::read_dir(profile.join(&parent)) else {
                continue;
            };
            let mut folders = entries.flatten().filter(|entry| entry.path().is_dir());
            if folders.all(|folder| self.whole.contains(&parent.join(folder.file_name()))) {
                self.whole.retain(|path| path.parent() != Some(&parent));
                self.whole.insert(parent);
            }
        }
    }
}

/// Whether a folder belongs to one origin and holds a folder for each kind of thing: Firefox's
/// `storage/<how long>/<origin>`, Chromium's `WebStorage/<bucket>`.
pub(super) fn is_origins_own(path: &Path) -> bool {
    let depth = path.components().count();
    (path.starts_with("storage") && depth == 3) || (path.starts_with("WebStorage") && depth == 2)
}

/// In the order of [`super::rows::key_columns`].
fn cookie_key(family: Family, cookie: &Cookie, partition: &Partition) -> Vec<Option<String>> {
    let text = |text: &str| Some(text.to_owned());
    match family {
        Family::Firefox => vec![
            text(&cookie.name),
            text(&cookie.host),
            text(&cookie.path),
            text(&partition.raw),
        ],
        Family::Chromium => vec![
            text(&cookie.host),
            text(&cookie.name),
            text(&cookie.path),
            text(partition.top_site.as_deref().unwrap_or_default()),
            partition
                .top_site
                .is_some()
                .then(|| u8::from(partition.raw.starts_with("^31")).to_string()),
        ],
    }
}

/// The table of a file in which Chromium keeps pages to offer.
fn offering(file: &Path) -> Option<Table> {
    match file.to_str()? {
        chromium::TOP_SITES => Some(Table::TopSites),
        chromium::SHORTCUTS => Some(Table::Shortcuts),
        chromium::PREDICTIONS => Some(Table::Predictions),
        _ => None,
    }
}

/// Reads a row's owner from the columns it is told by.
fn row_owner(table: Table) -> fn(&[String]) -> Option<Origin> {
    match table {
        Table::MozOrigin => |values| match values {
            [origin, suffix] => firefox::quota_origin(origin, suffix),
            _ => None,
        },
        Table::MozWebappsstore => |values| match values {
            [key, attributes] => firefox::older_origin(key, attributes),
            _ => None,
        },
        Table::Buckets
        | Table::MozCookies
        | Table::Cookies
        | Table::TopSites
        | Table::Shortcuts
        | Table::Predictions => |values| match values {
            [key] => chromium::storage_key(key),
            _ => None,
        },
    }
}

/// Reads an entry's owner.
pub(super) fn entry_owner(store: Store, owner: &str) -> Option<Target> {
    let origin = match store {
        Store::LocalStorage | Store::SessionStorage | Store::ServiceWorkers => chromium::storage_key(owner),
        Store::FileOrigins => chromium::identifier(owner),
    };
    origin.as_ref().map(Target::of)
}
