use proptest::prelude::*;

use super::*;
use crate::ecosystem::Ecosystem;

fn reading() -> Arc<Reading> {
    Arc::new(Reading { source: "vendor".into(), at: "2026-06-01T00:00:00Z".parse().unwrap() })
}

fn read(json: &str) -> Result<Document, VexError> {
    Document::read(json.as_bytes(), &reading())
}

fn refusal(json: &str) -> String {
    read(json).unwrap_err().to_string()
}

/// Statements as one line each.
fn said(document: &Document) -> Vec<String> {
    let line = |statement: &Statement| {
        let version = statement.version().map_or("*".to_owned(), ToString::to_string);
        let why = statement.justification.map(Justification::as_str).or(statement.reason.as_deref()).unwrap_or("-");
        let flaws = statement.flaws.join("+");
        format!("{} {version} {flaws} {:?} {why} {}", statement.package, statement.status, statement.at)
    };
    document.statements.iter().map(line).collect()
}

fn openvex(statements: &str) -> String {
    format!(
        r#"{{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://vendor.example/vex/1", "author": "Vendor",
            "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": [{statements}]}}"#
    )
}

#[test]
fn openvex_is_read_with_what_it_inherits() {
    let document = read(&openvex(
        r#"{"vulnerability": {"name": "CVE-1", "aliases": ["GHSA-1", "not an id"]},
            "products": [{"@id": "pkg:pypi/Django@3.2"}, {"@id": "https://vendor.example/b", "identifiers": {"purl": "pkg:npm/%40a/b"}}],
            "status": "not_affected", "justification": "component_not_present", "impact_statement": "never called"},
           {"vulnerability": {"name": "CVE-2"}, "timestamp": "2026-02-02T00:00:00Z",
            "products": [{"@id": "pkg:cargo/time@0.1.0", "subcomponents": [{"@id": "pkg:cargo/libc"}]}],
            "status": "affected", "action_statement": "update"}"#,
    ));
    let document = document.unwrap();
    assert_eq!((&*document.id, &*document.author), ("https://vendor.example/vex/1", "Vendor"));
    assert_eq!(
        said(&document),
        [
            "PyPI django 3.2 CVE-1+GHSA-1 NotAffected component_not_present 2026-01-01T00:00:00Z",
            "npm @a/b * CVE-1+GHSA-1 NotAffected component_not_present 2026-01-01T00:00:00Z",
            "crates.io time 0.1.0 CVE-2 Affected - 2026-02-02T00:00:00Z",
        ]
    );
    assert_eq!(document.notes, Vec::<String>::new());
}

#[test]
fn the_first_drafts_of_openvex_are_read() {
    let json = r#"{"@context": "https://openvex.dev/ns", "@id": "a", "author": "Vendor", "timestamp": "2026-01-01T00:00:00+01:00",
        "statements": [{"vulnerability": "CVE-1", "products": ["pkg:npm/a@1.0.0"], "status": "fixed"}]}"#;
    assert_eq!(said(&read(json).unwrap()), ["npm a 1.0.0 CVE-1 Fixed - 2025-12-31T23:00:00Z"]);
}

#[test]
fn a_statement_that_is_not_whole_is_noted_and_not_believed() {
    let statement = |flaw: &str, product: &str, rest: &str| {
        format!(r#"{{"vulnerability": {{"name": "{flaw}"}}, "products": [{{"@id": "{product}"}}], {rest}}}"#)
    };
    let whole = r#""status": "not_affected", "justification": "inline_mitigations_already_exist""#;
    let document = read(&openvex(
        &[
            statement("CVE-1", "pkg:npm/a", r#""status": "not_affected""#),
            statement("CVE-2", "pkg:npm/a", r#""status": "not_affected", "justification": "trust_me""#),
            statement("CVE 3", "pkg:npm/a", whole),
            statement("CVE-4", "pkg:npm/a", r#""status": "harmless""#),
            statement("CVE-5", "pkg:npm/a@1.0.0?vcs_url=x", whole),
            statement("CVE-6", "pkg:oci/app@1", whole),
            statement("CVE-7", "pkg:", whole),
            statement("CVE-8", "https://vendor.example/app", whole),
            statement("CVE-9", "pkg:npm/a", whole),
        ]
        .join(","),
    ));
    let document = document.unwrap();
    assert_eq!(said(&document), ["npm a * CVE-9 NotAffected inline_mitigations_already_exist 2026-01-01T00:00:00Z"]);
    assert_eq!(
        document.notes,
        [
            "CVE-1: not affected, and no reason why",
            "CVE-2: not affected, and no reason why",
            "a statement that names no vulnerability",
            "\"harmless\" is no status",
            "pkg:npm/a@1.0.0?vcs_url=x: has qualifiers; only plain purls are compared",
            "pkg:oci/app@1: of an ecosystem that is not known here",
            "\"pkg:\" is no purl",
        ]
    );
}

fn csaf(tree: &str, vulnerabilities: &str) -> String {
    format!(
        r#"{{"document": {{"category": "csaf_vex", "csaf_version": "2.0", "publisher": {{"name": "Vendor PSIRT"}},
            "tracking": {{"id": "EX-1", "status": "final", "current_release_date": "2026-03-03T11:00:00.000Z"}}}},
            "product_tree": {tree}, "vulnerabilities": [{vulnerabilities}]}}"#
    )
}

const TREE: &str = r#"{
  "branches": [{"category": "vendor", "name": "V", "branches": [{"category": "product_version", "name": "1", "product":
      {"name": "A", "product_id": "P1", "product_identification_helper": {"purl": "pkg:pypi/a@1.0"}}}]}],
  "full_product_names": [{"name": "B", "product_id": "P2", "product_identification_helper": {"purls": ["pkg:npm/b@2.0.0", "pkg:cargo/b@2.0.0"]}},
      {"name": "unknown", "product_id": "P3"}],
  "relationships": [{"category": "default_component_of", "product_reference": "P2", "relates_to_product_reference": "P3",
      "full_product_name": {"name": "B in C", "product_id": "P2:P3"}}],
  "product_groups": [{"group_id": "G1", "product_ids": ["P1", "P2"]}]}"#;

#[test]
fn csaf_is_read_through_its_tree_of_products() {
    let document = read(&csaf(
        TREE,
        r#"{"cve": "CVE-1", "ids": [{"system_name": "GitHub", "text": "GHSA-1"}],
            "product_status": {"known_not_affected": ["P1", "P2", "P2:P3", "P3"]},
            "flags": [{"label": "vulnerable_code_not_present", "group_ids": ["G1"]}],
            "threats": [{"category": "impact", "details": "Not built in.", "product_ids": ["P1"]}]},
           {"cve": "CVE-2", "product_status": {"known_affected": ["P1"], "fixed": ["P2"], "recommended": ["P1"]}},
           {"cve": "CVE-3", "product_status": {"known_not_affected": ["P1"]}},
           {"product_status": {"fixed": ["P1"]}}"#,
    ));
    let document = document.unwrap();
    assert_eq!((&*document.id, &*document.author), ("EX-1", "Vendor PSIRT"));
    assert_eq!(
        said(&document),
        [
            "PyPI a 1.0 CVE-1+GHSA-1 NotAffected vulnerable_code_not_present 2026-03-03T11:00:00Z",
            "npm b 2.0.0 CVE-1+GHSA-1 NotAffected vulnerable_code_not_present 2026-03-03T11:00:00Z",
            "crates.io b 2.0.0 CVE-1+GHSA-1 NotAffected vulnerable_code_not_present 2026-03-03T11:00:00Z",
            "npm b 2.0.0 CVE-2 Fixed - 2026-03-03T11:00:00Z",
            "crates.io b 2.0.0 CVE-2 Fixed - 2026-03-03T11:00:00Z",
            "PyPI a 1.0 CVE-2 Affected - 2026-03-03T11:00:00Z",
        ]
    );
    assert_eq!(document.statements[0].reason.as_deref(), Some("Not built in."));
    assert_eq!(document.notes, ["CVE-3: P1: not affected, and no reason why", "a vulnerability without an id"]);
}

#[test]
fn what_is_no_vex_says_so() {
    assert_eq!(refusal("{"), "not a VEX document");
    assert_eq!(refusal("{}"), "neither OpenVEX nor CSAF of the category csaf_vex");
    assert_eq!(
        refusal(r#"{"@context": "https://schema.example"}"#),
        "neither OpenVEX nor CSAF of the category csaf_vex"
    );
    let changed = |from: &str, to: &str| refusal(&csaf("{}", "").replace(from, to));
    assert_eq!(changed("csaf_vex", "csaf_security_advisory"), "neither OpenVEX nor CSAF of the category csaf_vex");
    assert_eq!(changed("\"2.0\"", "\"3.0\""), "\"3.0\" is a version of the format that is not read here");
    assert_eq!(changed("final", "draft"), "its author calls it a draft; what it says is not final");
    assert_eq!(changed("2026-03-03T11:00:00.000Z", "today"), "\"today\" is not a time in RFC 3339");
    assert_eq!(changed("EX-1", " "), "\"\" is no id of a document");
    let newer = openvex("").replace("v0.2.0", "v1.0.0");
    assert_eq!(refusal(&newer), "\"https://openvex.dev/ns/v1.0.0\" is a version of the format that is not read here");
    let long = " ".repeat(limits::VEX_BYTES + 1);
    assert_eq!(refusal(&long), "a VEX document has at most 16777216 bytes, this one has 16777217");
}

#[test]
fn a_document_is_bounded_in_depth_and_in_what_it_multiplies() {
    let branches = |depth: usize| format!("{{{}{}}}", r#""branches":[{"#.repeat(depth), "}]".repeat(depth));
    assert!(read(&csaf(&branches(limits::VEX_DEPTH), "")).is_ok());
    assert_eq!(refusal(&csaf(&branches(limits::VEX_DEPTH + 1), "")), "branches of products lie at most 30 deep");
    assert_eq!(refusal(&csaf(&branches(10_000), "")), "not a VEX document");
    let group = |size: usize| vec!["\"P1\""; size].join(",");
    let tree = format!(r#"{{"product_groups": [{{"group_id": "G", "product_ids": [{}]}}]}}"#, group(10_000));
    let flag = r#"{"label": "component_not_present", "group_ids": ["G"]}"#;
    let flags = |count: usize| format!(r#"{{"cve": "CVE-1", "flags": [{}]}}"#, vec![flag; count].join(","));
    assert!(read(&csaf(&tree, &flags(10))).is_ok());
    assert_eq!(refusal(&csaf(&tree, &flags(11))), "a VEX document makes at most 100000 statements");
    let many = format!(r#"{{"cve": "CVE-1", "product_status": {{"fixed": [{}]}}}}"#, group(limits::VEX_ENTRIES));
    assert_eq!(refusal(&csaf(TREE, &vec![many; 3].join(","))), "a VEX document makes at most 100000 statements");
}

fn statement(id: &str, day: u8, purl: &str, status: &str) -> Document {
    let json = openvex(&format!(
        r#"{{"vulnerability": {{"name": "CVE-1"}}, "products": ["{purl}"], "status": "{status}",
            "justification": "component_not_present"}}"#
    ));
    read(&json.replace("vex/1", id).replace("2026-01-01", &format!("2026-01-{day:02}"))).unwrap()
}

fn statuses(known: &Statements, version: &str, flaws: &[&str]) -> Vec<Status> {
    let package = Package::new(Ecosystem::PyPi, "a");
    let version = Version::new(Ecosystem::PyPi, version);
    known.about(&package, &version, flaws).map(|(_, statement)| statement.status).collect()
}

#[test]
fn the_latest_word_about_a_release_comes_first() {
    let (known, refused) = Statements::default().with([
        statement("1", 1, "pkg:pypi/A@1.0", "not_affected"),
        statement("2", 3, "pkg:pypi/a", "affected"),
        statement("3", 5, "pkg:pypi/a@1.0.0", "not_affected"),
        statement("4", 5, "pkg:pypi/a@1.0", "under_investigation"),
        statement("5", 9, "pkg:pypi/b@1.0", "fixed"),
    ]);
    assert!(refused.is_empty());
    use Status::{Affected, NotAffected, UnderInvestigation};
    let expected = vec![UnderInvestigation, NotAffected, Affected, NotAffected];
    assert_eq!(statuses(&known, "1.0", &["GHSA-1", "cve-1"]), expected, "of two at one time the more cautious first");
    assert_eq!(statuses(&known, "2.0", &["CVE-1"]), [Affected], "without a version: every release");
    assert_eq!(statuses(&known, "1.0", &["CVE-2"]), []);
}

#[test]
fn a_document_takes_the_place_of_its_earlier_self() {
    let (known, _) = Statements::default().with([statement("1", 5, "pkg:pypi/a", "not_affected")]);
    let (older, _) = known.with([statement("1", 4, "pkg:pypi/a", "affected")]);
    assert_eq!(statuses(&older, "1.0", &["CVE-1"]), [Status::NotAffected]);
    let (newer, _) = known.with([statement("1", 6, "pkg:pypi/a", "affected")]);
    assert_eq!(statuses(&newer, "1.0", &["CVE-1"]), [Status::Affected]);
    assert_eq!(newer.documents().count(), 1);
    assert_eq!((newer.without("vendor").documents().count(), newer.without("other").documents().count()), (0, 1));
}

#[test]
fn a_word_from_the_future_counts_from_when_it_was_read() {
    let json = openvex(
        r#"{"vulnerability": "CVE-1", "products": ["pkg:pypi/a"], "status": "fixed", "timestamp": "9000-01-01T00:00:00Z"}"#,
    );
    assert_eq!(read(&json).unwrap().statements[0].at, reading().at);
}

proptest! {
    #[test]
    fn any_bytes_are_judged_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Document::read(&bytes, &reading());
    }
}
