//! What the database knows of the ledger beside it: the newest checkpoint, kept as it is published, and how many records
//! were projected.
//!
//! So a ledger folder that is put back to an earlier state, exchanged or taken away is told at the next start, as long as
//! the database was not put back with it. Invariant: only what is on disk in the ledger is kept here.

use std::time::Duration;

use fanlight_ledger::checkpoint::Checkpoint;
use fanlight_ledger::{Known, Ledger};
use fanlight_store::{Store, StoreError};

use crate::projection::projected;

/// Where in the database the newest checkpoint is kept, its text without the signature.
const CHECKPOINT: &str = "ledger.checkpoint";
/// Pause after a checkpoint that could not be kept.
const PAUSE: Duration = Duration::from_secs(1);

/// What the database knows; nothing where it is new.
pub async fn known(store: &Store) -> Result<Known, StoreError> {
    let kept = store.setting(CHECKPOINT).await?;
    let checkpoint = kept.and_then(|text| Checkpoint::parse(&text).ok());
    Ok(Known { checkpoint, records: projected(store).await? })
}

/// Keeps the ledger's newest checkpoint.
pub async fn keep(store: &Store, ledger: &Ledger) -> Result<(), StoreError> {
    let checkpoint = ledger.checkpoint().borrow().to_string();
    store.save_setting(CHECKPOINT, &checkpoint).await
}

/// Keeps each checkpoint from now on, until the ledger goes.
pub async fn follow(store: Store, ledger: Ledger) {
    let mut newest = ledger.checkpoint();
    loop {
        while let Err(error) = keep(&store, &ledger).await {
            tracing::warn!(%error, "the newest checkpoint could not be kept in the database");
            tokio::time::sleep(PAUSE).await;
        }
        if newest.changed().await.is_err() {
            return;
        }
    }
}

/// Forgets the checkpoint, because another ledger continues this one.
pub(crate) async fn forget(store: &Store) -> Result<(), StoreError> {
    store.forget_setting(CHECKPOINT).await
}
