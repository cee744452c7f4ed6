//! Where the state folder is.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::fault::ConfigFault;
use crate::load::Origin;

/// The state folder: the flag, `FANLIGHT_STATE`, or the place the system has for a user's state.
pub(super) fn folder(
    flag: Option<PathBuf>,
    variable: Option<PathBuf>,
    env: &[(OsString, OsString)],
) -> Result<(PathBuf, Origin), ConfigFault> {
    if let Some(path) = flag {
        return Ok((path, Origin::Flag { name: "--state".to_owned() }));
    }
    if let Some(path) = variable {
        return Ok((path, Origin::Environment { name: "FANLIGHT_STATE".to_owned() }));
    }
    by_system(env, cfg!(target_os = "macos")).map(|path| (path, Origin::Default)).ok_or(ConfigFault::NoState)
}

/// On macOS the user's Application Support; elsewhere as the XDG Base Directory Specification says, which also says that
/// a relative path there is to be ignored.
pub(super) fn by_system(env: &[(OsString, OsString)], macos: bool) -> Option<PathBuf> {
    let absolute = |name: &str| {
        let value = env.iter().find(|(known, _)| known == name).map(|(_, value)| PathBuf::from(value));
        value.filter(|path| path.is_absolute())
    };
    if macos {
        return absolute("HOME").map(|home| home.join("Library/Application Support/fanlight"));
    }
    absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
        .map(|path| path.join("fanlight"))
}
