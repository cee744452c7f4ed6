//! Whether a client has what it asks for already (RFC 9110, section 13.1.2).

use http::{HeaderMap, header};

/// Whether `If-None-Match` names this tag, compared weakly, or any. The tag has its quotes.
pub fn has_it(headers: &HeaderMap, etag: &str) -> bool {
    let names_it = |tag: &str| tag == "*" || tag.trim_start_matches("W/") == etag;
    let mut values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values.any(|tags| tags.split(',').any(|tag| names_it(tag.trim())))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_tag_is_found_among_others_and_compared_weakly() {
        let has = |values: &[&'static str]| {
            let headers = values.iter().map(|value| (header::IF_NONE_MATCH, HeaderValue::from_static(value)));
            has_it(&headers.collect(), "\"a\"")
        };
        for yes in [&["\"a\""][..], &["W/\"a\""], &["*"], &["\"b\", \"a\""], &["\"b\"", "W/\"c\",W/\"a\""]] {
            assert!(has(yes), "{yes:?}");
        }
        for no in [&[][..], &["\"b\""], &["a"], &["\"ab\""], &[""]] {
            assert!(!has(no), "{no:?}");
        }
    }
}
