//! How long listing takes, beside the programs that are good at it: `rookie-cookies` for cookies, `plyvel` for
//! LevelDB, each on the same file, by turns, with the file in memory.
//!
//! `cargo xtask bench browsers`, or `cargo bench -p settings-privacy-browsers --bench listing`. The others come from
//! PyPI into a folder of the build's; where that can't be reached, the comparison is left out, and this says so.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![allow(clippy::unwrap_used, reason = "a benchmark stops where it fails")]

mod made;
mod peer;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use settings_privacy_browsers::{Browsers, Places};
use settings_privacy_core::data;
use settings_privacy_core::storage::{Family, Kind, Profile};

use peer::Peer;

/// How often each is measured.
const TURNS: usize = 9;

fn main() {
    // `cargo test --all-targets` runs what has no harness too, without this word.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(all());
}

async fn all() {
    let build = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let folder = tempfile::tempdir_in(&build).unwrap();
    let peer = Peer::install(&build);
    if let Err(why) = &peer {
        println!("{why} Only our own times are shown.");
    }
    let mut peer = peer.ok();
    println!(
        "{:<44}{:>9}{:>9}{:>8}{:>9}{:>9}{:>9}{:>8}",
        format!("median of {TURNS}, ms; then the processor's"),
        "ours",
        "theirs",
        "ratio",
        "wanted",
        "ours",
        "theirs",
        "ratio"
    );
    for (rows, wanted) in [(1_000_000, "≤ 1.0"), (3_000, "≤ 5 ms")] {
        for family in [Family::Firefox, Family::Chromium] {
            cookies(folder.path(), family, rows, wanted, peer.as_mut()).await;
        }
    }
    local_storage(folder.path(), peer.as_mut()).await;
    together(folder.path()).await;
}

/// A computer with one profile of each family for each number of rows.
fn computer(below: &Path, name: &str) -> (PathBuf, Browsers) {
    let root = below.join(name);
    let places = Places::under(&root);
    std::fs::create_dir_all(&places.scratch).unwrap();
    (root.join("home"), Browsers::new(places))
}

async fn only(browsers: &Browsers) -> Profile {
    browsers.profiles().await.profiles.into_iter().next().unwrap()
}

async fn cookies(below: &Path, family: Family, rows: u32, wanted: &str, mut peer: Option<&mut Peer>) {
    let (home, browsers) = computer(below, &format!("{family:?}-{rows}"));
    let file = made::cookies(&home, family, rows).await;
    let profile = only(&browsers).await;
    let what = match family {
        Family::Firefox => "firefox",
        Family::Chromium => "chromium",
    };
    let mut times = Times::default();
    for _ in 0..=TURNS {
        let theirs = peer
            .as_mut()
            .and_then(|peer| peer.time(what, &file, "dingtalk.com"));
        let began = Began::now();
        let seen = browsers
            .see(&profile, data::sites(), data::cookie_purposes())
            .await;
        times.add(began.passed(), theirs);
        assert_eq!(seen.problems, []);
        assert_eq!(seen.total(Kind::Cookie).0, made::ours(rows));
    }
    let size = std::fs::metadata(&file).unwrap().len() / 1_000_000;
    times.print(&format!("{rows} cookies, {family:?}, {size} MB"), wanted);
}

async fn local_storage(below: &Path, mut peer: Option<&mut Peer>) {
    let (home, browsers) = computer(below, "leveldb");
    let folder = made::local_storage(&home);
    let profile = only(&browsers).await;
    let mut times = Times::default();
    for _ in 0..=TURNS {
        let theirs = peer
            .as_mut()
            .and_then(|peer| peer.time("leveldb", &folder, "dingtalk.com"));
        let began = Began::now();
        let seen = browsers
            .see(&profile, data::sites(), data::cookie_purposes())
            .await;
        times.add(began.passed(), theirs);
        assert_eq!(seen.problems, []);
        assert_eq!(seen.total(Kind::LocalStorage).0, 1);
    }
    let size: u64 = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    times.print(
        &format!("one origin of a LevelDB, {} MB", size / 1_000_000),
        "≤ 2.0",
    );
}

/// All profiles at once take less than one after the other, where one is too small to be read in parts.
async fn together(below: &Path) {
    let (home, browsers) = computer(below, "together");
    let file = made::cookies(&home, Family::Chromium, 50_000).await;
    let first = file.parent().unwrap();
    for number in 1..8 {
        let other = first.with_file_name(format!("Profile {number}"));
        std::fs::create_dir(&other).unwrap();
        std::fs::copy(&file, other.join("Cookies")).unwrap();
    }
    let profiles = browsers.profiles().await.profiles;
    let mut times = Times::default();
    for _ in 0..=TURNS {
        let began = Began::now();
        for profile in &profiles {
            browsers
                .see(profile, data::sites(), data::cookie_purposes())
                .await;
        }
        let one_by_one = began.passed();
        let began = Began::now();
        let all = profiles.clone();
        browsers
            .see_all(all, data::sites(), data::cookie_purposes(), drop)
            .await;
        times.add(began.passed(), Some(one_by_one));
    }
    times.print("eight profiles at once, and one by one", "≤ 1.0");
}

/// When something began, by the clock and by what the processor had spent on this program.
struct Began {
    at: Instant,
    spent: Duration,
}

impl Began {
    fn now() -> Self {
        Self {
            at: Instant::now(),
            spent: spent(),
        }
    }

    fn passed(&self) -> (Duration, Duration) {
        (self.at.elapsed(), spent().saturating_sub(self.spent))
    }
}

/// What the processor spent on this program, threads that ended among it: in hundredths of a second, as Linux counts.
fn spent() -> Duration {
    let told = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = told.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = after_name.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(10 * ticks)
}

#[derive(Default)]
struct Times {
    ours: Vec<(Duration, Duration)>,
    theirs: Vec<(Duration, Duration)>,
}

impl Times {
    fn add(&mut self, ours: (Duration, Duration), theirs: Option<(Duration, Duration)>) {
        self.ours.push(ours);
        self.theirs.extend(theirs);
    }

    /// The first of each brought the file into memory, and doesn't count. What the processor spent is a mean: it is
    /// steadier than the clock where others work too, and coarser.
    fn print(&self, what: &str, wanted: &str) {
        let median = |times: &[(Duration, Duration)]| {
            let mut times: Vec<Duration> = times.iter().skip(1).map(|(took, _)| *took).collect();
            times.sort();
            times.get(times.len() / 2).map(|time| time.as_secs_f64() * 1e3)
        };
        let mean = |times: &[(Duration, Duration)]| {
            let all: Duration = times.iter().skip(1).map(|(_, spent)| *spent).sum();
            all.as_secs_f64() * 1e3 / times.len().saturating_sub(1).max(1) as f64
        };
        let ours = median(&self.ours).unwrap_or(f64::NAN);
        let Some(theirs) = median(&self.theirs) else {
            println!("{what:<44}{ours:>9.1}{:>9}{:>8}{wanted:>9}", "–", "–");
            return;
        };
        let (our_work, their_work) = (mean(&self.ours), mean(&self.theirs));
        println!(
            "{what:<44}{ours:>9.1}{theirs:>9.1}{:>8.2}{wanted:>9}{our_work:>9.1}{their_work:>9.1}{:>8.2}",
            ours / theirs,
            our_work / their_work
        );
    }
}
