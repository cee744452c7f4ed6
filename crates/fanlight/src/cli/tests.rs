//! What the commands show, with golden data.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use fanlight_api::advisories::Advisory;
use fanlight_api::exceptions::Exception;
use fanlight_api::who::{Fetched, Received, Refused};
use fanlight_api::why::{File, Got, Release};
use fanlight_api::{Status, Who, Why, status};
use fanlight_base::{Outcome, Timestamp};

use super::*;

#[derive(Clone, Default)]
struct Paper(Rc<RefCell<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a person would read.
pub(super) fn shown(show: impl FnOnce(&mut Screen) -> io::Result<()>) -> String {
    let paper = Paper::default();
    show(&mut Screen::of_test(paper.clone(), paper.clone(), false)).unwrap();
    let bytes = paper.0.borrow().clone();
    String::from_utf8(bytes).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn release(version: &str, outcome: Outcome, published: &str) -> Release {
    let held = outcome == Outcome::Hold;
    let reason = format!("requests {version} is 3 days old; new releases wait 7 days here.");
    Release {
        version: version.to_owned(),
        outcome,
        policies: vec![if held { "wait-and-see" } else { "packages-allowed" }.to_owned()],
        reason: held.then(|| reason.clone()),
        advice: held.then(|| "Take 2.31.0 now, or wait.".to_owned()),
        until: held.then(|| at("2026-11-25T10:00:30Z")),
        askable: held,
        scan_to_come: false,
        published: Some(at(published)),
        first_seen: Some(at("2026-11-20T00:00:00Z")),
        counted_from: "published".to_owned(),
        yanked: version == "2.30.0",
        yanked_reason: (version == "2.30.0").then(|| "broken\u{1b}[2J".to_owned()),
        files: vec![File {
            file: format!("requests-{version}-py3-none-any.whl"),
            outcome,
            policies: vec![],
            reason: held.then_some(reason),
            until: held.then(|| at("2026-11-25T10:00:30Z")),
            yanked: false,
            scan_to_come: false,
        }],
        advisories: vec![],
        fixes: vec![],
    }
}

fn why(releases: Vec<Release>) -> Why {
    Why {
        project: "requests".to_owned(),
        purl: "pkg:pypi/requests".to_owned(),
        cooldown: "7 days".to_owned(),
        newest_allowed: releases.iter().find(|r| r.outcome == Outcome::Allow).map(|r| r.version.clone()),
        newest: releases.first().map(|r| r.version.clone()),
        releases,
        you_got: vec![Got {
            time: at("2026-11-21T08:15:00Z"),
            version: "2.31.0".to_owned(),
            file: "requests-2.31.0-py3-none-any.whl".to_owned(),
            received: Received::Whole,
            who: "asha".to_owned(),
        }],
        upstream_state: "revalidated".to_owned(),
        looked_at: Some(at("2026-11-22T01:02:03Z")),
        behind: 0,
    }
}

fn held_and_older() -> Why {
    let old = (1..9).map(|minor| release(&format!("2.2{minor}.0"), Outcome::Allow, "2025-01-01T00:00:00Z"));
    let mut releases = vec![
        release("2.32.0", Outcome::Hold, "2026-11-18T10:00:30Z"),
        release("2.31.0", Outcome::Allow, "2026-05-01T00:00:00Z"),
        release("2.30.0", Outcome::Allow, "2026-04-01T00:00:00Z"),
    ];
    releases.extend(old.rev());
    why(releases)
}

#[test]
fn the_grammar_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_helps_with_examples() {
    fn walk(command: &clap::Command, path: &str) {
        for sub in command.get_subcommands() {
            let path = format!("{path} {}", sub.get_name());
            assert!(sub.get_about().is_some(), "{path} does not say what it does");
            if sub.has_subcommands() {
                walk(sub, &path);
            } else {
                let after = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(after.contains("Example") && after.contains(&path), "{path} shows no example: {after}");
            }
        }
    }
    walk(&Cli::command(), "fanlight");
}

#[test]
fn why_of_a_project() {
    let purl = thing::purl("requests").unwrap();
    insta::assert_snapshot!(shown(|screen| super::why::show(screen, &purl, &held_and_older(), false)));
}

#[test]
fn why_of_a_release_that_is_held() {
    let purl = thing::purl("requests==2.32.0").unwrap();
    let mut why = held_and_older();
    why.releases.truncate(1);
    why.upstream_state = "stale".to_owned();
    why.behind = 3;
    insta::assert_snapshot!(shown(|screen| super::why::show(screen, &purl, &why, false)));
}

#[test]
fn why_of_what_is_yet_to_be_scanned() {
    let mut why = held_and_older();
    for release in why.releases.iter_mut().filter(|release| release.outcome == Outcome::Allow) {
        release.scan_to_come = true;
    }
    let of = |purl: &str, why: &Why| {
        let purl: fanlight_base::Purl = purl.parse().unwrap();
        shown(|screen| super::why::show(screen, &purl, why, false))
    };
    let project = of("pkg:pypi/requests", &why);
    why.releases.retain(|release| release.scan_to_come);
    let version = why.releases[0].version.clone();
    insta::assert_snapshot!(project + "\n---\n\n" + &of(&format!("pkg:pypi/requests@{version}"), &why));
}

#[test]
fn why_of_a_release_that_is_allowed_in_part() {
    let mut part = release("2.32.0", Outcome::Hold, "2026-11-18T10:00:30Z");
    part.advice = Some("Use another file of 2.32.0 instead.".to_owned());
    let old = File { file: "requests-2.32.0.tar.gz".to_owned(), outcome: Outcome::Allow, ..part.files[0].clone() };
    part.files.push(File { reason: None, until: None, ..old });
    let why = Why { newest_allowed: Some("2.32.0".to_owned()), you_got: vec![], ..why(vec![part]) };
    let shown = |what| {
        let purl = thing::purl(what).unwrap();
        shown(|screen| super::why::show(screen, &purl, &why, false))
    };
    insta::assert_snapshot!(shown("requests") + "\n---\n\n" + &shown("requests==2.32.0"));
}

#[test]
fn why_of_a_release_that_advisories_are_about() {
    let advisory = |id: &str, severity: Option<&str>, score: Option<&str>| Advisory {
        id: id.to_owned(),
        aliases: vec![],
        kind: "vulnerability".to_owned(),
        severity: severity.map(str::to_owned),
        score: score.map(str::to_owned),
        summary: "headers leak to other hosts".to_owned(),
        fixed_in: vec!["2.33.0".to_owned()],
        sources: vec!["/srv/osv".to_owned()],
        more: Some(format!("https://advisories.example/{id}")),
        not_affected: None,
    };
    let mut affected = held_and_older();
    affected.releases.truncate(2);
    affected.releases[1].advisories = vec![
        Advisory { kind: "malicious".to_owned(), fixed_in: vec![], ..advisory("MAL-2026-1", None, None) },
        advisory("GHSA-1", Some("critical"), Some("9.8")),
        advisory("GHSA-2", None, None),
        Advisory {
            not_affected: Some("us in vex-1: it is not called".to_owned()),
            ..advisory("GHSA-3", Some("low"), None)
        },
    ];
    affected.releases[0].fixes = vec!["GHSA-1".to_owned(), "GHSA-2".to_owned()];
    let purl = thing::purl("requests").unwrap();
    let project = shown(|screen| super::why::show(screen, &purl, &affected, false));
    let one = |version: &str, release: usize| {
        let purl = thing::purl(&format!("requests=={version}")).unwrap();
        let only = Why { releases: vec![affected.releases[release].clone()], ..affected.clone() };
        shown(|screen| super::why::show(screen, &purl, &only, false))
    };
    insta::assert_snapshot!([project, one("2.31.0", 1), one("2.32.0", 0)].join("---\n"));
}

#[test]
fn why_of_nothing() {
    let purl = thing::purl("pkg:pypi/requests@77").unwrap();
    let none = Why { newest_allowed: Some("2.31.0".to_owned()), you_got: vec![], looked_at: None, ..why(vec![]) };
    insta::assert_snapshot!(shown(|screen| super::why::show(screen, &purl, &none, false)));
}

#[test]
fn why_lists_all_when_asked() {
    let purl = thing::purl("requests").unwrap();
    let all = shown(|screen| super::why::show(screen, &purl, &held_and_older(), true));
    assert!(all.contains("2.21.0") && !all.contains("--all"), "{all}");
}

#[test]
fn who_fetched_and_who_was_refused() {
    let fetched = |person: Option<&str>, machine: Option<&str>| Fetched {
        time: at("2026-11-21T08:15:00Z"),
        first: at("2026-11-20T08:15:00Z"),
        times: 1_204,
        person: person.map(str::to_owned),
        machine: machine.map(str::to_owned),
        release: "pkg:pypi/requests@2.31.0".to_owned(),
        file: "requests-2.31.0-py3-none-any.whl".to_owned(),
        received: Received::Whole,
        bytes: None,
        of_bytes: None,
    };
    let part =
        |bytes, of_bytes| Fetched { received: Received::Part, bytes: Some(bytes), of_bytes, ..fetched(None, None) };
    let kind = |received| Fetched { received, ..fetched(Some("bo"), None) };
    let who = Who {
        purl: "pkg:pypi/requests".to_owned(),
        advisory: None,
        fetched: vec![
            fetched(Some("asha"), Some("laptop-7")),
            fetched(None, None),
            fetched(Some("prs_0123456789abcdef"), None),
            kind(Received::Already),
            part(1_200_000, Some(5_000_000)),
            part(5_100_000, Some(5_000_000)),
            part(64_000, None),
        ],
        not_received: vec![kind(Received::AskedOnly), kind(Received::Nothing)],
        refused: vec![Refused {
            time: at("2026-11-21T08:14:00Z"),
            first: at("2026-11-21T08:14:00Z"),
            times: 1,
            person: Some("asha".to_owned()),
            machine: Some("laptop-7".to_owned()),
            release: "pkg:pypi/requests@2.32.0".to_owned(),
            file: Some("requests-2.32.0-py3-none-any.whl".to_owned()),
            outcome: Outcome::Hold,
            policy: "wait-and-see".to_owned(),
            reason: "requests 2.32.0 is 3 days old; new releases wait 7 days here.".to_owned(),
            until: None,
        }],
        behind: 1,
        truncated: true,
    };
    insta::assert_snapshot!(shown(|screen| super::who::show(screen, &who)));
    let nobody = Who { fetched: vec![], not_received: vec![], refused: vec![], behind: 0, truncated: false, ..who };
    assert_eq!(
        shown(|screen| super::who::show(screen, &nobody)),
        "Nobody received pkg:pypi/requests here; nobody was refused it.\n"
    );
}

#[test]
fn a_node_that_is_well_and_one_that_is_not() {
    let well = Status {
        version: "0.1.0".to_owned(),
        origin: "fanlight/laptop-7/0a1b2c3d".to_owned(),
        started: at("2026-11-21T22:00:00Z"),
        address: "http://127.0.0.1:7070".to_owned(),
        state: "serving".to_owned(),
        ready: true,
        issuers: Vec::new(),
        upstreams: vec![status::Upstream {
            ecosystem: "pypi".to_owned(),
            url: Some("https://index.upstream.example/simple/".to_owned()),
            found: "packages.pypi.upstream".to_owned(),
            reachable: Some(true),
            last_error: None,
            last_error_at: None,
        }],
        policies: status::Policies {
            epoch: 3,
            digest: "0123456789abcdef".to_owned(),
            files: 1,
            built_in: 9,
            company: 2,
            last_fault: None,
            waiting: None,
        },
        ledger: status::Ledger { appended: 1234, durable: 1234, published: 1230, failing: None, failing_since: None },
        projection_behind: 0,
        cache: status::Cache { bytes: 1_234_567_890, limit: 10_000_000_000, files: 42 },
        devices: 1,
        quarantines: 0,
        exceptions: vec![],
        advisories: None,
    };
    let now = at("2026-11-22T01:00:00Z");
    insta::assert_snapshot!("well", shown(|screen| super::status::show(screen, &well, now)));
    let mut ill = well;
    ill.ready = false;
    ill.state = "the ledger cannot write: no space left; free some".to_owned();
    ill.upstreams[0].reachable = Some(false);
    ill.upstreams[0].last_error = Some("it did not answer within 10 s".to_owned());
    ill.upstreams[0].last_error_at = Some(at("2026-11-22T00:59:00Z"));
    ill.ledger.failing = Some("no space left on device".to_owned());
    ill.ledger.failing_since = Some(at("2026-11-22T00:58:00Z"));
    ill.projection_behind = 7;
    ill.quarantines = 2;
    ill.exceptions = vec![Exception {
        id: "exc_0123456789abcdef".to_owned(),
        purl: "pkg:pypi/requests@2.32.1".to_owned(),
        audience: None,
        policies: vec!["wait-and-see".to_owned()],
        because: "fixes the outage".to_owned(),
        role: "steward".to_owned(),
        by: Some("asha".to_owned()),
        granted: at("2026-11-22T00:00:00Z"),
        until: at("2026-11-22T04:00:00Z"),
        ended: None,
    }];
    ill.advisories = Some(status::Advisories {
        records: 3_867,
        feeds: 2,
        unwell: vec!["https://feeds.example/all.zip is unreachable".to_owned()],
        hits: 1,
    });
    ill.policies.last_fault = Some(fanlight_api::policies::Fault {
        file: "company.cedar".to_owned(),
        line: 3,
        column: 8,
        message: "unexpected token".to_owned(),
        policy: None,
        at: None,
    });
    insta::assert_snapshot!("ill", shown(|screen| super::status::show(screen, &ill, now)));
}

#[test]
fn a_number_has_the_right_word_behind_it() {
    for (number, word, said) in [
        (1, "advisory", "1 advisory"),
        (0, "advisory", "0 advisories"),
        (2_000, "advisory", "2,000 advisories"),
        (2, "day", "2 days"),
        (3, "record", "3 records"),
    ] {
        assert_eq!(thing::count(number, word), said);
    }
}

#[test]
fn a_thing_is_read_as_people_write_it() {
    let read = |text| thing::purl(text).unwrap().to_string();
    assert_eq!(read("Requests"), "pkg:pypi/requests");
    assert_eq!(read("zope.interface == 6.0"), "pkg:pypi/zope-interface@6.0");
    assert_eq!(read("torch==2.1.0+cu118"), "pkg:pypi/torch@2.1.0%2Bcu118");
    assert_eq!(read("PKG:PyPI/Requests@2.32.0"), "pkg:pypi/requests@2.32.0");
    assert_eq!(read("pkg:npm/left-pad@1.3.0"), "pkg:npm/left-pad@1.3.0");
    for bad in [
        "",
        "http://x/y",
        "a b",
        "-a",
        "requests==",
        "requests>=2",
        "pkg:pypi",
        "../x",
        "pkg:pypi/a%2Fb",
        "pkg:pypi/-a",
    ] {
        assert!(thing::purl(bad).is_err(), "{bad:?} was taken for a thing");
    }
}

#[test]
fn an_advisory_is_told_from_a_project() {
    for id in
        ["GHSA-9w6g-w8r4-7mq8", "ghsa-9w6g-w8r4-7mq8", "CVE-2026-1234", "mal-2026-1", "PYSEC-2023-121", "GO-2026-1"]
    {
        assert_eq!(thing::advisory(id), Some(id), "{id}");
    }
    for project in
        ["requests", "go-2", "left-pad", "pkg:pypi/mal-2026", "mal", "CVE-", "PyYAML-2", "a-1", "zope.interface"]
    {
        assert_eq!(thing::advisory(project), None, "{project}");
    }
}

#[test]
fn numbers_read_as_people_write_them() {
    assert_eq!([0, 999, 1000, 1_234_567].map(thing::grouped), ["0", "999", "1,000", "1,234,567"]);
    assert_eq!([1, 1500, 2_000_000].map(thing::bytes), ["1 byte", "1.5 KB", "2 MB"]);
    assert_eq!(thing::bytes(u64::MAX), "18446.7 PB");
}

#[test]
fn a_time_is_read_as_people_write_it() {
    let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
    let read = |text| thing::moment_at(text, now).unwrap().to_string();
    assert_eq!(read("2026-11-22T09:30:00Z"), "2026-11-22T09:30:00Z");
    assert_eq!(read("2026-11-20"), "2026-11-20T00:00:00Z");
    assert_eq!(read("90m"), "2026-11-22T08:30:00Z");
    assert_eq!(read("2d"), "2026-11-20T10:00:00Z");
    for bad in ["", "h", "soon", "-2h", "2 weeks", "99999999999999999999d", "9223372036854775807d", "ä"] {
        assert!(thing::moment_at(bad, now).is_err(), "{bad:?} was taken for a time");
    }
}
