//! Lists of known names that the steward gives.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use fanlight_base::{Purl, limits};
use fanlight_scan::lookalike::lines;

use super::named;

/// Why a list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The file.
    #[error("{path} could not be read", path = path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is too large.
    #[error("{path} has over {limit} bytes, the most that a list of names may have", path = path.display(), limit = limits::NAMES_LIST_BYTES)]
    Large {
        /// Which.
        path: PathBuf,
    },
    /// A line is no name.
    #[error("{path}: {line:?} is no purl of a project: pkg:pypi/requests", path = path.display())]
    Line {
        /// Which.
        path: PathBuf,
        /// The line.
        line: String,
    },
}

/// The names of all lists, with their ecosystems. Blocks.
pub(super) fn read(lists: &[PathBuf]) -> Result<Vec<(String, String)>, ListError> {
    let mut out = Vec::new();
    for path in lists {
        for line in lines(&text(path)?) {
            let purl = line.parse::<Purl>().ok().filter(|purl| purl.version().is_none());
            let purl =
                purl.ok_or_else(|| ListError::Line { path: path.clone(), line: line.chars().take(80).collect() })?;
            out.push(named(&purl));
        }
    }
    Ok(out)
}

fn text(path: &Path) -> Result<String, ListError> {
    let mut text = String::new();
    let failed = |source| ListError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    file.take(limits::NAMES_LIST_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > limits::NAMES_LIST_BYTES {
        return Err(ListError::Large { path: path.to_owned() });
    }
    Ok(text)
}
