//! The policies in force and the folder they come from: a change is taken up within a second, a broken file never
//! replaces a working set, and both are records. Invariant: no set is in force before its record is on disk.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fanlight_api::policies::Fault;
use fanlight_base::fault::with_causes;
use fanlight_base::{Facts, Resource};
use fanlight_config::Config;
use fanlight_console::Board;
use fanlight_gate::Gate;
use fanlight_policy::folder::{Fingerprint, fingerprint};
use fanlight_policy::{Pack, PolicyFault};

use super::action;
use super::error::NodeError;

/// How often the folder is looked at. Looking costs a few system calls; a change must be in force within a second.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// A folder of policies as it was last read.
pub struct Watched {
    folder: PathBuf,
    disabled: Vec<String>,
    seen: Fingerprint,
}

/// The policies at the start.
pub fn load(config: &Config) -> Result<(Pack, Watched), NodeError> {
    let folder = config.policies_folder.clone();
    let disabled = config.policies_disable.clone();
    // Before the reading, so that a change meanwhile is seen as one.
    let seen = fingerprint(&folder);
    let pack = Pack::load(Some(&folder), &disabled).map_err(NodeError::Policies)?;
    Ok((pack, Watched { folder, disabled, seen }))
}

/// What was found in the folder and is not settled yet.
enum Found {
    /// A good set.
    Good(Pack),
    /// A broken one, in words for the record.
    Broken(String),
}

/// Watches the folder for as long as the node runs.
pub async fn watch(mut watched: Watched, gate: Arc<Gate>, board: Arc<Board>) {
    let mut every = tokio::time::interval(LOOK_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut found = None;
    loop {
        every.tick().await;
        if let Some(newer) = look(&mut watched).await {
            found = told(newer, &gate, &board);
        }
        if let Some(waiting) = found.take() {
            found = settle(waiting, &gate, &board).await;
        }
    }
}

/// Reads the folder again where it changed.
async fn look(watched: &mut Watched) -> Option<Result<Pack, Vec<PolicyFault>>> {
    let (folder, disabled, before) = (watched.folder.clone(), watched.disabled.clone(), watched.seen.clone());
    let looked = tokio::task::spawn_blocking(move || {
        let seen = fingerprint(&folder);
        (seen != before).then(|| (seen, Pack::load(Some(&folder), &disabled)))
    });
    let (seen, loaded) = looked.await.ok()??;
    watched.seen = seen;
    Some(loaded)
}

/// Tells the log and the board what was found; gives what has to be recorded of it.
fn told(loaded: Result<Pack, Vec<PolicyFault>>, gate: &Gate, board: &Board) -> Option<Found> {
    board.set_policies_waiting(None);
    match loaded {
        Ok(pack) => {
            board.set_policy_fault(None);
            // A broken file was mended, or a file was only touched: nothing changed.
            (*pack.digest() != gate.guard().snapshot().epoch().digest).then_some(Found::Good(pack))
        }
        Err(faults) => {
            for fault in &faults {
                tracing::error!("{fault}; the policies from before stay in force");
            }
            let first = faults.first()?;
            board.set_policy_fault(Some(Fault {
                file: first.file.to_string(),
                line: first.line as u64,
                column: first.column as u64,
                message: first.message.clone(),
                policy: first.policy.as_ref().map(ToString::to_string),
                at: Some(gate.now()),
            }));
            Some(Found::Broken(first.to_string()))
        }
    }
}

/// Records what was found and, once that is on disk, puts a good set in force. What cannot be recorded comes back, to be
/// tried again; until then the set in force stays.
async fn settle(found: Found, gate: &Gate, board: &Board) -> Option<Found> {
    let before = gate.guard().snapshot().epoch().clone();
    let (action, facts) = match &found {
        Found::Good(pack) => {
            let files = i64::try_from(pack.company_files()).unwrap_or(i64::MAX);
            let facts = Facts::new()
                .with("digest", pack.digest().clone())
                .with("previous_digest", before.digest.clone())
                .with("files", files);
            (action::POLICIES_CHANGED, facts)
        }
        Found::Broken(fault) => (action::POLICIES_REFUSED, Facts::new().with("fault", fault.as_str())),
    };
    if let Err(why) = record(gate, action, facts).await {
        if matches!(found, Found::Good(_)) {
            let words = format!("they are not in force until their record can be kept, which is tried again: {why}");
            if board.policies_waiting().is_none() {
                tracing::error!("changed policies wait: {words}");
            }
            board.set_policies_waiting(Some(words));
        }
        return Some(found);
    }
    board.set_policies_waiting(None);
    if let Found::Good(pack) = found {
        let epoch = gate.guard().replace(pack);
        tracing::info!(epoch = epoch.number, digest = &*epoch.digest, "changed policies are in force");
    }
    None
}

/// Records it; when this returns well, it is on disk.
async fn record(gate: &Gate, action: fanlight_base::Action, facts: Facts) -> Result<(), String> {
    let receipt = gate.record_own(action, &Resource::new("Policies", "company"), facts);
    let receipt = receipt.map_err(|error| with_causes(&error))?;
    receipt.durable().await.map(drop).map_err(|error| with_causes(&error))
}
