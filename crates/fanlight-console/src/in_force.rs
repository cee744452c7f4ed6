//! The company's policies in force and the folder they come from: a change of the folder is taken up within a second, a broken
//! file never replaces a working set, an approved proposal is put into the folder, and every set is kept as a version.
//!
//! Refuses to know who may publish. Invariants: no set is in force before its record is on disk; while one is put into the
//! folder nothing is taken up from there, so that half a set never is; the folder stays the one truth of what is in force.

pub(crate) mod history;
mod watch;

pub use history::CannotBegin;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fanlight_base::{PersonId, limits};
use fanlight_gate::Gate;
use fanlight_policy::folder::publish::{self, PublishError};
use fanlight_policy::folder::{Fingerprint, fingerprint};
use fanlight_policy::{Pack, PolicyFault, PolicyFiles};
use fanlight_store::{Store, StoreError};
use tokio::sync::{Mutex, Semaphore};

use crate::{Board, Telling};

/// The folder as it was read at the start.
pub struct Loaded {
    folder: PathBuf,
    disabled: Vec<String>,
    seen: Fingerprint,
    files: PolicyFiles,
}

impl Loaded {
    /// Reads the folder; what a kill left of a publication is finished first.
    ///
    /// # Errors
    /// Everything that is wrong with the policies there.
    pub fn read(folder: PathBuf, disabled: Vec<String>) -> Result<(Pack, Self), Vec<PolicyFault>> {
        settle(&folder);
        // Before the reading, so that a change meanwhile is seen as one.
        let seen = fingerprint(&folder);
        let (pack, files) = Pack::load_with_files(&folder, &disabled)?;
        Ok((pack, Self { folder, disabled, seen, files }))
    }
}

/// Finishes what a kill left of a publication. Where that cannot be, the set counts all the same, and it is tried again.
fn settle(folder: &Path) {
    match publish::settle(folder) {
        Ok(false) => {}
        Ok(true) => tracing::info!("policies whose publication was cut were put into their places"),
        Err(error) => tracing::error!(error = fanlight_base::fault::with_causes(&error), "tried again"),
    }
}

/// What the policies in force are joined to.
pub struct InForceParts {
    /// Where they are in force, and recorded.
    pub gate: Arc<Gate>,
    /// Where what is wrong with them is shown.
    pub board: Arc<Board>,
    /// Where versions are kept.
    pub store: Store,
    /// Who is told of proposals.
    pub telling: Arc<Telling>,
}

/// The policies in force.
pub struct InForce {
    parts: InForceParts,
    folder: PathBuf,
    disabled: Vec<String>,
    /// Held while the folder is looked at or written.
    state: Mutex<State>,
    checks: Semaphore,
}

/// What is known of the folder.
struct State {
    seen: Fingerprint,
    /// What was found and is not settled yet.
    found: Option<Found>,
    /// The set in force.
    files: PolicyFiles,
    /// Its number, once it is kept.
    version: Option<u64>,
    /// Where it came from, until it is kept.
    origin: Origin,
    /// Proposals that were put down as approved and did not come into force: they have to wait again.
    unwound: Vec<String>,
}

/// Where a set came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The proposal; nothing where it came by the folder.
    pub(crate) proposal: Option<String>,
    /// Who proposed it.
    pub(crate) person: Option<PersonId>,
    /// Who approved it.
    pub(crate) approver: Option<PersonId>,
    /// Why.
    pub(crate) because: Option<String>,
}

/// What was found in the folder and is not settled yet.
enum Found {
    /// A good set.
    Good(Pack, PolicyFiles, Origin),
    /// A broken one, in words for the record.
    Broken(String),
}

/// The set in force, and which version it is.
#[derive(Debug, Clone)]
pub(crate) struct Current {
    pub(crate) version: u64,
    pub(crate) files: PolicyFiles,
}

/// Why a set could not be put in force. Unless it says otherwise, the one from before is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotPublished {
    /// Another version is in force.
    #[error("version {0} is in force by now")]
    Outdated(u64),
    /// The folder has changed and is not what is in force.
    #[error("the policy folder holds something else than what is in force")]
    FolderChanged,
    /// It has faults.
    #[error("the policies have faults")]
    Faults(Vec<PolicyFault>),
    /// The proposal does not wait any more.
    #[error("the proposal does not wait any more")]
    Answered,
    /// The folder could not be written.
    #[error(transparent)]
    Folder(#[from] PublishError),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is in the folder, and in force as soon as its record can be kept.
    #[error("the policies are in the folder and wait for their record")]
    Waits,
    /// The work broke off.
    #[error("the work broke off")]
    Broken,
}

impl InForce {
    /// Joins what was read at the start to the node.
    pub fn new(loaded: Loaded, parts: InForceParts) -> Arc<Self> {
        let Loaded { folder, disabled, seen, files } = loaded;
        let (origin, unwound) = (Origin::default(), Vec::new());
        let state = State { seen, found: None, files, version: None, origin, unwound };
        let checks = Semaphore::new(limits::POLICY_CHECKS_AT_ONCE);
        Arc::new(Self { parts, folder, disabled, state: Mutex::new(state), checks })
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The set in force and its version.
    pub(crate) async fn current(&self) -> Result<Current, StoreError> {
        let mut state = self.state.lock().await;
        let version = self.kept(&mut state).await?;
        Ok(Current { version, files: state.files.clone() })
    }

    /// What the files would be in force as, or what is wrong with them. At most some are looked at at once; others wait.
    pub(crate) async fn check(&self, files: PolicyFiles) -> Result<Pack, Vec<PolicyFault>> {
        let _turn = self.checks.acquire().await;
        let disabled = self.disabled.clone();
        tokio::task::spawn_blocking(move || Pack::of_texts(files.iter(), &disabled))
            .await
            .unwrap_or_else(|_| Err(Vec::new()))
    }

    /// Puts the files of a proposal into the folder and in force; gives its version. `approve` puts down that it is approved,
    /// and says whether it waited.
    pub(crate) async fn publish(
        &self,
        files: PolicyFiles,
        base: u64,
        origin: Origin,
        approve: impl Future<Output = Result<bool, StoreError>>,
    ) -> Result<u64, NotPublished> {
        let pack = self.check(files.clone()).await.map_err(NotPublished::Faults)?;
        let mut state = self.state.lock().await;
        let version = self.kept(&mut state).await?;
        if version != base {
            return Err(NotPublished::Outdated(version));
        }
        let (folder, seen) = (self.folder.clone(), state.seen.clone());
        let is_as_in_force = tokio::task::spawn_blocking(move || fingerprint(&folder) == seen).await.unwrap_or(false);
        if state.found.is_some() || self.parts.board.policy_fault().is_some() || !is_as_in_force {
            return Err(NotPublished::FolderChanged);
        }
        // What is approved now is not taken back by what happened before.
        state.unwound.retain(|id| Some(id) != origin.proposal.as_ref());
        match approve.await {
            Ok(true) => {}
            Ok(false) => return Err(NotPublished::Answered),
            Err(error) => {
                // It may stand there all the same.
                state.unwound.extend(origin.proposal);
                return Err(error.into());
            }
        }
        let (folder, set) = (self.folder.clone(), files.clone());
        let written = tokio::task::spawn_blocking(move || {
            let done = publish::publish(&folder, &set);
            (done, fingerprint(&folder))
        });
        let Ok((written, seen)) = written.await else {
            state.unwound.extend(origin.proposal);
            return Err(NotPublished::Broken);
        };
        match written {
            // It counts; the watcher moves the rest into place.
            Err(error @ PublishError::Unsettled { .. }) => {
                tracing::error!(error = fanlight_base::fault::with_causes(&error), "tried again");
            }
            Err(error) => {
                state.unwound.extend(origin.proposal);
                self.unwind(&mut state).await;
                return Err(error.into());
            }
            Ok(()) => {}
        }
        state.seen = seen;
        state.found = self.settled(&mut state, Found::Good(pack, files, origin)).await;
        if state.found.is_some() {
            return Err(NotPublished::Waits);
        }
        Ok(self.kept(&mut state).await?)
    }

    /// Lets those wait again that were approved and are not in force; what cannot be kept now is tried again.
    async fn unwind(&self, state: &mut State) {
        while let Some(proposal) = state.unwound.last() {
            if let Err(error) = self.parts.store.let_proposal_wait(proposal).await {
                tracing::warn!(%error, proposal, "that a proposal waits again could not be kept yet");
                return;
            }
            state.unwound.pop();
        }
    }
}
