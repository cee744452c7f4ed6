//! Sets put into a folder, and cut at any place.

use super::*;
use crate::folder::{fingerprint, read_files};

fn set(files: &[(&str, &str)]) -> PolicyFiles {
    PolicyFiles::of(files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))).unwrap()
}

fn folder(files: &PolicyFiles) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files.iter() {
        fs::write(folder.path().join(name), text).unwrap();
    }
    fs::write(folder.path().join("README.md"), "ours").unwrap();
    folder
}

fn all(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_set_takes_the_place_of_the_one_before_and_of_nothing_else() {
    let (old, new) = (set(&[("a.cedar", "1"), ("b.cedar", "2")]), set(&[("b.cedar", "two"), ("c.cedar", "3")]));
    let folder = folder(&old);
    publish(folder.path(), &new).unwrap();
    assert_eq!(read_files(folder.path()).unwrap(), new);
    assert_eq!(all(folder.path()), ["README.md", "b.cedar", "c.cedar"]);
    publish(folder.path(), &PolicyFiles::default()).unwrap();
    assert_eq!(all(folder.path()), ["README.md"]);
}

#[test]
fn cut_anywhere_it_is_the_old_set_or_the_new_one_and_settling_ends_it() {
    let (old, new) = (set(&[("a.cedar", "1"), ("b.cedar", "2")]), set(&[("b.cedar", "two"), ("c.cedar", "3")]));
    // Before it counts: half of it is written aside.
    let cut = folder(&old);
    write_aside(&cut.path().join(ASIDE), &set(&[("b.cedar", "two")])).unwrap();
    assert_eq!(read_files(cut.path()).unwrap(), old);
    assert!(!settle(cut.path()).unwrap());
    assert_eq!(all(cut.path()), ["README.md", "a.cedar", "b.cedar"]);
    // Once it counts: with no file, one, or two of them in their places.
    for moved in 0..3 {
        let cut = folder(&old);
        write_aside(&cut.path().join(READY), &new).unwrap();
        for (name, text) in new.iter().take(moved) {
            fs::write(cut.path().join(name), text).unwrap();
        }
        assert_eq!(read_files(cut.path()).unwrap(), new, "{moved}");
        let before = fingerprint(cut.path());
        assert!(settle(cut.path()).unwrap());
        assert_eq!(read_files(cut.path()).unwrap(), new, "{moved}");
        assert_eq!(all(cut.path()), ["README.md", "b.cedar", "c.cedar"]);
        assert!(!settle(cut.path()).unwrap());
        drop(before);
    }
}

#[cfg(unix)]
#[test]
fn what_is_kept_elsewhere_is_not_written_over() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let old = set(&[("a.cedar", "1")]);
    let folder = folder(&old);
    fs::write(folder.path().join("kept.txt"), "2").unwrap();
    symlink("kept.txt", folder.path().join("b.cedar")).unwrap();
    let with = |text: &str| set(&[("a.cedar", "one"), ("b.cedar", text)]);
    assert!(matches!(publish(folder.path(), &with("two")), Err(PublishError::Link { .. })));
    assert!(matches!(publish(folder.path(), &old), Err(PublishError::Link { .. })));
    publish(folder.path(), &with("2")).unwrap();
    assert!(fs::symlink_metadata(folder.path().join("b.cedar")).unwrap().is_symlink());
    // Rights of a file stay.
    fs::set_permissions(folder.path().join("a.cedar"), fs::Permissions::from_mode(0o640)).unwrap();
    publish(folder.path(), &with("2")).unwrap();
    let more = set(&[("a.cedar", "more"), ("b.cedar", "2")]);
    publish(folder.path(), &more).unwrap();
    let mode = fs::metadata(folder.path().join("a.cedar")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(publish(&folder.path().join("gone"), &set(&[])), Err(PublishError::Write { .. })));
    assert!(!settle(&folder.path().join("gone")).unwrap());
}
