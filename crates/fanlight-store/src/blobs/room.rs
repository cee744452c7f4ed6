//! How much of the disk is left to others. The cache can be fetched again, the ledger cannot, and without it the doors close.

use fanlight_base::limits;

use super::Inner;
use super::index::Index;

impl Inner {
    /// Whether as much of the disk is free as shall stay so; kept files give way for it.
    pub(super) fn has_room(&self) -> bool {
        if missing(self) == 0 {
            return true;
        }
        self.comes(0);
        self.short(&self.index.lock()) == 0
    }

    /// Bytes missing to what shall stay free, those that are leaving counted as free.
    pub(super) fn short(&self, index: &Index) -> u64 {
        missing(self).saturating_sub(index.leaving)
    }
}

/// Bytes missing on this disk. None where the system does not say how full it is: then the first write that fails tells.
fn missing(inner: &Inner) -> u64 {
    let Ok(disk) = rustix::fs::statvfs(&inner.dir) else { return 0 };
    let reserve = limits::CACHE_LEAVES_FREE_BYTES.min(disk.f_blocks * disk.f_frsize / limits::CACHE_LEAVES_FREE_PART);
    reserve.saturating_sub(disk.f_bavail * disk.f_frsize)
}
