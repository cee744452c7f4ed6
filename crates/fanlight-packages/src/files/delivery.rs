//! What became of a file that was let through: an event of its own wherever it is not what the decision's record says by
//! itself, that the whole file went out.
//!
//! What is known before the answer leaves is on disk before it; that an answer was cut is known when its body goes. A
//! process that is killed in the middle of a transfer records nothing of it: then the whole file is taken to have gone
//! out, because who asks in an incident must miss nobody who may have it.

use fanlight_base::{Facts, limits};
use fanlight_gate::{Afterwards, Context, Handled, Recorded};
use fanlight_net::{Problem, Taken};

use super::serve::{Carries, Served};
use crate::action;

/// The facts of the decision that the event repeats, so that it can be read alone.
const REPEATED: [&str; 4] = ["strength", "ecosystem", "project", "file"];

/// A file let through whose answer has not gone out yet. Dropped on the way, it records that nothing went out.
#[must_use = "dropped, it records that the client got nothing"]
pub struct Delivery {
    /// None once nothing is left to be told.
    afterwards: Option<Afterwards>,
    facts: Facts,
    of: Option<u64>,
}

impl Delivery {
    /// Begins where the decision is recorded; `of` is the file's size in bytes, where known.
    pub fn begin(context: &Context, recorded: &Recorded, of: Option<u64>) -> Self {
        let mut facts = Facts::new();
        for name in REPEATED {
            if let Some(fact) = recorded.facts.get(name) {
                facts.set(name, fact.clone());
            }
        }
        Self { afterwards: Some(context.afterwards(recorded)), facts, of }
    }

    /// The answer that carries the file, or says why nothing of it need be carried.
    pub fn answer(mut self, context: &Context, mut recorded: Recorded, served: Served) -> Handled {
        let Served { response, carries, of } = served;
        self.of = of.or(self.of);
        let (how, bytes) = match carries {
            Carries::Whole => return Ok(recorded.answer(response.map(|body| body.watched(|taken| self.over(taken))))),
            Carries::Part(bytes) => ("part", bytes),
            Carries::Unchanged => ("unchanged", 0),
            Carries::Head => ("head", 0),
            Carries::Unsatisfiable => ("unsatisfiable", 0),
        };
        context.record_event(&mut recorded, action::DELIVERY, &self.told(how, bytes))?;
        if bytes > 0 {
            return Ok(recorded.answer(response.map(|body| body.watched(|taken| self.over(taken)))));
        }
        self.afterwards = None;
        Ok(recorded.answer(response))
    }

    /// The answer that there is nothing to carry: the upstream failed, or this node did.
    pub fn failed(mut self, context: &Context, mut recorded: Recorded, problem: Problem) -> Handled {
        context.record_event(&mut recorded, action::DELIVERY, &self.told("failed", 0))?;
        self.afterwards = None;
        Ok(recorded.problem(problem))
    }

    /// The answer has gone, with so much of its body.
    fn over(mut self, taken: Taken) {
        if taken.whole || self.of.is_some_and(|of| taken.bytes >= of) {
            self.afterwards = None;
        }
        self.cut(taken.bytes);
    }

    fn cut(&mut self, bytes: u64) {
        let Some(afterwards) = self.afterwards.take() else { return };
        if let Err(error) = afterwards.record(action::DELIVERY, &self.told("cut", bytes)) {
            tracing::warn!(%error, bytes, "that a file was cut cannot be recorded: it counts as received");
        }
    }

    fn told(&self, how: &str, bytes: u64) -> Facts {
        let facts = self.facts.clone().with("delivery", how).with("bytes", long(bytes));
        match self.of {
            Some(of) => facts.with("of_bytes", long(of)),
            None => facts,
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.cut(0);
    }
}

/// Sizes are bounded far below what a fact can hold.
fn long(bytes: u64) -> i64 {
    const { assert!(limits::FILE_BYTES < i64::MAX as u64) };
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
