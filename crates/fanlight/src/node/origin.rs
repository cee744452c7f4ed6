//! Names a node gives itself: its log's origin, and the person who runs it.

use std::fmt::Write as _;

use ring::rand::SecureRandom as _;

/// The system gave no randomness, so that nothing could be given a name of its own.
#[derive(Debug, thiserror::Error)]
#[error("the system gave no randomness for the ledger's origin")]
pub struct NoRandom;

/// This machine's own name, as the system has it; also in the certificates of the local authority.
pub fn machine() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// A new log's origin, `fanlight/` and 16 hexadecimal digits. Used once, when the ledger is created. Random, because an
/// origin must never be used for two logs; nothing else, because it stands in clear in every record and checkpoint, for
/// auditors and partners too, and a machine's name often tells whose it is.
pub fn fresh() -> Result<String, NoRandom> {
    let mut bytes = [0; 8];
    ring::rand::SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandom)?;
    let mut origin = "fanlight/".to_owned();
    for byte in bytes {
        // Writing into a text does not fail.
        let _ = write!(origin, "{byte:02x}");
    }
    Ok(origin)
}

/// The name of the user this process runs as: who acts when the state folder's secret is shown.
pub fn person() -> String {
    let around = crate::clients::Surroundings::of_this_process();
    crate::clients::owner::person(&around).unwrap_or_else(|| "operator".to_owned())
}
