use std::path::Path;

use proptest::prelude::*;

use super::super::*;
use super::setting;

fn pip(before: &str) -> String {
    written(Client::Pip, before, &setting()).unwrap()
}

#[test]
fn an_empty_file_gets_a_section() {
    insta::assert_snapshot!(pip(""));
}

#[test]
fn other_options_comments_and_order_stay() {
    insta::assert_snapshot!(pip(
        "; the team's settings\n[global]\ntimeout = 60\n# mirror of the office\nindex_url: https://mirror.example/simple\n\n[install]\n  --index-url = \
         https://other.example/simple\nno-compile = yes\ntrusted-host =\n    mirror.example\n    other.example\n"
    ));
}

#[test]
fn a_file_without_the_section_keeps_its_own() {
    insta::assert_snapshot!(pip("[list]\nformat = columns"));
}

#[test]
fn indented_options_do_not_become_part_of_our_value() {
    let text = pip("[global]\n  timeout = 60\n    retries = 3\n");
    insta::assert_snapshot!(text);
    let ini = ini::Ini::read(&text).unwrap();
    let read: Vec<_> = ini.options.iter().map(|o| (o.key.as_str(), o.value.lines().count())).collect();
    assert_eq!(read, [("index-url", 1), ("timeout", 2)]);
}

#[test]
fn a_long_value_is_switched_off_as_a_whole() {
    let text =
        pip("[global]\nindex-url =\n    https://a.example/simple\n\n    https://b.example/simple\ntimeout = 1\n");
    let ini = ini::Ini::read(&text).unwrap();
    assert_eq!(ini.all("index-url").count(), 1);
    assert_eq!(ini.all("timeout").count(), 1);
}

#[test]
fn the_root_certificate_is_named() {
    let with_root = Setting { root: Some("/home/asha/.config/pip/fanlight-roots.pem".to_owned()), ..setting() };
    let text = written(Client::Pip, "[global]\ncert = /etc/ssl/company.pem\n", &with_root).unwrap();
    insta::assert_snapshot!(text);
    assert_eq!(taken_out(Client::Pip, &text).unwrap().unwrap(), "[global]\ncert = /etc/ssl/company.pem\n");
}

#[test]
fn line_endings_stay_as_they_are() {
    let before = "[global]\r\ntimeout = 60\r\n";
    let text = pip(before);
    assert!(text.lines().all(|line| !line.contains('\r')), "lines() strips CRLF: {text:?}");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert_eq!(taken_out(Client::Pip, &text).unwrap().unwrap(), before);
}

#[test]
fn what_pip_would_not_read_is_refused_with_the_line() {
    let line = |text: &str| match written(Client::Pip, text, &setting()) {
        Err(marks::EditError::Unreadable { line, .. }) => line,
        other => panic!("{text:?} was taken: {other:?}"),
    };
    assert_eq!(line("timeout = 1\n"), 1);
    assert_eq!(line("[global]\n[install]\n[global]\n"), 3);
    assert_eq!(line("[global]\nnonsense\n"), 2);
}

#[test]
fn a_header_of_ours_stays_where_options_follow_it() {
    let text = pip("") + "timeout = 60\n";
    assert_eq!(taken_out(Client::Pip, &text).unwrap().unwrap(), "[global]\ntimeout = 60\n");
    let text = pip("") + "# only words\n[install]\nno-compile = yes\n";
    assert_eq!(taken_out(Client::Pip, &text).unwrap().unwrap(), "# only words\n[install]\nno-compile = yes\n");
}

#[test]
fn an_edit_made_since_stays() {
    let text =
        pip("[global]\nindex-url = https://mirror.example/simple\n").replace("[global]\n", "[global]\nretries = 9\n");
    let out = taken_out(Client::Pip, &text).unwrap().unwrap();
    assert_eq!(out, "[global]\nretries = 9\nindex-url = https://mirror.example/simple\n");
}

#[test]
fn what_leads_past_the_door_is_told() {
    let around = Surroundings {
        environment: [
            ("PIP_INDEX_URL", "https://u:p@mirror.example/simple"),
            ("PIP_FIND_LINKS", "/opt/wheels"),
            ("PIP_NO_INDEX", "0"),
            ("https_proxy", "http://proxy.example"),
            ("http_proxy", "http://proxy.example"),
            ("NO_PROXY", "intern.example"),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .into(),
        home: "/nowhere".into(),
        ..Surroundings::default()
    };
    let text = pip("[global]\nextra-index-url = https://b.example\nno-index = false\n[install]\nfind-links = /srv\n");
    let found = beside::beside(Client::Pip, &around, Path::new("/nowhere/pip.conf"), &text, "127.0.0.1");
    insta::assert_json_snapshot!(found);
}

#[test]
fn our_own_address_in_the_environment_is_no_way_past() {
    let url = setting().index_url;
    let around = Surroundings {
        environment: [("PIP_INDEX_URL".to_owned(), url)].into(),
        home: "/nowhere".into(),
        ..Surroundings::default()
    };
    let found = beside::beside(Client::Pip, &around, Path::new("/nowhere/pip.conf"), &pip(""), "127.0.0.1");
    assert_eq!(found, []);
}

proptest! {
    /// Whatever stands in a file that pip can read, taking ours out gives it back.
    #[test]
    fn taking_out_gives_back_what_was_there(
        lines in prop::collection::vec("(#[a-z ]{0,8}|[a-z]{1,6} ?[=:] ?[a-z]{0,6}|  [a-z]{1,4} = x|\\[[a-z]{1,5}\\]|\\[global\\]|index[_-]url = [a-z]{1,5}|)", 0..12)
    ) {
        let before: String = lines.iter().map(|line| format!("{line}\n")).collect();
        if let Ok(text) = written(Client::Pip, &before, &setting()) {
            let ini = ini::Ini::read(&text).unwrap();
            prop_assert_eq!(ini.all("index-url").count(), 1);
            prop_assert_eq!(taken_out(Client::Pip, &text).unwrap().unwrap(), before);
        }
    }

    #[test]
    fn any_text_is_judged_without_panic(text in "(?s).{0,200}") {
        let _ = written(Client::Pip, &text, &setting());
        let _ = taken_out(Client::Pip, &text);
    }
}

#[test]
fn variables_that_name_other_roots_are_told_where_the_node_has_its_own() {
    let around = Surroundings {
        environment: [("REQUESTS_CA_BUNDLE".to_owned(), "/etc/ssl/all.pem".to_owned())].into(),
        home: "/nowhere".into(),
        ..Surroundings::default()
    };
    let file = Path::new("/nowhere/pip.conf");
    let with_root = format!("[global]\ncert = /home/asha/.config/pip/{}\n", crate::clients::installed::ROOT_FILE);
    let told = |text: &str| {
        beside::beside(Client::Pip, &around, file, text, "127.0.0.1")
            .iter()
            .any(|b| b.what.contains("REQUESTS_CA_BUNDLE"))
    };
    assert!(told(&with_root));
    assert!(!told("[global]\n"));
}
