//! The built-in pack, and what a company's files must satisfy.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use super::*;
use crate::schema;

mod guide;

const FETCH: &str = r#"action == Fanlight::Action::"packages:fetch-file""#;

fn faults(text: &str) -> Vec<PolicyFault> {
    Pack::of_texts([("company.cedar", text)], &[]).err().unwrap_or_default()
}

#[test]
fn the_built_in_policies_pass_their_own_checks() {
    let pack = Pack::built_in();
    let ids: Vec<&str> = pack.policies().iter().map(|policy| &*policy.id).collect();
    assert_eq!(
        ids,
        [
            "log-in-for-anybody",
            "account-for-its-owner",
            "wrong-login",
            "wrong-password",
            "wrong-passkey",
            "copied-passkey",
            "provider-login",
            "too-many-tries",
            "bad-link",
            "account-by-login",
            "account-fresh-second-factor",
            "apps-for-their-owners",
            "orphans-for-mentors",
            "key-in-own-name",
            "trust-by-stewards",
            "ask-for-oneself",
            "repeat-own-calls",
            "ask-seen-by-reviewers",
            "ask-by-name",
            "another-grants",
            "console-for-operators",
            "console-for-builders",
            "console-for-mentors",
            "console-for-reviewers",
            "console-for-auditors",
            "console-for-stewards",
            "console-for-known-callers",
            "console-changed-by-login",
            "ledger-read-by-login",
            "fresh-second-factor",
            "second-factor-by-people",
            "not-for-oneself",
            "last-steward",
            "no-such-path",
            "wrong-method",
            "undecodable-path",
            "misdirected",
            "no-host",
            "two-hosts",
            "cross-site",
            "unsaid-origin",
            "unreadable-credentials",
            "broken-token",
            "unknown-token",
            "revoked-token",
            "key-over",
            "foreign-token",
            "not-trusted",
            "certificate-over",
            "not-proved",
            "use-nonce",
            "beyond-scope",
            "session-over",
            "no-token",
            "caller-not-looked-up",
            "head-too-large",
            "head-too-slow",
            "malformed-head",
            "plain-http",
            "too-often",
            "node-itself",
            "tokens-for-apps",
            "bad-client",
            "bad-grant",
            "bad-scope",
            "bad-target",
            "bad-proof",
            "bad-request",
            "packages-allowed",
            "wait-and-see",
            "wait-and-see-first-seen",
            "malicious",
            "critical-flaw",
            "quarantined",
            "unparsable-file-name",
            "no-hash",
            "quarantined-here",
            "reviewed-unsafe-here",
            "name-near",
            "version-far",
            "scan-found",
            "scan-unread",
            "policies-proposed-by-reviewers",
            "another-approves",
        ]
    );
    assert_eq!(pack.warnings(), []);
    assert_eq!((pack.digest().len(), pack.company_files()), (16, 0));
}

#[test]
fn each_built_in_forbid_brings_its_words() {
    for policy in Pack::built_in().policies().iter().filter(|policy| policy.effect == Effect::Forbid) {
        for annotation in ["@outcome", "@reason", "@advice"] {
            assert!(policy.text.contains(annotation), "{} has no {annotation}", policy.id);
        }
        // A hold ends by itself, or by a review; what the scan found stands until somebody looked, and a proposal of policies
        // waits for somebody else.
        let by_review = [
            "critical-flaw",
            "reviewed-unsafe-here",
            "name-near",
            "version-far",
            "scan-found",
            "scan-unread",
            "another-approves",
        ];
        let ends = policy.until.is_some() || by_review.contains(&&*policy.id);
        assert_eq!(policy.outcome == Some(Outcome::Hold), ends, "{}", policy.id);
    }
}

#[test]
fn each_action_has_a_built_in_policy() {
    let pack = Pack::built_in();
    for known in schema::known_actions() {
        assert!(!pack.door(known.action).unwrap().rules.is_empty(), "{} is about to be denied always", known.action);
    }
}

#[test]
fn a_policy_knows_where_it_stands() {
    let text = "// first\n\n@id(\"a\")\nforbid (principal, action, resource);\n  @id(\"b\") forbid (principal, action, resource);";
    let pack = Pack::of_texts([("company.cedar", text)], &[]).unwrap();
    let own: Vec<_> = pack.policies().iter().filter(|policy| !policy.built_in).collect();
    assert_eq!(own.iter().map(|policy| (&*policy.id, policy.line)).collect::<Vec<_>>(), [("a", 3), ("b", 5)]);
    assert_eq!(&*own[1].text, "@id(\"b\") forbid (principal, action, resource);");
    assert_eq!(own[0].actions.len(), schema::known_actions().count());
}

#[test]
fn an_action_holds_only_policies_that_are_about_it() {
    let text = format!(
        "@id(\"by-group\") forbid (principal, action in Fanlight::Action::\"packages\", resource);
         @id(\"by-name\") forbid (principal, {FETCH}, resource);
         @id(\"by-kind\") forbid (principal, action, resource is Fanlight::Release);
         @id(\"by-project\") forbid (principal, action, resource in Fanlight::Project::\"pkg:pypi/a\");"
    );
    let pack = Pack::of_texts([("company.cedar", text.as_str())], &[]).unwrap();
    let about = |id: &str| pack.policies().iter().find(|policy| &*policy.id == id).unwrap().actions.join(" ");
    assert_eq!(about("by-name"), "packages:fetch-file");
    assert_eq!(
        about("by-group"),
        "packages:advisory-hit packages:audit packages:delivery packages:fetch-file packages:fetch-metadata \
         packages:read-index packages:upstream-fault"
    );
    for id in ["by-kind", "by-project"] {
        assert!(about(id).contains("packages:fetch-file") && about(id).contains("console:read-people"), "{id}");
        assert!(!about(id).contains("node:start"), "{id}");
    }
}

#[test]
fn the_company_s_folder_is_read_and_its_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("b.cedar"), format!("@id(\"b\") forbid (principal, {FETCH}, resource);")).unwrap();
    fs::write(folder.path().join("a.cedar"), format!("@id(\"a\") forbid (principal, {FETCH}, resource);")).unwrap();
    let pack = Pack::load(Some(folder.path()), &[]).unwrap();
    let own: Vec<_> = pack.policies().iter().filter(|policy| !policy.built_in).collect();
    assert_eq!(own.iter().map(|policy| &*policy.id).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(*own[0].file, *folder.path().join("a.cedar").to_string_lossy());
    assert_eq!(pack.company_files(), 2);

    fs::write(folder.path().join("b.cedar"), "forbid (principal").unwrap();
    let faults = Pack::load(Some(folder.path()), &[]).unwrap_err();
    assert!(faults[0].file.ends_with("b.cedar"), "{faults:?}");
}

#[test]
fn a_folder_that_cannot_be_read_is_a_fault_with_its_cause() {
    let folder = tempfile::tempdir().unwrap();
    let faults = Pack::load(Some(&folder.path().join("gone")), &[]).unwrap_err();
    assert_eq!(faults.len(), 1);
    assert!(faults[0].message.contains("No such file"), "{}", faults[0]);
    assert!(Pack::load(Some(folder.path()), &[]).is_ok(), "an empty folder is no fault");
}

#[test]
fn a_built_in_policy_can_be_disabled_but_its_id_stays_taken() {
    let disabled = ["wait-and-see".to_owned()];
    let pack = Pack::load(None, &disabled).unwrap();
    assert!(pack.policies().iter().all(|policy| &*policy.id != "wait-and-see"));
    assert_ne!(pack.digest(), Pack::built_in().digest());

    let text = format!("@id(\"wait-and-see\") forbid (principal, {FETCH}, resource);");
    let faults = Pack::of_texts([("company.cedar", text.as_str())], &disabled).unwrap_err();
    assert!(faults[0].message.contains("is taken by built-in/packages.cedar:"), "{}", faults[0]);
}

#[test]
fn only_a_built_in_id_can_be_disabled() {
    let text = format!("@id(\"own\") forbid (principal, {FETCH}, resource);");
    let faults = Pack::of_texts([("company.cedar", text.as_str())], &["own".to_owned()]).unwrap_err();
    assert_eq!(faults[0].message, "\"own\" is to be disabled, but no built-in policy has that id");
    assert!(faults[0].hint.as_ref().unwrap().contains("wait-and-see-first-seen"));
}

#[test]
fn the_digest_follows_the_texts_and_not_the_names() {
    let digest = |texts: &[(&str, &str)]| Pack::of_texts(texts.iter().copied(), &[]).unwrap().digest().clone();
    assert_eq!(digest(&[("a.cedar", "// x")]), digest(&[("b.cedar", "// x")]));
    assert_ne!(digest(&[("a.cedar", "// x")]), digest(&[("a.cedar", "// y")]));
    assert_ne!(digest(&[("a.cedar", "// x"), ("b.cedar", "")]), digest(&[("a.cedar", ""), ("b.cedar", "// x")]));
}

#[test]
fn every_fault_of_every_file_is_told_at_once_in_order() {
    let faults = Pack::of_texts(
        [("a.cedar", "forbid (principal, action, resource);"), ("b.cedar", "permit (principal action, resource);")],
        &[],
    )
    .unwrap_err();
    assert_eq!(faults.iter().map(|fault| &*fault.file).collect::<Vec<_>>(), ["a.cedar", "b.cedar"]);
}

/// Broken files, and what their writer reads.
#[test]
fn faults_say_where_what_and_how_to_mend() {
    let forbid = format!("forbid (principal, {FETCH}, resource)");
    let broken = [
        ("syntax", "@id(\"a\")\nforbid (principal, action, resource\n".to_owned()),
        ("no id", format!("{forbid};")),
        ("bad id", format!("@id(\"No Left\") {forbid};")),
        ("same id", format!("@id(\"a\") {forbid};\n@id(\"a\") {forbid};")),
        ("id of ours", format!("@id(\"no-hash\") {forbid};")),
        ("slots", format!("@id(\"a\") forbid (principal == ?principal, {FETCH}, resource);")),
        ("unknown action", "@id(\"a\") forbid (principal, action == Fanlight::Action::\"packages:fetch\", resource);".into()),
        ("misspelt action", "@id(\"a\") forbid (principal, action == Fanlight::Action::\"packages:fetch-files\", resource);".into()),
        ("unknown type", format!("@id(\"a\") forbid (principal is Fanlight::Robot, {FETCH}, resource);")),
        ("no namespace", "@id(\"a\") forbid (principal, action == Action::\"packages:fetch-file\", resource);".into()),
        ("never applies", format!("@id(\"a\") forbid (principal, {FETCH}, resource is Fanlight::Ledger);")),
        ("condition never met", format!("@id(\"a\") {forbid}\nwhen {{ context has moon }};")),
        ("unknown fact", format!("@id(\"a\") {forbid}\nwhen {{ context.age_days < 3 }};")),
        ("words only", format!("@id(\"a\") {forbid}\nwhen {{ context.instead == \"none yet\" }};")),
        ("not asked for", format!("@id(\"a\") {forbid}\nwhen {{ context.yanked_reason == \"x\" }};")),
        ("wrong kind", format!("@id(\"a\") {forbid}\nwhen {{ context.age_minutes < \"3\" }};")),
        ("outcome", format!("@id(\"a\")\n@outcome(\"block\")\n{forbid};")),
        ("mask", format!("@id(\"a\")\n@outcome(\"mask\")\n{forbid};")),
        ("annotation", format!("@id(\"a\")\n@reson(\"x\")\n{forbid};")),
        ("words of a permit", format!("@id(\"a\") @reason(\"x\") permit (principal, {FETCH}, resource);")),
        ("place", format!("@id(\"a\")\n@reason(\"{{age_days}} old\")\n{forbid};")),
        ("place of another action", "@id(\"a\") @reason(\"{age_minutes}\") forbid (principal, action in Fanlight::Action::\"packages\", resource);".into()),
        ("braces", format!("@id(\"a\") @reason(\"{{release is bad\") {forbid};")),
        ("two lines", format!("@id(\"a\") @advice(\"one\\ntwo\") {forbid};")),
        ("until of a deny", format!("@id(\"a\") @until(\"available_at\") {forbid};")),
        ("until no time", format!("@id(\"a\") @outcome(\"hold\") @until(\"age_minutes\") {forbid};")),
        ("until no fact", "@id(\"a\") @outcome(\"hold\") @until(\"available_at\") forbid (principal, action == Fanlight::Action::\"packages:read-index\", resource);".into()),
        ("purl not canonical", format!("@id(\"a\") forbid (principal, {FETCH}, resource in Fanlight::Project::\"pkg:pypi/Left_Pad\");")),
        ("version not normal", format!("@id(\"a\") forbid (principal, {FETCH}, resource == Fanlight::Release::\"pkg:pypi/left@2.0-rc1\");")),
        ("purl of a release", format!("@id(\"a\") forbid (principal, {FETCH}, resource in Fanlight::Project::\"pkg:pypi/left@1.0\");")),
        ("no purl", format!("@id(\"a\") forbid (principal, {FETCH}, resource in Fanlight::Project::\"left\");")),
    ];
    let mut told = String::new();
    for (name, text) in broken {
        let faults = faults(&text);
        assert!(!faults.is_empty(), "{name}: nothing was found wrong with {text}");
        let _ = writeln!(told, "# {name}");
        faults.iter().for_each(|fault| writeln!(told, "{fault}").unwrap());
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_purl_that_ends_in_a_slash_is_all_below() {
    for id in ["pkg:pypi/", "pkg:npm/", "pkg:npm/%40acme/"] {
        let text = format!("@id(\"a\") forbid (principal, {FETCH}, resource in Fanlight::Project::\"{id}\");");
        assert_eq!(faults(&text), [], "{id}");
    }
    let text = format!("@id(\"a\") forbid (principal, {FETCH}, resource in Fanlight::Project::\"pkg:npm/@acme/\");");
    assert_eq!(faults(&text).len(), 1);
}

#[test]
fn letters_that_look_like_others_are_a_warning() {
    let text =
        format!("@id(\"a\")\nforbid (principal, {FETCH}, resource) when {{ context.project == \"r\u{435}quests\" }};");
    let pack = Pack::of_texts([("company.cedar", text.as_str())], &[]).unwrap();
    let warning = &pack.warnings()[0];
    assert_eq!((warning.line, warning.policy.as_deref()), (2, Some("a")));
    assert!(warning.message.contains("mixed scripts"), "{warning}");
}

#[test]
fn too_many_policies_are_refused() {
    let text: String = (0..=fanlight_base::limits::POLICIES)
        .map(|n| format!("@id(\"p{n}\")permit(principal,action,resource);"))
        .collect();
    let faults = faults(&text);
    assert_eq!(faults.len(), 1);
    assert!(faults[0].message.ends_with("and at most 2000 are read"), "{}", faults[0]);
}

#[test]
fn ids_are_known_to_be_unique_across_files() {
    let policy = format!("@id(\"a\") forbid (principal, {FETCH}, resource);");
    let faults = Pack::of_texts([("a.cedar", policy.as_str()), ("b.cedar", policy.as_str())], &[]).unwrap_err();
    assert_eq!(
        faults[0].to_string(),
        "b.cedar:1:1: policy a: the id a is taken by a.cedar:1\n  hint: give it an id of its own"
    );
    let places: BTreeSet<_> = faults.iter().map(|fault| (fault.file.clone(), fault.line)).collect();
    assert_eq!(places.len(), 1);
}

#[test]
fn a_group_that_nobody_can_be_in_is_a_fault() {
    let stops = |group: &str| {
        let text = format!(
            "@id(\"x\") @reason(\"no\") forbid (principal in Fanlight::Group::\"{group}\", {FETCH}, resource);"
        );
        faults(&text).iter().map(|fault| fault.message.clone()).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(stops("finance-2"), "");
    for group in ["Finance", "-a", "a b", ""] {
        assert!(stops(group).contains("nobody is ever in it"), "{group}: {}", stops(group));
    }
}
