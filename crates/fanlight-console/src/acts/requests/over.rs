//! Requests that nobody needs to answer any more.

use std::time::Duration;

use fanlight_api::requests::State;
use fanlight_base::fault::with_causes;
use fanlight_base::{Action, Facts, limits};
use fanlight_gate::Gate;
use fanlight_store::{AnswerRow, RequestRow, Store};

use crate::standing::thing;
use crate::telling::Telling;

/// As the policy schema names it.
const REQUEST_OVER: Action = Action::new("node:request-over");
/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Closes requests whose hold has ended by itself, and those that nobody answered for very long, for as long as the node runs.
pub(crate) async fn follow(telling: &Telling, store: &Store, gate: &Gate) {
    let mut every = tokio::time::interval(LOOK_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let now = gate.now();
        let oldest = now.checked_sub(limits::REQUEST_TIME).unwrap_or(now);
        let over = store.requests_over(now, oldest).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "it cannot be looked which requests are over");
            Vec::new()
        });
        for row in over {
            let is_over = row.until.is_some_and(|until| until <= now);
            if let Err(why) = close(telling, store, gate, &row, is_over).await {
                tracing::warn!(why, request = row.id, "a request that is over is not closed yet");
            }
        }
    }
}

async fn close(telling: &Telling, store: &Store, gate: &Gate, row: &RequestRow, is_over: bool) -> Result<(), String> {
    let words = if is_over {
        "what stopped it has ended by itself".to_owned()
    } else {
        format!("nobody has answered for {} days", limits::REQUEST_TIME.as_secs() / 86_400)
    };
    let facts = Facts::new().with("request", row.id.as_str()).with("because", words.as_str());
    let recorded = gate.record_own(REQUEST_OVER, &thing(&row.thing), facts).map_err(|error| with_causes(&error))?;
    recorded.durable().await.map_err(|error| with_causes(&error))?;
    let answer = AnswerRow { state: State::Over.as_str(), at: gate.now(), by: None, words };
    let ways = telling.ways(answer.state);
    store.answer_requests(std::slice::from_ref(&row.id), &answer, &ways).await.map_err(|error| with_causes(&error))?;
    telling.wake();
    Ok(())
}
