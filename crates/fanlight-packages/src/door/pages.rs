//! What tells of files: each project's page, and what there is beside.

use std::sync::Arc;

use fanlight_base::{Facts, Resource};
use fanlight_gate::{CannotRecord, Context, Handled, Recorded, Stop};
use fanlight_net::Problem;
use http::{HeaderMap, Request, StatusCode, header};

use super::{Door, everything, facts_of, facts_of_all, not_seen, project, record_fault, sentence};
use crate::client::{Client, refusal};
use crate::ecosystem::{Ecosystem, Form, Index as _};
use crate::judge::{self, Verdicts};
use crate::project::{LookError, Project, Seen, UpstreamState};

/// The headers that pages depend on.
pub(crate) const VARY: &str = "Accept, Accept-Encoding, Authorization";
/// The same where the form depends on the client, too.
pub(crate) const VARY_BY_CLIENT: &str = "Accept, Accept-Encoding, Authorization, User-Agent";

/// A project's page, judged, recorded and let through; not yet written.
pub(crate) struct Opened<E: Ecosystem> {
    /// The record, from which alone an answer is made.
    pub(crate) recorded: Recorded,
    /// The project.
    pub(crate) seen: Seen<Project<E>>,
    /// What the guard says of its files.
    pub(crate) judgement: Arc<Verdicts>,
}

impl<E: Ecosystem> Door<E> {
    /// A project's page.
    pub(crate) async fn index<B: Sync>(&self, context: &Context, name: &E::Name, request: &Request<B>) -> Handled {
        let headers = request.headers();
        let form = match E::Form::wanted(headers) {
            Ok(form) => form,
            Err(why) => return not_acceptable(context, (project::<E>(name), facts_of::<E>(name)), &why),
        };
        let Opened { recorded, seen, judgement } = self.open(context, name, form, headers).await?;
        let door = form.door_path().map_or_else(String::new, |path| address(context, request, path));
        let written = judge::page(&judgement, &seen, form, &door).await;
        Ok(recorded.answer(written.page.response(form.content_type(), E::Form::vary(), headers)))
    }

    /// Looks at a project's page, judges and records its reading; gives the answer where it is not to be had.
    pub(crate) async fn open(
        &self,
        context: &Context,
        name: &E::Name,
        form: E::Form,
        headers: &HeaderMap,
    ) -> Result<Opened<E>, Stop> {
        let about = (project::<E>(name), facts_of::<E>(name));
        let seen = match self.projects.see(name).await {
            Ok(seen) => seen,
            Err(error) => return Err(not_seen(context, about, headers, &error)?.into()),
        };
        let judgement = judge::judgement(context, &seen, &self.shared).await;
        let (resource, known) = about;
        let mut facts = known.clone();
        facts
            .set("format", form.as_str())
            .set("upstream_state", seen.state.as_str())
            .set("upstream", seen.thing.from.shown().clone())
            .set("files", count(seen.thing.index.files().len()))
            .set("held", judgement.held)
            .set("denied", judgement.denied)
            .set("status", seen.thing.index.status().0);
        let mut recorded = admit(context, resource, facts, headers)?;
        record_stale(context, &mut recorded, known, &seen)?;
        Ok(Opened { recorded, seen, judgement })
    }

    /// The form that a client wants of what is about no project, or the answer that there is none.
    pub(crate) fn form(context: &Context, headers: &HeaderMap) -> Result<E::Form, Stop> {
        match E::Form::wanted(headers) {
            Ok(form) => Ok(form),
            Err(why) => Err(not_acceptable(context, (everything::<E>(), facts_of_all::<E>()), &why)?.into()),
        }
    }

    /// Judges and records the reading of what is about no project; gives the refusal as the answer where it is one.
    pub(crate) fn admit_to<T>(
        context: &Context,
        seen: &Seen<T>,
        form: E::Form,
        headers: &HeaderMap,
    ) -> Result<Recorded, Stop> {
        let mut facts = facts_of_all::<E>();
        facts.set("format", form.as_str()).set("upstream_state", seen.state.as_str());
        let mut recorded = admit(context, everything::<E>(), facts, headers)?;
        record_stale(context, &mut recorded, facts_of_all::<E>(), seen)?;
        Ok(recorded)
    }

    /// The answer where what is about no project cannot be had.
    pub(crate) fn not_seen_beside(context: &Context, headers: &HeaderMap, error: &Arc<LookError>) -> Handled {
        not_seen(context, (everything::<E>(), facts_of_all::<E>()), headers, error)
    }

    /// Judges and records a request that is about no project and for which nothing need be looked at.
    pub(crate) fn of_no_project(context: &Context) -> Result<Recorded, CannotRecord> {
        let facts = facts_of_all::<E>().with("upstream_state", "unasked");
        context.record(context.decide_as(crate::action::READ_INDEX, everything::<E>(), facts))
    }

    /// Judges and records what is about no single project; gives the refusal as the answer where it is one.
    pub(crate) fn admit_all(context: &Context, more: &Facts, headers: &HeaderMap) -> Result<Recorded, Stop> {
        let mut facts = facts_of_all::<E>();
        for (name, fact) in more.iter() {
            facts.set(name.to_owned(), fact.clone());
        }
        admit(context, everything::<E>(), facts, headers)
    }

    /// Judges and records a request about a project that nothing need be looked at for.
    pub(crate) fn unasked(context: &Context, name: &E::Name) -> Result<Recorded, CannotRecord> {
        context.record(context.decide(project::<E>(name), facts_of::<E>(name).with("upstream_state", "unasked")))
    }
}

/// Judges and records; gives the refusal as the answer where it is one.
fn admit(context: &Context, resource: Resource, facts: Facts, headers: &HeaderMap) -> Result<Recorded, Stop> {
    let judged = context.decide(resource, facts);
    let allowed = judged.decision.is_allowed();
    let recorded = context.record(judged)?;
    if allowed {
        return Ok(recorded);
    }
    let problem = refusal(Client::of(headers), &recorded.decision, &recorded.facts);
    Err(recorded.problem(problem).into())
}

/// The door's address as the client knows it: its path at the host that was asked for, which the gate has let pass.
pub(crate) fn address<B>(context: &Context, request: &Request<B>, path: &str) -> String {
    let scheme = if context.peer.tls { "https" } else { "http" };
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(http::uri::Authority::as_str)).unwrap_or("localhost");
    format!("{scheme}://{host}{path}")
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The values of the header of that name, joined with commas (RFC 9110 section 5.3).
pub(crate) fn joined(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    let mut values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let first = values.next()?;
    Some(values.fold(first.to_owned(), |all, next| format!("{all}, {next}")))
}

fn not_acceptable(context: &Context, (resource, facts): (Resource, Facts), why: &str) -> Handled {
    let recorded = context.record(context.decide(resource, facts.with("upstream_state", "unasked")))?;
    let words = sentence(why);
    Ok(recorded.problem(Problem::new(StatusCode::NOT_ACCEPTABLE, "not-acceptable", "Not acceptable", words)))
}

/// Records why a page is served that the upstream could not confirm.
fn record_stale<T>(
    context: &Context,
    recorded: &mut Recorded,
    facts: Facts,
    seen: &Seen<T>,
) -> Result<(), CannotRecord> {
    match (seen.state, &seen.failure) {
        (UpstreamState::Stale, Some(failure)) => record_fault(context, recorded, facts, failure),
        _ => Ok(()),
    }
}
