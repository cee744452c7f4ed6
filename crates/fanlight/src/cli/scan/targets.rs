//! From what was named to archives: a file as it is, a folder's archives by their endings.

use std::fs;
use std::path::{Path, PathBuf};

use super::read::{is_folder, unreadable};
use crate::cli::outcome::Failure;

/// Endings of the archives that package managers fetch.
const ENDINGS: &[&str] = &[".whl", ".egg", ".tar.gz", ".tgz", ".crate", ".zip", ".tar"];

/// Folders within folders that are looked into.
const DEPTH: usize = 32;

/// One archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Archive {
    /// Where it is.
    pub path: PathBuf,
    /// Its name; the ending says what it claims to be.
    pub file: String,
    /// What it is called in the answer.
    pub shown: String,
}

impl Archive {
    fn at(path: PathBuf) -> Self {
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Self { file, shown: path.display().to_string(), path }
    }
}

/// All archives that were named.
pub(super) fn find(what: &[String]) -> Result<Vec<Archive>, Failure> {
    let mut out = Vec::new();
    for one in what {
        let path = Path::new(one);
        if is_folder(path)? {
            let before = out.len();
            folder(path, 0, &mut out)?;
            if out.len() == before {
                let what = format!("{one} holds no archive ({})", ENDINGS.join(" "));
                return Err(Failure::new(what).hint("name the archive itself if it has another ending"));
            }
        } else {
            out.push(Archive::at(path.to_owned()));
        }
    }
    Ok(out)
}

/// A folder's archives in the order of their names. Links are not followed.
fn folder(path: &Path, depth: usize, out: &mut Vec<Archive>) -> Result<(), Failure> {
    let entries = fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut entries = entries.map_err(|source| unreadable(path, source))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let kind = entry.file_type().map_err(|source| unreadable(&entry.path(), source))?;
        let name = entry.file_name().to_string_lossy().to_ascii_lowercase();
        if kind.is_dir() && depth < DEPTH {
            folder(&entry.path(), depth + 1, out)?;
        } else if kind.is_file() && ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            out.push(Archive::at(entry.path()));
        }
    }
    Ok(())
}
