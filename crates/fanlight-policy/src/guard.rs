//! The set of policies in force, and the judging of attempts by it.
//!
//! Owns the snapshot behind an atomic pointer and what is remembered within an epoch. Refuses to know where policies
//! come from. Invariant: one attempt is judged by one snapshot, and its decision names that snapshot's epoch.

mod judge;
mod remember;

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use fanlight_base::{Action, Attempt, Audience, Decision, Epoch, Outcome, Principal, Strength};

use judge::judge;
pub(crate) use judge::{applies, ask, end_of, no_policy_permits, terms};
use remember::Remembered;
pub(crate) use remember::{FACTS, room};

use crate::pack::{Pack, PolicyInfo};

/// Judges attempts, by the policies in force at that moment.
#[derive(Debug)]
pub struct Guard {
    current: ArcSwap<Snapshot>,
    /// The newest epoch's number. Held while a snapshot is put in place, so that numbers and snapshots keep one order.
    newest: Mutex<u64>,
}

/// One set of policies in force: it never changes. What a door derives from it is keyed by its epoch.
#[derive(Debug)]
pub struct Snapshot {
    epoch: Arc<Epoch>,
    pack: Pack,
    remembered: Remembered,
}

impl Guard {
    /// A guard with its first set of policies, as epoch 1.
    pub fn new(pack: Pack) -> Self {
        Self { current: ArcSwap::from_pointee(Snapshot::new(pack, 1)), newest: Mutex::new(1) }
    }

    /// The set in force. Ask it for all that belongs to one answer, so that one answer is by one set.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// Puts another set in force and says which epoch it opens. Attempts being judged end by the set they began with.
    pub fn replace(&self, pack: Pack) -> Arc<Epoch> {
        self.begin(|_| pack)
    }

    /// Opens another epoch of the same set, because what doors know of things has changed: what they derived from it is
    /// not asked any more. To be called after the change, so that nothing from before it is taken into the new epoch.
    pub fn renew(&self) -> Arc<Epoch> {
        self.begin(Pack::clone)
    }

    fn begin(&self, pack: impl FnOnce(&Pack) -> Pack) -> Arc<Epoch> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        *newest += 1;
        let snapshot = Snapshot::new(pack(&self.current.load().pack), *newest);
        let epoch = snapshot.epoch.clone();
        self.current.store(Arc::new(snapshot));
        epoch
    }

    /// Judges an attempt by the set in force.
    pub fn decide(&self, attempt: &Attempt<'_>) -> Arc<Decision> {
        self.current.load().decide(attempt)
    }
}

impl Snapshot {
    fn new(pack: Pack, number: u64) -> Self {
        let epoch = Arc::new(Epoch { number, digest: pack.digest().clone() });
        Self { epoch, pack, remembered: Remembered::new() }
    }

    /// Which set of policies this is.
    pub fn epoch(&self) -> &Arc<Epoch> {
        &self.epoch
    }

    /// The policies, built-in ones first.
    pub fn policies(&self) -> impl Iterator<Item = &PolicyInfo> {
        self.pack.policies().iter()
    }

    /// The set itself.
    pub fn pack(&self) -> &Pack {
        &self.pack
    }

    /// Judges an attempt. Repeated attempts, as far as any policy can tell them apart, are answered from memory.
    pub fn decide(&self, attempt: &Attempt<'_>) -> Arc<Decision> {
        let Some(door) = self.pack.door(attempt.action) else {
            return Arc::new(self.denied(&format!("the policy schema knows no action {}", attempt.action)));
        };
        let mut room = remember::room();
        let asked = match ask(door, attempt, &mut room) {
            Ok(asked) => asked,
            Err(misfit) => return Arc::new(self.denied(&misfit)),
        };
        if let Some(decision) = self.remembered.get(&asked) {
            return decision;
        }
        let decision = Arc::new(judge(door, &asked, &self.epoch));
        self.remembered.put(&asked, &decision);
        decision
    }

    /// The same without memory, for measuring and for tests.
    pub fn decide_afresh(&self, attempt: &Attempt<'_>) -> Decision {
        let Some(door) = self.pack.door(attempt.action) else {
            return self.denied(&format!("the policy schema knows no action {}", attempt.action));
        };
        match ask(door, attempt, &mut remember::room()) {
            Ok(asked) => judge(door, &asked, &self.epoch),
            Err(misfit) => self.denied(&misfit),
        }
    }

    /// Those among whom no policy on `action` can tell this caller apart: they get equal answers, so a door may judge
    /// once for all of them. Without a policy that looks at who asks, or how the caller is known, that is everybody;
    /// where policies name callers, everybody else of that kind is still one audience.
    pub fn audience(&self, action: Action, principal: &Principal, strength: Strength) -> Audience {
        self.pack
            .door(action)
            .map_or_else(|| Audience::alone(principal, strength), |door| door.audience(principal, strength))
    }

    fn denied(&self, reason: &str) -> Decision {
        Decision {
            outcome: Outcome::Deny,
            policies: Vec::new(),
            reason_template: judge::plain(reason).into(),
            advice_template: None,
            until: None,
            epoch: self.epoch.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
