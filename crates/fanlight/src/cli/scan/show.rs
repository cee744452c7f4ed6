//! What was found, for people and as one JSON document.

use std::io;
use std::time::Duration;

use fanlight_scan::{Finding, Report, Severity, Verdict};
use serde_json::{Value, json};

use super::Looked;
use crate::cli::screen::{Screen, Tone, visible};
use crate::cli::table::{Cell, Table};
use crate::cli::thing::count;

/// Findings of one archive that are shown; the JSON has all.
const SHOWN: usize = 20;

/// The answer for programs.
pub(super) fn document(rules: &str, looked: &[Looked]) -> Value {
    let archives: Vec<_> = looked
        .iter()
        .map(|one| match &one.report {
            Ok(report) => json!({ "path": one.path, "milliseconds": one.milliseconds, "report": report }),
            Err(failure) => json!({ "path": one.path, "error": failure.words() }),
        })
        .collect();
    json!({ "rules": rules, "archives": archives })
}

/// The answer for people. What is only worth knowing is left out unless `all` is asked for.
pub(super) fn people(screen: &mut Screen, looked: &[Looked], all: bool, took: Duration) -> io::Result<()> {
    let least = if all { Severity::Info } else { Severity::Low };
    for one in looked {
        let Ok(report) = &one.report else { continue };
        let findings: Vec<_> = report.findings.iter().filter(|finding| finding.severity >= least).collect();
        // Of many archives, those where nothing was found are counted at the end.
        if looked.len() > 1 && findings.is_empty() && report.is_whole() {
            continue;
        }
        archive(screen, &one.path, report, &findings)?;
    }
    let reports: Vec<_> = looked.iter().filter_map(|one| one.report.as_ref().ok()).collect();
    let of = |verdict: Verdict| reports.iter().filter(|report| report.verdict == verdict).count() as u64;
    let bytes: u64 = reports.iter().map(|report| report.counts.bytes).sum();
    let said = format!(
        "{} ({}) in {took:.1?}: {} unsafe, {} to be looked at, {} with nothing found. No scan can say that something is safe.",
        count(reports.len() as u64, "archive"),
        crate::cli::thing::bytes(bytes),
        of(Verdict::Unsafe),
        of(Verdict::NeedsCare),
        of(Verdict::NothingFound),
    );
    screen.line(&said)
}

fn archive(screen: &mut Screen, path: &str, report: &Report, findings: &[&Finding]) -> io::Result<()> {
    let (word, tone) = match report.verdict {
        Verdict::Unsafe => ("unsafe", Tone::Bad),
        Verdict::NeedsCare => ("look at it before it is used", Tone::Wait),
        Verdict::NothingFound => ("nothing found", Tone::Good),
    };
    let head = format!("{}: {}", screen.tone(&visible(path), Tone::Bold), screen.tone(word, tone));
    screen.line(&head)?;
    let mut table = Table::new(["severity", "sure", "rule", "where", "what"]);
    for finding in findings.iter().take(SHOWN) {
        let line = finding.place.line.map_or_else(String::new, |line| format!(":{line}"));
        table.row([
            Cell::toned(severity(finding.severity), tone_of(finding.severity)),
            Cell::from(format!("{:?}", finding.confidence).to_lowercase()),
            Cell::from(&finding.rule),
            Cell::from(format!("{}{line}", finding.place.path)),
            Cell::from(&finding.title),
        ]);
    }
    if !table.is_empty() {
        table.write(screen)?;
    }
    if let Some(gravest) = findings.first() {
        screen.line("")?;
        screen.line(&visible(&format!("  {}", gravest.words)))?;
        if !gravest.evidence.is_empty() {
            let evidence = screen.tone(&visible(&format!("  {}", gravest.evidence)), Tone::Faint);
            screen.line(&evidence)?;
        }
    }
    let more = findings.len().saturating_sub(SHOWN) + report.counts.unlisted;
    if more > 0 {
        screen.line(&format!("  and {}; --json lists them", count(more as u64, "further finding")))?;
    }
    for limit in report.limits.iter().take(3) {
        let said = format!("  not wholly looked at: {} ({}) {}", limit.limit, limit.value, limit.path);
        screen.line(&visible(&said))?;
    }
    screen.line("")
}

pub(super) const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

const fn tone_of(severity: Severity) -> Tone {
    match severity {
        Severity::Info | Severity::Low => Tone::Faint,
        Severity::Medium => Tone::Wait,
        Severity::High | Severity::Critical => Tone::Bad,
    }
}
