//! Measures the import of feeds and the lookup of a release: `advisory-bench ZIP...`.
//!
//! `cargo run --release -p fanlight-advisories --example advisory-bench -- pypi-osv.zip crates-osv.zip`. To reach: 4,000
//! records in under 2 s, a lookup under 50 us. Memory is what the process grew by (`VmRSS`, Linux), over many copies of
//! the feeds under different names.
#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fanlight_advisories::feed::{self, Entry};
use fanlight_advisories::{Advisories, Advisory, Ecosystem, Package, Reading, Releases, Version};
use fanlight_base::{Clock as _, SystemClock};

type Failure = Box<dyn std::error::Error>;

/// Copies of the feeds for the measure of memory.
const COPIES: usize = 20;
/// Lookups of each release, of which the median counts.
const TIMES: usize = 51;

fn main() -> Result<(), Failure> {
    let files: Vec<_> = std::env::args().skip(1).collect();
    if files.is_empty() {
        return Err("usage: advisory-bench ZIP...".into());
    }
    let start = Instant::now();
    let mut known = Arc::new(Advisories::new());
    for file in &files {
        let import = known.import(reading(file), feed::zip(File::open(file)?)?)?;
        known = import.advisories;
        println!("{file}: {} records, {} refused", import.report.read, import.report.refused);
    }
    println!("{} records imported from zips in {:?}", known.len(), start.elapsed());
    refresh(&known, &files)?;
    let records: Vec<_> = all(&known, &files)?;
    lookups(&known, &records);
    memory(&files)
}

fn reading(source: &str) -> Reading {
    Reading { source: source.into(), at: SystemClock.now() }
}

/// The same feeds again, and one changed record.
fn refresh(known: &Advisories, files: &[String]) -> Result<(), Failure> {
    let start = Instant::now();
    for file in files {
        let report = known.import(reading(file), feed::zip(File::open(file)?)?)?.report;
        assert_eq!(report.new + report.changed, 0, "nothing changed");
    }
    println!("the same again, unchanged: {:?}", start.elapsed());
    let bytes = r#"{"id": "X-1", "modified": "2026-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "npm", "name": "a"}}]}"#;
    let start = Instant::now();
    let one = known.import(reading(&files[0]), [Ok(Entry { name: "x.json".to_owned(), bytes: bytes.into() })])?;
    println!("one new record: {:?}", start.elapsed());
    assert_eq!(one.report.new, 1);
    Ok(())
}

fn all(known: &Advisories, files: &[String]) -> Result<Vec<Arc<Advisory>>, Failure> {
    let mut records = BTreeMap::new();
    for file in files {
        for entry in feed::zip(File::open(file)?)? {
            let name = entry?.name;
            let id = Path::new(&name).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
            records.extend(known.named(&id).into_iter().map(|record| (record.id().to_owned(), record.clone())));
        }
    }
    Ok(records.into_values().collect())
}

fn lookups(known: &Advisories, records: &[Arc<Advisory>]) {
    let affected = records.iter().flat_map(|record| record.affected());
    let packages: BTreeSet<_> = affected.map(|affected| affected.package().clone()).collect();
    let texts: Vec<String> = (0..40).map(|n| format!("{}.{}.{}", n / 10, n % 10, n % 3)).collect();
    let mut figures: Vec<(Duration, usize, &Package)> = Vec::new();
    for package in &packages {
        let versions: Vec<_> = texts.iter().map(|text| Version::new(package.ecosystem(), text)).collect();
        let ask =
            |version: &Version| known.project(package).map(|project| project.affecting(version).len()).unwrap_or(0);
        // The slowest version of each project.
        let slowest = versions.iter().map(|version| (median(|| ask(version)), ask(version))).max();
        figures.extend(slowest.map(|(time, found)| (time, found, package)));
    }
    figures.sort();
    let at = |share: usize| figures[(figures.len() - 1) * share / 100];
    println!("what affects a release, {} projects, the slowest of 40 versions each:", packages.len());
    for share in [50, 99, 100] {
        let (time, found, package) = at(share);
        println!("  p{share}: {time:?} ({package}: {found} flaws)");
    }
    let absent = Package::new(Ecosystem::PyPi, "nobody-wrote-an-advisory-about-this");
    println!("  a project without advisories: {:?}", median(|| known.project(&absent)));
    let (_, _, package) = at(100);
    let text = median(|| Version::new(package.ecosystem(), "2.11.0rc1"));
    println!("  reading a version: {text:?}");
    let releases = Releases::new(package.ecosystem(), texts.iter().map(String::as_str));
    let version = Version::new(package.ecosystem(), "2.5.2");
    let fixes = || known.project(package).map(|project| project.fixed_by(&version, &releases).len());
    println!("what a release fixes ({package}, {} releases known): {:?}", texts.len(), median(fixes));
    let id = records[records.len() / 2].id();
    println!("who an id means ({id}): {:?}", median(|| known.named(id)));
}

fn median<T>(mut once: impl FnMut() -> T) -> Duration {
    let mut times: Vec<_> = (0..TIMES)
        .map(|_| {
            let start = Instant::now();
            black_box(once());
            start.elapsed()
        })
        .collect();
    times.sort();
    times[TIMES / 2]
}

fn memory(files: &[String]) -> Result<(), Failure> {
    let Some(before) = resident() else { return Ok(()) };
    let mut known = Arc::new(Advisories::new());
    for (file, copy) in files.iter().flat_map(|file| (0..COPIES).map(move |copy| (file, copy))) {
        known = known.import(reading(&format!("{file} {copy}")), feed::zip(File::open(file)?)?)?.advisories;
    }
    let grown = resident().unwrap_or(before) - before;
    let (records, counted) = (known.len(), known.bytes());
    println!(
        "{records} records: {} MiB, {} bytes each; counted as {} MiB",
        grown >> 20,
        grown / records,
        counted >> 20
    );
    black_box(&known);
    Ok(())
}

/// Bytes of this process in memory.
fn resident() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<usize>().ok().map(|kib| kib * 1024)
}
