//! Whether anybody could still change the policies once a set of them is in force.
//!
//! Refuses to know what policies say: it asks them. Invariant: a set after which nobody who logs in could propose a change and
//! have it approved is neither proposed nor published here, as long as somebody can now. Whoever runs the node can write the folder.

use fanlight_base::{Action, Attempt, Facts, PersonId, Principal, Resource, Strength};
use fanlight_gate::Context;
use fanlight_net::Problem;
use fanlight_policy::{Exceptions, Guard, Pack, Snapshot};
use fanlight_store::StoreError;
use http::StatusCode;

use super::company;
use crate::Console;
use crate::action::{LOG_IN, PROPOSE_POLICIES, PUBLISH_POLICIES};

/// What nobody could do any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lost {
    LogIn,
    Propose,
    Approve,
}

impl Lost {
    const fn words(self) -> &'static str {
        match self {
            Self::LogIn => {
                "nobody who has an account here could log in any more, so nobody could change the policies again"
            }
            Self::Propose => "nobody who can log in could propose a change of them any more, not even to go back",
            Self::Approve => {
                "a change of them could be proposed, and nobody who can log in could approve it, not even to go back"
            }
        }
    }

    const fn advice(self) -> &'static str {
        match self {
            Self::LogIn => {
                "Leave account:log-in to at least one steward. `fanlight policy explain` says which policy takes it; whoever \
                 runs the node can still write the folder."
            }
            Self::Propose | Self::Approve => {
                "Leave console:propose-policies and console:publish-policies to at least two stewards who can log in. \
                 `fanlight policy explain` says which policy takes it; whoever runs the node can still write the folder."
            }
        }
    }
}

/// Whether policies allow that to somebody who has just shown a second factor.
fn may(policies: &Snapshot, person: &PersonId, action: Action, resource: &Resource, facts: Facts) -> bool {
    let principal = Principal::Person { id: person.clone(), device: None };
    let facts = facts.with("strength", Strength::SteppedUp.as_str());
    policies.decide(&Attempt { principal: &principal, action, resource, facts: &facts }).is_allowed()
}

fn may_log_in(policies: &Snapshot, person: &PersonId) -> bool {
    let own = Resource::new("Person", person.as_str());
    let ways = [("by", "password"), ("by", "passkey"), ("provider", "")];
    ways.iter().any(|(fact, value)| may(policies, person, LOG_IN, &own, Facts::new().with(*fact, *value)))
}

/// What nobody of these could do by these policies; nothing where somebody could do all of it.
fn lost(policies: &Snapshot, people: &[PersonId]) -> Option<Lost> {
    let about = || {
        let facts = Facts::new().with("proposal", "prp_0000000000000000").with("base", 1_i64);
        facts.with("set", "").with("because", "a change")
    };
    let may_approve = |person: &PersonId, own: bool, another_could: bool| {
        let facts = about().with("proposed_by_self", own);
        let facts = if own { facts.with("another_could", another_could) } else { facts };
        may(policies, person, PUBLISH_POLICIES, &company(), facts)
    };
    let (mut somebody, mut proposer) = (false, false);
    // Whether somebody approves another's does not depend on whose it is: those are looked for once.
    let mut approvers: Option<Vec<&PersonId>> = None;
    for person in people.iter().filter(|person| may_log_in(policies, person)) {
        somebody = true;
        if !may(policies, person, PROPOSE_POLICIES, &company(), about()) {
            continue;
        }
        proposer = true;
        let approvers = approvers.get_or_insert_with(|| {
            let may = |other: &&PersonId| may_log_in(policies, other) && may_approve(other, false, false);
            people.iter().filter(may).take(2).collect()
        });
        let another = approvers.iter().any(|other| *other != person);
        if another || may_approve(person, true, false) {
            return None;
        }
    }
    match (somebody, proposer) {
        (false, _) => Some(Lost::LogIn),
        (true, false) => Some(Lost::Propose),
        (true, true) => Some(Lost::Approve),
    }
}

impl Console {
    /// Why a set may not come into force by way of people: nobody of them could change it again.
    pub(super) async fn lockout(&self, context: &Context, pack: Pack) -> Result<Option<Problem>, StoreError> {
        let accounts = self.parts.store.accounts().await?;
        let mut people: Vec<_> =
            accounts.into_iter().filter(|account| account.ended.is_none()).map(|account| account.person).collect();
        let now = context.policies.clone();
        // Whoever has a role first: mostly the question ends with them.
        people.sort_by_cached_key(|person| now.directory().roles_of(person).is_empty());
        let judged = tokio::task::spawn_blocking(move || {
            let then = Guard::with(pack, Exceptions::default(), now.directory().clone()).snapshot();
            lost(&then, &people).filter(|_| lost(&now, &people).is_none())
        });
        // Where the judging broke off, nobody knows that it does no harm.
        let lost = judged.await.unwrap_or(Some(Lost::Approve));
        Ok(lost.map(|lost| {
            let words = format!("With these policies in force, {}.", lost.words());
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "locks-out", "It would lock everybody out", words)
                .advice(Some(lost.advice().to_owned()))
        }))
    }
}

#[cfg(test)]
mod tests;
