//! Settings from the environment: `FANLIGHT_PACKAGES__COOLDOWN` sets `packages.cooldown`.
//!
//! A variable with a double underscore that names no setting is a fault. Others that begin with `FANLIGHT_` are left
//! alone, because orchestrators set such names for a service called fanlight (`FANLIGHT_PORT`), unless they look like a
//! setting written with too few underscores.

use std::ffi::OsString;
use std::path::PathBuf;

use super::nearest;
use crate::fault::{ConfigFault, Spot};
use crate::settings::KNOWN;
use crate::value::Value;

/// What the environment says.
#[derive(Default)]
pub(super) struct Environment {
    pub(super) state: Option<PathBuf>,
    pub(super) config: Option<PathBuf>,
    pub(super) values: Vec<(&'static str, (Value, Spot))>,
}

pub(super) fn read(env: &[(OsString, OsString)]) -> Result<Environment, ConfigFault> {
    let mut read = Environment::default();
    for (name, value) in env {
        // A name that is not UTF-8 cannot be one of ours.
        let Some((name, rest)) = name.to_str().and_then(|name| Some((name, name.strip_prefix("FANLIGHT_")?))) else {
            continue;
        };
        let spot = || Spot::Environment { name: name.to_owned() };
        match rest {
            "STATE" => read.state = Some(value.into()).filter(|path: &PathBuf| !path.as_os_str().is_empty()),
            "CONFIG" => read.config = Some(value.into()).filter(|path: &PathBuf| !path.as_os_str().is_empty()),
            _ => match KNOWN.iter().find(|known| known.variable() == name) {
                Some(known) => {
                    let text = value.to_str().ok_or_else(|| {
                        ConfigFault::at(spot(), format!("{}: it is not UTF-8 text", known.key), vec![])
                    })?;
                    read.values.push((known.key, (Value::text(text), spot())));
                }
                None if rest.contains("__") || nearest::is_misspelt_variable(name) => {
                    return Err(nearest::unknown_variable(name, spot()));
                }
                None => {}
            },
        }
    }
    Ok(read)
}
