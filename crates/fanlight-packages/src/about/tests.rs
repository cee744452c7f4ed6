//! What manifests say, as people write them.

use super::*;

fn said(ecosystem: &str, text: &str) -> (Option<String>, Option<String>) {
    let about = of_manifest(ecosystem, text);
    (about.licence, about.source)
}

fn both(licence: &str, source: &str) -> (Option<String>, Option<String>) {
    (Some(licence.to_owned()), Some(source.to_owned()))
}

#[test]
fn a_wheel_says_it_in_its_core_metadata() {
    let new = "Metadata-Version: 2.4\nName: demo\nLicense-Expression: MIT OR Apache-2.0\nLicense: whatever\n\
               Project-URL: Homepage, https://demo.test/\nProject-URL: Source Code, https://code.test/demo\n\n\
               License-Expression: none, for this is the description\n";
    assert_eq!(said("pypi", new), both("MIT OR Apache-2.0", "https://code.test/demo"));
    let old = "Metadata-Version: 2.1\nName: demo\nHome-page: https://demo.test/\nLicense: UNKNOWN\n\
               Classifier: License :: OSI Approved :: BSD License\n";
    assert_eq!(said("pypi", old), both("BSD License", "https://demo.test/"));
    let whole = format!("Name: demo\nLicense: {}\n        and so on\n", "words of a licence ".repeat(10));
    assert_eq!(said("pypi", &whole), (None, None));
}

#[test]
fn an_npm_package_says_it_in_its_manifest_and_its_registry_says_who() {
    let new = r#"{"license": "MIT", "repository": {"type": "git", "url": "git+https://code.test/demo.git"},
                  "_npmUser": {"name": "mara", "email": "m@x.test"}, "maintainers": [{"name": "mara"}, "oli"]}"#;
    assert_eq!(said("npm", new), both("MIT", "https://code.test/demo.git"));
    let about = of_manifest("npm", new);
    assert_eq!(about.publisher.as_deref(), Some("mara"));
    assert_eq!(about.maintainers, ["mara", "oli"].map(str::to_owned).into());
    let old = r#"{"licenses": [{"type": "BSD", "url": "x"}, {"type": "GPL"}], "repository": "code.test/demo"}"#;
    assert_eq!(said("npm", old), both("BSD, GPL", "code.test/demo"));
    for odd in ["", "[]", r#"{"license": 7, "repository": [], "maintainers": {"name": 1}}"#] {
        assert_eq!(of_manifest("npm", odd), About::default(), "{odd}");
    }
}

#[test]
fn a_crate_says_it_in_its_manifest() {
    let text = "[package]\nname = \"demo\"\nlicense = \"MIT\"\nrepository = \"https://code.test/demo\"\n";
    assert_eq!(said("cargo", text), both("MIT", "https://code.test/demo"));
    let file = "[package]\nlicense-file = \"LICENCE\"\n[dependencies]\nlicense = \"1\"\n";
    assert_eq!(said("cargo", file), (Some("in its file LICENCE".to_owned()), None));
    assert_eq!(said("cargo", "[package"), (None, None));
}

#[test]
fn only_a_packages_own_manifest_counts() {
    for (ecosystem, own) in [
        ("pypi", "demo-1.0.dist-info/METADATA"),
        ("pypi", "demo-1.0/PKG-INFO"),
        ("npm", "package/package.json"),
        ("cargo", "demo-1.0/Cargo.toml"),
    ] {
        assert!(is_manifest(ecosystem)(own), "{ecosystem}: {own}");
    }
    for (ecosystem, other) in [
        ("npm", "package/node_modules/x/package.json"),
        ("pypi", "METADATA"),
        ("pypi", "demo/METADATA"),
        ("cargo", "demo-1.0/sub/Cargo.toml"),
        // Sources of a Python package that are in part in Rust or JavaScript.
        ("pypi", "demo-1.0/Cargo.toml"),
        ("pypi", "demo-1.0/package.json"),
        ("npm", "package/Cargo.toml"),
    ] {
        assert!(!is_manifest(ecosystem)(other), "{ecosystem}: {other}");
    }
}

#[test]
fn what_is_told_is_one_short_line() {
    let text = format!(r#"{{"license": "MIT\u001b[31m\n{}"}}"#, "ä".repeat(400));
    let licence = of_manifest("npm", &text).licence.unwrap();
    assert!(licence.len() <= limits::ABOUT_BYTES && !licence.contains(['\u{1b}', '\n']), "{licence}");
}
