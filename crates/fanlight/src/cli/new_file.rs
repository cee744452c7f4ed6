//! The files that commands write where `--output` or `--export` says.
//!
//! Invariant: such a file is new, its owner's alone, and whole and on disk, or it is not there.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, ErrorKind};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::outcome::Failure;

/// Makes the file and has `fill` write what is in it.
pub fn write<T>(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> Result<T, Failure>) -> Result<T, Failure> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let file = opened.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::new(format!("{} exists already", path.display())).hint("choose another name")
        }
        _ => failed(path, &error),
    })?;
    let mut out = BufWriter::new(file);
    let filled = fill(&mut out);
    let synced = |out: BufWriter<File>| out.into_inner().map_err(|error| error.into_error())?.sync_all();
    let written = filled.and_then(|value| synced(out).map(|()| value).map_err(|error| failed(path, &error)));
    written.inspect_err(|_| {
        // What went wrong is what matters, not that its remains stay.
        let _ = std::fs::remove_file(path);
    })
}

/// What is said where it cannot be written.
pub fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("could not write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_file_is_new_its_owners_alone_and_whole_or_not_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("bill.json");
        let cut = write(&path, |out| {
            out.write_all(b"half").and_then(|()| out.flush()).unwrap();
            Err::<(), _>(Failure::new("the node went away"))
        });
        assert_eq!(cut.unwrap_err().words(), "the node went away");
        assert!(!path.exists(), "what is not whole is taken away");
        write(&path, |out| out.write_all(b"whole").map_err(|error| failed(&path, &error))).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"whole");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let again = write(&path, |_| Ok(())).unwrap_err();
        assert!(again.words().ends_with("exists already"), "{}", again.words());
        assert_eq!(std::fs::read(&path).unwrap(), b"whole", "what was there stays");
    }
}
