//! The programs to compare with, in one Python that stays: its start isn't counted.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// Versions that were tried.
const PACKAGES: [&str; 2] = ["rookie-cookies==0.6.0", "plyvel==1.5.1"];

/// A line asks: what, path, and what for, between tabs. The answer is how long it took and what the processor spent
/// on it, in seconds, or `no`.
const PROGRAM: &str = r#"
import sys, time
import plyvel, rookie_cookies
def local_storage(path, wanted):
    """As we have to: which origins there are isn't known, so it hops from one to the next."""
    db = plyvel.DB(path)
    count, entries = 0, db.iterator()
    entries.seek(b"_")
    for key, _ in entries:
        origin = key[1:].partition(b"\0")[0]
        if origin.endswith(wanted):
            count += 1
        else:
            entries.seek(b"_" + origin + b"\1")
    entries.close()
    db.close()
    return count
for line in sys.stdin:
    what, path, wanted = line.rstrip("\n").split("\t")
    began, spent = time.perf_counter(), time.process_time()
    try:
        if what == "firefox":
            count = len(rookie_cookies.firefox_based(path, [wanted]))
        elif what == "chromium":
            count = len(rookie_cookies.chromium_based(path, [wanted], "chromium"))
        else:
            count = local_storage(path, wanted.encode())
        assert count > 0
        print(time.perf_counter() - began, time.process_time() - spent, flush=True)
    except Exception:
        print("no", flush=True)
"#;

pub(crate) struct Peer {
    child: Child,
    asked: ChildStdin,
    told: BufReader<ChildStdout>,
}

impl Peer {
    /// Installs them below `build`, unless they are there.
    pub(crate) fn install(build: &Path) -> Result<Self, String> {
        let folder = build.join("peers");
        let python = folder.join("bin/python");
        let run = |command: &mut Command| {
            let done = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
            done.is_ok_and(|status| status.success())
        };
        let there = |python: &Path| run(Command::new(python).args(["-c", "import plyvel, rookie_cookies"]));
        if !there(&python) {
            if !run(Command::new("python3").args(["-m", "venv"]).arg(&folder)) {
                return Err("There is no Python with `venv` here.".to_owned());
            }
            let mut pip = Command::new(&python);
            pip.args(["-m", "pip", "install", "--quiet", "--only-binary=:all:"]);
            if !run(pip.args(PACKAGES)) {
                return Err(format!(
                    "{} can't be installed from PyPI.",
                    PACKAGES.join(" and ")
                ));
            }
        }
        let mut child = Command::new(&python)
            .args(["-c", PROGRAM])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("Python doesn't start: {error}."))?;
        let (Some(asked), Some(told)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("Python can't be talked to.".to_owned());
        };
        Ok(Self {
            child,
            asked,
            told: BufReader::new(told),
        })
    }

    /// How long they take, and what the processor spends; `None` when they can't.
    pub(crate) fn time(&mut self, what: &str, path: &Path, wanted: &str) -> Option<(Duration, Duration)> {
        writeln!(self.asked, "{what}\t{}\t{wanted}", path.display()).ok()?;
        self.asked.flush().ok()?;
        let mut line = String::new();
        self.told.read_line(&mut line).ok()?;
        let (took, spent) = line.trim().split_once(' ')?;
        let seconds = |text: &str| text.parse().ok().map(Duration::from_secs_f64);
        Some((seconds(took)?, seconds(spent)?))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
