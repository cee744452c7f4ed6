//! Random mutations of good input, for a bounded time and the same ones for the same seed: `FANLIGHT_FUZZ_SEED` says which,
//! `FANLIGHT_FUZZ_SECONDS` for how long all targets of a crate run together.
//!
//! Invariant: some mutations are tried however busy the machine is, so a target that is run has been tested.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

/// Mutations that are tried at least.
const LEAST: u64 = 100;

/// A small random generator (SplitMix64), so that a run can be had again by its seed.
pub struct Random(u64);

impl Random {
    /// One that gives the same numbers for the same seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is over 0.
    ///
    /// # Panics
    /// When it is not.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("a small number");
        usize::try_from(self.number() % bound).expect("a number below a small one")
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// How the input of a crate's targets is mutated.
pub struct Fuzz<'a, P> {
    /// Pieces that the targets look for, put in at random places.
    pub pieces: &'a [P],
    /// Bytes of the longest input made. Longer ones find little more and are slower.
    pub longest: usize,
    /// How many targets share the time.
    pub targets: u32,
    /// Where an input on which a target failed is kept, and the first word of its name.
    pub kept: Option<(&'a Path, &'a str)>,
}

impl<P: AsRef<[u8]>> Fuzz<'_, P> {
    /// One input of the corpus, changed in a few places, now and then joined with a part of another.
    pub fn mutated(&self, random: &mut Random, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut data = random.pick(corpus).clone();
        for _ in 0..=random.below(4) {
            let at = random.below(data.len() + 1);
            let length = random.below(16).min(data.len() - at);
            let piece = random.pick(self.pieces).as_ref().iter().copied();
            match random.below(7) {
                0 if at < data.len() => data[at] ^= 1 << random.below(8),
                1 if at < data.len() => data[at] = random.number().to_le_bytes()[0],
                2 => drop(data.drain(at..at + length)),
                3 => drop(data.splice(at..at, piece)),
                4 => drop(data.splice(at..at + length, piece)),
                5 => {
                    let again = data[at..at + length].to_vec();
                    (0..random.below(20)).for_each(|_| drop(data.splice(at..at, again.iter().copied())));
                }
                _ => {
                    let other = random.pick(corpus);
                    let from = random.below(other.len() + 1);
                    data.truncate(at);
                    data.extend_from_slice(&other[from..]);
                }
            }
        }
        data.truncate(self.longest);
        data
    }

    /// Runs a target over its corpus and over mutations of it, and says how many it were.
    ///
    /// # Panics
    /// On the first input on which the target panics; the words show it.
    pub fn run(&self, name: &str, corpus: &[Vec<u8>], target: impl Fn(&[u8])) -> u64 {
        let time = Duration::from_secs(setting("FANLIGHT_FUZZ_SECONDS", 5)) / self.targets;
        let mut random = Random::new(setting("FANLIGHT_FUZZ_SEED", 1));
        corpus.iter().for_each(|data| self.tried(name, &target, data));
        let (start, mut runs) = (Instant::now(), 0);
        while runs < LEAST || start.elapsed() < time {
            self.tried(name, &target, &self.mutated(&mut random, corpus));
            runs += 1;
        }
        runs
    }

    fn tried(&self, name: &str, target: &impl Fn(&[u8]), data: &[u8]) {
        if catch_unwind(AssertUnwindSafe(|| target(data))).is_ok() {
            return;
        }
        let kept = self.kept.map_or_else(String::new, |(folder, of)| {
            let path = folder.join(format!("fuzz-{of}-{name}"));
            let kept =
                std::fs::write(&path, data).map_or_else(|error| error.to_string(), |()| path.display().to_string());
            format!(" (kept as {kept})")
        });
        panic!("{name} failed on {:?}{kept}", String::from_utf8_lossy(data));
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} is a whole number")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUZZ: Fuzz<'_, &str> = Fuzz { pieces: &["{", "\0"], longest: 64, targets: 1000, kept: None };

    #[test]
    fn mutations_are_the_same_for_the_same_seed_and_no_longer_than_asked() {
        let corpus = [b"pkg:pypi/a@1".to_vec(), vec![b'x'; 60]];
        let made = |seed| {
            let mut random = Random::new(seed);
            (0..200).map(|_| FUZZ.mutated(&mut random, &corpus)).collect::<Vec<_>>()
        };
        assert_eq!(made(7), made(7));
        assert_ne!(made(7), made(8));
        assert!(made(7).iter().all(|data| data.len() <= 64));
    }

    #[test]
    fn a_target_that_panics_is_told_with_its_input() {
        assert!(FUZZ.run("good", &[b"abc".to_vec()], |_| {}) >= LEAST);
        let failed = catch_unwind(|| FUZZ.run("bad", &[b"abc".to_vec()], |data| assert!(data.starts_with(b"abc"))));
        let words = *failed.expect_err("it finds one").downcast::<String>().expect("words");
        assert!(words.starts_with("bad failed on "), "{words}");
    }
}
