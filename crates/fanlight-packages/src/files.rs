//! Files of releases: fetched once, verified against the index's hash while they stream, kept by content, served to many.
//!
//! Refuses to know what an ecosystem's index looks like: it is asked for a hash and an address. Its invariants: what is
//! not the hash's content is never stored; a client never gets the last bytes of a file before the whole is verified;
//! however many clients ask for a cold file, the upstream is asked once.

mod delivery;
mod flight;
mod range;
mod read;
mod serve;

use std::collections::HashMap;
use std::sync::Arc;

use fanlight_net::Upstream;
use fanlight_store::{BlobError, BlobFile, Blobs, Sha256};
use parking_lot::Mutex;
use url::Url;

pub use delivery::Delivery;
pub use flight::{FileFault, Flight, OnFault};
pub use serve::{Carries, FileHeaders, Served, cached, streamed};

/// Reading a file of more bytes than this takes longer than handing the other requests of a thread to another.
const LARGE: u64 = 1024 * 1024;

/// A file the index promises.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its content's SHA-256, as the index states it.
    pub sha256: Sha256,
    /// Where the upstream has it.
    pub url: Url,
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

/// The files of all package doors.
pub struct Files {
    blobs: Blobs,
    upstream: Upstream,
    /// By content and address: a dead address must not fail those who have a good one.
    flights: Mutex<HashMap<(Sha256, Url), Arc<Flight>>>,
}

impl Files {
    /// Files kept in `blobs`, fetched through `upstream`.
    pub fn new(blobs: Blobs, upstream: Upstream) -> Arc<Self> {
        Arc::new(Self { blobs, upstream, flights: Mutex::default() })
    }

    /// The cache.
    pub const fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// A wanted file's size in bytes, where the index states it or the file is here.
    pub fn length(&self, wanted: &Wanted) -> Option<u64> {
        wanted.size.or_else(|| self.blobs.length(&wanted.sha256))
    }

    /// Finds a file here or has it fetched. `on_fault` is told when a fetch started by this call fails.
    pub fn find(self: &Arc<Self>, wanted: &Wanted, on_fault: OnFault) -> Result<Found, BlobError> {
        // Opening a file that is there takes microseconds; leaving this thread for it would take many times that, and halve
        // how many small files are served.
        // Only a large one leaves it, because the first to open it in a run reads it whole to see that it is unchanged.
        let get = || self.blobs.get(&wanted.sha256);
        let is_large = wanted.size.is_none_or(|size| size > LARGE);
        if let Some(file) = if is_large { tokio::task::block_in_place(get) } else { get() }? {
            return Ok(Found::Cached(file));
        }
        let mut flights = self.flights.lock();
        if let Some(flight) = flights.get(&(wanted.sha256, wanted.url.clone())) {
            return Ok(Found::Coming(flight.clone()));
        }
        let flight = Flight::start(self.clone(), wanted.clone(), on_fault);
        flights.insert((wanted.sha256, wanted.url.clone()), flight.clone());
        Ok(Found::Coming(flight))
    }

    /// A flight ended; those who ask from now on find the blob or start another.
    fn landed(&self, wanted: &Wanted) {
        self.flights.lock().remove(&(wanted.sha256, wanted.url.clone()));
    }
}

/// Does something when it goes, also in a panic.
pub(crate) struct OnDrop<F: FnMut()>(pub(crate) F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}
