use std::borrow::Cow;

use super::*;
use crate::finding::Place;

fn finding(rule: &'static str, severity: Severity, confidence: Confidence, at: &str) -> Finding {
    let text = || Cow::Borrowed("words");
    Finding {
        rule: rule.into(),
        title: text(),
        severity,
        confidence,
        place: Place::entry(at),
        evidence: String::new(),
        words: text(),
    }
}

fn report(findings: Vec<Finding>) -> Report {
    let mut report = Report {
        rules: "1".into(),
        name: "a".into(),
        sha256: String::new(),
        verdict: Verdict::NothingFound,
        score: 0,
        counts: Counts::default(),
        limits: Vec::new(),
        abilities: BTreeMap::new(),
        hosts: BTreeSet::new(),
        at_install: BTreeSet::new(),
        findings,
    };
    report.settle();
    report
}

#[test]
fn single_low_findings_do_not_add_up_and_grave_ones_decide() {
    use Confidence::{High as Sure, Low as Unsure, Medium as Fairly};
    use Severity::{Critical, High, Low, Medium};
    let many = (0..100).map(|n| finding("a:low", Low, Sure, &n.to_string())).collect();
    assert_eq!(report(many).verdict, Verdict::NothingFound);
    assert_eq!(report(vec![finding("a:x", Medium, Fairly, "")]).verdict, Verdict::NeedsCare);
    assert_eq!(report(vec![finding("a:x", High, Sure, "")]).verdict, Verdict::NeedsCare);
    assert_eq!(report(vec![finding("a:x", Critical, Fairly, "")]).verdict, Verdict::Unsafe);
    assert_eq!(report(vec![finding("a:x", Critical, Unsure, "")]).verdict, Verdict::NeedsCare);
    assert_eq!(report(Vec::new()).score, 0);
}

#[test]
fn what_is_too_much_is_counted_and_the_gravest_stays() {
    let mut many: Vec<_> = (0..50).map(|n| finding("a:low", Severity::Low, Confidence::Low, &n.to_string())).collect();
    many.push(finding("a:grave", Severity::High, Confidence::High, ""));
    let report = report(many);
    assert_eq!((report.findings.len(), report.counts.unlisted), (SCAN_FINDINGS_OF_A_RULE + 1, 30));
    assert_eq!(report.findings[0].rule, "a:grave");
}
