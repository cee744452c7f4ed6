use proptest::prelude::*;

use super::*;

#[test]
fn prose_becomes_one_plain_line() {
    assert_eq!(&*one_line("  a\n\tb\u{7} \u{202e}c\u{200b} "), "a b c");
    let cut = one_line(&"ä".repeat(limits::ADVISORY_TEXT_BYTES));
    assert!(cut.len() <= limits::ADVISORY_TEXT_BYTES && cut.ends_with("ä…"), "{cut}");
}

#[test]
fn an_id_is_visible_ascii() {
    for good in ["GHSA-34p9-f4q3-c4r7", "openSUSE-SU-2020:0051-1", "x_CUSTOM-0001"] {
        assert!(is_id(good), "{good}");
    }
    for bad in ["", "CVE 1", "CVE-\u{202e}1", "CVE-1\n", "<script>", &"A".repeat(300)] {
        assert!(!is_id(bad), "{bad:?}");
    }
}

proptest! {
    #[test]
    fn any_prose_is_bounded_and_stays_itself(text in "[\\PC\u{202e}\n\t]{0,400}") {
        let line = one_line(&text);
        prop_assert!(line.len() <= limits::ADVISORY_TEXT_BYTES && !line.chars().any(char::is_control));
        prop_assert_eq!(one_line(&line), line);
    }
}
