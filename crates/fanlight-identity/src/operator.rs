//! The operator's secret: made anew at each start in the state folder (`run/operator.token`), readable by its owner only.
//! Whoever can read it can read the whole state, so it proves no less than that, and no more.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use fanlight_base::Secret;
use subtle::ConstantTimeEq as _;

use fanlight_credentials::random::{self, NoRandom};

const PREFIX: &str = "flo_";
const LENGTH: usize = PREFIX.len() + 64;

/// The operator's secret, `flo_` and 64 hexadecimal digits, shown as Bearer.
#[derive(Debug, Clone)]
pub struct OperatorSecret(Secret<String>);

/// Why the operator's secret could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The system refused.
    #[error("cannot use the operator's secret {path}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{path} does not hold an operator's secret: start the node again, which writes a new one", path = .0.display())]
    Malformed(PathBuf),
    /// The system gave no randomness.
    #[error("cannot make the operator's secret")]
    Random(#[from] NoRandom),
}

impl OperatorSecret {
    /// Makes a new secret and writes it to `path` with mode 0600, in place of the one before.
    pub fn create(path: &Path) -> Result<Self, OperatorError> {
        let failed = |source| OperatorError::Io { path: path.to_owned(), source };
        let secret = Secret::new(format!("{PREFIX}{}", random::secret()?));
        // Written aside and renamed: a client never reads half of it.
        let aside = path.with_extension("new");
        match fs::remove_file(&aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside).map_err(failed)?;
        file.write_all(secret.expose_secret().as_bytes()).map_err(failed)?;
        fs::rename(&aside, path).map_err(failed)?;
        Ok(Self(secret))
    }

    /// Reads the secret of a running node, to show it.
    pub fn read(path: &Path) -> Result<Self, OperatorError> {
        let failed = |source| OperatorError::Io { path: path.to_owned(), source };
        let text = Secret::new(fs::read_to_string(path).map_err(failed)?);
        let trimmed = text.expose_secret().trim_end();
        if trimmed.len() != LENGTH || !trimmed.starts_with(PREFIX) {
            return Err(OperatorError::Malformed(path.to_owned()));
        }
        Ok(Self(Secret::new(trimmed.to_owned())))
    }

    /// The clear text, for the header `Authorization: Bearer`.
    pub const fn clear(&self) -> &Secret<String> {
        &self.0
    }

    pub(crate) fn looks_like(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// Whether `shown` is the secret, compared in constant time.
    pub(crate) fn is(&self, shown: &str) -> bool {
        random::sha256(shown.as_bytes()).ct_eq(&random::sha256(self.0.expose_secret().as_bytes())).into()
    }
}
