//! The JSON form.

use super::*;

#[test]
fn a_full_page_is_read() {
    let index = json(&format!(
        r#"{{
          "meta": {{"api-version": "1.4", "_last-serial": 42, "tracks": []}},
          "name": "foo", "alternate-locations": ["x"],
          "project-status": {{"status": "deprecated", "reason": "use\nbar"}},
          "versions": ["1.0", "1.1"],
          "files": [
            {{"filename": "foo-1.0.tar.gz", "url": "https://files.example/a/foo-1.0.tar.gz#sha256=0",
              "hashes": {{"sha256": "{HASH}", "MD5": "AbCd"}}, "requires-python": ">=3.8,<4", "size": 12345,
              "upload-time": "2024-05-01T10:20:30.123456Z", "yanked": "broken\u0021", "gpg-sig": true,
              "core-metadata": {{"sha256": "{HASH}"}}, "provenance": "https://upstream.example/p/1",
              "unknown": {{"deep": [[[1]]]}}}},
            {{"filename": "foo-1.1-py3-none-any.whl", "url": "../../files/foo-1.1-py3-none-any.whl", "hashes": {{}},
              "requires-python": null, "size": null, "yanked": false, "provenance": null}}
          ]
        }}"#
    ))
    .unwrap();
    assert_eq!(notes(&index), "");
    assert_eq!((&*index.name, index.api_version.to_string().as_str()), ("foo", "1.4"));
    assert_eq!(index.versions, ["1.0".into(), "1.1".into()] as [Box<str>; 2]);
    assert_eq!(index.project_status.status, Status::Deprecated);
    assert_eq!(index.project_status.reason.as_deref(), Some("use bar"));
    let [old, new] = &index.files[..] else { panic!("two files") };
    assert_eq!(old.address(), "https://files.example/a/foo-1.0.tar.gz");
    assert_eq!(old.hashes.sha256.unwrap().to_string(), HASH);
    assert_eq!(*old.hashes.others, [("md5".into(), "abcd".into())]);
    assert_eq!(old.requires_python.as_deref(), Some(">=3.8,<4"));
    assert_eq!((old.size, old.gpg_sig), (Some(12345), Some(true)));
    assert_eq!(old.upload_time, Some("2024-05-01T10:20:30.123456Z".parse().unwrap()));
    assert_eq!(old.yanked.reason().map(|r| &**r), Some("broken!"));
    assert_eq!(old.core_metadata.sha256(), old.hashes.sha256);
    assert_eq!(old.attested_at().unwrap(), "https://upstream.example/p/1");
    assert_eq!(new.address(), "https://upstream.example/files/foo-1.1-py3-none-any.whl");
    assert!(new.hashes.is_empty() && !new.yanked.is_yanked() && new.size.is_none() && new.provenance.is_none());
}

#[test]
fn a_wrong_type_of_one_field_touches_that_file_alone() {
    let good = format!(
        r#""filename":"foo-2.0.zip","url":"foo-2.0.zip","hashes":{{"sha256":"{HASH}"}},"size":1,"upload-time":"2024-01-01T00:00:00Z""#
    );
    for (field, kept) in [
        ("hashes", true),
        ("requires-python", true),
        ("size", true),
        ("upload-time", true),
        ("yanked", true),
        ("gpg-sig", true),
        ("core-metadata", true),
        ("provenance", true),
        ("filename", false),
        ("url", false),
    ] {
        for wrong in ["17.5", "-3", "[1,[2]]", r#"[{"a":{"b":[]}}]"#] {
            let bad: String = [("filename", r#""foo-1.0.zip""#), ("url", r#""foo-1.0.zip""#)]
                .iter()
                .filter(|(name, _)| *name != field)
                .map(|(name, value)| format!(r#""{name}":{value},"#))
                .collect();
            let index = with_files(&[&format!(r#"{bad}"{field}":{wrong}"#), &good]);
            assert_eq!(index.files.len(), if kept { 2 } else { 1 }, "{field}: {wrong}");
            assert_eq!(&*index.files.last().unwrap().filename, "foo-2.0.zip");
            assert_eq!(index.notes.len(), 1, "{field}: {wrong}: {}", notes(&index));
            if field == "yanked" {
                assert_eq!(index.files[0].yanked, Yanked::Yes(None), "what cannot be read counts as yanked");
            }
        }
    }
}

#[test]
fn an_entry_that_is_no_object_is_left_out() {
    let index = json(
        r#"{"files":[1,null,"x",[{}],true,-1.5,{"filename":"foo-1.zip","url":"foo-1.zip"}],"versions":[1,"","1"]}"#,
    )
    .unwrap();
    assert_eq!(index.files.len(), 1);
    assert_eq!(index.versions.len(), 1);
    assert_eq!(index.notes.len(), 8, "{}", notes(&index));
}

#[test]
fn metadata_is_read_under_its_old_and_new_names() {
    let metadata = |fields: &str| {
        with_files(&[&format!(r#""filename":"foo-1.0.zip","url":"foo-1.0.zip",{fields}"#)]).files[0].core_metadata
    };
    let known = CoreMetadata::Yes { sha256: HASH.parse().ok() };
    assert_eq!(metadata(&format!(r#""core-metadata":{{"sha256":"{HASH}"}}"#)), known);
    assert_eq!(metadata(&format!(r#""dist-info-metadata":{{"sha256":"{HASH}"}}"#)), known);
    assert_eq!(metadata(&format!(r#""data-dist-info-metadata":{{"sha256":"{HASH}"}}"#)), known);
    assert_eq!(metadata(r#""core-metadata":true"#), CoreMetadata::Yes { sha256: None });
    // PEP 714: where both are there, the new name counts.
    assert_eq!(
        metadata(&format!(r#""core-metadata":false,"dist-info-metadata":{{"sha256":"{HASH}"}}"#)),
        CoreMetadata::No
    );
}

#[test]
fn a_hash_that_is_none_leaves_the_file_without() {
    for hashes in [
        r#"{"sha256":"abc"}"#.to_owned(),
        r#"{"sha256":17}"#.to_owned(),
        format!(r#"{{"sha256":"{HASH}x"}}"#),
        format!(r#"{{"sha256":"{HASH}","SHA256":"{OTHER_HASH}"}}"#),
        format!("{{{}}}", (0..20).map(|n| format!(r#""h{n}":"{HASH}""#)).collect::<Vec<_>>().join(",")),
    ] {
        let index = with_files(&[&format!(r#""filename":"foo-1.0.zip","url":"foo-1.0.zip","hashes":{hashes}"#)]);
        assert_eq!(index.files[0].hashes.sha256, None, "{hashes}");
        assert!(notes(&index).contains("hashes"), "{hashes}: {}", notes(&index));
    }
}

#[test]
fn a_time_without_an_offset_is_utc() {
    let time = |text: &str| {
        let file = format!(r#""filename":"foo-1.0.zip","url":"foo-1.0.zip","upload-time":"{text}""#);
        with_files(&[&file]).files[0].upload_time.map(|at| at.to_string())
    };
    assert_eq!(time("2024-05-01T10:20:30").as_deref(), Some("2024-05-01T10:20:30Z"));
    assert_eq!(time("2024-05-01T10:20:30+02:00").as_deref(), Some("2024-05-01T08:20:30Z"));
    for bad in ["", "yesterday", "2024-13-01T00:00:00Z", "2024-05-01", "99999-01-01T00:00:00Z"] {
        assert_eq!(time(bad), None, "{bad}");
    }
}

#[test]
fn the_forms_version_decides_whether_the_page_is_read() {
    let page = |version: &str| json(&format!(r#"{{"files":[],"meta":{{"api-version":{version}}}}}"#));
    assert_eq!(page(r#""1.0""#).unwrap().notes, []);
    assert_eq!(page(r#""1.9""#).unwrap().notes, [Note { file: None, problem: Problem::NewerForm }]);
    for bad in [r#""2.0""#, r#""1""#, r#""x.y""#, "1.0", r#""""#] {
        assert!(matches!(page(bad), Err(IndexError::UnknownVersion { .. })), "{bad}");
    }
}

#[test]
fn versions_are_told_by_the_file_names_where_the_page_has_no_list() {
    let index = with_files(&[
        r#""filename":"foo-1.0.zip","url":"a""#,
        r#""filename":"foo-1.0-py3-none-any.whl","url":"a""#,
        r#""filename":"foo-2.0rc1.tar.gz","url":"a""#,
        r#""filename":"whatever.exe","url":"a""#,
    ]);
    assert_eq!(index.versions, ["1.0".into(), "2.0rc1".into()] as [Box<str>; 2]);
}

#[test]
fn a_status_nobody_knows_is_kept_as_the_word_it_is() {
    let status = |status: &str| {
        let index = json(&format!(r#"{{"files":[],"project-status":{{"status":{status}}}}}"#)).unwrap();
        (index.project_status.status.as_str().to_owned(), notes(&index))
    };
    let noted = "the project's status is a word that is not known: policies see it as it is\n";
    assert_eq!(status(r#""suspended""#), ("suspended".into(), noted.into()));
    assert_eq!(status("17"), ("unknown".into(), noted.into()));
    assert_eq!(status(r#""Quarantined""#), ("quarantined".into(), String::new()));
    assert_eq!(json(r#"{"files":[],"project-status":{}}"#).unwrap().project_status.status, Status::Active);
}

#[test]
fn a_page_about_another_project_says_so() {
    let index = json(r#"{"name":"bar","files":[]}"#).unwrap();
    assert_eq!(index.notes, [Note { file: None, problem: Problem::OtherProject }]);
    assert_eq!(&*index.name, "foo");
    assert_eq!(json(r#"{"name":"FOO","files":[]}"#).unwrap().notes, []);
}

#[test]
fn the_list_of_projects_is_read() {
    let list = list::parse(
        Some(JSON),
        br#"{"meta":{"api-version":"1.4"},"projects":[{"name":"Foo.Bar","_last-serial":1},{"name":"../x"},{},7,{"name":"b"}]}"#,
    )
    .unwrap();
    assert_eq!(list.names.iter().collect::<Vec<_>>(), ["foo-bar", "b"]);
    assert_eq!(list.left_out, 3);
    assert_eq!(list::parse(Some(JSON), b"{}").unwrap_err().to_string(), "the index page's projects is not there");
}
