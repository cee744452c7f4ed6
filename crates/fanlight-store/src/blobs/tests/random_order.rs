//! Properties: against a model, one step after another; and many threads at once.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Keep(u8),
    KeepWrong(u8),
    Get(u8),
    GiveUp(u8),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u8..12).prop_map(Step::Keep),
        1 => (0_u8..12).prop_map(Step::KeepWrong),
        4 => (0_u8..12).prop_map(Step::Get),
        1 => (0_u8..12).prop_map(Step::GiveUp),
        1 => Just(Step::Restart),
    ]
}

/// Contents of different sizes, by number.
fn content(n: u8) -> Vec<u8> {
    vec![n; 10 + usize::from(n) * 3]
}

const LIMIT: u64 = 120;

/// The same rules, written as simply as can be: the front was used longest ago.
#[derive(Default)]
struct Model(VecDeque<u8>);

impl Model {
    fn bytes(&self) -> u64 {
        self.0.iter().map(|n| content(*n).len() as u64).sum()
    }

    fn used(&mut self, n: u8) {
        self.0.retain(|other| *other != n);
        self.0.push_back(n);
    }

    /// Makes room for bytes on their way in, as far as there is something to make room.
    fn comes(&mut self, bytes: u64) {
        while self.bytes() + bytes > LIMIT && self.0.pop_front().is_some() {}
    }

    fn keep(&mut self, n: u8) {
        self.comes(content(n).len() as u64);
        self.used(n);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_folder_does_what_the_model_does(steps in prop::collection::vec(step(), 1..60)) {
        let mut bench = Bench::new();
        let mut blobs = bench.open(LIMIT);
        let mut model = Model::default();
        for step in steps {
            // Over an hour apart, so that each use reaches the disk and a restart changes nothing.
            bench.later(HOUR_MS + 1);
            match step {
                Step::Keep(n) => {
                    keep(&blobs, &content(n));
                    model.keep(n);
                }
                Step::KeepWrong(n) => {
                    let mut partial = blobs.begin().unwrap();
                    partial.write(&content(n)).unwrap();
                    partial.write(b"!").unwrap();
                    prop_assert!(partial.finish(Sha256::of(&content(n))).is_err());
                    model.comes(content(n).len() as u64 + 1);
                }
                Step::Get(n) => {
                    let got = blobs.get(Sha256::of(&content(n))).unwrap();
                    prop_assert_eq!(got.is_some(), model.0.contains(&n));
                    if let Some(got) = got {
                        prop_assert_eq!(content_of(got), content(n));
                        model.used(n);
                    }
                }
                Step::GiveUp(n) => {
                    drop(blobs.begin().unwrap().write(&content(n)));
                    model.comes(content(n).len() as u64);
                }
                Step::Restart => {
                    drop(blobs);
                    blobs = bench.open(LIMIT);
                }
            }
            prop_assert_eq!(blobs.usage().bytes, model.bytes());
            prop_assert_eq!((bench.files(), bench.tmp()), (model.0.len(), 0));
        }
    }
}

/// Six threads keep, read and thereby evict the same few files. Whatever is given out is whole, nothing is left over, and
/// what the index says is what the folder holds.
#[test]
fn many_at_once_read_only_whole_files() {
    let bench = Bench::new();
    let blobs = bench.open(6000);
    let read = AtomicU64::new(0);
    let body = |n: u64| vec![u8::try_from(n).unwrap(); 1000 + usize::try_from(n).unwrap()];
    std::thread::scope(|scope| {
        for thread in 0..6_u64 {
            let (blobs, read) = (&blobs, &read);
            scope.spawn(move || {
                let mut random = thread * 7919 + 1;
                for _ in 0..150 {
                    random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let n = (random >> 33) % 12;
                    match (random >> 50) % 4 {
                        0 => {
                            keep(blobs, &body(n));
                        }
                        1 => {
                            let mut partial = blobs.begin().unwrap();
                            partial.write(&body(n)).unwrap();
                            assert!(partial.finish(Sha256::of(&body(n + 1))).is_err());
                        }
                        _ => {
                            if let Some(blob) = blobs.get(Sha256::of(&body(n))).unwrap() {
                                std::thread::yield_now();
                                assert_eq!(content_of(blob), body(n));
                                read.fetch_add(1, Ordering::Relaxed);
                            }
                        }
                    }
                    assert!(blobs.usage().bytes <= 6000);
                }
            });
        }
    });
    assert!(read.load(Ordering::Relaxed) > 0);
    let usage = blobs.usage();
    assert_eq!((usage.files as usize, bench.tmp()), (bench.files(), 0));
    drop(blobs);
    assert_eq!(bench.open(6000).usage(), usage);
}
