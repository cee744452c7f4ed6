//! The lock that keeps a second process out of a ledger's folder: an advisory lock on the file `lock`, which holds the
//! process id for people to read. It goes with the process, however that ends.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use crate::error::{FileError, OpenError};

const FILE: &str = "lock";

/// The lock, held while this lives and is not released.
pub(super) struct Lock(File);

impl Lock {
    /// Takes the lock, making the folder if need be, or says who has it.
    pub(super) fn take(dir: &Path) -> Result<Self, OpenError> {
        let failed = |action| move |source| FileError { action, path: FILE.to_owned(), source };
        let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
        made.map_err(|source| FileError { action: "create the folder", path: dir.display().to_string(), source })?;
        let path = dir.join(FILE);
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let mut file = opened.map_err(failed("open"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok());
                return Err(OpenError::Locked { dir: dir.to_owned(), pid });
            }
            Err(TryLockError::Error(error)) => return Err(failed("lock")(error).into()),
        }
        let mut write = || -> io::Result<()> {
            file.set_len(0)?;
            file.rewind()?;
            writeln!(file, "{}", std::process::id())
        };
        write().map_err(failed("write"))?;
        Ok(Self(file))
    }

    /// Lets another process in.
    pub(super) fn release(&self) {
        // Unlocking an open file does not fail in practice, and closing it unlocks as well.
        let _ = self.0.unlock();
    }
}
