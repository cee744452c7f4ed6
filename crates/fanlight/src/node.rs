//! The running node: builds every part from the configuration, joins them, serves until told to stop, and ends cleanly.
//!
//! This file is the whole wiring on one screen. What each part does is in its crate; what only a running node needs is
//! in the modules beside.

pub mod backup;
mod banner;
mod claim;
mod error;
mod health;
mod origin;
mod policies;
mod telemetry;
mod upstream;

use std::path::Path;
use std::sync::Arc;

use fanlight_base::clock::SharedClock;
use fanlight_base::{Action, Facts, Resource, SystemClock};
use fanlight_config::Config;
use fanlight_console::{Board, Console, Parts, Projection};
use fanlight_gate::{Dispatch, Gate, GateParts, Hosts, Meters, Routes};
use fanlight_identity::{Identity, OperatorSecret};
use fanlight_ledger::{Ledger, Options};
use fanlight_net::{Listener, Tls, Upstream};
use fanlight_packages::cooldown::Cooldowns;
use fanlight_packages::files::Files;
use fanlight_packages::pypi::{Projects, ProjectsParts, PypiDoor, PypiParts};
use fanlight_policy::Guard;
use fanlight_store::{Blobs, Store};

pub use error::NodeError;

/// The node's own acts, as the policy schema names them.
mod action {
    use super::Action;

    pub const START: Action = Action::new("node:start");
    pub const STOP: Action = Action::new("node:stop");
    pub const POLICIES_CHANGED: Action = Action::new("node:policies-changed");
    pub const POLICIES_REFUSED: Action = Action::new("node:policies-refused");
    pub const UPSTREAM_FOUND: Action = Action::new("node:upstream-found");
    pub const RESTORED: Action = Action::new("node:restored");
}

/// Runs a node until it is told to stop by SIGTERM, SIGINT or Ctrl-C.
pub fn run(config: Config) -> Result<(), NodeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(NodeError::Runtime)?;
    let ended = runtime.block_on(up(config));
    // Blocking work that is left (a slow disk) does not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    ended
}

/// The parts of a node, joined but not yet open for callers.
struct Built {
    gate: Arc<Gate>,
    board: Arc<Board>,
    pypi: Arc<PypiDoor>,
    projection: Arc<Projection>,
    store: Store,
    routes: Routes,
    watched: policies::Watched,
}

async fn build(config: &Config, run: &Path) -> Result<Built, NodeError> {
    let clock: SharedClock = Arc::new(SystemClock);
    let state = &config.state;

    // What a decision stands on: who is calling, the policies, the ledger.
    let store = Store::open(&state.join("fanlight.db")).await?;
    let operator = OperatorSecret::create(&run.join("operator.token"))?;
    let identity = Identity::open(store.clone(), &state.join("root.key"), clock.clone()).await?;
    let identity = Arc::new(identity.with_operator(operator, &origin::person()));
    let (pack, watched) = policies::load(config)?;
    let options = Options { origin: origin::fresh(), clock: clock.clone(), publish_every: config.ledger_publish_every };
    let ledger = Ledger::open(&state.join("ledger"), options)?;
    let gate = Arc::new(Gate::new(GateParts {
        identity,
        guard: Arc::new(Guard::new(pack)),
        ledger: ledger.clone(),
        clock: clock.clone(),
        node: ledger.status().origin.into(),
        meters: Arc::new(Meters::default()),
    }));
    let board = Arc::new(Board::new(clock.now(), state.clone()));

    // The door.
    let client = Upstream::new(upstream::options())?;
    let projects = Projects::new(ProjectsParts {
        upstream: client.clone(),
        store: store.clone(),
        clock: clock.clone(),
        refresh: config.packages_refresh,
        memory: config.packages_memory.0,
    });
    let blobs = Blobs::open(&state.join("blobs"), config.packages_cache_size.0, clock.clone())?;
    let files = Files::new(blobs, client);
    let cooldowns = Cooldowns::new(config.packages_cooldown, config.packages_cooldown_for.0.iter().cloned())?;
    let pypi = PypiDoor::new(PypiParts { projects, files, cooldowns });

    // The console over it all.
    let projection = Projection::start(ledger.clone(), store.clone()).await?;
    let console = Console::new(Parts {
        gate: gate.clone(),
        pypi: pypi.clone(),
        store: store.clone(),
        projection: projection.clone(),
        board: board.clone(),
        backup: backup::writer(state.clone(), store.clone(), ledger),
    });
    let health = health::routes(gate.clone(), board.clone(), pypi.clone(), projection.clone());
    let routes = pypi.routes().with(console.routes()).with(health);
    Ok(Built { gate, board, pypi, projection, store, routes, watched })
}

async fn up(config: Config) -> Result<(), NodeError> {
    let claim = claim::take(&config.state)?;
    let telemetry = telemetry::start(&config)?;
    let Built { gate, board, pypi, projection, store, routes, watched } = build(&config, &claim.run).await?;
    let hosts = match &config.listen_tls {
        // Which names a certificate of the steward's has is the steward's business, and to no other name does a browser
        // speak over TLS, so that none can be made to lead here.
        fanlight_config::Tls::Files { .. } => Hosts::any(),
        fanlight_config::Tls::Off | fanlight_config::Tls::Auto => Hosts::named([origin::machine()]),
    };
    let dispatch = Arc::new(Dispatch::new(gate.clone(), routes, hosts).map_err(NodeError::Routes)?);

    // Open for callers.
    let tls = match &config.listen_tls {
        fanlight_config::Tls::Off => Tls::Off,
        fanlight_config::Tls::Auto => Tls::Auto { folder: config.state.join("tls") },
        fanlight_config::Tls::Files { cert, key } => Tls::Files { certificate: cert.clone(), key: key.clone() },
    };
    let listener = Listener::bind(config.listen_address, &tls, gate.clock().clone()).await?;
    upstream::settle(&config, &store, &gate, &pypi, &board, &listener).await?;
    let facts = Facts::new().with("version", env!("CARGO_PKG_VERSION"));
    gate.record_own(action::START, &Resource::new("Node", "this"), facts)?.durable().await?;
    claim.publish_schema()?;
    claim.announce(&listener, &board, matches!(tls, Tls::Auto { .. }))?;
    let watcher = tokio::spawn(policies::watch(watched, gate.clone(), board.clone()));
    let flusher = tokio::spawn(flush_last_used(gate.identity().clone()));
    telemetry.count(&gate);
    board.set_serving(true);
    banner::ready(&board, &config)?;

    let drained = fanlight_net::serve(listener, dispatch, stop_signal(board.clone())).await;

    // Down in the opposite order; what was taken is on disk before the process ends.
    watcher.abort();
    flusher.abort();
    projection.stop();
    let facts = Facts::new().with("cut_connections", i64::try_from(drained.cut).unwrap_or(i64::MAX));
    if let Ok(receipt) = gate.record_own(action::STOP, &Resource::new("Node", "this"), facts) {
        let _ = receipt.durable().await;
    }
    if let Err(error) = gate.identity().flush_last_used().await {
        tracing::warn!(%error, "when devices were last used could not be kept");
    }
    let ledger = gate.ledger().clone();
    let closed = tokio::task::spawn_blocking(move || ledger.close()).await;
    store.close().await;
    telemetry.end();
    claim.release();
    banner::stopped();
    match closed {
        Ok(closed) => Ok(closed?),
        Err(_) => Ok(()),
    }
}

/// When devices were last used is kept every half minute, not on the way of a request.
async fn flush_last_used(identity: Arc<Identity>) {
    let mut every = tokio::time::interval(std::time::Duration::from_secs(30));
    loop {
        every.tick().await;
        if let Err(error) = identity.flush_last_used().await {
            tracing::warn!(%error, "when devices were last used could not be kept");
        }
    }
}

async fn stop_signal(board: Arc<Board>) {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(error) => {
                tracing::error!(%error, "SIGTERM cannot be listened for");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
    board.set_serving(false);
    banner::stopping();
}

#[cfg(test)]
mod tests;
