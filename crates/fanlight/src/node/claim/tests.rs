//! A claimed state folder is closed to others, however it was before.

use super::*;

#[test]
fn a_folder_open_to_others_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    fs::create_dir(&state).unwrap();
    fs::set_permissions(&state, fs::Permissions::from_mode(0o755)).unwrap();
    let _claim = take(&state).unwrap();
    assert_eq!(fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(state.join("run")).unwrap().permissions().mode() & 0o777, 0o700);
}
