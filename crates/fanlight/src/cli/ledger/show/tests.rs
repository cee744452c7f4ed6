use fanlight_api::ledger::Opened;
use serde_json::value::RawValue;

use super::*;

fn line(index: u64, text: &str, opened: Option<Opened>) -> Line {
    match RawValue::from_string(text.to_owned()) {
        Ok(record) => Line { index, record: Some(record), opened, text: None },
        Err(_) => Line { index, record: None, opened, text: Some(text.to_owned()) },
    }
}

#[test]
fn records_as_a_person_sees_them() {
    let record = |who: &str, action: &str, on: &str, decision: &str| {
        format!(
            r#"{{"v":1,"time":"2026-11-22T10:00:00.000Z","who":{who},"action":"{action}","on":{{"kind":"x","id":"{on}"}},"decision":{decision}}}"#
        )
    };
    let allow = r#"{"outcome":"allow","policies":["packages-allowed"]}"#;
    let hold = r#"{"outcome":"hold","policies":["wait-and-see"],"reason":"demo 2.0 was published 2 hours ago"}"#;
    let asha = r#"{"kind":"person","id":"prs_0123456789abcdef","strength":"device-token"}"#;
    let named = Opened { person: Some("asha".to_owned()), machine: Some("laptop-7".to_owned()), address: None };
    let lines = [
        line(7, &record(asha, "packages:fetch-file", "pkg:pypi/demo@1.0", allow), Some(named)),
        line(8, &record(asha, "packages:fetch-file", "pkg:pypi/demo@2.0", hold), None),
        line(9, &record(r#"{"kind":"unidentified"}"#, "packages:read-index", "pkg:pypi/demo", allow), None),
        line(10, r#"{"of":"a later version"}"#, None),
        line(11, "no JSON\u{1b}[2J", None),
    ];
    insta::assert_snapshot!(crate::cli::tests::shown(|screen| {
        write(screen, &lines).map_err(|failure| std::io::Error::other(failure.words()))
    }));
}
