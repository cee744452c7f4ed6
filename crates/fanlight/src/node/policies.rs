//! The policies in force and the folder they come from: a change is taken up within a second, a broken file never
//! replaces a working set, and both are records.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fanlight_api::policies::Fault;
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

/// Watches the folder for as long as the node runs.
pub async fn watch(mut watched: Watched, gate: Arc<Gate>, board: Arc<Board>) {
    let mut every = tokio::time::interval(LOOK_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let (folder, disabled, before) = (watched.folder.clone(), watched.disabled.clone(), watched.seen.clone());
        let looked = tokio::task::spawn_blocking(move || {
            let seen = fingerprint(&folder);
            (seen != before).then(|| (seen, Pack::load(Some(&folder), &disabled)))
        });
        let Ok(Some((seen, loaded))) = looked.await else { continue };
        watched.seen = seen;
        match loaded {
            Ok(pack) => take_up(pack, &gate, &board).await,
            Err(faults) => refuse(&faults, &gate, &board).await,
        }
    }
}

async fn take_up(pack: Pack, gate: &Gate, board: &Board) {
    let before = gate.guard().snapshot().epoch().clone();
    let files = i64::try_from(pack.company_files()).unwrap_or(i64::MAX);
    board.set_policy_fault(None);
    if *pack.digest() == before.digest {
        // A broken file was mended, or a file was only touched: nothing changed.
        return;
    }
    let epoch = gate.guard().replace(pack);
    tracing::info!(epoch = epoch.number, digest = &*epoch.digest, files, "changed policies are in force");
    let facts = Facts::new()
        .with("digest", epoch.digest.clone())
        .with("previous_digest", before.digest.clone())
        .with("files", files);
    keep(gate, action::POLICIES_CHANGED, facts).await;
}

async fn refuse(faults: &[PolicyFault], gate: &Gate, board: &Board) {
    for fault in faults {
        tracing::error!("{fault}; the policies from before stay in force");
    }
    let Some(first) = faults.first() else { return };
    board.set_policy_fault(Some(Fault {
        file: first.file.to_string(),
        line: first.line as u64,
        column: first.column as u64,
        message: first.message.clone(),
        policy: first.policy.as_ref().map(ToString::to_string),
        at: Some(gate.now()),
    }));
    let facts = Facts::new().with("fault", first.to_string().as_str());
    keep(gate, action::POLICIES_REFUSED, facts).await;
}

async fn keep(gate: &Gate, action: fanlight_base::Action, facts: Facts) {
    let recorded = gate.record_own(action, &Resource::new("Policies", "company"), facts);
    let kept = match recorded {
        Ok(receipt) => receipt.durable().await.map(drop).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    if let Err(error) = kept {
        tracing::error!(error, "a change of policies could not be recorded");
    }
}
