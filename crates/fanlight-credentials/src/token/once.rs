//! What may be used once (`jti` of proofs and assertions), remembered until it is over anyway.
//!
//! Invariant: nothing is forgotten early. Where there is no room left, the next one is refused, since an attacker who
//! could push out what was used could use it again.

use std::collections::{BTreeSet, HashSet};

use fanlight_base::Timestamp;
use parking_lot::Mutex;

/// Remembers what was used. At one node: what must not be used twice at two nodes needs a store that they share.
#[derive(Debug)]
pub struct Once {
    most: usize,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    keys: HashSet<[u8; 32]>,
    ends: BTreeSet<(Timestamp, [u8; 32])>,
}

/// There is no room to remember more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many tokens that may be used once are in use: try again in a moment")]
pub struct Full;

impl Once {
    /// Room for so many at a time; each takes about 150 bytes.
    pub fn new(most: usize) -> Self {
        Self { most, used: Mutex::default() }
    }

    /// Whether it was used already; that it was asked uses nothing up.
    pub fn is_used(&self, key: &[u8; 32]) -> bool {
        self.used.lock().keys.contains(key)
    }

    /// Whether it is used for the first time: from then on it is used, until `until`, when it must be refused for its age.
    pub fn first(&self, key: [u8; 32], until: Timestamp, now: Timestamp) -> Result<bool, Full> {
        let mut used = self.used.lock();
        let used = &mut *used;
        while let Some((end, over)) = used.ends.first().copied()
            && end < now
        {
            used.ends.remove(&(end, over));
            used.keys.remove(&over);
        }
        if used.keys.contains(&key) {
            return Ok(false);
        }
        if used.keys.len() >= self.most {
            return Err(Full);
        }
        used.keys.insert(key);
        used.ends.insert((until, key));
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_thing_is_new_once_until_it_is_over() {
        let once = Once::new(10);
        assert!(!once.is_used(&[1; 32]));
        assert_eq!(once.first([1; 32], at(100), at(0)), Ok(true));
        assert!(once.is_used(&[1; 32]));
        assert_eq!(once.first([1; 32], at(100), at(100)), Ok(false));
        assert_eq!(once.first([1; 32], at(200), at(101)), Ok(true), "it is refused for its age by then");
    }

    #[test]
    fn nothing_is_pushed_out() {
        let once = Once::new(2);
        assert_eq!(once.first([1; 32], at(100), at(0)), Ok(true));
        assert_eq!(once.first([2; 32], at(50), at(0)), Ok(true));
        assert_eq!(once.first([3; 32], at(100), at(0)), Err(Full));
        assert_eq!(once.first([1; 32], at(100), at(0)), Ok(false));
        assert_eq!(once.first([3; 32], at(100), at(51)), Ok(true), "what is over makes room");
        assert_eq!(once.first([1; 32], at(100), at(51)), Ok(false));
    }

    proptest! {
        #[test]
        fn no_key_is_new_twice_in_its_time(uses in proptest::collection::vec((0_u8..6, 1_i64..40), 1..100)) {
            let once = Once::new(3);
            let mut ends = std::collections::HashMap::new();
            for (now, (key, lives)) in (0_i64..).zip(uses) {
                if once.first([key; 32], at(now + lives), at(now)) == Ok(true) {
                    let before = ends.insert(key, now + lives);
                    prop_assert!(before.is_none_or(|end| end < now));
                }
            }
        }
    }
}
