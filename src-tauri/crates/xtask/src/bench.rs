//! `cargo xtask bench`: what the release build costs beside the least a WebKitGTK window can cost.
//!
//! Both programs are started by turns in the same virtual display, so that a busy moment of the machine meets both.
//! Each prints on its standard error when its first frame with something in it was painted, as its web view says
//! (first contentful paint; Paint Timing, W3C), by the clock of the computer, by which the start is timed too. The app
//! also prints when what it knows was painted, `first-view`: the bare window knows nothing, so that has no peer.
//! Memory is the proportional set size (PSS) of the whole tree of processes, read when the window has been quiet a
//! while: shared libraries count once, however many processes map them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::command;
use crate::display::Display;
use crate::failure::{Failure, Outcome, file};
use crate::frontend;
use crate::packages;
use crate::paths;
use crate::run;
use crate::session::Session;
use crate::steps;

const PAINT_LIMIT: Duration = Duration::from_secs(60);
/// How long after the first paint memory is read.
const QUIET: Duration = Duration::from_secs(2);

/// What one run of one program cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cost {
    paint: Duration,
    view: Option<Duration>,
    memory_kib: u64,
}

/// Builds both programs, runs each `runs` times, and prints medians, their ratio and the size of the binary.
pub fn bench(runs: usize) -> Outcome {
    if !cfg!(target_os = "linux") {
        return Err(Failure::Needed(
            "The benchmark measures WebKitGTK, so it runs on Linux only.".into(),
        ));
    }
    packages::ensure(&[packages::BUILD, packages::HEADLESS, packages::TEST])?;
    frontend::build()?;
    run::build(true)?;
    let app = paths::app(true);
    let bare = compile_bare()?;

    let display = Display::start()?;
    let session = Session::start()?;
    let measure = |program: &Path| measure(program, &display, &session);
    // Once each for the disk's sake, not counted.
    measure(&bare)?;
    measure(&app)?;
    let (mut of_bare, mut of_app) = (Vec::new(), Vec::new());
    for number in 1..=runs {
        of_bare.push(measure(&bare)?);
        of_app.push(measure(&app)?);
        println!(
            "run {number}: bare {}, app {}",
            said(of_bare.last()),
            said(of_app.last())
        );
    }
    let size = fs::metadata(&app).map_err(file("read the size of", &app))?.len();
    print(&of_bare, &of_app, size);
    println!("\nCommands, called from the window and answered (release build):");
    steps::window_figures(&app, &session, &display)
}

fn print(bare: &[Cost], app: &[Cost], size: u64) {
    let milliseconds = |costs: &[Cost]| median(costs.iter().map(|cost| cost.paint.as_secs_f64() * 1e3));
    let megabytes = |costs: &[Cost]| median(costs.iter().map(|cost| cost.memory_kib as f64 / 1024.0));
    println!(
        "\n{:<28}{:>12}{:>12}{:>10}",
        format!("median of {}", app.len()),
        "bare",
        "app",
        "ratio"
    );
    for (name, of_bare, of_app) in [
        ("first paint, ms", milliseconds(bare), milliseconds(app)),
        ("memory (PSS, all), MiB", megabytes(bare), megabytes(app)),
    ] {
        println!(
            "{name:<28}{of_bare:>12.0}{of_app:>12.0}{:>10.2}",
            of_app / of_bare
        );
    }
    let views = app.iter().filter_map(|cost| cost.view);
    println!(
        "{:<40}{:>12.0}",
        "first view, with its data, ms",
        median(views.map(|view| view.as_secs_f64() * 1e3))
    );
    println!("{:<40}{:>12.1}", "size of the binary, MB", size as f64 / 1e6);
}

fn said(cost: Option<&Cost>) -> String {
    cost.map_or_else(String::new, |cost| {
        format!("{} ms {} MiB", cost.paint.as_millis(), cost.memory_kib / 1024)
    })
}

/// Compiles the program to compare with.
fn compile_bare() -> Outcome<PathBuf> {
    let libraries = ["--cflags", "--libs", "gtk+-3.0", "webkit2gtk-4.1"];
    let flags = command::output(Command::new("pkg-config").args(libraries))?;
    let binary = paths::target().join("bare_webkit");
    let source = paths::root().join("tests/bench/bare_webkit.c");
    let mut cc = Command::new("cc");
    cc.args(["-O2", "-Wall", "-Wno-deprecated-declarations", "-o"])
        .arg(&binary)
        .arg(source);
    command::run(cc.args(flags.split_whitespace()))?;
    Ok(binary)
}

/// Starts a program, waits for its first paint and a quiet while, reads its memory, ends it.
fn measure(program: &Path, display: &Display, session: &Session) -> Outcome<Cost> {
    let mut start = command::bound(program);
    session.offer_to(&mut start);
    display.offer_to(&mut start);
    start
        .env("SETTINGS_PRIVACY_BENCH", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let began = SystemTime::now();
    let mut running = command::start(&mut start)?;
    let cost = first_paint(&mut running, began).and_then(|(paint, told)| {
        thread::sleep(QUIET);
        Ok(Cost {
            paint,
            view: told
                .try_iter()
                .find_map(|(what, at)| (what == "first-view").then_some(at)),
            memory_kib: memory(running.id())?,
        })
    });
    command::end(&mut running);
    cost
}

/// What the program tells, and when that was.
type Told = mpsc::Receiver<(String, Duration)>;

/// When the first frame was painted, and what is told after it.
fn first_paint(running: &mut Child, began: SystemTime) -> Outcome<(Duration, Told)> {
    let (tell, told) = mpsc::channel();
    if let Some(stderr) = running.stderr.take() {
        // Read to the end, not to the first paint: a program whose stderr is closed may fail at its next warning.
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if let Some(news) = after(&line, began) {
                    // Nobody listens when the run is over.
                    let _ = tell.send(news);
                }
            }
        });
    }
    let deadline = Instant::now() + PAINT_LIMIT;
    loop {
        match told.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok((word, at)) if word == "first-paint" => return Ok((at, told)),
            Ok(_) => {}
            Err(_) => {
                return Err(Failure::Unmet(
                    "The program printed no `first-paint`. It does so where SETTINGS_PRIVACY_BENCH is set."
                        .into(),
                ));
            }
        }
    }
}

/// `first-paint 1764000000000.5`, in milliseconds since 1970, as a word and the time since `began`.
fn after(line: &str, began: SystemTime) -> Option<(String, Duration)> {
    let (word, at) = line.split_once(' ')?;
    let at = Duration::try_from_secs_f64(at.parse::<f64>().ok()? / 1e3).ok()?;
    let since = (UNIX_EPOCH + at).duration_since(began).ok()?;
    word.starts_with("first-").then(|| (word.to_owned(), since))
}

/// The PSS of a process and all that it started, in KiB.
fn memory(top: u32) -> Outcome<u64> {
    let mut parents = BTreeMap::new();
    for entry in fs::read_dir("/proc")
        .map_err(file("list the processes", "/proc"))?
        .flatten()
    {
        let id = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u32>().ok());
        // A process may be gone by now: then it uses no memory either.
        let stat = fs::read_to_string(entry.path().join("stat")).ok();
        if let (Some(id), Some(parent)) = (id, stat.as_deref().and_then(parent)) {
            parents.insert(id, parent);
        }
    }
    let family = parents.keys().copied().filter(|id| descends(*id, top, &parents));
    let rollups = family.filter_map(|id| fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok());
    Ok(rollups.filter_map(|rollup| pss(&rollup)).sum())
}

/// The parent's id in `/proc/<id>/stat`: the second word after the name, which is in brackets and may hold anything.
fn parent(stat: &str) -> Option<u32> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn descends(id: u32, top: u32, parents: &BTreeMap<u32, u32>) -> bool {
    let mut at = Some(&id);
    while let Some(here) = at {
        if *here == top {
            return true;
        }
        at = parents.get(here);
    }
    false
}

/// `Pss:  1234 kB` of `/proc/<id>/smaps_rollup`.
fn pss(rollup: &str) -> Option<u64> {
    rollup
        .lines()
        .find_map(|line| line.strip_prefix("Pss:"))?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle), values.len() % 2) {
        (None, _) => f64::NAN,
        (Some(value), 1) => *value,
        (Some(value), _) => f64::midpoint(values[middle - 1], *value),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use std::time::{Duration, UNIX_EPOCH};

    use super::{after, descends, median, parent, pss};

    #[test]
    fn a_parent_is_found_behind_any_name() {
        assert_eq!(parent("812 (WebKitWebProces) S 790 790 1 0 -1"), Some(790));
        assert_eq!(
            parent("812 (a) b) (c) R 7 7 1"),
            Some(7),
            "a name may hold brackets"
        );
    }

    #[test]
    fn memory_is_counted_for_the_whole_family_and_nobody_else() {
        let parents = BTreeMap::from([(10, 1), (11, 10), (12, 11), (20, 1)]);
        let family: Vec<u32> = parents
            .keys()
            .copied()
            .filter(|id| descends(*id, 10, &parents))
            .collect();
        assert_eq!(family, [10, 11, 12]);
    }

    #[test]
    fn the_proportional_size_is_not_taken_for_one_of_its_parts() {
        assert_eq!(
            pss("Rss:  9 kB\nPss_Dirty:  8 kB\nPss:      1234 kB\n"),
            Some(1234)
        );
        assert_eq!(pss(""), None, "a process that has just left");
    }

    #[test]
    fn what_is_told_is_timed_from_the_start() {
        let began = UNIX_EPOCH + Duration::from_millis(1_000);
        let told = after("first-paint 1336.5", began);
        assert_eq!(
            told,
            Some(("first-paint".to_owned(), Duration::from_micros(336_500)))
        );
        for other in [
            "a warning 1336.5",
            "first-paint",
            "first-paint soon",
            "first-paint 999",
        ] {
            assert_eq!(after(other, began), None, "{other}");
        }
    }

    #[test]
    fn a_median_stands_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 9.0].into_iter()), 3.0);
        assert_eq!(median([4.0, 1.0, 2.0, 9.0].into_iter()), 3.0);
    }
}
