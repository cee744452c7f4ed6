//! The company's policy folder: the one place in this crate that reads files; [`publish`] writes them.
//!
//! Reads names, sizes, times and bytes; knows nothing of what a policy is. Invariants: whatever lies in the folder, what
//! is read is bounded, and what is neither skipped nor read is an error; of a set that is being put in place either
//! nothing is read, or the whole of it.

pub mod publish;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use fanlight_base::limits;

use crate::files::PolicyFiles;

/// One policy file as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFile {
    /// The folder's path and the file's name.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Why a policy folder could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The folder itself cannot be listed.
    #[error("the policy folder {path} cannot be read", path = path.display())]
    List {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be read.
    #[error("the policy file {path} cannot be read", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something named like a policy file is a folder, a pipe or a device.
    #[error("{path} is named like a policy file, but is no regular file", path = path.display())]
    NotRegular {
        /// The path.
        path: PathBuf,
    },
    /// Over [`limits::POLICY_FILES`].
    #[error("the policy folder {path} has over {limit} policy files", path = path.display(), limit = limits::POLICY_FILES)]
    TooMany {
        /// The folder.
        path: PathBuf,
    },
    /// Over [`limits::POLICY_FILE_BYTES`].
    #[error("the policy file {path} is over {limit} bytes", path = path.display(), limit = limits::POLICY_FILE_BYTES)]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// Over [`limits::POLICY_FOLDER_BYTES`].
    #[error("the policy files in {path} are together over {limit} bytes", path = path.display(), limit = limits::POLICY_FOLDER_BYTES)]
    FolderTooLong {
        /// The folder.
        path: PathBuf,
    },
    /// Not UTF-8.
    #[error("the policy file {path} is not UTF-8 text", path = path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
}

impl FolderError {
    /// The folder or file that is meant.
    pub fn path(&self) -> &Path {
        match self {
            Self::List { path, .. }
            | Self::Read { path, .. }
            | Self::NotRegular { path }
            | Self::TooMany { path }
            | Self::TooLong { path }
            | Self::FolderTooLong { path }
            | Self::NotText { path } => path,
        }
    }
}

/// What a folder looked like: two that are equal have, as far as can be told cheaply, the same policies in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(String);

/// Content goes into the fingerprint as long as the folder has at most this many bytes: a change within one tick of the
/// file system's clock that leaves the size as it was is then seen, too, and reading this much costs a tenth of a
/// millisecond.
const CONTENT_BYTES: u64 = 256 * 1024;

/// Looks at names, sizes and times, and in a folder of ordinary size at the content, too. Never fails: what cannot be
/// read makes another fingerprint, and the reading that follows says why.
pub fn fingerprint(folder: &Path) -> Fingerprint {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    match list(folder) {
        Err(error) => context.update(error.to_string().as_bytes()),
        Ok(files) => {
            let total: u64 = files.iter().map(|file| file.metadata.len()).sum();
            for file in &files {
                let since = |time: io::Result<std::time::SystemTime>| {
                    time.ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok()).map_or(0, |d| d.as_nanos())
                };
                let name = file.path.file_name().unwrap_or_default().as_encoded_bytes();
                let shape = [name.len() as u128, file.metadata.len().into(), since(file.metadata.modified())];
                shape.iter().for_each(|number| context.update(&number.to_be_bytes()));
                context.update(name);
                if total <= CONTENT_BYTES {
                    match read_bounded(file) {
                        Ok(bytes) => context.update(&bytes),
                        Err(error) => context.update(error.to_string().as_bytes()),
                    }
                }
            }
        }
    }
    Fingerprint(hex(context.finish().as_ref()))
}

/// The policy files of a folder, by name: what ends in `.cedar` and does not start with a dot. A link to a regular file
/// is read, since mounted configuration comes as links.
///
/// # Errors
/// What cannot be read, and what passes a limit.
pub fn read(folder: &Path) -> Result<Vec<PolicyFile>, FolderError> {
    let mut total = 0;
    let mut files = Vec::new();
    for entry in list(folder)? {
        let bytes = read_bounded(&entry)?;
        total += bytes.len() as u64;
        if total > limits::POLICY_FOLDER_BYTES {
            return Err(FolderError::FolderTooLong { path: folder.to_owned() });
        }
        // Told under the place that it has or is about to have.
        let name = folder.join(entry.path.file_name().unwrap_or_default()).display().to_string();
        let text = String::from_utf8(bytes).map_err(|_| FolderError::NotText { path: entry.path })?;
        files.push(PolicyFile { name, text });
    }
    Ok(files)
}

/// The same files under their names alone.
pub(crate) fn under_names(files: Vec<PolicyFile>) -> PolicyFiles {
    PolicyFiles::found(files.into_iter().map(|file| {
        let name = Path::new(&file.name).file_name().unwrap_or_default().to_string_lossy().into_owned();
        (name, file.text)
    }))
}

/// Reads a folder's files under their names alone.
///
/// # Errors
/// As [`read`].
pub fn read_files(folder: &Path) -> Result<PolicyFiles, FolderError> {
    read(folder).map(under_names)
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

struct Listed {
    path: PathBuf,
    metadata: fs::Metadata,
}

fn list(folder: &Path) -> Result<Vec<Listed>, FolderError> {
    // A set on its way into its place counts as a whole from the moment it is there.
    match list_in(&folder.join(publish::READY)) {
        Err(FolderError::List { source, .. })
            if matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            list_in(folder)
        }
        listed => listed,
    }
}

fn list_in(folder: &Path) -> Result<Vec<Listed>, FolderError> {
    let failed = |source| FolderError::List { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        if name.starts_with(b".") || !name.ends_with(b".cedar") {
            continue;
        }
        if files.len() == limits::POLICY_FILES {
            return Err(FolderError::TooMany { path: folder.to_owned() });
        }
        let path = entry.path();
        let metadata = fs::metadata(&path).map_err(|source| FolderError::Read { path: path.clone(), source })?;
        if !metadata.is_file() {
            return Err(FolderError::NotRegular { path });
        }
        files.push(Listed { path, metadata });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn read_bounded(file: &Listed) -> Result<Vec<u8>, FolderError> {
    let failed = |source| FolderError::Read { path: file.path.clone(), source };
    let mut bytes = Vec::new();
    let opened = File::open(&file.path).map_err(failed)?;
    opened.take(limits::POLICY_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limits::POLICY_FILE_BYTES {
        return Err(FolderError::TooLong { path: file.path.clone() });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
