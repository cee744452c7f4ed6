//! Names a node gives itself: its log's origin, and the person who runs it.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};

/// This machine's own name, as the system has it; also in the certificates of the local authority.
pub fn machine() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// A new log's origin, `fanlight/HOST/8 hex digits`. Used once, when the ledger is created; random, because an origin must
/// never be used for two logs.
pub fn fresh() -> String {
    let host: String = machine()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '-' })
        .take(64)
        .collect();
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u128(std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_nanos()));
    format!("fanlight/{}/{:08x}", if host.is_empty() { "host" } else { &host }, hasher.finish() as u32)
}

/// The name of the user this process runs as: who acts when the state folder's secret is shown.
pub fn person() -> String {
    let around = crate::clients::Surroundings::of_this_process();
    crate::clients::owner::person(&around).unwrap_or_else(|| "operator".to_owned())
}
