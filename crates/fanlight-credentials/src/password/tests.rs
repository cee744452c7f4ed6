//! The one spelling of a password.

use proptest::prelude::*;

use super::*;

fn spelling(typed: &str) -> String {
    Password::read(typed).unwrap().clear().to_owned()
}

#[test]
fn a_password_is_the_same_however_a_keyboard_composes_it() {
    assert_eq!(spelling("u\u{308}ber"), spelling("\u{fc}ber"));
    assert_eq!(spelling("a\u{a0}b\u{3000}c"), "a b c", "other spaces, as RFC 8265 has it");
    assert_ne!(spelling("\u{ff21}"), "A", "the width is the person's choice");
    assert_ne!(spelling("A"), spelling("a"));
    assert_eq!(spelling(" a "), " a ", "nothing is cut off");
}

#[test]
fn what_can_be_no_password_is_refused_in_words() {
    let long = "x".repeat(limits::PASSWORD_BYTES + 1);
    for (typed, fault) in [
        ("", PasswordFault::Empty),
        (long.as_str(), PasswordFault::TooLong),
        ("a\0b", PasswordFault::Control),
        ("a\nb", PasswordFault::Control),
    ] {
        assert_eq!(Password::read(typed).unwrap_err(), fault);
        assert!(!fault.to_string().contains("xxx"));
    }
    assert!(Password::read(&long[1..]).is_ok());
}

#[test]
fn a_password_does_not_print() {
    assert_eq!(format!("{:?}", Password::read("hunter2").unwrap()), "Password(Secret(..))");
}

proptest! {
    #[test]
    fn a_spelling_is_spelled_like_itself(typed in ".{1,40}") {
        if let Ok(once) = Password::read(&typed) {
            prop_assert_eq!(spelling(once.clear()), once.clear());
        }
    }
}
