//! Scans archives and prints what was found: `cargo run -p fanlight-scan --example scan -- [--json] PATH...`

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::fs::File;
use std::process::ExitCode;
use std::time::Instant;

use fanlight_scan::{Report, RuleSet, Verdict, scan};

fn main() -> ExitCode {
    let (options, paths): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let rules = RuleSet::default();
    let mut worst = Verdict::NothingFound;
    let mut archives = Vec::new();
    for path in &paths {
        let name = path.rsplit('/').next().unwrap_or(path);
        let (start, before) = (Instant::now(), processor_time());
        let report = match File::open(path).map(|mut file| scan(&mut file, name, &rules)) {
            Ok(Ok(report)) => report,
            Ok(Err(error)) => {
                eprintln!("error: {error}");
                return ExitCode::from(3);
            }
            Err(error) => {
                eprintln!("error: {path}: {error}");
                return ExitCode::from(3);
            }
        };
        let (time, processor) = (start.elapsed(), processor_time() - before);
        worst = worst.max(report.verdict);
        if options.iter().any(|option| option == "--json") {
            archives.push(serde_json::json!({
                "path": path, "milliseconds": time.as_secs_f64() * 1e3, "processor_milliseconds": processor, "report": report,
            }));
        } else {
            print(&report);
            let megabytes = |bytes: u64| bytes as f64 / 1e6;
            println!(
                "  {:.1} MB, {:.1} MB unpacked, in {time:.1?}, {processor:.1} ms of the processor\n",
                megabytes(report.counts.bytes),
                megabytes(report.counts.unpacked)
            );
        }
    }
    if options.iter().any(|option| option == "--json") {
        println!("{}", serde_json::json!({ "rules": rules.version(), "archives": archives }));
    }
    ExitCode::from(u8::from(worst == Verdict::Unsafe))
}

/// Milliseconds that processors have worked for this process, all its threads together; on a busy machine more have passed.
fn processor_time() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

fn print(report: &Report) {
    println!("{}: {:?}, score {}", report.name, report.verdict, report.score);
    for limit in &report.limits {
        println!("  not wholly looked at: {} ({}) at {}", limit.limit, limit.value, limit.path);
    }
    for finding in &report.findings {
        let line = finding.place.line.map_or(String::new(), |line| format!(":{line}"));
        println!("  {:?}/{:?} {} {}{line}", finding.severity, finding.confidence, finding.rule, finding.place.path);
        println!("      {}\n      {}", finding.evidence, finding.words);
    }
    println!("  abilities: {:?}", report.abilities);
    println!(
        "  {} entries, {} syntax trees, {} findings not listed",
        report.counts.entries, report.counts.trees, report.counts.unlisted
    );
}
