//! What is in the tree: its text files, and its packages as cargo knows them.
//!
//! Read once, from git's list where there is one and by walking the folders where there is not (an unpacked archive).
//! Knows no rule.

use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{MetadataCommand, Package};

#[cfg(test)]
mod tests;

/// Folders that are never the repository's own, wherever they are.
const NOT_OURS: &[&str] = &[".git", "target", ".venv", ".work", "__pycache__"];

/// A text file of the repository.
#[derive(Debug)]
pub struct TextFile {
    /// Its path from the root, with `/`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// The tree.
#[derive(Debug)]
pub struct Repository {
    /// Where it lies.
    pub root: PathBuf,
    /// Its text files. What is not UTF-8 is left out: no rule here is about bytes.
    pub files: Vec<TextFile>,
    /// The workspace's own packages.
    pub packages: Vec<Package>,
}

impl Repository {
    /// Reads the repository this program was built from.
    ///
    /// # Errors
    /// A sentence, where cargo or the files cannot be read.
    pub fn read() -> Result<Self, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("xtask lies in no folder")?.to_owned();
        let metadata = MetadataCommand::new().current_dir(&root).no_deps().exec();
        let metadata = metadata.map_err(|error| format!("cargo metadata failed: {error}"))?;
        let packages = metadata.workspace_packages().into_iter().cloned().collect();
        let mut files = Vec::new();
        for path in listed(&root).unwrap_or_else(|| walked(&root)) {
            // A file that git lists and somebody is just removing is no fault of the tree.
            let Ok(bytes) = std::fs::read(root.join(&path)) else { continue };
            if let Ok(text) = String::from_utf8(bytes) {
                files.push(TextFile { path, text });
            }
        }
        if files.is_empty() {
            return Err(format!("no file was found in {}", root.display()));
        }
        Ok(Self { root, files, packages })
    }

    /// The text files with that ending.
    pub fn ending<'a>(&'a self, ending: &'a str) -> impl Iterator<Item = &'a TextFile> {
        self.files.iter().filter(move |file| file.path.ends_with(ending))
    }
}

/// The files git knows or would add: new ones count before they are committed.
fn listed(root: &Path) -> Option<Vec<String>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root);
    let out = git.output().ok().filter(|out| out.status.success())?;
    let names = String::from_utf8(out.stdout).ok()?;
    let mut paths: Vec<_> = names.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    paths.sort();
    paths.dedup();
    (!paths.is_empty()).then_some(paths)
}

fn walked(root: &Path) -> Vec<String> {
    let (mut folders, mut found) = (vec![root.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            // A link could lead out of the tree, or round in it.
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && !NOT_OURS.iter().any(|other| name == *other) {
                folders.push(path);
            } else if kind.is_file()
                && let Ok(inside) = path.strip_prefix(root)
            {
                found.push(inside.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}
