use proptest::prelude::*;

use super::*;

#[test]
fn a_crates_place_follows_its_length() {
    for (name, place) in
        [("a", "1/a"), ("ab", "2/ab"), ("abc", "3/a/abc"), ("abcd", "ab/cd/abcd"), ("Serde_JSON", "se/rd/serde_json")]
    {
        assert_eq!(Name::parse(name).unwrap().place(), place);
    }
}

#[test]
fn what_is_no_name_says_why() {
    for (text, why) in [
        ("", NotAName::Empty),
        ("-a", NotAName::Sign),
        ("a/b", NotAName::Sign),
        ("..", NotAName::Sign),
        ("a b", NotAName::Sign),
        ("é", NotAName::Sign),
    ] {
        assert_eq!(Name::parse(text), Err(why), "{text:?}");
    }
    assert_eq!(Name::parse(&"a".repeat(65)), Err(NotAName::TooLong));
}

proptest! {
    #[test]
    fn any_text_is_judged_and_a_place_ends_in_the_name(text in ".{0,70}") {
        if let Ok(name) = Name::parse(&text) {
            prop_assert!(name.place().ends_with(name.as_str()));
            let again: Purl = name.purl(None).as_str().parse().unwrap();
            prop_assert_eq!(again.name(), name.as_str());
        }
    }
}
