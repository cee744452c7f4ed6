//! The root key's file: made once, private, refused in words.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

#[test]
fn it_is_made_once_for_its_owner_only() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("root.key");
    assert!(matches!(RootKey::open_or_create(&path, false), Err(RootKeyError::Missing(_))));
    assert!(!path.exists());
    let first = RootKey::open_or_create(&path, true).unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(path.metadata().unwrap().len(), 32);
    let wrapped = first.wrap("a", &Secret::new([7; 32])).unwrap();
    let second = RootKey::open_or_create(&path, true).unwrap();
    assert!(second.unwrap("a", &wrapped).is_some());
    assert!(second.unwrap("b", &wrapped).is_none(), "a key moved under another name does not open");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn two_that_make_it_at_once_have_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("root.key");
    let keys: Vec<RootKey> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| RootKey::open_or_create(&path, true).unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let wrapped = keys[0].wrap("a", &Secret::new([7; 32])).unwrap();
    assert!(keys.iter().all(|key| key.unwrap("a", &wrapped).is_some()));
}

#[test]
fn a_key_that_others_can_read_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("root.key");
    RootKey::open_or_create(&path, true).unwrap();
    for mode in [0o640, 0o604, 0o660, 0o620] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let refused = RootKey::open(&path).unwrap_err().to_string();
        assert!(refused.contains(&format!("mode {mode:o}")) && refused.contains("chmod 600"), "{refused}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(RootKey::open(&path).is_ok());
}

#[test]
fn half_a_key_is_no_key() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("root.key");
    fs::write(&path, [1; 31]).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(RootKey::open_or_create(&path, true), Err(RootKeyError::Malformed(_))));
}
