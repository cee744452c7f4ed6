//! The admin API holds what its own document says, as Schemathesis sees it: a program that reads the document and tries
//! what fits it and what does not.

use std::time::Duration;

use fanlight_testkit::clients::python_tools;
use fanlight_testkit::{Release, Run, State, Upstream, get};

/// One version, so that a new check of theirs is a change of ours and not a surprise.
const WANTED: &[&str] = &["schemathesis==4.32.5"];
/// They write and replace files wherever on the machine they are told to: not with names made up by chance.
const LEFT_OUT: &str = "^(backup|restore)$";
/// A key and the notes signed with it are only good together, which no schema can say.
const MORE: &str = r#"
[[operations]]
include-name = "POST /v1/reviews/import"
checks.positive_data_acceptance.expected-statuses = ["2xx", "403", "422"]
"#;

#[test]
fn the_admin_api_is_as_its_document_says() {
    let Some(tools) = python_tools("schemathesis", WANTED) else { return };
    let upstream =
        Upstream::with([Release::new("requests", "2.32.0"), Release::new("requests", "3.0").seconds_old(3600)]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let mut document = get(&format!("{}/v1/openapi.json", node.url())).is(200).json();
    assert_eq!(document["openapi"], "3.1.0");
    // Who follows the ledger is answered until they leave, and Schemathesis never does.
    let asked = document.pointer_mut("/components/schemas/RecordsAsk/properties").expect("what is asked of the ledger");
    assert!(asked.as_object_mut().expect("members").remove("follow").is_some());
    let operator = std::fs::read_to_string(state.path().join("run/operator.token")).expect("the operator's token");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("openapi.json"), document.to_string()).expect("the document");
    std::fs::write(folder.path().join("schemathesis.toml"), MORE).expect("its settings");
    let tried = Run::new(tools.join("bin/st"))
        .at_home(folder.path())
        .folder(folder.path())
        .args(["run", "openapi.json", "--url", node.url()])
        .args(["--header", &format!("Authorization: Bearer {}", operator.trim())])
        .args(["--checks", "all", "--exclude-operation-id-regex", LEFT_OUT])
        .args(["--max-examples", "10", "--seed", "7", "--continue-on-failure", "--no-color"])
        .limit(Duration::from_secs(300))
        .output();
    assert_eq!(tried.code, Some(0), "{}", tried.words());
    assert!(tried.stdout.contains("Coverage") && tried.stdout.contains("Stateful"), "{}", tried.words());
    node.is_healthy();
}
