//! The running node: builds every part from the configuration, joins them, serves until told to stop, and ends cleanly.
//!
//! This file is the whole wiring on one screen. What each part does is in its crate; what only a running node needs is
//! in the modules beside. A node lives once for each state it serves: a restore ends one life and begins the next, in the
//! same process, on the same socket.

pub mod backup;
mod banner;
mod claim;
mod error;
mod feeds;
mod first;
mod health;
mod issuers;
pub mod lineage;
mod origin;
mod providers;
mod reach;
pub mod restore;
mod room;
mod settings;
mod stop;
mod telemetry;
mod telling;
mod upstream;

use std::path::Path;
use std::sync::Arc;

use fanlight_base::clock::SharedClock;
use fanlight_base::{Action, Facts, Resource, Secret, SystemClock};
use fanlight_config::Config;
use fanlight_console::{
    Board, Console, InForce, InForceParts, Loaded, Marks, Parts, Projection, Roster, Standing, Telling, known, standing,
};
use fanlight_feeds::Feeds;
use fanlight_gate::{Dispatch, Gate, GateParts, Hosts, Meters, Routes};
use fanlight_identity::{BreachedList, Identity, OperatorSecret};
use fanlight_ledger::{Ledger, Options};
use fanlight_net::tls::TrustedClients;
use fanlight_net::{Socket, Tls, Upstream};
use fanlight_packages::alternatives::Alternatives;
use fanlight_packages::cargo::Cargo;
use fanlight_packages::cooldown::Cooldowns;
use fanlight_packages::files::Files;
use fanlight_packages::imitation::{Imitation, ImitationParts};
use fanlight_packages::knowledge::Known;
use fanlight_packages::npm::Npm;
use fanlight_packages::pypi::Pypi;
use fanlight_packages::scanning::{Scanned, Scanning, ScanningParts};
use fanlight_packages::upstreams::Reserved;
use fanlight_packages::{Door, Doors, Memory, Projects, ProjectsParts, Shared};
use fanlight_policy::Guard;
use fanlight_store::{Blobs, Store};

use reach::Reach;
use restore::exchange::Exchange;
use restore::running::{Ready, Reload};
use room::Room;
use stop::Stop;
use tokio::sync::mpsc;

pub use error::NodeError;
pub use settings::settings_of;

/// The node's own acts, as the policy schema names them.
mod action {
    use super::Action;

    pub const START: Action = Action::new("node:start");
    pub const STOP: Action = Action::new("node:stop");
    pub const UPSTREAM_FOUND: Action = Action::new("node:upstream-found");
    pub const RESTORED: Action = Action::new("node:restored");
}

/// Runs a node until it is told to stop by SIGTERM, SIGINT or Ctrl-C. `reload` reads its settings again.
pub fn run(reload: Reload) -> Result<(), NodeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(NodeError::Runtime)?;
    let ended = runtime.block_on(up(reload));
    // Blocking work that is left (a slow disk) does not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    ended
}

/// The parts of a node, joined but not yet open for callers.
struct Built {
    gate: Arc<Gate>,
    board: Arc<Board>,
    doors: Doors,
    blobs: Blobs,
    scanning: Arc<Scanning>,
    imitation: Arc<Imitation>,
    feeds: Arc<Feeds>,
    projection: Arc<Projection>,
    standing: Arc<Standing>,
    roster: Arc<Roster>,
    telling: Arc<Telling>,
    store: Store,
    routes: Routes,
    in_force: Arc<InForce>,
    /// Where a restored state comes from that the node shall go over to.
    restored: mpsc::Receiver<Ready>,
}

async fn build(config: &Config, run: &Path, reload: &Reload) -> Result<Built, NodeError> {
    let clock: SharedClock = Arc::new(SystemClock);
    let state = &config.state;

    // What a decision stands on: who is calling, the policies, the ledger.
    let store = Store::open(&state.join("fanlight.db")).await?;
    store.providers_are(config.login_providers.0.iter().map(|one| one.name.clone()));
    let operator = OperatorSecret::create(&run.join("operator.token"))?;
    let identity = Identity::open(store.clone(), &state.join("root.key"), clock.clone()).await?;
    let identity =
        identity.with_operator(operator, &origin::person()).with_sessions(config.session_idle, config.session_absolute);
    let identity = Arc::new(match &config.login_breached_passwords {
        Some(list) => identity.with_breached_passwords(BreachedList::open(list)?),
        None => identity,
    });
    let loaded = Loaded::read(config.policies_folder.clone(), config.policies_disable.clone());
    let (pack, loaded) = loaded.map_err(NodeError::Policies)?;
    let client = Upstream::new(upstream::options())?;
    let (trusted, issuers) = issuers::open(config, &client);
    let identity = Arc::new(Identity::clone(&identity).with_issuers(trusted, issuers.clone()));
    let options =
        Options { origin: origin::fresh()?, clock: clock.clone(), publish_every: config.ledger_publish_every };
    let known = known::known(&store).await?;
    let ledger = Ledger::open_known(&state.join("ledger"), options, &known)?;
    known::keep(&store, &ledger).await?;
    let (standing, exceptions) = Standing::load(&store, clock.now()).await?;
    let (roster, directory) = Roster::load(&store).await?;
    let gate = Arc::new(Gate::new(GateParts {
        identity,
        guard: Arc::new(Guard::with(pack, exceptions, directory)),
        ledger: ledger.clone(),
        clock: clock.clone(),
        node: ledger.status().origin.into(),
        meters: Arc::new(Meters::default()),
    }));
    let board = Arc::new(Board::new(clock.now(), state.clone(), settings_of(config)));
    if let Some(address) = &config.login_address {
        let _ = board.login_address.set(address.to_string());
    }

    // The doors.
    let memory = Memory::new(config.packages_memory.0);
    let looks = ProjectsParts {
        upstream: client.clone(),
        store: store.clone(),
        clock: clock.clone(),
        refresh: config.packages_refresh,
        memory: memory.clone(),
    };
    let blobs = Blobs::open(&state.join("blobs"), config.packages_cache_size.0, clock.clone())?;
    let files = Files::new(blobs.clone(), client.clone());
    let cooldowns = Cooldowns::new(config.packages_cooldown, config.packages_cooldown_for.0.iter().cloned())?;
    let feeds = feeds::open(config, &gate, &store, &client).await?;
    let guard = gate.guard().clone();
    let scanning = Scanning::open(ScanningParts {
        store: store.clone(),
        clock: clock.clone(),
        rules: Some(config.scan_rules.clone()),
        changed: Box::new(move || drop(guard.renew())),
    });
    let scanning = scanning.await?;
    let scanned = Arc::new(Scanned(scanning.clone()));
    let guard = gate.guard().clone();
    let imitation = Imitation::open(ImitationParts {
        store: store.clone(),
        lists: config.packages_popular.0.clone(),
        reserved: Arc::new(Reserved::new(config.packages_private.0.iter().cloned())?),
        changed: Box::new(move || drop(guard.renew())),
    });
    let imitation = imitation.await?;
    let (quarantines, reviews) = (standing.quarantines() as _, standing.reviews() as _);
    let alternatives = Arc::new(Alternatives::new(config.packages_alternatives.0.clone())?);
    let known =
        Known::of([alternatives as _, quarantines, reviews, imitation.clone() as _, scanned as _, feeds.clone() as _]);
    let auditor = feeds.clone();
    let shared = Arc::new(Shared { files, cooldowns, known, scanning: Some(scanning.clone()), auditor });
    let doors = Doors::new([
        Door::new(Pypi::default(), Projects::new(looks.clone()), shared.clone()) as _,
        Door::new(Npm::default(), Projects::new(looks.clone()), shared.clone()) as _,
        Door::new(Cargo::default(), Projects::new(looks), shared.clone()) as _,
    ]);

    // The console over it all.
    let projection = Projection::start(ledger.clone(), store.clone()).await?;
    let marks = Marks::start(ledger.clone(), store.clone()).await?;
    let whole = backup::WholeState::default();
    let (over, restored) = mpsc::channel(1);
    let telling = telling::open(config, &client)?;
    let policies =
        InForceParts { gate: gate.clone(), board: board.clone(), store: store.clone(), telling: telling.clone() };
    let in_force = InForce::new(loaded, policies);
    let console = Console::new(Parts {
        gate: gate.clone(),
        doors: doors.clone(),
        packages: shared.clone(),
        feeds: feeds.clone(),
        store: store.clone(),
        projection: projection.clone(),
        marks,
        standing: standing.clone(),
        roster: roster.clone(),
        telling: telling.clone(),
        in_force: in_force.clone(),
        providers: providers::open(config, &client)?,
        issuers: issuers.clone(),
        board: board.clone(),
        backup: backup::writer(state.clone(), store.clone(), ledger, whole.clone()),
        restore: restore::running::restorer(state.clone(), store.clone(), whole, reload.clone(), over),
        earlier_ledgers: state.join(backup::EARLIER),
    });
    let packages = health::Packages { doors: doors.clone(), shared, memory };
    let health = health::routes(gate.clone(), board.clone(), packages, projection.clone());
    let routes = doors
        .routes()
        .with(console.routes())
        .with(console.directory_routes())
        .with(fanlight_console::pages())
        .with(fanlight_web::routes())
        .with(health);
    issuers.begin(clock.now());
    feeds.catch_up_by(feeds::catch_up(&projection));
    Ok(Built {
        gate,
        board,
        doors,
        blobs,
        feeds,
        scanning,
        imitation,
        projection,
        standing,
        roster,
        telling,
        store,
        routes,
        in_force,
        restored,
    })
}

async fn up(reload: Reload) -> Result<(), NodeError> {
    let config = reload(None)?;
    claim::foreign::refuse(&config)?;
    let claim = claim::take(&config.state)?;
    // A restore that was cut is finished or taken back before anything of the state is read.
    let exchange = Exchange::settle(&config.state).map_err(NodeError::Exchange)?;
    let config = reload(None)?;
    let telemetry = telemetry::start(&config)?;
    let mut node = Node { claim, telemetry, reload, stop: Stop::listen(), socket: None, room: None, lives: 0 };
    let mut next = Some(Next { config, exchange });
    while let Some(life) = next {
        next = node.live(life).await?;
    }
    node.telemetry.end();
    node.claim.release();
    banner::stopped();
    Ok(())
}

/// What goes on from one life to the next.
struct Node {
    claim: claim::Claim,
    telemetry: telemetry::Telemetry,
    reload: Reload,
    stop: Stop,
    socket: Option<Socket>,
    room: Option<Room>,
    lives: u32,
}

/// The life that comes next, on these settings; on a state that was just put in place, if there is an exchange.
struct Next {
    config: Config,
    exchange: Option<Exchange>,
}

impl Node {
    /// One life. Where it cannot begin on a state that was just put in place, the one before is put back.
    async fn live(&mut self, Next { config, exchange }: Next) -> Result<Option<Next>, NodeError> {
        let Some(exchange) = exchange else {
            let open = self.open(&config, None).await?;
            return self.serve(config, open).await;
        };
        match self.open(&config, Some(&exchange)).await {
            Ok(open) => {
                if let Err(error) = exchange.done() {
                    // The next start tells of the exchange once more, and removes what is left.
                    tracing::warn!(%error, "what was left of a restore could not be removed");
                }
                self.serve(config, open).await
            }
            Err(error) => {
                tracing::error!(
                    error = fanlight_base::fault::with_causes(&error),
                    "the restored state cannot be used; the node goes on with the one it had"
                );
                exchange.undo().map_err(NodeError::Exchange)?;
                Ok(Some(Next { config: self.settings(&config)?, exchange: None }))
            }
        }
    }

    /// The settings as they are now. The socket stays as it is for as long as the process lives.
    fn settings(&self, before: &Config) -> Result<Config, NodeError> {
        let mut config = (self.reload)(None)?;
        config.listen_address = before.listen_address;
        config.listen_tls.clone_from(&before.listen_tls);
        Ok(config)
    }

    /// Builds the node and opens it for callers.
    async fn open(&mut self, config: &Config, exchange: Option<&Exchange>) -> Result<Open, NodeError> {
        let Built {
            gate,
            board,
            doors,
            blobs,
            feeds,
            scanning,
            imitation,
            projection,
            standing,
            roster,
            telling,
            store,
            routes,
            in_force,
            restored,
        } = build(config, &self.claim.run, &self.reload).await?;
        let tls = tls_of(config);
        let socket = match self.socket.take() {
            Some(socket) => socket,
            None => Socket::bind(config.listen_address, &tls).await?,
        };
        let socket = self.socket.insert(socket);
        let listener = socket.listener(&tls, &clients_of(config), gate.clock().clone())?;
        let names = &config.listen_names.0;
        let reach = Reach::of(&listener, names).await;
        let hosts = match &tls {
            // Which names a certificate of the steward's has is the steward's business, and to no other name does a
            // browser speak over TLS, so that none can be made to lead here.
            Tls::Files { .. } if names.is_empty() => Hosts::any(),
            _ => {
                let of_login = config.login_address.as_ref().and_then(|url| url.host_str()).map(str::to_owned);
                Hosts::named(names.iter().cloned().chain([origin::machine()]).chain(reach.name.clone()).chain(of_login))
            }
        };
        let dispatch = Arc::new(Dispatch::new(gate.clone(), routes, hosts).map_err(NodeError::Routes)?);
        if let Some(exchange) = exchange {
            let ledger = Resource::new("Ledger", "replaced");
            gate.record_own(action::RESTORED, &ledger, exchange.facts())?.durable().await?;
        }
        upstream::settle(config, &upstream::Places { store: &store, gate: &gate, board: &board }, &doors, &listener)
            .await?;
        let facts = Facts::new().with("version", env!("CARGO_PKG_VERSION"));
        gate.record_own(action::START, &Resource::new("Node", "this"), facts)?.durable().await?;
        // Before anybody is served: what a feed says at the start counts for the first caller.
        let refresher = feeds.begin().await;
        in_force.begin().await?;
        self.claim.publish_schema()?;
        let _ = board.address.set(listener.address());
        self.claim.announce(reach, &board, &tls)?;
        if let Some(address) = board.login_address.get().or(board.url.get()) {
            gate.identity().with_tokens(address).await?;
        }
        let first_link = first::link(&gate, &board, &roster).await?;
        let watcher = tokio::spawn(in_force.watch());
        let flusher = tokio::spawn(flush_last_used(gate.identity().clone()));
        let keeper = tokio::spawn(known::follow(store.clone(), gate.ledger().clone()));
        let scanner = tokio::spawn(scanning.follow(blobs.clone()));
        let namer = tokio::spawn(imitation.follow());
        let sweeper = tokio::spawn(give_way(blobs));
        self.telemetry.count(&gate);
        let follower = tokio::spawn(standing::follow(standing, gate.clone()));
        let teller = tokio::spawn(fanlight_console::telling::follow(telling, store.clone(), gate.clone()));
        let background = [watcher, flusher, keeper, sweeper, scanner, namer, follower, teller, refresher];
        Ok(Open { gate, board, first_link, projection, store, dispatch, listener, restored, background })
    }

    /// Serves until the node is told to stop or to go over to another state, and closes what was open.
    async fn serve(&mut self, config: Config, open: Open) -> Result<Option<Next>, NodeError> {
        let Open { gate, board, first_link, projection, store, dispatch, listener, mut restored, background } = open;
        if let Some(room) = self.room.take() {
            room.close().await;
        }
        board.set_serving(true);
        self.lives += 1;
        if self.lives == 1 {
            banner::ready(&board, &config, first_link.as_ref())?
        } else {
            banner::again(&board, gate.node())
        }

        let (tls, mut ready) = (tls_of(&config), None);
        let (stop, socket, room) = (&mut self.stop, &mut self.socket, &mut self.room);
        let leave = async {
            tokio::select! {
                () = stop.asked() => {}
                over = restored.recv() => ready = over,
            }
            board.set_serving(false);
            if ready.is_none() {
                // Callers who come now are turned away by the system, and need not wait for those under way.
                *socket = None;
                return banner::stopping();
            }
            banner::going_over();
            let opened = socket.as_ref().map(|socket| Room::open(socket, &tls, gate.clock().clone()));
            match opened.transpose() {
                Ok(opened) => *room = opened,
                Err(error) => tracing::warn!(%error, "callers wait unanswered until the node has gone over"),
            }
        };
        let drained = fanlight_net::serve(listener, dispatch, leave).await;

        // Down in the opposite order; what was taken is on disk before the process ends.
        background.iter().for_each(tokio::task::JoinHandle::abort);
        projection.stop();
        let facts = Facts::new().with("cut_connections", i64::try_from(drained.cut).unwrap_or(i64::MAX));
        if let Ok(receipt) = gate.record_own(action::STOP, &Resource::new("Node", "this"), facts) {
            let _ = receipt.durable().await;
        }
        if let Err(error) = gate.identity().flush_last_used().await {
            tracing::warn!(%error, "when devices were last used could not be kept");
        }
        let goes_on = ready.is_some();
        if let Some(over) = &mut ready
            && let Err(error) = over.keep_ended(&store).await
        {
            tracing::error!(
                error = fanlight_base::fault::with_causes(&error),
                "what ended meanwhile would come back with the restored state; the node goes on as it was"
            );
            ready = None;
        }
        let ledger = gate.ledger().clone();
        let closing = ledger.clone();
        let closed = tokio::task::spawn_blocking(move || closing.close()).await;
        if let Err(error) = known::keep(&store, &ledger).await {
            tracing::warn!(%error, "the last checkpoint could not be kept in the database");
        }
        drop(ledger);
        store.close().await;
        if let Ok(closed) = closed {
            // One that hangs may still write into its folder, so nothing may be put in its place either.
            closed?;
        }
        let Some(ready) = ready else {
            return if goes_on { Ok(Some(Next { config: self.settings(&config)?, exchange: None })) } else { Ok(None) };
        };
        let exchanged = tokio::task::spawn_blocking(move || ready.exchange()).await;
        match exchanged.unwrap_or_else(|ended| Err(std::io::Error::other(ended))) {
            Ok(exchange) => match self.settings(&config) {
                Ok(config) => Ok(Some(Next { config, exchange: Some(exchange) })),
                Err(error) => {
                    tracing::error!(%error, "the restored settings cannot be used; the node goes on as it was");
                    exchange.undo().map_err(NodeError::Exchange)?;
                    Ok(Some(Next { config: self.settings(&config)?, exchange: None }))
                }
            },
            Err(error) => {
                tracing::error!(%error, "the states could not be exchanged; the node goes on with the one it had");
                Ok(Some(Next { config: self.settings(&config)?, exchange: None }))
            }
        }
    }
}

/// A node that is ready to serve.
struct Open {
    gate: Arc<Gate>,
    board: Arc<Board>,
    first_link: Option<Secret<String>>,
    projection: Arc<Projection>,
    store: Store,
    dispatch: Arc<Dispatch>,
    listener: fanlight_net::Listener,
    restored: mpsc::Receiver<Ready>,
    background: [tokio::task::JoinHandle<()>; 9],
}

fn clients_of(config: &Config) -> TrustedClients {
    TrustedClients {
        authorities: config.listen_client_authorities.0.clone(),
        revocations: config.listen_client_revocations.0.clone(),
    }
}

fn tls_of(config: &Config) -> Tls {
    match &config.listen_tls {
        fanlight_config::Tls::Off => Tls::Off,
        fanlight_config::Tls::Auto => {
            Tls::Auto { folder: config.state.join("tls"), names: config.listen_names.0.clone() }
        }
        fanlight_config::Tls::Files { cert, key } => Tls::Files {
            certificate: cert.clone(),
            key: key.clone(),
            shown: config.state.join(fanlight_api::run::CERTIFICATE_FILE),
        },
    }
}

/// When devices were last used is kept every half minute, not on the way of a request; and sessions that are over go.
async fn flush_last_used(identity: Arc<Identity>) {
    let mut every = tokio::time::interval(std::time::Duration::from_secs(30));
    loop {
        every.tick().await;
        if let Err(error) = identity.flush_last_used().await {
            tracing::warn!(%error, "when devices were last used could not be kept");
        }
        if let Err(error) = identity.sweep_sessions().await {
            tracing::warn!(%error, "sessions that are over could not be removed");
        }
    }
}

/// Where others fill the disk, the cache gives way before the ledger has to close the doors.
async fn give_way(blobs: Blobs) {
    let mut every = tokio::time::interval(fanlight_base::limits::CACHE_LOOKS_EVERY);
    loop {
        every.tick().await;
        let blobs = blobs.clone();
        let _ = tokio::task::spawn_blocking(move || blobs.give_way()).await;
    }
}

#[cfg(test)]
mod tests;
