//! Installing the clients once, into a folder outside the repository that parallel test processes share.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Client, Clients, Kind};
use crate::process::Run;

/// Changing this installs anew.
const WANTED: &[&str] = &["pip>=26", "uv>=0.9"];

pub(super) fn find() -> Clients {
    let missing = |what: &str, why: &str| {
        eprintln!("missing: {what}: {why}");
        assert!(std::env::var("CI").is_err(), "CI runs with every client; missing: {what}: {why}");
        None
    };
    let python = match machine_python() {
        Ok(python) => python,
        Err(why) => {
            missing("python3 with pip", &why);
            return Clients { pip_machine: None, pip_current: None, uv: None };
        }
    };
    let pip_machine = pip(&python, &python).or_else(|| missing("the machine's pip", "`python3 -m pip` does not run"));
    match tools(&python) {
        Ok(venv) => {
            let pip_current = pip(&venv.join("bin/python"), &python);
            let uv = uv(&venv.join("bin/uv"), &python);
            Clients {
                pip_machine,
                pip_current: pip_current.or_else(|| missing("a current pip", "it was installed and does not run")),
                uv: uv.or_else(|| missing("a current uv", "it was installed and does not run")),
            }
        }
        Err(why) => {
            let (pip_current, uv) = (missing("a current pip", &why), missing("a current uv", &why));
            Clients { pip_machine, pip_current, uv }
        }
    }
}

/// The interpreter itself: `python3` may be a script that picks one by a home the tests do not have.
fn machine_python() -> Result<PathBuf, String> {
    let out = std::process::Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output();
    let out = out.map_err(|error| format!("python3 cannot be started: {error}"))?;
    let path = PathBuf::from(String::from_utf8_lossy(&out.stdout).trim());
    if path.is_file() { Ok(path) } else { Err(format!("python3 names no interpreter: {}", path.display())) }
}

fn pip(program: &Path, python: &Path) -> Option<Client> {
    let out = Run::new(program).args(["-m", "pip", "--version"]).env("HOME", "/nonexistent").output();
    let version = out.stdout.split_whitespace().nth(1)?.to_owned();
    Some(Client { kind: Kind::Pip, name: format!("pip {version}"), program: program.into(), python: python.into() })
}

fn uv(program: &Path, python: &Path) -> Option<Client> {
    let out = Run::new(program).args(["--version"]).env("HOME", "/nonexistent").output();
    let version = out.stdout.split_whitespace().nth(1)?.to_owned();
    Some(Client { kind: Kind::Uv, name: format!("uv {version}"), program: program.into(), python: python.into() })
}

/// Where clients are installed, outside the repository.
pub(crate) fn folder() -> Result<PathBuf, String> {
    let folder = std::env::var_os("FANLIGHT_TEST_TOOLS").map(PathBuf::from).or_else(|| {
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
        cache.map(|cache| cache.join("fanlight/test-tools"))
    });
    folder.ok_or_else(|| "neither FANLIGHT_TEST_TOOLS nor HOME says where to install".to_owned())
}

/// Installs into `folder` under a lock, unless what is `wanted` is there already.
pub(crate) fn once(folder: &Path, wanted: &str, install: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    let words = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(folder).map_err(words)?;
    let lock = File::create(folder.join("lock")).map_err(words)?;
    lock.lock().map_err(words)?;
    let done = folder.join("installed");
    if std::fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    install()?;
    std::fs::write(done, wanted).map_err(words)
}

/// The folder with the current clients, installed when it is not there.
fn tools(python: &Path) -> Result<PathBuf, String> {
    venv(python, &folder()?, WANTED)
}

/// The folder of a virtual environment with other people's programs from the Python Package Index, installed once for
/// all tests under `name`. Nothing where they cannot be installed, which is said in one line.
///
/// # Panics
/// When they are missing and `CI=true`.
pub fn python_tools(name: &str, wanted: &[&str]) -> Option<PathBuf> {
    let installed = machine_python().and_then(|python| venv(&python, &folder()?.join(name), wanted));
    installed
        .inspect_err(|why| {
            eprintln!("missing: {name}, so that its tests are skipped: {why}");
            assert!(std::env::var("CI").is_err(), "CI runs with every program; missing: {name}: {why}");
        })
        .ok()
}

/// A virtual environment in `folder/venv` with these packages, installed when they are not there.
fn venv(python: &Path, folder: &Path, wanted: &[&str]) -> Result<PathBuf, String> {
    let venv = folder.join("venv");
    once(folder, &format!("{} {}", python.display(), wanted.join(" ")), || {
        let limit = Duration::from_secs(300);
        let made = Run::new(python).own_env().args(["-m", "venv", "--clear"]).args([&venv]).limit(limit).output();
        if made.code != Some(0) {
            return Err(format!("`python3 -m venv` failed: {}", made.words()));
        }
        let install =
            Run::new(venv.join("bin/python")).own_env().args(["-m", "pip", "install", "--quiet", "--upgrade"]);
        let got = install.args(wanted.iter().copied()).limit(limit).output();
        if got.code == Some(0) {
            Ok(())
        } else {
            Err(format!("`pip install {}` failed: {}", wanted.join(" "), got.words()))
        }
    })?;
    Ok(venv)
}
