//! Judging and recording what the console is asked, and stopping there: refused, or asked in a way that nobody understands.
//!
//! Invariant: whoever is stopped was judged and is recorded, as everybody else.

use fanlight_base::words::sentence;
use fanlight_base::{Action, Facts, Outcome, Resource, Strength};
use fanlight_gate::{Context, Handled, Recorded, Stop};
use fanlight_net::{Problem, RequestBody};
use http::{HeaderValue, Request, StatusCode, header};
use serde::de::DeserializeOwned;

use crate::reply::read;

/// How a caller shows who they are (RFC 6750, section 3).
pub(crate) const CHALLENGE: HeaderValue = HeaderValue::from_static("Bearer realm=\"fanlight\"");

/// Judges and records; stops with the refusal where it is one.
pub(crate) fn admit(context: &Context, resource: Resource) -> Result<Recorded, Stop> {
    admit_with(context, resource, Facts::new())
}

/// The same with facts.
pub(crate) fn admit_with(context: &Context, resource: Resource, facts: Facts) -> Result<Recorded, Stop> {
    admit_as(context, context.action, resource, facts)
}

/// The same for another action than the route's.
pub(crate) fn admit_as(context: &Context, action: Action, resource: Resource, facts: Facts) -> Result<Recorded, Stop> {
    let recorded = context.record(context.decide_as(action, resource, facts))?;
    if recorded.decision.is_allowed() {
        return Ok(recorded);
    }
    let reason = sentence(&recorded.decision.reason(&recorded.facts));
    let advice = recorded.decision.advice(&recorded.facts).as_deref().map(sentence);
    let policies = recorded.decision.policies.clone();
    let problem = match recorded.decision.outcome {
        Outcome::Hold => Problem::held(reason, advice, recorded.decision.until),
        _ => Problem::denied(reason, advice),
    };
    let problem = problem.policies(&policies);
    // Who showed nothing may be somebody who may: HTTP has a status and a header for that (RFC 9110, section 11.6.1).
    let problem = if context.caller.strength == Strength::None {
        problem.status(StatusCode::UNAUTHORIZED).header(header::WWW_AUTHENTICATE, CHALLENGE)
    } else {
        problem
    };
    Err(recorded.problem(problem).into())
}

/// Stops who may not, before anything is looked up or made for them. Who may is not recorded yet.
pub(crate) fn only_who_may(context: &Context, resource: &Resource) -> Result<(), Stop> {
    if context.preview(context.action, resource, Facts::new()).0.is_allowed() {
        return Ok(());
    }
    // Refused all the same unless the policies changed in between.
    Err(admit(context, resource.clone())?.problem(Problem::internal()).into())
}

/// What the body asks for.
pub(crate) async fn asked<T: DeserializeOwned>(context: &Context, request: Request<RequestBody>) -> Result<T, Stop> {
    or_turned_down(context, read(request).await.map_err(Box::new))
}

/// What was made of what was asked; stops with what is wrong with that.
pub(crate) fn or_turned_down<T>(context: &Context, made: Result<T, Box<Problem>>) -> Result<T, Stop> {
    made.map_err(|problem| turned_down(context, *problem).map_or_else(|stop| stop, Stop::from))
}

/// An ask that cannot be understood, recorded as one about the node.
pub(crate) fn turned_down(context: &Context, problem: Problem) -> Handled {
    Ok(admit(context, node())?.problem(problem))
}

/// What is asked about where nothing is named.
pub(crate) fn node() -> Resource {
    Resource::new("Node", "this")
}
