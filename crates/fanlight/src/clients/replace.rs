//! A file's bytes replaced all at once: written aside, synced, renamed, the folder synced. A link stays a link.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Links followed before a chain of them is taken for a circle.
const LINKS: usize = 16;

/// Where a path leads when its links are followed, whether or not a file stands there yet.
pub fn behind_links(path: &Path) -> io::Result<PathBuf> {
    let mut at = path.to_path_buf();
    for _ in 0..LINKS {
        match fs::symlink_metadata(&at) {
            Ok(meta) if meta.is_symlink() => {
                let target = fs::read_link(&at)?;
                at = at.parent().map_or_else(|| target.clone(), |folder| folder.join(&target));
            }
            Ok(_) => return Ok(at),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(at),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("over {LINKS} symbolic links, one behind the other")))
}

/// Replaces a file's bytes, or makes the file, with these permissions. The file's folder must exist.
pub fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let path = behind_links(path)?;
    let folder = folder_of(&path);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let aside = folder.join(format!(".{name}.fanlight-{}", std::process::id()));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
        file.write_all(bytes)?;
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        file.sync_all()?;
        fs::rename(&aside, &path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&aside);
    }
    written.and_then(|()| File::open(folder)?.sync_all())
}

/// Removes a file and syncs its folder.
pub fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
    File::open(folder_of(path))?.sync_all()
}

/// Makes the folders that are missing, each with these permissions, and says which, the outermost first. One that
/// somebody else makes at the same moment is theirs.
pub fn make_folders(folder: &Path, mode: u32) -> io::Result<Vec<PathBuf>> {
    let missing: Vec<PathBuf> =
        folder.ancestors().take_while(|f| !f.as_os_str().is_empty() && !f.exists()).map(Into::into).collect();
    let mut made = Vec::new();
    for folder in missing.into_iter().rev() {
        match fs::DirBuilder::new().mode(mode).create(&folder) {
            Ok(()) => made.push(folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(made)
}

/// The folder a file stands in.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}
