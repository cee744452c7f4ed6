//! The folder of blobs: what is kept, what is never kept, what goes first.

mod random_order;

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use fanlight_base::clock::FixedClock;

use super::*;
use crate::digest::Sha256;

const HOUR_MS: i64 = 60 * 60 * 1000;
/// A start for the clock that is later than any file's true modification time.
const START_MS: i64 = 4_000_000_000_000;

struct Bench {
    dir: tempfile::TempDir,
    clock: Arc<FixedClock>,
    now_ms: i64,
}

impl Bench {
    fn new() -> Self {
        let now = Timestamp::from_millisecond(START_MS).unwrap();
        Self { dir: tempfile::tempdir().unwrap(), clock: Arc::new(FixedClock::new(now)), now_ms: START_MS }
    }

    fn open(&self, limit_bytes: u64) -> Blobs {
        let blobs = Blobs::open(self.dir.path(), limit_bytes, self.clock.clone()).unwrap();
        assert!(blobs.wait_until_scanned(Duration::from_secs(10)));
        blobs
    }

    fn later(&mut self, ms: i64) {
        self.now_ms += ms;
        self.clock.set(Timestamp::from_millisecond(self.now_ms).unwrap());
    }

    fn files(&self) -> usize {
        let shards = fs::read_dir(self.dir.path().join("sha256")).unwrap();
        shards.map(|shard| fs::read_dir(shard.unwrap().path()).unwrap().count()).sum()
    }

    fn tmp(&self) -> usize {
        fs::read_dir(self.dir.path().join("tmp")).unwrap().count()
    }
}

fn keep(blobs: &Blobs, content: &[u8]) -> Sha256 {
    let digest = Sha256::of(content);
    let mut partial = blobs.begin().unwrap();
    for piece in content.chunks(7) {
        partial.write(piece).unwrap();
    }
    assert_eq!(content_of(partial.finish(digest).unwrap()), content);
    digest
}

fn content_of(mut blob: BlobFile) -> Vec<u8> {
    let mut out = Vec::new();
    blob.file.read_to_end(&mut out).unwrap();
    assert_eq!(out.len() as u64, blob.len);
    out
}

#[test]
fn what_was_kept_is_found_now_and_after_a_start() {
    let bench = Bench::new();
    let blobs = bench.open(1000);
    assert!(blobs.get(Sha256::of(b"hello")).unwrap().is_none());
    let digest = keep(&blobs, b"hello");
    keep(&blobs, b"hello");
    keep(&blobs, b"");
    let path = bench.dir.path().join("sha256").join(&digest.to_string()[..2]).join(digest.to_string());
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(blobs.usage(), Usage { bytes: 5, files: 2, coming_bytes: 0, limit_bytes: 1000, scanned: true });
    drop(blobs);
    let again = bench.open(1000);
    assert_eq!(content_of(again.get(digest).unwrap().unwrap()), b"hello");
    assert_eq!(again.usage(), Usage { bytes: 5, files: 2, coming_bytes: 0, limit_bytes: 1000, scanned: true });
    assert_eq!(bench.tmp(), 0);
}

#[test]
fn wrong_content_is_never_kept() {
    let bench = Bench::new();
    let blobs = bench.open(1000);
    let promised = Sha256::of(b"what was promised");
    let mut partial = blobs.begin().unwrap();
    let reader = partial.reader();
    partial.write(b"what was promise").unwrap();
    let refused = partial.finish(promised).unwrap_err();
    assert!(matches!(&refused, BlobError::WrongHash { expected, .. } if **expected == promised.into()), "{refused}");
    assert!(refused.to_string().contains(&promised.to_string()));
    assert_eq!(reader.progress(), Progress::Failed);
    assert!(reader.read_at(0, &mut [0; 4]).is_err());
    assert!(blobs.get(promised).unwrap().is_none());
    assert_eq!((bench.files(), bench.tmp()), (0, 0));
}

#[test]
fn what_is_given_up_is_removed_and_its_readers_are_told() {
    let bench = Bench::new();
    let blobs = bench.open(1000);
    let mut partial = blobs.begin().unwrap();
    partial.write(b"half").unwrap();
    let reader = partial.reader();
    assert_eq!(bench.tmp(), 1);
    drop(partial);
    assert_eq!((bench.tmp(), reader.progress()), (0, Progress::Failed));
}

#[test]
fn what_a_killed_process_left_is_removed_at_the_start() {
    let bench = Bench::new();
    let blobs = bench.open(1000);
    let kept = keep(&blobs, b"kept");
    let mut partial = blobs.begin().unwrap();
    partial.write(b"half").unwrap();
    // A killed process runs no destructor.
    std::mem::forget(partial);
    fs::write(bench.dir.path().join("tmp/evicted-of-old"), "x").unwrap();
    drop(blobs);
    let again = bench.open(1000);
    assert_eq!((bench.tmp(), bench.files()), (0, 1));
    assert_eq!(content_of(again.get(kept).unwrap().unwrap()), b"kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_follow_a_file_while_it_grows() {
    let bench = Bench::new();
    let blobs = bench.open(1 << 20);
    let content: Vec<u8> = (0..100_000_u32).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1]).collect();
    let mut partial = blobs.begin().unwrap();
    let readers: Vec<_> = (0..8)
        .map(|n| {
            let mut reader = partial.reader();
            tokio::spawn(async move {
                let (mut seen, mut buffer) = (Vec::new(), vec![0; 1000 + n]);
                loop {
                    let progress = reader.past(seen.len() as u64).await;
                    match reader.read_at(seen.len() as u64, &mut buffer).unwrap() {
                        0 => return (seen, progress),
                        got => seen.extend_from_slice(&buffer[..got]),
                    }
                }
            })
        })
        .collect();
    for piece in content.chunks(3001) {
        partial.write(piece).unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(partial.written(), 100_000);
    let late = partial.reader();
    partial.finish(Sha256::of(&content)).unwrap();
    for reader in readers {
        let (seen, progress) = tokio::time::timeout(Duration::from_secs(10), reader).await.unwrap().unwrap();
        assert_eq!((seen == content, progress), (true, Progress::Finished(100_000)));
    }
    let mut end = [0; 10];
    assert_eq!(late.read_at(99_995, &mut end).unwrap(), 5);
    assert_eq!(late.read_at(200_000, &mut end).unwrap(), 0);
}

#[test]
fn the_least_recently_used_goes_first() {
    let mut bench = Bench::new();
    let blobs = bench.open(30);
    let [a, b, c] = [b"a123456789", b"b123456789", b"c123456789"].map(|content| {
        bench.later(1);
        keep(&blobs, content)
    });
    bench.later(1);
    blobs.get(a).unwrap();
    bench.later(1);
    let d = keep(&blobs, b"d123456789");
    let there: Vec<bool> = [a, b, c, d].iter().map(|digest| blobs.get(digest).unwrap().is_some()).collect();
    assert_eq!(there, [true, false, true, true]);
    assert_eq!((blobs.usage().bytes, bench.files(), bench.tmp()), (30, 3, 0));
}

#[test]
fn the_order_of_use_survives_a_start() {
    let mut bench = Bench::new();
    let blobs = bench.open(30);
    let [a, b, c] = [b"a123456789", b"b123456789", b"c123456789"].map(|content| {
        bench.later(HOUR_MS);
        keep(&blobs, content)
    });
    // Within the hour a use stays in memory; after it, the disk is told.
    bench.later(HOUR_MS / 2);
    blobs.get(c).unwrap();
    bench.later(HOUR_MS);
    blobs.get(a).unwrap();
    drop(blobs);
    // Then a file that was kept but never asked for: it is as young as its keeping.
    let again = bench.open(30);
    keep(&again, b"d123456789");
    drop(again);
    let again = bench.open(30);
    let there: Vec<bool> = [a, b, c].iter().map(|digest| again.get(digest).unwrap().is_some()).collect();
    assert_eq!(there, [true, false, true]);
}

#[test]
fn a_smaller_limit_is_met_at_the_next_start() {
    let bench = Bench::new();
    let blobs = bench.open(1000);
    for n in 0..50_u8 {
        keep(&blobs, &[n; 20]);
    }
    drop(blobs);
    let again = bench.open(100);
    // The scan evicts after it has told that it is done.
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    while bench.files() != 5 || bench.tmp() != 0 {
        assert!(std::time::Instant::now() < deadline, "{:?}", again.usage());
        std::thread::yield_now();
    }
    assert_eq!(again.usage().bytes, 100);
}

#[test]
fn a_file_over_the_limit_by_itself_is_given_out_but_not_kept() {
    let bench = Bench::new();
    let blobs = bench.open(10);
    let small = keep(&blobs, b"small");
    let large = keep(&blobs, b"larger than ten bytes");
    assert!(blobs.get(large).unwrap().is_none());
    assert!(blobs.get(small).unwrap().is_none(), "it was older");
    assert_eq!((blobs.usage().bytes, bench.files(), bench.tmp()), (0, 0, 0));
}

#[test]
fn kept_files_make_room_for_what_is_on_its_way() {
    let bench = Bench::new();
    let blobs = bench.open(30);
    let [a, b] = [b"a123456789", b"b123456789"].map(|content| keep(&blobs, content));
    let on_disk = || blobs.usage().bytes + blobs.usage().coming_bytes;
    let mut coming = blobs.begin().unwrap();
    coming.write(b"0123456789").unwrap();
    assert_eq!((blobs.usage().files, on_disk()), (2, 30));
    coming.write(b"!").unwrap();
    assert!(blobs.get(a).unwrap().is_none() && blobs.get(b).unwrap().is_some(), "the one used longest ago left");
    assert_eq!((blobs.usage().coming_bytes, on_disk(), bench.tmp()), (11, 21, 1));
    let second = blobs.begin().map(|mut second| second.write(&[0; 20]).map(|()| second)).unwrap().unwrap();
    assert_eq!((blobs.usage().files, blobs.usage().coming_bytes), (0, 31), "nothing is left to make room");
    drop(second);
    coming.finish(Sha256::of(b"0123456789!")).unwrap();
    assert_eq!((blobs.usage().bytes, blobs.usage().coming_bytes, bench.tmp()), (11, 0, 0));
}

#[test]
fn looking_reads_nothing() {
    let bench = Bench::new();
    let blobs = bench.open(1000);
    let digest = keep(&blobs, b"content");
    assert!(matches!(blobs.find(digest).unwrap(), Lookup::Unread));
    blobs.get(digest).unwrap().unwrap();
    assert!(matches!(blobs.find(digest).unwrap(), Lookup::Kept(BlobFile { len: 7, .. })));
    assert!(matches!(blobs.find(Sha256::of(b"another")).unwrap(), Lookup::Absent));
}

#[test]
fn whoever_reads_an_evicted_file_reads_on() {
    let bench = Bench::new();
    let blobs = bench.open(10);
    let digest = keep(&blobs, b"0123456789");
    let mut open = blobs.get(digest).unwrap().unwrap();
    let mut start = [0; 4];
    open.file.read_exact(&mut start).unwrap();
    keep(&blobs, b"9876543210");
    assert!(blobs.get(digest).unwrap().is_none());
    let mut rest = String::new();
    open.file.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "456789");
}

#[test]
fn a_file_changed_or_removed_behind_our_back_is_not_given_out() {
    let bench = Bench::new();
    let blobs = bench.open(1000);
    let path = |digest: &Sha256| blobs.0.path_of(digest);
    let (cut, gone) = (keep(&blobs, b"will be cut"), keep(&blobs, b"will be gone"));
    File::options().write(true).open(path(&cut)).unwrap().set_len(4).unwrap();
    fs::remove_file(path(&gone)).unwrap();
    assert!(blobs.get(cut).unwrap().is_none());
    assert!(blobs.get(gone).unwrap().is_none());
    assert_eq!((blobs.usage().files, blobs.usage().bytes, bench.files()), (0, 0, 0));
    keep(&blobs, b"will be cut");
}

#[test]
fn a_file_overwritten_with_as_many_bytes_is_dropped_in_this_run_and_after_a_start() {
    use std::os::unix::fs::FileExt as _;
    let bench = Bench::new();
    let blobs = bench.open(1000);
    let overwrite = |blobs: &Blobs, digest: &Sha256| {
        // Later than the tick of the system's clock in which it was last touched.
        std::thread::sleep(Duration::from_millis(30));
        let file = File::options().write(true).open(blobs.0.path_of(digest)).unwrap();
        file.write_all_at(b"evil", 3).unwrap();
    };
    // Never given out, given out before, and changed before a start.
    let [unread, read, old] = [&b"the first"[..], b"the second", b"the third"].map(|content| keep(&blobs, content));
    assert_eq!(content_of(blobs.get(read).unwrap().unwrap()), b"the second");
    for digest in [unread, read] {
        overwrite(&blobs, &digest);
        assert!(blobs.get(digest).unwrap().is_none());
        assert!(!blobs.0.path_of(digest).exists());
    }
    assert!(blobs.get(old).unwrap().is_some());
    overwrite(&blobs, &old);
    drop(blobs);
    let again = bench.open(1000);
    assert!(again.get(old).unwrap().is_none());
    assert_eq!((again.usage().files, again.usage().bytes, bench.files()), (0, 0, 0));
    keep(&again, b"the third");
    assert!(again.get(old).unwrap().is_some());
}

#[test]
fn a_file_is_read_once_and_our_own_touch_is_no_reason_to_read_it_again() {
    let mut bench = Bench::new();
    let blobs = bench.open(1000);
    let digest = keep(&blobs, b"content");
    let is_verified = |blobs: &Blobs| {
        let stamp = verify::stamp(&fs::metadata(blobs.0.path_of(digest)).unwrap());
        blobs.0.index.lock().is_verified(&digest.into(), stamp)
    };
    assert!(!is_verified(&blobs));
    blobs.get(digest).unwrap().unwrap();
    assert!(is_verified(&blobs));
    bench.later(2 * HOUR_MS);
    blobs.get(digest).unwrap().unwrap();
    assert!(is_verified(&blobs), "the time of use was told to the disk");
}

#[test]
fn what_is_not_named_by_a_digest_is_left_alone() {
    let bench = Bench::new();
    fs::create_dir_all(bench.dir.path().join("sha256/ab")).unwrap();
    fs::write(bench.dir.path().join("sha256/ab/notes.txt"), "mine").unwrap();
    let blobs = bench.open(1);
    keep(&blobs, b"something");
    assert!(bench.dir.path().join("sha256/ab/notes.txt").exists());
    assert_eq!(blobs.usage().files, 0);
}

#[test]
fn files_are_found_before_the_folder_was_read() {
    let bench = Bench::new();
    let blobs = bench.open(10_000);
    let digests: Vec<Sha256> = (0..200_u8).map(|n| keep(&blobs, &[n; 10])).collect();
    drop(blobs);
    // Not waited for: some are asked for before the scan comes by, and must be counted once.
    let blobs = Blobs::open(bench.dir.path(), 10_000, bench.clock.clone()).unwrap();
    assert!(digests.iter().rev().all(|digest| blobs.get(digest).unwrap().is_some()));
    assert!(blobs.wait_until_scanned(Duration::from_secs(10)));
    assert_eq!((blobs.usage().files, blobs.usage().bytes), (200, 2000));
}

#[test]
fn a_full_disk_is_named() {
    let full = BlobError::io("writing", Path::new("/state/blobs/tmp/1.part"))(io::Error::from_raw_os_error(28));
    assert!(matches!(full, BlobError::DiskFull { .. }));
    assert!(full.to_string().contains("the disk is full while writing /state/blobs/tmp/1.part"), "{full}");
}

#[test]
fn a_file_may_be_kept_under_a_stronger_digest() {
    let bench = Bench::new();
    let blobs = bench.open(1000);
    let digest_of = |content: &[u8]| Algorithm::Sha512.of_ring(&ring::digest::digest(&ring::digest::SHA512, content));
    let begun = || {
        let mut partial = blobs.begin_under(Algorithm::Sha512).unwrap();
        partial.write(b"an archive").unwrap();
        partial
    };
    let refused = begun().finish(digest_of(b"another")).unwrap_err();
    assert!(refused.to_string().contains("SHA-512"), "{refused}");
    // The right content under a digest by another algorithm is not what was promised either.
    assert!(matches!(begun().finish(Sha256::of(b"an archive")), Err(BlobError::WrongHash { .. })));
    begun().finish(digest_of(b"an archive")).unwrap();
    assert!(blobs.get(Sha256::of(b"an archive")).unwrap().is_none());
    drop(blobs);
    // Another run reads it before it believes its name.
    let blobs = bench.open(1000);
    assert_eq!(blobs.usage().files, 1);
    let digest = digest_of(b"an archive");
    assert!(matches!(blobs.find(digest).unwrap(), Lookup::Unread));
    assert_eq!(blobs.get(digest).unwrap().unwrap().len, 10);
    fs::write(blobs.0.path_of(digest), "changed!!!").unwrap();
    drop(blobs);
    assert!(bench.open(1000).get(digest).unwrap().is_none());
}
