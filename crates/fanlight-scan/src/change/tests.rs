use std::io::Cursor;

use super::*;
use crate::archive::making::tgz_of;
use crate::{RuleSet, scan};

fn release(setup: &str) -> Report {
    let bytes = tgz_of(&[("a-1/setup.py", setup)]);
    scan(&mut Cursor::new(bytes), "a-1.tar.gz", &RuleSet::default()).unwrap()
}

#[test]
fn a_new_ability_is_told_once() {
    let (plain, reading) =
        (release("import os\nprint(os.name)\n"), release("import keyring\nkeyring.get_password('a', 'b')\nexec(x)\n"));
    let found = changes(&plain, &reading);
    assert!(
        found
            .iter()
            .any(|finding| finding.severity == Severity::High && finding.evidence.starts_with("reads where keys")),
        "{found:?}"
    );
    assert!(changes(&reading, &reading).is_empty() && changes(&reading, &plain).is_empty());
}

#[test]
fn reports_of_different_rules_are_not_compared() {
    let (mut before, after) =
        (release("x = 1\n"), release("import keyring\nkeyring.get_password('a', 'b')\nexec(x)\n"));
    before.rules = "0".into();
    assert!(changes(&before, &after).is_empty());
}
