//! Why a node could not start or end as it should.

use std::path::PathBuf;

use fanlight_policy::PolicyFault;

/// Why a node could not start or end as it should.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The asynchronous runtime could not be started.
    #[error("the runtime could not be started")]
    Runtime(#[source] std::io::Error),
    /// The state folder is used by another node.
    #[error("a Fanlight node is already running on {state}{at}", state = state.display())]
    AlreadyRunning {
        /// The state folder.
        state: PathBuf,
        /// Its process and address, where known: ` (process 12, http://127.0.0.1:7070)`.
        at: String,
    },
    /// The folder is somebody else's.
    #[error(
        "{state} is no state folder of Fanlight, and it is not empty: it holds {found}; nothing in it was touched",
        state = state.display()
    )]
    Foreign {
        /// The folder.
        state: PathBuf,
        /// What it holds, by name.
        found: String,
    },
    /// Something in the state folder could not be read or written.
    #[error("{doing} {path} failed", path = path.display())]
    State {
        /// What was being done.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The policies in the folder have faults, and there is no earlier set to go on with.
    #[error("the policies cannot be used:{}", faults(.0))]
    Policies(Vec<PolicyFault>),
    /// Access tokens cannot be issued.
    #[error("access tokens cannot be issued")]
    Tokens(#[from] fanlight_identity::TokenError),
    /// Two routes of one path.
    #[error("the table of routes is wrong: {0}")]
    Routes(String),
    /// Logging could not be set up.
    #[error("the telemetry could not be set up: {0}")]
    Telemetry(String),
    /// A cool-down's pattern cannot be used.
    #[error(transparent)]
    Pattern(#[from] fanlight_packages::PatternError),
    /// The scan's rules, or its verdicts from before.
    #[error("archives cannot be scanned")]
    Scanning(#[from] fanlight_packages::scanning::ScanningError),
    /// Lists of names that others imitate.
    #[error("imitations of names cannot be told")]
    Imitation(#[from] fanlight_packages::imitation::ImitationError),
    /// The database.
    #[error("the database cannot be used")]
    Store(#[from] fanlight_store::StoreError),
    /// What was put down of the policies.
    #[error("the policies in force cannot be put down")]
    InForce(#[from] fanlight_console::CannotBegin),
    /// The list of breached passwords.
    #[error("login.breached_passwords cannot be used")]
    Breached(#[from] fanlight_identity::BreachedError),
    /// A way of telling people.
    #[error(transparent)]
    Telling(#[from] fanlight_tell::SetUpError),
    /// What is kept of the feeds of advisories.
    #[error(transparent)]
    Feeds(#[from] fanlight_feeds::FeedsError),
    /// The cache of files.
    #[error("the cache of files cannot be used")]
    Blobs(#[from] fanlight_store::BlobError),
    /// The keys.
    #[error("the node's keys cannot be used")]
    Identity(#[from] fanlight_identity::OpenError),
    /// The operator's secret.
    #[error("the operator's secret cannot be written")]
    Operator(#[from] fanlight_identity::OperatorError),
    /// The ledger.
    #[error("the ledger cannot be opened")]
    Ledger(#[from] fanlight_ledger::OpenError),
    /// The accounts.
    #[error("the accounts cannot be reached")]
    Accounts(#[from] fanlight_identity::AccountError),
    /// The ledger's end.
    #[error("the ledger could not be closed as it should")]
    Close(#[from] fanlight_ledger::CloseError),
    /// The first record.
    #[error("the ledger takes no records")]
    Record(#[from] fanlight_gate::CannotRecord),
    /// The first record's sync.
    #[error("the ledger takes no records")]
    Sync(#[from] fanlight_ledger::AppendError),
    /// The listener.
    #[error(transparent)]
    Listen(#[from] fanlight_net::serve::BindError),
    /// The settings.
    #[error(transparent)]
    Config(#[from] fanlight_config::ConfigFault),
    /// A new ledger's name.
    #[error("the ledger cannot be made")]
    Origin(#[from] super::origin::NoRandom),
    /// A restore that was cut, or that could not be taken back.
    #[error(
        "a restore could neither be finished nor taken back; the state is whole, partly in {}",
        super::restore::exchange::WORK
    )]
    Exchange(#[source] std::io::Error),
    /// The client for upstreams.
    #[error("the client for upstreams cannot be built")]
    Upstream(#[from] fanlight_net::upstream::BuildError),
}

impl NodeError {
    pub(super) fn state(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::State { doing, path, source }
    }
}

fn faults(faults: &[PolicyFault]) -> String {
    faults.iter().map(|fault| format!("\n  {fault}")).collect()
}
