//! Files against an upstream that lies and dawdles: bounded in number and in time, read once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fanlight_base::SystemClock;
use fanlight_net::upstream::Options;
use fanlight_testkit::{Fault, Release, Upstream as Index};

use super::*;

const FILE: &str = "demo-1.0-py3-none-any.whl";

struct Bench {
    index: Index,
    files: Arc<Files>,
    dir: tempfile::TempDir,
}

fn bench(bounds: Bounds) -> Bench {
    let dir = tempfile::tempdir().unwrap();
    // It has a runtime of its own, which cannot begin within another.
    let projects = || ["demo", "other"].map(|name| Release::new(name, "1.0").padded(200_000));
    let index = std::thread::spawn(move || Index::with(projects())).join().unwrap();
    let files = Files::within(bounds, open(&dir), Upstream::new(Options::default()).unwrap());
    Bench { index, files, dir }
}

fn open(dir: &tempfile::TempDir) -> Blobs {
    Blobs::open(dir.path(), 1 << 30, Arc::new(SystemClock)).unwrap()
}

impl Bench {
    fn wanted(&self, project: &str) -> Wanted {
        let file = format!("{project}-1.0-py3-none-any.whl");
        let root = self.index.simple_url().replace("/simple/", "");
        Wanted {
            digest: Digest::Sha256(self.index.hash(project, &file).parse().unwrap()),
            url: format!("{root}/files/{project}/{file}").parse().unwrap(),
            named_by: root.parse().unwrap(),
            size: Some(self.index.bytes(project, &file).len() as u64),
            limit: limits::FILE_BYTES,
        }
    }

    /// Has a file, or the fault for which it cannot be had.
    async fn have(&self, project: &str) -> Result<u64, String> {
        match self.files.find(&self.wanted(project), Box::new(|_| {})).await.map_err(|fault| fault.to_string())? {
            Found::Cached(file) => Ok(file.len),
            Found::Coming(flight) => {
                let mut progress = flight.watch();
                let over =
                    |p: &flight::Progress| matches!(p, flight::Progress::Verified { .. } | flight::Progress::Failed(_));
                match &*progress.wait_for(over).await.unwrap() {
                    flight::Progress::Verified { length, .. } => Ok(*length),
                    flight::Progress::Failed(fault) => Err(fault.to_string()),
                    _ => unreachable!("waited for one of these"),
                }
            }
        }
    }
}

const SHORT: Duration = Duration::from_millis(100);

#[tokio::test(flavor = "multi_thread")]
async fn more_than_may_be_on_their_way_are_told_busy_and_come_when_there_is_room() {
    let bench = bench(Bounds { flights: 1, wait: SHORT, ..Bounds::default() });
    bench.index.fault(&format!("/files/demo/{FILE}"), Fault::Delay(Duration::from_millis(600)));
    let (slow, busy) = tokio::join!(bench.have("demo"), async {
        while bench.files.turns.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        bench.have("other").await
    });
    assert_eq!(busy.unwrap_err(), "1 other files are on their way from the upstream, as many as may be at once");
    assert!(slow.unwrap() > 200_000);
    assert!(bench.have("other").await.unwrap() > 200_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_than_may_wait_do() {
    let bench = bench(Bounds { flights: 1, waiting: 1, wait: Duration::from_secs(60), ..Bounds::default() });
    bench.index.fault(&format!("/files/demo/{FILE}"), Fault::StallAfter(10));
    let Found::Coming(_flight) = bench.files.find(&bench.wanted("demo"), Box::new(|_| {})).await.unwrap() else {
        panic!("it is not here");
    };
    let start = Instant::now();
    assert!(bench.have("other").await.unwrap_err().contains("as many as may be at once"));
    assert!(start.elapsed() < Duration::from_secs(10), "at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_drips_is_given_up_on_and_its_turn_is_free_again() {
    let bench = bench(Bounds { flights: 1, pace: (100_000, 3 * SHORT), ..Bounds::default() });
    let path = format!("/files/demo/{FILE}");
    bench.index.fault(&path, Fault::Slow(100, SHORT / 10));
    let said = bench.have("demo").await.unwrap_err();
    assert!(said.contains("where a file must come with at least 100000"), "{said}");
    assert!(bench.have("other").await.unwrap() > 200_000);
    assert_eq!(std::fs::read_dir(bench.dir.path().join("tmp")).unwrap().count(), 0, "nothing half-written stays");
    bench.index.heal(&path);
    assert!(bench.have("demo").await.unwrap() > 200_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_file_is_read_once_however_many_ask_first() {
    let before = bench(Bounds::default());
    let size = before.have("demo").await.unwrap();
    // Another run on the same folder has read nothing yet.
    let files = Files::new(open(&before.dir), Upstream::new(Options::default()).unwrap());
    let bench = Bench { files, ..before };
    let wanted = bench.wanted("demo");
    let turn = Arc::new(tokio::sync::Mutex::new(()));
    bench.files.readings.lock().insert(wanted.digest, turn.clone());
    let reading = turn.clone().lock_owned().await;
    let asking: Vec<_> = (0..100)
        .map(|_| {
            let (files, wanted) = (bench.files.clone(), wanted.clone());
            tokio::spawn(async move {
                match files.find(&wanted, Box::new(|_| {})).await {
                    Ok(Found::Cached(file)) => file.len,
                    _ => panic!("it is kept"),
                }
            })
        })
        .collect();
    // All wait for the one who reads, each without a thread of its own.
    while Arc::strong_count(&turn) < 102 {
        tokio::task::yield_now().await;
    }
    assert!(asking.iter().all(|asks| !asks.is_finished()));
    drop(reading);
    for asks in asking {
        assert_eq!(asks.await.unwrap(), size);
    }
    assert!(bench.files.readings.lock().is_empty());
    assert_eq!(bench.index.count(&format!("/files/demo/{FILE}")), 1);
}
