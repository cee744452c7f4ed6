//! What stood in a client's configuration before Fanlight wrote there, kept under the state folder until it is put back.

use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fanlight_base::DeviceId;
use serde::{Deserialize, Serialize};

use super::{Client, replace};

/// Bytes of a client's configuration; what is longer is not edited.
pub const CONFIGURATION_BYTES: u64 = 1024 * 1024;

/// Kept in `clients/CLIENT-DIGEST.json` under the state folder, one for each file that was written (one state may serve
/// several homes), mode 0600, because a configuration may hold passwords.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// The version of this shape.
    pub v: u32,
    /// The file that was written.
    pub file: PathBuf,
    /// Base64 of what stood there before; nothing where there was no file.
    pub original: Option<String>,
    /// Its permissions before.
    pub mode: Option<u32>,
    /// The folders that were made for it, the outermost first.
    pub folders: Vec<PathBuf>,
    /// Other files that were written beside it: the root certificate.
    pub beside: Vec<PathBuf>,
    /// SHA-256 of what was written, hexadecimal.
    pub wrote: String,
    /// The device whose token is in the file.
    pub device: DeviceId,
    /// The node's host and port as they stand in the file; nothing where an earlier version wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leads_to: Option<String>,
}

/// A client that was led to an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Led {
    /// The client.
    pub client: String,
    /// Its settings.
    pub file: PathBuf,
    /// The host and port that stand there.
    pub leads_to: String,
}

/// The clients that were led by this state folder to another address than `here`, HOST:PORT, and still are.
pub fn led_elsewhere(state: &Path, here: &str) -> Vec<Led> {
    let entries = std::fs::read_dir(state.join("clients")).into_iter().flatten().flatten();
    let mut led: Vec<_> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let (client, _) = name.strip_suffix(".json")?.rsplit_once('-')?;
            let saved: Saved = serde_json::from_slice(&std::fs::read(entry.path()).ok()?).ok()?;
            let leads_to = saved.leads_to.filter(|leads_to| leads_to != here)?;
            // The person may have led it elsewhere since.
            let text = std::fs::read_to_string(&saved.file).ok()?;
            let addresses = ["@{}/pypi/simple/", "//{}/npm/", "//{}/cargo/"];
            let stands = addresses.iter().any(|address| text.contains(&address.replace("{}", &leads_to)));
            stands.then(|| Led { client: client.to_owned(), file: saved.file, leads_to })
        })
        .collect();
    led.sort_by(|a, b| (&a.client, &a.file).cmp(&(&b.client, &b.file)));
    led
}

impl Saved {
    /// The version of the shape written now.
    pub const VERSION: u32 = 1;

    /// Where what stood in a client's file is kept.
    pub fn path(state: &Path, client: Client, file: &Path) -> PathBuf {
        let digest = sha256(file.as_os_str().as_encoded_bytes());
        state.join("clients").join(format!("{client}-{}.json", &digest[..16]))
    }

    /// Reads it; `None` where the file is not in use.
    pub fn read(state: &Path, client: Client, file: &Path) -> io::Result<Option<Self>> {
        let bytes = match std::fs::read(Self::path(state, client, file)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let saved: Self = serde_json::from_slice(&bytes)?;
        if saved.v != Self::VERSION {
            let what = format!("it has the shape {}, this program knows {}", saved.v, Self::VERSION);
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        Ok(Some(saved))
    }

    /// Writes it, synced.
    pub fn write(&self, state: &Path, client: Client) -> io::Result<()> {
        let path = Self::path(state, client, &self.file);
        replace::make_folders(replace::folder_of(&path), 0o700)?;
        replace::write(&path, &serde_json::to_vec_pretty(self)?, 0o600)
    }

    /// Forgets it, once everything is put back.
    pub fn forget(&self, state: &Path, client: Client) -> io::Result<()> {
        replace::remove(&Self::path(state, client, &self.file))
    }

    /// What stood in the file before.
    pub fn original_bytes(&self) -> io::Result<Option<Vec<u8>>> {
        let decode = |text: &String| STANDARD.decode(text).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e));
        self.original.as_ref().map(decode).transpose()
    }

    /// The form of bytes that [`Saved::original`] has.
    pub fn encoded(bytes: &[u8]) -> String {
        STANDARD.encode(bytes)
    }
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    ring::digest::digest(&ring::digest::SHA256, bytes).as_ref().iter().map(|b| format!("{b:02x}")).collect()
}
