//! What pages take in memory, weighed: whoever makes something that stays holds a [`Load`] of its bytes, and the scale
//! shows the sum of all loads that are alive.
//!
//! Invariant: a load is on the scale exactly as long as it exists, so what has been dropped from a table but is still
//! being served still counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that an allocation of `bytes` takes: the allocators in use keep a word for themselves and hand out multiples of
/// sixteen, thirty-two at least. Nothing allocated takes nothing.
pub const fn allocated(bytes: usize) -> usize {
    if bytes == 0 {
        return 0;
    }
    let taken = (bytes + 8).next_multiple_of(16);
    if taken < 32 { 32 } else { taken }
}

/// What a shared text takes: two counters stand before it.
pub const fn shared(text: &str) -> usize {
    allocated(16 + text.len())
}

/// A sum of bytes, itself part of a larger one where it stands on another scale.
#[derive(Debug, Default)]
pub struct Scale {
    bytes: AtomicU64,
    under: Option<Arc<Scale>>,
}

impl Scale {
    /// A scale whose bytes count on `under`, too.
    pub fn on(under: Arc<Self>) -> Arc<Self> {
        Arc::new(Self { bytes: AtomicU64::new(0), under: Some(under) })
    }

    /// What stands on it.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    fn add(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        if let Some(under) = &self.under {
            under.add(bytes);
        }
    }

    fn take(&self, bytes: u64) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        if let Some(under) = &self.under {
            under.take(bytes);
        }
    }
}

/// Bytes on a scale, until it is dropped.
#[derive(Debug)]
pub struct Load {
    scale: Arc<Scale>,
    bytes: AtomicU64,
}

impl Load {
    /// Puts `bytes` on the scale.
    pub fn new(scale: &Arc<Scale>, bytes: usize) -> Self {
        let load = Self { scale: scale.clone(), bytes: AtomicU64::new(0) };
        load.add(bytes);
        load
    }

    /// Another load on the same scale, with an end of its own.
    pub fn another(&self, bytes: usize) -> Self {
        Self::new(&self.scale, bytes)
    }

    /// Puts more on.
    pub fn add(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.scale.add(bytes as u64);
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.scale.take(*self.bytes.get_mut());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_count_on_every_scale_below_as_long_as_they_are_there() {
        let all = Arc::new(Scale::default());
        let (one, other) = (Scale::on(all.clone()), Scale::on(all.clone()));
        let (first, second) = (Load::new(&one, 10), Load::new(&other, 100));
        first.add(5);
        assert_eq!((one.bytes(), other.bytes(), all.bytes()), (15, 100, 115));
        drop(first);
        assert_eq!((one.bytes(), other.bytes(), all.bytes()), (0, 100, 100));
        drop(second);
        assert_eq!(all.bytes(), 0);
    }
}
