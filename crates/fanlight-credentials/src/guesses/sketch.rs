//! Counts in fixed memory: four rows of cells, each cell the instant at which all that was counted in it has run off
//! (the generic cell rate algorithm). A key's count is the least of its four cells.

use std::time::Duration;

const ROWS: usize = 4;
/// Cells of a row: sixteen bits of a hash each. All rows together take two mebibytes.
const CELLS: usize = 1 << 16;

/// So many at once, and then one in each such time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    at_once: u64,
    every_ms: u64,
}

impl Rate {
    pub(super) const fn new(at_once: u64, every: Duration) -> Self {
        // A constant of a few minutes.
        Self { at_once, every_ms: every.as_secs() * 1000 }
    }
}

/// Where a key is counted: a cell of each row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place([usize; ROWS]);

impl Place {
    /// Of a hash that nobody outside can foresee.
    pub(super) fn of(hash: u64) -> Self {
        Self(std::array::from_fn(|row| usize::try_from((hash >> (16 * row)) & 0xffff).unwrap_or_default()))
    }
}

/// The cells.
#[derive(Debug)]
pub(super) struct Sketch(Vec<[u64; ROWS]>);

impl Sketch {
    pub(super) fn new() -> Self {
        Self(vec![[0; ROWS]; CELLS])
    }

    /// When all that was counted for a key has run off, at the latest.
    fn end(&self, place: Place) -> u64 {
        place.0.iter().enumerate().map(|(row, cell)| self.0[*cell][row]).min().unwrap_or_default()
    }

    /// Milliseconds until nothing is counted for a key; 0 where nothing is now.
    pub(super) fn left(&self, place: Place, now: u64) -> u64 {
        self.end(place).saturating_sub(now)
    }

    /// Milliseconds until one more may be; 0 where it may be now.
    pub(super) fn wait(&self, place: Place, rate: Rate, now: u64) -> u64 {
        let allowed = now + rate.every_ms * (rate.at_once - 1);
        self.end(place).saturating_sub(allowed)
    }

    /// Counts one.
    pub(super) fn charge(&mut self, place: Place, rate: Rate, now: u64) {
        let end = self.end(place).max(now) + rate.every_ms;
        for (row, cell) in place.0.iter().enumerate() {
            let cell = &mut self.0[*cell][row];
            // Only what is behind is raised (conservative update): so others' counts grow as little as can be.
            *cell = (*cell).max(end);
        }
    }

    /// Takes one back that was counted.
    pub(super) fn give_back(&mut self, place: Place, rate: Rate) {
        let end = self.end(place);
        for (row, cell) in place.0.iter().enumerate() {
            let cell = &mut self.0[*cell][row];
            // A cell that is ahead is somebody else's count, and stays.
            if *cell == end {
                *cell = end.saturating_sub(rate.every_ms);
            }
        }
    }
}
