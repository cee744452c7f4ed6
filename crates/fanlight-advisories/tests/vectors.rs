//! Real advisories: the Python Packaging Advisory Database and RustSec, as `../shared/vectors` has them, or
//! `FANLIGHT_VECTORS`.
//!
//! Every record is read or named. The databases list the affected versions of most Python projects one by one, made by
//! other programs: each must be affected here as well.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fanlight_advisories::feed::{self, Entry};
use fanlight_advisories::index::{Import, Report};
use fanlight_advisories::{Advisories, Ecosystem, Kind, Level, Package, Reading, Releases, Version};

/// The archive of one set of vectors; where it is absent, says so on one line.
fn vectors(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("FANLIGHT_VECTORS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"), PathBuf::from);
    let file = root.join("advisories").join(name);
    if file.is_file() {
        return Some(file);
    }
    eprintln!("skipped: no vectors at {} (set FANLIGHT_VECTORS to their folder)", file.display());
    None
}

fn entries(file: &Path) -> Vec<Entry> {
    feed::zip(File::open(file).unwrap()).unwrap().map(|entry| entry.unwrap()).collect()
}

fn reading(source: &str) -> Reading {
    Reading { source: source.into(), at: "2026-11-22T00:00:00Z".parse().unwrap() }
}

fn imported(file: &Path) -> (Arc<Advisories>, Report) {
    let entries = feed::zip(File::open(file).unwrap()).unwrap();
    let Import { advisories, report } = Advisories::new().import(reading("database"), entries).unwrap();
    (advisories, report)
}

/// The ids of what affects a release.
fn affecting(known: &Advisories, ecosystem: Ecosystem, name: &str, version: &str) -> Vec<String> {
    let package = Package::new(ecosystem, name);
    let version = Version::new(ecosystem, version);
    let found = known.project(&package).map(|project| project.affecting(&version)).unwrap_or_default();
    found.iter().map(|flaw| flaw.id().to_owned()).collect()
}

#[test]
fn every_python_record_is_read_or_named() {
    let Some(file) = vectors("pypi-osv.zip") else { return };
    let (known, report) = imported(&file);
    assert_eq!((report.read, report.new, report.refused, report.withdrawn), (2661, 2661, 0, 10));
    assert_eq!(known.len(), 2661);
    // Two ranges end at what is no version by PEP 440. Both records list their versions, and the lists count.
    let notes: BTreeSet<_> = report.notes.iter().map(|(id, note)| format!("{id}: {note}")).collect();
    let expected = [
        "PYSEC-2019-125: steam: a range ends at \"2019-09-12\", which is no version by PEP 440",
        "PYSEC-2021-371: binderhub: a range ends at \"0.2.0-n653\", which is no version by PEP 440",
    ];
    assert_eq!(notes.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

#[test]
fn every_version_a_python_record_lists_is_affected() {
    #[derive(serde::Deserialize)]
    struct Record {
        id: String,
        withdrawn: Option<String>,
        affected: Vec<Affected>,
    }
    #[derive(serde::Deserialize)]
    struct Affected {
        package: Named,
        #[serde(default)]
        versions: Vec<String>,
    }
    #[derive(serde::Deserialize)]
    struct Named {
        name: String,
    }
    let Some(file) = vectors("pypi-osv.zip") else { return };
    let (known, _) = imported(&file);
    let mut listed = 0;
    for entry in entries(&file) {
        let record: Record = serde_json::from_slice(&entry.bytes).unwrap();
        let named = known.named(&record.id);
        let advisory = named.iter().find(|advisory| advisory.id() == record.id).unwrap();
        assert_eq!(advisory.withdrawn().is_some(), record.withdrawn.is_some(), "{}", record.id);
        for affected in &record.affected {
            let package = Package::new(Ecosystem::PyPi, &affected.package.name);
            let about = advisory.affected().iter().find(|about| *about.package() == package).unwrap();
            for (index, version) in affected.versions.iter().enumerate() {
                let version = Version::new(Ecosystem::PyPi, version);
                assert!(about.contains(&version), "{} {package} {version}", record.id);
                listed += 1;
                // The same by way of the index, for some: a project may have hundreds of flaws.
                if index % 40 == 0 && record.withdrawn.is_none() {
                    let found = known.project(&package).unwrap().affecting(&version);
                    assert!(found.iter().any(|flaw| flaw.advisories().any(|by| by.id() == record.id)));
                }
            }
        }
    }
    assert_eq!(listed, 140_847);
}

#[test]
fn every_crate_record_is_read() {
    let Some(file) = vectors("crates-osv.zip") else { return };
    let (known, report) = imported(&file);
    assert_eq!((report.read, report.new, report.refused, report.withdrawn), (1206, 1206, 0, 13));
    assert_eq!(report.notes, []);
    // Worked out by hand from the records of smallvec.
    let smallvec = |version: &str| {
        let ids = affecting(&known, Ecosystem::Crates, "smallvec", version);
        ids.iter().map(|id| id.trim_start_matches("RUSTSEC-").to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(smallvec("0.3.2"), "2018-0003 2018-0018");
    assert_eq!(smallvec("0.6.3"), "2018-0018 2019-0012 2021-0003");
    assert_eq!(smallvec("0.6.9"), "2018-0018 2019-0009 2019-0012 2021-0003");
    assert_eq!(smallvec("0.6.13"), "2021-0003");
    assert_eq!(smallvec("1.6.1-rc.1"), "2021-0003");
    assert_eq!(smallvec("1.6.1"), "");
    assert_eq!(affecting(&known, Ecosystem::Crates, "lazystatic", "9.9.9"), ["RUSTSEC-2023-0097"]);
}

#[test]
fn severities_kinds_and_fixes_are_told() {
    let (Some(python), Some(crates)) = (vectors("pypi-osv.zip"), vectors("crates-osv.zip")) else { return };
    let (known, _) = imported(&python);
    let known = known.import(reading("rustsec"), feed::zip(File::open(crates).unwrap()).unwrap()).unwrap().advisories;
    let mut levels: BTreeMap<Option<Level>, usize> = BTreeMap::new();
    let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
    let sources: BTreeMap<_, _> = known.sources().map(|(name, source)| (name, source.records)).collect();
    assert_eq!(sources, BTreeMap::from([("database", 2661), ("rustsec", 1206)]));
    for file in [vectors("pypi-osv.zip").unwrap(), vectors("crates-osv.zip").unwrap()] {
        for entry in entries(&file) {
            let id = entry.name.trim_end_matches(".json");
            let records = known.named(id);
            let record =
                records.iter().find(|advisory| advisory.id() == id).unwrap_or_else(|| panic!("{id} is not known"));
            *kinds.entry(record.kind()).or_default() += 1;
            *levels.entry(record.affected()[0].severity().map(|severity| severity.level())).or_default() += 1;
        }
    }
    assert_eq!(kinds, BTreeMap::from([(Kind::Vulnerability, 3865), (Kind::Malicious, 2)]));
    // Every vector of the 619 is read.
    assert_eq!(levels.get(&None), Some(&(3867 - 619)));

    let package = Package::new(Ecosystem::PyPi, "accesscontrol");
    let releases = Releases::new(Ecosystem::PyPi, ["4.0", "4.2", "4.3", "4.4", "5.0", "5.1", "5.2", "5.3"]);
    let project = known.project(&package).unwrap();
    let fixes = |version: &str| {
        let fixes = project.fixed_by(&Version::new(Ecosystem::PyPi, version), &releases);
        fixes.iter().any(|fix| fix.advisories().any(|advisory| advisory.id() == "PYSEC-2021-335"))
    };
    assert_eq!(["4.2", "4.3", "4.4", "5.1", "5.2", "5.3"].map(fixes), [false, true, false, false, true, false]);
}
