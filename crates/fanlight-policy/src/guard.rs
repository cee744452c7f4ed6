//! The set of policies in force, the exceptions from it, who is in which roles, and the judging of attempts by all three.
//!
//! Owns the snapshot behind an atomic pointer and what is remembered within an epoch. Refuses to know where policies and
//! exceptions and roles come from. Invariant: one attempt is judged by one snapshot, and its decision names that snapshot's epoch.

mod judge;
mod remember;

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use fanlight_base::{Action, Attempt, Audience, Decision, Epoch, Excepted, Outcome, Principal, Strength};

use judge::judge;
pub(crate) use judge::{applies, ask, end_of, terms};
use remember::{Asked, Remembered};
pub(crate) use remember::{FACTS, room};

use crate::directory::Directory;
use crate::exceptions::Exceptions;
use crate::pack::{Door, Pack, PolicyInfo};

/// Judges attempts, by the policies in force at that moment.
#[derive(Debug)]
pub struct Guard {
    current: ArcSwap<Snapshot>,
    /// The newest epoch's number. Held while a snapshot is put in place, so that numbers and snapshots keep one order.
    newest: Mutex<u64>,
}

/// One set of policies, exceptions and roles in force: it never changes. What a door derives from it is keyed by its epoch.
#[derive(Debug)]
pub struct Snapshot {
    epoch: Arc<Epoch>,
    pack: Pack,
    exceptions: Arc<Exceptions>,
    directory: Arc<Directory>,
    remembered: Remembered,
}

/// What a snapshot is made of.
struct Parts {
    pack: Pack,
    exceptions: Arc<Exceptions>,
    directory: Arc<Directory>,
}

impl Guard {
    /// A guard with its first set of policies, as epoch 1.
    pub fn new(pack: Pack) -> Self {
        Self::with(pack, Exceptions::default(), Directory::default())
    }

    /// The same with the exceptions that hold at the start, and who is in which roles.
    pub fn with(pack: Pack, exceptions: Exceptions, directory: Directory) -> Self {
        let first = Snapshot::new(Parts { pack, exceptions: Arc::new(exceptions), directory: Arc::new(directory) }, 1);
        Self { current: ArcSwap::from_pointee(first), newest: Mutex::new(1) }
    }

    /// The set in force. Ask it for all that belongs to one answer, so that one answer is by one set.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// Puts another set in force and says which epoch it opens. Attempts being judged end by the set they began with.
    pub fn replace(&self, pack: Pack) -> Arc<Epoch> {
        self.put(|before| Parts { pack, ..before })
    }

    /// Puts other exceptions in force beside the same policies, and says which epoch that opens.
    pub fn except(&self, exceptions: Exceptions) -> Arc<Epoch> {
        self.put(|before| Parts { exceptions: Arc::new(exceptions), ..before })
    }

    /// Puts another directory in force, of who is in which roles and groups, and says which epoch that opens.
    pub fn enlist(&self, directory: Directory) -> Arc<Epoch> {
        self.put(|before| Parts { directory: Arc::new(directory), ..before })
    }

    /// Opens another epoch with the same policies and exceptions: for when what the doors know has changed, so that all
    /// that was remembered is judged anew. Change what is known first.
    pub fn renew(&self) -> Arc<Epoch> {
        self.put(|before| before)
    }

    fn put(&self, change: impl FnOnce(Parts) -> Parts) -> Arc<Epoch> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        *newest += 1;
        let snapshot = Snapshot::new(change(self.current.load().parts()), *newest);
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
    fn new(Parts { pack, exceptions, directory }: Parts, number: u64) -> Self {
        let epoch = Arc::new(Epoch { number, digest: pack.digest().clone() });
        Self { epoch, pack, exceptions, directory, remembered: Remembered::new() }
    }

    fn parts(&self) -> Parts {
        Parts { pack: self.pack.clone(), exceptions: self.exceptions.clone(), directory: self.directory.clone() }
    }

    /// Which set of policies this is.
    pub fn epoch(&self) -> &Arc<Epoch> {
        &self.epoch
    }

    /// The policies, built-in ones first.
    pub fn policies(&self) -> impl Iterator<Item = &PolicyInfo> {
        self.pack.policies().iter()
    }

    /// Who is in which roles and groups.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// The set itself.
    pub fn pack(&self) -> &Pack {
        &self.pack
    }

    /// Judges an attempt. Repeated attempts, as far as any policy can tell them apart, are answered from memory.
    pub fn decide(&self, attempt: &Attempt<'_>) -> Arc<Decision> {
        self.decide_among(&self.directory, attempt)
    }

    /// The same where another directory says what the caller is in: the one that a record was judged by.
    pub(crate) fn decide_among(&self, directory: &Directory, attempt: &Attempt<'_>) -> Arc<Decision> {
        never_more_than_owner(attempt, self.decide_alone(directory, attempt), |theirs, lifted| match lifted {
            [] => self.decide_alone(directory, theirs),
            lifted => Arc::new(self.decide_lifting(directory, theirs, lifted)),
        })
    }

    fn decide_alone(&self, directory: &Directory, attempt: &Attempt<'_>) -> Arc<Decision> {
        let Some(door) = self.pack.door(attempt.action) else {
            return Arc::new(self.denied(&format!("the policy schema knows no action {}", attempt.action)));
        };
        let mut room = remember::room();
        let asked = match ask(door, directory, attempt, &mut room) {
            Ok(asked) => asked,
            Err(misfit) => return Arc::new(self.denied(&misfit)),
        };
        let decision = self.remembered.get(&asked).unwrap_or_else(|| {
            let decision = Arc::new(judge(door, &asked, &self.epoch, &[]));
            self.remembered.put(&asked, &decision);
            decision
        });
        // What is remembered knows no exceptions: they are few, and look at more than policies may.
        self.excepted(door, directory, &asked, attempt, &decision).map_or(decision, Arc::new)
    }

    /// The same without memory, for measuring and for tests.
    pub fn decide_afresh(&self, attempt: &Attempt<'_>) -> Decision {
        never_more_than_owner(attempt, self.decide_alone_afresh(attempt), |theirs, lifted| match lifted {
            [] => self.decide_alone_afresh(theirs),
            lifted => self.decide_lifting(&self.directory, theirs, lifted),
        })
    }

    fn decide_alone_afresh(&self, attempt: &Attempt<'_>) -> Decision {
        let Some(door) = self.pack.door(attempt.action) else {
            return self.denied(&format!("the policy schema knows no action {}", attempt.action));
        };
        match ask(door, &self.directory, attempt, &mut remember::room()) {
            Ok(asked) => {
                let decision = judge(door, &asked, &self.epoch, &[]);
                self.excepted(door, &self.directory, &asked, attempt, &decision).unwrap_or(decision)
            }
            Err(misfit) => self.denied(&misfit),
        }
    }

    /// Judges as if these policies were lifted, those left out that never may be: what an exception once did.
    pub(crate) fn decide_lifting(&self, directory: &Directory, attempt: &Attempt<'_>, lifted: &[&str]) -> Decision {
        let Some(door) = self.pack.door(attempt.action) else {
            return self.denied(&format!("the policy schema knows no action {}", attempt.action));
        };
        match ask(door, directory, attempt, &mut remember::room()) {
            Ok(asked) => judge(door, &asked, &self.epoch, lifted),
            Err(misfit) => self.denied(&misfit),
        }
    }

    /// The decision in place of a refusal, where an exception is about this attempt.
    fn excepted(
        &self,
        door: &Door,
        directory: &Directory,
        asked: &Asked<'_>,
        attempt: &Attempt<'_>,
        refusal: &Decision,
    ) -> Option<Decision> {
        if refusal.is_allowed() || self.exceptions.is_empty() || !door.takes_exceptions() {
            return None;
        }
        let found = self.exceptions.about(directory, attempt);
        let lifted: Vec<&str> = found.iter().flat_map(|exception| &*exception.policies).map(|id| &**id).collect();
        if lifted.is_empty() {
            return None;
        }
        let mut decision = judge(door, asked, &self.epoch, &lifted);
        if decision.is_allowed() {
            let stopped = refusal.policies.iter().chain(&refusal.beside);
            let by = found.iter().filter(|exception| exception.policies.iter().any(|id| refusal.names(id)));
            decision.excepted = Some(Arc::new(Excepted {
                by: by.map(|exception| exception.id.clone()).collect(),
                lifted: stopped.filter(|id| lifted.contains(&&***id)).cloned().collect(),
            }));
        }
        Some(decision)
    }

    /// Those among whom no policy on `action` can tell this caller apart: they get equal answers, so a door may judge
    /// once for all of them. Without a policy that looks at who asks, or how the caller is known, that is everybody;
    /// where policies or exceptions name callers, everybody else of that kind is still one audience.
    pub fn audience(&self, action: Action, principal: &Principal, strength: Strength) -> Audience {
        let Some(door) = self.pack.door(action) else { return Audience::alone(principal, strength) };
        let audience = door.audience(&self.directory, principal, strength);
        // An app is judged by what is said of its owner as well.
        let owner = principal.owner().map(|owner| Principal::Person { id: owner.clone(), device: None });
        let owner_is_named = owner.is_some_and(|owner| door.caller(&owner).is_some_and(|(_, id)| id.is_some()));
        if !owner_is_named && !self.exceptions.names(&self.directory, principal) {
            return audience;
        }
        let (kind, id) = principal.entity();
        Audience { kind: Some(kind), id: Some(id.into()), ..audience }
    }

    fn denied(&self, reason: &str) -> Decision {
        Decision {
            outcome: Outcome::Deny,
            policies: Vec::new(),
            reason_template: judge::plain(reason).into(),
            advice_template: None,
            until: None,
            beside: Vec::new(),
            liftable: false,
            excepted: None,
            epoch: self.epoch.clone(),
        }
    }
}

/// An app may nothing that its owner may not, whatever policies say of apps: both are judged, and the stronger outcome
/// counts. What an exception lifts for the app is lifted for its owner's part, too.
fn never_more_than_owner<D: AsRef<Decision>>(
    attempt: &Attempt<'_>,
    own: D,
    judge: impl FnOnce(&Attempt<'_>, &[&str]) -> D,
) -> D {
    let Some(owner) = attempt.principal.owner() else { return own };
    let owner = Principal::Person { id: owner.clone(), device: None };
    let lifted = own.as_ref().excepted.clone();
    let lifted: Vec<&str> = lifted.iter().flat_map(|excepted| &excepted.lifted).map(|id| &**id).collect();
    let theirs = judge(&Attempt { principal: &owner, ..attempt.clone() }, &lifted);
    if theirs.as_ref().outcome > own.as_ref().outcome { theirs } else { own }
}

#[cfg(test)]
mod tests;
