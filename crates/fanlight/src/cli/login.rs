//! `fanlight login` and `logout`: a node on another machine, asked by a person's own key.
//!
//! Owns where the key is kept: a file of its owner's alone. Invariant: a key goes nowhere but to the node that it was given for,
//! over TLS unless that is this machine.

use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use clap::Args;
use fanlight_api::routes;
use fanlight_api::status::Status;
use fanlight_base::{Secret, limits};
use serde::{Deserialize, Serialize};

use super::Context;
use super::client::{ClientError, Node};
use super::outcome::{Exit, Failure};
use super::screen::visible;

/// What is needed to log in.
#[derive(Debug, Args)]
pub struct LoginArgs {
    /// The node's address, https://HOST:PORT
    #[arg(value_name = "ADDRESS")]
    address: String,
    /// The root certificate of the node's own authority, where it has one
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

/// A login as it is kept.
#[derive(Serialize, Deserialize)]
pub struct Login {
    /// The node's address.
    pub address: String,
    /// The key.
    pub key: String,
    /// The root certificate of the node's authority, as PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
}

/// Where logins are kept: beside the settings of other programs.
fn file() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(".config")))?;
    Some(folder.join("fanlight/login.json"))
}

/// The login on this machine, if there is one.
///
/// # Errors
/// Where it is there and cannot be read.
pub fn kept() -> Result<Option<Login>, ClientError> {
    let Some(file) = file() else { return Ok(None) };
    let unreadable = |source| ClientError::Unreadable { file: file.clone(), source };
    match fs::read(&file) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| unreadable(error.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(error)),
    }
}

/// Takes a key, tries it, and keeps it.
pub fn login(context: &mut Context, arguments: &LoginArgs) -> Result<Exit, Failure> {
    let file = file().ok_or_else(|| Failure::usage("neither XDG_CONFIG_HOME nor HOME says where to keep a login"))?;
    let ca = match &arguments.ca {
        Some(path) => {
            Some(fs::read_to_string(path).map_err(|source| ClientError::Unreadable { file: path.clone(), source })?)
        }
        None => None,
    };
    let address = arguments.address.trim_end_matches('/').to_owned();
    let login = Login { address, key: key()?.expose_secret().clone(), ca };
    // Tried before it is kept: a key that is not good is not worth a file.
    let status: Status = Node::logged_in(&login)?.get(routes::STATUS, &[]).map_err(super::people::no)?;
    keep(&file, &login).map_err(|source| ClientError::Unreadable { file: file.clone(), source })?;
    let screen = &mut context.screen;
    let said =
        format!("Logged in to {} (Fanlight {}): commands without --state ask it.", login.address, status.version);
    screen.line(&visible(&said))?;
    screen.aside(&format!("The key is in {}, for you alone to read.", file.display()));
    Ok(Exit::Good)
}

/// Forgets the key on this machine.
pub fn logout(context: &mut Context) -> Result<Exit, Failure> {
    let screen = &mut context.screen;
    let Some(file) = file() else { return Ok(Exit::Good) };
    match fs::remove_file(&file) {
        Ok(()) => {
            screen.line("Logged out: the key is gone from this machine.")?;
            screen.aside("The key itself stays good until `fanlight keys revoke` ends it.");
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => screen.line("You are logged in to no node.")?,
        Err(source) => return Err(ClientError::Unreadable { file, source }.into()),
    }
    Ok(Exit::Good)
}

/// The key: from the environment or one line of standard input, never from an argument, which others on the machine see.
pub(super) fn key() -> Result<Secret<String>, Failure> {
    let given = match std::env::var("FANLIGHT_KEY") {
        Ok(key) => key,
        Err(_) => {
            let mut input = io::stdin().lock();
            if input.is_terminal() {
                eprint!("Key (flk_...): ");
                io::stderr().flush()?;
            }
            let mut line = String::new();
            io::Read::take(&mut input, limits::AUTHORIZATION_BYTES as u64).read_line(&mut line)?;
            line
        }
    };
    let key = given.trim();
    if !key.starts_with("flk_") || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        let failure = Failure::usage("that is no key: one begins with flk_");
        return Err(failure
            .hint("make one on the node: `fanlight keys make --for api --label ...`, and give it on standard input"));
    }
    Ok(Secret::new(key.to_owned()))
}

fn keep(file: &Path, login: &Login) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    // Aside and renamed: nobody reads half of it, and it is never there for others to read.
    let aside = file.with_extension("new");
    match fs::remove_file(&aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut kept = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    kept.write_all(&serde_json::to_vec(login)?)?;
    fs::rename(&aside, file)
}
