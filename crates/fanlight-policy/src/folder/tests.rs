//! A company's folder as it may lie there.

use std::fs;

use super::*;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    files.iter().for_each(|(name, text)| fs::write(folder.path().join(name), text).unwrap());
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let file_name = |file: PolicyFile| Path::new(&file.name).file_name().unwrap().to_string_lossy().into_owned();
    read(folder).unwrap().into_iter().map(file_name).collect()
}

#[test]
fn policy_files_come_in_the_order_of_their_names() {
    let folder = folder(&[("b.cedar", "b"), ("a.cedar", "a"), ("README.md", ""), (".a.cedar", ""), ("c.cedar~", "")]);
    assert_eq!(names(folder.path()), ["a.cedar", "b.cedar"]);
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let folder = folder(&[]);
    let error = read(&folder.path().join("gone")).unwrap_err();
    assert!(matches!(error, FolderError::List { .. }), "{error:?}");
    assert!(error.path().ends_with("gone"));
}

#[test]
fn what_is_named_like_a_policy_but_is_no_file_is_an_error() {
    let folder = folder(&[]);
    fs::create_dir(folder.path().join("sub.cedar")).unwrap();
    assert!(matches!(read(folder.path()), Err(FolderError::NotRegular { .. })));
}

#[cfg(unix)]
#[test]
fn a_link_is_read_where_it_leads_to_a_file_and_told_where_it_leads_nowhere() {
    let folder = folder(&[("..data", "text")]);
    std::os::unix::fs::symlink("..data", folder.path().join("a.cedar")).unwrap();
    assert_eq!(names(folder.path()), ["a.cedar"]);
    std::os::unix::fs::symlink("nowhere", folder.path().join("b.cedar")).unwrap();
    assert!(matches!(read(folder.path()), Err(FolderError::Read { .. })));
}

#[test]
fn limits_hold() {
    let long = "x".repeat(usize::try_from(limits::POLICY_FILE_BYTES).unwrap());
    let at_limit = folder(&[("a.cedar", &long)]);
    assert_eq!(read(at_limit.path()).unwrap()[0].text.len(), long.len());
    fs::write(at_limit.path().join("a.cedar"), format!("{long}x")).unwrap();
    assert!(matches!(read(at_limit.path()), Err(FolderError::TooLong { .. })));

    let all = folder(&[]);
    for n in 0..17 {
        fs::write(all.path().join(format!("{n}.cedar")), &long).unwrap();
    }
    assert!(matches!(read(all.path()), Err(FolderError::FolderTooLong { .. })));

    let many = folder(&[]);
    for n in 0..=limits::POLICY_FILES {
        fs::write(many.path().join(format!("{n}.cedar")), "").unwrap();
    }
    assert!(matches!(read(many.path()), Err(FolderError::TooMany { .. })));
}

#[test]
fn bytes_that_are_no_text_are_an_error() {
    let folder = folder(&[]);
    fs::write(folder.path().join("a.cedar"), b"\xff\xfe").unwrap();
    let error = read(folder.path()).unwrap_err();
    assert!(error.to_string().ends_with("a.cedar is not UTF-8 text"), "{error}");
}

#[test]
fn a_fingerprint_changes_with_the_policies_and_only_then() {
    let folder = folder(&[("a.cedar", "one"), ("b.cedar", "two"), ("notes.txt", "")]);
    let path = folder.path();
    let before = fingerprint(path);
    assert_eq!(fingerprint(path), before);
    fs::write(path.join("notes.txt"), "other").unwrap();
    assert_eq!(fingerprint(path), before, "what is no policy does not count");

    // The same size at once: only the content tells.
    fs::write(path.join("a.cedar"), "eno").unwrap();
    let edited = fingerprint(path);
    assert_ne!(edited, before);
    fs::rename(path.join("b.cedar"), path.join("c.cedar")).unwrap();
    let renamed = fingerprint(path);
    assert_ne!(renamed, edited);
    fs::remove_file(path.join("c.cedar")).unwrap();
    assert_ne!(fingerprint(path), renamed);
    assert_ne!(fingerprint(&path.join("gone")), fingerprint(path));
}

#[test]
fn a_large_folder_is_told_by_its_times() {
    let size = usize::try_from(CONTENT_BYTES).unwrap() + 1;
    let folder = folder(&[("a.cedar", &"x".repeat(size))]);
    let path = folder.path().join("a.cedar");
    let before = fingerprint(folder.path());
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(UNIX_EPOCH + std::time::Duration::from_secs(1)).unwrap();
    assert_ne!(fingerprint(folder.path()), before);
}
