use super::*;

#[test]
fn members_keep_their_order_and_text() {
    let object = Object::read(r#" {"b": 1e400, "a" : {"x":[1, 2]}, "\u0063": "t\u0065xt"} "#).unwrap();
    let members: Vec<_> = object.iter().map(|(name, value)| (name, value.get())).collect();
    assert_eq!(members, [("b", "1e400"), ("a", r#"{"x":[1, 2]}"#), ("c", r#""t\u0065xt""#)]);
    assert_eq!(object.text("c").as_deref(), Some("text"));
    assert_eq!(object.text("b"), None);
    assert_eq!(object.object("a").unwrap().get("x").unwrap().get(), "[1, 2]");
}

#[test]
fn of_a_repeated_name_the_last_value_counts() {
    let object = Object::read(r#"{"a":1,"b":2,"\u0061":3}"#).unwrap();
    let members: Vec<_> = object.iter().map(|(name, value)| (name, value.get())).collect();
    assert_eq!(members, [("a", "3"), ("b", "2")]);
}

#[test]
fn what_is_no_object_is_told() {
    for text in ["", "[]", "1", "null", "{", r#"{"a":}"#, r#"{"a":1} x"#] {
        assert!(Object::read(text).is_none(), "{text}");
    }
}

#[test]
fn deep_values_are_passed_over_without_recursion() {
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(Object::read(&deep).unwrap().get("a").unwrap().get().len(), 400_000);
}
