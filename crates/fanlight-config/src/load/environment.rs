//! Settings from the environment: `FANLIGHT_PACKAGES__COOLDOWN` sets `packages.cooldown`.
//!
//! Invariant: a variable that begins with `FANLIGHT_` sets something or is a fault, so that none is misspelt in silence. Two
//! kinds are left alone: those by name that our own tests and `make` use, and those that an orchestrator sets in every
//! container beside a service called fanlight (`FANLIGHT_PORT=tcp://10.0.0.1:7070`).

use std::ffi::OsString;
use std::path::PathBuf;

use super::nearest;
use crate::fault::{ConfigFault, Spot};
use crate::settings::KNOWN;
use crate::value::Value;

/// What begins every variable of ours.
pub(super) const PREFIX: &str = "FANLIGHT_";
/// The rest of those that are no settings.
pub(super) const ALONE: [&str; 2] = ["STATE", "CONFIG"];
/// The rest of those that tests, benchmarks and `make` use.
const OF_TESTS: [&str; 9] =
    ["BIN", "BLESS", "CI_TARGET", "FUZZ_SECONDS", "FUZZ_SEED", "TEST_TOOLS", "TOOLS", "TORTURE", "VECTORS"];

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
        let name = name.to_string_lossy();
        let Some(rest) = name.strip_prefix(PREFIX) else { continue };
        let spot = || Spot::Environment { name: name.clone().into_owned() };
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
                None if OF_TESTS.contains(&rest) || is_of_an_orchestrator(rest, &value.to_string_lossy()) => {}
                None => return Err(nearest::unknown_variable(rest, spot())),
            },
        }
    }
    Ok(read)
}

/// Whether Kubernetes or Docker tells of a service by it: `SERVICE_HOST`, `SERVICE_PORT_HTTP`, `PORT` and
/// `PORT_7070_TCP_ADDR`, before them the rest of the service's name where that is longer than ours.
fn is_of_an_orchestrator(rest: &str, value: &str) -> bool {
    let is_address = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    let ends = |end: &str| rest == end || rest.ends_with(&format!("_{end}"));
    let of_port = |kind: &str| {
        let numbered = rest.rsplit_once("PORT_").and_then(|(_, numbered)| numbered.split_once('_'));
        numbered.is_some_and(|(port, after)| port.parse::<u16>().is_ok() && after == kind)
    };
    let is_number = value.parse::<u16>().is_ok();
    ends("SERVICE_HOST")
        || (is_number && (ends("SERVICE_PORT") || rest.contains("SERVICE_PORT_")))
        || (is_address && ends("PORT"))
        || ["TCP", "UDP", "SCTP"]
            .iter()
            .any(|protocol| ["", "_ADDR", "_PORT", "_PROTO"].iter().any(|part| of_port(&format!("{protocol}{part}"))))
}
