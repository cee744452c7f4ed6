use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fanlight_base::SystemClock;

use super::*;
use crate::{Ledger, LogFiles, OpenError, Options};

fn open(dir: &Path, known: &Known) -> Result<Ledger, OpenError> {
    let options = Options {
        origin: "fanlight/test/00000001".to_owned(),
        clock: Arc::new(SystemClock),
        publish_every: Duration::from_millis(5),
    };
    Ledger::open_known(dir, options, known)
}

/// Brings the ledger in `dir` to `size` entries; gives its checkpoint.
fn grown(dir: &Path, size: u64, entry: &str) -> Checkpoint {
    let ledger = open(dir, &Known::default()).unwrap();
    for n in ledger.status().durable..size {
        ledger.append(format!("{entry} {n}").into_bytes()).unwrap().wait().unwrap();
    }
    ledger.close().unwrap();
    LogFiles::open(dir).unwrap().checkpoint().clone()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(from, to).unwrap();
        }
    }
}

#[track_caller]
fn refused(dir: &Path, known: &Known) -> NotTheKnown {
    match open(dir, known) {
        Err(OpenError::NotTheKnown(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_ledger_that_continues_what_is_known_opens_whatever_the_sizes() {
    let dir = tempfile::tempdir().unwrap();
    let mut all = vec![Known::default()];
    for size in [0, 1, 2, 255, 256, 257, 600] {
        let checkpoint = grown(dir.path(), size, "entry");
        all.push(Known { checkpoint: Some(checkpoint), records: size });
        for known in &all {
            open(dir.path(), known).unwrap_or_else(|error| panic!("{size}: {known:?}: {error}")).close().unwrap();
        }
    }
}

#[test]
fn a_ledger_that_went_back_was_forked_exchanged_or_taken_away_is_told_and_left_as_it_is() {
    let top = tempfile::tempdir().unwrap();
    let [one, old, other] = ["one", "old", "other"].map(|name| top.path().join(name));
    grown(&one, 300, "entry");
    copy(&one, &old);
    let checkpoint = grown(&one, 700, "entry");
    let known = Known { checkpoint: Some(checkpoint.clone()), records: 0 };
    assert!(matches!(refused(&old, &known), NotTheKnown::Older { known: 700, found: 300 }));
    let projected = Known { checkpoint: None, records: 301 };
    assert!(matches!(refused(&old, &projected), NotTheKnown::Fewer { known: 301, found: 300 }));
    // Another history under the same key, longer or of the same length.
    for size in [700, 900] {
        assert_eq!(grown(&old, size, "another").size, size);
        assert!(matches!(refused(&old, &known), NotTheKnown::Forked { known: 700 }), "{size}");
        assert_eq!(LogFiles::open(&old).unwrap().checkpoint().size, size, "nothing was signed over it");
    }
    grown(&other, 0, "");
    std::fs::remove_dir_all(&other).unwrap();
    assert!(matches!(refused(&other, &known), NotTheKnown::Gone { known: 700 }));
    assert!(!other.exists(), "nothing was made in its place");
    assert_eq!(LogFiles::open(&one).unwrap().check_known(&known).map_err(|error| error.to_string()), Ok(()));
    let renamed =
        Known { checkpoint: Some(Checkpoint { origin: "fanlight/test/2".to_owned(), ..checkpoint }), records: 0 };
    assert!(matches!(refused(&one, &renamed), NotTheKnown::Other { .. }));
}
