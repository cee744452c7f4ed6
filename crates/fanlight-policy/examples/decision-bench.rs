//! Measures one decision with 50 policies, 25 of them about the action asked: afresh, and remembered.
//!
//! `cargo run --release -p fanlight-policy --example decision-bench`. To reach: 20 us at the median afresh, 1 us
//! remembered.
#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use fanlight_base::{Action, Attempt, Facts, PersonId, Principal, Resource, Timestamp};
use fanlight_policy::{Guard, Pack, Snapshot};

const FETCH: Action = Action::new("packages:fetch-file");
/// Decisions timed together, so that reading the clock does not count.
const BATCH: usize = 20;
const BATCHES: usize = 2_000;

fn main() {
    let start = Instant::now();
    drop(black_box(Pack::built_in()));
    println!("built-in pack, schema read: {:?}", start.elapsed());
    for projects in [false, true] {
        let start = Instant::now();
        let pack = match Pack::of_texts([("company.cedar", company(projects).as_str())], &[]) {
            Ok(pack) => pack,
            Err(faults) => {
                faults.iter().for_each(|fault| println!("{fault}"));
                return;
            }
        };
        let here = pack.policies().iter().filter(|policy| policy.actions.contains(&FETCH.as_str())).count();
        println!(
            "{} policies, {here} of them about {FETCH}, loaded in {:?}{}",
            pack.policies().len(),
            start.elapsed(),
            if projects { ", some looking at the projects a release is in" } else { "" }
        );
        measure(&Guard::new(pack).snapshot());
    }
}

fn measure(snapshot: &Snapshot) {
    let attempts: Vec<(Resource, Facts)> = (0..BATCH).map(attempt).collect();
    let principal = Principal::Person { id: PersonId::new("prs_abcdefghijklmnop"), device: None };
    let asked: Vec<Attempt<'_>> = attempts
        .iter()
        .map(|(resource, facts)| Attempt { principal: &principal, action: FETCH, resource, facts })
        .collect();
    report("afresh", || asked.iter().for_each(|attempt| drop(black_box(snapshot.decide_afresh(attempt)))));
    report("remembered", || asked.iter().for_each(|attempt| drop(black_box(snapshot.decide(attempt)))));
}

fn report(name: &str, mut batch: impl FnMut()) {
    batch();
    let mut times: Vec<Duration> = (0..BATCHES)
        .map(|_| {
            let start = Instant::now();
            batch();
            start.elapsed() / u32::try_from(BATCH).unwrap_or(1)
        })
        .collect();
    times.sort();
    println!("  {name}: median {:?}, 99th of 100 {:?}", times[BATCHES / 2], times[BATCHES * 99 / 100]);
}

/// Twenty different releases, one in four still waiting.
fn attempt(number: usize) -> (Resource, Facts) {
    let release = format!("pkg:pypi/project-{number}@1.{number}");
    let age = if number.is_multiple_of(4) { 4_000 } else { 50_000 };
    let facts = Facts::new()
        .with("strength", "device-token")
        .with("ecosystem", "pypi")
        .with("project", format!("project-{number}").as_str())
        .with("release", release.as_str())
        .with("version", format!("1.{number}").as_str())
        .with("file", format!("project_{number}-1.{number}-py3-none-any.whl").as_str())
        .with("age_minutes", age)
        .with("cooldown_minutes", 10_080)
        .with("counted_from", "published")
        .with("publish_time", "stated")
        .with("available_at", Timestamp::UNIX_EPOCH)
        .with("yanked", false)
        .with("project_status", "active")
        .with("file_name_parsed", true)
        .with("hash", "sha256")
        .with("instead", "1.0");
    (Resource::new("Release", release), facts)
}

/// 42 policies beside the built-in eight: 19 for files (six of the built-in ones are), 23 for the console.
fn company(projects: bool) -> String {
    let mut text = String::new();
    for n in 0..19 {
        let (head, condition) = match n % 4 {
            0 if projects => (format!("resource in Fanlight::Project::\"pkg:pypi/bad-{n}\""), "true".to_owned()),
            0 => ("resource".into(), format!("context.project == \"bad-{n}\"")),
            1 => ("resource".into(), format!("context.project like \"internal-{n}-*\"")),
            2 => ("resource".into(), format!("context.strength == \"none\" && context.age_minutes < {n}000")),
            _ => ("resource".into(), format!("context.yanked && context.project_status == \"archived-{n}\"")),
        };
        let _ = writeln!(
            text,
            "@id(\"own-{n}\") @outcome(\"deny\") @reason(\"{{release}} is not wanted here\")
             forbid (principal, action == Fanlight::Action::\"packages:fetch-file\", {head}) when {{ {condition} }};"
        );
    }
    for n in 0..23 {
        let _ = writeln!(
            text,
            "@id(\"console-{n}\") forbid (principal, action in Fanlight::Action::\"console\", resource)
             when {{ context.strength == \"way-{n}\" }};"
        );
    }
    text
}
