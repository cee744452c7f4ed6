//! Backups beside one another, with links and left-overs, and restores that fail.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use fanlight_base::SystemClock;

use super::super::restore::{private_folder, restore};
use super::*;

struct Bench {
    folder: tempfile::TempDir,
    state: PathBuf,
    write: WithFile<WrittenBackup>,
}

async fn bench() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    private_folder(&state.join("run")).unwrap();
    private_folder(&state.join("policies")).unwrap();
    fs::write(state.join("root.key"), [7; 32]).unwrap();
    let store = Store::open(&state.join("fanlight.db")).await.unwrap();
    let options = fanlight_ledger::Options {
        origin: "fanlight/test/00000000".to_owned(),
        clock: Arc::new(SystemClock),
        publish_every: std::time::Duration::from_millis(10),
    };
    let ledger = Ledger::open(&state.join("ledger"), options).unwrap();
    let _ = ledger.append(b"{}".to_vec()).unwrap().durable().await;
    ledger.close().unwrap();
    let write = writer(state.clone(), store, ledger, WholeState::default());
    Bench { folder, state, write }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_at_the_same_time_are_each_whole_and_names_are_never_reused() {
    let bench = bench().await;
    let to = |n: u32| bench.folder.path().join(format!("{n}.backup"));
    fs::write(bench.folder.path().join("0.part"), b"left over").unwrap();
    let (a, b, c) = tokio::join!((bench.write)(to(0)), (bench.write)(to(1)), (bench.write)(to(2)));
    for written in [a, b, c] {
        written.unwrap();
    }
    let again = (bench.write)(to(0)).await.unwrap_err();
    assert_eq!(again, FileProblem::Conflict(format!("{} exists already: choose another name.", to(0).display())));
    for n in 0..3 {
        restore(&to(n), &bench.folder.path().join(format!("back-{n}"))).await.unwrap();
    }
    let left = names(bench.folder.path());
    assert_eq!(left, ["0.backup", "0.part", "1.backup", "2.backup", "back-0", "back-1", "back-2", "state"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_to_files_are_followed_and_links_to_folders_are_not() {
    let bench = bench().await;
    let elsewhere = bench.folder.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("a.cedar"), b"// ours").unwrap();
    fs::rename(bench.state.join("root.key"), elsewhere.join("key")).unwrap();
    symlink(elsewhere.join("key"), bench.state.join("root.key")).unwrap();
    symlink(elsewhere.join("a.cedar"), bench.state.join("policies/a.cedar")).unwrap();
    symlink(&elsewhere, bench.state.join("policies/all")).unwrap();
    let to = bench.folder.path().join("a.backup");
    (bench.write)(to.clone()).await.unwrap();

    // Into a folder that is there and empty, as a volume is.
    let back = bench.folder.path().join("back");
    fs::create_dir(&back).unwrap();
    restore(&to, &back).await.unwrap();
    assert_eq!(fs::read(back.join("root.key")).unwrap(), [7; 32]);
    assert_eq!(fs::read(back.join("policies/a.cedar")).unwrap(), b"// ours");
    assert_eq!(names(&back.join("policies")), ["a.cedar"]);
    let mode = |name: &str| fs::symlink_metadata(back.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode("policies"), mode(EARLIER), mode("policies/a.cedar"), mode("root.key")),
        (0o700, 0o700, 0o600, 0o600)
    );
    assert!(names(&back).iter().all(|name| !name.contains("restoring")), "{:?}", names(&back));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_root_key_there_is_no_backup() {
    let bench = bench().await;
    fs::remove_file(bench.state.join("root.key")).unwrap();
    let to = bench.folder.path().join("a.backup");
    let problem = (bench.write)(to).await.unwrap_err();
    assert!(matches!(&problem, FileProblem::Failed(words) if words.contains("root.key")), "{problem:?}");
    assert_eq!(names(bench.folder.path()), ["state"], "nothing unfinished stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_fails_leaves_nothing() {
    let bench = bench().await;
    let to = bench.folder.path().join("a.backup");
    (bench.write)(to.clone()).await.unwrap();
    let whole = fs::read(&to).unwrap();
    fs::write(&to, &whole[..whole.len() / 2]).unwrap();
    let (fresh, empty) = (bench.folder.path().join("fresh"), bench.folder.path().join("empty"));
    fs::create_dir(&empty).unwrap();
    for state in [&fresh, &empty] {
        assert!(restore(&to, state).await.is_err());
    }
    assert_eq!(names(bench.folder.path()), ["a.backup", "empty", "state"]);
    assert!(names(&empty).is_empty());
}
