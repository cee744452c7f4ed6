//! Which passwords are taken.

use std::io::Write as _;

use super::*;

fn judged(rules: &Rules, typed: &str) -> String {
    let about = ["ada", "Ada Lovelace", "ada@engines.example"];
    rules
        .judge(&Password::read(typed).unwrap(), &about)
        .map_or_else(|weakness| weakness.to_string(), |()| String::new())
}

#[test]
fn short_guessable_and_personal_passwords_are_refused_in_words() {
    let rules = Rules::default();
    assert!(judged(&rules, "Tr0ub4dor&3").contains("fewer than 12 characters"));
    for (typed, words) in [
        ("passwordpassword", "easy to guess (Repeats like"),
        ("qwertyuiop1234", "easy to guess"),
        ("zebra-zebra-zebra-ze", "easy to guess"),
        ("ada lovelace 1815", "easy to guess"),
        ("fanlightfanlight", "easy to guess"),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", "easy to guess"),
    ] {
        let told = judged(&rules, typed);
        assert!(told.contains(words) && told.contains("four or more words"), "{typed}: {told}");
        assert!(!told.contains(typed));
    }
}

#[test]
fn long_unlikely_passwords_are_taken() {
    let rules = Rules::default();
    for typed in ["correct horse battery staple", "x8#kQ!v2Lm@z", "schneeflocke trommelt purpurrot"] {
        assert_eq!(judged(&rules, typed), "", "{typed}");
    }
}

#[test]
fn a_breached_password_is_refused_though_it_is_hard_to_guess() {
    let typed = "schneeflocke trommelt purpurrot";
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, typed.as_bytes());
    writeln!(file, "{}:3", data_encoding::HEXUPPER.encode(digest.as_ref())).unwrap();
    let rules = Rules::default().with_breached(BreachedList::open(file.path()).unwrap());
    assert!(judged(&rules, typed).contains("in a breach elsewhere"));
    assert_eq!(judged(&rules, "schneeflocke trommelt zinnoberrot"), "");
}

#[test]
fn a_list_that_cannot_be_read_lets_nothing_pass() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{}\n", "0".repeat(40))).unwrap();
    let rules = Rules::default().with_breached(BreachedList::open(file.path()).unwrap());
    std::fs::write(file.path(), "no list any more\n").unwrap();
    assert!(judged(&rules, "schneeflocke trommelt purpurrot").contains("cannot ask the list"));
}
