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
