//! Callers remembered between requests, and when their devices and keys were last used. No I/O.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use fanlight_base::{DeviceId, Principal, Timestamp, limits};
use parking_lot::Mutex;
use quick_cache::sync::Cache;
use ring::digest;

use crate::caller::Caller;
use crate::seal::Month;

/// A use is noted at most this often for a caller: the store keeps last uses to about a minute.
const NOTE_EVERY_MS: i64 = 60_000;

/// SHA-256 of what was shown, from where, in which month. The token itself is never kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; 32]);

impl Key {
    pub(super) fn of(token: Option<&str>, peer: IpAddr, month: Month) -> Self {
        match token {
            Some(token) => Self::of_shown(1, token.as_bytes(), peer, month),
            None => Self::of_shown(0, &[], peer, month),
        }
    }

    /// The same of a certificate, for which no token is mistaken.
    pub(super) fn of_certificate(sha256: &[u8; 32], peer: IpAddr, month: Month) -> Self {
        Self::of_shown(2, sha256, peer, month)
    }

    fn of_shown(kind: u8, shown: &[u8], peer: IpAddr, month: Month) -> Self {
        let mut hash = digest::Context::new(&digest::SHA256);
        // Fixed sizes first and what was shown last: no two inputs make the same bytes.
        hash.update(&month.bytes());
        match peer {
            IpAddr::V4(peer) => {
                hash.update(&[4]);
                hash.update(&peer.octets());
            }
            IpAddr::V6(peer) => {
                hash.update(&[6]);
                hash.update(&peer.octets());
            }
        }
        hash.update(&[kind]);
        hash.update(shown);
        let mut out = [0; 32];
        out.copy_from_slice(hash.finish().as_ref());
        Self(out)
    }
}

/// What is noted to be in use.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Used {
    /// A device's token.
    Device(DeviceId),
    /// A key, by its name in lists.
    Key(String),
}

struct Remembered {
    generation: u64,
    caller: Arc<Caller>,
    noted_ms: AtomicI64,
}

pub(super) struct Callers {
    remembered: Cache<Key, Arc<Remembered>>,
    generation: AtomicU64,
    uses: Mutex<HashMap<Used, Timestamp>>,
}

impl Callers {
    pub(super) fn new() -> Self {
        Self {
            remembered: Cache::new(limits::REMEMBERED_CALLERS),
            generation: AtomicU64::new(0),
            uses: Mutex::new(HashMap::new()),
        }
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// Forgets everybody: called after a revocation is in the store.
    pub(super) fn forget(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.remembered.clear();
    }

    pub(super) fn get(&self, key: &Key, now: Timestamp) -> Option<Arc<Caller>> {
        let found = self.remembered.get(key)?;
        // A key that ends by itself ends here, too.
        if found.generation != self.generation() || found.caller.key.as_ref().is_some_and(|key| key.until <= now) {
            return None;
        }
        let now_ms = now.as_millisecond();
        if now_ms - found.noted_ms.load(Ordering::Relaxed) >= NOTE_EVERY_MS {
            found.noted_ms.store(now_ms, Ordering::Relaxed);
            self.note(&found.caller, now);
        }
        Some(found.caller.clone())
    }

    pub(super) fn put(&self, key: Key, generation: u64, caller: Arc<Caller>, now: Timestamp) {
        self.note(&caller, now);
        let noted_ms = AtomicI64::new(now.as_millisecond());
        self.remembered.insert(key, Arc::new(Remembered { generation, caller, noted_ms }));
    }

    fn note(&self, caller: &Caller, now: Timestamp) {
        let used = match (&caller.key, &caller.principal) {
            (Some(key), _) => Used::Key(key.id.clone()),
            (None, Principal::Person { device: Some(device), .. }) => Used::Device(device.clone()),
            _ => return,
        };
        let mut uses = self.uses.lock();
        // Bounded even where nobody ever writes them down.
        if uses.len() < limits::REMEMBERED_CALLERS || uses.contains_key(&used) {
            let at = uses.entry(used).or_insert(now);
            *at = now.max(*at);
        }
    }

    pub(super) fn take_uses(&self) -> Vec<(Used, Timestamp)> {
        std::mem::take(&mut *self.uses.lock()).into_iter().collect()
    }

    pub(super) fn give_back(&self, uses: Vec<(Used, Timestamp)>) {
        let mut newer = self.uses.lock();
        for (used, at) in uses {
            let kept = newer.entry(used).or_insert(at);
            *kept = at.max(*kept);
        }
    }
}
