use super::*;

fn flaw() -> Flaw {
    Flaw {
        id: "X-1".to_owned(),
        aliases: vec!["CVE-2026-1".to_owned()],
        summary: "reads any file".to_owned(),
        more: None,
        severity: Severity::High,
        score: Some((75, "CVSS:3.1/...".to_owned())),
        affects: "<1.5.0".to_owned(),
        met: vec!["1.0.0".to_owned()],
        fixed: Some("1.5.0".to_owned()),
    }
}

fn read(manner: Manner, body: &Value) -> Result<Installed, NotAsked> {
    Installed::read(manner, body.to_string().as_bytes())
}

#[test]
fn a_bulk_question_names_each_release_once_and_passes_over_what_is_none() {
    let body = json!({"lib": ["1.0.0", "2.0.0", "1.0.0", "file:../lib"], "@acme/part": ["1.0.0"], "../x": ["1.0.0"]});
    let installed = read(Manner::Bulk, &body).unwrap();
    let asked: Vec<_> = installed.asked.iter().map(|one| (one.project.as_str(), one.versions.join(" "))).collect();
    assert_eq!(asked, [("pkg:npm/lib", "1.0.0 2.0.0".into()), ("pkg:npm/%40acme/part", "1.0.0".into())]);
    assert_eq!(installed.releases, 3);
    let audited = Audited { flaws: vec![(1, vec![flaw()])], notice: None };
    insta::assert_snapshot!(format!("{:#}", installed.answer(Manner::Bulk, &audited).unwrap()));
}

#[test]
fn a_lock_file_is_walked_and_answered_with_the_ways_to_each_release() {
    let body = json!({"name": "mine", "requires": {"top": "^1.0.0"}, "dependencies": {
        "top": {"version": "1.0.0", "dependencies": {"lib": {"version": "1.0.0"}}},
        "lib": {"version": "2.0.0", "dev": true}, "local": {"version": "file:../local"},
    }});
    let installed = read(Manner::Quick, &body).unwrap();
    assert_eq!(installed.asked[1].versions, ["1.0.0", "2.0.0"]);
    let audited = Audited { flaws: vec![(1, vec![flaw()])], notice: None };
    insta::assert_snapshot!(format!("{:#}", installed.answer(Manner::Quick, &audited).unwrap()));
}

#[test]
fn a_question_is_bounded_and_of_the_right_shape() {
    for (body, fault) in [
        ("[]".to_owned(), "it is no JSON object"),
        ("{\"a\": \"1.0.0\"}".to_owned(), "no list of versions"),
        (format!("{{\"a\": [\"{}\"]}}", "1".repeat(limits::AUDIT_PACKAGE_BYTES)), "bytes about one package"),
        (json!({"a": vec!["1.0.0"; limits::AUDIT_RELEASES + 1]}).to_string(), "at most 20000 releases"),
    ] {
        let why = Installed::read(Manner::Bulk, body.as_bytes()).unwrap_err().to_string();
        assert!(why.contains(fault), "{why}");
    }
    let deep = (0..=limits::AUDIT_DEPTH).fold(json!({}), |inner, _| json!({"dependencies": {"a": inner}}));
    assert_eq!(read(Manner::Quick, &deep), Err(NotAsked::TooDeep));
}

#[test]
fn one_release_in_many_places_with_many_flaws_is_too_much_for_an_answer() {
    let places = |count: usize| -> Map<String, Value> {
        let part = json!({"dependencies": {"lib": {"version": "1.0.0"}}});
        (0..count).map(|n| (format!("a{n}"), part.clone())).collect()
    };
    let answer = |count: usize, flaws: usize| {
        let installed = read(Manner::Quick, &json!({"dependencies": places(count)})).unwrap();
        let flaws = (0..flaws).map(|n| Flaw { id: format!("X-{n}"), ..flaw() }).collect();
        installed.answer(Manner::Quick, &Audited { flaws: vec![(0, flaws)], notice: None })
    };
    assert!(answer(limits::AUDIT_PLACES / 20, 20).is_ok());
    assert_eq!(answer(limits::AUDIT_PLACES / 20, 21), Err(NotAsked::TooManyPlaces));
}

#[test]
fn an_id_is_the_same_number_every_time_and_another_one_for_another_package() {
    assert_eq!(number("lib", "X-1"), number("lib", "X-1"));
    assert_ne!(number("lib", "X-1"), number("part", "X-1"));
    assert!(number("lib", "X-1") < 1 << 53);
}
