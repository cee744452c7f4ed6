//! Every set that comes into force is kept as a version, with where it came from.

use fanlight_policy::PolicyFiles;
use fanlight_store::{ProposalRow, SetRow, StoreError, VersionRow};

use super::{InForce, Origin, State};

/// Why the policies in force could not be put down at the start.
#[derive(Debug, thiserror::Error)]
pub enum CannotBegin {
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger took no record.
    #[error("the record of which policies are in force cannot be kept: {0}")]
    Ledger(String),
}

/// A set as the store keeps it.
pub(crate) fn row_of(files: &PolicyFiles) -> SetRow {
    let named = files.iter().map(|(name, text)| (name.to_owned(), text.to_owned()));
    SetRow { digest: files.digest(), files: named.collect() }
}

impl InForce {
    /// At the start: what a kill left between approval and version is put right. The set in the folder is the one that counts.
    ///
    /// # Errors
    /// Where the database does not answer, or the ledger takes no record.
    pub async fn begin(&self) -> Result<(), CannotBegin> {
        let mut state = self.state.lock().await;
        let digest = state.files.digest();
        for row in self.parts.store.proposals(Some("approved")).await? {
            if row.digest == digest {
                state.origin = origin_of(row);
                // The kill may have come before its record.
                self.resumed(&state.origin).await.map_err(CannotBegin::Ledger)?;
            } else {
                self.parts.store.let_proposal_wait(&row.id).await?;
            }
        }
        self.kept(&mut state).await?;
        Ok(())
    }

    /// The number of the set in force, which is kept now where it is not yet.
    pub(super) async fn kept(&self, state: &mut State) -> Result<u64, StoreError> {
        if let Some(version) = state.version {
            return Ok(version);
        }
        let (store, set) = (&self.parts.store, row_of(&state.files));
        let newest = store.version_up_to(None).await?;
        let number = match newest.filter(|newest| newest.digest == set.digest && state.origin == Origin::default()) {
            Some(newest) => newest.version,
            None => {
                let origin = self.origin(&state.origin, &set).await?;
                let row = VersionRow {
                    version: 0,
                    since: self.parts.gate.now(),
                    digest: set.digest.clone(),
                    files: set.files.len() as u64,
                    person: origin.person,
                    approver: origin.approver,
                    because: origin.because,
                    proposal: origin.proposal,
                };
                let number = store.insert_version(&row, &set, &self.parts.telling.ways("published")).await?;
                self.parts.telling.wake();
                number
            }
        };
        (state.version, state.origin) = (Some(number), Origin::default());
        Ok(number)
    }

    /// Where a set came from. One that came by the folder may be what somebody proposed and could not be written there.
    async fn origin(&self, origin: &Origin, set: &SetRow) -> Result<Origin, StoreError> {
        if origin.proposal.is_some() {
            return Ok(origin.clone());
        }
        let open = |row: &ProposalRow| row.digest == set.digest && ["waiting", "approved"].contains(&&*row.state);
        Ok(self.parts.store.proposals(None).await?.into_iter().find(open).map(origin_of).unwrap_or_default())
    }
}

fn origin_of(row: ProposalRow) -> Origin {
    Origin { proposal: Some(row.id), person: Some(row.person), approver: row.answered_by, because: Some(row.because) }
}
