use super::*;

static FILE: File = File {
    path: "/assets/x-1.js",
    media_type: "text/javascript; charset=utf-8",
    tag: "\"00ff\"",
    whole: b"let x",
    packed: Some(b"packed"),
};

fn asked(name: HeaderName, value: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
}

fn bytes(response: Response<Body>) -> Option<Bytes> {
    match response.into_body() {
        Body::Full(bytes) => Some(bytes),
        _ => None,
    }
}

#[test]
fn a_file_goes_out_packed_to_who_takes_that() {
    for (coding, packed) in [
        ("gzip", true),
        ("br, gzip;q=0.5", true),
        ("GZIP", true),
        ("gzip;q=0", false),
        ("gzip; q=0.0, br", false),
        ("br", false),
        ("identity", false),
    ] {
        let answer = FILE.answer(&asked(header::ACCEPT_ENCODING, coding));
        assert_eq!(answer.headers().contains_key(header::CONTENT_ENCODING), packed, "{coding}");
        assert_eq!(answer.headers()[header::VARY], "accept-encoding");
        assert_eq!(bytes(answer).unwrap(), if packed { &b"packed"[..] } else { b"let x" });
    }
}

#[test]
fn who_has_it_is_not_sent_it_again() {
    for (tag, has_it) in
        [("\"00ff\"", true), ("W/\"00ff\"", true), ("\"1\", \"00ff\"", true), ("*", true), ("\"00fe\"", false)]
    {
        let answer = FILE.answer(&asked(header::IF_NONE_MATCH, tag));
        assert_eq!(answer.status() == StatusCode::NOT_MODIFIED, has_it, "{tag}");
        assert_eq!(answer.headers()[header::ETAG], "\"00ff\"");
        assert_eq!(bytes(answer).is_none(), has_it);
    }
}

#[test]
fn a_name_with_a_hash_is_kept_and_the_page_is_asked_for_again() {
    let kept = |file: &File| file.answer(&HeaderMap::new()).headers()[header::CACHE_CONTROL].clone();
    assert_eq!(kept(&FILE), "public, max-age=31536000, immutable");
    assert_eq!(kept(&NOT_BUILT), "no-cache");
}

#[test]
fn browsers_are_told_to_run_and_show_nothing_from_elsewhere() {
    let answer = NOT_BUILT.answer(&HeaderMap::new());
    let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe") && !policy.contains("data:"));
    assert!(!std::str::from_utf8(NOT_BUILT.whole).unwrap().contains("style="), "what is inline is not shown");
    assert_eq!(answer.headers()[header::X_FRAME_OPTIONS], "DENY");
}

#[test]
fn every_view_opens_the_page() {
    let table = routes();
    for view in VIEWS {
        assert!(table.iter().any(|route| route.pattern == view), "{view}");
    }
    for file in FILES {
        assert!(file.tag.starts_with('"') && file.tag.ends_with('"') && !file.whole.is_empty(), "{}", file.path);
    }
}
