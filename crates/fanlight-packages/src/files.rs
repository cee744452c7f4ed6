//! Files of releases: fetched once, verified against the index's hash while they stream, kept by content, served to many.
//!
//! Refuses to know what an ecosystem's index looks like: it is asked for a hash and an address. Its invariants: what is
//! not the hash's content is never stored; a client never gets the last bytes of a file before the whole is verified;
//! however many clients ask for a cold file, the upstream is asked once; only so many files are on their way at once.

mod delivery;
mod flight;
mod range;
mod read;
mod serve;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use fanlight_base::limits;
use fanlight_net::Upstream;
use fanlight_store::{BlobFile, Blobs, Digest, Lookup};
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use url::Url;

pub use delivery::Delivery;
pub use flight::{FileFault, Flight, OnFault, Progress};
pub use serve::{BeforeEnd, Carries, FileHeaders, Served, cached, streamed};

/// A file the index promises.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its content's digest, as the index states it.
    pub digest: Digest,
    /// Where the upstream has it.
    pub url: Url,
    /// The upstream, as the steward named it.
    pub named_by: Url,
    /// Its size in bytes, where the index states it.
    pub size: Option<u64>,
    /// The most bytes it may have.
    pub limit: u64,
}

/// Where a wanted file is.
pub enum Found {
    /// Here, whole and verified.
    Cached(BlobFile),
    /// On its way from the upstream.
    Coming(Arc<Flight>),
}

/// The bounds on files on their way; the defaults are those of [`fanlight_base::limits`].
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// On their way at once.
    pub flights: usize,
    /// On their way or waiting for their turn.
    pub waiting: usize,
    /// How long a file waits for its turn.
    pub wait: Duration,
    /// Bytes that must come in each span of time.
    pub pace: (u64, Duration),
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            flights: limits::FLIGHTS,
            waiting: limits::FLIGHTS_AND_WAITING,
            wait: limits::FLIGHT_WAIT_TIME,
            pace: (limits::FILE_PACE_BYTES, limits::FILE_PACE_TIME),
        }
    }
}

/// The files of all package doors.
pub struct Files {
    blobs: Blobs,
    upstream: Upstream,
    bounds: Bounds,
    /// By content and address: a dead address must not fail those who have a good one.
    flights: Mutex<HashMap<(Digest, Url), Arc<Flight>>>,
    /// One for each file that may be on its way.
    turns: Semaphore,
    /// Kept files that are being read for the first time in this run.
    readings: Mutex<HashMap<Digest, Arc<tokio::sync::Mutex<()>>>>,
}

impl Files {
    /// Files kept in `blobs`, fetched through `upstream`.
    pub fn new(blobs: Blobs, upstream: Upstream) -> Arc<Self> {
        Self::within(Bounds::default(), blobs, upstream)
    }

    /// The same with bounds of one's own.
    pub fn within(bounds: Bounds, blobs: Blobs, upstream: Upstream) -> Arc<Self> {
        Arc::new(Self {
            blobs,
            upstream,
            bounds,
            flights: Mutex::default(),
            turns: Semaphore::new(bounds.flights),
            readings: Mutex::default(),
        })
    }

    /// The cache.
    pub const fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// A wanted file's size in bytes, where the index states it or the file is here.
    pub fn length(&self, wanted: &Wanted) -> Option<u64> {
        wanted.size.or_else(|| self.blobs.length(wanted.digest))
    }

    /// Finds a file here or has it fetched. `on_fault` is told when a fetch started by this call fails.
    pub async fn find(self: &Arc<Self>, wanted: &Wanted, on_fault: OnFault) -> Result<Found, FileFault> {
        // Opening a file that is there takes microseconds; leaving this thread for it would take many times that, and halve
        // how many small files are served.
        let kept = match self.blobs.find(wanted.digest).map_err(FileFault::Cache)? {
            Lookup::Kept(file) => Some(file),
            Lookup::Unread => self.first_read(wanted.digest).await?,
            Lookup::Absent => None,
        };
        if let Some(file) = kept {
            return Ok(Found::Cached(file));
        }
        let mut flights = self.flights.lock();
        if let Some(flight) = flights.get(&(wanted.digest, wanted.url.clone())) {
            return Ok(Found::Coming(flight.clone()));
        }
        if flights.len() >= self.bounds.waiting {
            return Err(FileFault::Busy { flights: self.bounds.flights });
        }
        let flight = Flight::start(self.clone(), wanted.clone(), on_fault);
        flights.insert((wanted.digest, wanted.url.clone()), flight.clone());
        Ok(Found::Coming(flight))
    }

    /// Whoever is the first to ask for a file in a run has it read whole, to see that it is unchanged; the others wait for
    /// that, and leave their threads to others.
    async fn first_read(self: &Arc<Self>, digest: Digest) -> Result<Option<BlobFile>, FileFault> {
        let turn = self.readings.lock().entry(digest).or_default().clone();
        let turn = turn.lock_owned().await;
        let files = self.clone();
        // The turn ends with the reading, also where the one who began it has gone.
        let read = flight::blocking(move || {
            let found = files.blobs.get(digest);
            files.readings.lock().remove(&digest);
            drop(turn);
            found
        });
        read.await?.map_err(FileFault::Cache)
    }

    /// A flight ended; those who ask from now on find the blob or start another.
    fn landed(&self, wanted: &Wanted) {
        self.flights.lock().remove(&(wanted.digest, wanted.url.clone()));
    }
}

/// Does something when it goes, also in a panic.
pub(crate) struct OnDrop<F: FnMut()>(pub(crate) F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}
