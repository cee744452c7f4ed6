//! When a scan has to be over.
//!
//! Whoever begins another piece of its work asks first. Refuses to know what becomes of a scan that is late.

use std::time::{Duration, Instant};

/// The end of a scan's time; none where it lies further away than a clock can tell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// So long from now.
    pub fn after(time: Duration) -> Self {
        Self(Instant::now().checked_add(time))
    }

    /// Whether it has come.
    pub fn is_over(self) -> bool {
        self.0.is_some_and(|end| Instant::now() >= end)
    }
}
