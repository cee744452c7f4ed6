//! A claimed state folder is closed to others, however it was before.

use fanlight_config::{Config, Sources};

use super::*;

fn settings(state: &Path, config: Option<PathBuf>) -> Config {
    Config::load(Sources { state: Some(state.to_owned()), config, ..Sources::default() }).unwrap()
}

#[test]
fn a_folder_with_a_stewards_files_alone_is_taken_and_one_with_others_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |config: &Config| foreign::refuse(config).map_err(|error| error.to_string());
    assert_eq!(refused(&settings(&folder.path().join("none"), None)), Ok(()));
    let state = folder.path().join("state");
    for laid_out in ["policies/company.cedar", "tls/ca.pem", "lost+found/x", "mine/a.cedar", "certs/a.pem", "run/x"] {
        fs::create_dir_all(state.join(laid_out).parent().unwrap()).unwrap();
        fs::write(state.join(laid_out), "").unwrap();
    }
    let (toml, own) = (state.join("fanlight.toml"), state.join("own.toml"));
    let text = "[policies]\nfolder = \"mine\"\n[listen]\ntls = { cert = \"certs/a.pem\", key = \"a.key\" }\n";
    for file in [&toml, &own] {
        fs::write(file, text).unwrap();
    }
    fs::write(state.join("a.key"), "").unwrap();
    assert_eq!(refused(&settings(&state, Some(own.clone()))), Ok(()));
    let other = refused(&settings(&state, None)).unwrap_err();
    assert!(other.ends_with("it holds own.toml; nothing in it was touched"), "{other}");
    for name in ["b", "c", "d"] {
        fs::write(state.join(name), "").unwrap();
    }
    let other = refused(&settings(&state, Some(own.clone()))).unwrap_err();
    assert!(other.contains("is no state folder of Fanlight, and it is not empty: it holds b, c, d;"), "{other}");
    fs::write(state.join(".e"), "").unwrap();
    let other = refused(&settings(&state, Some(own.clone()))).unwrap_err();
    assert!(other.contains("it holds .e, b, c and 1 more;"), "{other}");
    // A state keeps whatever its owner put beside it.
    fs::write(state.join("root.key"), "").unwrap();
    assert_eq!(refused(&settings(&state, Some(own))), Ok(()));
}

#[test]
fn a_folder_open_to_others_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    fs::create_dir(&state).unwrap();
    fs::set_permissions(&state, fs::Permissions::from_mode(0o755)).unwrap();
    let _claim = take(&state).unwrap();
    assert_eq!(fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(state.join("run")).unwrap().permissions().mode() & 0o777, 0o700);
}
