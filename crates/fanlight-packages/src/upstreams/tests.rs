use super::*;

fn reserved(patterns: &[&str]) -> Arc<Reserved> {
    Arc::new(Reserved::new(patterns.iter().map(|pattern| (*pattern).to_owned())).unwrap())
}

#[test]
fn a_name_is_reserved_however_it_is_spelled_and_in_whichever_ecosystem() {
    let all = reserved(&["Acme_*", "@acme/*", "pkg:cargo/inner", "pkg:npm/@mixed/Case.*"]);
    for (purl, pattern) in [
        ("pkg:pypi/acme-tools", Some("Acme_*")),
        ("pkg:cargo/acme_tools", Some("Acme_*")),
        ("pkg:npm/ACME.tools", Some("Acme_*")),
        ("pkg:npm/%40acme/part", Some("@acme/*")),
        ("pkg:npm/%40ACME/part", Some("@acme/*")),
        ("pkg:npm/%40mixed/case-x", Some("pkg:npm/@mixed/Case.*")),
        ("pkg:cargo/inner", Some("pkg:cargo/inner")),
        ("pkg:pypi/inner", None),
        ("pkg:npm/%40other/acme-tools", None),
        ("pkg:npm/%40acmecorp/part", None),
        ("pkg:pypi/not-acme-tools", None),
    ] {
        let found = all.pattern_of(&purl.parse().unwrap());
        assert_eq!(found.map(|pattern| &**pattern), pattern, "{purl}");
    }
    for bad in ["", "@acme", "pkg:npm", "a b", "x:y"] {
        assert!(Reserved::new([bad.to_owned()]).is_err(), "{bad}");
    }
}

#[test]
fn a_reserved_name_has_private_candidates_alone() {
    let source = |text: &str, is_private| Source::new(text.parse().unwrap(), is_private);
    let all = vec![source("https://public.example", false), source("https://u:p@own.example/x", true)];
    let upstreams = Upstreams::new(all, reserved(&["acme-*"]));
    let shown = |purl: &str| upstreams.for_project(&purl.parse().unwrap()).together();
    assert_eq!(shown("pkg:pypi/acme-tools"), "https://own.example/x/");
    assert_eq!(shown("pkg:pypi/requests"), "https://public.example/ https://own.example/x/");
    assert_eq!(&**upstreams.main().unwrap().shown(), "https://public.example/");
    let none = Upstreams::new(vec![source("https://public.example", false)], reserved(&["acme-*"]));
    assert!(none.for_project(&"pkg:pypi/acme-tools".parse().unwrap()).all.is_empty());
}
