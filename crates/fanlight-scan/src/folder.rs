//! A company's own rules out of a folder: ast-grep's YAML (`.yml`, `.yaml`) and YARA (`.yar`, `.yara`).
//!
//! Either all files are in force or none: a rule that silently does nothing would be worse than a refusal.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fanlight_base::limits::SCAN_RULES_BYTES;

use crate::RuleSet;

#[cfg(test)]
mod tests;

/// Why a folder's rules were not taken.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The folder or a file of it cannot be read.
    #[error("{path} could not be read", path = path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The files are too large.
    #[error("{path}: the scan's own rules are over {SCAN_RULES_BYTES} bytes together; take some out", path = path.display())]
    Large {
        /// The file that was one too many.
        path: PathBuf,
    },
    /// Rules over syntax trees that cannot be used.
    #[cfg(feature = "company-rules")]
    #[error(transparent)]
    Company(#[from] crate::company::CompanyRulesError),
    /// Patterns over bytes that cannot be used.
    #[cfg(feature = "yara")]
    #[error(transparent)]
    Patterns(#[from] crate::patterns::PatternsError),
    /// This program was built without what these rules need.
    #[error("{path}: this program was built without rules of this kind", path = path.display())]
    NotBuilt {
        /// The file.
        path: PathBuf,
    },
}

/// Names and texts of files.
type Texts = Vec<(String, String)>;

impl RuleSet {
    /// The built-in rules, and those of a folder's files, in the order of their names.
    ///
    /// # Errors
    /// For the first file that has a fault.
    pub fn with_folder(folder: &Path) -> Result<Self, FolderError> {
        let (mut trees, mut patterns, mut bytes) = (Texts::new(), Texts::new(), 0);
        let failed = |path: &Path, source| FolderError::Read { path: path.to_owned(), source };
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut paths: Vec<_> =
            entries.map_err(|error| failed(folder, error))?.iter().map(fs::DirEntry::path).collect();
        paths.sort();
        for path in paths {
            let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
            let of_trees = matches!(kind, "yml" | "yaml");
            if !of_trees && !matches!(kind, "yar" | "yara") {
                continue;
            }
            let length = fs::metadata(&path).map_err(|error| failed(&path, error))?.len();
            bytes += usize::try_from(length).unwrap_or(usize::MAX).min(SCAN_RULES_BYTES + 1);
            if bytes > SCAN_RULES_BYTES {
                return Err(FolderError::Large { path });
            }
            if of_trees && !cfg!(feature = "company-rules") || !of_trees && !cfg!(feature = "yara") {
                return Err(FolderError::NotBuilt { path });
            }
            let text = fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            (if of_trees { &mut trees } else { &mut patterns }).push((name, text));
        }
        Ok(Self {
            #[cfg(feature = "company-rules")]
            company: crate::company::CompanyRules::new(pairs(&trees))?,
            #[cfg(feature = "yara")]
            patterns: crate::patterns::Patterns::new(pairs(&patterns))?,
            ..Self::default()
        })
    }
}

#[cfg(any(feature = "company-rules", feature = "yara"))]
fn pairs(texts: &Texts) -> impl Iterator<Item = (&str, &str)> {
    texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))
}
