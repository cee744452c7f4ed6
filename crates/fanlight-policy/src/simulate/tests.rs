//! Replays by example.

use super::*;

const COMPANY: &str = r#"
@id("no-demo") @outcome("deny") @reason("{project} is not used here")
forbid (principal, action in Fanlight::Action::"packages:fetch", resource in Fanlight::Project::"pkg:pypi/demo");
"#;

fn pack(text: &str, disabled: &[&str]) -> Pack {
    let disabled: Vec<String> = disabled.iter().map(|id| (*id).to_owned()).collect();
    Pack::of_texts([("company.cedar", text)], &disabled).unwrap()
}

fn record(age: i64, decision: &str) -> String {
    format!(
        r#"{{"v":1,"time":"2026-11-22T10:00:00.000Z","node":"fanlight/0123456789abcdef","request":"00000000000000ff",
        "action":"packages:fetch-file","who":{{"kind":"person","id":"prs_0123456789abcdef","strength":"device-token"}},
        "on":{{"kind":"Release","id":"pkg:pypi/demo@2.0"}},
        "facts":{{"ecosystem":"pypi","project":"demo","release":"pkg:pypi/demo@2.0","version":"2.0","file":"demo.whl",
        "age_minutes":{age},"cooldown_minutes":10080,"counted_from":"published","publish_time":"stated",
        "available_at":"2026-11-29T10:00:00.000Z","upstream_state":"fresh","yanked":false,"project_status":"active",
        "file_name_parsed":true,"hash":"sha256","strength":"device-token"}},
        "decision":{decision},"epoch":{{"number":1,"digest":"0123456789abcdef"}}}}"#
    )
}

const ALLOW: &str = r#"{"outcome":"allow","policies":["packages-allowed"]}"#;
const HOLD: &str = r#"{"outcome":"hold","policies":["wait-and-see"],"reason":"new releases wait"}"#;

fn replayed(pack: Pack, records: &[String]) -> Report {
    let mut simulation = Simulation::new(pack);
    for (index, record) in (0..).zip(records) {
        simulation.replay(index, record);
    }
    simulation.report()
}

#[test]
fn what_is_decided_as_before_is_no_change() {
    let report = replayed(Pack::built_in(), &[record(20_000, ALLOW), record(60, HOLD)]);
    assert_eq!((report.records, report.judged, report.otherwise), (2, 2, 0));
    assert!(report.changes.is_empty() && report.not_judged.is_empty(), "{report:?}");
}

#[test]
fn what_would_be_decided_otherwise_is_counted_and_told_with_both_sides() {
    let records = [record(20_000, ALLOW), record(30_000, ALLOW), record(60, HOLD)];
    let report = replayed(pack(COMPANY, &[]), &records);
    assert_eq!(report.otherwise, 3);
    assert_eq!(
        report.changed.iter().map(|(how, n)| (*how, *n)).collect::<Vec<_>>(),
        [("allow -> deny", 2), ("hold -> deny", 1)]
    );
    // Two attempts of one person at one thing are one line.
    assert_eq!(report.changes.len(), 2);
    let change = report.changes.iter().find(|change| change.times == 2).expect("both");
    assert_eq!((change.index, &*change.on, &*change.who), (1, "pkg:pypi/demo@2.0", "prs_0123456789abcdef"));
    assert_eq!((&*change.before.policies[0], &*change.after.policies[0]), ("packages-allowed", "no-demo"));
    assert_eq!(change.after.reason.as_deref(), Some("demo is not used here"));
    let report = replayed(pack("", &["wait-and-see"]), &records);
    assert_eq!(report.changed.iter().map(|(how, n)| (*how, *n)).collect::<Vec<_>>(), [("hold -> allow", 1)]);
}

#[test]
fn the_same_outcome_by_other_policies_is_counted_apart() {
    let hold = r#"@id("wait-longer") @outcome("hold") @reason("x") forbid (principal,
        action in Fanlight::Action::"packages:fetch", resource) when { context.age_minutes < 9000000 };"#;
    let report = replayed(pack(hold, &["wait-and-see"]), &[record(60, HOLD)]);
    assert_eq!((report.otherwise, report.by_other_policies), (0, 1));
}

#[test]
fn an_exception_that_let_it_pass_is_taken_to_hold() {
    let excepted =
        r#"{"outcome":"allow","policies":["packages-allowed"],"excepted":{"by":["exc_1"],"lifted":["wait-and-see"]}}"#;
    let report = replayed(Pack::built_in(), &[record(60, excepted)]);
    assert_eq!((report.otherwise, report.excepted), (0, 1));
    assert_eq!(replayed(pack(COMPANY, &[]), &[record(60, excepted)]).otherwise, 1);
}

#[test]
fn what_a_record_does_not_hold_is_told_and_not_guessed() {
    let looks = r#"@id("no-stale") @reason("x") forbid (principal, action in Fanlight::Action::"packages:fetch", resource)
        when { context has yanked_reason && context.yanked_reason == "theft" };"#;
    let without = record(20_000, ALLOW).replace("\"hash\":\"sha256\",", "");
    let report = replayed(pack(looks, &[]), &[record(20_000, ALLOW), without]);
    assert_eq!(report.judged, 1);
    assert_eq!(
        report.not_judged.keys().next().map(String::as_str),
        Some("records of packages:fetch-file have no fact hash yet")
    );
    let lacking = report.lacking.iter().find(|lacking| lacking.fact == "yanked_reason").expect("the fact");
    assert_eq!((lacking.records, lacking.of, &*lacking.policies[0]), (1, 1, "no-stale"));
}

#[test]
fn events_and_what_the_gate_turned_away_are_no_attempts() {
    let event = record(60, r#"{"outcome":"allow","policies":[]}"#);
    let gate = record(60, r#"{"outcome":"deny","policies":["no-token"],"reason":"x"}"#)
        .replace("packages:fetch-file", "gate:enter");
    let report = replayed(pack(COMPANY, &[]), &[event, gate, "no record".to_owned()]);
    assert_eq!((report.records, report.judged, report.not_judged.len()), (3, 0, 1));
}

#[test]
fn what_people_did_is_judged_by_what_they_were_in() {
    let asks = |what: &str| {
        let text = format!(
            "@id(\"x\") @outcome(\"deny\") @reason(\"no\") forbid (principal in Fanlight::{what}, \
             action in Fanlight::Action::\"packages:fetch\", resource);"
        );
        let who = r#"{"kind":"person","id":"prs_0123456789abcdef","strength":"device-token"}"#;
        let nobody = record(20_000, ALLOW).replace(who, r#"{"kind":"unidentified","strength":"none"}"#);
        let member = record(20_000, ALLOW).replace(who, &format!(r#"{who},"within":["group:finance","role:mentor"]"#));
        let report = replayed(pack(&text, &[]), &[record(20_000, ALLOW), nobody, member]);
        (report.judged, report.otherwise)
    };
    assert_eq!(asks("Group::\"finance\""), (3, 1));
    assert_eq!(asks("Role::\"mentor\""), (3, 1));
    assert_eq!(asks("Role::\"steward\""), (3, 0));
    assert_eq!(asks("Role::\"builder\""), (3, 2), "every person is a builder");
}
