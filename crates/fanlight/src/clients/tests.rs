//! The edits by example, on shapes that configuration files have in real life, and by property.

use super::*;

mod disk;
mod others;
mod pip;
mod roots;
mod uv;

fn setting() -> Setting {
    Setting { index_url: "http://asha:flk_1_s_2@127.0.0.1:7070/pypi/simple/".to_owned(), root: None }
}

#[test]
fn a_name_cannot_end_the_user_part() {
    let parts = IndexParts { scheme: "http".into(), host: "[::1]".into(), port: 7070, path: "/pypi/simple/".into() };
    let url = index_url(&parts, "Zoe @ Ops/2", "flk_a_b_c");
    assert_eq!(url, "http://Zoe%20%40%20Ops%2F2:flk_a_b_c@[::1]:7070/pypi/simple/");
    for unsendable in ["Zoë", "李雷", "a:b"] {
        let url = index_url(&parts, unsendable, "flk_a_b_c");
        assert_eq!(url, "http://device:flk_a_b_c@[::1]:7070/pypi/simple/");
    }
    let read = url::Url::parse(&url).unwrap();
    assert_eq!((read.host_str(), read.password()), (Some("[::1]"), Some("flk_a_b_c")));
}

#[test]
fn no_part_of_a_token_is_shown() {
    let shown = hide_tokens("a http://x:flk_id_Secret-1_9f@h/ and flk_2, flk_…");
    assert_eq!(shown, "a http://x:flk_…@h/ and flk_…, flk_…");
}

#[test]
fn a_text_without_marks_has_nothing_of_ours() {
    assert_eq!(taken_out(Client::Pip, "[global]\nindex-url = http://a.example/\n"), Ok(None));
    assert_eq!(taken_out(Client::Uv, ""), Ok(None));
}

#[test]
fn broken_marks_are_said_with_their_line() {
    let text = written(Client::Pip, "", &setting()).unwrap();
    let no_end = text.replace(marks::END, "");
    assert_eq!(taken_out(Client::Pip, &no_end), Err(marks::EditError::MarksChanged { line: 1, ours: vec![1, 3] }));
    let no_start = text.replace(marks::START, "");
    assert_eq!(taken_out(Client::Pip, &no_start), Err(marks::EditError::MarksChanged { line: 3, ours: vec![3, 4] }));
}
