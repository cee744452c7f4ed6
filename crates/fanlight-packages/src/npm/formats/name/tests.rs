use proptest::prelude::*;

use super::*;

#[test]
fn names_with_and_without_a_scope_are_read() {
    let plain = Name::parse("left-pad").unwrap();
    assert_eq!((plain.scope(), plain.bare(), plain.as_str()), (None, "left-pad", "left-pad"));
    assert_eq!(plain.purl(Some("1.3.0")).as_str(), "pkg:npm/left-pad@1.3.0");

    let scoped = Name::parse("@acme/tool").unwrap();
    assert_eq!((scoped.scope(), scoped.bare()), (Some("@acme"), "tool"));
    assert_eq!(scoped.purl(Some("1.0.0+b")).as_str(), "pkg:npm/%40acme/tool@1.0.0%2Bb");
    assert_eq!(scoped.archive("1.0.0"), "tool-1.0.0.tgz");
    assert_eq!(scoped.version_of("tool-1.0.0-rc.1.tgz"), Some("1.0.0-rc.1"));
}

#[test]
fn old_names_keep_their_case() {
    assert_eq!(Name::parse("JSONStream").unwrap().as_str(), "JSONStream");
}

#[test]
fn an_archive_of_another_package_tells_no_version() {
    let name = Name::parse("tool").unwrap();
    for other in ["toolbox-1.0.0.tgz", "tool-.tgz", "tool-1.0.0.tar", "tool1.0.0.tgz", ""] {
        assert_eq!(name.version_of(other), None, "{other}");
    }
}

#[test]
fn what_is_no_name_says_why() {
    for (text, why) in [
        ("", NotAName::Empty),
        ("@acme", NotAName::Empty),
        ("@acme/", NotAName::Empty),
        ("@/tool", NotAName::Empty),
        ("..", NotAName::Leading),
        (".hidden", NotAName::Leading),
        ("_private", NotAName::Leading),
        ("@acme/..", NotAName::Leading),
        ("a/b", NotAName::Sign),
        ("@acme/a/b", NotAName::Sign),
        ("a\\b", NotAName::Sign),
        ("a b", NotAName::Sign),
        ("a%2fb", NotAName::Sign),
        ("a\u{0}", NotAName::Sign),
        ("naïve", NotAName::Sign),
    ] {
        assert_eq!(Name::parse(text), Err(why), "{text:?}");
    }
    assert_eq!(Name::parse(&"a".repeat(215)), Err(NotAName::TooLong));
}

proptest! {
    #[test]
    fn any_text_is_judged_and_a_name_is_one_or_two_safe_parts(text in ".{0,40}") {
        if let Ok(name) = Name::parse(&text) {
            prop_assert_eq!(name.as_str(), text.as_str());
            prop_assert!(!name.bare().contains('/'));
            let again: Purl = name.purl(None).as_str().parse().unwrap();
            prop_assert_eq!(again.name(), name.bare());
        }
    }

    #[test]
    fn an_archives_version_reads_back(name in "(@[a-z]{1,5}/)?[a-z][a-z0-9-]{0,10}", version in "[0-9]\\.[0-9]\\.[0-9](-[a-z.0-9]{1,5})?") {
        let name = Name::parse(&name).unwrap();
        let archive = name.archive(&version);
        prop_assert_eq!(name.version_of(&archive), Some(version.as_str()));
    }
}
