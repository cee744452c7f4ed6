//! Keys: made, taken apart, refused.

use proptest::prelude::*;

use super::*;

#[test]
fn a_made_token_is_taken_apart_and_proves_itself() {
    let made = NewKey::make().unwrap();
    let clear = made.clear.expose_secret();
    assert_eq!(clear.len(), LENGTH);
    let token = KeyText::parse(clear).unwrap();
    assert_eq!(token.id(), made.id);
    assert!(token.proves(&made.secret_sha256));
    assert!(!token.proves(&NewKey::make().unwrap().secret_sha256));
}

#[test]
fn tokens_are_never_the_same() {
    let all: std::collections::HashSet<String> = (0..1000).map(|_| NewKey::make().unwrap().id).collect();
    assert_eq!(all.len(), 1000);
}

#[test]
fn the_checksum_is_the_common_crc_32() {
    // The check value of CRC-32/ISO-HDLC, so that a secret scanner can compute it.
    assert_eq!(checksum("123456789"), "cbf43926");
    let known = "flk_abcdefghij012345_00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    assert!(KeyText::parse(&format!("{known}_{}", checksum(known))).is_ok());
}

#[test]
fn nothing_of_a_token_prints_but_its_id() {
    let made = NewKey::make().unwrap();
    let token = KeyText::parse(made.clear.expose_secret()).unwrap();
    assert!(!format!("{token:?}").contains(token.secret));
    assert_eq!(format!("{:?}", made.clear), "Secret(..)");
}

proptest! {
    #[test]
    fn any_one_character_changed_is_refused(place in 0..LENGTH, other in any::<char>()) {
        let made = NewKey::make().unwrap();
        let mut changed: Vec<char> = made.clear.expose_secret().chars().collect();
        prop_assume!(changed[place] != other);
        changed[place] = other;
        prop_assert!(KeyText::parse(&changed.into_iter().collect::<String>()).is_err());
    }

    #[test]
    fn any_two_characters_exchanged_are_refused(a in 0..LENGTH, b in 0..LENGTH) {
        let made = NewKey::make().unwrap();
        let mut changed: Vec<char> = made.clear.expose_secret().chars().collect();
        prop_assume!(changed[a] != changed[b]);
        changed.swap(a, b);
        // Two bursts of eight bits can meet the same checksum once in four thousand million.
        prop_assert!(KeyText::parse(&changed.into_iter().collect::<String>()).is_err());
    }

    #[test]
    fn a_part_or_more_than_a_token_is_refused(cut in 0..LENGTH, more in ".{1,5}") {
        let made = NewKey::make().unwrap();
        let clear = made.clear.expose_secret();
        prop_assert_eq!(KeyText::parse(&clear[..cut]).unwrap_err(), TextFault::Malformed);
        let (after, before) = (format!("{clear}{more}"), format!("{more}{clear}"));
        prop_assert!(KeyText::parse(&after).is_err());
        prop_assert!(KeyText::parse(&before).is_err());
    }

    #[test]
    fn any_text_is_judged_without_panic(text in ".{0,120}") {
        let _ = KeyText::parse(&text);
    }
}
