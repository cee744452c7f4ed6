//! The tree is clean, and what is not would be found.

use super::*;

#[test]
fn no_file_names_a_registry_or_a_machine() {
    let found = check(&Repository::read().unwrap());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn found_in(line: &str) -> bool {
    let file = TextFile { path: "docs/x.md".to_owned(), text: format!("first\n{line}\n") };
    let found = judge(&file, "/srv/checkout/");
    assert!(found.iter().all(|sentence| sentence.starts_with("docs/x.md:2: ")), "{found:?}");
    !found.is_empty()
}

#[test]
fn hosts_are_found_in_any_case_and_place() {
    for host in hosts() {
        assert!(found_in(&format!("see https://{host}/simple/")), "{host}");
        assert!(found_in(&format!("mirror.{}", host.to_ascii_uppercase())), "{host}");
    }
    assert!(!found_in("the Python Package Index, crates.io, https://upstream.example/pypi/simple/"));
}

#[test]
fn homes_and_the_checkout_are_found_and_examples_are_not() {
    let home = ["/ho", "me/"].concat();
    let work = ["/wo", "rk/"].concat();
    for line in
        [format!("\"{home}builder/.cache\""), format!("cd {work}fanlight"), "in /srv/checkout/crates".to_owned()]
    {
        assert!(found_in(&line), "{line}");
    }
    for line in
        [format!("{home}asha/.config"), "https://x.example/root/pypi".to_owned(), format!("bench/.work and a{work}b")]
    {
        assert!(!found_in(&line), "{line}");
    }
}
