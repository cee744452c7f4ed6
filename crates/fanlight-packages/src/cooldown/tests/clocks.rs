//! Which clock counts, by example.

use super::*;

const LOOK: &str = "2026-11-10T12:00:00Z";

/// The age at `now` of the one file of a project looked at first with `before`, then at `now` with the file.
fn second_look(before: &[IndexFile], new: &IndexFile, now: &str) -> Age {
    let first = Sightings::observe(None, &page(before), at(LOOK));
    let files: Vec<_> = before.iter().chain([new]).cloned().collect();
    Sightings::observe(Some((&first, at(LOOK))), &page(&files), at(now)).age(new, at(now), WEEK)
}

#[test]
fn at_the_first_look_stated_times_are_believed() {
    let old = file("foo-1.0.zip", Some(at("2020-01-01T00:00:00Z")), 1);
    let age = Sightings::observe(None, &page(std::slice::from_ref(&old)), at(LOOK)).age(&old, at(LOOK), WEEK);
    assert_eq!((age.counted_from, age.publish_time), (CountedFrom::Published, PublishTime::Stated));
    assert!(age.has_waited() && age.available_at == at("2020-01-08T00:00:00Z"));
}

#[test]
fn a_file_without_a_time_counts_from_its_first_sight() {
    let silent = file("foo-1.0.zip", None, 1);
    let seen = Sightings::observe(None, &page(std::slice::from_ref(&silent)), at(LOOK));
    let age = seen.age(&silent, at("2026-11-13T12:00:00Z"), WEEK);
    assert_eq!((age.counted_from, age.publish_time), (CountedFrom::FirstSeen, PublishTime::Missing));
    assert_eq!((age.age_minutes, age.cooldown_minutes), (3 * 1440, 7 * 1440));
    assert_eq!(age.available_at, at("2026-11-17T12:00:00Z"));
}

#[test]
fn a_new_file_that_claims_to_be_older_than_our_last_look_is_backdated() {
    let backdated = file("foo-2.0.zip", Some(at("2020-01-01T00:00:00Z")), 2);
    let age = second_look(&[], &backdated, "2026-11-10T13:00:00Z");
    assert_eq!((age.counted_from, age.publish_time), (CountedFrom::FirstSeen, PublishTime::Backdated));
    assert_eq!(age.age_minutes, 0);
    assert_eq!(age.available_at, at("2026-11-17T13:00:00Z"));
}

#[test]
fn a_new_wheel_of_an_old_release_is_judged_by_itself() {
    let old = file("foo-1.0.tar.gz", Some(at("2020-01-01T00:00:00Z")), 1);
    let new = file("foo-1.0-py3-none-any.whl", Some(at("2026-11-10T12:30:00Z")), 2);
    let age = second_look(&[old], &new, "2026-11-10T13:00:00Z");
    assert_eq!((age.publish_time, age.age_minutes), (PublishTime::Stated, 30));
}

#[test]
fn a_page_that_was_a_little_behind_makes_no_file_backdated() {
    let within = file("foo-2.0.zip", Some(at("2026-11-10T11:50:00Z")), 2);
    assert_eq!(second_look(&[], &within, "2026-11-10T13:00:00Z").publish_time, PublishTime::Stated);
    let beyond = file("foo-2.0.zip", Some(at("2026-11-10T11:49:59.999Z")), 2);
    assert_eq!(second_look(&[], &beyond, "2026-11-10T13:00:00Z").publish_time, PublishTime::Backdated);
}

#[test]
fn looks_that_found_nothing_changed_move_the_baseline() {
    let first = Sightings::observe(None, &page(&[]), at(LOOK));
    let new = file("foo-2.0.zip", Some(at("2026-11-12T00:00:00Z")), 2);
    let now = at("2026-11-20T12:01:00Z");
    let confirmed = at("2026-11-20T12:00:00Z");
    let age =
        Sightings::observe(Some((&first, confirmed)), &page(std::slice::from_ref(&new)), now).age(&new, now, WEEK);
    assert_eq!(age.publish_time, PublishTime::Backdated);
}

#[test]
fn a_time_in_the_future_counts_and_is_said() {
    let early = file("foo-1.0.zip", Some(at("2026-12-01T00:00:00Z")), 1);
    let seen = Sightings::observe(None, &page(std::slice::from_ref(&early)), at(LOOK));
    let age = seen.age(&early, at(LOOK), WEEK);
    assert!(age.in_future && !age.has_waited());
    assert_eq!((age.age_minutes, age.available_at), (0, at("2026-12-08T00:00:00Z")));
    assert!(!seen.age(&early, at("2026-12-01T00:00:00Z"), WEEK).in_future);
    let endless = file("foo-1.0.zip", Some(Timestamp::MAX), 1);
    let seen = Sightings::observe(None, &page(std::slice::from_ref(&endless)), at(LOOK));
    assert!(!seen.age(&endless, at(LOOK), Duration::MAX).has_waited());
}

#[test]
fn a_time_that_is_moved_back_later_is_not_believed() {
    let fresh = file("foo-1.0.zip", Some(at(LOOK)), 1);
    let first = Sightings::observe(None, &page(std::slice::from_ref(&fresh)), at(LOOK));
    let moved = file("foo-1.0.zip", Some(at("2020-01-01T00:00:00Z")), 1);
    let now = at("2026-11-10T13:00:00Z");
    let second = Sightings::observe(Some((&first, at(LOOK))), &page(std::slice::from_ref(&moved)), now);
    assert_eq!(second.age(&moved, now, WEEK).since, at(LOOK));
}

#[test]
fn a_time_that_is_no_longer_stated_is_remembered() {
    let old = file("foo-1.0.zip", Some(at("2020-01-01T00:00:00Z")), 1);
    let first = Sightings::observe(None, &page(std::slice::from_ref(&old)), at(LOOK));
    let silent = file("foo-1.0.zip", None, 1);
    let second = Sightings::observe(Some((&first, at(LOOK))), &page(std::slice::from_ref(&silent)), at(LOOK));
    assert_eq!(second.age(&silent, at(LOOK), WEEK).publish_time, PublishTime::Stated);
}

#[test]
fn other_content_under_a_known_name_is_a_new_file() {
    let old = file("foo-1.0.zip", Some(at("2020-01-01T00:00:00Z")), 1);
    let replaced = file("foo-1.0.zip", Some(at("2020-01-01T00:00:00Z")), 2);
    let first = Sightings::observe(None, &page(std::slice::from_ref(&old)), at(LOOK));
    let now = at("2026-11-10T13:00:00Z");
    let second = Sightings::observe(Some((&first, at(LOOK))), &page(std::slice::from_ref(&replaced)), now);
    let age = second.age(&replaced, now, WEEK);
    assert_eq!((age.publish_time, age.since), (PublishTime::Backdated, now));
    assert_eq!(second.age(&old, now, WEEK).publish_time, PublishTime::Missing, "the old content is not known any more");
}

#[test]
fn files_that_come_back_after_a_quarantine_are_not_new() {
    let old = file("foo-1.0.zip", Some(at("2020-01-01T00:00:00Z")), 1);
    let with = page(std::slice::from_ref(&old));
    let later = |minute: i64| at(LOOK).checked_add(jiff::SignedDuration::from_mins(minute)).unwrap();
    let first = Sightings::observe(None, &with, later(0));
    let empty = Sightings::observe(Some((&first, later(0))), &quarantined(), later(60));
    let back = Sightings::observe(Some((&empty, later(60))), &with, later(120));
    assert_eq!(back.age(&old, later(120), WEEK).publish_time, PublishTime::Stated);
    // Known for the first time while quarantined: the page says nothing about which files there are.
    let first = Sightings::observe(None, &quarantined(), later(0));
    let again = Sightings::observe(Some((&first, later(0))), &quarantined(), later(60));
    let back = Sightings::observe(Some((&again, later(60))), &with, later(120));
    assert_eq!(back.age(&old, later(120), WEEK).publish_time, PublishTime::Stated);
    // And what is slipped in under cover of a quarantine is measured against the look before it.
    let first = Sightings::observe(None, &page(&[]), later(0));
    let empty = Sightings::observe(Some((&first, later(0))), &quarantined(), later(60));
    let back = Sightings::observe(Some((&empty, later(60))), &with, later(120));
    assert_eq!(back.age(&old, later(120), WEEK).publish_time, PublishTime::Backdated);
}

#[test]
fn the_hold_ends_to_the_second_and_never_early() {
    let new = file("foo-1.0.zip", Some(at("2026-11-10T12:00:00.9Z")), 1);
    let seen = Sightings::observe(None, &page(std::slice::from_ref(&new)), at(LOOK));
    let wait = Duration::from_secs(59);
    let age = seen.age(&new, at("2026-11-10T12:01:00.95Z"), wait);
    assert_eq!((age.cooldown_minutes, age.available_at), (1, at("2026-11-10T12:01:01Z")));
    assert!(!age.has_waited(), "59 s is rounded up to a minute, and 0.9 s to the second");
    assert!(seen.age(&new, at("2026-11-10T12:01:01Z"), wait).has_waited());
}

#[test]
fn a_file_never_observed_counts_from_now() {
    let unknown = file("foo-1.0.zip", Some(at("2020-01-01T00:00:00Z")), 1);
    let age = Sightings::default().age(&unknown, at(LOOK), DAY);
    assert_eq!((age.publish_time, age.age_minutes), (PublishTime::Missing, 0));
}
