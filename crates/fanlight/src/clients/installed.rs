//! Writing a client's configuration and putting it back, on disk.
//!
//! Order: what stood there is saved and synced before a byte is written, so that a cut at any moment leaves a way back.
//! A second `use` first undoes the first in thought, so what is kept stays what the person had.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use fanlight_api::run::DEVICE_TOKEN_PREFIX;
use fanlight_base::DeviceId;

use super::saved::{CONFIGURATION_BYTES, Saved, sha256};
use super::{Beside, Client, Setting, Surroundings, beside, marks, place, replace, roots, taken_out, written};

/// The name of the file of roots beside the client's configuration.
pub const ROOT_FILE: &str = "fanlight-roots.pem";

/// Why a client's configuration could not be written or put back.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The client is told to read no configuration.
    #[error(transparent)]
    NoPlace(#[from] place::NoPlace),
    /// A file could not be read or written.
    #[error("could not {verb} {file}", file = file.display())]
    File {
        /// What was tried.
        verb: &'static str,
        /// The file.
        file: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The configuration is longer than any is.
    #[error("{file} has over {limit} bytes, which is no {client} configuration", file = file.display(), limit = CONFIGURATION_BYTES)]
    TooLong {
        /// The file.
        file: PathBuf,
        /// The client.
        client: Client,
    },
    /// The configuration cannot be edited as it is.
    #[error("{file}: {fault}", file = file.display())]
    Edit {
        /// The file.
        file: PathBuf,
        /// What is wrong, and where.
        fault: marks::EditError,
    },
    /// Others are at work on the same state folder.
    #[error("another `fanlight use` is at work on {state}, and has been for a while", state = state.display())]
    Busy {
        /// The state folder.
        state: PathBuf,
    },
    /// There is nothing to put back.
    #[error("{file} was not written by `fanlight use {client}`, so there is nothing to put back", file = file.display())]
    NotInUse {
        /// The client.
        client: Client,
        /// The file it reads.
        file: PathBuf,
    },
}

/// What will be written, found out before a token is made.
#[derive(Debug)]
pub struct Plan {
    /// The client.
    pub client: Client,
    /// The file to write.
    pub file: PathBuf,
    /// Where the file of roots goes, if there is one.
    pub root: PathBuf,
    /// What stood there before any of ours; nothing where there was no file.
    original: Option<Vec<u8>>,
    before: String,
    earlier: Option<Saved>,
    of_another: Option<OfAnother>,
}

/// What stands in a client's configuration from another state folder than this one, or from one that is gone.
#[derive(Debug)]
struct OfAnother {
    /// The text without it; nothing where that is empty.
    rest: Option<Vec<u8>>,
    /// Whether it names the file of roots.
    has_root: bool,
}

impl Plan {
    /// Reads what stands there now. Changes nothing.
    pub fn of(client: Client, state: &Path, around: &Surroundings) -> Result<Self, SetupError> {
        let file = place::configuration_file(client, around)?;
        let saved_at = Saved::path(state, client, &file);
        let earlier = Saved::read(state, client, &file).map_err(failed("read", &saved_at))?;
        let current = read(&file, client)?;
        // What another state folder wrote makes room, so that no block stands in another.
        let of_another = match (&earlier, &current) {
            (None, Some(current)) => of_another(client, &file, current)?,
            _ => None,
        };
        let original = match (&earlier, &of_another, current) {
            (Some(saved), _, Some(current)) => {
                before_us(client, saved, &current)?.map_err(failed("read", &saved_at))?
            }
            (_, Some(other), _) => other.rest.clone(),
            (_, _, current) => current,
        };
        let text = original.clone().unwrap_or_default();
        let before = String::from_utf8(text).map_err(|_| SetupError::Edit {
            file: file.clone(),
            fault: marks::EditError::Unreadable { line: 1, what: "the file is not UTF-8".to_owned() },
        })?;
        let root = replace::folder_of(&file).join(ROOT_FILE);
        Ok(Self { client, file, root, original, before, earlier, of_another })
    }

    /// Whether the client is led by another state folder until now.
    pub const fn is_led_by_another(&self) -> bool {
        self.of_another.is_some()
    }

    /// The device of the token that stands there now.
    pub fn earlier_device(&self) -> Option<&DeviceId> {
        self.earlier.as_ref().map(|saved| &saved.device)
    }

    /// The roots the client is to trust, the node's own first.
    pub fn roots(&self, around: &Surroundings, own: &str) -> String {
        roots::bundle(self.client, around, &self.before, own)
    }

    /// The text with this setting in it.
    pub fn text(&self, setting: &Setting) -> Result<String, SetupError> {
        let fault = |fault| SetupError::Edit { file: self.file.clone(), fault };
        written(self.client, &self.before, setting).map_err(fault)
    }

    /// What leads past the door, once this text stands there.
    pub fn beside(&self, around: &Surroundings, text: &str, host: &str) -> Vec<Beside> {
        beside::beside(self.client, around, &self.file, text, host)
    }

    /// Saves what stood there, then writes.
    pub fn write(
        &self,
        state: &Path,
        setting: &Setting,
        root: Option<&str>,
        device: DeviceId,
    ) -> Result<(), SetupError> {
        let text = self.text(setting)?;
        let real = replace::behind_links(&self.file).map_err(failed("follow the link", &self.file))?;
        let folder = replace::folder_of(&real);
        let mode = fs::metadata(&real).ok().map(|meta| meta.permissions().mode() & 0o7777);
        let had_root = self.of_another.as_ref().is_some_and(|other| other.has_root);
        let saved = Saved {
            v: Saved::VERSION,
            file: self.file.clone(),
            original: self.original.as_deref().map(Saved::encoded),
            mode: self.earlier.as_ref().map_or(mode, |earlier| earlier.mode),
            folders: self.earlier.as_ref().map_or_else(|| missing(folder), |earlier| earlier.folders.clone()),
            beside: (root.is_some() || had_root).then(|| self.root.clone()).into_iter().collect(),
            wrote: sha256(text.as_bytes()),
            device,
            leads_to: host_and_port(&setting.index_url),
        };
        saved.write(state, self.client).map_err(failed("write", &Saved::path(state, self.client, &self.file)))?;
        replace::make_folders(folder, 0o755).map_err(failed("make", folder))?;
        if let Some(pem) = root {
            let to = &self.root;
            replace::make_folders(replace::folder_of(to), 0o755).map_err(failed("make", to))?;
            replace::write(to, pem.as_bytes(), 0o644).map_err(failed("write", to))?;
        }
        // The file holds a token now: nobody else may read it.
        replace::write(&real, text.as_bytes(), 0o600).map_err(failed("write", &real))
    }
}

/// The host and port of an index's address.
fn host_and_port(index_url: &str) -> Option<String> {
    let (_, rest) = index_url.split_once("://")?;
    let authority = rest.split('/').next()?;
    Some(authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_owned())
}

/// What `--undo` did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The file.
    pub file: PathBuf,
    /// How it stands now.
    pub how: How,
    /// The device whose token is to be ended, where this state folder knows it.
    pub device: Option<DeviceId>,
}

/// How a file was put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Byte for byte as it was.
    Restored,
    /// Removed, because there was none before.
    Removed,
    /// Edited since: only what is ours was taken out.
    TakenOut,
    /// Edited or removed since, or led elsewhere, and nothing of ours was left.
    NothingLeft,
    /// Only what another state folder wrote was there, and that was taken out.
    OfAnother,
}

/// Puts a client's configuration back as it was before the first `use`.
pub fn undo(client: Client, state: &Path, around: &Surroundings) -> Result<Undone, SetupError> {
    let file = &place::configuration_file(client, around)?;
    let saved_at = Saved::path(state, client, file);
    let saved = Saved::read(state, client, file).map_err(failed("read", &saved_at))?;
    let Some(saved) = saved else { return take_out_of_another(client, file) };
    let real = replace::behind_links(file).map_err(failed("follow the link", file))?;
    let mut is_anothers = false;
    let how = match read(file, client)? {
        None => How::NothingLeft,
        Some(current) if is_led_elsewhere(&saved, &current) => {
            is_anothers = true;
            How::NothingLeft
        }
        Some(current) => {
            let ours_alone = sha256(&current) == saved.wrote;
            let before = before_us(client, &saved, &current)?.map_err(failed("read", &saved_at))?;
            match before {
                None => {
                    replace::remove(&real).map_err(failed("remove", &real))?;
                    How::Removed
                }
                Some(before) if before == current => How::NothingLeft,
                Some(before) => {
                    let mode = saved.mode.unwrap_or(0o600);
                    replace::write(&real, &before, mode).map_err(failed("write", &real))?;
                    if ours_alone { How::Restored } else { How::TakenOut }
                }
            }
        }
    };
    for other in saved.beside.iter().filter(|_| !is_anothers) {
        match replace::remove(other) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed("remove", other)(error)),
            _ => {}
        }
    }
    // A folder that holds something by now stays: removing it fails, and that is meant.
    for folder in saved.folders.iter().rev() {
        let _ = fs::remove_dir(folder);
    }
    saved.forget(state, client).map_err(failed("remove", &saved_at))?;
    Ok(Undone { file: saved.file, how, device: Some(saved.device) })
}

/// Whether another state folder has led the client to itself since: then what stands there is that one's.
fn is_led_elsewhere(saved: &Saved, current: &[u8]) -> bool {
    let text = String::from_utf8_lossy(current);
    let id = saved.device.as_str().trim_start_matches("dev_").trim_start_matches("key_");
    let token = DEVICE_TOKEN_PREFIX;
    sha256(current) != saved.wrote && text.contains(token) && !text.contains(&format!("{token}{id}_"))
}

/// What another state folder wrote into a client's configuration, if one did. Each line that it switched off stands
/// there still, so nothing of the person's is lost with it.
fn of_another(client: Client, file: &Path, current: &[u8]) -> Result<Option<OfAnother>, SetupError> {
    let Ok(text) = std::str::from_utf8(current) else { return Ok(None) };
    let taken_out = taken_out(client, text).map_err(|fault| SetupError::Edit { file: file.to_owned(), fault })?;
    let root = replace::folder_of(file).join(ROOT_FILE);
    let has_root = root.to_str().is_some_and(|root| text.contains(root));
    Ok(taken_out.map(|rest| OfAnother { rest: (!rest.trim().is_empty()).then(|| rest.into_bytes()), has_root }))
}

/// Takes out what another state folder wrote, or one that is gone.
fn take_out_of_another(client: Client, file: &Path) -> Result<Undone, SetupError> {
    let other = match read(file, client)? {
        Some(current) => of_another(client, file, &current)?,
        None => None,
    };
    let other = other.ok_or_else(|| SetupError::NotInUse { client, file: file.to_owned() })?;
    let real = replace::behind_links(file).map_err(failed("follow the link", file))?;
    match &other.rest {
        Some(rest) => {
            let mode = fs::metadata(&real).map_or(0o600, |meta| meta.permissions().mode() & 0o7777);
            replace::write(&real, rest, mode).map_err(failed("write", &real))?;
        }
        None => replace::remove(&real).map_err(failed("remove", &real))?,
    }
    if other.has_root {
        // It serves nobody any more, and is in nobody's way.
        let _ = replace::remove(&replace::folder_of(file).join(ROOT_FILE));
    }
    Ok(Undone { file: file.to_owned(), how: How::OfAnother, device: None })
}

/// What stood in the file before any of ours: the saved bytes where nobody edited it since, else what is there now
/// without what is ours. `None` where there was no file, and there would be nothing in it.
fn before_us(client: Client, saved: &Saved, current: &[u8]) -> Result<io::Result<Option<Vec<u8>>>, SetupError> {
    if sha256(current) == saved.wrote {
        return Ok(saved.original_bytes());
    }
    let fault = |fault| SetupError::Edit { file: saved.file.clone(), fault };
    let Ok(text) = std::str::from_utf8(current) else {
        return Err(fault(marks::EditError::Unreadable { line: 1, what: "the file is not UTF-8".to_owned() }));
    };
    let before = taken_out(client, text).map_err(fault)?.unwrap_or_else(|| text.to_owned());
    let nothing = saved.original.is_none() && before.trim().is_empty();
    Ok(Ok((!nothing).then(|| before.into_bytes())))
}

fn read(file: &Path, client: Client) -> Result<Option<Vec<u8>>, SetupError> {
    match fs::metadata(file) {
        Ok(meta) if meta.len() > CONFIGURATION_BYTES => Err(SetupError::TooLong { file: file.to_owned(), client }),
        Ok(_) => fs::read(file).map(Some).map_err(failed("read", file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", file)(error)),
    }
}

fn missing(folder: &Path) -> Vec<PathBuf> {
    let mut missing: Vec<_> =
        folder.ancestors().take_while(|f| !f.as_os_str().is_empty() && !f.exists()).map(Path::to_owned).collect();
    missing.reverse();
    missing
}

fn failed(verb: &'static str, file: &Path) -> impl FnOnce(io::Error) -> SetupError {
    let file = file.to_owned();
    move |source| SetupError::File { verb, file, source }
}
