//! The folder watched: what is found there is told, recorded and put in force.

use std::sync::Arc;
use std::time::Duration;

use fanlight_api::policies::Fault;
use fanlight_base::fault::with_causes;
use fanlight_base::{Action, Facts, Resource};
use fanlight_policy::folder::fingerprint;
use fanlight_policy::{Pack, PolicyFault, PolicyFiles};

use super::{Found, InForce, Origin, State, settle};

/// Other policies are in force, as the policy schema names it.
const POLICIES_CHANGED: Action = Action::new("node:policies-changed");
/// What lies in the folder is not taken.
const POLICIES_REFUSED: Action = Action::new("node:policies-refused");

/// How often the folder is looked at. Looking costs a few system calls; a change must be in force within a second.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// What a look found.
type Read = Result<(Pack, PolicyFiles), Vec<PolicyFault>>;

impl InForce {
    /// Watches the folder for as long as the node runs.
    pub async fn watch(self: Arc<Self>) {
        let mut every = tokio::time::interval(LOOK_EVERY);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            let mut state = self.state.lock().await;
            if let Some(newer) = self.look(&mut state).await {
                let found = self.told(&state, newer);
                // What was about to be in force and is in the folder no more: where it was proposed, that waits again.
                if let Some(Found::Good(_, _, before)) = std::mem::replace(&mut state.found, found) {
                    state.unwound.extend(before.proposal);
                }
            }
            self.unwind(&mut state).await;
            if let Some(waiting) = state.found.take() {
                state.found = self.settled(&mut state, waiting).await;
            }
            // What could not be kept is tried again.
            if state.version.is_none()
                && let Err(error) = self.kept(&mut state).await
            {
                tracing::warn!(%error, "the policies in force could not be kept as a version yet");
            }
        }
    }

    /// Reads the folder again where it changed.
    async fn look(&self, state: &mut State) -> Option<Read> {
        let (folder, disabled, before) = (self.folder.clone(), self.disabled.clone(), state.seen.clone());
        let looked = tokio::task::spawn_blocking(move || {
            settle(&folder);
            let seen = fingerprint(&folder);
            (seen != before).then(|| (seen, Pack::load_with_files(&folder, &disabled)))
        });
        let (seen, loaded) = looked.await.ok()??;
        state.seen = seen;
        Some(loaded)
    }

    /// Tells the log and the board what was found; gives what has to be recorded of it.
    fn told(&self, state: &State, loaded: Read) -> Option<Found> {
        let (gate, board) = (&self.parts.gate, &self.parts.board);
        board.set_policies_waiting(None);
        match loaded {
            Ok((pack, files)) => {
                board.set_policy_fault(None);
                // A broken file was mended, or a file was only touched: nothing changed.
                let is_new = *pack.digest() != gate.guard().snapshot().epoch().digest || files != state.files;
                is_new.then(|| Found::Good(pack, files, Origin::default()))
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
    pub(super) async fn settled(&self, state: &mut State, found: Found) -> Option<Found> {
        let (gate, board) = (&self.parts.gate, &self.parts.board);
        let before = gate.guard().snapshot().epoch().clone();
        let (action, facts) = match &found {
            Found::Good(pack, _, origin) => {
                let files = i64::try_from(pack.company_files()).unwrap_or(i64::MAX);
                let mut facts = Facts::new()
                    .with("digest", pack.digest().clone())
                    .with("previous_digest", before.digest.clone())
                    .with("files", files);
                of(origin, &mut facts);
                (POLICIES_CHANGED, facts)
            }
            Found::Broken(fault) => (POLICIES_REFUSED, Facts::new().with("fault", fault.as_str())),
        };
        if let Err(why) = self.record(action, facts).await {
            if matches!(found, Found::Good(..)) {
                let words =
                    format!("they are not in force until their record can be kept, which is tried again: {why}");
                if board.policies_waiting().is_none() {
                    tracing::error!("changed policies wait: {words}");
                }
                board.set_policies_waiting(Some(words));
            }
            return Some(found);
        }
        board.set_policies_waiting(None);
        if let Found::Good(pack, files, origin) = found {
            let epoch = gate.guard().replace(pack);
            tracing::info!(epoch = epoch.number, digest = &*epoch.digest, "changed policies are in force");
            (state.files, state.version, state.origin) = (files, None, origin);
            if let Err(error) = self.kept(state).await {
                tracing::warn!(%error, "the policies in force could not be kept as a version yet");
            }
        }
        None
    }

    /// Records at the start that a set is in force which somebody approved before a kill, and who it was.
    pub(super) async fn resumed(&self, origin: &Origin) -> Result<(), String> {
        let snapshot = self.parts.gate.guard().snapshot();
        let files = i64::try_from(snapshot.pack().company_files()).unwrap_or(i64::MAX);
        let mut facts = Facts::new().with("digest", snapshot.epoch().digest.clone()).with("files", files);
        of(origin, &mut facts);
        self.record(POLICIES_CHANGED, facts).await
    }

    /// Records it; when this returns well, it is on disk.
    async fn record(&self, action: Action, facts: Facts) -> Result<(), String> {
        let receipt = self.parts.gate.record_own(action, &Resource::new("Policies", "company"), facts);
        let receipt = receipt.map_err(|error| with_causes(&error))?;
        receipt.durable().await.map(drop).map_err(|error| with_causes(&error))
    }
}

/// What a record says of where a set came from.
fn of(origin: &Origin, facts: &mut Facts) {
    if let Some(proposal) = &origin.proposal {
        facts.set("proposal", proposal.as_str());
    }
    if let Some(approver) = &origin.approver {
        facts.set("approved_by", approver.as_str());
    }
}
