//! The settings as a command needs them.

use std::path::PathBuf;

use fanlight_config::{Config, ConfigFault, Sources};

use super::Global;
use super::outcome::Failure;

/// What decides where the state folder is, and nothing else.
const STATE_VARIABLES: [&str; 3] = ["FANLIGHT_STATE", "XDG_STATE_HOME", "HOME"];

/// All settings, with these flags.
pub fn load(global: &Global, flags: Vec<(String, String, String)>) -> Result<Config, Failure> {
    read(global, flags).map_err(failure)
}

/// The same for who tells a wrong setting otherwise.
pub fn read(global: &Global, flags: Vec<(String, String, String)>) -> Result<Config, ConfigFault> {
    let env = std::env::vars_os().collect();
    Config::load(Sources { state: global.state.clone(), config: global.config.clone(), env, flags })
}

/// The state folder alone: a wrong setting does not keep anybody from reading the ledger.
pub fn state_folder(global: &Global) -> Result<PathBuf, Failure> {
    let env = std::env::vars_os().filter(|(name, _)| STATE_VARIABLES.iter().any(|known| name == known)).collect();
    let sources = Sources { state: global.state.clone(), config: Some("/dev/null".into()), env, flags: Vec::new() };
    Config::load(sources).map(|config| config.state).map_err(failure)
}

/// The company's folder of policies, where it is there, and the built-in policies that are left out.
pub fn policies(global: &Global) -> Result<(Option<PathBuf>, Vec<String>), Failure> {
    let config = load(global, Vec::new())?;
    let folder = config.policies_folder.is_dir().then_some(config.policies_folder);
    Ok((folder, config.policies_disable))
}

/// A wrong setting, with what to do.
pub fn failure(fault: ConfigFault) -> Failure {
    let failure = Failure::new(fault);
    failure.hint("`fanlight config --help` says where settings come from")
}
