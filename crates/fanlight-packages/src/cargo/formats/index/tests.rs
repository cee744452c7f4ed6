use proptest::prelude::*;

use super::*;

fn name() -> Name {
    Name::parse("tool").unwrap()
}

fn line(version: &str, yanked: &str) -> String {
    let checksum = "0a".repeat(32);
    format!(r#"{{"name":"tool","vers":"{version}","deps":[ ],"cksum":"{checksum}","features":{{}}{yanked},"x": 1.0}}"#)
}

fn read(file: &str) -> Crate {
    Crate::parse(&name(), Bytes::from(file.to_owned())).unwrap()
}

#[test]
fn a_line_tells_version_checksum_and_time() {
    let file = line("1.0.0", r#","yanked":false,"pubtime":"2026-01-02T03:04:05Z""#) + "\n" + &line("1.1.0", "") + "\n";
    let read = read(&file);
    let [first, second] = &read.releases[..] else { panic!("two releases") };
    assert_eq!((first.checksum, first.is_yanked), (Some(Sha256([10; 32])), false));
    assert_eq!(first.published.map(|time| time.to_string()).as_deref(), Some("2026-01-02T03:04:05Z"));
    assert_eq!((&*second.text, second.published), ("1.1.0", None));
    assert!(read.notes.is_empty());
}

#[test]
fn only_yanked_is_changed() {
    let file = [
        line("1.0.0", r#","yanked":false"#),
        line("1.1.0", r#","yanked" : false"#),
        line("1.2.0", ""),
        line("1.3.0", r#","yanked":true"#),
    ]
    .join("\n");
    let read = read(&file);
    assert_eq!(String::from_utf8(read.render(&[false; 4])).unwrap(), file.clone() + "\n");
    let held = String::from_utf8(read.render(&[false, true, true, true])).unwrap();
    let lines: Vec<&str> = held.lines().collect();
    let was: Vec<&str> = file.lines().collect();
    assert_eq!((lines[0], lines[3]), (was[0], was[3]));
    assert_eq!(lines[1], was[1].replace("false", "true"));
    assert_eq!(lines[2], was[2].strip_suffix('}').unwrap().to_owned() + r#","yanked":true}"#);
}

#[test]
fn a_line_that_is_no_release_of_the_crate_is_left_out_and_noted() {
    let other = line("1.0.0", "").replace("tool", "other");
    let file = [
        "nonsense",
        &other,
        &line("1.0", ""),
        &line("1.0.0", r#","yanked":"maybe""#),
        &line("1.0.0+a", ""),
        &line("1.0.0+b", ""),
    ]
    .join("\n");
    let read = read(&file);
    assert_eq!(read.releases.iter().map(|r| &*r.text).collect::<Vec<_>>(), ["1.0.0+a"]);
    assert_eq!(
        read.notes.iter().map(|note| (note.line, note.problem)).collect::<Vec<_>>(),
        [
            (1, Problem::NoRelease),
            (2, Problem::OtherCrate),
            (3, Problem::BadVersion),
            (4, Problem::NoRelease),
            (6, Problem::Duplicate)
        ]
    );
}

#[test]
fn a_file_without_any_release_of_the_crate_is_an_error() {
    let page = Bytes::from_static(b"<!doctype html>\n<form>secret</form>");
    assert_eq!(Crate::parse(&name(), page), Err(IndexError::NoRelease));
    assert_eq!(Crate::parse(&name(), Bytes::from_static(b"\xff")), Err(IndexError::NotText));
    assert!(Crate::parse(&name(), Bytes::new()).is_ok_and(|read| read.releases.is_empty()));
}

proptest! {
    #[test]
    fn any_bytes_are_judged_and_what_is_kept_is_rendered_as_lines_of_json(
        file in proptest::collection::vec(any::<u8>(), 0..200),
        held in any::<bool>(),
    ) {
        if let Ok(read) = Crate::parse(&name(), file.into()) {
            let _ = read.render(&vec![held; read.releases.len()]);
        }
    }

    #[test]
    fn a_withheld_line_is_yanked_and_else_the_same(rest in "[a-z \\\\\"{}\\[\\],:0-9]{0,20}", order in any::<bool>()) {
        let rest = serde_json::to_string(&rest).unwrap();
        let line = if order {
            format!(r#"{{"yanked":false,"z":{rest},"name":"Tool","vers":"1.0.0"}}"#)
        } else {
            format!(r#"{{"z":{rest},"name":"tool","vers":"1.0.0","yanked":false}}"#)
        };
        let read = read(&line);
        let mut expected: serde_json::Value = serde_json::from_str(&line).unwrap();
        expected["yanked"] = true.into();
        let held: serde_json::Value = serde_json::from_slice(&read.render(&[true])).unwrap();
        prop_assert_eq!(held, expected);
    }
}

#[test]
fn what_is_neither_yanked_nor_not_is_yanked_once_where_it_is_withheld() {
    let name = Name::parse("tool").unwrap();
    let line = r#"{"name":"tool","vers":"1.0.0","cksum":"","yanked":null}"#;
    let index = Crate::parse(&name, line.into()).unwrap();
    assert!(!index.releases[0].is_yanked);
    let written = String::from_utf8(index.render(&[true])).unwrap();
    assert_eq!(written, "{\"name\":\"tool\",\"vers\":\"1.0.0\",\"cksum\":\"\",\"yanked\":true}\n");
}
