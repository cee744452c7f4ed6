//! Lists of breached passwords: every line is found, nothing else is, and no list is no list.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

fn digest(password: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
    data_encoding::HEXUPPER.encode(digest.as_ref())
}

/// A list of `passwords`, each line's digits cut and followed by `tail`.
fn list(passwords: &[String], digits: usize, tail: impl Fn(usize) -> String) -> tempfile::NamedTempFile {
    let mut lines: Vec<_> = passwords.iter().map(|password| digest(password)).collect();
    lines.sort();
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        let _ = write!(text, "{}{}", &line[..digits], tail(number));
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

fn holds(list: &BreachedList, password: &str) -> bool {
    list.holds(&Password::read(password).unwrap()).unwrap()
}

fn passwords(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| format!("password-{number}")).collect()
}

#[test]
fn every_line_of_a_list_is_found_and_nothing_else() {
    let bad = passwords(0..600);
    for file in [
        list(&bad, 40, |number| format!(":{}\r\n", number * 7919)),
        list(&bad, 40, |_| "\n".to_owned()),
        list(&bad, 16, |number| format!(":{number}\n")),
    ] {
        let list = BreachedList::open(file.path()).unwrap();
        assert!(bad.iter().all(|password| holds(&list, password)));
        assert!(!passwords(600..1200).iter().any(|password| holds(&list, password)));
    }
}

#[test]
fn small_digits_and_a_missing_last_newline_are_read() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), digest("letmein").to_lowercase()).unwrap();
    let list = BreachedList::open(file.path()).unwrap();
    assert!(holds(&list, "letmein") && !holds(&list, "letmeout"));
}

#[test]
fn what_is_no_list_is_refused_in_words() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let high = "F".repeat(40);
    let low = "0".repeat(40);
    for text in [
        "".to_owned(),
        "hunter2\n".to_owned(),
        "ABC:1\n".to_owned(),
        format!("{low}0\n"),
        format!("{high}\n{low}\n"),
        format!("{low}\n{}\n", &high[1..]),
        format!("{low}:many\n"),
        "0".repeat(10_000),
    ] {
        std::fs::write(file.path(), &text).unwrap();
        let refused = BreachedList::open(file.path()).unwrap_err().to_string();
        assert!(refused.contains("is no list of breached passwords"), "{text:.50}: {refused}");
    }
    assert!(matches!(BreachedList::open(Path::new("/nowhere/list")), Err(BreachedError::Io { .. })));
}

#[test]
fn damage_met_on_the_way_is_told() {
    let bad = passwords(0..3000);
    let file = list(&bad, 40, |_| "\n".to_owned());
    let mut text = std::fs::read(file.path()).unwrap();
    let (start, end) = (5000, text.len() - 5000);
    text[start..end].fill(b'x');
    std::fs::write(file.path(), text).unwrap();
    let list = BreachedList::open(file.path()).unwrap();
    let wanted = Password::read(&bad[7]).unwrap();
    assert!(matches!(list.holds(&wanted), Err(BreachedError::Malformed { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn lists_of_any_length_answer_right(count in 1_usize..400, width in 0_usize..9) {
        let bad = passwords(0..count);
        let file = list(&bad, 40, |number| format!(":{:0width$}\n", number));
        let list = BreachedList::open(file.path()).unwrap();
        for number in 0..count + 5 {
            prop_assert_eq!(holds(&list, &format!("password-{number}")), number < count);
        }
    }
}
