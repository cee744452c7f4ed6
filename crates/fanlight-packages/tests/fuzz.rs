//! Drives the fuzz targets on a stable toolchain: each over its corpus, then over random mutations of it for a bounded
//! time. The mutations are the same for the same `FANLIGHT_FUZZ_SEED`; how many are tried depends on the machine.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test's own helpers; a failed one fails the test")]

use std::path::{Path, PathBuf};

use fanlight_testkit::fuzz::Fuzz;

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
    "\"versions\":",
    "\"dist-tags\":",
    "\"dist\":",
    "\"integrity\":\"sha512-AA==\"",
    "\"tarball\":\"https://x.example/foo-1.0.0.tgz\"",
    "\"time\":",
    "\"deprecated\":",
    "\"yanked\":true",
    "\"cksum\":",
    "\"vers\":\"1.0.0\"",
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
    "\"dependencies\":{",
    "{\"a\":[\"1.0.0\"]}",
    "\"version\":\"1.0.0\"",
    "file:../a",
    "index-url",
    "global.index-url=",
    ", exists: True",
    "'",
];

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder(target)).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

fn run(name: &str) {
    let (_, target) = *targets::TARGETS.iter().find(|(known, _)| *known == name).unwrap();
    let corpus = corpus(name);
    let targets = u32::try_from(targets::TARGETS.len()).unwrap();
    let kept = Some((Path::new(env!("CARGO_TARGET_TMPDIR")), "packages"));
    let runs = Fuzz { pieces: PIECES, longest: LONGEST, targets, kept }.run(name, &corpus, target);
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

macro_rules! fuzzed {
    ($($name:ident),*) => {
        $(#[test] fn $name() { run(stringify!($name)); })*

        #[test]
        fn every_target_is_run() {
            assert_eq!([$(stringify!($name)),*], targets::TARGETS.map(|(name, _)| name));
        }
    };
}

fuzzed!(index_json, index_html, project_list, packument, crate_index, file_name, purl, record, accept, settings, audit);
