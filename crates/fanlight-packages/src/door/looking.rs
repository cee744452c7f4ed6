//! Looking into a file for people, whatever policies say of fetching it: what comes out is a report of the scan, and no byte of
//! the file.
//!
//! It is had and kept as every file is: from the cache, else from its upstream with that one's login, verified by its index's hash,
//! once for all who ask. Asks no policy: whoever looks was judged for looking, and whoever fetches it is judged as ever.

use std::sync::Arc;

use fanlight_gate::Context;
use fanlight_store::Digest;

use super::Door;
use super::files::fault_recorder;
use crate::ecosystem::{Ecosystem, Index as _, Part};
use crate::files::{FileFault, Found, Progress};
use crate::judge::{Asked, Asking};
use crate::project::LookError;
use crate::scanning::{Arrived, Grade, earlier};

/// A file that was looked into. Its report is kept under its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookedInto {
    /// Its content.
    pub digest: Digest,
    /// Its bytes.
    pub bytes: u64,
    /// Whether it was in the cache already.
    pub was_here: bool,
}

/// Why a file could not be looked into.
#[derive(Debug, thiserror::Error)]
pub enum NotLookedInto {
    /// This node scans nothing.
    #[error("this node looks into no files")]
    Off,
    /// The project's page could not be had.
    #[error("its page could not be looked at")]
    Page(#[from] Arc<LookError>),
    /// The page does not list it.
    #[error("its index does not list {file:?}")]
    Gone {
        /// Its name.
        file: String,
    },
    /// Nothing to verify it by.
    #[error("the index states no hash for {file} that it can be verified by, or no address")]
    Unverifiable {
        /// Its name.
        file: String,
    },
    /// It could not be fetched.
    #[error("{file} could not be had: {}", fault.words())]
    File {
        /// Its name.
        file: String,
        /// Why not.
        fault: Arc<FileFault>,
    },
    /// The scan could not read it.
    #[error("{file} could not be scanned: {why}")]
    Unread {
        /// Its name.
        file: String,
        /// Why not.
        why: String,
    },
}

impl<E: Ecosystem> Door<E> {
    /// Has the file that the project's page lists under this name, and has it scanned.
    pub(super) async fn looked_into(
        &self,
        context: &Context,
        name: &E::Name,
        file: &str,
    ) -> Result<LookedInto, NotLookedInto> {
        let scanning = self.shared.scanning.as_ref().ok_or(NotLookedInto::Off)?;
        let named = || file.to_owned();
        let seen = self.projects.see(name).await?;
        let listed = seen.thing.index.files().iter().find(|listed| *E::file_name(name, listed) == *file);
        let listed = listed.ok_or_else(|| NotLookedInto::Gone { file: named() })?;
        let located = self.ecosystem.locate(&self.projects, &seen.thing, listed, Part::Whole).await?;
        let wanted = located.ok_or_else(|| NotLookedInto::Unverifiable { file: named() })?;
        let Asked { resource, .. } = Asking::new(&seen, &self.shared, context.now).ask(listed);
        let shown = E::file_name(name, listed);
        let on_fault = fault_recorder::<E>(context.gate.clone(), name, &shown, &resource);
        let failed = |fault: Arc<FileFault>| NotLookedInto::File { file: named(), fault };
        let found = self.shared.files.find(&wanted, on_fault).await.map_err(|fault| failed(Arc::new(fault)))?;
        let (content, bytes, was_here) = match found {
            Found::Cached(blob) => (Arc::new(blob.file), blob.len, true),
            Found::Coming(flight) => match flight.over_or_beyond(u64::MAX).await {
                Progress::Verified { length, file } => (file, length, false),
                Progress::Failed(fault) => return Err(failed(fault)),
                Progress::Asked | Progress::Writing { .. } => return Err(failed(Arc::new(FileFault::Lost))),
            },
        };
        let earlier = earlier(&seen.thing, listed);
        let arrived = Arrived { digest: wanted.digest, file: &shown, content, length: bytes, earlier: &earlier };
        let verdict = scanning.verdict(arrived).await;
        match verdict.grade {
            Grade::Unread => Err(NotLookedInto::Unread { file: named(), why: verdict.words.clone() }),
            _ => Ok(LookedInto { digest: wanted.digest, bytes, was_here }),
        }
    }
}
