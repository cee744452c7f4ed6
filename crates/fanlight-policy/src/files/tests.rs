//! Sets from outside, and how they differ.

use super::*;

fn of(files: &[(&str, &str)]) -> Result<PolicyFiles, FilesError> {
    PolicyFiles::of(files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())))
}

#[test]
fn a_name_stays_in_the_folder_and_is_seen_there() {
    for good in ["a.cedar", "_a.cedar", "10 base (new).cedar", "a..b.cedar", "A-b_c+d@e,f=g&h.cedar"] {
        assert!(of(&[(good, "")]).is_ok(), "{good}");
    }
    let long = format!("{}.cedar", "x".repeat(limits::POLICY_NAME_BYTES - 5));
    for bad in [
        "",
        ".cedar",
        "a.txt",
        "a.cedar~",
        "a.CEDAR",
        "../x.cedar",
        "..cedar",
        "/etc/x.cedar",
        "a/b.cedar",
        "a\\b.cedar",
        "C:x.cedar",
        ".hidden.cedar",
        "-rf.cedar",
        " a.cedar",
        "a\0.cedar",
        "a\n.cedar",
        "\u{202e}a.cedar",
        "ä.cedar",
        long.as_str(),
    ] {
        assert!(matches!(of(&[(bad, "")]), Err(FilesError::Name { .. })), "{bad:?}");
    }
    assert!(of(&[(&long[1..], "")]).is_ok());
}

#[test]
fn a_set_is_bounded_and_no_name_is_there_twice() {
    assert!(matches!(of(&[("a.cedar", ""), ("A.cedar", "")]), Err(FilesError::Twice { .. })));
    let all = "x".repeat(limits::PROPOSED_BYTES);
    assert!(of(&[("a.cedar", &all)]).is_ok());
    assert_eq!(of(&[("a.cedar", &all), ("b.cedar", "x")]), Err(FilesError::TooLong));
    let many = (0..=limits::POLICY_FILES).map(|n| (format!("{n}.cedar"), String::new()));
    assert_eq!(PolicyFiles::of(many), Err(FilesError::TooMany));
}

#[test]
fn a_digest_is_of_names_and_texts() {
    let digest = |files: &[(&str, &str)]| of(files).unwrap().digest();
    let one = digest(&[("a.cedar", "x"), ("b.cedar", "y")]);
    assert_eq!(one, digest(&[("b.cedar", "y"), ("a.cedar", "x")]));
    for other in [&[("a.cedar", "xb.cedary")][..], &[("a.cedar", "x")], &[("a.cedar", "y"), ("b.cedar", "x")]] {
        assert_ne!(one, digest(other), "{other:?}");
    }
}

#[test]
fn sets_differ_by_file_and_line() {
    let before = of(&[("a.cedar", "one\ntwo\n"), ("b.cedar", "same\n"), ("c.cedar", "gone\n")]).unwrap();
    let after = of(&[("a.cedar", "one\n2\nthree\n"), ("b.cedar", "same\n"), ("d.cedar", "new")]).unwrap();
    let told: Vec<_> =
        after.since(&before).into_iter().map(|file| (file.name, file.change, file.added, file.removed)).collect();
    assert_eq!(
        told,
        [
            ("a.cedar".to_owned(), FileChange::Changed, 2, 1),
            ("c.cedar".to_owned(), FileChange::Removed, 0, 1),
            ("d.cedar".to_owned(), FileChange::Added, 1, 0),
        ]
    );
    let diff = &after.since(&before)[0].diff;
    assert_eq!(diff, "--- a.cedar\n+++ a.cedar\n@@ -1,2 +1,3 @@\n one\n-two\n+2\n+three\n");
    assert!(before.since(&before).is_empty());
}
