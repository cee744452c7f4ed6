//! Measures a replay of 100,000 recorded attempts against the built-in policies and 40 more.
//!
//! `cargo run --release -p fanlight-policy --example simulate-bench`. To reach: 5 s for 100,000 records, reading them
//! left out.
#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::fmt::Write as _;
use std::time::Instant;

use fanlight_policy::Pack;
use fanlight_policy::simulate::Simulation;

const RECORDS: u64 = 100_000;

fn main() {
    let mut text = String::new();
    for n in 0..40 {
        let _ = writeln!(
            text,
            "@id(\"own-{n}\") @reason(\"no\") forbid (principal, action in Fanlight::Action::\"packages:fetch\", resource)
             when {{ context.project == \"project-{n}\" && context.age_minutes < {n}000 }};"
        );
    }
    let pack = match Pack::of_texts([("company.cedar", text.as_str())], &[]) {
        Ok(pack) => pack,
        Err(faults) => {
            faults.iter().for_each(|fault| println!("{fault}"));
            return;
        }
    };
    let records: Vec<String> = (0..RECORDS).map(record).collect();
    let bytes: usize = records.iter().map(String::len).sum();
    let began = Instant::now();
    let mut simulation = Simulation::new(pack);
    for (index, record) in (0..).zip(&records) {
        simulation.replay(index, record);
    }
    let report = simulation.report();
    let took = began.elapsed();
    println!(
        "{} records of {} bytes replayed in {took:.2?}: {} judged, {} otherwise",
        report.records,
        bytes / records.len(),
        report.judged,
        report.otherwise
    );
}

/// No two are alike to any policy, so that none is answered from memory.
fn record(number: u64) -> String {
    let (project, age) = (number % 500, 10_000 + number);
    format!(
        r#"{{"v":1,"time":"2026-11-22T10:00:00.000Z","node":"fanlight/0123456789abcdef","request":"{number:016x}","action":"packages:fetch-file","who":{{"kind":"person","id":"prs_{:016}","device":"dev_0123456789abcdef","strength":"device-token","sealed":{{"key":"prs_0123456789abcdef/2026-11","data":"{}"}}}},"on":{{"kind":"Release","id":"pkg:pypi/project-{project}@1.0"}},"facts":{{"ecosystem":"pypi","project":"project-{project}","release":"pkg:pypi/project-{project}@1.0","version":"1.0","file":"project_{project}-1.0-py3-none-any.whl","age_minutes":{age},"cooldown_minutes":10080,"counted_from":"published","publish_time":"stated","available_at":"2026-11-29T10:00:00.000Z","upstream_state":"fresh","yanked":false,"project_status":"active","file_name_parsed":true,"hash":"sha256","digest":"sha256:{number:064x}","strength":"device-token"}},"decision":{{"outcome":"allow","policies":["packages-allowed"]}},"epoch":{{"number":1,"digest":"0123456789abcdef"}}}}"#,
        number % 300,
        "A".repeat(160)
    )
}
