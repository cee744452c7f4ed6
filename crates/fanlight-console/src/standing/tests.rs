//! Exceptions that end while the database fails.

use std::cell::Cell;

use fanlight_policy::Pack;

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn granted(id: &str) -> ExceptionRow {
    ExceptionRow {
        id: id.to_owned(),
        thing: "pkg:pypi/demo@1.0".to_owned(),
        audience: fanlight_base::Whom::Everybody,
        policies: vec!["wait-and-see".to_owned()],
        because: "a trial".to_owned(),
        role: "steward".to_owned(),
        person: None,
        granted: at(1),
        until: at(100),
        ended: None,
    }
}

struct Scene {
    _dir: tempfile::TempDir,
    store: Store,
    standing: Arc<Standing>,
    guard: Guard,
}

async fn scene() -> Scene {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("fanlight.db")).await.unwrap();
    let (standing, exceptions) = Standing::load(&store, at(0)).await.unwrap();
    let guard = Guard::with(Pack::built_in(), exceptions, Default::default());
    standing.grant(&guard, granted("exc_1")).await.unwrap();
    Scene { _dir: dir, store, standing, guard }
}

#[tokio::test]
async fn an_exception_ended_while_the_database_fails_is_out_of_force_and_can_be_ended_again() {
    let Scene { store, standing, guard, _dir } = scene().await;
    store.close().await;
    assert!(standing.end(&guard, "exc_1", at(10)).await.is_err());
    assert!(standing.exceptions(at(10)).await.is_empty(), "it is out of force");
    assert!(standing.that_can_end("exc_1", at(11)).await.is_some(), "and not forgotten");
    assert!(standing.end(&guard, "exc_1", at(11)).await.is_err(), "a retry tries again to keep that");
    let left = standing.take_over(&guard, at(12)).await;
    assert_eq!(left.len(), 1);
    assert_eq!((left[0].at, left[0].recorded), (at(10), true), "the follower keeps it as it was ended");
}

#[tokio::test]
async fn the_end_of_an_exception_is_recorded_once_however_often_the_database_fails() {
    let Scene { store, standing, guard, _dir } = scene().await;
    store.close().await;
    let records = Cell::new(0);
    for _ in 0..3 {
        for ended in standing.take_over(&guard, at(101)).await {
            let record = |_| async {
                records.set(records.get() + 1);
                Ok(())
            };
            assert!(standing.keep_end(&ended, record).await.is_err());
        }
    }
    assert_eq!(records.get(), 1);
    assert!(standing.that_can_end("exc_1", at(101)).await.is_none(), "it ended by itself");
}

#[tokio::test]
async fn an_end_is_kept_and_then_forgotten() {
    let Scene { store, standing, guard, _dir } = scene().await;
    let ended = standing.end(&guard, "exc_1", at(10)).await.unwrap().unwrap();
    assert_eq!(ended.ended, Some(at(10)));
    assert_eq!(store.exceptions().await.unwrap(), [ended]);
    assert!(standing.end(&guard, "exc_1", at(11)).await.unwrap().is_none());
    assert!(standing.take_over(&guard, at(101)).await.is_empty());
}
