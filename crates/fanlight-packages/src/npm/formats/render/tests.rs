use bytes::Bytes;
use serde_json::{Value, json};

use super::super::name::Name;
use super::*;

const FULL: Form = Form { shape: Shape::Full, manner: Manner::Restricted };
const BASE: &str = "http://127.0.0.1:7070/npm/";

fn page(tags: &Value, versions: &[&str]) -> Packument {
    let versions: serde_json::Map<String, Value> = versions
        .iter()
        .map(|version| {
            let manifest = json!({
                "name": "@acme/tool", "version": version, "readme": "long", "dependencies": {"a": "1"},
                "scripts": {"postinstall": "node x"}, "engines": {"node": ">=18"},
                "dist": {
                    "tarball": format!("http://upstream.example/-/tool-{version}.tgz"), "integrity": "sha512-x",
                    "signatures": [{"sig": "s"}],
                    "attestations": {"url": "http://upstream.example/x", "provenance": {"predicateType": "p"}},
                },
            });
            ((*version).to_owned(), manifest)
        })
        .collect();
    let page = json!({
        "_id": "@acme/tool", "name": "@acme/tool", "dist-tags": tags, "versions": versions, "readme": "# long",
        "time": {"modified": "2026-01-01T00:00:00Z", "1.0.0": "2025-01-01T00:00:00Z"},
        "policyRestrictions": {"message": "not ours", "versions": {}},
    });
    Packument::parse(&Name::parse("@acme/tool").unwrap(), Bytes::from(page.to_string())).unwrap()
}

fn rendered(packument: &Packument, held: &[&str], shape: Shape) -> Value {
    rendered_as(packument, held, Form { shape, manner: Manner::Restricted })
}

fn rendered_as(packument: &Packument, held: &[&str], form: Form) -> Value {
    let verdicts: Vec<Verdict> = packument
        .releases
        .iter()
        .map(|release| match held.contains(&&*release.version) {
            true => Verdict::Withheld { reason: format!("{} is held.", release.version).into() },
            false => Verdict::Shown,
        })
        .collect();
    let text = super::packument(packument, &verdicts, form, BASE);
    let page: Value = serde_json::from_str(&text).unwrap();
    if form.manner == Manner::Restricted {
        assert_eq!(page["dist-tags"].to_string(), tags_alone(packument, &verdicts));
    }
    page
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn archives_and_attestations_lead_through_the_door_and_the_rest_stays() {
    let packument = page(&json!({"latest": "1.0.0"}), &["1.0.0"]);
    let full = rendered(&packument, &[], Shape::Full);
    assert_eq!(full["readme"], "# long");
    assert_eq!(full.get("policyRestrictions"), None);
    let release = &full["versions"]["1.0.0"];
    assert_eq!(release["readme"], "long");
    assert_eq!(
        release["dist"],
        json!({
            "integrity": "sha512-x",
            "signatures": [{"sig": "s"}],
            "attestations": {
                "url": "http://127.0.0.1:7070/npm/-/npm/v1/attestations/@acme%2ftool@1.0.0",
                "provenance": {"predicateType": "p"},
            },
            "tarball": "http://127.0.0.1:7070/npm/@acme/tool/-/tool-1.0.0.tgz",
        })
    );
}

#[test]
fn the_abbreviated_form_has_what_an_install_needs_and_the_times() {
    let short = rendered(&page(&json!({"latest": "1.0.0"}), &["1.0.0"]), &[], Shape::Abbreviated);
    let mut members = keys(&short);
    members.sort_unstable();
    assert_eq!(members, ["dist-tags", "modified", "name", "time", "versions"]);
    assert_eq!(short["time"]["1.0.0"], "2025-01-01T00:00:00Z");
    let mut release = keys(&short["versions"]["1.0.0"]);
    release.sort_unstable();
    assert_eq!(release, ["dependencies", "dist", "engines", "hasInstallScript", "name", "version"]);
    assert_eq!(short["versions"]["1.0.0"]["hasInstallScript"], true);
}

#[test]
fn what_is_withheld_moves_to_the_restrictions_with_its_reason() {
    let packument = page(&json!({"latest": "2.0.0", "next": "2.0.0", "old": "1.0.0"}), &["1.0.0", "1.1.0", "2.0.0"]);
    let short = rendered(&packument, &["2.0.0"], Shape::Abbreviated);
    assert_eq!(keys(&short["versions"]), ["1.0.0", "1.1.0"]);
    assert_eq!(short["dist-tags"], json!({"latest": "1.1.0", "old": "1.0.0"}));
    assert_eq!(
        short["policyRestrictions"],
        json!({
            "message": "2.0.0 is held.",
            "versions": {"2.0.0": {"name": "@acme/tool", "version": "2.0.0", "engines": {"node": ">=18"}}},
        })
    );
}

#[test]
fn latest_moves_down_and_never_up() {
    let versions = ["1.0.0", "2.0.0-rc.1", "2.0.0", "3.0.0", "loose"];
    let packument = page(&json!({"latest": "2.0.0"}), &versions);
    assert_eq!(rendered(&packument, &["2.0.0"], Shape::Full)["dist-tags"], json!({"latest": "1.0.0"}));
    assert_eq!(rendered(&packument, &["1.0.0", "2.0.0"], Shape::Full)["dist-tags"], json!({"latest": "2.0.0-rc.1"}));
    assert_eq!(rendered(&packument, &versions, Shape::Full)["dist-tags"], json!({}));
    // A tag that leads nowhere is no promise to keep.
    let astray = page(&json!({"latest": "9.0.0", "beta": "8.0.0"}), &["1.0.0"]);
    assert_eq!(rendered(&astray, &[], Shape::Full)["dist-tags"], json!({"latest": "1.0.0"}));
}

#[test]
fn of_many_withheld_the_message_tells_the_newest() {
    let versions: Vec<String> = (0..12).map(|n| format!("1.{n}.0")).collect();
    let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
    let packument = page(&json!({"latest": "1.11.0"}), &versions);
    let message = rendered(&packument, &versions[2..], Shape::Full)["policyRestrictions"]["message"].clone();
    insta::assert_snapshot!(message.as_str().unwrap(), @"
    1.11.0 is held.
    1.10.0 is held.
    1.9.0 is held.
    1.8.0 is held.
    1.7.0 is held.
    and 5 more; details: fanlight why pkg:npm/%40acme/tool
    ");
}

#[test]
fn to_who_knows_no_restrictions_what_is_withheld_is_deprecated_with_its_reason() {
    let packument = page(&json!({"latest": "2.0.0", "next": "2.0.0"}), &["1.0.0", "2.0.0"]);
    let form = Form { shape: Shape::Abbreviated, manner: Manner::Deprecated };
    let short = rendered_as(&packument, &["2.0.0"], form);
    assert_eq!(keys(&short["versions"]), ["1.0.0", "2.0.0"]);
    assert_eq!(short["versions"]["2.0.0"]["deprecated"], "2.0.0 is held.");
    assert_eq!(short["versions"]["1.0.0"].get("deprecated"), None);
    assert_eq!(short["dist-tags"], json!({"latest": "1.0.0", "next": "2.0.0"}), "a tag of one's own is a pin");
    assert_eq!(short.get("policyRestrictions"), None);
    // Where nothing may be had, whoever asks is led to the reason.
    let nothing = rendered_as(&packument, &["1.0.0", "2.0.0"], form);
    assert_eq!(nothing["dist-tags"]["latest"], "2.0.0");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let packument = page(&json!({"latest": "2.0.0"}), &["1.0.0", "2.0.0"]);
    let verdicts = [Verdict::Shown, Verdict::Withheld { reason: "held".into() }];
    let once = super::packument(&packument, &verdicts, FULL, BASE);
    assert_eq!(once, super::packument(&packument, &verdicts, FULL, BASE));
}
