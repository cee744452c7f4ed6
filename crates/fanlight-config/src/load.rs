//! Values from all sources, the strongest kept for each key, then given their types.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::fault::{ConfigFault, Spot};
use crate::rules::Spots;
use crate::settings::{KNOWN, Known};
use crate::value::{Setting, Value};

mod environment;
mod file;
mod nearest;
mod state;
#[cfg(test)]
mod tests;

use file::SettingsFile;

/// Where values come from besides the defaults.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// `--state`.
    pub state: Option<PathBuf>,
    /// `--config`.
    pub config: Option<PathBuf>,
    /// The environment.
    pub env: Vec<(OsString, OsString)>,
    /// Settings given as flags: key, value, the flag's name with its dashes.
    pub flags: Vec<(String, String, String)>,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Built in.
    Default,
    /// The settings file.
    File {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// The environment.
    Environment {
        /// The variable.
        name: String,
    },
    /// The command line.
    Flag {
        /// The flag.
        name: String,
    },
}

impl From<&Spot> for Origin {
    fn from(spot: &Spot) -> Self {
        match spot {
            Spot::Default => Self::Default,
            Spot::File { path, line, .. } => Self::File { path: path.clone(), line: *line },
            Spot::Environment { name } => Self::Environment { name: name.clone() },
            Spot::Flag { name } => Self::Flag { name: name.clone() },
        }
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment { name } | Self::Flag { name } => f.write_str(name),
        }
    }
}

/// One setting as it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// Its key.
    pub key: &'static str,
    /// Its value in text, secrets hidden; empty where there is none.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
    /// What it is for.
    pub doc: String,
}

/// The values of all sources, and what has been taken from them.
pub(crate) struct Given {
    pub(crate) state: PathBuf,
    pub(crate) file: Option<PathBuf>,
    pub(crate) effective: Vec<Effective>,
    pub(crate) spots: Spots,
    source: Option<SettingsFile>,
    values: HashMap<&'static str, (Value, Spot)>,
}

impl Given {
    /// Reads all sources; of two that set a key the stronger stays.
    pub(crate) fn gather(sources: Sources) -> Result<Self, ConfigFault> {
        let Sources { state, config, env, flags } = sources;
        let environment = environment::read(&env)?;
        let (state, origin) = state::folder(state, environment.state, &env)?;
        let source = SettingsFile::read(config.or(environment.config), &state)?;
        let mut values = HashMap::new();
        if let Some(source) = &source {
            values.extend(source.values()?);
        }
        values.extend(environment.values);
        for (key, value, name) in flags {
            let spot = Spot::Flag { name };
            let Some(known) = find(&key) else { return Err(nearest::unknown(&key, spot)) };
            values.insert(known.key, (Value::text(value), spot));
        }
        let effective = vec![Effective {
            key: "state",
            value: state.display().to_string(),
            origin,
            doc: "The state folder: everything the node keeps.".to_owned(),
        }];
        let file = source.as_ref().map(|source| source.path.clone());
        Ok(Self { state, file, effective, spots: Spots::default(), source, values })
    }

    /// The value of a setting, typed.
    pub(crate) fn take<T: Setting>(&mut self, key: &'static str) -> Result<T, ConfigFault> {
        // Each key comes from the table itself, so it is there.
        let known = find(key).unwrap_or(&KNOWN[0]);
        let (value, spot) = self.values.remove(key).unwrap_or_else(|| (Value::text(known.default), Spot::Default));
        let folder = match (&spot, &self.source) {
            (Spot::Default, _) => self.state.clone(),
            (Spot::File { .. }, Some(source)) => source.folder(),
            // From a shell: relative to where the shell is.
            _ => PathBuf::new(),
        };
        match T::read(&value, &folder) {
            Ok(typed) => {
                let origin = Origin::from(&spot);
                self.effective.push(Effective { key, value: typed.shown(), origin, doc: known.doc() });
                self.spots.0.insert(key, spot);
                Ok(typed)
            }
            Err(wrong) => {
                let spot = match (wrong.at, &self.source) {
                    (Some(at), Some(source)) => source.spot(at),
                    _ => spot,
                };
                Err(ConfigFault::at(spot, format!("{key}: {}", wrong.why), vec![format!("allowed: {}", T::ALLOWED)]))
            }
        }
    }
}

pub(crate) fn find(key: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.key == key)
}
