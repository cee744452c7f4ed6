//! Changes: the RFC's, Entra's and Okta's.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn object(value: Value) -> Object {
    let Value::Object(object) = value else { panic!("an object") };
    object
}

fn ada() -> Object {
    object(json!({
        "id": "1", "userName": "ada", "active": true, "name": {"givenName": "Ada", "familyName": "King"},
        "emails": [{"value": "ada@work.example", "type": "work", "primary": true}],
    }))
}

fn patch(operations: &Value) -> Result<Patch, PatchFault> {
    Patch::read(json!({"schemas": [URN], "Operations": operations}).to_string().as_bytes())
}

/// A resource after a change.
#[expect(clippy::needless_pass_by_value, reason = "each case reads as one literal")]
fn changed(mut resource: Object, schema: &'static Schema, operations: Value) -> Result<(Value, Applied), PatchFault> {
    let applied = patch(&operations)?.apply(&mut resource, schema)?;
    Ok((Value::Object(resource), applied))
}

fn user(operations: Value) -> Value {
    changed(ada(), Schema::user(), operations).unwrap().0
}

fn refused(operations: Value) -> &'static str {
    changed(ada(), Schema::user(), operations).unwrap_err().scim_type()
}

#[expect(clippy::needless_pass_by_value, reason = "each case reads as one literal")]
fn group(members: Value, operations: Value) -> Value {
    let group = object(json!({"id": "g", "displayName": "Engines", "members": members}));
    changed(group, Schema::group(), operations).unwrap().0["members"].clone()
}

#[test]
fn what_entra_sends_is_done() {
    let leaves = json!([{"op": "Replace", "path": "active", "value": "False"}]);
    assert_eq!(user(leaves)["active"], false);
    let wrapped = json!([{"op": "Replace", "path": "displayName", "value": [{"$ref": null, "value": "Ada King"}]}]);
    assert_eq!(user(wrapped)["displayName"], "Ada King");
    let made = user(json!([
        {"op": "Add", "path": "emails[type eq \"home\"].value", "value": "ada@home.example"},
        {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "king@work.example"},
        {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+44 1"},
        {"op": "Add", "path": "roles[primary eq \"True\"].value", "value": "Engineer"},
    ]));
    assert_eq!(
        made["emails"],
        json!([
            {"value": "king@work.example", "type": "work", "primary": true}, {"type": "home", "value": "ada@home.example"},
        ])
    );
    assert_eq!(made["phoneNumbers"], json!([{"type": "mobile", "value": "+44 1"}]));
    assert_eq!(made["roles"], json!([{"primary": true, "value": "Engineer"}]));
    let company = user(json!([
        {"op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Engines"},
        {"op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": "m1"},
    ]));
    assert_eq!(company[ENTERPRISE], json!({"department": "Engines", "manager": {"value": "m1"}}));
    let dotted = user(json!([{"op": "add", "value": {
        "name.givenName": "Augusta", "active": "True", format!("{ENTERPRISE}:employeeNumber"): 7,
        "emails[type eq \"home\"].value": "ada@home.example", "userName": "augusta",
    }}]));
    assert_eq!(dotted["name"], json!({"givenName": "Augusta", "familyName": "King"}));
    assert_eq!((&dotted["active"], &dotted["userName"]), (&json!(true), &json!("augusta")));
    assert_eq!(dotted[ENTERPRISE]["employeeNumber"], "7");
    assert_eq!(dotted["emails"][1]["type"], "home");
    let gone = json!([{"op": "Remove", "path": format!("{ENTERPRISE}:manager")}, {"op": "Remove", "path": "title"}]);
    assert!(user(gone)[ENTERPRISE].get("manager").is_none());
}

#[test]
fn entra_removes_members_by_a_list_and_by_a_filter() {
    let all = || json!([{"value": "a"}, {"value": "b"}, {"value": "c"}]);
    let listed = json!([{"op": "Remove", "path": "members", "value": [{"value": "a"}, {"value": "c"}]}]);
    assert_eq!(group(all(), listed), json!([{"value": "b"}]), "and not all of them");
    let filtered = json!([{"op": "Remove", "path": "members[value eq \"b\"]"}]);
    assert_eq!(group(all(), filtered), json!([{"value": "a"}, {"value": "c"}]));
    let nobody = json!([{"op": "Remove", "path": "members[value eq \"x\"]"}]);
    assert_eq!(group(all(), nobody), all());
    assert_eq!(group(all(), json!([{"op": "Remove", "path": "members"}])), Value::Null);
    let added = json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": "d"}, {"value": "a"}]}]);
    assert_eq!(group(all(), added), json!([{"value": "a"}, {"value": "b"}, {"value": "c"}, {"value": "d"}]));
}

#[test]
fn what_okta_sends_is_done() {
    assert_eq!(user(json!([{"op": "replace", "value": {"active": false}}]))["active"], false);
    let renamed = changed(
        object(json!({"id": "g", "displayName": "Engines"})),
        Schema::group(),
        json!([{"op": "replace", "value": {"id": "g", "displayName": "Analytical Engines"}}]),
    );
    let (renamed, applied) = renamed.unwrap();
    assert_eq!(renamed, json!({"id": "g", "displayName": "Analytical Engines"}));
    assert_eq!(applied, Applied { changed: true, left_out: vec!["id".to_owned()] });
    let replaced = json!([{"op": "replace", "path": "members", "value": [{"value": "x", "display": "X"}]}]);
    assert_eq!(group(json!([{"value": "a"}]), replaced), json!([{"value": "x"}]), "an id says it all");
    let emptied = json!([{"op": "replace", "path": "members", "value": []}]);
    assert_eq!(group(json!([{"value": "a"}]), emptied), Value::Null);
}

#[test]
fn the_examples_of_rfc_7644_are_done() {
    // Section 3.5.2.1 to 3.5.2.3.
    let nick = user(
        json!([{"op": "add", "value": {"emails": [{"value": "babs@jensen.org", "type": "home"}], "nickname": "Babs"}}]),
    );
    assert_eq!((nick["emails"].as_array().unwrap().len(), &nick["nickName"]), (2, &json!("Babs")));
    let filtered = user(json!([{"op": "remove", "path": "emails[type eq \"work\" and value ew \"example\"]"}]));
    assert!(filtered.get("emails").is_none());
    let address = user(
        json!([{"op": "replace", "path": "emails[type eq \"work\"]", "value": {"type": "work", "value": "x@y.example"}}]),
    );
    assert_eq!(address["emails"], json!([{"type": "work", "value": "x@y.example"}]));
    let name = user(json!([{"op": "replace", "path": "name", "value": {"formatted": "Ada"}}]));
    assert_eq!(name["name"], json!({"formatted": "Ada"}));
    let name = user(json!([{"op": "add", "path": "name", "value": {"formatted": "Ada"}}]));
    assert_eq!(name["name"]["familyName"], "King");
}

#[test]
fn one_value_at_most_is_the_primary_one() {
    let new =
        user(json!([{"op": "add", "path": "emails", "value": [{"value": "x", "type": "home", "primary": true}]}]));
    assert_eq!((&new["emails"][0]["primary"], &new["emails"][1]["primary"]), (&json!(false), &json!(true)));
    let set = user(json!([
        {"op": "add", "path": "emails", "value": {"value": "x", "type": "home"}},
        {"op": "replace", "path": "emails[type eq \"home\"].primary", "value": "true"},
    ]));
    assert_eq!((&set["emails"][0]["primary"], &set["emails"][1]["primary"]), (&json!(false), &json!(true)));
}

#[test]
fn a_directory_gives_nobody_what_is_not_the_schema_s() {
    let (after, applied) = changed(ada(), Schema::user(), json!([{"op": "add", "value": {
        "password": "x", "groups": [{"value": "stewards"}], "entitlements": ["steward"], "isAdmin": true, "__proto__": {"x": 1},
        "meta": {"version": "9"}, "id": "2", "name": {"rank": "steward"}, "urn:evil:1.0:User": {"role": "steward"}, "a.b.c": 1, "": 1,
    }}])).unwrap();
    assert_eq!(
        after,
        Value::Object(object(json!({
            "id": "1", "userName": "ada", "active": true, "name": {"givenName": "Ada", "familyName": "King"},
            "emails": [{"value": "ada@work.example", "type": "work", "primary": true}],
        })))
    );
    assert!(!applied.changed && applied.left_out.len() == 10, "{applied:?}");
    assert_eq!(refused(json!([{"op": "replace", "path": "password", "value": "x"}])), "invalidPath");
    assert_eq!(refused(json!([{"op": "replace", "path": "id", "value": "2"}])), "mutability");
    assert_eq!(refused(json!([{"op": "add", "path": "groups", "value": [{"value": "stewards"}]}])), "mutability");
    assert_eq!(
        refused(json!([{"op": "add", "path": format!("{ENTERPRISE}:manager.displayName"), "value": "x"}])),
        "mutability"
    );
}

#[test]
fn what_cannot_be_done_changes_nothing() {
    let good = json!({"op": "replace", "path": "title", "value": "Countess"});
    for (bad, kind) in [
        (json!({"op": "replace", "path": "active", "value": "perhaps"}), "invalidValue"),
        (json!({"op": "replace", "path": "title", "value": {"a": 1}}), "invalidValue"),
        (json!({"op": "replace", "path": "title", "value": "x".repeat(limits::SCIM_TEXT_BYTES + 1)}), "invalidValue"),
        (json!({"op": "remove", "path": "userName"}), "invalidValue"),
        (json!({"op": "remove"}), "noTarget"),
        (json!({"op": "replace", "path": "emails[type co \"x\"].value", "value": "x"}), "noTarget"),
        (json!({"op": "replace", "path": "emails[type]", "value": "x"}), "invalidFilter"),
        (json!({"op": "replace", "path": "emails[type eq \"x\"", "value": "x"}), "invalidPath"),
        (json!({"op": "replace", "path": "name[a pr].givenName", "value": "x"}), "invalidPath"),
        (json!({"op": "replace", "path": "title.x", "value": "x"}), "invalidPath"),
        (json!({"op": "replace", "path": "nothing", "value": "x"}), "invalidPath"),
        (json!({"op": "replace", "path": "a b", "value": "x"}), "invalidPath"),
        (json!({"op": "move", "path": "title"}), "invalidSyntax"),
        (json!({"op": "replace", "value": "x"}), "invalidSyntax"),
        (json!({"op": "replace", "path": 5, "value": "x"}), "invalidSyntax"),
        (json!("replace"), "invalidSyntax"),
    ] {
        let mut resource = ada();
        let fault =
            patch(&json!([good, bad])).and_then(|patch| patch.apply(&mut resource, Schema::user())).unwrap_err();
        assert_eq!(fault.scim_type(), kind, "{bad}: {fault}");
        assert_eq!(resource, ada());
    }
    for body in [
        "[]",
        "{}",
        r#"{"schemas": [], "Operations": []}"#,
        r#"{"schemas": ["x"], "Operations": []}"#,
        "{\"Operations\": 5}",
    ] {
        assert!(Patch::read(body.as_bytes()).is_err(), "{body}");
    }
    assert!(changed(ada(), Schema::user(), json!([])).is_ok_and(|(_, applied)| !applied.changed));
}

#[test]
fn steps_values_and_work_are_bounded() {
    let many = vec![json!({"op": "remove", "path": "title"}); limits::SCIM_OPERATIONS + 1];
    assert_eq!(patch(&Value::Array(many)).unwrap_err().scim_type(), "tooMany");
    let values: Vec<_> = (0..=limits::SCIM_VALUES).map(|number| json!({"value": number.to_string()})).collect();
    let add = json!([{"op": "add", "path": "members", "value": values}]);
    let fault = changed(object(json!({"displayName": "g"})), Schema::group(), add).unwrap_err();
    assert_eq!(fault.scim_type(), "tooMany");
    let filter = vec!["value eq \"x\""; limits::SCIM_FILTER_TERMS].join(" or ");
    let heavy = json!([{"op": "remove", "path": format!("members[{filter}]")}]);
    let group = object(json!({"displayName": "g", "members": values[1..]}));
    let fault = changed(group, Schema::group(), heavy).unwrap_err();
    assert_eq!((fault.scim_type(), fault.to_string().contains("more than 4000000 comparisons")), ("tooMany", true));
    let deep = format!("{{\"schemas\": [\"{URN}\"], \"Operations\": {}{}}}", "[".repeat(100), "]".repeat(100));
    assert!(matches!(Patch::read(deep.as_bytes()), Err(PatchFault::Json(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_change_is_whole_or_none_and_never_ours(
        steps in prop::collection::vec((
            prop::sample::select(vec!["add", "Replace", "remove", "move"]),
            prop::sample::select(vec!["active", "title", "emails", "emails[type eq \"home\"].value", "emails[value pr]", "name.givenName", "id", "meta", "x", "userName"]),
            prop::sample::select(vec![json!("x"), json!(true), json!("False"), json!([{"value": "y", "primary": true}]), json!({"value": "z"}), json!(null), json!([])]),
        ), 0..6)
    ) {
        let steps: Vec<_> = steps.into_iter().map(|(op, path, value)| json!({"op": op, "path": path, "value": value})).collect();
        let mut resource = ada();
        let applied = patch(&Value::Array(steps)).and_then(|patch| patch.apply(&mut resource, Schema::user()));
        prop_assert_eq!(&resource["id"], "1");
        prop_assert!(resource["userName"].is_string());
        prop_assert!(resource.get("active").is_none_or(Value::is_boolean));
        let primaries = resource.get("emails").and_then(Value::as_array).map_or(0, |emails| {
            emails.iter().filter(|email| email["primary"] == true).count()
        });
        prop_assert!(primaries <= 1);
        match applied {
            Ok(applied) => prop_assert_eq!(applied.changed, resource != ada()),
            Err(_) => prop_assert_eq!(resource, ada()),
        }
    }

    #[test]
    fn any_path_is_judged_without_panic(text in r#"[a-zA-Z\[\]. "$:eq0-9]{0,40}"#) {
        let _ = Target::read(&text);
    }

    #[test]
    fn any_bytes_are_judged_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = Patch::read(&bytes);
    }
}

#[test]
fn an_extension_is_changed_as_a_whole() {
    let with =
        user(json!([{"op": "add", "path": ENTERPRISE, "value": {"department": "IT", "costCenter": "7", "pay": 1}}]));
    assert_eq!(with[ENTERPRISE], json!({"department": "IT", "costCenter": "7"}));
    let both = json!([
        {"op": "add", "path": ENTERPRISE, "value": {"department": "IT", "costCenter": "7"}},
        {"op": "replace", "path": ENTERPRISE, "value": {"department": "Law"}},
    ]);
    assert_eq!(user(both)[ENTERPRISE], json!({"department": "Law", "costCenter": "7"}));
    let gone =
        json!([{"op": "add", "path": ENTERPRISE, "value": {"department": "IT"}}, {"op": "remove", "path": ENTERPRISE}]);
    assert_eq!(user(gone).get(ENTERPRISE), None);
    assert_eq!(refused(json!([{"op": "add", "path": ENTERPRISE, "value": "IT"}])), "invalidValue");
}

#[test]
fn whether_somebody_is_here_is_always_said() {
    assert_eq!(refused(json!([{"op": "remove", "path": "active"}])), "invalidValue");
}
