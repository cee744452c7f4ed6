//! What a door hears: once for a release, nothing where nothing is known, and soon.

use std::cell::Cell;
use std::time::Instant;

use fanlight_packages::knowledge::Listed;

use super::*;
use crate::facts::tests::{record, snapshot};

fn of_project(snapshot: Snapshot, purl: &str) -> OfProject {
    let package = Package::of_purl(&purl.parse().unwrap()).unwrap();
    OfProject { snapshot: Arc::new(snapshot), package, candidates: OnceLock::new(), last: Mutex::new(None) }
}

fn tell(of: &OfProject, purl: &str, version: Option<&str>, listing: &dyn Fn() -> Vec<Listed>) -> Facts {
    let release: Purl = purl.parse().unwrap();
    let mut facts = Facts::new();
    let told = Told { release: &release, version, file: "f", digest: None, attested: false, listing };
    of.tell(&told, &mut facts);
    facts
}

#[test]
fn the_listing_is_worked_out_once_and_only_where_it_is_needed() {
    let critical = r#", "database_specific": {"severity": "CRITICAL"}"#;
    let records = [record("X-1", "npm", "@acme/lib", r#"{"introduced": "0"}, {"fixed": "2.0.0"}"#, critical)];
    let of = of_project(snapshot(&records, &[]), "pkg:npm/%40acme/lib");
    let asked = Cell::new(0);
    let listing = || {
        asked.set(asked.get() + 1);
        let listed = |version: &str| Listed {
            version: version.into(),
            waited: true,
            age_minutes: 0,
            yanked: false,
            attested: false,
        };
        ["1.0.0", "1.1.0", "2.1.0"].map(listed).to_vec()
    };
    let facts = tell(&of, "pkg:npm/%40acme/lib@2.1.0", Some("2.1.0"), &listing);
    assert!(facts.is_empty() && asked.get() == 0, "{facts:?}");
    for version in ["1.0.0", "1.0.0", "1.1.0"] {
        let facts = tell(&of, &format!("pkg:npm/%40acme/lib@{version}"), Some(version), &listing);
        assert_eq!(facts.get("better_exists"), Some(&true.into()));
    }
    assert_eq!(asked.get(), 1);
}

#[test]
fn a_file_that_does_not_tell_its_version_is_malicious_where_every_release_is() {
    let records = [record("MAL-1", "PyPI", "evil", r#"{"introduced": "0"}"#, "")];
    let of = of_project(snapshot(&records, &[]), "pkg:pypi/evil");
    let facts = tell(&of, "pkg:pypi/evil@unknown", None, &Vec::new);
    assert_eq!(facts.get("malicious"), Some(&true.into()));
}

#[test]
fn a_project_of_many_flaws_and_releases_is_told_of_soon() {
    let flaws = (0..150).map(|n| {
        let fixed = format!(r#"{{"introduced": "0"}}, {{"fixed": "{n}.5.0"}}"#);
        record(&format!("X-{n}"), "npm", "lib", &fixed, r#", "database_specific": {"severity": "CRITICAL"}"#)
    });
    let of = of_project(snapshot(&flaws.collect::<Vec<_>>(), &[]), "pkg:npm/lib");
    let listing = || {
        let listed = |n: u32| Listed {
            version: format!("{n}.0.0"),
            waited: true,
            age_minutes: 0,
            yanked: false,
            attested: false,
        };
        (0..1000).map(listed).collect()
    };
    let began = Instant::now();
    for n in 0..1000 {
        tell(&of, &format!("pkg:npm/lib@{n}.0.0"), Some(&format!("{n}.0.0")), &listing);
    }
    // A few microseconds a flaw and release where it is optimised; this holds without that.
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}
