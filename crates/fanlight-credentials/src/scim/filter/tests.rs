//! Filters: the RFC's own examples, what directories send, and what is no filter.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn ada() -> Object {
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "2819c223-7f76", "externalId": "ADA", "userName": "bjensen", "userType": "Employee", "title": "Vice President",
        "active": true, "name": {"familyName": "O'Malley"}, "loginCount": 7,
        "emails": [{"type": "work", "value": "ada@example.com"}, {"type": "home", "value": "ada@home.example.org"}],
        "meta": {"lastModified": "2011-05-13T04:42:34.5Z"},
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Engines", "manager": {"value": "m1"}},
    });
    let Value::Object(user) = user else { panic!("an object") };
    user
}

fn answers(filter: &str) -> bool {
    Filter::read(filter).unwrap_or_else(|fault| panic!("{filter}: {fault}")).matches(&ada())
}

#[test]
fn the_examples_of_rfc_7644_are_answered() {
    // Figure 2 of section 3.4.2.2, each with its answer for the user above.
    for (filter, wanted) in [
        (r#"userName eq "bjensen""#, true),
        (r#"name.familyName co "O'Malley""#, true),
        (r#"userName sw "J""#, false),
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "B""#, true),
        ("title pr", true),
        (r#"meta.lastModified gt "2011-05-13T04:42:34Z""#, true),
        (r#"meta.lastModified ge "2011-05-13T04:42:34Z""#, true),
        (r#"meta.lastModified lt "2011-05-13T04:42:34Z""#, false),
        (r#"meta.lastModified le "2011-05-13T04:42:34Z""#, false),
        (r#"title pr and userType eq "Employee""#, true),
        (r#"title pr or userType eq "Intern""#, true),
        (r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#, false),
        (r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#, true),
        (r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#, false),
        (r#"userType eq "Employee" and (emails.type eq "work")"#, true),
        (r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#, true),
        (r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#, true),
    ] {
        assert_eq!(answers(filter), wanted, "{filter}");
    }
}

#[test]
fn what_directories_send_is_answered() {
    for (filter, wanted) in [
        (r#"userName Eq "BJENSEN""#, true),
        (r#"externalId eq "ADA""#, true),
        (r#"externalId eq "ada""#, false),
        (r#"active eq true"#, true),
        (r#"active eq "True""#, true),
        (r#"active ne "False""#, true),
        (r#"emails[type eq "work"].value eq "x""#, false),
        (r#"emails eq "ada@example.com""#, true),
        (r#"id eq "2819c223-7f76" and emails[value eq "ada@example.com"]"#, true),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "engines""#, true),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "m1""#, true),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "m1""#, true),
    ] {
        let read = Filter::read(filter);
        if filter.contains("].value") {
            assert!(read.is_err(), "a path of a change is no filter");
            continue;
        }
        assert_eq!(answers(filter), wanted, "{filter}");
    }
    assert_eq!(Filter::read(r#"userName eq "x""#).unwrap().wants("username"), Some("x"));
    assert_eq!(Filter::read(r#"userName ne "x""#).unwrap().wants("username"), None);
    assert_eq!(Filter::read(r#"userName eq "x" or title pr"#).unwrap().wants("username"), None);
}

#[test]
fn and_binds_stronger_than_or_and_not_strongest() {
    let reads_as =
        |one: &str, other: &str| assert_eq!(Filter::read(one).unwrap(), Filter::read(other).unwrap(), "{one}");
    reads_as("a pr or b pr and c pr", "a pr or (b pr and c pr)");
    reads_as("not (a pr) and b pr", "(not (a pr)) and b pr");
    reads_as("a pr and b pr or c pr", "(a pr and b pr) or c pr");
    reads_as("  a   pr  AND  NOT(b PR)", "a pr and not (b pr)");
    reads_as(r#"not eq "x""#, r#"(not eq "x")"#);
}

#[test]
fn kinds_are_compared_with_their_own() {
    for (filter, wanted) in [
        ("loginCount gt 6", true),
        ("loginCount le 6.5", false),
        ("loginCount eq 7.0", true),
        (r#"loginCount eq "7""#, false),
        ("title eq null", false),
        ("nickName eq null", true),
        ("nickName ne null", false),
        (r#"nickName ne "x""#, true),
        (r#"nickName eq "x""#, false),
        (r#"active gt false"#, false),
        (r#"active co "tru""#, false),
        (r#"title gt 5"#, false),
        (r#"title eq "vice \u0070resident""#, true),
        (r#"title eq "a\"b""#, false),
    ] {
        assert_eq!(answers(filter), wanted, "{filter}");
    }
}

#[test]
fn what_is_no_filter_is_told_with_its_place() {
    for (text, words) in [
        ("", "at character 0: expected an attribute"),
        ("userName", "expected `eq`"),
        ("userName eq", "expected a text in quotation marks"),
        ("userName eq x", "at character 12: expected a text in quotation marks"),
        (r#"userName eq "x"#, "expected a closing quotation mark"),
        (r#"userName eq "x" x"#, "expected `and`, `or`, or the end"),
        (r#"userName eq "x" and"#, "expected an attribute"),
        (r#"(userName eq "x""#, "expected `)`"),
        (r#"emails[type eq "x""#, "expected `]`"),
        (r#"userName like "x""#, "expected `eq`"),
        (r#"userName eq {"a": 1}"#, "expected a text"),
        ("userName eq [1]", "expected a text"),
        ("user'; DROP TABLE people; -- eq 1", "something else than an attribute"),
        ("(((", "expected an attribute"),
        ("ä pr", "something else than an attribute"),
    ] {
        let told = Filter::read(text).unwrap_err().to_string();
        assert!(told.contains(words), "{text}: {told}");
    }
}

#[test]
fn length_terms_and_depth_are_bounded() {
    let deep = |depth: usize| format!("{}a pr{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::read(&deep(limits::SCIM_FILTER_DEPTH)).is_ok());
    assert_eq!(Filter::read(&deep(limits::SCIM_FILTER_DEPTH + 1)), Err(FilterFault::TooDeep));
    let nots = format!("{}a pr{}", "not(".repeat(500), ")".repeat(500));
    assert_eq!(Filter::read(&nots), Err(FilterFault::TooDeep));
    let wide = |terms: usize| vec!["a pr"; terms].join(" or ");
    assert_eq!(Filter::read(&wide(limits::SCIM_FILTER_TERMS)).unwrap().terms(), limits::SCIM_FILTER_TERMS);
    assert_eq!(Filter::read(&wide(limits::SCIM_FILTER_TERMS + 1)), Err(FilterFault::TooMany));
    assert_eq!(Filter::read(&" ".repeat(limits::SCIM_FILTER_BYTES + 1)), Err(FilterFault::TooLong));
}

/// Filters of every shape.
fn filters() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["userName", "emails.type", "active", "nickName", "loginCount"]);
    let operator = prop::sample::select(vec!["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]);
    let literal = prop::sample::select(vec!["\"bjensen\"", "\"work\"", "true", "null", "7", "\"\""]);
    let term = (name, operator, literal).prop_map(|(name, operator, literal)| format!("{name} {operator} {literal}"));
    term.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}) and ({other})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}) or ({other})")),
            inner.prop_map(|one| format!("not ({one})")),
        ]
    })
}

proptest! {
    #[test]
    fn the_laws_of_logic_hold(one in filters(), other in filters()) {
        let (a, b) = (answers(&one), answers(&other));
        prop_assert_eq!(answers(&format!("({one}) and ({other})")), a && b);
        prop_assert_eq!(answers(&format!("({one}) or ({other})")), a || b);
        prop_assert_eq!(answers(&format!("not ({one})")), !a);
        let (neither, nor) = (format!("not (({one}) or ({other}))"), format!("not ({one}) and not ({other})"));
        prop_assert_eq!(answers(&neither), answers(&nor));
    }

    #[test]
    fn any_text_is_judged_without_panic(text in r#"[a-z\[\]()". \\0-9äéeqandornotpr]{0,60}"#) {
        if let Ok(filter) = Filter::read(&text) {
            let _ = filter.matches(&ada());
        }
    }
}
