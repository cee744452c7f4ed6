//! Why a file could not be kept or read.

use std::io;
use std::path::{Path, PathBuf};

use fanlight_base::Fault;

use crate::digest::Digest;

/// Why a file could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The disk is full (ENOSPC), or this user's share of it is (EDQUOT).
    #[error("the disk is full while {doing} {path}: free room there or lower the cache's limit", path = path.display())]
    DiskFull {
        /// What was being done.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The content is not what was promised. Nothing was kept.
    #[error("the content has {} {actual}, {expected} was promised: it was not kept", actual.algorithm())]
    WrongHash {
        /// The digest promised.
        expected: Box<Digest>,
        /// The digest found.
        actual: Box<Digest>,
    },
    /// The system refused.
    #[error("failed while {doing} {path}", path = path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl BlobError {
    /// Whose fault it is.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::WrongHash { .. } => Fault::Upstream,
            Self::DiskFull { .. } | Self::Io { .. } => Fault::Node,
        }
    }

    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| {
            let path = path.to_owned();
            match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { doing, path, source },
                _ => Self::Io { doing, path, source },
            }
        }
    }
}
