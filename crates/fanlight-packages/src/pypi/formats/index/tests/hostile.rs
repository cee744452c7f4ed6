//! Pages that mean harm, in either form.

use super::*;

#[test]
fn unsafe_file_names_are_left_out_and_noted() {
    let index = with_files(&[
        r#""filename":"../../etc/passwd","url":"a""#,
        r#""filename":"foo-1.0.zip\u0000","url":"a""#,
        r#""filename":"foo\r\nX: y","url":"a""#,
        r#""filename":"","url":"a""#,
        r#""filename":"foo-1.0.whl.metadata","url":"a""#,
        r#""url":"a""#,
        r#""filename":"foo-1.0.zip","url":"a""#,
    ]);
    assert_eq!(index.files.len(), 1);
    let refused: Vec<_> = index
        .notes
        .iter()
        .map(|note| match note.problem {
            Problem::RefusedName(why) => Some(why),
            _ => None,
        })
        .collect();
    assert_eq!(
        refused,
        [
            Some(RefusedName::Separator),
            Some(RefusedName::ControlCharacter),
            Some(RefusedName::ControlCharacter),
            Some(RefusedName::Empty),
            Some(RefusedName::Companion),
            None
        ]
    );
    assert!(!notes(&index).contains(['\0', '\r']), "notes are cleaned");
    let index = html(r#"<a href="x/..%2f..%2fpasswd">a</a><a href="x/foo%0a-1.zip">b</a><a href="x/%2e%2e">c</a>"#);
    assert_eq!((index.files.len(), index.notes.len()), (0, 3));
}

#[test]
fn only_http_addresses_are_kept() {
    for url in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/plain,x",
        "ftp://files.example/foo-1.0.zip",
        "http://",
        "https://[bad/",
        "",
        &format!("https://files.example/{}", "a".repeat(5000)),
    ] {
        let index = with_files(&[&format!(r#""filename":"foo-1.0.zip","url":"{url}""#)]);
        assert_eq!(index.notes.len(), 1, "{url}");
        assert_eq!(index.notes[0].problem, Problem::BadUrl, "{url}");
    }
}

#[test]
fn of_two_files_with_one_name_the_first_stays() {
    let index = with_files(&[
        r#""filename":"foo-1.0.zip","url":"https://a.example/1""#,
        r#""filename":"foo-1.0.zip","url":"https://b.example/2""#,
    ]);
    assert_eq!(index.files.len(), 1);
    assert_eq!(index.files[0].address(), "https://a.example/1");
    assert_eq!(notes(&index), "\"foo-1.0.zip\": left out: the page has a file of that name already\n");
}

#[test]
fn invalid_json_says_where_and_shows_no_data() {
    let error = json("{\n  \"files\": [ s3cret ]}").unwrap_err();
    assert_eq!(error.to_string(), "the index page is no valid JSON: line 2, column 14: unexpected text");
    let error = json("{\"files\": [{\"filename\": \"s3cret").unwrap_err();
    assert_eq!(error.to_string(), "the index page is no valid JSON: line 1, column 31: it ends in the middle");
    for (body, said) in [
        ("{\"files\": []} trailing", "the index page is no valid JSON: line 1, column 15: unexpected text"),
        ("[\"s3cret\"]", "the index page's top level is not a JSON object"),
        ("\"s3cret\"", "the index page's top level is not a JSON object"),
        ("{\"files\": \"s3cret\"}", "the index page's files is not a list"),
        ("{\"versions\": {}, \"files\": []}", "the index page's versions is not a list"),
        ("{\"message\": \"s3cret\"}", "the index page's files is not there"),
    ] {
        assert_eq!(json(body).unwrap_err().to_string(), said, "{body}");
    }
}

#[test]
fn another_content_type_is_named() {
    let of = |content_type| parse("foo", content_type, &page_url(), b"{}").unwrap_err().to_string();
    assert!(of(Some("image/png")).contains("\"image/png\""));
    assert!(of(Some("application/vnd.pypi.simple.v2+json")).contains("v2+json"));
    assert!(of(None).contains("\"none\""));
    assert!(of(Some("x\r\ny")).contains("x??y"));
}

#[test]
fn depth_costs_nothing() {
    let deep = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
    for body in [
        format!(r#"{{"files":[],"x":{deep}}}"#),
        format!(r#"{{"files":[{{"filename":"foo-1.zip","url":"a","size":{deep}}}]}}"#),
        format!(r#"{{"files":[{deep}]}}"#),
        format!(r#"{{"files":[],"name":{deep}}}"#),
    ] {
        json(&body).unwrap();
    }
    let open = "<div>".repeat(200_000);
    assert_eq!(html(&format!("{open}<a href=foo-1.zip>x</a>")).files.len(), 1);
}

#[test]
fn counts_are_bounded() {
    let mut page = String::from(r#"{"files":["#);
    for n in 0..=limits::INDEX_PAGE_FILES {
        let _ = write!(page, r#"{}{{"filename":"f{n}","url":"a"}}"#, if n == 0 { "" } else { "," });
    }
    page.push_str("]}");
    let error = json(&page).unwrap_err();
    assert_eq!(error, IndexError::TooMany { what: "files", limit: limits::INDEX_PAGE_FILES });
    assert_eq!(error.limit().as_deref(), Some("100000 files"));
    let bad = with_files(&vec![r#""filename":"..","url":"a""#; 1000]);
    assert_eq!((bad.notes.len(), bad.notes_left_out), (limits::INDEX_PAGE_NOTES, 1000 - limits::INDEX_PAGE_NOTES));
    let page = "x".repeat(limits::INDEX_PAGE_BYTES + 1);
    assert!(matches!(json(&page), Err(IndexError::TooLong { .. })));
}

#[test]
fn texts_are_bounded_and_cleaned() {
    let long = "ä".repeat(5000);
    let index = with_files(&[&format!(
        r#""filename":"foo-1.0.zip","url":"a","yanked":"\u202e{long}","requires-python":"{long}""#
    )]);
    let reason = index.files[0].yanked.reason().unwrap();
    assert!(reason.len() <= limits::INDEX_TEXT_BYTES && reason.ends_with('…') && reason.starts_with('ä'));
    assert_eq!(index.files[0].requires_python, None, "half a range of versions would be another range");
    assert!(notes(&index).contains("requires-python"));
}

#[test]
fn bytes_that_are_no_text_are_survived() {
    let page = b"<a href=\"foo-1.0\xff.zip\">x</a><a href=foo-1.1.zip data-requires-python=\"\xff\">x</a>";
    let index = parse("foo", Some(HTML), &page_url(), page).unwrap();
    assert_eq!(index.files.len(), 1);
    let error = parse("foo", Some(JSON), &page_url(), b"{\"files\":[{\"filename\":\"\xff\"}]}").unwrap_err();
    assert!(matches!(error, IndexError::InvalidJson { line: 1, .. }));
}
