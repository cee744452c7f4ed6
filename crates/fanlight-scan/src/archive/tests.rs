use std::io::{self, Cursor};
use std::time::Duration;

use super::making::{self, Tarred, Zipped, gz, tar, tgz_of, wheel, zip, zip_of};
use super::{Budget, Met, Metered};
use crate::deadline::Deadline;
use crate::finding::Severity;
use crate::report::Report;
use crate::{RuleSet, scan};

fn report(file: &str, bytes: &[u8]) -> Report {
    scan(&mut Cursor::new(bytes), file, &RuleSet::default()).unwrap()
}

/// The rules that fired, but for facts.
fn fired(file: &str, bytes: &[u8]) -> Vec<String> {
    let report = report(file, bytes);
    let weighty = report.findings.iter().filter(|finding| finding.severity > Severity::Info);
    let mut rules: Vec<_> = weighty.map(|finding| finding.rule.to_string()).collect();
    rules.dedup();
    rules
}

const FILES: &[(&str, &str)] = &[("a/__init__.py", "x = 1\n"), ("a/b.txt", "words\n")];

fn only(change: impl FnOnce(&mut Zipped)) -> Vec<u8> {
    let mut entries = vec![Zipped::new("a.txt", "one"), Zipped::new("b.txt", "two two two two")];
    change(&mut entries[1]);
    zip(&entries)
}

#[test]
fn right_archives_have_no_findings() {
    let none: Vec<String> = Vec::new();
    assert_eq!(fired("a.zip", &zip_of(FILES)), none);
    assert_eq!(fired("a-1.0-py3-none-any.whl", &wheel(FILES, |_| {})), none);
    assert_eq!(fired("a-1.0.tar.gz", &tgz_of(FILES)), none);
    assert_eq!(fired("a.zip", &only(|entry| entry.follows = true)), none);
}

#[test]
fn what_is_wrong_with_a_zip_archive_is_told() {
    type Change = fn(&mut Zipped);
    let cases: &[(&str, Change)] = &[
        ("archive:traversal", |e| e.name = b"../b.txt".to_vec()),
        ("archive:traversal", |e| e.name = b"/etc/b".to_vec()),
        ("archive:traversal", |e| e.name = b"..\\b".to_vec()),
        ("archive:traversal", |e| e.name = b"C:b".to_vec()),
        ("archive:name", |e| e.name = "b\u{202e}txt".into()),
        ("archive:name", |e| e.name = b"b\0.txt".to_vec()),
        ("archive:duplicate", |e| e.name = b"a.txt".to_vec()),
        ("archive:duplicate", |e| e.name = b"A.TXT".to_vec()),
        ("archive:mismatch", |e| e.local_name = Some(b"c.txt".to_vec())),
        ("archive:mismatch", |e| e.local_method = Some(0)),
        ("archive:mismatch", |e| e.crc = Some(1)),
        ("archive:mismatch", |e| e.size = Some(3)),
        ("archive:encrypted", |e| e.flags = 1),
        ("archive:unlisted", |e| e.listed = false),
        ("archive:gap", |e| e.gap_before = 40),
        ("archive:device", |e| e.mode = 0o020_644),
        ("archive:link", |e| (e.mode, e.content) = (0o120_777, b"a.txt".to_vec())),
        ("archive:link-out", |e| (e.mode, e.content) = (0o120_777, b"../../etc".to_vec())),
    ];
    for (at, (rule, change)) in cases.iter().enumerate() {
        let fired = fired("a.zip", &only(change));
        assert!(fired.iter().any(|own| own == rule), "case {at}: {rule} not in {fired:?}");
    }
}

#[test]
fn names_of_one_unicode_form_are_one_name() {
    let bytes = zip_of(&[("caf\u{e9}.py", ""), ("cafe\u{301}.py", "")]);
    assert_eq!(fired("a.zip", &bytes), ["archive:duplicate"]);
}

#[test]
fn data_before_and_after_a_zip_archive_is_told() {
    let whole = zip_of(FILES);
    let mut before = b"#!/bin/sh\n".to_vec();
    before.extend(&whole);
    // Without a form at its beginning, it is no archive for some programs and one for others.
    assert!(!fired("a.zip", &before).is_empty());
    let mut hidden = zip_of(&[("x.txt", "first")]);
    hidden.extend(&whole);
    assert!(fired("a.zip", &hidden).contains(&"archive:data-before".to_owned()));
    let mut after = whole;
    after.extend(b"tail");
    assert_eq!(fired("a.zip", &after), ["archive:data-after"]);
}

#[test]
fn entries_that_share_bytes_are_told() {
    let bytes = zip_of(&[("a.txt", "same same")]);
    let at = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let end = bytes.windows(4).position(|window| window == b"PK\x05\x06").unwrap();
    let (mut out, list) = (bytes[..at].to_vec(), [&bytes[at..end], &bytes[at..end]].concat());
    making::end(&mut out, &list, 2);
    assert!(fired("a.zip", &out).contains(&"archive:overlap".to_owned()));
}

#[test]
fn a_wheel_is_compared_with_its_record() {
    let change = |change: fn(&mut String)| fired("a-1.0-py3-none-any.whl", &wheel(FILES, change));
    assert_eq!(
        change(|record| *record = record.replacen("a/b.txt", "a/c.txt", 1)),
        ["wheel:record-extra", "wheel:record-missing"]
    );
    assert_eq!(change(|record| *record = record.replacen("sha256=", "sha256=A", 1)), ["wheel:record-hash"]);
    assert_eq!(change(|record| *record = record.replacen(",6\n", ",7\n", 1)), ["wheel:record-hash"]);
    assert_eq!(fired("a-1.0-py3-none-any.whl", &zip_of(FILES)), ["wheel:record-broken"]);
    let quoted = &[("a/with,comma.py", "x = 1\n")];
    let quote = |record: &mut String| *record = record.replace("a/with,comma.py", "\"a/with,comma.py\"");
    assert!(fired("a-1.0-py3-none-any.whl", &wheel(quoted, quote)).is_empty());
}

#[test]
fn what_is_wrong_with_a_tar_archive_is_told() {
    let entry = |name, kind, link| gz(&tar(&[Tarred { name, kind, content: b"", link }]));
    for (rule, bytes) in [
        ("archive:traversal", entry("a/../../b", b'0', "")),
        ("archive:link", entry("a/b", b'2', "c")),
        ("archive:link", entry("a/b", b'2', "../c")),
        ("archive:link-out", entry("a/b", b'2', "../../c")),
        ("archive:link-out", entry("a/b", b'1', "/etc/passwd")),
        ("archive:device", entry("a/b", b'3', "")),
        ("archive:device", entry("a/b", b'6', "")),
        ("archive:unreadable", entry("a/b", b'S', "")),
    ] {
        assert_eq!(fired("a.tar.gz", &bytes), [rule]);
    }
    let file = |name, content| Tarred { name, kind: b'0', content, link: "" };
    let link = Tarred { name: "a/d", kind: b'2', content: b"", link: "../../out" };
    assert_eq!(fired("a.tar.gz", &gz(&tar(&[link, file("a/d/x", b"")]))), ["archive:link-out"]);
    let pax = Tarred { name: "x", kind: b'x', content: b"10 size=4\n", link: "" };
    assert!(fired("a.tar.gz", &gz(&tar(&[pax, file("a/b", b"12345678")]))).contains(&"archive:mismatch".to_owned()));
    let long = Tarred { name: "x", kind: b'L', content: b"a/../../../b\0", link: "" };
    assert_eq!(fired("a.tar.gz", &gz(&tar(&[long, file("a/b", b"")]))), ["archive:traversal"]);
}

#[test]
fn data_after_a_tar_archive_is_told() {
    let files = &[("a/b", "c")];
    let mut twice = tgz_of(files);
    twice.extend(tgz_of(&[("a/d", "e")]));
    assert_eq!(fired("a.tgz", &twice), ["archive:data-after"]);
    let mut inside = tar(&[Tarred { name: "a/b", kind: b'0', content: b"c", link: "" }]);
    inside.extend(b"more");
    assert_eq!(fired("a.tgz", &gz(&inside)), ["archive:data-after"]);
    let mut cut = tgz_of(files);
    cut.truncate(cut.len() - 9);
    assert_eq!(fired("a.tgz", &cut), ["archive:broken"]);
}

#[test]
fn bombs_are_stopped_and_told() {
    let zeros = vec![0; 60 * 1024 * 1024];
    let in_tar = Tarred { name: "a/z", kind: b'0', content: &zeros, link: "" };
    for (file, bytes) in
        [("a.zip", zip(&[Zipped::new("z", &zeros), Zipped::new("after", "x")])), ("a.tgz", gz(&tar(&[in_tar])))]
    {
        let report = report(file, &bytes);
        assert!(report.findings.iter().any(|finding| finding.rule == "archive:bomb"), "{file}: {:?}", report.findings);
        assert!(!report.is_whole() && report.limits[0].limit == "scan_ratio");
        assert!(report.counts.unpacked < 60 * 1024 * 1024, "{} bytes", report.counts.unpacked);
    }
    let few = zip(&[Zipped::new("z", &zeros[..1024 * 1024])]);
    assert!(fired("a.zip", &few).is_empty());
}

#[test]
fn archives_in_archives_are_opened_to_a_depth() {
    let mut bytes = zip_of(&[("deep.py", "import base64\nexec(base64.b64decode(X))\n")]);
    for layer in 0..3 {
        bytes = zip(&[Zipped::new(&format!("{layer}.zip"), &bytes)]);
    }
    let report = report("a.zip", &bytes);
    assert!(
        report.findings.iter().any(|finding| finding.place.path == "2.zip!/1.zip!/0.zip!/deep.py"),
        "{:?}",
        report.findings
    );
    let deeper = zip(&[Zipped::new("x.zip", &bytes)]);
    assert!(fired("a.zip", &deeper).contains(&"archive:deep".to_owned()));
}

#[test]
fn the_form_of_an_archive_that_no_installer_unpacks_weighs_little() {
    let inner = only(|entry| entry.name = b"../b.txt".to_vec());
    let report = report("a.zip", &zip(&[Zipped::new("tests/x.zip", &inner)]));
    let finding = report.findings.iter().find(|finding| finding.rule == "archive:traversal").unwrap();
    assert_eq!((finding.severity, finding.place.path.as_str()), (Severity::Low, "tests/x.zip!/../b.txt"));
}

#[test]
fn a_name_that_claims_another_form_is_told() {
    assert_eq!(fired("a.tar.gz", &zip_of(FILES)), ["archive:extension"]);
    assert_eq!(fired("a.whl", b"no archive at all"), ["archive:broken", "wheel:record-broken"]);
}

#[test]
fn reading_ends_in_the_middle_of_an_entry_where_it_is_too_late() {
    for (time, met) in [(Duration::ZERO, Some(Met::Time)), (Duration::from_secs(600), None)] {
        let mut budget = Budget::new(3, Deadline::after(time));
        let mut metered = Metered { inner: &b"one"[..], budget: &mut budget, read: 0 };
        let ended = io::copy(&mut metered, &mut io::sink()).err();
        let why = ended.and_then(|error| error.get_ref()?.downcast_ref::<Met>().copied());
        assert_eq!(why, met);
    }
}
