//! How fast an archive is checked, listed, indexed and searched, against `unzip -t` in the same run.
//!
//! `cargo bench -p settings-privacy-archive [-- <MiB>]`; needs `unzip` and as much room in the temporary folder.

#![expect(clippy::print_stdout, reason = "figures are what it is for")]

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
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|told| told != "--bench")
        .collect();
    match &arguments[..] {
        [what, path] if what == "reading" => return reading(Path::new(path)),
        [what, path] => return alone(what, Path::new(path)),
        _ => {}
    }
    let mebibytes = arguments
        .first()
        .and_then(|told| told.parse().ok())
        .unwrap_or(988);
    let folder = tempfile::tempdir().expect("there is room");
    checking(folder.path(), mebibytes);
    reading(folder.path());
}

/// One thing in a process of its own, for its memory.
fn alone(what: &str, path: &Path) {
    let idle = memory("VmHWM");
    match what {
        "check" => {
            let told = Expected {
                digest: Some(support::sha256(b"")),
                ..support::offline()
            };
            let report = verify(path, None, &told, Timestamp::UNIX_EPOCH, &Progress::default());
            assert!(
                report.is_ok_and(|report| report.findings.len() == 1),
                "only the digest differs"
            );
        }
        "index" => drop(index(path, IndexPlace::File(path.with_extension("alone")))),
        other => panic!("{other} isn't known"),
    }
    let above = (memory("VmHWM") - idle) as f64 / 1024.0;
    println!("peak memory above idle, {what}: {above:.1} MiB");
}

fn in_a_process_of_its_own(what: &str, path: &Path) {
    let this = std::env::current_exe().expect("it runs");
    let status = Command::new(this).arg(what).arg(path).status();
    assert!(status.is_ok_and(|status| status.success()), "{what}");
}

fn index(path: &Path, place: IndexPlace) -> (tokio::runtime::Runtime, Index) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("it starts");
    let archive = Arc::new(Archive::open(path, None).expect("it opens"));
    let index = runtime
        .block_on(Index::open(archive, place, Arc::default()))
        .expect("there is room");
    (runtime, index)
}

/// A hundred thousand messages of some 300 bytes, a fifth of them Chinese.
fn messages(folder: &Path) -> (PathBuf, usize) {
    let mut dice = SmallRng::seed_from_u64(2);
    let latin: Vec<String> = (0..4000)
        .map(|_| {
            let letters = dice.random_range(2..10);
            (0..letters)
                .map(|_| char::from(dice.random_range(b'a'..=b'z')))
                .collect()
        })
        .collect();
    let mut bag = support::Bag {
        files: Vec::new(),
        ..support::Bag::sample()
    };
    let mut size = 0;
    for file in 0..10 {
        let items: Vec<String> = (0..10_000)
            .map(|place| {
                let text: String = if place % 5 == 0 {
                    (0..90)
                        .map(|_| char::from_u32(dice.random_range(0x4e00..0x5e00)).unwrap_or(' '))
                        .collect()
                } else {
                    (0..45)
                        .map(|_| format!("{} ", latin[dice.random_range(0..latin.len())]))
                        .collect()
                };
                let minute = file * 10_000 + place;
                let at = Timestamp::from_second(1_700_000_000 + i64::from(minute) * 60).expect("it is in range");
                format!(
                    r#"{{"id":"m{minute}","at":"{at}","kind":"message","text":"{text}","from":"Ann Lee","to":["Chen Mei"]}}"#
                )
            })
            .collect();
        let items: Vec<&str> = items.iter().map(String::as_str).collect();
        let bytes = support::records("messages", &items);
        size += bytes.len();
        bag = bag.file(&format!("data/messages/{file}.records.json"), bytes);
    }
    let path = folder.join("messages.zip");
    support::write(&path, &bag.zip());
    (path, size)
}

fn reading(folder: &Path) {
    let (path, size) = messages(folder);
    let place = |turn: usize| IndexPlace::File(folder.join(format!("index-{turn}")));
    let before = processor();
    let took = median(
        (0..3)
            .map(|turn| time(|| drop(index(&path, place(turn)))))
            .collect(),
    );
    let spent = (processor() - before) / 3;
    let megabytes = size as f64 / 1e6;
    let rate = megabytes / took.as_secs_f64();
    println!("indexing 100,000 messages, {megabytes:.0} MB: {took:?}, {rate:.0} MB/s; processor {spent:?}");
    in_a_process_of_its_own("index", &path);
    let (runtime, index) = index(&path, place(0));
    for query in ["ann", "zz", "qx vb", "会", "会议", "nothing at all"] {
        let mut total = 0;
        let search = || {
            total = runtime
                .block_on(index.search(query, None, 50))
                .expect("it can be read")
                .total
        };
        let took = repeated(search);
        println!("search “{query}”: {total} found in {took:?}");
    }
    let first = PageQuery {
        most: 100,
        ..PageQuery::default()
    };
    let page = repeated(|| drop(runtime.block_on(index.page(&first)).expect("it can be read")));
    println!("a page of 100: {page:?}");
    let timeline = repeated(|| {
        drop(
            runtime
                .block_on(index.timeline(None, Scale::Month))
                .expect("it can be read"),
        )
    });
    println!("the timeline: {timeline:?}");
}

fn repeated(mut work: impl FnMut()) -> Duration {
    median((0..9).map(|_| time(&mut work)).collect())
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
    let mut times: [Vec<(Duration, Duration)>; 3] = Default::default();
    for _ in 0..3 {
        times[0].push(both(|| {
            let unzip = Command::new("unzip")
                .args(["-tqq"])
                .arg(&path)
                .stdout(Stdio::null())
                .status();
            assert!(
                unzip.is_ok_and(|status| status.success()),
                "unzip is installed, and finds it sound"
            );
        }));
        times[1].push(both(|| check(&known)));
        times[2].push(both(|| check(&expected)));
    }
    let what = [
        "unzip -t",
        "verify, digest taken while it came",
        "verify, digest taken now as well",
    ];
    let reference = median(times[0].iter().map(|(took, _)| *took).collect());
    for (what, times) in what.iter().zip(times) {
        let (took, spent): (Vec<_>, Vec<_>) = times.into_iter().unzip();
        let (took, spent) = (median(took), median(spent));
        let ratio = reference.as_secs_f64() / took.as_secs_f64();
        println!("{what}: {took:?}, {ratio:.1} × as fast; processor {spent:?}");
    }
    let list = repeated(|| {
        let archive = Archive::open(&path, None).expect("it opens");
        assert_eq!(archive.folder("data/docs").len(), FILES);
    });
    println!("listing {FILES} entries: {list:?}");
    in_a_process_of_its_own("check", &path);
}

/// The time that went by, and the processor's.
fn both(work: impl FnOnce()) -> (Duration, Duration) {
    let before = processor();
    let took = time(work);
    (took, processor() - before)
}

/// A bag with a twentieth of text, packed, and the rest pictures, stored.
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

/// Processor time of this process and of those it started, which other people's work doesn't change. 100 ticks are a
/// second.
fn processor() -> Duration {
    let told = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_the_name = told.rsplit(") ").next().unwrap_or_default();
    let ticks = after_the_name
        .split(' ')
        .skip(11)
        .take(4)
        .filter_map(|ticks| ticks.parse::<u64>().ok());
    Duration::from_millis(ticks.sum::<u64>() * 10)
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
