use super::*;

fn read(text: &str) -> Result<Upstreams, String> {
    Upstreams::read(&Value::text(text), Path::new("/")).map_err(|wrong| wrong.why)
}

#[test]
fn one_address_or_several_in_order_are_read_from_text_and_shown_as_they_are_read() {
    assert_eq!(read(""), Ok(Upstreams::default()));
    let one = read("https://a.example/simple").unwrap();
    assert_eq!(one.shown(), "https://a.example/simple/");
    let two = read(" private https://user:hush@b.example/, https://a.example/ ").unwrap();
    assert_eq!(two.0.iter().map(|upstream| upstream.private).collect::<Vec<_>>(), [true, false]);
    assert_eq!(two.shown(), "private https://***@b.example/, https://a.example/");
}

#[test]
fn what_is_no_upstream_is_refused_and_no_password_is_shown() {
    for (text, why) in [
        ("ftp://a.example/", "begins with something else"),
        ("https://user:hush@a.example/?x", "has a ? or # part"),
        ("nonsense", "is no address"),
        ("https://a.example/, private https://a.example", "stands there twice"),
    ] {
        let told = read(text).unwrap_err();
        assert!(told.contains(why) && !told.contains("hush"), "{told}");
    }
    let many: Vec<_> = (0..=limits::UPSTREAMS).map(|n| format!("https://a{n}.example/")).collect();
    assert_eq!(read(&many.join(",")), Err("there are more than 10 upstreams".to_owned()));
}
