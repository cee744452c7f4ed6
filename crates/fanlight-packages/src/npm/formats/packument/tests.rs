use proptest::prelude::*;
use serde_json::json;

use super::*;

fn name() -> Name {
    Name::parse("tool").unwrap()
}

fn read(page: &serde_json::Value) -> Packument {
    Packument::parse(&name(), page.to_string().into()).unwrap()
}

fn release(version: &str) -> serde_json::Value {
    json!({"name": "tool", "version": version, "dist": {
        "tarball": format!("http://upstream.example/tool/-/tool-{version}.tgz"),
        "shasum": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    }})
}

#[test]
fn releases_have_their_time_address_and_order() {
    let packument = read(&json!({
        "name": "tool",
        "dist-tags": {"latest": "1.0.0", "odd": 7},
        "versions": {"1.0.0": release("1.0.0"), "2.0.0-rc.1": release("2.0.0-rc.1")},
        "time": {"created": "2020-01-01T00:00:00.000Z", "1.0.0": "2020-01-02T03:04:05.678Z", "2.0.0-rc.1": "soon"},
    }));
    assert_eq!(packument.dist_tags, [("latest".into(), "1.0.0".into())]);
    let [first, second] = &packument.releases[..] else { panic!("two releases") };
    assert_eq!(first.published.map(|time| time.to_string()).as_deref(), Some("2020-01-02T03:04:05.678Z"));
    assert_eq!(first.tarball.as_str(), "http://upstream.example/tool/-/tool-1.0.0.tgz");
    assert_eq!((&first.content, second.published), (&Content::Weak, None));
    assert!(second.order < first.order.clone().map(|_| Version::new(2, 0, 0)));
    assert!(packument.notes.is_empty());
}

#[test]
fn a_release_that_is_wrong_in_part_is_left_out_and_noted() {
    let mut other = release("1.0.0");
    other["version"] = json!("9.9.9");
    let mut nowhere = release("1.0.1");
    nowhere["dist"]["tarball"] = json!("file:///etc/passwd");
    let packument = read(&json!({"versions": {
        "1.0.0": other, "1.0.1": nowhere, "1.0.2": 7, "1.0.3": {"version": "1.0.3"}, "../1": release("../1"),
        "1.0.4": release("1.0.4"),
    }}));
    assert_eq!(packument.releases.iter().map(|r| &*r.version).collect::<Vec<_>>(), ["1.0.4"]);
    let problems: Vec<_> = packument.notes.iter().map(|note| note.problem).collect();
    assert_eq!(
        problems,
        [Problem::OtherVersion, Problem::BadTarball, Problem::NoManifest, Problem::NoManifest, Problem::BadVersion]
    );
}

#[test]
fn of_a_version_given_twice_the_last_counts_as_it_does_for_clients() {
    let page = r#"{"versions":{"1.0.0":{"dist":{"tarball":"http://one.example/a.tgz"}},
                               "1.0.0":{"dist":{"tarball":"http://two.example/a.tgz"}}}}"#;
    let packument = Packument::parse(&name(), page.into()).unwrap();
    assert_eq!(packument.releases.len(), 1);
    assert_eq!(packument.releases[0].tarball.as_str(), "http://two.example/a.tgz");
}

#[test]
fn what_is_no_packument_says_why_and_shows_nothing_of_it() {
    let parse = |page: &'static [u8]| Packument::parse(&name(), Bytes::from_static(page)).unwrap_err().to_string();
    insta::assert_snapshot!([
        parse(b""),
        parse(b"[]"),
        parse(b"<!doctype html><form>secret</form>"),
        parse(b"{\"versions\": {}"),
        parse(b"{\"versions\": []}"),
        parse(b"{\"a\":\n\"\xff\"}"),
        parse(b"{\"name\":\"other\",\"versions\":{}}"),
    ]
    .join("\n"), @"
    the packument is no valid JSON: line 1, column 0: it ends in the middle
    the packument's top level is not an object
    the packument is no valid JSON: line 1, column 1: unexpected text
    the packument is no valid JSON: line 1, column 15: it ends in the middle
    the packument's versions is not an object
    the packument is no valid JSON: line 2, column 2: it is not UTF-8
    the packument says it is about another package than the one asked for
    ");
}

#[test]
fn a_deprecation_can_be_taken_back() {
    for (value, is_deprecated) in
        [(json!("use x"), true), (json!(""), false), (json!(false), false), (json!(true), true)]
    {
        let mut stated = release("1.0.0");
        stated["deprecated"] = value.clone();
        assert_eq!(read(&json!({"versions": {"1.0.0": stated}})).releases[0].is_deprecated, is_deprecated, "{value}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_judged_without_panic(page in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Packument::parse(&name(), page.into());
    }

    #[test]
    fn any_release_is_one_object_of_the_page(version in "\\PC{0,12}", members in "\\PC{0,30}") {
        let page = json!({"versions": {&version: {"x": members, "dist": {"tarball": "http://u.example/t.tgz"}}}});
        let packument = read(&page);
        for release in &packument.releases {
            let manifest = packument.manifest(release);
            prop_assert_eq!(manifest.text("x"), Some(members.clone()));
        }
    }
}
