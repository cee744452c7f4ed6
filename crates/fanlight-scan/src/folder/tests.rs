use super::*;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

const TREE: &str = "id: own\nlanguage: python\nseverity: error\nmessage: m\nrule:\n  pattern: acme($A)\n";
const PATTERN: &str = "rule own { strings: $a = \"acme-internal\" condition: $a }";

#[test]
fn both_kinds_are_taken_and_other_files_left_alone() {
    let own = folder(&[("a.yml", TREE), ("b.yar", PATTERN), ("README.md", "not a rule")]);
    let rules = RuleSet::with_folder(own.path()).unwrap();
    let version = rules.version();
    assert!(version.contains("+rules.") && version.contains("+yara."), "{version}");
    assert_eq!(RuleSet::with_folder(folder(&[]).path()).unwrap().version(), RuleSet::default().version());
}

#[test]
fn a_fault_names_its_file() {
    for (file, text) in [("a.yaml", "id: ["), ("b.yara", "rule {")] {
        let error = RuleSet::with_folder(folder(&[("0.yml", TREE), (file, text)]).path()).unwrap_err();
        assert!(error.to_string().starts_with(file), "{error}");
    }
    let error = RuleSet::with_folder(Path::new("no/such/folder")).unwrap_err();
    assert_eq!(error.to_string(), "no/such/folder could not be read");
    let large = folder(&[("a.yar", &" ".repeat(SCAN_RULES_BYTES + 1))]);
    assert!(RuleSet::with_folder(large.path()).unwrap_err().to_string().contains("take some out"));
}
