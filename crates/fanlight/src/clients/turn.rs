//! One `use` or `--undo` at a time on a state folder: each reads what the one before it kept, so that no token is left
//! that nobody knows of.

use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use super::installed::SetupError;
use super::replace;

/// How long one waits for those before it, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(20);

/// Held until it is dropped; it goes with the process, however that ends.
pub struct Turn {
    _lock: File,
}

impl Turn {
    /// Waits for it.
    pub fn take(state: &Path) -> Result<Self, SetupError> {
        let path = state.join("clients/lock");
        let failed = |verb| {
            let file = path.clone();
            move |source: io::Error| SetupError::File { verb, file, source }
        };
        replace::make_folders(replace::folder_of(&path), 0o700).map_err(failed("make the folder of"))?;
        let opened = File::options().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let file = opened.map_err(failed("open"))?;
        let asked = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _lock: file }),
                Err(TryLockError::WouldBlock) if asked.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => return Err(SetupError::Busy { state: state.to_owned() }),
                Err(TryLockError::Error(error)) => return Err(failed("lock")(error)),
            }
        }
    }
}
