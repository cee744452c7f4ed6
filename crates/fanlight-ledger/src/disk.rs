//! The ledger's folder: every change to it goes through here. Paths are relative to it, with `/`.
//!
//! Invariant: under its final name a file appears whole or not at all (written aside, synced, renamed), and whoever asks
//! for a change to last has synced the folder too. Nothing here retries: a failed sync says nothing about what is on
//! disk, so the caller starts over with a new file.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use parking_lot::Mutex;

use crate::error::FileError;

const ASIDE: &str = "tmp";

/// The ledger's folder.
pub(crate) struct Disk {
    root: PathBuf,
    next: AtomicU64,
    /// Folders known to last. Not merely to be there: one that was made just before a failed sync, or by a process that
    /// was killed, is there and may yet be lost.
    lasting: Mutex<BTreeSet<String>>,
    #[cfg(test)]
    pub(crate) journal: crate::disk::journal::Journal,
}

/// A file open for appending.
pub(crate) struct Appending {
    file: File,
    path: String,
    #[cfg(test)]
    id: u64,
}

/// A file written under a passing name; dropping it removes it.
pub(crate) struct Aside<'a> {
    file: File,
    passing: Passing<'a>,
    #[cfg(test)]
    id: u64,
}

/// Its passing name; on drop the file goes unless it has been given its own.
struct Passing<'a> {
    disk: &'a Disk,
    name: String,
    is_placed: bool,
}

/// Who may read a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Whoever may read the folder.
    Shared,
    /// The owner alone.
    Owner,
}

fn failed<'p>(action: &'static str, path: &'p str) -> impl FnOnce(io::Error) -> FileError + use<'p> {
    move |source| FileError { action, path: path.to_owned(), source }
}

impl Disk {
    /// Makes the folder if it is not there.
    pub(crate) fn open(root: &Path) -> Result<Self, FileError> {
        let named = |source| FileError { action: "create", path: root.display().to_string(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(root).map_err(named)?;
        Ok(Self {
            root: root.to_owned(),
            next: AtomicU64::new(0),
            lasting: Mutex::default(),
            #[cfg(test)]
            journal: journal::Journal::default(),
        })
    }

    /// Removes what an earlier process left half written.
    pub(crate) fn sweep(&self) -> Result<(), FileError> {
        self.ensure_folder(ASIDE)?;
        for name in self.list(ASIDE)? {
            self.remove(&format!("{ASIDE}/{name}"))?;
        }
        Ok(())
    }

    fn full(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Makes a folder and those above it, each synced into the one above.
    pub(crate) fn ensure_folder(&self, path: &str) -> Result<(), FileError> {
        if path.is_empty() || self.lasting.lock().contains(path) {
            return Ok(());
        }
        let above = path.rsplit_once('/').map_or("", |(above, _)| above);
        self.ensure_folder(above)?;
        match fs::DirBuilder::new().mode(0o700).create(self.full(path)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made.map_err(failed("create the folder", path))?,
        }
        #[cfg(test)]
        self.journal.folder_made(path);
        self.sync_folder(above)?;
        self.lasting.lock().insert(path.to_owned());
        Ok(())
    }

    /// Makes what was created, renamed or removed in a folder last.
    pub(crate) fn sync_folder(&self, path: &str) -> Result<(), FileError> {
        let name = if path.is_empty() { "." } else { path };
        let folder = File::open(self.full(path)).map_err(failed("open the folder", name))?;
        folder.sync_all().map_err(failed("sync the folder", name))?;
        #[cfg(test)]
        self.journal.folder_synced(path);
        Ok(())
    }

    /// Syncs the folders that hold these files, each once.
    pub(crate) fn sync_folders_of<'p>(&self, paths: impl Iterator<Item = &'p str>) -> Result<(), FileError> {
        let folders: BTreeSet<&str> =
            paths.map(|path| path.rsplit_once('/').map_or("", |(folder, _)| folder)).collect();
        folders.into_iter().try_for_each(|folder| self.sync_folder(folder))
    }

    /// Writes a new file under a passing name and syncs it. To be placed under its own name next.
    pub(crate) fn write_aside(&self, bytes: &[u8], access: Access, path: &str) -> Result<Aside<'_>, FileError> {
        let aside = self.write_unsynced(bytes, access, path)?;
        aside.sync(path)?;
        Ok(aside)
    }

    /// The same without the sync, for [`Disk::sync_all`].
    pub(crate) fn write_unsynced(&self, bytes: &[u8], access: Access, path: &str) -> Result<Aside<'_>, FileError> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let name = format!("{ASIDE}/{number}");
        let mode = if access == Access::Owner { 0o600 } else { 0o644 };
        let file = OpenOptions::new().append(true).create_new(true).mode(mode).open(self.full(&name));
        let file = file.map_err(failed("create", path))?;
        let mut aside = Aside {
            file,
            #[cfg(test)]
            id: self.journal.created(&name),
            passing: Passing { disk: self, name, is_placed: false },
        };
        aside.file.write_all(bytes).map_err(failed("write", path))?;
        #[cfg(test)]
        self.journal.wrote(aside.id, bytes);
        Ok(aside)
    }

    /// Syncs many files, several at a time: the file system makes one commit of syncs that come together, and where a sync
    /// takes long that decides how many records a second can be published.
    pub(crate) fn sync_all(asides: &[(String, Aside<'_>)]) -> Result<(), FileError> {
        const AT_ONCE: usize = 8;
        // A few are not worth the threads.
        if asides.len() < 2 * AT_ONCE {
            return asides.iter().try_for_each(|(path, aside)| aside.sync(path));
        }
        let next = AtomicUsize::new(0);
        let work = || -> Result<(), FileError> {
            while let Some((path, aside)) = asides.get(next.fetch_add(1, Ordering::Relaxed)) {
                aside.sync(path)?;
            }
            Ok(())
        };
        thread::scope(|scope| {
            let mut threads = Vec::new();
            for _ in 1..AT_ONCE {
                // Where no more threads are to be had, this one does the work.
                threads.extend(thread::Builder::new().spawn_scoped(scope, work).ok());
            }
            let mut result = work();
            for thread in threads {
                let ended = thread.join().unwrap_or_else(|_| {
                    let source = io::Error::other("a syncing thread ended without an answer");
                    Err(FileError { action: "sync", path: ASIDE.to_owned(), source })
                });
                result = result.and(ended);
            }
            result
        })
    }

    /// Puts a file in another's place so that at every moment one of the two is there whole.
    pub(crate) fn replace(&self, path: &str, bytes: &[u8], access: Access) -> Result<(), FileError> {
        self.write_aside(bytes, access, path)?.place(path)?;
        self.sync_folders_of(std::iter::once(path))
    }

    /// Reads a file whole.
    pub(crate) fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        fs::read(self.full(path)).map_err(failed("read", path))
    }

    /// Reads a file whole where it is there.
    pub(crate) fn read_if_there(&self, path: &str) -> Result<Option<Vec<u8>>, FileError> {
        read_if_there(&self.root, path)
    }

    /// The names in a folder, sorted; none where there is no folder.
    pub(crate) fn list(&self, path: &str) -> Result<Vec<String>, FileError> {
        list(&self.root, path)
    }

    /// Removes a file. One that is not there is no error: the wish is met.
    pub(crate) fn remove(&self, path: &str) -> Result<(), FileError> {
        match fs::remove_file(self.full(path)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            removed => removed.map_err(failed("remove", path))?,
        }
        #[cfg(test)]
        self.journal.removed(path);
        Ok(())
    }

    /// Removes a folder if it is empty; that it is not is no error.
    pub(crate) fn remove_empty_folder(&self, path: &str) -> Result<(), FileError> {
        self.lasting.lock().remove(path);
        match fs::remove_dir(self.full(path)) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::DirectoryNotEmpty) => Ok(()),
            removed => removed.map_err(failed("remove the folder", path)),
        }
    }

    /// The folder's own place.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }
}

/// Reads a file of the folder `root` whole where it is there.
pub(crate) fn read_if_there(root: &Path, path: &str) -> Result<Option<Vec<u8>>, FileError> {
    match fs::read(root.join(path)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some).map_err(failed("read", path)),
    }
}

/// The names in a folder of the folder `root`, sorted; none where there is no folder.
pub(crate) fn list(root: &Path, path: &str) -> Result<Vec<String>, FileError> {
    let read = || -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(root.join(path)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read?,
        };
        let mut names = Vec::new();
        for entry in entries {
            // A name that is not UTF-8 is none of ours.
            names.extend(entry?.file_name().into_string().ok());
        }
        names.sort_unstable();
        Ok(names)
    };
    read().map_err(failed("list the folder", path))
}

impl Aside<'_> {
    fn sync(&self, path: &str) -> Result<(), FileError> {
        self.file.sync_all().map_err(failed("sync", path))?;
        #[cfg(test)]
        self.passing.disk.journal.synced(self.id);
        Ok(())
    }

    /// Gives the file its name, in place of one that may be there, and keeps it open. Not lasting before the folder is
    /// synced.
    pub(crate) fn place(self, path: &str) -> Result<Appending, FileError> {
        self.passing.place(path)?;
        Ok(Appending {
            file: self.file,
            path: path.to_owned(),
            #[cfg(test)]
            id: self.id,
        })
    }

    /// Makes sure the disk has room for `bytes` more, without changing the file's length.
    pub(crate) fn reserve(&self, bytes: u64, path: &str) -> Result<(), FileError> {
        use rustix::fs::{FallocateFlags, fallocate};
        use rustix::io::Errno;
        let length = self.file.metadata().map_err(failed("look at", path))?.len();
        match fallocate(&self.file, FallocateFlags::KEEP_SIZE, length, bytes) {
            // Not every file system can; then the first write finds out.
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
            Err(error) => Err(failed("find room for", path)(error.into())),
        }
    }
}

impl Passing<'_> {
    fn place(mut self, path: &str) -> Result<(), FileError> {
        fs::rename(self.disk.full(&self.name), self.disk.full(path)).map_err(failed("rename into place", path))?;
        #[cfg(test)]
        self.disk.journal.renamed(&self.name, path);
        self.is_placed = true;
        Ok(())
    }
}

impl Drop for Passing<'_> {
    fn drop(&mut self) {
        if !self.is_placed {
            // Best effort: what stays is swept at the next start.
            let _ = self.disk.remove(&self.name);
        }
    }
}

impl Appending {
    /// Appends and syncs. After an error nothing is known of what was appended, and the file is not to be used again.
    pub(crate) fn append(&mut self, disk: &Disk, bytes: &[u8]) -> Result<(), FileError> {
        #[cfg(not(test))]
        let _ = disk;
        self.file.write_all(bytes).map_err(failed("write", &self.path))?;
        #[cfg(test)]
        disk.journal.wrote(self.id, bytes);
        self.file.sync_data().map_err(failed("sync", &self.path))?;
        #[cfg(test)]
        disk.journal.synced(self.id);
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod journal;
