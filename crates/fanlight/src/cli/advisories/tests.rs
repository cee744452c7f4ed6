//! What the commands show of feeds that are well, ill, and none.

use fanlight_api::advisories::Vex;
use fanlight_base::Timestamp;

use super::super::tests::shown;
use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn feed(source: &str, state: FeedState) -> Feed {
    Feed {
        source: source.to_owned(),
        kind: "address".to_owned(),
        state,
        stale: false,
        records: 2_661,
        newest: Some(at("2026-11-20T10:00:00Z")),
        tried: Some(at("2026-11-22T07:00:00Z")),
        read: Some(at("2026-11-22T07:00:00Z")),
        changed: None,
        fault: None,
        refused: 0,
        examples: vec![],
        older: 0,
        missing: 0,
    }
}

#[test]
fn feeds_that_are_ill_say_what_is_wrong_and_that_nothing_is_lost() {
    let ill = Feed {
        stale: true,
        fault: Some("feeds.example/all.zip: the upstream cannot be reached".to_owned()),
        ..feed("https://feeds.example/all.zip", FeedState::Unreachable)
    };
    let in_part = Feed {
        refused: 2,
        examples: vec!["X-1.json: not an OSV record".to_owned(), "X-2.json: \u{1b}[2J".to_owned()],
        older: 1,
        missing: 3,
        ..feed("/srv/osv", FeedState::InPart)
    };
    let advisories = Advisories {
        records: 5_322,
        refresh: "1 hour".to_owned(),
        feeds: vec![feed("/srv/good", FeedState::Good), ill, in_part],
        vex: vec![Vex {
            path: "/srv/vex".to_owned(),
            documents: 2,
            statements: 7,
            faults: vec!["/srv/vex/a.json: not a VEX document".to_owned()],
        }],
        hits: vec![Hit {
            advisory: "MAL-2026-1".to_owned(),
            summary: "steals tokens".to_owned(),
            release: "pkg:pypi/evil@1.0".to_owned(),
            noticed: at("2026-11-22T07:00:00Z"),
            people: 2,
            machines: 3,
            unidentified: true,
            withdrawn: false,
            seen: None,
        }],
    };
    insta::assert_snapshot!(shown(|screen| show(screen, &advisories)));
}

#[test]
fn without_feeds_it_says_how_to_set_one() {
    let none = Advisories { records: 0, refresh: "1 hour".to_owned(), feeds: vec![], vex: vec![], hits: vec![] };
    insta::assert_snapshot!(shown(|screen| show(screen, &none)));
}
