use super::*;

static FILE: File = File {
    path: "/assets/x-1.js",
    media_type: "text/javascript; charset=utf-8",
    tag: "\"00ff\"",
    whole: b"let x",
    gzip: Some(b"gzipped"),
    brotli: Some(b"by brotli"),
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
    for (taken, coding) in [
        ("gzip", Some("gzip")),
        ("br, gzip;q=0.5", Some("br")),
        ("gzip, deflate, br, zstd", Some("br")),
        ("GZIP, br;q=0", Some("gzip")),
        ("gzip;q=0", None),
        ("gzip; q=0.0, zstd", None),
        ("identity", None),
    ] {
        let answer = FILE.answer(&asked(header::ACCEPT_ENCODING, taken));
        let said = answer.headers().get(header::CONTENT_ENCODING).map(|said| said.to_str().unwrap());
        assert_eq!(said, coding, "{taken}");
        assert_eq!(answer.headers()[header::VARY], "accept-encoding");
        let form: &[u8] = match coding {
            Some("br") => b"by brotli",
            Some(_) => b"gzipped",
            None => b"let x",
        };
        assert_eq!(bytes(answer).unwrap(), form);
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
    // Every view says what it needs, and only what there is; without built pages there is nothing to say.
    assert!(FILES.is_empty() || VIEWS.into_iter().all(|view| needed_by(view).is_some()));
    for (view, needs) in NEEDED {
        for need in needs.split(", ") {
            let path = need.trim_start_matches('<').split('>').next().unwrap();
            assert!(FILES.iter().any(|file| file.path == path), "{view} needs {path}");
        }
    }
    for file in FILES {
        assert!(file.tag.starts_with('"') && file.tag.ends_with('"') && !file.whole.is_empty(), "{}", file.path);
    }
}
