//! Why a backup could not be restored.

use std::io;
use std::path::PathBuf;

use fanlight_console::FileProblem;
use fanlight_policy::PolicyFault;

use super::super::lineage::Broken;
use super::super::origin::NoRandom;

/// Why a backup could not be restored. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The folder is in use or has something in it.
    #[error("{path} has something in it already; restore into a new folder, or start the node there, which keeps aside what it replaces", path = .0.display())]
    NotEmpty(PathBuf),
    /// The backup cannot be read.
    #[error("the backup cannot be read")]
    Unreadable(#[source] io::Error),
    /// The backup lacks something that every backup has.
    #[error("the backup holds no {0}, so it is none of Fanlight's or was cut")]
    Incomplete(&'static str),
    /// The backup has something in it that no backup has.
    #[error("the backup holds {0:?}, which no backup of Fanlight has; it was not restored")]
    Foreign(String),
    /// The database in it is damaged.
    #[error("the backup's database is not good")]
    Store(#[from] fanlight_store::StoreError),
    /// The root key in it does not belong to its database.
    #[error("the backup's root key and database do not belong together")]
    Identity(#[from] fanlight_identity::OpenError),
    /// The ledger in it does not verify.
    #[error("the backup's ledger does not verify")]
    Verify(#[from] fanlight_ledger::verify::VerifyError),
    /// The ledger in it cannot be read.
    #[error("the backup's ledger cannot be read")]
    Files(#[from] fanlight_ledger::files::FilesError),
    /// The ledgers in it do not continue one another.
    #[error("the backup's ledgers do not continue one another: {0}")]
    Lineage(Broken),
    /// The settings in it are wrong.
    #[error("with the backup's settings the node could not go on")]
    Settings(#[from] fanlight_config::ConfigFault),
    /// The policies in it have faults.
    #[error("with the backup's policies the node could not go on: {0}")]
    Policies(PolicyFault),
    /// A part of the state cannot be exchanged by moving it.
    #[error("{path} is a volume of its own or a link, which cannot be exchanged while the node runs; stop it, and restore into an empty folder", path = .0.display())]
    Volume(PathBuf),
    /// A file operation.
    #[error("{doing} failed")]
    File {
        /// What was being done.
        doing: &'static str,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The new ledger cannot be made.
    #[error("the new ledger cannot be made")]
    Ledger(#[from] fanlight_ledger::OpenError),
    /// The new ledger cannot be named.
    #[error("the new ledger cannot be made")]
    Origin(#[from] NoRandom),
    /// The new ledger does not close.
    #[error("the new ledger could not be closed")]
    Close(#[from] fanlight_ledger::CloseError),
    /// A fault in Fanlight.
    #[error("the restore ended unexpectedly")]
    Ended,
}

impl RestoreError {
    pub(super) fn file(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { doing, source }
    }
}

impl From<RestoreError> for FileProblem {
    /// What the caller of a running node is told.
    fn from(error: RestoreError) -> Self {
        use RestoreError as E;
        let words = fanlight_base::fault::with_causes(&error);
        let words = format!("Nothing was changed: {words}.");
        match error {
            E::NotEmpty(_) | E::Volume(_) => Self::Conflict(words),
            E::Unreadable(_)
            | E::Incomplete(_)
            | E::Foreign(_)
            | E::Store(_)
            | E::Identity(_)
            | E::Verify(_)
            | E::Files(_)
            | E::Lineage(_)
            | E::Settings(_)
            | E::Policies(_) => Self::Unusable(words),
            E::File { .. } | E::Ledger(_) | E::Origin(_) | E::Close(_) | E::Ended => Self::Failed(words),
        }
    }
}
