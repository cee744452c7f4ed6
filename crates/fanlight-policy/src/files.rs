//! A set of policy files as a value: names and texts, bounded, with a digest, and in what two sets differ.
//!
//! Refuses to know what a policy is, and reads no file. Invariant: names in a set that comes from outside are plain file
//! names that end in `.cedar`, so that none of them leads out of a folder or hides in it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fanlight_base::limits;
use similar::{ChangeTag, TextDiff};

use crate::folder::hex;

/// How long two texts are compared for their smallest difference; after that a larger one will do.
const COMPARE_TIME: Duration = Duration::from_millis(200);

/// Policy files by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyFiles(BTreeMap<String, Arc<str>>);

/// Why texts under names are no set of policy files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilesError {
    /// The name of a file cannot be one.
    #[error(
        "{name:?} is no name of a policy file: it has 1 to {limit} letters, digits, spaces or signs of \"._-+()@,=&\", \
         begins with a letter, a digit or _, and ends in .cedar",
        limit = limits::POLICY_NAME_BYTES
    )]
    Name {
        /// Its beginning.
        name: String,
    },
    /// Two names are the same, or differ in small and capital letters alone, which some file systems take for the same.
    #[error("two files have the name {name}")]
    Twice {
        /// The second.
        name: String,
    },
    /// Over [`limits::POLICY_FILES`].
    #[error("there are over {limit} files", limit = limits::POLICY_FILES)]
    TooMany,
    /// Over [`limits::PROPOSED_BYTES`].
    #[error("the files are together over {limit} bytes; put so large a set into the folder", limit = limits::PROPOSED_BYTES)]
    TooLong,
}

/// What became of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileChange {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// Its text is another.
    Changed,
}

/// One file in which two sets differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub change: FileChange,
    /// Lines that came.
    pub added: u64,
    /// Lines that went.
    pub removed: u64,
    /// The lines with three around each change, as `diff -u` writes them.
    pub diff: String,
}

impl PolicyFiles {
    /// A set that comes from outside.
    ///
    /// # Errors
    /// A name that cannot be one, and what passes a limit.
    pub fn of(files: impl IntoIterator<Item = (String, String)>) -> Result<Self, FilesError> {
        let (mut set, mut bytes) = (BTreeMap::new(), 0);
        let mut in_small_letters = std::collections::BTreeSet::new();
        for (name, text) in files {
            if !is_name(&name) {
                return Err(FilesError::Name { name: name.chars().take(limits::POLICY_NAME_BYTES).collect() });
            }
            if !in_small_letters.insert(name.to_ascii_lowercase()) {
                return Err(FilesError::Twice { name });
            }
            bytes += text.len();
            if bytes > limits::PROPOSED_BYTES {
                return Err(FilesError::TooLong);
            }
            set.insert(name, text.into());
            if set.len() > limits::POLICY_FILES {
                return Err(FilesError::TooMany);
            }
        }
        Ok(Self(set))
    }

    /// A set that was found in the company's folder, where names are what they are.
    pub fn found(files: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(files.into_iter().map(|(name, text)| (name, text.into())).collect())
    }

    /// Names and texts, by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), &**text))
    }

    /// The text of one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|text| &**text)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// SHA-256 over names and texts in hexadecimal digits: equal sets have equal digests.
    pub fn digest(&self) -> String {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        for part in self.iter().flat_map(|(name, text)| [name, text]) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        hex(context.finish().as_ref())
    }

    /// In which files this set differs from an earlier one, by name.
    pub fn since(&self, before: &Self) -> Vec<Difference> {
        let mut names: Vec<&str> = self.iter().chain(before.iter()).map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().filter_map(|name| difference(name, before.get(name), self.get(name))).collect()
    }
}

/// Whether a file of a set from outside may have this name.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" ._-+()@,=&".contains(&byte);
    name.len() <= limits::POLICY_NAME_BYTES
        && name.strip_suffix(".cedar").is_some_and(|stem| !stem.is_empty())
        && name.bytes().all(plain)
        && name.as_bytes().first().is_some_and(|first| first.is_ascii_alphanumeric() || *first == b'_')
}

fn difference(name: &str, before: Option<&str>, after: Option<&str>) -> Option<Difference> {
    let change = match (before, after) {
        (None, Some(_)) => FileChange::Added,
        (Some(_), None) => FileChange::Removed,
        (before, after) if before == after => return None,
        _ => FileChange::Changed,
    };
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    let compared = TextDiff::configure().deadline(Instant::now() + COMPARE_TIME).diff_lines(before, after);
    let count = |tag| compared.iter_all_changes().filter(|line| line.tag() == tag).count() as u64;
    let (old, new) = match change {
        FileChange::Added => ("/dev/null", name),
        FileChange::Removed => (name, "/dev/null"),
        FileChange::Changed => (name, name),
    };
    Some(Difference {
        name: name.to_owned(),
        change,
        added: count(ChangeTag::Insert),
        removed: count(ChangeTag::Delete),
        diff: compared.unified_diff().header(old, new).to_string(),
    })
}

#[cfg(test)]
mod tests;
