//! The database as a whole: opened, refused, closed, copied.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fanlight_base::PersonId;
use sqlx::Executor as _;

use super::*;

pub(crate) fn at(ms: i64) -> fanlight_base::Timestamp {
    fanlight_base::Timestamp::from_millisecond(ms).unwrap()
}

pub(crate) async fn fresh() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("fanlight.db")).await.unwrap();
    (dir, store)
}

async fn pragma(pool: &AnyPool, text: &'static str) -> String {
    let row = pool.fetch_one(text).await.unwrap();
    row::Columns { table: "pragma", row: &row }.text("value").unwrap()
}

#[tokio::test]
async fn an_empty_folder_gets_the_newest_schema_and_keeps_what_is_put_in() {
    let (dir, store) = fresh().await;
    store.save_setting("pypi.upstream", "http://upstream.example/simple/").await.unwrap();
    store.save_setting("pypi.upstream", "http://upstream.example/").await.unwrap();
    store.close().await;
    assert!(matches!(store.setting("pypi.upstream").await, Err(StoreError::Closed)));
    let again = Store::open(&dir.path().join("fanlight.db")).await.unwrap();
    assert_eq!(again.setting("pypi.upstream").await.unwrap().as_deref(), Some("http://upstream.example/"));
    assert_eq!(again.setting("nothing").await.unwrap(), None);
    let row = again.readers().fetch_one("SELECT MAX(version) AS version FROM schema_version").await.unwrap();
    assert_eq!(row::Columns { table: "schema_version", row: &row }.number("version").unwrap(), SCHEMA_VERSION);
}

#[tokio::test]
async fn the_writer_syncs_every_change_and_overwrites_what_it_deletes() {
    let (_dir, store) = fresh().await;
    let writer = store.writer().unwrap();
    assert_eq!(pragma(writer, "SELECT journal_mode AS value FROM pragma_journal_mode").await, "wal");
    for (text, wanted) in [
        ("SELECT CAST(synchronous AS TEXT) AS value FROM pragma_synchronous", "2"),
        ("SELECT CAST(foreign_keys AS TEXT) AS value FROM pragma_foreign_keys", "1"),
        ("SELECT CAST(secure_delete AS TEXT) AS value FROM pragma_secure_delete", "1"),
        ("SELECT CAST(timeout AS TEXT) AS value FROM pragma_busy_timeout", "10000"),
    ] {
        assert_eq!(pragma(writer, text).await, wanted, "{text}");
    }
}

#[tokio::test]
async fn the_files_are_for_their_owner_only() {
    let (dir, store) = fresh().await;
    store.save_setting("a", "b").await.unwrap();
    let mut seen = 0;
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
        seen += 1;
    }
    assert_eq!(seen, 3, "the database, its log and the log's index");
}

#[tokio::test]
async fn a_newer_schema_is_refused_in_words_and_left_alone() {
    let (dir, store) = fresh().await;
    let path = dir.path().join("fanlight.db");
    store.writer().unwrap().execute("INSERT INTO schema_version (version) VALUES (99)").await.unwrap();
    store.close().await;
    for refused in [Store::open(&path).await.unwrap_err(), Store::open_read_only(&path).await.unwrap_err()] {
        assert!(matches!(refused, StoreError::Newer { found: 99, known: SCHEMA_VERSION, .. }));
        assert!(refused.to_string().contains("restore a backup"), "{refused}");
    }
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_of_it_or_of_those_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("fanlight.db");
    dialect::create_private(&path).unwrap();
    let writer = dialect::writer(&path).await.unwrap();
    let broken: &[&str] = &["CREATE TABLE one (a BIGINT)", "CREATE TABLE two (a BIGINT); CREATE NONSENSE"];
    assert!(matches!(schema::migrate_with(&writer, &path, broken).await, Err(StoreError::Open { .. })));
    let tables = writer.fetch_all("SELECT name FROM sqlite_master").await.unwrap();
    assert!(tables.is_empty());
    let mended: &[&str] = &["CREATE TABLE one (a BIGINT)", "CREATE TABLE two (a BIGINT)"];
    schema::migrate_with(&writer, &path, mended).await.unwrap();
    schema::migrate_with(&writer, &path, mended).await.unwrap();
    writer.execute("INSERT INTO two (a) SELECT MAX(version) FROM schema_version").await.unwrap();
}

#[tokio::test]
async fn what_is_no_database_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("fanlight.db");
    std::fs::write(&path, "a letter to my mother, long enough to be taken for a page of something").unwrap();
    assert!(matches!(Store::open(&path).await, Err(StoreError::Open { .. })));
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("a letter"));
    assert!(matches!(Store::open_read_only(&dir.path().join("none.db")).await, Err(StoreError::Open { .. })));
}

#[tokio::test]
async fn a_path_with_odd_characters_is_a_path() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("a b?c#d%20e;ü");
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("fanlight.db");
    let store = Store::open(&path).await.unwrap();
    store.save_setting("here", "yes").await.unwrap();
    store.close().await;
    assert!(path.metadata().unwrap().len() > 0);
}

#[tokio::test]
async fn a_reader_beside_a_running_node_sees_its_changes_and_makes_none() {
    let (dir, store) = fresh().await;
    let beside = Store::open_read_only(&dir.path().join("fanlight.db")).await.unwrap();
    store.save_setting("a", "1").await.unwrap();
    assert_eq!(beside.setting("a").await.unwrap().as_deref(), Some("1"));
    assert!(matches!(beside.save_setting("a", "2").await, Err(StoreError::ReadOnly)));
    store.close().await;
    // And after the node has ended, when the log is folded in and gone.
    beside.close().await;
    let after = Store::open_read_only(&dir.path().join("fanlight.db")).await.unwrap();
    assert_eq!(after.setting("a").await.unwrap().as_deref(), Some("1"));
}

#[tokio::test]
async fn an_older_schema_is_not_migrated_by_a_reader() {
    let (dir, store) = fresh().await;
    store.writer().unwrap().execute("DELETE FROM schema_version").await.unwrap();
    let refused = Store::open_read_only(&dir.path().join("fanlight.db")).await.unwrap_err();
    assert!(matches!(refused, StoreError::Older { found: 0, .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_taken_while_writing_is_whole_and_of_one_moment() {
    let (dir, store) = fresh().await;
    let stop = Arc::new(AtomicBool::new(false));
    let writing = tokio::spawn({
        let (store, stop) = (store.clone(), stop.clone());
        async move {
            let mut n = 0_i64;
            while !stop.load(Ordering::Relaxed) {
                // A person and its first setting: two changes whose order a copy must keep.
                let id = PersonId::new(format!("prs_{n:016}"));
                store.create_person(&id, &format!("person {n}"), at(n)).await.unwrap();
                store.save_setting("last", &n.to_string()).await.unwrap();
                n += 1;
            }
            n
        }
    });
    for copy in 0..5 {
        let to = dir.path().join(format!("copy{copy}.db"));
        store.backup(&to).await.unwrap();
        assert_eq!(to.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        Store::check_backup(&to).await.unwrap();
        let copied = Store::open_read_only(&to).await.unwrap();
        let people = copied.people().await.unwrap().len();
        let last = copied.setting("last").await.unwrap().map_or(0, |n| n.parse::<usize>().unwrap() + 1);
        assert!(people == last || people == last + 1, "{people} people and {last} settings");
        copied.close().await;
    }
    stop.store(true, Ordering::Relaxed);
    assert!(writing.await.unwrap() > 0, "nothing was written meanwhile");
    let taken = dir.path().join("copy0.db");
    assert!(matches!(store.backup(&taken).await, Err(StoreError::BackupExists(_))));
}

#[tokio::test]
async fn a_backup_that_cannot_be_written_leaves_no_file() {
    let (dir, store) = fresh().await;
    let nowhere = dir.path().join("missing/copy.db");
    assert!(matches!(store.backup(&nowhere).await, Err(StoreError::Backup { .. })));
    assert!(!nowhere.exists());
}

#[tokio::test]
async fn a_damaged_copy_is_found_before_it_is_taken_over() {
    let (dir, store) = fresh().await;
    for n in 0..2000 {
        store.save_setting(&format!("setting {n}"), &"x".repeat(50)).await.unwrap();
    }
    let copy = dir.path().join("copy.db");
    store.backup(&copy).await.unwrap();
    let mut bytes = std::fs::read(&copy).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0xa5);
    std::fs::write(&copy, bytes).unwrap();
    let found = Store::check_backup(&copy).await.unwrap_err();
    assert!(matches!(found, StoreError::Damaged { .. } | StoreError::Open { .. }), "{found}");
    let other = dir.path().join("other.db");
    std::fs::write(&other, "").unwrap();
    assert!(Store::check_backup(&other).await.is_err(), "an empty file is no backup");
}

/// No table is written to by a text that PostgreSQL would not take: the words that differ stand in `dialect` only.
#[test]
fn sql_that_only_sqlite_takes_stands_in_one_file() {
    let texts = [
        include_str!("people.rs"),
        include_str!("devices.rs"),
        include_str!("keys.rs"),
        include_str!("absences.rs"),
        include_str!("looks.rs"),
        include_str!("settings.rs"),
        include_str!("accesses.rs"),
        include_str!("accesses/ask.rs"),
        include_str!("accesses/delivery.rs"),
        include_str!("scans.rs"),
        include_str!("schema.rs"),
        include_str!("../../migrations/0001_first.sql"),
        include_str!("../../migrations/0002_deliveries.sql"),
        include_str!("../../migrations/0003_absences.sql"),
        include_str!("../../migrations/0006_scans.sql"),
    ];
    for text in texts {
        for word in
            ["PRAGMA", "INSERT OR", "REPLACE INTO", "AUTOINCREMENT", "VACUUM", "WITHOUT ROWID", "?1", "BLOB", "rowid"]
        {
            assert!(!text.contains(word), "{word} in {}", &text[..80]);
        }
    }
}

#[tokio::test]
async fn a_full_disk_is_named_and_nothing_is_half_changed() {
    let (_dir, store) = fresh().await;
    // What SQLite says of a full disk it says of this limit too.
    store.writer().unwrap().execute("PRAGMA max_page_count = 60").await.unwrap();
    let mut kept = 0;
    let full = loop {
        let id = PersonId::new(format!("prs_{kept}"));
        match store.create_person(&id, &"x".repeat(1000 + kept), at(1)).await {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(full, StoreError::DiskFull { .. }), "{full}");
    assert!(full.to_string().contains("the disk that holds the database is full while creating a person"), "{full}");
    assert_eq!(store.people().await.unwrap().len(), kept);
    store.writer().unwrap().execute("PRAGMA max_page_count = 1000000").await.unwrap();
    store.save_setting("a", "it goes on without a restart").await.unwrap();
}
