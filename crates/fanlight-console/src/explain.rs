//! Attempts that somebody writes down, judged by the policies in force or by others, with what each policy said.
//!
//! Nothing is attempted. Invariant: the decision told is the one that the guard would give.

use fanlight_api::explain::{Ask, Explained, Said, Told};
use fanlight_base::{Outcome, limits};
use fanlight_gate::{Context, Handled};
use fanlight_net::{Problem, RequestBody};
use fanlight_policy::explain::{self, Explanation, OwnedAttempt};
use fanlight_policy::{Effect, Exceptions, Guard};
use http::{Request, StatusCode};

use crate::Console;
use crate::acts::publishing::{company, faulty, set_of};
use crate::admit::{admit, only_who_may, or_turned_down};
use crate::reply::{json, read_within};

impl Console {
    pub(crate) async fn explain(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        only_who_may(context, &company())?;
        let asked = read_within::<Ask>(request, limits::PROPOSED_BODY_BYTES).await.map_err(Box::new);
        let ask = or_turned_down(context, asked)?;
        let attempt = OwnedAttempt::from_json(&ask.attempt)
            .map_err(|error| Box::new(Problem::bad_request(format!("The attempt cannot be read: {error}."))));
        let attempt = or_turned_down(context, attempt)?;
        let snapshot = match ask.files {
            None => context.policies.clone(),
            Some(files) => {
                let files = or_turned_down(context, set_of(files))?;
                match self.parts.in_force.check(files).await {
                    // People are in the roles that they are in.
                    Ok(pack) => {
                        Guard::with(pack, Exceptions::default(), context.policies.directory().clone()).snapshot()
                    }
                    Err(faults) => return Ok(admit(context, company())?.problem(faulty(&faults))),
                }
            }
        };
        let recorded = admit(context, company())?;
        Ok(json(recorded, StatusCode::OK, &explained(snapshot.explain(&attempt.attempt()))))
    }
}

fn explained(told: Explanation) -> Explained {
    let decision = told.decision;
    let names = |ids: Vec<std::sync::Arc<str>>| ids.iter().map(ToString::to_string).collect();
    Explained {
        action: told.action.to_owned(),
        outcome: decision.outcome,
        decided_by: names(decision.policies),
        reason: Some(decision.reason).filter(|reason| !reason.is_empty()),
        advice: decision.advice,
        until: decision.until,
        policies: told.policies.into_iter().map(policy).collect(),
        missing_facts: told.missing_facts.into_iter().map(str::to_owned).collect(),
        unknown_facts: told.unknown_facts,
    }
}

fn policy(told: explain::Told) -> Told {
    Told {
        policy: told.policy.to_string(),
        place: told.place,
        outcome: told.outcome.unwrap_or(match told.effect {
            Effect::Permit => Outcome::Allow,
            Effect::Forbid => Outcome::Deny,
        }),
        said: match told.said {
            explain::Said::Applies => Said::Applies,
            explain::Said::HeadDoesNotFit => Said::HeadDoesNotFit,
            explain::Said::ConditionNotMet => Said::ConditionNotMet,
            explain::Said::Failed => Said::Failed,
        },
        decided: told.decided,
        reason: told.reason,
        missing: told.missing,
    }
}
