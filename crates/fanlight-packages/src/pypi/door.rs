//! The Python door: its routes, and what both its halves need. The way of a request (facts, decide, record, act) stands
//! in [`pages`] for what tells of files, and in [`files`] for the files themselves.

mod files;
mod pages;

use std::sync::Arc;

use fanlight_base::purl::{is_pypi_name, normalized_pypi_name};
use fanlight_base::{Facts, Fault, Purl, Resource, limits};
use fanlight_gate::{Answer, CannotRecord, Context, PathParts, Recorded, Routes};
use fanlight_net::Problem;
use http::{HeaderMap, Method, Request, StatusCode};

use super::project::{ECOSYSTEM, LookError, Projects};
use crate::action;
use crate::client::Client;
use crate::cooldown::Cooldowns;
use crate::files::Files;
use crate::knowledge::Known;

/// What the door is made of.
pub struct PypiParts {
    /// The projects of the upstream.
    pub projects: Arc<Projects>,
    /// The cache of files.
    pub files: Arc<Files>,
    /// How long which project's releases wait.
    pub cooldowns: Cooldowns,
    /// What is known of releases beside their index.
    pub known: Known,
}

/// The Python door.
pub struct PypiDoor {
    pub(super) parts: PypiParts,
}

impl PypiDoor {
    /// Builds the door.
    pub fn new(parts: PypiParts) -> Arc<Self> {
        Arc::new(Self { parts })
    }

    /// The projects behind the door.
    pub fn projects(&self) -> &Arc<Projects> {
        &self.parts.projects
    }

    /// The files behind the door.
    pub fn files(&self) -> &Arc<Files> {
        &self.parts.files
    }

    /// The door's routes.
    pub fn routes(self: &Arc<Self>) -> Routes {
        let (list, index, file) = (self.clone(), self.clone(), self.clone());
        Routes::new()
            .guarded(
                Method::GET,
                "/pypi/simple/",
                action::READ_INDEX,
                move |context, _: PathParts, request: Request<_>| {
                    let door = list.clone();
                    Box::pin(async move { door.list(&context, request.headers()).await }) as _
                },
            )
            .guarded(
                Method::GET,
                "/pypi/simple/{project}/",
                action::READ_INDEX,
                move |context, path: PathParts, request: Request<_>| {
                    let door = index.clone();
                    Box::pin(async move { door.index(&context, path.get("project"), request.headers()).await }) as _
                },
            )
            .guarded(
                Method::GET,
                "/pypi/simple/{project}",
                action::READ_INDEX,
                |context: Context, path: PathParts, _: Request<_>| {
                    Box::pin(async move { pages::with_slash(&context, path.get("project")) }) as _
                },
            )
            .guarded(
                Method::GET,
                "/pypi/files/{project}/{file}",
                action::FETCH_FILE,
                move |context, path: PathParts, request: Request<_>| {
                    let door = file.clone();
                    Box::pin(async move { door.file(&context, path.get("project"), path.get("file"), &request).await })
                        as _
                },
            )
    }
}

/// A project's name in normal form, as asked for.
struct Named {
    name: String,
    purl: Purl,
}

impl Named {
    fn of(name: &str) -> Option<Self> {
        // A token pasted in the wrong place must not end in the log and the ledger.
        let is_token = ["flk_", "flo_"].iter().any(|mark| name.to_ascii_lowercase().starts_with(mark));
        (is_pypi_name(name) && !is_token).then(|| {
            let name = normalized_pypi_name(name);
            let purl = Purl::pypi(&name, None);
            Self { name, purl }
        })
    }

    fn resource(&self) -> Resource {
        Resource::new("Project", self.purl.text())
    }

    fn facts(&self) -> Facts {
        Facts::new().with("ecosystem", ECOSYSTEM).with("project", self.name.as_str())
    }
}

/// A name that cannot be one: recorded under the door's root, because the name itself is not fit to be kept.
fn bad_name(context: &Context, what: &str, name: &str) -> Result<Answer, CannotRecord> {
    let facts = Facts::new().with("ecosystem", ECOSYSTEM).with("project", "").with("upstream_state", "unasked");
    let judged = context.decide_as(action::READ_INDEX, Resource::new("Project", "pkg:pypi/"), facts);
    let recorded = context.record(judged)?;
    let shown: String = name.chars().take(80).map(|c| if c.is_control() { '?' } else { c }).collect();
    Ok(recorded.problem(Problem::bad_request(format!(
        "{shown:?} cannot be the name of a {what}: names have letters, digits, dots, dashes and underscores, \
         begin with a letter or digit, and are at most {} bytes long.",
        limits::NAME_BYTES
    ))))
}

/// The project is not there, or nothing is known of it and the upstream cannot be asked or refuses it.
fn no_project(
    context: &Context,
    project: &Named,
    headers: &HeaderMap,
    error: &Arc<LookError>,
) -> Result<Answer, CannotRecord> {
    let state = if error.fault() == Fault::NotFound { "absent" } else { "failed" };
    let facts = project.facts().with("upstream_state", state);
    let mut recorded = context.record(context.decide_as(action::READ_INDEX, project.resource(), facts))?;
    if error.fault() == Fault::Upstream {
        record_fault(context, &mut recorded, project, error)?;
    }
    Ok(recorded.problem(look_problem(context, Client::of(headers), error)))
}

fn look_problem(context: &Context, client: Client, error: &LookError) -> Problem {
    let words = error.words();
    let advice = error.advice().map(str::to_owned);
    match error.fault() {
        Fault::NotFound => Problem::not_found(sentence(&words)).advice(advice),
        Fault::Upstream => {
            let (status, title) = match error {
                // No 5xx, after which clients ask again, and no 404, after which some go on to another index.
                LookError::Refused { .. } => (client.refusal_status(), "The upstream refuses"),
                LookError::Upstream { source, .. } => (failed_status(source.is_late()), "The upstream failed"),
                _ => (failed_status(false), "The upstream failed"),
            };
            Problem::new(status, "upstream", title, sentence(&words)).advice(advice)
        }
        Fault::Caller | Fault::Node => {
            tracing::error!(request = %context.peer.request, error = words, "the upstream's index could not be looked at");
            Problem::unavailable(sentence(&words), 5)
        }
    }
}

/// 504 where it was a matter of time (RFC 9110, section 15.6.5), else 502.
const fn failed_status(late: bool) -> StatusCode {
    if late { StatusCode::GATEWAY_TIMEOUT } else { StatusCode::BAD_GATEWAY }
}

fn record_fault(
    context: &Context,
    recorded: &mut Recorded,
    project: &Named,
    error: &LookError,
) -> Result<(), CannotRecord> {
    let facts = project.facts().with("fault", error.words().as_str());
    context.record_event(recorded, action::UPSTREAM_FAULT, &facts)
}

fn sentence(words: &str) -> String {
    let mut letters = words.trim_end_matches('.').chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
