//! The header's value, as clients really send it, and as they should not.

use proptest::prelude::*;

use super::*;

fn token_of(header: &str) -> Option<String> {
    Shown::from_header(Some(header.as_bytes())).unwrap().token().map(str::to_owned)
}

fn basic(clear: &str) -> String {
    format!("Basic {}", STANDARD.encode(clear))
}

#[test]
fn each_client_s_way_gives_the_token() {
    assert_eq!(token_of(&basic("__token__:flk_x")).as_deref(), Some("flk_x"));
    assert_eq!(token_of(&basic("flk_x:")).as_deref(), Some("flk_x"), "pip with the token as the user");
    assert_eq!(token_of(&basic("a:b:c")).as_deref(), Some("b:c"), "a password may hold colons");
    assert_eq!(token_of("Bearer flk_x").as_deref(), Some("flk_x"), "npm");
    assert_eq!(token_of("bearer  flk_x ").as_deref(), Some("flk_x"), "schemes have no case");
    assert_eq!(token_of("flk_x").as_deref(), Some("flk_x"), "cargo sends it bare");
    assert!(Shown::from_header(None).unwrap().token().is_none());
}

#[test]
fn what_cannot_be_read_is_malformed() {
    let long = "x".repeat(limits::AUTHORIZATION_BYTES);
    let no_colon = basic("nocolon");
    let not_text = format!("Basic {}", STANDARD.encode([0xff, 0xfe, b':']));
    let long = format!("Bearer {long}");
    for bad in ["", "Basic", "Basic !!!", "Digest username=\"x\"", "whatever", &no_colon, &not_text, &long] {
        let refused = Shown::from_header(Some(bad.as_bytes())).unwrap_err();
        assert!(matches!(refused, IdentifyError::Malformed(_)), "{bad:?}");
    }
    assert!(Shown::from_header(Some(&[0xff, b' ', b'x'])).is_err());
}

#[test]
fn what_was_shown_does_not_print() {
    for header in [basic("user-name:pass-word"), "Bearer pass-word".to_owned()] {
        let printed = format!("{:?}", Shown::from_header(Some(header.as_bytes())).unwrap());
        assert!(!printed.contains("pass-word") && !printed.contains("user-name"), "{printed}");
    }
}

proptest! {
    #[test]
    fn any_header_is_judged_without_panic(value in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Shown::from_header(Some(&value));
        let _ = Shown::from_header(Some(basic(&String::from_utf8_lossy(&value)).as_bytes()));
    }
}
