//! What tells of files: the list of projects and each project's page.

use bytes::Bytes;
use fanlight_base::Purl;
use fanlight_gate::{Answer, CannotRecord, Context, Recorded};
use fanlight_net::{Body, Problem};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

use super::{Named, PypiDoor, bad_name, no_project, record_fault, sentence};
use crate::client::{Client, refusal};
use crate::pypi::formats::negotiate::{self, Format};
use crate::pypi::formats::render::Page;
use crate::pypi::judge;
use crate::pypi::project::{Seen, UpstreamState};

impl PypiDoor {
    /// The list of all projects.
    pub(super) async fn list(&self, context: &Context, headers: &HeaderMap) -> Result<Answer, CannotRecord> {
        let everything = Named { name: String::new(), purl: Purl::pypi("", None) };
        let format = match negotiate::choose(accept(headers).as_deref()) {
            Ok(format) => format,
            Err(error) => return not_acceptable(context, &everything, &error),
        };
        let seen = match self.parts.projects.list().await {
            Ok(seen) => seen,
            Err(error) => return no_project(context, &everything, headers, &error),
        };
        let mut facts = everything.facts();
        facts.set("format", format.as_str()).set("upstream_state", seen.state.as_str());
        let judged = context.decide(everything.resource(), facts);
        let allowed = judged.decision.is_allowed();
        let mut recorded = context.record(judged)?;
        if !allowed {
            let problem = refusal(Client::of(headers), &recorded.decision, &recorded.facts);
            return Ok(recorded.problem(problem));
        }
        record_stale(context, &mut recorded, &everything, &seen)?;
        let page = seen.thing.page(format).await;
        Ok(recorded.answer(page_response(page, format, headers)))
    }

    /// A project's index page.
    pub(super) async fn index(
        &self,
        context: &Context,
        name: &str,
        headers: &HeaderMap,
    ) -> Result<Answer, CannotRecord> {
        let Some(project) = Named::of(name) else { return bad_name(context, "project", name) };
        let format = match negotiate::choose(accept(headers).as_deref()) {
            Ok(format) => format,
            Err(error) => return not_acceptable(context, &project, &error),
        };
        let seen = match self.parts.projects.see(&project.name).await {
            Ok(seen) => seen,
            Err(error) => return no_project(context, &project, headers, &error),
        };
        let judgement = judge::judgement(context, &seen, &self.parts).await;
        let mut facts = project.facts();
        facts
            .set("format", format.as_str())
            .set("upstream_state", seen.state.as_str())
            .set("files", count(seen.thing.index.files.len()))
            .set("held", judgement.held)
            .set("denied", judgement.denied)
            .set("status", seen.thing.index.project_status.status.as_str());
        let judged = context.decide(project.resource(), facts);
        let allowed = judged.decision.is_allowed();
        let mut recorded = context.record(judged)?;
        if !allowed {
            let problem = refusal(Client::of(headers), &recorded.decision, &recorded.facts);
            return Ok(recorded.problem(problem));
        }
        record_stale(context, &mut recorded, &project, &seen)?;
        let page = judge::page(&judgement, &seen, format).await;
        Ok(recorded.answer(page_response(page, format, headers)))
    }
}

/// PEP 503: a page's address ends in a slash, so that relative addresses work.
pub(super) fn with_slash(context: &Context, name: &str) -> Result<Answer, CannotRecord> {
    let Some(project) = Named::of(name) else { return bad_name(context, "project", name) };
    let recorded =
        context.record(context.decide(project.resource(), project.facts().with("upstream_state", "unasked")))?;
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    if let Ok(location) = HeaderValue::from_str(&format!("/pypi/simple/{}/", project.name)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(recorded.answer(response))
}

fn page_response(page: &Page, format: Format, headers: &HeaderMap) -> Response<Body> {
    let same = headers.get(header::IF_NONE_MATCH).is_some_and(|value| {
        value.to_str().is_ok_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == &*page.etag))
    });
    let mut response = if same {
        let mut response = Response::new(Body::Empty);
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        let bytes: Bytes = page.bytes.clone();
        Response::new(Body::Full(bytes))
    };
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    answer.insert(header::VARY, HeaderValue::from_static("Accept, Authorization"));
    // Clients keep it and ask each time whether it still holds: a hold may have ended.
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(etag) = HeaderValue::from_str(&page.etag) {
        answer.insert(header::ETAG, etag);
    }
    response
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn accept(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let first = values.next()?;
    Some(values.fold(first.to_owned(), |all, next| format!("{all}, {next}")))
}

fn not_acceptable(
    context: &Context,
    project: &Named,
    error: &negotiate::NotAcceptable,
) -> Result<Answer, CannotRecord> {
    let facts = project.facts().with("upstream_state", "unasked");
    let recorded = context.record(context.decide(project.resource(), facts))?;
    let words = sentence(&error.to_string());
    Ok(recorded.problem(Problem::new(StatusCode::NOT_ACCEPTABLE, "not-acceptable", "Not acceptable", words)))
}

/// Records why a page is served that the upstream could not confirm.
fn record_stale<T>(
    context: &Context,
    recorded: &mut Recorded,
    project: &Named,
    seen: &Seen<T>,
) -> Result<(), CannotRecord> {
    match (seen.state, &seen.failure) {
        (UpstreamState::Stale, Some(failure)) => record_fault(context, recorded, project, failure),
        _ => Ok(()),
    }
}
