//! The admin API holds what its own document says, as Schemathesis sees it: a program that reads the document and tries
//! what fits it and what does not.

use std::time::Duration;

use fanlight_testkit::clients::python_tools;
use fanlight_testkit::{Release, Run, State, Upstream, get};

/// One version, so that a new check of theirs is a change of ours and not a surprise.
const WANTED: &[&str] = &["schemathesis==4.32.5"];
/// They write and replace files wherever on the machine they are told to: not with names made up by chance.
const LEFT_OUT: &str = "^(backup|restore)$";
/// A key and the notes signed with it are only good together, a list of people needs its heading, a public key is one or is not, and the
/// names of files are there once each, which no schema can say.
const MORE: &str = r#"
[[operations]]
include-name = "POST /v1/reviews/import"
checks.positive_data_acceptance.expected-statuses = ["2xx", "403", "409", "422"]
[[operations]]
include-name = "POST /v1/keys"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "403", "404", "409"]
[[operations]]
include-name = ["POST /v1/people/import", "POST /v1/people/import/preview"]
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "403", "409", "422"]
[[operations]]
include-name = ["POST /v1/policy-check", "POST /v1/policy-explain", "POST /v1/policy-proposals", "POST /v1/policies/simulate"]
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "404", "409", "422", "429"]
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
    // Who follows the ledger or listens for events is answered until they leave, and Schemathesis never does.
    let asked = document.pointer_mut("/components/schemas/RecordsAsk/properties").expect("what is asked of the ledger");
    assert!(asked.as_object_mut().expect("members").remove("follow").is_some());
    let listening =
        document.pointer_mut("/paths/~1v1~1events/get").expect("listening").as_object_mut().expect("members");
    assert!(listening.remove("parameters").is_some());
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

/// Names as they are, odd ones among them, and whether it is a release.
const THINGS: [(&str, bool); 14] = [
    ("pkg:pypi/requests", false),
    ("pkg:pypi/torch@2.1.0%2Bcpu", true),
    ("pkg:pypi/x@1%212.0", true),
    ("pkg:pypi/zope.interface@7.0", true),
    ("pkg:npm/chart.js", false),
    ("pkg:npm/socket.io@4.7.0", true),
    ("pkg:npm/JSONStream@1.3.5", true),
    ("pkg:npm/%40acme/tool@1.0.0-beta.1", true),
    ("pkg:npm/%40types/node", false),
    ("pkg:npm/-@0.0.1", true),
    ("pkg:cargo/serde@1.0.0", true),
    ("pkg:cargo/libgit2-sys@0.16.2%2B1.7.2", true),
    ("pkg:cargo/tokio-util", false),
    ("pkg:cargo/Inflector@0.11.4", true),
];

#[test]
fn what_the_node_takes_fits_the_document() {
    let upstream = Upstream::start();
    let state = State::before(&upstream, "");
    let node = state.start();
    let document = get(&format!("{}/v1/openapi.json", node.url())).is(200).json();
    let schema =
        |of: &str| document.pointer(&format!("/components/schemas/{of}/properties/purl")).expect("a schema").clone();
    let who = document.pointer("/paths/~1v1~1who/get/parameters/0/schema").expect("a schema").clone();
    let fits = |schema: &serde_json::Value, text: &str| jsonschema::is_valid(schema, &text.into());
    let (thing, release) = (schema("QuarantineAsk"), schema("ReviewAsk"));
    for (text, is_release) in THINGS {
        state.cli(&["quarantine", text, "--because", "a test of names"]).ok();
        assert!(fits(&thing, text) && fits(&who, text), "{text}");
        assert_eq!(fits(&release, text), is_release, "{text}");
    }
    for advisory in ["GHSA-9w6g-w8r4-7mq8", "CVE-2026-1234", "PYSEC-2026-1", "RUSTSEC-2026-0001"] {
        assert!(fits(&who, advisory) && !fits(&thing, advisory), "{advisory}");
    }
    for none in ["", "pkg:", "pkg:pypi/", "pkg:gem/rails", "pkg:pypi/a b", "pkg:npm/@acme/tool", "pkg:pypi/a@"] {
        assert!(!fits(&thing, none) && !fits(&who, none), "{none:?}");
    }
}
