//! How fast an archive is checked, listed, indexed and searched, against `unzip -t` in the same run.
//!
//! `cargo bench -p settings-privacy-archive [-- <MiB>]`; needs `unzip` and as much room in the temporary folder.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rand::rngs::SmallRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use settings_privacy_archive::{
    Archive, Expected, Hasher, Index, IndexPlace, PageQuery, Progress, Scale, verify,
};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

#[path = "../tests/archive/support.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod support;

const FILES: usize = 3000;

fn main() {
    let mebibytes = std::env::args()
        .nth(1)
        .and_then(|told| told.parse().ok())
        .unwrap_or(988);
    let folder = tempfile::tempdir().expect("there is room");
    checking(folder.path(), mebibytes);
}

fn checking(folder: &Path, mebibytes: usize) {
    let (path, expected) = make(folder, mebibytes);
    let known = Expected {
        streamed: expected.digest,
        ..expected.clone()
    };
    println!("archive: {mebibytes} MiB, {FILES} files");
    let check = |expected: &Expected| {
        let report = verify(&path, None, expected, Timestamp::UNIX_EPOCH, &Progress::default());
        assert!(
            report.is_ok_and(|report| report.is_sound()),
            "the archive is sound"
        );
    };
    check(&known);
    let (mut unzip, mut streamed, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..3 {
        unzip.push(time(|| {
            let status = Command::new("unzip")
                .args(["-tqq"])
                .arg(&path)
                .stdout(Stdio::null())
                .status();
            assert!(
                status.is_ok_and(|status| status.success()),
                "unzip is installed, and finds it sound"
            );
        }));
        streamed.push(time(|| check(&known)));
        whole.push(time(|| check(&expected)));
    }
    let (unzip, streamed, whole) = (median(unzip), median(streamed), median(whole));
    println!("unzip -t: {unzip:?}");
    line("verify, digest taken while it came", unzip, streamed);
    line("verify, digest taken now as well", unzip, whole);
    memory_reset();
    let idle = memory("VmRSS");
    check(&expected);
    println!(
        "memory above idle while checking: {} KiB",
        memory("VmHWM").saturating_sub(idle)
    );
}

fn line(what: &str, reference: Duration, took: Duration) {
    println!(
        "{what}: {took:?}, {:.1} × as fast",
        reference.as_secs_f64() / took.as_secs_f64()
    );
}

/// A bag with a fifth of text, packed, and the rest pictures, stored.
fn make(folder: &Path, mebibytes: usize) -> (PathBuf, Expected) {
    let path = folder.join("big.zip");
    let mut dice = SmallRng::seed_from_u64(1);
    let each = mebibytes * (1 << 20) / FILES;
    let bag = support::Bag {
        files: Vec::new(),
        ..support::Bag::sample()
    };
    let mut writer = ZipWriter::new(std::io::BufWriter::new(
        std::fs::File::create(&path).expect("there is room"),
    ));
    let mut payload = Vec::new();
    let mut bytes = vec![0; each];
    let mut total = 0;
    for number in 0..FILES {
        dice.fill_bytes(&mut bytes);
        let text = number % 20 == 0;
        if text {
            bytes
                .iter_mut()
                .for_each(|byte| *byte = b"etaoin shrdlu\n"[usize::from(*byte % 14)]);
        }
        let end = if text { "txt" } else { "jpg" };
        let name = format!("data/docs/{number:05}.{end}");
        put(&mut writer, &name, &bytes, text);
        total += bytes.len();
        payload.push((name, support::sha256(&bytes)));
    }
    for (name, bytes) in bag.lists(&payload, total) {
        put(&mut writer, &name, &bytes, true);
    }
    writer
        .finish()
        .and_then(|mut file| file.flush().map_err(Into::into))
        .expect("there is room");
    let mut hasher = Hasher::default();
    std::io::copy(&mut std::fs::File::open(&path).expect("it is there"), &mut hasher)
        .expect("it can be read");
    let size = hasher.bytes();
    let expected = Expected {
        size: Some(size),
        digest: Some(hasher.finish()),
        ..support::offline()
    };
    (path, expected)
}

fn put<W: std::io::Write + std::io::Seek>(
    writer: &mut ZipWriter<W>,
    name: &str,
    bytes: &[u8],
    deflate: bool,
) {
    let method = if deflate {
        CompressionMethod::Deflated
    } else {
        CompressionMethod::Stored
    };
    let name = format!("settings-privacy-export-{}/{name}", support::EXPORT);
    let options = SimpleFileOptions::default().compression_method(method);
    writer.start_file(name, options).expect("the name is new");
    writer.write_all(bytes).expect("there is room");
}

fn time(work: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    work();
    begin.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// In KiB.
fn memory(label: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(label)?.strip_prefix(':').map(str::to_owned));
    line.and_then(|line| line.trim().split(' ').next()?.parse().ok())
        .unwrap_or(0)
}
