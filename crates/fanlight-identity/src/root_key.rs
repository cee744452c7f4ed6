//! The root key: 32 random bytes in `root.key`, which wrap every sealing key. Whoever has it and the database reads every
//! personal value that was not erased, so it is a file of its own, for its owner only, and never in the database.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use fanlight_base::Secret;
use zeroize::Zeroizing;

use crate::seal::cipher::Cipher;
use fanlight_credentials::random::{self, NoRandom};

const BYTES: usize = 32;

/// The root key, ready to wrap and unwrap.
pub struct RootKey(Cipher);

/// Why the root key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RootKeyError {
    /// The system refused.
    #[error("cannot use the root key {path}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Others can read it.
    #[error("the root key {path} has mode {mode:03o}: others can read it. Run `chmod 600 {path}`, and consider who has read it", path = path.display())]
    Readable {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It has another size.
    #[error("the root key {path} does not hold 32 bytes: restore it from a backup", path = .0.display())]
    Malformed(PathBuf),
    /// It is gone, but there are keys that it wrapped.
    #[error(
        "the root key {path} is missing, and the database holds keys wrapped by it: restore it from a backup. \
         Without it the personal values in all records so far stay sealed",
        path = .0.display()
    )]
    Missing(PathBuf),
    /// It is another one than the one that wrapped the keys.
    #[error(
        "the root key {path} does not open the keys in the database: it belongs to another state folder. \
         Restore the root key and the database from the same backup",
        path = .0.display()
    )]
    Other(PathBuf),
    /// The system gave no randomness.
    #[error("cannot make a root key")]
    Random(#[from] NoRandom),
}

impl RootKey {
    /// Reads the root key.
    ///
    /// # Errors
    /// [`RootKeyError::Readable`] where its group or others have any right to it.
    pub fn open(path: &Path) -> Result<Self, RootKeyError> {
        let failed = |source| RootKeyError::Io { path: path.to_owned(), source };
        let mut file = fs::File::open(path).map_err(failed)?;
        let meta = file.metadata().map_err(failed)?;
        if meta.mode() & 0o077 != 0 {
            return Err(RootKeyError::Readable { path: path.to_owned(), mode: meta.mode() & 0o777 });
        }
        if meta.len() != BYTES as u64 {
            return Err(RootKeyError::Malformed(path.to_owned()));
        }
        let mut bytes = Zeroizing::new([0; BYTES]);
        file.read_exact(&mut *bytes).map_err(failed)?;
        Ok(Self(Cipher::new(&bytes)))
    }

    /// Reads the root key, or makes it where there is none and `may_create`. It is made once: of two that try, one wins
    /// and both read the same.
    pub fn open_or_create(path: &Path, may_create: bool) -> Result<Self, RootKeyError> {
        match Self::open(path) {
            Err(RootKeyError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                if !may_create {
                    return Err(RootKeyError::Missing(path.to_owned()));
                }
                create(path)?;
                Self::open(path)
            }
            other => other,
        }
    }

    /// Wraps a data key; `name` is bound to it.
    pub(crate) fn wrap(&self, name: &str, key: &Secret<[u8; BYTES]>) -> Result<Vec<u8>, NoRandom> {
        self.0.seal(name, key.expose_secret())
    }

    /// Seals a short value; `name` is bound to it.
    pub(crate) fn seal(&self, name: &str, clear: &[u8]) -> Result<Vec<u8>, NoRandom> {
        self.0.seal(name, clear)
    }

    /// Opens a value, if this root key sealed it under that name.
    pub(crate) fn open_sealed(&self, name: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.open(name, sealed)
    }

    /// Unwraps a data key, if this root key wrapped it under that name.
    pub(crate) fn unwrap(&self, name: &str, wrapped: &[u8]) -> Option<Cipher> {
        let clear = Secret::new(self.0.open(name, wrapped)?);
        clear.expose_secret().as_slice().try_into().ok().map(Cipher::new)
    }
}

fn create(path: &Path) -> Result<(), RootKeyError> {
    let failed = |source| RootKeyError::Io { path: path.to_owned(), source };
    let key = Secret::new(random::bytes::<BYTES>()?);
    // Written aside, synced, then linked: the name never stands for half a key, nor replaces one that is there.
    let aside = path.with_extension(format!("{}.new", random::id()?));
    let linked = (|| {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
        file.write_all(key.expose_secret())?;
        file.sync_all()?;
        match fs::hard_link(&aside, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    })();
    let _ = fs::remove_file(&aside);
    linked.map_err(failed)?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder).and_then(|f| f.sync_all()).map_err(failed)
}

impl std::fmt::Debug for RootKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RootKey(..)")
    }
}

#[cfg(test)]
mod tests;
