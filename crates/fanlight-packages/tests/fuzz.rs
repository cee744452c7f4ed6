//! Drives the fuzz targets on a stable toolchain: each over its corpus, then over random mutations of it for a bounded
//! time. The mutations are the same for the same `FANLIGHT_FUZZ_SEED`; how many are tried depends on the machine.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test's own helpers; a failed one fails the test")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[path = "../fuzz/src/targets.rs"]
mod targets;

/// Bytes of the longest input made. Longer ones find little more and are slower.
const LONGEST: usize = 16 * 1024;

/// Pieces that parsers look for, put in at random places.
const PIECES: &[&str] = &[
    "\0",
    "\r\n",
    "\u{202e}",
    "ä",
    "%2e%2e%2f",
    "%00",
    "../",
    "..\\",
    "&amp;",
    "&#0;",
    "&#x202e;",
    "&quot",
    "<!--",
    "-->",
    "<base href=//x.example/>",
    "<a href='",
    "\" data-yanked ",
    "<script>",
    "</script>",
    "<title>",
    "\"",
    "\\u0000",
    "\\ud800",
    "[[[[[[[[",
    "{\"\":",
    "]",
    "}",
    ",",
    ":",
    "null",
    "true",
    "-1",
    "1e999",
    "18446744073709551616",
    "sha256",
    "#sha256=",
    "\"files\":",
    "\"yanked\":",
    "\"hashes\":",
    "\"core-metadata\":",
    "\"api-version\":\"1.0\"",
    "\"filename\":\"a.whl\"",
    "\"url\":\"a\"",
    "9999-12-31T23:59:59.999999999Z",
    "-9999-01-01T00:00:00Z",
    "-py3-none-any.whl",
    ".tar.gz",
    ".egg",
    "-1!2.0",
    ".post1.dev2+local",
    "_1",
    "--",
    "pkg:pypi/",
    "pkg:npm/%40a/",
    "@",
    "?a=b",
    "#",
    "*",
    "?",
    ";q=0.5",
    "*/*",
    "q=",
    "{age_minutes}",
    "{",
    "}",
    "=",
    "\n",
    "index-url",
    "global.index-url=",
    ", exists: True",
    "'",
];

/// A small random generator (SplitMix64), so that a run can be had again by its seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `bound`, which is over 0.
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// One input changed in a few places, now and then joined with a part of another.
fn mutated(random: &mut Random, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut data = random.pick(corpus).clone();
    for _ in 0..=random.below(4) {
        let at = random.below(data.len() + 1);
        let length = random.below(16).min(data.len() - at);
        match random.below(7) {
            0 if at < data.len() => data[at] ^= 1 << random.below(8),
            1 if at < data.len() => data[at] = random.next().to_le_bytes()[0],
            2 => drop(data.drain(at..at + length)),
            3 => {
                let piece = random.pick(PIECES).bytes();
                drop(data.splice(at..at, piece));
            }
            4 => {
                let piece = random.pick(PIECES).bytes();
                drop(data.splice(at..at + length, piece));
            }
            5 => {
                let again = data[at..at + length].to_vec();
                for _ in 0..random.below(20) {
                    drop(data.splice(at..at, again.iter().copied()));
                }
            }
            _ => {
                let other = random.pick(corpus);
                let from = random.below(other.len() + 1);
                data.truncate(at);
                data.extend_from_slice(&other[from..]);
            }
        }
    }
    data.truncate(LONGEST);
    data
}

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder(target)).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} is a whole number")))
}

/// Runs a target and, where it panics, says on which input.
fn tried(name: &str, target: fn(&[u8]), data: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| target(data))).is_err() {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{name}"));
        let kept = std::fs::write(&path, data).map_or_else(|error| error.to_string(), |()| path.display().to_string());
        panic!("{name} failed on {:?} (kept as {kept})", String::from_utf8_lossy(data));
    }
}

fn run(name: &str) {
    let (_, target) = *targets::TARGETS.iter().find(|(known, _)| *known == name).unwrap();
    let corpus = corpus(name);
    for data in &corpus {
        tried(name, target, data);
    }
    let share = u32::try_from(targets::TARGETS.len()).unwrap();
    let time = Duration::from_secs(setting("FANLIGHT_FUZZ_SECONDS", 5)) / share;
    let mut random = Random(setting("FANLIGHT_FUZZ_SEED", 1));
    let start = Instant::now();
    let mut runs = 0_u64;
    // At least some even where the machine is busy, so that the test always tests.
    while runs < 200 || start.elapsed() < time {
        tried(name, target, &mutated(&mut random, &corpus));
        runs += 1;
    }
    println!("{name}: {} corpus files and {runs} mutations", corpus.len());
}

#[test]
fn every_target_has_a_corpus_and_a_libfuzzer_driver() {
    for (name, _) in targets::TARGETS {
        assert!(corpus(name).len() >= 4, "{name}");
        let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fuzz/fuzz_targets/{name}.rs"));
        assert!(std::fs::read_to_string(driver).unwrap().contains(&format!("fuzz_{name}(data)")), "{name}");
    }
}

#[test]
fn mutations_are_the_same_for_the_same_seed() {
    let corpus = corpus("purl");
    let made = |seed| {
        let mut random = Random(seed);
        (0..50).map(|_| mutated(&mut random, &corpus)).collect::<Vec<_>>()
    };
    assert_eq!(made(7), made(7));
    assert_ne!(made(7), made(8));
}

macro_rules! fuzzed {
    ($($name:ident),*) => {
        $(#[test] fn $name() { run(stringify!($name)); })*

        #[test]
        fn every_target_is_run() {
            assert_eq!([$(stringify!($name)),*], targets::TARGETS.map(|(name, _)| name));
        }
    };
}

fuzzed!(index_json, index_html, project_list, file_name, purl, record, accept, settings);
