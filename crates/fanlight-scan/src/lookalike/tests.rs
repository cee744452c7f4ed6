use super::*;

fn popular() -> Popular {
    Popular::new(["requests", "python-dateutil", "beautifulsoup4", "numpy", "lodash", "@angular/core", "six"])
}

#[test]
fn near_names_are_told() {
    for name in
        ["reqeusts", "request", "requestss", "dateutil-python", "python_dateutiI", "1odash", "nurnpy", "loadash"]
    {
        assert!(popular().near(name).is_some(), "{name}");
    }
}

#[test]
fn popular_names_and_strangers_are_not() {
    for name in ["requests", "Requests", "python.dateutil", "numpy", "pandas", "sox", "request-handler", "flask"] {
        assert_eq!(popular().near(name), None, "{name}");
    }
}
