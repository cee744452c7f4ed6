use std::io::Cursor;

use super::*;
use crate::archive::making::wheel;
use crate::{RuleSet, scan};

const RULES: &str = "id: no-telnet\nlanguage: python\nseverity: error\nmessage: telnet is not used here\nnote: It sends passwords in clear.\nrule:\n  pattern: telnetlib.Telnet($$$ARGS)\n---\nid: no-shell\nlanguage: javascript\nrule:\n  pattern: exec($X)\n";

#[test]
fn a_companys_rule_finds_what_it_describes() {
    let rules = RuleSet { company: CompanyRules::new([("own.yml", RULES)]).unwrap(), ..RuleSet::default() };
    let scanned = |text: &str| {
        let bytes = wheel(&[("a.py", text)], |_| {});
        scan(&mut Cursor::new(bytes), "a-1-py3-none-any.whl", &rules).unwrap()
    };
    let report = scanned("import telnetlib\nt = telnetlib.Telnet('host.example.invalid', 23)\n");
    let finding = report.findings.iter().find(|finding| finding.rule == "company:no-telnet").unwrap();
    assert_eq!((finding.place.line, finding.severity), (Some(2), Severity::High));
    assert_eq!((&*finding.title, &*finding.words), ("telnet is not used here", "It sends passwords in clear."));
    assert!(report.rules.contains("+rules."));
    assert!(
        scanned("import telnetlib\nt = telnetlib.Other('x')\nexec(y)\n")
            .findings
            .iter()
            .all(|f| !f.rule.starts_with("company:"))
    );
}

/// A company's rules are held against files of megabytes: one that is made to be slow to read must not keep the scan busy in silence.
#[test]
fn a_file_that_takes_too_many_steps_is_told_as_not_held_against_the_rules() {
    let rules = RuleSet { company: CompanyRules::new([("own.yml", RULES)]).unwrap(), ..RuleSet::default() };
    let text = format!("import telnetlib\nt = telnetlib.Telnet('host.example.invalid')\n{}", "#\n".repeat(400_000));
    let bytes = wheel(&[("a.py", &text)], |_| {});
    let report = scan(&mut Cursor::new(bytes), "a-1-py3-none-any.whl", &rules).unwrap();
    assert!(
        report.limits.iter().any(|met| met.limit == "scan_tree_steps" && met.path == "a.py"),
        "{:?}",
        report.limits
    );
    let unread = report.findings.iter().find(|finding| finding.rule == "file:unread").unwrap();
    assert!(unread.evidence.starts_with("your company's rules were not held against it"), "{unread:?}");
}

#[test]
fn rules_with_a_fault_are_refused_with_their_file() {
    for text in [
        "id: a\nlanguage: cobol\nrule: {pattern: x}\n",
        "id: a\nlanguage: python\nrule: {nothing: x}\n",
        "language: python\nrule: {pattern: x}\n",
        "[",
        "id: [a\n",
    ] {
        let error = CompanyRules::new([("own.yml", text)]).unwrap_err();
        assert!(error.to_string().starts_with("own.yml: "), "{error}");
    }
    let large = "#".repeat(SCAN_RULES_BYTES + 1);
    assert!(matches!(CompanyRules::new([("own.yml", large.as_str())]), Err(CompanyRulesError::Large { .. })));
}
