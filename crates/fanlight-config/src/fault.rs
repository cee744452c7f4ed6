//! Why settings cannot be used: what, where, what was probably meant, what is allowed.

use std::fmt;
use std::path::PathBuf;

use fanlight_base::limits;

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// Nowhere: the default.
    Default,
    /// In the settings file.
    File {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Counted in characters from 1.
        column: usize,
        /// The line, credentials hidden.
        text: String,
        /// How many characters of it are meant.
        width: usize,
    },
    /// In the environment.
    Environment {
        /// The variable.
        name: String,
    },
    /// On the command line.
    Flag {
        /// The flag, with its dashes.
        name: String,
    },
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the default"),
            Self::File { path, line, column, .. } => write!(f, "{}:{line}:{column}", path.display()),
            Self::Environment { name } => write!(f, "the environment variable {name}"),
            Self::Flag { name } => f.write_str(name),
        }
    }
}

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFault {
    /// The file cannot be read.
    #[error("cannot read the settings file {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is too large.
    #[error("the settings file {} has more than {} bytes", path.display(), limits::CONFIG_FILE_BYTES)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// A value cannot be used, or a key is not known.
    #[error(transparent)]
    Spotted(Box<Spotted>),
    /// No place for the state folder.
    #[error(
        "there is no place for the state folder: neither XDG_STATE_HOME nor HOME is set; say where with --state or FANLIGHT_STATE"
    )]
    NoState,
}

/// A fault at a place: `place: what`, the line with the part marked, and what helps.
#[derive(Debug)]
pub struct Spotted {
    /// Where.
    pub spot: Spot,
    /// What is wrong, in one sentence without a full stop.
    pub what: String,
    /// What was probably meant, what is allowed: one a line.
    pub help: Vec<String>,
}

impl std::error::Error for Spotted {}

impl fmt::Display for Spotted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.spot, self.what)?;
        if let Spot::File { line, column, text, width, .. } = &self.spot {
            let number = line.to_string();
            let space = " ".repeat(number.len());
            let before = " ".repeat(column - 1);
            write!(f, "\n  {number} | {text}\n  {space} | {before}{}", "^".repeat((*width).max(1)))?;
        }
        for help in &self.help {
            write!(f, "\n  {help}")?;
        }
        Ok(())
    }
}

impl ConfigFault {
    pub(crate) fn at(spot: Spot, what: impl Into<String>, help: Vec<String>) -> Self {
        Self::Spotted(Box::new(Spotted { spot, what: what.into(), help }))
    }
}
