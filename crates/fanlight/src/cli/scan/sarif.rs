//! Reports as a SARIF 2.1.0 log (OASIS, "Static Analysis Results Interchange Format"), which code hosts and editors show.
//!
//! An archive is an artifact, and a file inside it an artifact whose parent it is (section 3.24.3).

use std::collections::BTreeMap;

use fanlight_scan::{Confidence, Finding, Severity};
use serde_json::{Value, json};

use super::{Looked, show};

/// Characters of a URI's path that stay as they are (RFC 3986, section 3.3).
const PATH: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b'!')
    .remove(b'@')
    .remove(b'+');

/// The rules and artifacts that results point at by their index.
#[derive(Default)]
struct Lists {
    rules: Vec<Value>,
    rule_by_id: BTreeMap<String, usize>,
    artifacts: Vec<Value>,
    file_by_place: BTreeMap<(usize, String), usize>,
}

/// The log.
pub(super) fn log(looked: &[Looked]) -> Value {
    let mut lists = Lists::default();
    let (mut results, mut notifications) = (Vec::new(), Vec::new());
    for one in looked {
        let archive = lists.archive(&one.path);
        match &one.report {
            Ok(report) => {
                results.extend(
                    report.findings.iter().map(|finding| lists.result(archive, &one.path, finding, &report.sha256)),
                );
                for limit in &report.limits {
                    let text = format!("not wholly looked at: {} ({}) {}", limit.limit, limit.value, limit.path);
                    notifications.push(notification("warning", &text, &one.path, archive));
                }
            }
            Err(failure) => notifications.push(notification("error", &failure.words(), &one.path, archive)),
        }
    }
    let successful = looked.iter().all(|one| one.report.is_ok());
    json!({
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Fanlight",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": lists.rules,
            } },
            "invocations": [{ "executionSuccessful": successful, "toolExecutionNotifications": notifications }],
            "artifacts": lists.artifacts,
            "results": results,
            "columnKind": "unicodeCodePoints",
        }],
    })
}

fn notification(level: &str, text: &str, path: &str, archive: usize) -> Value {
    json!({
        "level": level,
        "message": { "text": text },
        "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(path), "index": archive } } }],
    })
}

impl Lists {
    fn archive(&mut self, path: &str) -> usize {
        self.artifacts.push(json!({ "location": { "uri": uri(path) } }));
        self.artifacts.len() - 1
    }

    fn file(&mut self, archive: usize, path: &str) -> usize {
        *self.file_by_place.entry((archive, path.to_owned())).or_insert_with(|| {
            self.artifacts.push(json!({ "location": { "uri": uri(path) }, "parentIndex": archive }));
            self.artifacts.len() - 1
        })
    }

    fn rule(&mut self, finding: &Finding) -> usize {
        *self.rule_by_id.entry(finding.rule.to_string()).or_insert_with(|| {
            self.rules.push(json!({
                "id": finding.rule,
                "name": finding.rule.replace([':', '-', '.'], "_"),
                "shortDescription": { "text": finding.title },
                "fullDescription": { "text": finding.words },
                "help": { "text": finding.words },
            }));
            self.rules.len() - 1
        })
    }

    fn result(&mut self, archive: usize, path: &str, finding: &Finding, sha256: &str) -> Value {
        let rule = self.rule(finding);
        let place = &finding.place;
        let mut location = if place.path.is_empty() {
            json!({ "artifactLocation": { "uri": uri(path), "index": archive } })
        } else {
            json!({ "artifactLocation": { "uri": uri(&place.path), "index": self.file(archive, &place.path) } })
        };
        if let Some(line) = place.line {
            let mut region = json!({ "startLine": line });
            if !finding.evidence.is_empty() {
                region["snippet"] = json!({ "text": finding.evidence });
            }
            location["region"] = region;
        }
        let line = place.line.map_or_else(String::new, |line| format!(":{line}"));
        let text = format!("{path} {}{line}: {}. {}", place.path, finding.title, finding.words);
        json!({
            "ruleId": finding.rule,
            "ruleIndex": rule,
            "level": level(finding.severity),
            "rank": finding.weight(),
            "message": { "text": text },
            "locations": [{ "physicalLocation": location }],
            "partialFingerprints": { "archiveRulePlace/v1": format!("{sha256}:{}:{}{line}", finding.rule, place.path) },
            "properties": { "severity": show::severity(finding.severity), "confidence": confidence(finding.confidence) },
        })
    }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info | Severity::Low => "note",
        Severity::Medium => "warning",
        Severity::High | Severity::Critical => "error",
    }
}

const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}

fn uri(path: &str) -> String {
    percent_encoding::utf8_percent_encode(path, PATH).to_string()
}
