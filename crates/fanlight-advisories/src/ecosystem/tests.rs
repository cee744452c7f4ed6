use super::*;

#[test]
fn names_are_one_project_by_each_ecosystems_own_rule() {
    let same = |ecosystem, a, b| Package::new(ecosystem, a) == Package::new(ecosystem, b);
    assert!(same(Ecosystem::PyPi, "Foo_.Bar", "foo-bar"));
    assert!(same(Ecosystem::Crates, "Serde_JSON", "serde-json"));
    assert!(!same(Ecosystem::Crates, "serde--json", "serde-json"), "crates.io folds no runs");
    assert!(!same(Ecosystem::Npm, "JSONStream", "jsonstream"), "the npm registry has both");
    assert!(!same(Ecosystem::Npm, "a_b", "a-b"));
    assert_ne!(Package::new(Ecosystem::Npm, "zlib"), Package::new(Ecosystem::PyPi, "zlib"));
}

#[test]
fn a_purl_names_a_project() {
    let of = |text: &str| Package::of_purl(&text.parse().unwrap());
    assert_eq!(of("pkg:pypi/Django@3.2"), Some(Package::new(Ecosystem::PyPi, "django")));
    assert_eq!(of("pkg:npm/%40babel/traverse@7.0.0"), Some(Package::new(Ecosystem::Npm, "@babel/traverse")));
    assert_eq!(of("pkg:cargo/time"), Some(Package::new(Ecosystem::Crates, "time")));
    assert_eq!(of("pkg:maven/org.apache/log4j@2.0"), None);
}

#[test]
fn an_ecosystem_with_a_suffix_is_another_one() {
    assert_eq!(Ecosystem::of_osv("PyPI"), Some(Ecosystem::PyPi));
    for other in ["PyPI:mirror.example", "pypi", "Go", ""] {
        assert_eq!(Ecosystem::of_osv(other), None, "{other}");
    }
}
