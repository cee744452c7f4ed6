//! What of the machine and the process decides where a client's configuration is: home, environment, system.
//!
//! Read once and handed on as a value, so that tests lay out a machine of their own.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The machine as the clients see it.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The person's home folder.
    pub home: PathBuf,
    /// The environment. What is not UTF-8 is left out: no client could use it as an address.
    pub environment: BTreeMap<String, String>,
    /// Whether this is macOS, where pip looks in one more place.
    pub macos: bool,
    /// The machine-wide configuration files of pip.
    pub pip_global: Vec<PathBuf>,
}

impl Surroundings {
    /// This process's own.
    pub fn of_this_process() -> Self {
        let environment: BTreeMap<String, String> =
            std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect();
        Self {
            home: std::env::home_dir().unwrap_or_else(|| PathBuf::from("/")),
            environment,
            macos: cfg!(target_os = "macos"),
            pip_global: ["/etc/xdg/pip/pip.conf", "/etc/pip.conf"].map(PathBuf::from).into(),
        }
    }

    /// A variable that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// `XDG_CONFIG_HOME`, or `~/.config` where it is not set or not absolute (XDG Base Directory Specification).
    pub fn xdg_config(&self) -> PathBuf {
        let stated = self.variable("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        stated.unwrap_or_else(|| self.home.join(".config"))
    }
}
