//! What a directory sends and is shown, as values.

use fanlight_credentials::json::{self, Object};
use fanlight_credentials::scim::{Patch, Schema};
use http::{HeaderMap, HeaderValue, header};
use serde_json::{Value, json};

use super::asked::{ListAsk, Shows, is_known, is_meant};
use super::group::policy_name;
use super::groups::{MovesSaid, moves_of};
use super::user::{Said, normal};

fn object(value: &Value) -> Object {
    json::object(value.to_string().as_bytes(), 12).unwrap()
}

#[test]
fn what_is_ours_or_unknown_is_not_taken() {
    let body = object(&json!({
        "id": "prs_evil", "userName": " asha ", "active": "False", "password": "secret", "role": "steward",
        "groups": [{ "value": "grp_a" }], "meta": { "version": "9" }, "externalId": "x",
        "emails": [{ "value": "asha@corp.example", "type": "work", "primary": true }],
    }));
    let said = Said::of(normal(body, Schema::user()).unwrap()).unwrap();
    assert_eq!((said.name.as_str(), said.external_id.as_deref(), said.active), ("asha", Some("x"), Some(false)));
    for bad in [json!({}), json!({ "userName": "" }), json!({ "userName": "prs_abc" }), json!({ "userName": "a\u{7}" })]
    {
        let refusal = normal(object(&bad), Schema::user()).and_then(Said::of).unwrap_err();
        assert_eq!(refusal.kind, Some("invalidValue"), "{bad}: {refusal:?}");
    }
}

#[test]
fn only_what_is_asked_for_is_shown_and_never_without_its_id() {
    let resource = json!({
        "schemas": ["a"], "id": "1", "userName": "asha", "name": { "givenName": "Asha", "familyName": "Rao" },
        "emails": [{ "value": "a@x.example", "type": "work" }], "urn:x:y:User": { "department": "IT", "costCenter": "7" },
    });
    let shown = |query: &str| Shows::read(Some(query)).unwrap().of(object(&resource));
    assert_eq!(
        shown("attributes=username,name.givenName"),
        json!({ "schemas": ["a"], "id": "1", "userName": "asha", "name": { "givenName": "Asha" } })
    );
    assert_eq!(
        shown("attributes=emails.value,urn:x:y:User:department"),
        json!({ "schemas": ["a"], "id": "1", "emails": [{ "value": "a@x.example" }], "urn:x:y:User": { "department": "IT" } })
    );
    assert_eq!(
        shown("excludedAttributes=emails,id,name.familyName,urn:x:y:User:costCenter"),
        json!({ "schemas": ["a"], "id": "1", "userName": "asha", "name": { "givenName": "Asha" }, "urn:x:y:User": { "department": "IT" } })
    );
    assert_eq!(shown("count=3"), resource);
    assert!(Shows::read(Some("attributes=a.b.c")).is_err());
    assert!(!Shows::read(Some("excludedAttributes=Members")).unwrap().has("members"));
}

#[test]
fn a_list_is_asked_for_from_one_on() {
    let ask = |query: &str| ListAsk::read(Some(query)).unwrap();
    let page = |query: &str| (ask(query).skip, ask(query).most);
    assert_eq!((page(""), page("startIndex=0"), page("startIndex=-5&count=-1")), ((0, 100), (0, 100), (0, 0)));
    assert_eq!((page("startIndex=11&count=10"), page("count=99999999")), ((10, 10), (0, 1000)));
    assert!(ListAsk::read(Some("count=x")).is_err() && ListAsk::read(Some("filter=a")).is_err());
    let both = ask("filter=userName+eq+%22asha%22+and+active+eq+true");
    assert_eq!((both.wants("userName"), both.wants("externalId")), (Some("asha"), None));
    assert_eq!(ask("filter=userName+eq+%22asha%22+or+active+eq+true").wants("userName"), None, "others answer it, too");
}

#[test]
fn versions_are_compared_without_strength() {
    let with = |name, value: &'static str| HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
    for (tags, is_it) in [("W/\"3\"", true), ("\"3\"", true), ("\"2\", W/\"3\"", true), ("*", true), ("W/\"4\"", false)]
    {
        assert_eq!(is_meant(&with(header::IF_MATCH, tags), 3).is_ok(), is_it, "{tags}");
        assert_eq!(is_known(&with(header::IF_NONE_MATCH, tags), 3), is_it, "{tags}");
    }
    assert!(is_meant(&HeaderMap::new(), 3).is_ok() && !is_known(&HeaderMap::new(), 3));
}

#[test]
fn a_group_has_a_name_that_policies_can_say() {
    for (display, name) in [
        ("Finance", Some("finance")),
        (" R&D – Platform (EU) ", Some("r-d-platform-eu")),
        ("sec.ops_2", Some("sec-ops-2")),
        ("Бухгалтерия", None),
        ("--", None),
    ] {
        assert_eq!(policy_name(display).as_deref(), name, "{display}");
        assert!(name.is_none_or(fanlight_base::is_group_name));
    }
    assert!(fanlight_base::is_group_name(&policy_name(&"x-".repeat(500)).unwrap()));
}

#[test]
fn members_move_without_the_group_being_read_where_nothing_else_is_said() {
    let moves = |operations: Value| {
        let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
        moves_of(&Patch::read(body.to_string().as_bytes()).unwrap())
    };
    let of = |joins: &[&str], leaves: &[&str]| {
        let all = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        Some(MovesSaid { joins: all(joins), leaves: all(leaves) })
    };
    let entra = json!([{ "op": "Add", "path": "members", "value": [{ "value": "prs_a" }, { "value": "prs_b" }] },
        { "op": "Remove", "path": "members", "value": [{ "value": "prs_c" }] }]);
    assert_eq!(moves(entra), of(&["prs_a", "prs_b"], &["prs_c"]));
    assert_eq!(moves(json!([{ "op": "remove", "path": "members[value eq \"prs_a\"]" }])), of(&[], &["prs_a"]));
    for whole in [
        json!([{ "op": "replace", "path": "members", "value": [] }]),
        json!([{ "op": "remove", "path": "members" }]),
        json!([{ "op": "add", "value": { "members": [{ "value": "prs_a" }] } }]),
        json!([{ "op": "add", "path": "members", "value": "prs_a" }, { "op": "remove", "path": "members[value eq \"prs_a\"]" }]),
        json!([{ "op": "replace", "path": "displayName", "value": "x" }]),
    ] {
        assert_eq!(moves(whole.clone()), None, "{whole}");
    }
}
