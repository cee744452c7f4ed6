//! The documentation is current, complete and true.

use super::*;
use crate::{Config, Sources};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");

#[test]
fn the_documentation_is_current() {
    if std::env::var_os("FANLIGHT_BLESS").is_some() {
        std::fs::write(PATH, reference()).unwrap();
    }
    let written = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(written == reference(), "docs/configuration.md is not current: run this test with FANLIGHT_BLESS=1");
}

#[test]
fn every_example_in_the_documentation_loads_and_takes_effect() {
    for known in KNOWN {
        let folder = tempfile::tempdir().unwrap();
        let (group, name) = known.key.rsplit_once('.').unwrap();
        let file = folder.path().join("fanlight.toml");
        std::fs::write(&file, format!("[{group}]\n{name} = {}\n", known.example)).unwrap();
        let config = Config::load(Sources { state: Some(folder.path().into()), ..Sources::default() })
            .unwrap_or_else(|fault| panic!("{fault}"));
        let effective = config.effective().iter().find(|effective| effective.key == known.key).unwrap();
        assert_eq!(effective.origin.to_string(), format!("{}:2", file.display()));
    }
}

#[test]
fn lines_are_at_most_120_wide() {
    for line in reference().lines() {
        assert!(line.chars().count() <= 120, "{line}");
    }
}
