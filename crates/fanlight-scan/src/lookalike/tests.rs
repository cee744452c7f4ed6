use super::*;

fn popular() -> Popular {
    let names = ["requests", "python-dateutil", "beautifulsoup4", "numpy", "lodash", "@angular/core", "six"];
    Popular::new(names.map(|name| ("pypi", name)))
}

#[test]
fn near_names_are_told() {
    for name in [
        "reqeusts",
        "request",
        "requestss",
        "erquests",
        "requezts",
        "dateutil-python",
        "python_dateutiI",
        "1odash",
        "nurnpy",
        "loadash",
        "@angulor/core",
    ] {
        assert!(popular().near("pypi", name).is_some(), "{name}");
    }
    assert_eq!(popular().near("pypi", "python_dateutl"), Some("python-dateutil"));
    let two = Popular::new([("npm", "colour"), ("npm", "colors")]);
    assert_eq!(two.near("npm", "colous"), Some("colour"), "the best known of two");
}

#[test]
fn known_names_and_strangers_are_not() {
    for name in ["requests", "Requests", "python.dateutil", "numpy", "pandas", "sox", "request-handler", "flask", ""] {
        assert_eq!(popular().near("pypi", name), None, "{name}");
    }
    let js = Popular::new([("npm", "chart.js")]);
    assert_eq!(js.near("npm", "chart.js"), None);
    assert_eq!(js.near("npm", "chart-js"), Some("chart.js"), "npm has both");
    assert_eq!(popular().near("npm", "reqeusts"), None, "each ecosystem has its own names");
}

/// What is near is asked for by making every name one edit away: the same as comparing with every known name says.
#[test]
fn near_is_what_a_comparison_with_every_name_says() {
    let mut state = 7_u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut names = |count: usize| -> Vec<String> {
        let mut name = || (0..4 + random(6)).map(|_| char::from(b"abc-1Ao."[random(8) as usize])).collect::<String>();
        (0..count).map(|_| name()).collect()
    };
    let (known, asked) = (names(200), names(600));
    let known: Vec<_> = known.into_iter().map(|one| (form(&plain(&one)), plain(&one), one)).collect();
    for ecosystem in ["pypi", "npm"] {
        let popular = Popular::new(known.iter().map(|(.., name)| (ecosystem, name)));
        let mut near = 0;
        for name in &asked {
            let (own, alike) = (plain(name), form(&plain(name)));
            let is_it = |one: &(String, String, String)| if ecosystem == "npm" { one.2 == *name } else { one.1 == own };
            let is_near = |one: &&(String, String, String)| {
                own.len().min(one.1.len()) >= SHORT && strsim::osa_distance(&one.1, &own) == 1
            };
            let first = || known.iter().find(|one| one.0 == alike).or_else(|| known.iter().find(is_near));
            let expected = if known.iter().any(is_it) { None } else { first() };
            assert_eq!(popular.near(ecosystem, name), expected.map(|one| one.2.as_str()), "{name}");
            near += usize::from(expected.is_some());
        }
        assert!(near > 20, "{near} of {} are near", asked.len());
    }
}

#[test]
fn built_in_names_are_names_and_stand_once() {
    let popular = Popular::new(Popular::built_in());
    assert!(popular.count() > 500 && popular.count() == Popular::built_in().count(), "{}", popular.count());
    for (ecosystem, name) in Popular::built_in() {
        let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.@/".contains(&byte);
        assert!(name.bytes().all(sign), "{ecosystem} {name}");
        assert_eq!(popular.near(ecosystem, name), None);
    }
}
