//! Where each client keeps the configuration of the person, as its documentation says.

use std::path::{Path, PathBuf};

use super::{Client, Surroundings};

/// A client that would not read what was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{client} reads no configuration of yours while {variable} is {value:?} in the environment")]
pub struct NoPlace {
    /// The client.
    pub client: Client,
    /// The variable that turns it off.
    pub variable: &'static str,
    /// Its value.
    pub value: String,
}

/// The file to edit.
pub fn configuration_file(client: Client, around: &Surroundings) -> Result<PathBuf, NoPlace> {
    match client {
        Client::Pip => pip(around),
        Client::Uv => uv(around),
        Client::Npm => Ok(npm(around)),
        Client::Yarn => Ok(around.home.join(".yarnrc.yml")),
        Client::Cargo => Ok(cargo(around)),
    }
}

/// `pip config debug` names these. A file in `PIP_CONFIG_FILE` that exists takes the place of the person's own; the
/// older `~/.pip/pip.conf` is read too, and edited where it is the only one there is.
fn pip(around: &Surroundings) -> Result<PathBuf, NoPlace> {
    if let Some(stated) = around.variable("PIP_CONFIG_FILE") {
        if stated == "/dev/null" {
            return Err(NoPlace { client: Client::Pip, variable: "PIP_CONFIG_FILE", value: stated.to_owned() });
        }
        if Path::new(stated).exists() {
            return Ok(PathBuf::from(stated));
        }
    }
    let [legacy, current] = pip_files(around);
    Ok(if !exists(&current) && exists(&legacy) { legacy } else { current })
}

/// The person's two pip files, the older place first: what the second says outranks the first.
pub fn pip_files(around: &Surroundings) -> [PathBuf; 2] {
    let legacy = around.home.join(".pip/pip.conf");
    let apple = around.home.join("Library/Application Support/pip");
    let current = match around.macos {
        true if apple.is_dir() => apple.join("pip.conf"),
        true => around.home.join(".config/pip/pip.conf"),
        false => around.xdg_config().join("pip/pip.conf"),
    };
    [legacy, current]
}

/// `UV_CONFIG_FILE` takes the place of all other files; else `uv/uv.toml` among the person's settings.
fn uv(around: &Surroundings) -> Result<PathBuf, NoPlace> {
    if let Some(value) = around.variable("UV_NO_CONFIG").filter(|value| !matches!(*value, "0" | "false")) {
        return Err(NoPlace { client: Client::Uv, variable: "UV_NO_CONFIG", value: value.to_owned() });
    }
    Ok(match around.variable("UV_CONFIG_FILE") {
        Some(stated) => PathBuf::from(stated),
        None => around.xdg_config().join("uv/uv.toml"),
    })
}

/// npm's file of the person, which a variable may name in either case.
fn npm(around: &Surroundings) -> PathBuf {
    let stated = ["npm_config_userconfig", "NPM_CONFIG_USERCONFIG"].iter().find_map(|name| around.variable(name));
    stated.map_or_else(|| around.home.join(".npmrc"), PathBuf::from)
}

/// `config.toml` in cargo's home; the older `config`, which cargo reads instead, where it is there.
fn cargo(around: &Surroundings) -> PathBuf {
    let home = around.variable("CARGO_HOME").map_or_else(|| around.home.join(".cargo"), PathBuf::from);
    let legacy = home.join("config");
    if exists(&legacy) { legacy } else { home.join("config.toml") }
}

/// Whether something stands there, a broken link included.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
