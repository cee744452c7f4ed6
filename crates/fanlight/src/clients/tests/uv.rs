use std::path::Path;

use proptest::prelude::*;

use super::super::*;
use super::setting;

fn uv(before: &str) -> String {
    let text = written(Client::Uv, before, &setting()).unwrap();
    let document: toml_edit::DocumentMut = text.parse().unwrap();
    let tables = document["index"].as_array_of_tables().unwrap();
    let defaults: Vec<_> =
        tables.iter().filter(|t| t.get("default").is_some_and(|d| d.as_bool() == Some(true))).collect();
    assert_eq!(defaults.len(), 1, "{text}");
    assert_eq!(defaults[0]["url"].as_str(), Some(setting().index_url.as_str()));
    text
}

fn given_back(before: &str) {
    assert_eq!(taken_out(Client::Uv, &uv(before)).unwrap().unwrap(), before);
}

#[test]
fn an_empty_file_gets_an_index() {
    insta::assert_snapshot!(uv(""));
}

#[test]
fn every_other_default_is_switched_off() {
    let before = "# uv, for all my projects\nindex-url = \"https://a.example/simple\" # the office\npreview = true\n\n\
                  [pip]\nindex-url = \"https://c.example/simple\"\ngenerate-hashes = true\n\n\
                  [[index]]\n# the team's own\nname = \"team\"\nurl = \"https://team.example/simple\"\nexplicit = true\n\n\
                  [[index]]\nname = \"mirror\"\nurl = \"https://b.example/simple\"\ndefault = true\n\n# the end\n";
    insta::assert_snapshot!(uv(before));
    given_back(before);
}

#[test]
fn a_table_in_the_middle_is_switched_off_alone() {
    let before = "[[index]]\nurl = \"https://b.example/simple\"\ndefault = true\n\n[[index]]\nname = \"z\"\nurl = \
                  \"https://z.example\"\n\n[pip]\nno-build = true\n";
    let text = uv(before);
    assert!(text.contains("\n[[index]]\nname = \"z\"\n"), "{text}");
    assert!(text.contains("\n[pip]\nno-build = true\n"), "{text}");
    given_back(before);
}

#[test]
fn an_index_written_as_a_value_comes_again_among_ours() {
    let before = "index = [\n  { url = \"https://b.example/simple\", default = true },\n  { name = \"team\", url = \
                  \"https://team.example\", explicit = true },\n]\nno-cache = true\n";
    let text = uv(before);
    assert!(text.contains("name = \"team\""), "{text}");
    assert!(text.contains("\nno-cache = true\n"), "{text}");
    insta::assert_snapshot!(text);
    given_back(before);
}

#[test]
fn line_endings_and_a_missing_last_one() {
    given_back("preview = true\r\n[pip]\r\nindex-url = \"https://c.example\"\r\n");
    let text = uv("preview = true");
    assert_eq!(taken_out(Client::Uv, &text).unwrap().unwrap(), "preview = true\n");
}

#[test]
fn what_is_no_toml_is_refused_with_the_line() {
    let Err(marks::EditError::Unreadable { line, .. }) =
        written(Client::Uv, "preview = true\nindex-url =\n", &setting())
    else {
        panic!("it was taken");
    };
    assert_eq!(line, 2);
    assert!(written(Client::Uv, "pip = { index-url = \"https://a.example\" }\n", &setting()).is_err());
}

#[test]
fn what_leads_past_the_door_is_told() {
    let variables =
        [("UV_INDEX", "https://a.example"), ("UV_DEFAULT_INDEX", "https://b.example"), ("UV_NO_INDEX", "false")];
    let around = Surroundings {
        environment: variables.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
        ..Surroundings::default()
    };
    let text = uv("find-links = [\"/srv\"]\n[pip]\nextra-index-url = [\"https://c.example\"]\n\
                   [[index]]\nname = \"team\"\nurl = \"https://team.example\"\n");
    let found = beside::beside(Client::Uv, &around, Path::new("/nowhere/uv.toml"), &text, "127.0.0.1");
    insta::assert_json_snapshot!(found);
}

proptest! {
    #[test]
    fn any_text_is_judged_without_panic(text in "(?s).{0,200}") {
        let _ = written(Client::Uv, &text, &setting());
        let _ = taken_out(Client::Uv, &text);
    }
}
