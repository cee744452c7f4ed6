//! What people here have set beside the policies: what is quarantined, which exceptions hold, what reviews say.
//!
//! Owns their way from the store into what the guard stands on, and the end of each exception. Refuses to know who may set
//! what. Invariants: what is set is kept before it counts, and nothing that is over counts for longer than a second.

use std::sync::Arc;
use std::time::Duration;

use fanlight_base::fault::with_causes;
use fanlight_base::{Action, Facts, Purl, Resource, Timestamp};
use fanlight_gate::Gate;
use fanlight_packages::quarantine::{Quarantine, Quarantines};
use fanlight_packages::reviews::Reviews;
use fanlight_policy::{Exception, Exceptions, Guard};
use fanlight_store::{ExceptionRow, QuarantineRow, ReviewRow, Store, StoreError};
use tokio::sync::Mutex;

use crate::acts::reviews::that_count;

/// An exception has come to its end, as the policy schema names it.
pub const EXCEPTION_ENDED: Action = Action::new("node:exception-ended");

/// How often it is looked whether an exception is over.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What stands beside the policies.
pub struct Standing {
    store: Store,
    quarantines: Arc<Quarantines>,
    reviews: Arc<Reviews>,
    /// The exceptions in force. Held while something is changed, so that store, memory and guard keep one order.
    in_force: Mutex<Vec<ExceptionRow>>,
}

impl Standing {
    /// What the store has, and the exceptions of it that hold now, for the guard to begin with.
    pub async fn load(store: &Store, now: Timestamp) -> Result<(Arc<Self>, Exceptions), StoreError> {
        let exceptions = store.exceptions().await?;
        let over = exceptions.iter().filter(|row| row.ended.is_none() && row.until <= now).count();
        if over > 0 {
            tracing::info!(over, "exceptions came to their end while the node was down");
        }
        let in_force: Vec<_> = exceptions.into_iter().filter(|row| row.ended.is_none()).collect();
        let at_first = in_force.iter().filter(|row| row.until > now).map(exception).collect();
        let standing = Self {
            store: store.clone(),
            quarantines: Arc::default(),
            reviews: Arc::default(),
            in_force: Mutex::new(in_force),
        };
        standing.tell_doors().await?;
        Ok((Arc::new(standing), at_first))
    }

    /// What the doors know of quarantines.
    pub fn quarantines(&self) -> Arc<Quarantines> {
        self.quarantines.clone()
    }

    /// What the doors know of reviews.
    pub fn reviews(&self) -> Arc<Reviews> {
        self.reviews.clone()
    }

    /// Keeps reviews. Says how many are new, or newer than what was known.
    pub async fn review(&self, guard: &Guard, rows: &[ReviewRow]) -> Result<u64, StoreError> {
        let _order = self.in_force.lock().await;
        let new = self.store.keep_reviews(rows).await?;
        self.tell_doors().await?;
        guard.renew();
        Ok(new)
    }

    /// Stops a release or project; from the epoch on that this gives. Says whether it is new; what was there stays as it is.
    pub async fn quarantine(&self, guard: &Guard, row: &QuarantineRow) -> Result<(bool, u64), StoreError> {
        let _order = self.in_force.lock().await;
        let is_new = self.store.insert_quarantine(row).await?;
        self.tell_doors().await?;
        Ok((is_new, guard.renew().number))
    }

    /// Lets it pass again. Says whether it was stopped.
    pub async fn lift(&self, guard: &Guard, purl: &str) -> Result<(bool, u64), StoreError> {
        let _order = self.in_force.lock().await;
        let was = self.store.delete_quarantine(purl).await?;
        self.tell_doors().await?;
        Ok((was, guard.renew().number))
    }

    async fn tell_doors(&self) -> Result<(), StoreError> {
        let rows = self.store.quarantines().await?;
        self.quarantines.set(rows.into_iter().filter_map(|row| {
            // Only what was read as a purl is kept.
            let purl: Purl = row.purl.parse().ok()?;
            Some(Quarantine { purl, by: row.role.into(), because: row.because.into(), since: row.since })
        }));
        self.reviews.set(that_count(self.store.reviews().await?));
        Ok(())
    }

    /// The exceptions that hold now.
    pub async fn exceptions(&self, now: Timestamp) -> Vec<ExceptionRow> {
        self.in_force.lock().await.iter().filter(|row| row.until > now).cloned().collect()
    }

    /// Puts an exception in force.
    pub async fn grant(&self, guard: &Guard, row: ExceptionRow) -> Result<(), StoreError> {
        let mut in_force = self.in_force.lock().await;
        self.store.insert_exception(&row).await?;
        in_force.insert(0, row);
        guard.except(in_force.iter().map(exception).collect());
        Ok(())
    }

    /// Ends an exception. Gives it as it was; nothing where none of that id is in force.
    pub async fn end(&self, guard: &Guard, id: &str, now: Timestamp) -> Result<Option<ExceptionRow>, StoreError> {
        let mut in_force = self.in_force.lock().await;
        let Some(at) = in_force.iter().position(|row| row.id == id) else { return Ok(None) };
        // Out of force first: that is the safe side of a database that fails now.
        let row = in_force.remove(at);
        guard.except(in_force.iter().map(exception).collect());
        self.store.end_exception(id, now).await?;
        Ok(Some(ExceptionRow { ended: Some(now), ..row }))
    }

    /// Takes what is over out of force, and gives it.
    async fn take_over(&self, guard: &Guard, now: Timestamp) -> Vec<ExceptionRow> {
        let mut in_force = self.in_force.lock().await;
        let (over, left): (Vec<_>, Vec<_>) =
            std::mem::take(&mut *in_force).into_iter().partition(|row| row.until <= now);
        *in_force = left;
        if !over.is_empty() {
            guard.except(in_force.iter().map(exception).collect());
        }
        over
    }
}

fn exception(row: &ExceptionRow) -> Exception {
    Exception {
        id: row.id.as_str().into(),
        thing: row.thing.as_str().into(),
        person: row.audience.clone(),
        policies: row.policies.iter().map(|id| id.as_str().into()).collect(),
    }
}

/// Ends each exception at its time, for as long as the node runs. The machine's clock is asked, not a timer, so that a
/// machine that slept or was set right ends them, too.
pub async fn follow(standing: Arc<Standing>, gate: Arc<Gate>) {
    let mut every = tokio::time::interval(LOOK_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut untold: Vec<ExceptionRow> = Vec::new();
    loop {
        every.tick().await;
        untold.extend(standing.take_over(gate.guard(), gate.now()).await);
        let mut left = Vec::new();
        for row in untold {
            if let Err(why) = tell(&standing.store, &gate, &row).await {
                tracing::warn!(
                    why,
                    exception = row.id,
                    "the end of an exception is not kept yet; it counts all the same"
                );
                left.push(row);
            }
        }
        untold = left;
    }
}

/// Records that an exception has ended, and keeps it.
async fn tell(store: &Store, gate: &Gate, row: &ExceptionRow) -> Result<(), String> {
    let facts = Facts::new().with("exception", row.id.as_str()).with("until", row.until);
    let recorded = gate.record_own(EXCEPTION_ENDED, &thing(&row.thing), facts).map_err(|error| with_causes(&error))?;
    recorded.durable().await.map_err(|error| with_causes(&error))?;
    store.end_exception(&row.id, gate.now()).await.map(drop).map_err(|error| with_causes(&error))
}

/// A purl as a thing that policies know.
pub(crate) fn thing(purl: &str) -> Resource {
    let is_release = purl.parse::<Purl>().is_ok_and(|purl| purl.version().is_some());
    Resource::new(if is_release { "Release" } else { "Project" }, purl)
}
