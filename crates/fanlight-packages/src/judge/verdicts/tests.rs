//! Who shares what with whom, and for how long.

use std::collections::HashSet;

use fanlight_base::{Principal, Strength};
use jiff::SignedDuration;

use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn judgements() -> (Arc<Scale>, Judgements) {
    let scale = Arc::new(Scale::default());
    (scale.clone(), Judgements::on(&scale))
}

fn person(id: &str, epoch: u64) -> Of {
    let person = Principal::Person { id: fanlight_base::PersonId::new(id), device: None };
    Of { epoch, state: UpstreamState::Fresh, audience: Audience::alone(&person, Strength::DeviceToken) }
}

fn hour() -> Range<Timestamp> {
    NOW..NOW + SignedDuration::from_hours(1)
}

fn found(lines: &[&str]) -> Found {
    let mut found = Found { held: i64::try_from(lines.len()).unwrap(), ..Found::default() };
    for (file, line) in (0..).zip(lines) {
        found.withhold(file, line);
    }
    found
}

fn page(size: usize) -> Page {
    Page::of(vec![b'x'; size])
}

fn at(door: &str) -> Place {
    Place { form: "json", door: door.into() }
}

#[test]
fn ten_thousand_audiences_with_equal_verdicts_share_one_page() {
    let (scale, judgements) = judgements();
    let all: Vec<_> =
        (0..10_000).map(|n| judgements.keep(person(&format!("prs_{n}"), 1), hour(), found(&["Held"]))).collect();
    let mut written = 0;
    for verdicts in &all {
        verdicts.page_or_write(at(""), |_| {
            written += 1;
            page(1_000_000)
        });
    }
    assert_eq!(written, 1);
    assert!(all.iter().all(|verdicts| Arc::ptr_eq(verdicts, &all[0])));
    // The page, and a few words for each audience.
    assert!((1_000_000..1_000_000 + 10_000 * 300).contains(&scale.bytes()), "{}", scale.bytes());
    for n in [0, 5000, 9999] {
        assert!(judgements.find(&person(&format!("prs_{n}"), 1), NOW).is_some(), "{n} is not judged again");
    }
    drop((all, judgements));
    assert_eq!(scale.bytes(), 0);
}

#[test]
fn different_verdicts_are_kept_apart() {
    let (_, judgements) = judgements();
    let cases = [
        found(&[]),
        found(&["Held"]),
        found(&["Denied"]),
        found(&["Held", "Held"]),
        Found { denied: 1, ..found(&["Held"]) },
        Found { newest_allowed: Some("1.0".into()), ..found(&["Held"]) },
        {
            let mut other = Found { held: 1, ..Found::default() };
            other.withhold(1, "Held");
            other
        },
    ];
    let digests: HashSet<Digest> = cases.iter().map(Found::digest).collect();
    assert_eq!(digests.len(), cases.len());
    let one = judgements.keep(person("a", 1), hour(), found(&["Held"]));
    let other = judgements.keep(person("b", 1), hour(), found(&["Denied"]));
    assert!(!Arc::ptr_eq(&one, &other));
}

#[test]
fn equal_verdicts_of_another_epoch_or_hour_keep_the_page() {
    let (_, judgements) = judgements();
    let first = judgements.keep(person("a", 1), hour(), found(&[]));
    let later = hour().end;
    assert!(judgements.find(&person("a", 1), later).is_none(), "judged again after its time");
    let again = judgements.keep(person("a", 1), later..later + SignedDuration::from_hours(1), found(&[]));
    let other_epoch = judgements.keep(person("a", 2), hour(), found(&[]));
    assert!(Arc::ptr_eq(&first, &again) && Arc::ptr_eq(&first, &other_epoch));
    assert!(judgements.find(&person("a", 1), later).is_none(), "another epoch's judgement is not asked any more");
}

#[test]
fn audiences_are_bounded_and_the_oldest_go_first() {
    let (scale, judgements) = judgements();
    for n in 0..limits::PAGE_AUDIENCES + 10 {
        let start = NOW + SignedDuration::from_millis(i64::try_from(n).unwrap());
        let holds = start..hour().end;
        judgements.keep(person(&n.to_string(), 1), holds, found(&[&n.to_string()]));
    }
    assert!(judgements.held.lock().by_audience.len() <= limits::PAGE_AUDIENCES);
    assert!(judgements.held.lock().by_digest.len() <= limits::PAGE_AUDIENCES + 1);
    let now = NOW + SignedDuration::from_mins(1);
    assert!(judgements.find(&person("0", 1), now).is_none());
    assert!(judgements.find(&person(&limits::PAGE_AUDIENCES.to_string(), 1), now).is_some());
    drop(judgements);
    assert_eq!(scale.bytes(), 0);
}

#[test]
fn pages_are_apart_by_address_and_bounded_in_number() {
    let (scale, judgements) = judgements();
    let verdicts = judgements.keep(person("a", 1), hour(), found(&[]));
    let before = scale.bytes();
    let held = verdicts.page_or_write(at("http://first/"), |_| page(1000));
    for n in 0..limits::PAGE_PLACES {
        verdicts.page_or_write(at(&format!("http://{n}/")), |_| page(1000));
    }
    assert!(verdicts.page(&at("http://first/")).is_none(), "the one written first went first");
    assert!(verdicts.page(&at("http://0/")).is_some());
    let all = scale.bytes() - before;
    drop(held);
    let kept = scale.bytes() - before;
    assert!(
        all > kept && kept < 1300 * limits::PAGE_PLACES as u64,
        "what is served counts as long as it is: {all} {kept}"
    );
    let mut asked = false;
    verdicts.page_or_write(at("http://0/"), |_| {
        asked = true;
        page(1)
    });
    assert!(!asked, "what is written is not written again");
}
