//! What people here have set beside the policies: what is quarantined, which exceptions hold, what reviews say.
//!
//! Owns their way from the store into what the guard stands on, and the end of each exception. Refuses to know who may set
//! what. Invariants: what is set is kept before it counts, and nothing that is over counts for longer than a second.

mod asked;

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
use tokio::time::Instant;

use crate::acts::reviews::that_count;

/// An exception has come to its end, as the policy schema names it.
pub const EXCEPTION_ENDED: Action = Action::new("node:exception-ended");

/// How often it is looked whether an exception is over.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// The longest time between two attempts to keep the end of an exception.
const TRY_EVERY: Duration = Duration::from_secs(60);

/// What stands beside the policies.
pub struct Standing {
    store: Store,
    quarantines: Arc<Quarantines>,
    reviews: Arc<Reviews>,
    /// Held while something is changed, so that store, memory and guard keep one order.
    held: Mutex<Held>,
}

/// The exceptions that somebody has to mind.
#[derive(Default)]
struct Held {
    /// Those that the guard knows.
    in_force: Vec<ExceptionRow>,
    /// Those that have ended, which the store does not know yet.
    ended: Vec<Ended>,
}

impl Held {
    fn guarded(&self) -> Exceptions {
        self.in_force.iter().map(exception).collect()
    }
}

/// An exception that counts no more.
#[derive(Clone)]
struct Ended {
    row: ExceptionRow,
    at: Timestamp,
    /// Whether somebody ended it before its time, and the ledger has that.
    by_hand: bool,
    /// Whether the ledger has its end.
    recorded: bool,
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
            held: Mutex::new(Held { in_force, ended: Vec::new() }),
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
        let _order = self.held.lock().await;
        let new = self.store.keep_reviews(rows).await?;
        self.tell_doors().await?;
        guard.renew();
        Ok(new)
    }

    /// Stops a release or project; from the epoch on that this gives. Says whether it is new; what was there stays as it is.
    pub async fn quarantine(&self, guard: &Guard, row: &QuarantineRow) -> Result<(bool, u64), StoreError> {
        let _order = self.held.lock().await;
        let is_new = self.store.insert_quarantine(row).await?;
        self.tell_doors().await?;
        Ok((is_new, guard.renew().number))
    }

    /// Lets it pass again. Gives the quarantine as it was; nothing where it was not stopped.
    pub async fn lift(&self, guard: &Guard, purl: &str) -> Result<(Option<QuarantineRow>, u64), StoreError> {
        let _order = self.held.lock().await;
        let was = self.store.quarantines().await?.into_iter().find(|row| row.purl == purl);
        let is_gone = self.store.delete_quarantine(purl).await?;
        self.tell_doors().await?;
        Ok((was.filter(|_| is_gone), guard.renew().number))
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
        self.held.lock().await.in_force.iter().filter(|row| row.until > now).cloned().collect()
    }

    /// The exception of that id where it holds, or where somebody has ended it and the store does not know that yet.
    pub async fn that_can_end(&self, id: &str, now: Timestamp) -> Option<ExceptionRow> {
        let held = self.held.lock().await;
        let ended = held.ended.iter().filter(|ended| ended.by_hand).map(|ended| &ended.row);
        held.in_force.iter().filter(|row| row.until > now).chain(ended).find(|row| row.id == id).cloned()
    }

    /// Puts an exception in force.
    pub async fn grant(&self, guard: &Guard, row: ExceptionRow) -> Result<(), StoreError> {
        let mut held = self.held.lock().await;
        self.store.insert_exception(&row).await?;
        held.in_force.insert(0, row);
        guard.except(held.guarded());
        Ok(())
    }

    /// Ends an exception, whose end is recorded. Gives it as it was; nothing where none of that id is in force. Where the
    /// store fails it is out of force all the same: ask again, or leave it to [`follow`].
    pub async fn end(&self, guard: &Guard, id: &str, now: Timestamp) -> Result<Option<ExceptionRow>, StoreError> {
        let mut held = self.held.lock().await;
        // Out of force first: that is the safe side of a database that fails now.
        if let Some(at) = held.in_force.iter().position(|row| row.id == id) {
            let row = held.in_force.remove(at);
            held.ended.push(Ended { row, at: now, by_hand: true, recorded: true });
            guard.except(held.guarded());
        }
        let Some(at) = held.ended.iter().position(|ended| ended.by_hand && ended.row.id == id) else {
            return Ok(None);
        };
        self.store.end_exception(id, held.ended[at].at).await?;
        let Ended { row, at, .. } = held.ended.remove(at);
        Ok(Some(ExceptionRow { ended: Some(at), ..row }))
    }

    /// Takes what is over out of force, and gives what ended and is not kept yet.
    async fn take_over(&self, guard: &Guard, now: Timestamp) -> Vec<Ended> {
        let mut held = self.held.lock().await;
        let (over, left): (Vec<_>, Vec<_>) =
            std::mem::take(&mut held.in_force).into_iter().partition(|row| row.until <= now);
        held.in_force = left;
        if !over.is_empty() {
            guard.except(held.guarded());
        }
        held.ended.extend(over.into_iter().map(|row| Ended { row, at: now, by_hand: false, recorded: false }));
        held.ended.clone()
    }

    /// Keeps the end of an exception; `record` puts it into the ledger, which is done once however often the store fails.
    async fn keep_end<R>(&self, ended: &Ended, record: impl FnOnce(ExceptionRow) -> R) -> Result<(), String>
    where
        R: Future<Output = Result<(), String>>,
    {
        let id = &ended.row.id;
        if !ended.recorded {
            record(ended.row.clone()).await?;
            self.held.lock().await.ended.iter_mut().filter(|one| one.row.id == *id).for_each(|one| one.recorded = true);
        }
        self.store.end_exception(id, ended.at).await.map_err(|error| with_causes(&error))?;
        self.held.lock().await.ended.retain(|one| one.row.id != *id);
        Ok(())
    }
}

fn exception(row: &ExceptionRow) -> Exception {
    Exception {
        id: row.id.as_str().into(),
        thing: row.thing.as_str().into(),
        whom: row.audience.clone(),
        policies: row.policies.iter().map(|id| id.as_str().into()).collect(),
    }
}

/// Ends each exception at its time, for as long as the node runs. The machine's clock is asked, not a timer, so that a
/// machine that slept or was set right ends them, too.
pub async fn follow(standing: Arc<Standing>, gate: Arc<Gate>) {
    let mut every = tokio::time::interval(LOOK_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut wait, mut next) = (LOOK_EVERY, Instant::now());
    loop {
        every.tick().await;
        let ended = standing.take_over(gate.guard(), gate.now()).await;
        // What is over is out of force at once; only the keeping waits, where it failed.
        if ended.is_empty() || Instant::now() < next {
            continue;
        }
        let mut is_kept = true;
        for one in ended {
            if let Err(why) = standing.keep_end(&one, |row| record_end(&gate, row)).await {
                is_kept = false;
                tracing::warn!(
                    why,
                    exception = one.row.id,
                    "the end of an exception is not kept yet; it counts all the same"
                );
            }
        }
        wait = if is_kept { LOOK_EVERY } else { TRY_EVERY.min(wait * 2) };
        next = Instant::now() + if is_kept { Duration::ZERO } else { wait };
    }
}

/// Records that an exception has ended by itself.
async fn record_end(gate: &Gate, row: ExceptionRow) -> Result<(), String> {
    let facts = Facts::new().with("exception", row.id.as_str()).with("until", row.until);
    let recorded = gate.record_own(EXCEPTION_ENDED, &thing(&row.thing), facts).map_err(|error| with_causes(&error))?;
    recorded.durable().await.map(drop).map_err(|error| with_causes(&error))
}

/// A purl as a thing that policies know.
pub(crate) fn thing(purl: &str) -> Resource {
    let is_release = purl.parse::<Purl>().is_ok_and(|purl| purl.version().is_some());
    Resource::new(if is_release { "Release" } else { "Project" }, purl)
}

#[cfg(test)]
mod tests;
