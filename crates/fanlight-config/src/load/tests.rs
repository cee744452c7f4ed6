//! What each source says, which wins, and every message a person can meet.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use fanlight_base::limits::CONFIG_FILE_BYTES;
use insta::assert_snapshot;

use super::state::by_system;
use super::*;
use crate::{ByteSize, Config, Tls};

/// A state folder with this settings file, and these variables and flags.
fn load_all(toml: &str, env: &[(&str, &str)], flags: &[(&str, &str, &str)]) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    if !toml.is_empty() {
        std::fs::write(folder.path().join("fanlight.toml"), toml).unwrap();
    }
    let env = env.iter().map(|(name, value)| (name.into(), value.into())).collect();
    let flags = flags.iter().map(|(k, v, f)| ((*k).to_owned(), (*v).to_owned(), (*f).to_owned())).collect();
    let sources = Sources { state: Some(folder.path().into()), config: None, env, flags };
    Config::load(sources).map_err(|fault| fault.to_string().replace(&folder.path().display().to_string(), "STATE"))
}

fn load(toml: &str) -> Result<Config, String> {
    load_all(toml, &[], &[])
}

fn fault(toml: &str) -> String {
    load(toml).expect_err("this file was taken")
}

fn origin(config: &Config, key: &str) -> (String, Origin) {
    let found = config.effective().iter().find(|effective| effective.key == key).unwrap();
    (found.value.clone(), found.origin.clone())
}

#[test]
fn without_any_source_the_defaults_hold() {
    let config = load("").unwrap();
    assert_eq!(config.listen_address, "127.0.0.1:7070".parse().unwrap());
    assert_eq!(config.listen_tls, Tls::Off);
    assert_eq!(config.packages_cooldown, Duration::from_secs(7 * 86_400));
    assert_eq!(config.packages_cache_size, ByteSize(10_000_000_000));
    assert_eq!(config.packages_memory, ByteSize(fanlight_base::limits::PROJECTS_IN_MEMORY_BYTES));
    assert!(config.packages_pypi_upstream.0.is_empty());
    assert_eq!(config.policies_folder, config.state.join("policies"));
    assert!(config.policies_disable.is_empty() && config.packages_cooldown_for.0.is_empty());
    assert_eq!(config.file, None);
    assert!(config.effective()[1..].iter().all(|effective| effective.origin == Origin::Default));
    assert_eq!(config.effective().len(), KNOWN.len() + 1);
}

#[test]
fn the_stronger_source_wins_and_is_named() {
    let file = "[packages]\ncooldown = \"1d\"\nrefresh = \"1m\"\n";
    let env = [("FANLIGHT_PACKAGES__COOLDOWN", "2d"), ("FANLIGHT_LOG__LEVEL", "debug")];
    let config = load_all(file, &env, &[("packages.cooldown", "3d", "--cooldown")]).unwrap();
    assert_eq!(origin(&config, "packages.cooldown"), ("3d".into(), Origin::Flag { name: "--cooldown".into() }));
    let name = "FANLIGHT_LOG__LEVEL".into();
    assert_eq!(origin(&config, "log.level"), ("debug".into(), Origin::Environment { name }));
    let (value, Origin::File { line, .. }) = origin(&config, "packages.refresh") else { panic!("not from the file") };
    assert_eq!((value.as_str(), line), ("1m", 3));
    let config = load_all(file, &env, &[]).unwrap();
    assert_eq!(config.packages_cooldown, Duration::from_secs(2 * 86_400));
}

#[test]
fn every_type_reads_the_same_from_file_and_text() {
    let file = load(
        r#"
        [listen]
        tls = { cert = "a.pem", key = "/k.pem" }
        [packages]
        cooldown = 0
        cache_size = "2GiB"
        [packages.cooldown_for]
        "pkg:pypi/acme-*" = "0"
        numpy = "1h30m"
        [policies]
        disable = ["one", "two"]
        "#,
    )
    .unwrap();
    let text = load_all(
        "",
        &[
            ("FANLIGHT_LISTEN__TLS", "cert=a.pem, key=/k.pem"),
            ("FANLIGHT_PACKAGES__COOLDOWN", "0"),
            ("FANLIGHT_PACKAGES__CACHE_SIZE", "2147483648"),
            ("FANLIGHT_PACKAGES__COOLDOWN_FOR", "pkg:pypi/acme-*=0, numpy=1h30m"),
            ("FANLIGHT_POLICIES__DISABLE", "one, two"),
        ],
        &[],
    )
    .unwrap();
    assert_eq!(file.listen_tls, Tls::Files { cert: file.state.join("a.pem"), key: "/k.pem".into() });
    assert_eq!(text.listen_tls, Tls::Files { cert: "a.pem".into(), key: "/k.pem".into() });
    for config in [&file, &text] {
        assert_eq!(config.packages_cooldown, Duration::ZERO);
        assert_eq!(config.packages_cache_size, ByteSize(2 << 30));
        let waits = [("pkg:pypi/acme-*".to_owned(), Duration::ZERO), ("numpy".to_owned(), Duration::from_secs(5400))];
        assert_eq!(config.packages_cooldown_for.0, waits);
        assert_eq!(config.policies_disable, ["one", "two"]);
        assert_eq!(origin(config, "packages.cache_size").0, "2GiB");
    }
}

#[test]
fn what_is_shown_reads_back_to_the_same() {
    for known in KNOWN {
        let config = load_all("", &[(known.variable().as_str(), text_of(known.example).as_str())], &[]).unwrap();
        let shown = origin(&config, known.key).0;
        let again = load_all("", &[(known.variable().as_str(), shown.as_str())], &[]).unwrap();
        assert_eq!(origin(&again, known.key).0, shown, "{}", known.key);
    }
}

/// An example's TOML as the text form of the same value.
fn text_of(example: &str) -> String {
    let text = example.trim_matches(['{', '}', '[', ']', ' ']).replace(" = ", "=");
    text.replace('"', "")
}

#[test]
fn a_secret_in_an_upstream_is_shown_nowhere() {
    let file = "[packages.pypi]\nupstream = \"https://me:hush@index.upstream.example/simple/\"\n";
    let config = load(file).unwrap();
    assert_eq!(config.packages_pypi_upstream.0[0].url.password(), Some("hush"));
    assert_eq!(origin(&config, "packages.pypi.upstream").0, "https://***@index.upstream.example/simple/");
    assert!(!format!("{config:?}").contains("hush"));
    for bad in ["ftp://me:hush@index.upstream.example/", "https://me:hush@up stream/", "https://me:hush@host/?q"] {
        assert!(!fault(&format!("[packages.pypi]\nupstream = \"{bad}\"\n")).contains("hush"), "{bad}");
        assert!(!fault(&format!("[packages.pypi]\nupstrea = \"{bad}\"\n")).contains("hush"), "{bad}");
        let env = load_all("", &[("FANLIGHT_PACKAGES__PYPI__UPSTREAM", bad)], &[]).unwrap_err();
        assert!(!env.contains("hush"), "{bad}");
    }
    assert_snapshot!(fault("[packages.pypi]\nupstream = \"ftp://me:hush@index.upstream.example/\"\n"));
}

#[test]
fn names_of_hosts_are_read_in_lower_case() {
    let config = load("[listen]\nnames = [\"Fanlight.ACME.example\", \"fan_light\"]\n").unwrap();
    assert_eq!(config.listen_names.0, ["fanlight.acme.example", "fan_light"]);
    let config = load_all("", &[("FANLIGHT_LISTEN__NAMES", "a.example, b.example")], &[]).unwrap();
    assert_eq!(config.listen_names.0, ["a.example", "b.example"]);
    let (short, long) = ("a".repeat(63), "a".repeat(64));
    assert!(load(&format!("[listen]\nnames = [\"{short}.example\"]\n")).is_ok());
    assert!(load(&format!("[listen]\nnames = [\"{long}.example\"]\n")).is_err());
    let many = format!("{short}.").repeat(4);
    assert!(load(&format!("[listen]\nnames = [\"{many}example\"]\n")).is_err());
}

#[test]
fn a_key_that_nobody_knows_is_told_with_the_nearest() {
    assert_snapshot!("unknown_setting", fault("[packages]\nrefresh = \"1m\"\ncooldwn = \"7d\"\n"));
    assert_snapshot!("unknown_group", fault("[package]\ncooldown = \"7d\"\n"));
    assert_snapshot!("forgotten_group", fault("cooldown = \"7d\"\n"));
    assert_snapshot!("nothing_near", fault("[packages]\nwavelength_of_light = true\n"));
    assert_snapshot!("unknown_below_pypi", fault("[packages.pypi]\nupstreem = \"https://a.example/\"\n"));
    assert_snapshot!("group_as_setting", fault("packages = \"7d\"\n"));
    assert_snapshot!("unknown_flag", load_all("", &[], &[("packages.cooldwn", "1d", "--set")]).unwrap_err());
}

#[test]
fn a_wrong_value_is_told_with_what_is_allowed() {
    for (name, toml) in [
        ("span", "[packages]\ncooldown = \"7 weeks\"\n"),
        ("span_number", "[packages]\ncooldown = 7\n"),
        ("span_too_long", "[packages]\ncooldown = \"9999d\"\n"),
        ("span_out_of_order", "[packages]\ncooldown = \"30m1h\"\n"),
        ("span_list", "[packages]\ncooldown = [\"7d\"]\n"),
        ("address", "[listen]\naddress = \"localhost\"\n"),
        ("tls_word", "[listen]\ntls = \"on\"\n"),
        ("tls_half", "[listen]\ntls = { cert = \"a.pem\" }\n"),
        ("tls_unknown", "[listen]\ntls = { cert = \"a.pem\", kee = \"b\" }\n"),
        ("names_port", "[listen]\nnames = [\"localhost\", \"fanlight.acme.example:7070\"]\n"),
        ("names_address", "[listen]\nnames = [\"[::1]\"]\n"),
        ("names_star", "[listen]\nnames = [\"*.acme.example\"]\n"),
        ("names_empty", "[listen]\nnames = [\"\"]\n"),
        ("names_table", "[listen]\nnames = { a = 1 }\n"),
        ("size", "[packages]\ncache_size = \"10 GBytes\"\n"),
        ("size_small", "[packages]\ncache_size = \"1KB\"\n"),
        ("pattern", "[packages.cooldown_for]\n\"pkg:pypi\" = \"0\"\n"),
        ("pattern_span", "[packages.cooldown_for]\n\"pkg:pypi/acme-*\" = \"soon\"\n"),
        ("url", "[packages.pypi]\nupstream = \"index\"\n"),
        ("list", "[policies]\ndisable = { a = 1 }\n"),
        ("list_item", "[policies]\ndisable = [\"a\", \"\"]\n"),
        ("folder", "[policies]\nfolder = \"\"\n"),
        ("level", "[log]\nlevel = \"loud\"\n"),
        ("publish", "[ledger]\npublish_every = \"0\"\n"),
        ("publish_rarely", "[ledger]\npublish_every = \"61s\"\n"),
        ("beyond_loopback", "[listen]\naddress = \"0.0.0.0:7070\"\n"),
    ] {
        assert_snapshot!(format!("wrong_{name}"), fault(toml));
    }
}

#[test]
fn text_that_is_no_toml_is_told_with_its_line() {
    assert_snapshot!("syntax", fault("[packages]\ncooldown = \n"));
    assert_snapshot!("syntax_twice", fault("[log]\nlevel = \"info\"\nlevel = \"warn\"\n"));
    assert_snapshot!("syntax_open", fault("[log\n"));
}

#[test]
fn a_fault_of_the_environment_names_the_variable() {
    let fault = |name, value| load_all("", &[(name, value)], &[]).expect_err("this variable was taken");
    assert_snapshot!("env_wrong", fault("FANLIGHT_PACKAGES__COOLDOWN", "7 weeks"));
    assert_snapshot!("env_unknown", fault("FANLIGHT_PACKAGES__COOLDWN", "7d"));
    assert_snapshot!("env_one_underscore", fault("FANLIGHT_PACKAGES_COOLDOWN", "7d"));
    assert_snapshot!("env_nothing_near", fault("FANLIGHT_A__B", "7d"));
    assert_snapshot!("env_table", fault("FANLIGHT_PACKAGES__COOLDOWN_FOR", "numpy"));
    assert_snapshot!("env_beyond_loopback", fault("FANLIGHT_LISTEN__ADDRESS", "[::]:7070"));
    assert_snapshot!(
        "flag_wrong",
        load_all("", &[], &[("listen.address", "7070", "--listen")]).expect_err("this flag was taken")
    );
}

#[test]
fn no_variable_of_ours_is_misspelt_in_silence() {
    let told = |name: &str, value: &str| {
        let fault = load_all("", &[(name, value)], &[]).expect_err(name);
        assert!(fault.starts_with(&format!("the environment variable {name}: it names no setting\n")), "{fault}");
        fault.lines().nth(1).unwrap().trim().to_owned()
    };
    assert_eq!(told("FANLIGHT_STAT", "/srv"), "did you mean FANLIGHT_STATE?");
    assert_eq!(told("FANLIGHT_CONFG", "a.toml"), "did you mean FANLIGHT_CONFIG?");
    assert_eq!(told("FANLIGHT_COOLDOWN", "7d"), "did you mean FANLIGHT_PACKAGES__COOLDOWN?");
    assert_eq!(told("FANLIGHT_LOGLEVEL", "warn"), "did you mean FANLIGHT_LOG__LEVEL?");
    let listen = "did you mean FANLIGHT_LISTEN__ADDRESS, FANLIGHT_LISTEN__TLS, FANLIGHT_LISTEN__CLIENT_AUTHORITIES, FANLIGHT_LISTEN__CLIENT_REVOCATIONS or FANLIGHT_LISTEN__NAMES?";
    assert_eq!(told("FANLIGHT_LISTEN", "127.0.0.1:7071"), listen);
    assert!(told("FANLIGHT_PACKAGES", "x").contains("FANLIGHT_PACKAGES__COOLDOWN,"));
    let rule = "a setting's variable is FANLIGHT_ and its key in capitals, with __ for each dot";
    for name in ["FANLIGHT_", "FANLIGHT_FROBNICATE", "FANLIGHT_PORT", "FANLIGHT_LISTEN_PORT"] {
        let told = told(name, "7070");
        assert!(told == rule || told.starts_with("did you mean "), "{name}: {told}");
    }
}

#[test]
fn variables_of_others_are_left_alone() {
    let others = [
        ("FANLIGHT_BLESS", "1"),
        ("FANLIGHT_VECTORS", "/srv/vectors"),
        ("FANLIGHT_PORT", "tcp://10.0.0.1:7070"),
        ("FANLIGHT_PORT_7070_TCP", "tcp://10.0.0.1:7070"),
        ("FANLIGHT_PORT_7070_TCP_ADDR", "10.0.0.1"),
        ("FANLIGHT_SERVICE_HOST", "10.0.0.1"),
        ("FANLIGHT_SERVICE_PORT_HTTP", "7070"),
        ("FANLIGHT_EU_SERVICE_PORT", "7070"),
        ("NOT_FANLIGHT_STAT", "x"),
    ];
    for other in others {
        assert!(load_all("", &[other], &[]).is_ok(), "{other:?}");
    }
}

#[test]
fn tls_opens_the_way_beyond_loopback() {
    assert!(load("[listen]\naddress = \"0.0.0.0:7070\"\ntls = \"auto\"\n").is_ok());
}

#[test]
fn a_file_that_was_asked_for_must_be_there() {
    let load = |config: &str| {
        Config::load(Sources { state: Some("/nowhere".into()), config: Some(config.into()), ..Sources::default() })
    };
    assert_snapshot!("file_missing", load("/nowhere/else.toml").unwrap_err());
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("long.toml");
    std::fs::write(&long, "#".repeat(usize::try_from(CONFIG_FILE_BYTES).unwrap() + 1)).unwrap();
    let told = load(long.to_str().unwrap()).unwrap_err().to_string();
    assert!(told.ends_with("long.toml has more than 1048576 bytes"), "{told}");
}

#[test]
fn the_environment_names_state_and_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.toml");
    std::fs::write(&file, "[log]\nlevel = \"warn\"\n[policies]\nfolder = \"mine\"\n").unwrap();
    let env = vec![
        ("FANLIGHT_STATE".into(), folder.path().join("state").into_os_string()),
        ("FANLIGHT_CONFIG".into(), file.clone().into_os_string()),
    ];
    let config = Config::load(Sources { env, ..Sources::default() }).unwrap();
    assert_eq!(config.state, folder.path().join("state"));
    assert_eq!(config.effective()[0].origin, Origin::Environment { name: "FANLIGHT_STATE".into() });
    assert_eq!(config.file, Some(file));
    assert_eq!(config.policies_folder, folder.path().join("mine"), "relative to the file");
}

#[test]
fn the_state_folder_is_where_the_system_has_it() {
    let env = |pairs: &[(&str, &str)]| -> Vec<(OsString, OsString)> {
        pairs.iter().map(|(name, value)| (name.into(), value.into())).collect()
    };
    let home = env(&[("HOME", "/home/me")]);
    let both = env(&[("HOME", "/home/me"), ("XDG_STATE_HOME", "/var/me")]);
    let relative = env(&[("HOME", "/home/me"), ("XDG_STATE_HOME", "state")]);
    assert_eq!(by_system(&home, false).as_deref(), Some(Path::new("/home/me/.local/state/fanlight")));
    assert_eq!(by_system(&both, false).as_deref(), Some(Path::new("/var/me/fanlight")));
    assert_eq!(by_system(&relative, false).as_deref(), Some(Path::new("/home/me/.local/state/fanlight")));
    assert_eq!(by_system(&both, true).as_deref(), Some(Path::new("/home/me/Library/Application Support/fanlight")));
    assert_snapshot!("no_state", Config::load(Sources::default()).unwrap_err());
}

#[test]
fn any_bytes_are_judged_without_panic() {
    // Each prefix of a file with wide characters, tables and text: cut anywhere, it is read or refused.
    let file =
        "[packages]\ncooldown = \"7d\" # Ü—€\n\"ключ\" = { \"a.b\" = [1, 'ß'] }\n[listen]\r\ntls = \"\u{1F3E0}\"\n";
    for end in 0..file.len() {
        if file.is_char_boundary(end) {
            let _ = load(&file[..end]);
        }
    }
    let _ = load(&"[".repeat(5000));
    let _ = load(&format!("a = {}", "[".repeat(5000)));
}

#[test]
fn feeds_are_folders_archives_and_addresses_and_show_no_password() {
    let config = load(
        "[advisories]\nsources = [\"osv\", \"/srv/all.zip\", \"https://ada:pw@feeds.example/all.zip#x\"]\nvex = [\"vex\"]\n",
    )
    .unwrap();
    let url = "https://ada:pw@feeds.example/all.zip".parse().unwrap();
    let path = |path: &str| crate::Feed::Path(config.state.join(path));
    assert_eq!(config.advisories_sources.0, [path("osv"), path("/srv/all.zip"), crate::Feed::Url(url)]);
    assert_eq!(config.advisories_vex.0, [config.state.join("vex")]);
    let shown = origin(&config, "advisories.sources").0;
    assert!(shown.ends_with("/srv/all.zip, https://***@feeds.example/all.zip"), "{shown}");
    for (text, word) in [
        ("sources = [\"ftp://feeds.example/a.zip\"]", "neither a path nor an address"),
        ("sources = [\"https://\"]", "is no address"),
        ("sources = [\"a\", \"a\"]", "stands there twice"),
        ("sources = [\"\"]", "empty"),
        ("refresh = \"10ms\"", "too often"),
    ] {
        let fault = fault(&format!("[advisories]\n{text}\n"));
        assert!(fault.contains(word) && fault.contains("fanlight.toml:2"), "{fault}");
    }
}
