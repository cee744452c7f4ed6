//! A whole set of policy files put into the company's folder, so that whoever reads it has the set from before or this one.
//!
//! The set is written aside, and counts from the moment its folder has its name: [`super::read`] takes it from there. Then
//! each file goes into its place. Invariant: whenever this ends, by an error or a kill, the folder stands for one whole set;
//! what was cut after that moment is finished by [`settle`].

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::files::PolicyFiles;

/// The folder of a set on its way, in the company's folder.
pub(super) const READY: &str = ".fanlight-set";
/// The same while it is written, or taken away.
const ASIDE: &str = ".fanlight-set.new";

/// Why a set could not be put into the folder. It is as it was before, unless it says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The node may not write there.
    #[error("this node may not write into the policy folder {path}", path = path.display())]
    NotWritable {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that would change is a link: the text stands elsewhere.
    #[error("{path} is a link, so its text is kept elsewhere", path = path.display())]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// It could not be written.
    #[error("the policy files could not be written into {path}", path = path.display())]
    Write {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The set counts, and not all of its files are in their places yet: [`settle`] has to be tried again.
    #[error("the new policies in {path} count, and could not be moved to their places yet", path = path.display())]
    Unsettled {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Puts a set into the folder: all its files, and no other file that is named like a policy.
///
/// # Errors
/// What stands in the way; only [`PublishError::Unsettled`] comes once the set counts.
pub fn publish(folder: &Path, set: &PolicyFiles) -> Result<(), PublishError> {
    let write = |source: io::Error| match source.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            PublishError::NotWritable { path: folder.to_owned(), source }
        }
        _ => PublishError::Write { path: folder.to_owned(), source },
    };
    if let Some(path) = links(folder, set).map_err(write)? {
        return Err(PublishError::Link { path });
    }
    let (aside, ready) = (folder.join(ASIDE), folder.join(READY));
    let written = write_aside(&aside, set).and_then(|()| fs::rename(&aside, &ready)).and_then(|()| sync(folder));
    if let Err(error) = written {
        // Where the name was given already and its sync failed, it is taken back: what cannot be synced must not count.
        let _ = fs::rename(&ready, &aside);
        let _ = fs::remove_dir_all(&aside);
        return Err(write(error));
    }
    settle(folder).map(drop)
}

/// Moves the files of a set that counts to their places, where that was cut. Says whether there was one.
///
/// # Errors
/// [`PublishError::Unsettled`]: the set counts all the same.
pub fn settle(folder: &Path) -> Result<bool, PublishError> {
    let ready = folder.join(READY);
    if !fs::symlink_metadata(&ready).is_ok_and(|found| found.is_dir()) {
        // What was written aside and never counted.
        let _ = fs::remove_dir_all(folder.join(ASIDE));
        return Ok(false);
    }
    move_in(folder, &ready).map(|()| true).map_err(|source| PublishError::Unsettled { path: folder.to_owned(), source })
}

fn move_in(folder: &Path, ready: &Path) -> io::Result<()> {
    let wanted = names(ready)?;
    for name in &wanted {
        let (text, place) = (fs::read(ready.join(name))?, folder.join(name));
        if fs::read(&place).is_ok_and(|there| there == text) {
            continue;
        }
        // Beside its place and hidden, as a rename must not cross file systems.
        let aside = folder.join(format!(".{name}.new"));
        write_file(&aside, &text)?;
        if let Ok(before) = fs::metadata(&place) {
            fs::set_permissions(&aside, before.permissions())?;
        }
        fs::rename(&aside, &place)?;
    }
    for name in names(folder)?.into_iter().filter(|name| !wanted.contains(name)) {
        fs::remove_file(folder.join(name))?;
    }
    sync(folder)?;
    // By another name it does not count, so that it is never half of one.
    let aside = folder.join(ASIDE);
    let _ = fs::remove_dir_all(&aside);
    fs::rename(ready, &aside)?;
    sync(folder)?;
    fs::remove_dir_all(&aside)
}

fn write_aside(aside: &Path, set: &PolicyFiles) -> io::Result<()> {
    if aside.exists() {
        fs::remove_dir_all(aside)?;
    }
    fs::create_dir(aside)?;
    for (name, text) in set.iter() {
        write_file(&aside.join(name), text.as_bytes())?;
    }
    sync(aside)
}

fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Names of what counts as a policy file.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let is_policy = |name: &&str| !name.starts_with('.') && name.ends_with(".cedar");
        names.extend(name.to_str().filter(is_policy).map(str::to_owned));
    }
    Ok(names)
}

/// A link among the files that would change.
fn links(folder: &Path, set: &PolicyFiles) -> io::Result<Option<PathBuf>> {
    for name in names(folder)? {
        let path = folder.join(&name);
        let is_link = fs::symlink_metadata(&path)?.is_symlink();
        if is_link && fs::read(&path).ok().as_deref() != set.get(&name).map(str::as_bytes) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
