//! `use` and `--undo` on a home folder of the test's own.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use fanlight_base::DeviceId;

use super::super::installed::{How, Plan, Undone, undo};
use super::super::saved::Saved;
use super::super::*;
use super::setting;

struct Home {
    folder: tempfile::TempDir,
    around: Surroundings,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let around = Surroundings { home: folder.path().join("home"), ..Surroundings::default() };
        Self { folder, around }
    }

    fn with(mut self, name: &str, value: &Path) -> Self {
        self.around.environment.insert(name.to_owned(), value.to_str().unwrap().to_owned());
        self
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn put(&self, path: &str, text: &str) -> PathBuf {
        let path = self.around.home.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn use_client(&self, client: Client, device: &str) -> PathBuf {
        let plan = Plan::of(client, &self.state(), &self.around).unwrap();
        plan.write(&self.state(), &setting(), None, DeviceId::new(device)).unwrap();
        plan.file
    }
}

fn device(undone: &Undone) -> &str {
    undone.device.as_ref().map_or("none", DeviceId::as_str)
}

/// As another node does it, which keeps its own notes.
fn use_by(home: &Home, state: &str, client: Client, device: &str) -> PathBuf {
    let state = home.folder.path().join(state);
    let index_url = setting().index_url.replace("flk_1_", &format!("flk_{}_", device.trim_start_matches("dev_")));
    let plan = Plan::of(client, &state, &home.around).unwrap();
    plan.write(&state, &Setting { index_url, ..setting() }, None, DeviceId::new(device)).unwrap();
    plan.file
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn without_a_file_undo_leaves_no_trace() {
    let home = Home::new();
    fs::create_dir_all(&home.around.home).unwrap();
    let file = home.use_client(Client::Pip, "dev_1");
    assert_eq!(file, home.around.home.join(".config/pip/pip.conf"));
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(&Saved::path(&home.state(), Client::Pip, &file)), 0o600);
    let undone = undo(Client::Pip, &home.state(), &home.around).unwrap();
    assert_eq!((undone.how, device(&undone)), (How::Removed, "dev_1"));
    assert_eq!(fs::read_dir(&home.around.home).unwrap().count(), 0, "a folder that was made is left");
    assert!(matches!(undo(Client::Pip, &home.state(), &home.around), Err(SetupError::NotInUse { .. })));
}

#[test]
fn a_folder_that_holds_something_by_now_stays() {
    let home = Home::new();
    let file = home.use_client(Client::Uv, "dev_1");
    let other = home.put(".config/uv/note", "mine");
    undo(Client::Uv, &home.state(), &home.around).unwrap();
    assert!(!file.exists() && other.exists());
}

#[test]
fn bytes_and_permissions_come_back_exactly() {
    for text in ["[global]\nindex-url = https://a.example\n\n\n", "[global]\r\ntimeout=5", "# nothing but words", ""] {
        let home = Home::new();
        let file = home.put(".config/pip/pip.conf", text);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        home.use_client(Client::Pip, "dev_1");
        assert_eq!(mode(&file), 0o600);
        assert_ne!(fs::read_to_string(&file).unwrap(), text);
        assert_eq!(undo(Client::Pip, &home.state(), &home.around).unwrap().how, How::Restored);
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
        assert_eq!(mode(&file), 0o640);
    }
}

#[test]
fn a_second_use_keeps_the_first_original() {
    let home = Home::new();
    let text = "[global]\nindex-url = https://a.example/simple";
    let file = home.put(".config/pip/pip.conf", text);
    home.use_client(Client::Pip, "dev_1");
    let plan = Plan::of(Client::Pip, &home.state(), &home.around).unwrap();
    assert_eq!(plan.earlier_device().map(DeviceId::as_str), Some("dev_1"));
    home.use_client(Client::Pip, "dev_2");
    assert_eq!(fs::read_to_string(&file).unwrap().matches(marks::START).count(), 1);
    let undone = undo(Client::Pip, &home.state(), &home.around).unwrap();
    assert_eq!((undone.how, device(&undone)), (How::Restored, "dev_2"));
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn an_edit_between_two_uses_is_kept() {
    let home = Home::new();
    let file = home.put(".config/uv/uv.toml", "index-url = \"https://a.example\"\n");
    home.use_client(Client::Uv, "dev_1");
    let edited = format!("native-tls = true\n{}", fs::read_to_string(&file).unwrap());
    fs::write(&file, edited).unwrap();
    home.use_client(Client::Uv, "dev_2");
    undo(Client::Uv, &home.state(), &home.around).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "native-tls = true\nindex-url = \"https://a.example\"\n");
}

#[test]
fn an_edit_since_is_kept_and_said() {
    let home = Home::new();
    let file = home.put(".config/pip/pip.conf", "[global]\nindex-url = https://a.example\n");
    home.use_client(Client::Pip, "dev_1");
    let edited = fs::read_to_string(&file).unwrap() + "[install]\nno-compile = yes\n";
    fs::write(&file, edited).unwrap();
    assert_eq!(undo(Client::Pip, &home.state(), &home.around).unwrap().how, How::TakenOut);
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text, "[global]\nindex-url = https://a.example\n[install]\nno-compile = yes\n");
}

#[test]
fn a_file_removed_or_replaced_since_is_left_alone() {
    let home = Home::new();
    let file = home.use_client(Client::Pip, "dev_1");
    fs::write(&file, "[global]\ntimeout = 1\n").unwrap();
    assert_eq!(undo(Client::Pip, &home.state(), &home.around).unwrap().how, How::NothingLeft);
    assert_eq!(fs::read_to_string(&file).unwrap(), "[global]\ntimeout = 1\n");
    home.use_client(Client::Pip, "dev_2");
    fs::remove_file(&file).unwrap();
    assert_eq!(undo(Client::Pip, &home.state(), &home.around).unwrap().how, How::NothingLeft);
    assert!(!file.exists());
}

#[test]
fn a_link_stays_a_link() {
    let home = Home::new();
    let real = home.put("dotfiles/pip.conf", "[global]\ntimeout = 1\n");
    let link = home.around.home.join(".config/pip/pip.conf");
    fs::create_dir_all(link.parent().unwrap()).unwrap();
    symlink("../../dotfiles/pip.conf", &link).unwrap();
    home.use_client(Client::Pip, "dev_1");
    assert!(link.is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains("index-url"));
    undo(Client::Pip, &home.state(), &home.around).unwrap();
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(&real).unwrap(), "[global]\ntimeout = 1\n");
}

#[test]
fn links_in_a_circle_are_an_error() {
    let home = Home::new();
    let link = home.around.home.join(".config/pip/pip.conf");
    fs::create_dir_all(link.parent().unwrap()).unwrap();
    symlink("pip.conf", &link).unwrap();
    assert!(matches!(Plan::of(Client::Pip, &home.state(), &home.around), Err(SetupError::File { .. })));
}

#[test]
fn pip_keeps_its_settings_where_it_says() {
    let home = Home::new();
    let place = |home: &Home| place::configuration_file(Client::Pip, &home.around).unwrap();
    let legacy = home.put(".pip/pip.conf", "");
    assert_eq!(place(&home), legacy);
    let current = home.put(".config/pip/pip.conf", "");
    assert_eq!(place(&home), current);
    let stated = home.put("elsewhere/pip.ini", "");
    let home = home.with("PIP_CONFIG_FILE", &stated);
    assert_eq!(place(&home), stated);
    fs::remove_file(&stated).unwrap();
    assert_eq!(place(&home), current, "pip goes on reading the person's own file where the stated one is missing");
    let home = home.with("PIP_CONFIG_FILE", Path::new("/dev/null"));
    assert!(place::configuration_file(Client::Pip, &home.around).is_err());
}

#[test]
fn settings_follow_the_folders_of_the_system() {
    let home = Home::new();
    let xdg = home.around.home.join("settings");
    let mut home = home.with("XDG_CONFIG_HOME", &xdg);
    let place = |home: &Home, client| place::configuration_file(client, &home.around).unwrap();
    assert_eq!(place(&home, Client::Pip), xdg.join("pip/pip.conf"));
    assert_eq!(place(&home, Client::Uv), xdg.join("uv/uv.toml"));
    home.around.macos = true;
    assert_eq!(place(&home, Client::Pip), home.around.home.join(".config/pip/pip.conf"));
    let apple = home.around.home.join("Library/Application Support/pip");
    fs::create_dir_all(&apple).unwrap();
    assert_eq!(place(&home, Client::Pip), apple.join("pip.conf"));
    let home = home.with("UV_CONFIG_FILE", Path::new("/srv/uv.toml"));
    assert_eq!(place(&home, Client::Uv), Path::new("/srv/uv.toml"));
}

#[test]
fn two_files_of_one_client_are_kept_apart() {
    let home = Home::new();
    let own = home.use_client(Client::Uv, "dev_1");
    let stated = home.put("project/uv.toml", "offline = false\n");
    let mut other = Home { folder: tempfile::tempdir().unwrap(), around: home.around.clone() };
    other.around.environment.insert("UV_CONFIG_FILE".to_owned(), stated.to_str().unwrap().to_owned());
    let plan = Plan::of(Client::Uv, &home.state(), &other.around).unwrap();
    assert_eq!(plan.earlier_device(), None);
    plan.write(&home.state(), &setting(), None, DeviceId::new("dev_2")).unwrap();
    assert_eq!(device(&undo(Client::Uv, &home.state(), &other.around).unwrap()), "dev_2");
    assert_eq!(fs::read_to_string(&stated).unwrap(), "offline = false\n");
    assert_eq!(device(&undo(Client::Uv, &home.state(), &home.around).unwrap()), "dev_1");
    assert!(!own.exists());
}

#[test]
fn a_root_certificate_comes_and_goes_with_the_setting() {
    let home = Home::new();
    let plan = Plan::of(Client::Pip, &home.state(), &home.around).unwrap();
    let with_root = Setting { root: Some(plan.root.display().to_string()), ..setting() };
    plan.write(&home.state(), &with_root, Some("PEM"), DeviceId::new("dev_1")).unwrap();
    assert_eq!(fs::read_to_string(&plan.root).unwrap(), "PEM");
    undo(Client::Pip, &home.state(), &home.around).unwrap();
    assert!(!plan.root.exists());
}

#[test]
fn what_a_state_folder_that_is_gone_wrote_is_taken_out_and_the_persons_own_comes_back() {
    let pip = "[global]\nindex-url = https://a.example\ntimeout = 5\n";
    let uv = "index-url = \"https://a.example\"\n[[index]]\nurl = \"https://b.example\"\ndefault = true\n";
    for (client, place, text) in [
        (Client::Pip, ".config/pip/pip.conf", Some(pip)),
        (Client::Uv, ".config/uv/uv.toml", Some(uv)),
        (Client::Pip, "", None),
    ] {
        let home = Home::new();
        if let Some(text) = text {
            home.put(place, text);
        }
        let file = use_by(&home, "gone", client, "dev_7");
        fs::remove_dir_all(home.folder.path().join("gone")).unwrap();
        let undone = undo(client, &home.state(), &home.around).unwrap();
        assert_eq!((undone.how, device(&undone)), (How::OfAnother, "none"));
        assert_eq!(fs::read_to_string(&file).ok().as_deref(), text);
        assert!(!home.state().exists(), "nothing is kept of it");
        assert!(matches!(undo(client, &home.state(), &home.around), Err(SetupError::NotInUse { .. })));
    }
}

#[test]
fn a_use_from_another_state_folder_takes_over_and_nests_no_marks() {
    let own = "[global]\nindex-url = https://a.example\n";
    for (first, second) in [("one", "two"), ("two", "one")] {
        let home = Home::new();
        let file = home.put(".config/pip/pip.conf", own);
        use_by(&home, "one", Client::Pip, "dev_1");
        use_by(&home, "two", Client::Pip, "dev_2");
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!([marks::START, marks::END, marks::OFF].map(|mark| text.matches(mark).count()), [1, 1, 1], "{text}");
        assert!(text.contains("flk_2_") && !text.contains("flk_1_"), "{text}");
        // Each puts back its own and no other, in whichever order.
        let undo = |state: &str| undo(Client::Pip, &home.folder.path().join(state), &home.around).unwrap();
        let how = |state| if state == "one" { (How::NothingLeft, "dev_1") } else { (How::Restored, "dev_2") };
        for state in [first, second] {
            let undone = undo(state);
            assert_eq!((undone.how, device(&undone)), how(state));
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), own);
    }
}

#[test]
fn who_comes_at_once_takes_turns() {
    let home = Home::new();
    let at_work = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let _turn = Turn::take(&home.state()).unwrap();
                assert_eq!(at_work.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0);
                std::thread::yield_now();
                at_work.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
            });
        }
    });
}
