//! Guesses slowed down, and nobody locked out.

use proptest::prelude::*;

use super::*;

fn at(second: u64) -> Timestamp {
    "2026-11-22T00:00:00Z".parse::<Timestamp>().unwrap() + Duration::from_secs(second)
}

fn from(number: u32) -> Source<'static> {
    Source::Stranger(IpAddr::from(number.to_be_bytes()))
}

/// How many of `tries` at that second are let through and fail.
fn wrong(guesses: &Guesses, account: &str, source: Source<'_>, second: u64, tries: usize) -> usize {
    (0..tries).filter(|_| guesses.begin(account, source, at(second)).is_ok()).count()
}

#[test]
fn one_place_has_a_few_tries_and_then_one_a_minute() {
    let guesses = Guesses::new(Pace::PASSWORDS);
    assert_eq!(wrong(&guesses, "ada", from(1), 0, 100), 5);
    let slow = guesses.begin("ada", from(1), at(0)).unwrap_err();
    assert_eq!(slow.wait, Duration::from_secs(60));
    assert_eq!(slow.to_string(), "too many wrong tries: try again in 60 seconds");
    assert_eq!(wrong(&guesses, "ada", from(1), 59, 10), 0);
    assert_eq!(wrong(&guesses, "ada", from(1), 60, 10), 1);
    assert_eq!(wrong(&guesses, "ada", from(1), 3600, 10), 5, "after a while all is forgotten");
}

#[test]
fn whoever_is_right_is_not_counted() {
    let guesses = Guesses::new(Pace::PASSWORDS);
    for _ in 0..1000 {
        guesses.begin("ada", from(1), at(0)).unwrap().right();
    }
    assert_eq!(wrong(&guesses, "ada", from(1), 0, 100), 5);
}

#[test]
fn many_at_once_are_no_way_around() {
    let guesses = Guesses::new(Pace::PASSWORDS);
    let under_way: Vec<_> = (0..100).filter_map(|_| guesses.begin("ada", from(1), at(0)).ok()).collect();
    assert_eq!(under_way.len(), 5);
}

#[test]
fn one_place_that_tries_every_account_is_slowed() {
    let guesses = Guesses::new(Pace::PASSWORDS);
    let through =
        (0..1000).filter(|number| guesses.begin(&format!("account-{number}"), from(1), at(0)).is_ok()).count();
    assert_eq!(through, 30);
    assert_eq!(wrong(&guesses, "ada", from(2), 0, 1), 1, "others are not");
}

#[test]
fn a_victim_is_not_locked_out_by_others_who_guess() {
    let guesses = Guesses::new(Pace::PASSWORDS);
    // A hundred places guess for an hour without pause.
    let mut through = 0;
    for second in (0..3600).step_by(20) {
        through += (0..100).map(|place| wrong(&guesses, "ada", from(1000 + place), second, 2)).sum::<usize>();
    }
    assert!(through < 100 * 62, "{through}");
    let mark = [7; 32];
    assert_eq!(wrong(&guesses, "ada", Source::Known(&mark), 3600, 5), 5, "her own browser has all its tries");
    assert!(guesses.begin("ada", from(1), at(3600)).is_ok(), "and a new place of hers has its first");
    assert_eq!(wrong(&guesses, "ada", from(1), 3600, 5), 0, "of which there is one while others guess");
    let told = guesses.begin("ada", from(1), at(3600)).map(drop).expect_err("the second at once").wait;
    assert!(
        guesses.begin("ada", from(1), at(3600) + told).is_ok(),
        "and what is told is when the next may be: {told:?}"
    );
}

#[test]
fn codes_of_six_digits_are_not_guessed_from_many_places() {
    let guesses = Guesses::new(Pace::CODES);
    let mut through = 0;
    for second in (0..24 * 3600).step_by(60) {
        for place in 0..50 {
            through += wrong(&guesses, "ada", from(10_000 + u32::try_from(second).unwrap() * 50 + place), second, 1);
        }
    }
    assert!(through <= 10 + 24 * 12, "{through} of a million in a day");
    assert_eq!(wrong(&guesses, "ada", Source::Known(&[7; 32]), 24 * 3600, 5), 5);
}

#[test]
fn the_networks_of_a_place_are_one_place() {
    let guesses = Guesses::new(Pace::PASSWORDS);
    let ip = |text: &str| Source::Stranger(text.parse().unwrap());
    let through: usize =
        (0..100).map(|host| wrong(&guesses, "ada", ip(&format!("2001:db8:1:2::{host:x}")), 0, 1)).sum();
    assert_eq!(through, 5);
    assert_eq!(wrong(&guesses, "ada", ip("2001:db8:1:3::1"), 0, 1), 1);
    assert_eq!(
        wrong(&guesses, "grace", ip("::ffff:192.0.2.1"), 0, 3) + wrong(&guesses, "grace", ip("192.0.2.1"), 0, 3),
        5
    );
}

#[test]
fn filling_the_memory_makes_nobody_forgotten() {
    let guesses = Guesses::new(Pace::PASSWORDS);
    assert_eq!(wrong(&guesses, "ada", from(1), 0, 100), 5);
    for number in 2..100_000 {
        let _ = guesses.begin("somebody", from(number), at(0));
    }
    assert_eq!(wrong(&guesses, "ada", from(1), 0, 100), 0);
}

#[test]
fn an_account_that_is_not_there_is_slowed_like_one_that_is() {
    // There is nothing here that knows accounts: the same sequence has the same answers under any name.
    let answers = |account: &str| {
        let guesses = Guesses::new(Pace::PASSWORDS);
        (0..200).map(|number| guesses.begin(account, from(number % 7), at(u64::from(number))).err()).collect::<Vec<_>>()
    };
    assert_eq!(answers("ada"), answers("nobody-of-that-name"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_place_guesses_faster_than_its_pace(seconds in proptest::collection::vec(0_u64..3600, 1..300)) {
        let guesses = Guesses::new(Pace::PASSWORDS);
        let mut seconds = seconds;
        seconds.sort_unstable();
        let through = seconds.iter().filter(|second| guesses.begin("ada", from(1), at(**second)).is_ok()).count();
        let span = seconds[seconds.len() - 1] - seconds[0];
        prop_assert!(through as u64 <= 5 + span / 60);
    }
}
