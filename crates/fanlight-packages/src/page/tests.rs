//! A page for who takes gzip and for who does not: the same content, each with a tag of its own.

use http::HeaderName;

use super::*;

fn asked(headers: &[(HeaderName, &str)]) -> HeaderMap {
    headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
}

fn answer(page: &Page, headers: &[(HeaderName, &str)]) -> (StatusCode, String, Option<HeaderValue>, usize) {
    let answer = page.response("text/plain", "Accept-Encoding", &asked(headers));
    let tag = answer.headers()[header::ETAG].to_str().unwrap().to_owned();
    let coding = answer.headers().get(header::CONTENT_ENCODING).cloned();
    let bytes = match answer.body() {
        Body::Full(bytes) => bytes.len(),
        _ => 0,
    };
    (answer.status(), tag, coding, bytes)
}

#[test]
fn who_takes_gzip_gets_fewer_bytes_under_another_tag_and_either_tag_holds() {
    let text = b"one line of many, ".repeat(1000);
    let page = Page::of(text.clone());
    let (status, plain, coding, bytes) = answer(&page, &[]);
    assert_eq!((status, coding, bytes), (StatusCode::OK, None, text.len()));
    let gzip = (header::ACCEPT_ENCODING, "gzip, deflate");
    let (status, packed, coding, fewer) = answer(&page, std::slice::from_ref(&gzip));
    assert_eq!((status, coding), (StatusCode::OK, Some(HeaderValue::from_static("gzip"))));
    assert!(fewer < bytes / 10, "{fewer} of {bytes} bytes");
    assert_ne!(plain, packed);
    for tag in [plain.as_str(), &packed] {
        for headers in [&[(header::IF_NONE_MATCH, tag)][..], &[(header::IF_NONE_MATCH, tag), gzip.clone()]] {
            let (status, told, coding, bytes) = answer(&page, headers);
            assert_eq!((status, coding, bytes), (StatusCode::NOT_MODIFIED, None, 0), "{headers:?}");
            assert_eq!(told, tag, "the form that the client has");
        }
    }
    assert_eq!(page.held(), bytes + fewer);
}

#[test]
fn what_is_short_goes_out_as_it_is() {
    let page = Page::of(b"short".to_vec());
    let (status, _, coding, bytes) = answer(&page, &[(header::ACCEPT_ENCODING, "gzip")]);
    assert_eq!((status, coding, bytes, page.held()), (StatusCode::OK, None, 5, 5));
}
