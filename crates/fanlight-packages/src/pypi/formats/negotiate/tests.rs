//! Negotiation by the headers that real clients send, and by rule.

use proptest::prelude::*;

use super::*;

#[test]
fn clients_get_what_they_ask_for() {
    let pip = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01";
    let uv = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01";
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
    for (accept, format) in [
        (None, Format::TextHtml),
        (Some(""), Format::TextHtml),
        (Some("*/*"), Format::TextHtml),
        (Some("text/html"), Format::TextHtml),
        (Some("text/*"), Format::TextHtml),
        (Some(browser), Format::TextHtml),
        (Some(pip), Format::Json),
        (Some(uv), Format::Json),
        (Some("application/vnd.pypi.simple.latest+json"), Format::Json),
        (Some("application/vnd.pypi.simple.v1+html"), Format::Html),
        (Some("application/*"), Format::Json),
        (Some("APPLICATION/vnd.PyPI.simple.v1+JSON;q=1.0"), Format::Json),
        (Some("text/html, application/vnd.pypi.simple.v1+json"), Format::Json),
    ] {
        assert_eq!(choose(accept), Ok(format), "{accept:?}");
    }
}

#[test]
fn quality_rules_and_the_more_specific_range_overrides() {
    for (accept, format) in [
        ("application/vnd.pypi.simple.v1+json;q=0.2, text/html;q=0.3", Format::TextHtml),
        ("*/*;q=0.9, text/html;q=0.1", Format::Json),
        ("*/*, text/html;q=0", Format::Json),
        ("application/*;q=0.5, application/vnd.pypi.simple.v1+json;q=0.4, text/html;q=0.1", Format::Html),
        ("application/vnd.pypi.simple.v1+json;q=0, */*", Format::TextHtml),
        ("application/vnd.pypi.simple.v1+json;q=nonsense, text/html;q=0.001", Format::TextHtml),
    ] {
        assert_eq!(choose(Some(accept)), Ok(format), "{accept:?}");
    }
}

#[test]
fn what_is_not_offered_is_not_acceptable() {
    for accept in [
        "application/json",
        "application/vnd.pypi.simple.v2+json",
        "image/png",
        "*/*;q=0",
        "text/html;q=0.0",
        "text/html;q=1.5",
        "nonsense",
        "/",
        ",,;",
    ] {
        assert_eq!(choose(Some(accept)), Err(NotAcceptable), "{accept:?}");
    }
}

proptest! {
    #[test]
    fn a_form_is_chosen_only_where_some_range_names_it(accept in "[a-z*/+.;,=q0-9 ]{0,80}") {
        if let Ok(format) = choose(Some(&accept)) {
            let named = accept.trim().is_empty()
                || accept.split(',').filter_map(range).any(|(k, s, q)| q > 0 && format.matched_by(k, s).is_some());
            prop_assert!(named);
        }
    }
}
