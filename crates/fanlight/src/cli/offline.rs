//! The one path without a node: identify, decide, record, and only then act, under the locks that a node would hold.
//!
//! Whoever can write into the state folder is its operator, as with a running node. Invariant: what is done here is on
//! disk in the ledger before it is done.

use std::fs::File;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fanlight_base::clock::SharedClock;
use fanlight_base::{Action, Attempt, DeviceId, Facts, Record, Resource, SystemClock, Timestamp};
use fanlight_console::action::REVOKE_TOKEN;
use fanlight_console::known;
use fanlight_identity::{Caller, Identity, OperatorSecret, Shown, ShownToken};
use fanlight_ledger::{Ledger, Options};
use fanlight_policy::{Guard, Pack};
use fanlight_store::{Store, StoreError};
use rustix::fs::{FlockOperation, flock};
use tokio::runtime::Runtime;

use super::outcome::{Exit, Failure};
use super::{Global, settings};
use crate::clients::{Surroundings, owner};

/// How long another command may hold the state folder, and how often it is looked whether it still does.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(20);

/// A state folder that no node uses, open for one act.
pub struct Offline {
    runtime: Runtime,
    store: Store,
    ledger: Ledger,
    identity: Identity,
    guard: Guard,
    caller: Arc<Caller>,
    // Dropped last: the others must be closed before anybody else may open them.
    _lock: File,
}

impl Offline {
    /// Takes the locks and opens what an act needs.
    pub fn open(global: &Global, state: &Path) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::new)?;
        let (company, disabled) = settings::policies(global)?;
        let pack = Pack::load(company.as_deref(), &disabled).map_err(|faults| {
            Failure::new(faults.first().map(ToString::to_string).unwrap_or_default())
                .hint("mend the policies; without them nothing is decided")
        })?;
        let lock = state_lock(state)?;
        let clock: SharedClock = Arc::new(SystemClock);
        // The origin is for a ledger that is not there yet, and this one is.
        let origin = "fanlight/offline".to_owned();
        let options = Options { origin, clock: clock.clone(), publish_every: Duration::from_secs(1) };
        let (store, known) = runtime
            .block_on(async {
                let store = Store::open(&state.join("fanlight.db")).await?;
                let known = known::known(&store).await?;
                Ok((store, known))
            })
            .map_err(|error: StoreError| Failure::new(error))?;
        let ledger = Ledger::open_known(&state.join("ledger"), options, &known).map_err(Failure::new)?;
        let (identity, caller) = runtime.block_on(async {
            let identity = Identity::open(store.clone(), &state.join("root.key"), clock).await.map_err(Failure::new)?;
            operator(identity, state).await
        })?;
        Ok(Self { runtime, store, ledger, identity, guard: Guard::new(pack), caller, _lock: lock })
    }

    /// Who is known here.
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Waits for an answer.
    pub fn wait<T>(&self, answer: impl Future<Output = T>) -> T {
        self.runtime.block_on(answer)
    }

    /// Decides and records; when this returns well, the act is allowed and its record, whose number it gives, is on disk.
    pub fn recorded(&self, action: Action, resource: &Resource, mut facts: Facts) -> Result<u64, Failure> {
        facts.set("strength", self.caller.strength.as_str());
        let attempt = Attempt { principal: &self.caller.principal, action, resource, facts: &facts };
        let policies = self.guard.snapshot();
        let decision = policies.decide(&attempt);
        let within = policies.directory().to_record(&self.caller.principal);
        let origin = self.ledger.status().origin;
        let record = Record {
            time: Timestamp::now(),
            node: &origin,
            request: None,
            who: &self.caller.who,
            within: within.as_deref(),
            action,
            resource,
            facts: &facts,
            decision: &decision,
        };
        let receipt = self.ledger.append(record.to_bytes().map_err(Failure::new)?).map_err(Failure::new)?;
        let index = self.wait(receipt.durable()).map_err(Failure::new)?;
        if decision.is_allowed() {
            return Ok(index);
        }
        let failure = Failure::new(decision.reason(&facts)).exit(Exit::No);
        Err(match decision.advice(&facts) {
            Some(advice) => failure.hint(advice),
            None => failure,
        })
    }

    /// Ends a device's token.
    pub fn revoke(&self, device: &DeviceId) -> Result<(), Failure> {
        self.recorded(REVOKE_TOKEN, &Resource::new("Device", device.as_str()), Facts::new())?;
        self.wait(self.identity.revoke_device(device)).map(|_| ()).map_err(Failure::new)
    }

    /// Closes the ledger. What was recorded is durable already; the next start publishes what this cannot, and keeps the
    /// checkpoint.
    pub fn close(self) {
        let _ = self.ledger.close();
        let _ = self.wait(known::keep(&self.store, &self.ledger));
    }
}

/// Identifies this process as a running node would identify its operator.
async fn operator(identity: Identity, state: &Path) -> Result<(Identity, Arc<Caller>), Failure> {
    let name = owner::person(&Surroundings::of_this_process()).unwrap_or_else(|| "operator".to_owned());
    let run = state.join("run");
    std::fs::create_dir_all(&run).map_err(Failure::new)?;
    let token = run.join("offline.token");
    let secret = OperatorSecret::create(&token).map_err(Failure::new)?;
    let _ = std::fs::remove_file(&token);
    let identity = identity.with_operator(secret.clone(), &name);
    let shown = Shown::Bearer(ShownToken(secret.clear().expose_secret()));
    let caller = identity.identify(shown, IpAddr::V4(Ipv4Addr::LOCALHOST)).await.map_err(Failure::new)?;
    Ok((identity, caller))
}

/// The lock that a node holds on its state folder while it runs; held until it is dropped.
fn state_lock(state: &Path) -> Result<File, Failure> {
    let path = state.join("lock");
    let failed = |error: std::io::Error| Failure::new(format!("could not lock {}: {error}", path.display()));
    let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(failed)?;
    let asked = Instant::now();
    loop {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(file),
            // Another command holds it for as long as this one will.
            Err(rustix::io::Errno::WOULDBLOCK) if asked.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let busy = format!("a node is starting or ending on {}", state.display());
                return Err(Failure::new(busy).hint("try again in a moment"));
            }
            Err(error) => return Err(failed(error.into())),
        }
    }
}
