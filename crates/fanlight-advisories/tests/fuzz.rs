//! Everything that reads bytes from outside, over random mutations of good input for a bounded time. The mutations are
//! the same for the same `FANLIGHT_FUZZ_SEED`; `FANLIGHT_FUZZ_SECONDS` is how long all targets take together.
//!
//! What is read must hold what the crate promises of it: bounded, shown as it is read, and never worse than before.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test's own helpers; a failed one fails the test")]

use std::io::{Cursor, Write as _};
use std::path::Path;
use std::sync::Arc;

use fanlight_advisories::feed::{self, Entry};
use fanlight_advisories::vex::Document;
use fanlight_advisories::{Advisories, Advisory, Ecosystem, Reading, Releases, Severity, Version};
use fanlight_base::limits;
use fanlight_testkit::fuzz::Fuzz;

const LONGEST: usize = 8 * 1024;

const RECORD: &str = r#"{"schema_version": "1.7.5", "id": "GHSA-1", "modified": "2026-01-02T03:04:05Z",
  "withdrawn": null, "aliases": ["CVE-1"], "references": [{"type": "FIX", "url": "https://code.example/a"}, {"type": "ADVISORY",
  "url": "https://advisories.example/GHSA-1"}, {"type": "WEB"}], "summary": "s", "database_specific": {"severity": "HIGH", "cwe_ids": ["CWE-506"]},
  "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}],
  "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}, "versions": ["1.0", "x"], "ranges": [
    {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.5"}, {"introduced": "2"}, {"last_affected": "2.4"}]}]}]}"#;

const SECOND: &str = r#"{"id": "MAL-2", "modified": "2026-01-02T03:04:05Z", "affected": [
  {"package": {"ecosystem": "npm", "name": "@a/b"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "1.0.0-rc.1"},
   {"fixed": "1.2.3"}, {"limit": "*"}]}]}, {"package": {"ecosystem": "crates.io", "name": "c"}, "versions": ["0.1.0"]}]}"#;

const OPENVEX: &str = r#"{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "a", "author": "b",
  "timestamp": "2026-01-01T00:00:00Z", "statements": [{"vulnerability": {"name": "CVE-1", "aliases": ["GHSA-1"]}, "products":
  [{"@id": "pkg:pypi/a@1.0", "identifiers": {"purl": "pkg:npm/b"}}], "status": "not_affected", "justification":
  "component_not_present", "impact_statement": "c"}]}"#;

const CSAF: &str = r#"{"document": {"category": "csaf_vex", "csaf_version": "2.0", "publisher": {"name": "V"}, "tracking":
  {"id": "E", "status": "final", "current_release_date": "2026-03-03T11:00:00Z"}}, "product_tree": {"branches": [{"product":
  {"product_id": "P", "product_identification_helper": {"purl": "pkg:pypi/a@1.0"}}}], "product_groups": [{"group_id": "G",
  "product_ids": ["P"]}]}, "vulnerabilities": [{"cve": "CVE-1", "product_status": {"known_not_affected": ["P"]}, "flags":
  [{"label": "component_not_present", "group_ids": ["G"]}]}]}"#;

/// Pieces that the parsers look for, put in at random places.
const PIECES: &[&str] = &[
    "\0",
    "\u{202e}",
    "ä",
    "\"",
    "\\u0000",
    "\\ud800",
    "[[[[[[",
    "{",
    "}",
    "]",
    ",",
    ":",
    "null",
    "true",
    "-1",
    "1e999",
    "18446744073709551616",
    "9007199254740993",
    "9999-12-31T23:59:59.999999999Z",
    "-9999-01-01T00:00:00Z",
    "*",
    "0",
    "1!2",
    "2.0+cu117",
    "-0.00",
    "-rc.99999999999999999999",
    "v",
    "\"references\":[",
    "{\"type\":\"ADVISORY\",\"url\":\"javascript:a\"}",
    "https://a@b.example/\\u202e",
    "\"fixed\":",
    "\"introduced\":",
    "\"limit\":",
    "\"versions\":[",
    "\"severity\":",
    "crates.io",
    "npm",
    "PyPI",
    "MAL-",
    "CWE-506",
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N",
    "/VC:H/VI:H/VA:H",
    "/SC:H/SI:S/SA:H",
    "/E:A",
    "/AV:N",
    "pkg:npm/%40a/b@1",
    "pkg:",
    "?a=b",
    "PK\u{1}\u{2}",
    "PK\u{3}\u{4}",
    "PK\u{5}\u{6}",
    "../",
    "\u{ff}\u{ff}",
    ".json",
];

fn reading() -> Arc<Reading> {
    Arc::new(Reading { source: "feed".into(), at: "2026-11-01T00:00:00Z".parse().unwrap() })
}

fn entry(bytes: &[u8]) -> Result<Entry, feed::EntryFault> {
    Ok(Entry { name: "a.json".to_owned(), bytes: bytes.to_vec() })
}

/// A record: read, put in beside a good one, asked for, and forgotten again.
fn record(data: &[u8]) {
    let Ok(advisory) = Advisory::read(data, &reading()) else { return };
    assert!(
        advisory.summary().len() <= limits::ADVISORY_TEXT_BYTES && !advisory.summary().chars().any(char::is_control)
    );
    assert!(advisory.id().bytes().chain(advisory.aliases().flat_map(str::bytes)).all(|byte| byte.is_ascii_graphic()));
    // It goes to people's terminals and into answers of npm's audit.
    assert!(advisory.more().is_none_or(|more| {
        let is_plain = more.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>\\`".contains(&byte));
        more.starts_with("http") && more.len() <= limits::ADVISORY_TEXT_BYTES && is_plain
    }));
    let good = RECORD.replace("GHSA-1", "GOOD-NEIGHBOUR");
    let import = Advisories::new().import((*reading()).clone(), [entry(data), entry(good.as_bytes())]).unwrap();
    let known = import.advisories;
    assert!(!known.named("good-neighbour").is_empty(), "a good record stands beside any other");
    for affected in advisory.affected() {
        let Some(project) = known.project(affected.package()) else { continue };
        let ecosystem = affected.package().ecosystem();
        let releases = Releases::new(ecosystem, ["0.9.0", "1.2.3", "1.5.0", "2.4.0"]);
        let fixed: Vec<Version> = affected.fixed().cloned().collect();
        for version in
            ["0", "1.0", "1.2.3", "1.5", "2.4.0"].map(|text| Version::new(ecosystem, text)).iter().chain(&fixed)
        {
            for flaw in project.affecting(version) {
                assert!(flaw.fixed().iter().all(|fixed| *fixed > version));
                assert!(!flaw.aliases().contains(flaw.id()));
            }
            for fix in project.fixed_by(version, &releases) {
                assert!(fix.at <= version);
            }
        }
    }
    assert!(known.without("feed").is_empty());
}

fn zip(data: &[u8]) {
    let Ok(entries) = feed::zip(Cursor::new(data)) else { return };
    for entry in entries {
        match entry {
            Ok(entry) => assert!(entry.bytes.len() <= limits::ADVISORY_BYTES && !entry.name.contains("..")),
            Err(fault) => assert!(fault.entry.len() <= limits::ADVISORY_TEXT_BYTES),
        }
    }
}

fn vex(data: &[u8]) {
    if let Ok(document) = Document::read(data, &reading()) {
        assert!(document.notes.len() <= limits::ADVISORY_FAULTS);
        assert!(
            document.statements.iter().all(|statement| !statement.flaws.is_empty() && statement.at <= reading().at)
        );
    }
}

fn texts(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Some(severity) = Severity::of_vector(&text) {
        assert!(severity.score().is_some_and(|score| score.tenths() <= 100));
    }
    for ecosystem in [Ecosystem::PyPi, Ecosystem::Npm, Ecosystem::Crates] {
        let versions: Vec<_> = text.split(['\n', ' ']).map(|text| Version::new(ecosystem, text)).collect();
        for pair in versions.windows(2) {
            assert_eq!(pair[0].cmp(&pair[1]), pair[1].cmp(&pair[0]).reverse());
            assert_eq!(Version::new(ecosystem, &pair[0].to_string()), pair[0]);
        }
    }
}

/// A zip of two records, its first stored and its second deflated.
fn archive() -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, content, method) in [("a.json", RECORD, 0_u16), ("b.json", SECOND, 8)] {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(content.as_bytes()).unwrap();
        let packed = if method == 8 { encoder.finish().unwrap() } else { content.as_bytes().to_vec() };
        let at = u32::try_from(bytes.len()).unwrap();
        let mut common = vec![20, 0, 0, 0];
        common.extend(method.to_le_bytes());
        common.extend([0; 4]);
        for word in [crc32fast::hash(content.as_bytes()), packed.len() as u32, content.len() as u32] {
            common.extend(word.to_le_bytes());
        }
        common.extend((name.len() as u32).to_le_bytes());
        bytes.extend([b"PK\x03\x04".as_slice(), &common, name.as_bytes(), &packed].concat());
        directory
            .extend([b"PK\x01\x02\x14\0".as_slice(), &common, &[0; 10], &at.to_le_bytes(), name.as_bytes()].concat());
    }
    let at = u32::try_from(bytes.len()).unwrap().to_le_bytes();
    let size = u32::try_from(directory.len()).unwrap().to_le_bytes();
    [bytes.as_slice(), &directory, b"PK\x05\x06\0\0\0\0\x02\0\x02\0", &size, &at, &[0; 2]].concat()
}

fn run(name: &str, target: fn(&[u8]), corpus: &[&[u8]]) {
    let kept = Some((Path::new(env!("CARGO_TARGET_TMPDIR")), "advisories"));
    let corpus: Vec<_> = corpus.iter().map(|data| data.to_vec()).collect();
    let runs = Fuzz { pieces: PIECES, longest: LONGEST, targets: 4, kept }.run(name, &corpus, target);
    println!("{name}: {runs} mutations");
}

#[test]
fn records() {
    assert!([RECORD, SECOND].iter().all(|good| Advisory::read(good.as_bytes(), &reading()).is_ok()));
    run("records", record, &[RECORD.as_bytes(), SECOND.as_bytes()]);
}

#[test]
fn zips() {
    let archive = archive();
    let entries: Vec<_> = feed::zip(Cursor::new(&archive)).unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(entries.iter().map(|entry| &*entry.bytes).collect::<Vec<_>>(), [RECORD.as_bytes(), SECOND.as_bytes()]);
    run("zips", zip, &[&archive]);
}

#[test]
fn vex_documents() {
    let statements = |good: &str| Document::read(good.as_bytes(), &reading()).unwrap().statements.len();
    assert_eq!([OPENVEX, CSAF].map(statements), [2, 1]);
    run("vex", vex, &[OPENVEX.as_bytes(), CSAF.as_bytes()]);
}

#[test]
fn versions_and_vectors() {
    let corpus: &[&[u8]] = &[
        b"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N/E:P/RC:C",
        b"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/MSI:S/CR:H",
        b"1.0 1.0.0 1.0rc1 1!2.0.post1.dev3+l.1",
        b"1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0+b v2.0.0",
    ];
    run("texts", texts, corpus);
}
