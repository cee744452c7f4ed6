//! What pip says, as it says it.

use super::*;

const HELP: &str = "
Usage:
  pip install [options] <requirement specifier> ...

Package Index Options:
  -i, --index-url <url>       Base URL of the package index (default
                              https://upstream.example/simple). This should
                              point to a repository compliant with PEP 503.
  --extra-index-url <url>     Extra URLs of package indexes to use in addition
                              to --index-url. (default https://extra.example/)
";

const DEBUG: &str = "env_var:
  PIP_CERT='/etc/ssl/cert.pem'
env:
global:
  /etc/xdg/pip/pip.conf, exists: False
  /etc/pip.conf, exists: True
    global.cert: /etc/ssl/cert.pem
    global.index-url: https://machine.example/simple
site:
  /usr/pip.conf, exists: False
user:
  /home/kim/.pip/pip.conf, exists: False
  /home/kim/.config/pip/pip.conf, exists: True
    global.index-url: https://user:pass@user.example/root/pypi/+simple/
    download.index-url: https://download.example/
";

fn found(says: &PipSays, own: &str) -> Option<(String, String)> {
    read(says, &|url: &Url| url.as_str().starts_with(own)).map(|found| (found.url.into(), found.from.to_string()))
}

fn pair(url: &str, from: &str) -> Option<(String, String)> {
    Some((url.to_owned(), from.to_owned()))
}

#[test]
fn the_default_is_read_from_the_help() {
    let says = PipSays { help: HELP.to_owned(), ..PipSays::default() };
    assert_eq!(found(&says, "none"), pair("https://upstream.example/simple/", "pip's own default"));
    let one_line = "--index-url <url> Base URL of the Index (default https://upstream.example/simple/). This should";
    let says = PipSays { help: one_line.to_owned(), ..PipSays::default() };
    assert_eq!(found(&says, "none"), pair("https://upstream.example/simple/", "pip's own default"));
}

#[test]
fn help_without_a_default_gives_none() {
    for help in [
        "",
        "--index-url",
        "--index-url <url> Base URL",
        "--index-url <url> (default",
        "--extra-index-url <u> (default x)",
    ] {
        assert_eq!(found(&PipSays { help: help.to_owned(), ..PipSays::default() }, "none"), None, "{help}");
    }
}

#[test]
fn the_strongest_setting_wins_and_fanlights_own_is_passed_over() {
    let mut says = PipSays {
        environment: Some("https://env.example/simple".to_owned()),
        debug: DEBUG.to_owned(),
        list: "global.index-url='https://listed.example/simple'\n".to_owned(),
        help: HELP.to_owned(),
    };
    assert_eq!(found(&says, "none"), pair("https://env.example/simple/", "from PIP_INDEX_URL"));
    let user = pair(
        "https://user:pass@user.example/root/pypi/+simple/",
        "from pip's settings in /home/kim/.config/pip/pip.conf",
    );
    assert_eq!(found(&says, "https://env.example/"), user);
    says.environment = None;
    assert_eq!(found(&says, "none"), user);
    let machine = pair("https://machine.example/simple/", "from pip's settings in /etc/pip.conf");
    assert_eq!(found(&says, "https://user:pass@"), machine, "what lies beneath our own setting is found");
    says.debug.clear();
    assert_eq!(found(&says, "none"), pair("https://listed.example/simple/", "from pip's settings"));
    assert_eq!(found(&says, "https://listed."), pair("https://upstream.example/simple/", "pip's own default"));
    says.help.clear();
    assert_eq!(found(&says, "https://listed."), None);
}

#[test]
fn install_rules_over_global() {
    let list = "global.index-url='https://a.example/'\ninstall.index-url=\"https://b.example\"\nglobal.timeout='5'\n";
    let says = PipSays { list: list.to_owned(), ..PipSays::default() };
    assert_eq!(found(&says, "none"), pair("https://b.example/", "from pip's settings"));
    let debug = "user:\n  /u, exists: True\n    install.index-url: https://b.example\nsite:\n  /s, exists: True\n    \
                 global.index-url: https://a.example\n";
    let says = PipSays { debug: debug.to_owned(), ..PipSays::default() };
    assert_eq!(found(&says, "none"), pair("https://b.example/", "from pip's settings in /u"));
}

#[test]
fn what_is_no_address_is_passed_over() {
    for bad in ["", "simple", "file:///srv/simple", "ftp://x.example/", "https://", "/srv/index"] {
        let says = PipSays { environment: Some(bad.to_owned()), help: HELP.to_owned(), ..PipSays::default() };
        assert_eq!(found(&says, "none").unwrap().1, "pip's own default", "{bad}");
    }
}

#[test]
fn an_address_ends_in_one_slash() {
    let address = |text| read::index_address(text).map(String::from);
    assert_eq!(address("https://x.example").as_deref(), Some("https://x.example/"));
    assert_eq!(address(" https://x.example/simple// ").as_deref(), Some("https://x.example/simple/"));
    assert_eq!(address("http://127.0.0.1:7070/a?b#c").as_deref(), Some("http://127.0.0.1:7070/a/"));
}

#[test]
fn what_was_found_prints_without_its_password() {
    let url = Url::parse("https://kim:hunter2@x.example/").unwrap();
    let found = Found { url, from: Provenance::Environment };
    assert_eq!(format!("{found:?}"), "Found(from PIP_INDEX_URL)");
}

#[tokio::test]
async fn a_program_that_fails_is_told() {
    let error = ask::ask("python3", &["-c", "import sys; sys.exit(3)"], ask::Settings::Read).await.unwrap_err();
    assert!(matches!(error, AskError::Failed { .. }) && error.to_string().contains("exit status: 3"), "{error}");
    let error = ask::ask("no-such-program-here", &[], ask::Settings::Read).await.unwrap_err();
    assert!(matches!(error, AskError::Start { .. }));
}

#[tokio::test]
async fn a_program_that_prints_without_end_is_cut() {
    let endless = "import sys\nwhile True: sys.stdout.write('x' * 65536)";
    let outcome = ask::ask("python3", &["-c", endless], ask::Settings::Read).await.map(|printed| printed.len());
    assert!(matches!(outcome, Err(AskError::TooMuch { .. })), "{outcome:?}");
}

#[tokio::test]
async fn this_machines_pip_can_be_read() {
    // Whatever this machine's pip is set to, its help names a default.
    let says = pip_says().await.unwrap();
    let default = read(&PipSays { help: says.help, ..PipSays::default() }, &|_: &Url| false).unwrap();
    assert_eq!(default.from, Provenance::PipDefault);
    assert!(default.url.path().ends_with('/'));
}
