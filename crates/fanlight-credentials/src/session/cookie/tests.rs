//! Cookies, out and in.

use proptest::prelude::*;

use super::*;

const TLS: Cookie = Cookie::session(Transport::Tls);
const PLAIN: Cookie = Cookie::session(Transport::PlainLoopback);

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn read(cookie: Cookie, header: &str) -> Result<Option<&str>, CookieFault> {
    cookie.read([header.as_bytes()])
}

#[test]
fn a_cookie_over_tls_is_for_this_host_alone() {
    let text = TLS.set(&secret("abc"), Some(Duration::from_secs(60)));
    let wanted = "__Host-fanlight-session=abc; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60";
    assert_eq!(text.expose_secret(), wanted);
    assert!(!wanted.contains("Domain"), "which the prefix forbids");
    assert_eq!(TLS.clear(), "__Host-fanlight-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
}

#[test]
fn on_plain_loopback_the_prefix_falls() {
    assert_eq!(PLAIN.set(&secret("abc"), None).expose_secret(), "fanlight-session=abc; Path=/; HttpOnly; SameSite=Lax");
    assert_eq!((PLAIN.name(), TLS.name()), ("fanlight-session".to_owned(), "__Host-fanlight-session".to_owned()));
}

#[test]
fn a_cookie_is_found_among_others_and_by_its_whole_name() {
    assert_eq!(read(TLS, "a=b; __Host-fanlight-session=abc; c=d"), Ok(Some("abc")));
    assert_eq!(read(TLS, "a=b;__Host-fanlight-session=abc"), Ok(Some("abc")));
    assert_eq!(TLS.read([b"a=b".as_slice(), b"__Host-fanlight-session=abc"]), Ok(Some("abc")), "HTTP/2 splits them");
    for other in [
        "",
        "fanlight-session=abc",
        "__Host-fanlight-session2=abc",
        "x__Host-fanlight-session=abc",
        "__host-fanlight-session=abc",
        "__Host-fanlight-session=",
    ] {
        assert_eq!(read(TLS, other), Ok(None), "{other}");
    }
    assert_eq!(read(PLAIN, "__Host-fanlight-session=abc"), Ok(None));
    assert_eq!(read(Cookie::machine(Transport::Tls), "__Host-fanlight-session=abc"), Ok(None));
}

#[test]
fn two_of_the_name_are_refused_since_one_is_planted() {
    assert_eq!(read(PLAIN, "fanlight-session=mine; fanlight-session=planted"), Err(CookieFault::Twice));
    assert_eq!(PLAIN.read([b"fanlight-session=a".as_slice(), b"fanlight-session=a"]), Err(CookieFault::Twice));
    let long = format!("a={}", "x".repeat(limits::COOKIE_BYTES));
    assert_eq!(read(PLAIN, &long), Err(CookieFault::TooLong));
}

proptest! {
    #[test]
    fn a_value_can_be_no_more_than_a_value(value in ".{0,40}") {
        let text = TLS.set(&secret(&value), None);
        let text = text.expose_secret();
        prop_assert_eq!(text.matches(';').count(), 4);
        prop_assert!(text.is_ascii() && !text.contains(['\r', '\n']));
        prop_assert!(text.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"));
    }

    #[test]
    fn any_header_is_judged_without_panic(header in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = PLAIN.read([header.as_slice()]);
    }
}
