//! The way of a request through the Python door: facts, decide, record, act. The handlers are the whole story; what they
//! call stands in the modules beside.

use std::sync::Arc;

use bytes::Bytes;
use fanlight_base::purl::normalized_pypi_name;
use fanlight_base::{Facts, Fault, Purl, Resource, limits};
use fanlight_gate::{Answer, CannotRecord, Context, Gate, PathParts, Recorded, Routes};
use fanlight_net::upstream::lend_credentials;
use fanlight_net::{Body, Problem};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};

use super::formats::index::IndexFile;
use super::formats::name::{check_file_name, is_project_name};
use super::formats::negotiate::{self, Format};
use super::formats::render::{self, Page};
use super::judge::{self, Asked, action_for, ask};
use super::project::{ECOSYSTEM, LookError, Projects, UpstreamState};
use crate::action;
use crate::client::{Client, refusal};
use crate::cooldown::Cooldowns;
use crate::files::{FileFault, FileHeaders, Files, Found, OnFault, Wanted, cached, streamed};

/// What the door is made of.
pub struct PypiParts {
    /// The projects of the upstream.
    pub projects: Arc<Projects>,
    /// The cache of files.
    pub files: Arc<Files>,
    /// How long which project's releases wait.
    pub cooldowns: Cooldowns,
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
                    Box::pin(async move { with_slash(&context, path.get("project")) }) as _
                },
            )
            .guarded(
                Method::GET,
                "/pypi/files/{project}/{file}",
                action::FETCH_FILE,
                move |context, path: PathParts, request: Request<_>| {
                    let door = file.clone();
                    Box::pin(async move {
                        door.file(&context, path.get("project"), path.get("file"), request.headers()).await
                    }) as _
                },
            )
    }

    /// The list of all projects, as the upstream has it now. Large and seldom asked for, so it is not kept.
    async fn list(&self, context: &Context, headers: &HeaderMap) -> Result<Answer, CannotRecord> {
        let everything = Named { name: String::new(), purl: Purl::pypi("", None) };
        let judged = context.decide(everything.resource(), everything.facts());
        let allowed = judged.decision.is_allowed();
        let mut recorded = context.record(judged)?;
        if !allowed {
            let problem = refusal(Client::of(headers), &recorded.decision, &recorded.facts);
            return Ok(recorded.problem(problem));
        }
        let format = match negotiate::choose(accept(headers).as_deref()) {
            Ok(format) => format,
            Err(error) => return Ok(recorded.problem(not_acceptable(&error))),
        };
        match self.parts.projects.list().await {
            Ok(names) => {
                let page = tokio::task::block_in_place(|| render::list(names.iter().map(String::as_str), format));
                Ok(recorded.answer(page_response(&page, format, headers)))
            }
            Err(error) => {
                record_fault(context, &mut recorded, &everything, &error)?;
                Ok(recorded.problem(look_problem(context, &error)))
            }
        }
    }

    /// A project's index page.
    async fn index(&self, context: &Context, name: &str, headers: &HeaderMap) -> Result<Answer, CannotRecord> {
        let Some(project) = Named::of(name) else { return bad_name(context, "project", name) };
        let format = match negotiate::choose(accept(headers).as_deref()) {
            Ok(format) => format,
            Err(error) => {
                let recorded = context.record(context.decide(project.resource(), project.facts()))?;
                return Ok(recorded.problem(not_acceptable(&error)));
            }
        };
        let seen = match self.parts.projects.see(&project.name).await {
            Ok(seen) => seen,
            Err(error) => return no_project(context, &project, &error),
        };
        let judgement = judge::judgement(context, &seen, &self.parts.cooldowns).await;
        let mut facts = project.facts();
        facts
            .set("format", format.as_str())
            .set("upstream_state", seen.state.as_str())
            .set("files", count(seen.project.index.files.len()))
            .set("held", judgement.held)
            .set("denied", judgement.denied)
            .set("status", seen.project.index.project_status.status.as_str());
        let judged = context.decide(project.resource(), facts);
        let allowed = judged.decision.is_allowed();
        let mut recorded = context.record(judged)?;
        if !allowed {
            let problem = refusal(Client::of(headers), &recorded.decision, &recorded.facts);
            return Ok(recorded.problem(problem));
        }
        if let (UpstreamState::Stale, Some(failure)) = (seen.state, &seen.failure) {
            record_fault(context, &mut recorded, &project, failure)?;
        }
        let page = judge::page(&judgement, &seen, format).await;
        Ok(recorded.answer(page_response(page, format, headers)))
    }

    /// A file, or a file's metadata where the name ends in `.metadata` (PEP 658).
    async fn file(
        &self,
        context: &Context,
        project: &str,
        file: &str,
        headers: &HeaderMap,
    ) -> Result<Answer, CannotRecord> {
        let Some(project) = Named::of(project) else { return bad_name(context, "project", project) };
        let (file, is_metadata) = file.strip_suffix(".metadata").map_or((file, false), |file| (file, true));
        if check_file_name(file).is_err() {
            return bad_name(context, "file", file);
        }
        let seen = match self.parts.projects.see(&project.name).await {
            Ok(seen) => seen,
            Err(error) => return no_project(context, &project, &error),
        };
        let Some(listed) = seen.project.index.files.iter().find(|listed| &*listed.filename == file) else {
            return gone(context, &project, file);
        };

        let Asked { resource, facts, .. } = ask(&seen, listed, &self.parts.cooldowns, context.now);
        let mut judged = context.decide_as(action_for(is_metadata), resource, facts);
        if !judged.decision.is_allowed() {
            // The index's judgement knows what to take instead.
            let judgement = judge::judgement(context, &seen, &self.parts.cooldowns).await;
            judged.facts.set("instead", judgement.instead().as_str());
            let recorded = context.record(judged)?;
            let problem = refusal(Client::of(headers), &recorded.decision, &recorded.facts);
            return Ok(recorded.problem(problem));
        }
        let recorded = context.record(judged)?;
        // From here on the record is being synced while the file is found or fetched.
        let Some(wanted) = self.wanted(listed, is_metadata) else {
            return Ok(recorded.problem(Problem::not_found(format!(
                "The upstream's index states no SHA-256 for {}{}, so it cannot be verified and is not served.",
                listed.filename,
                if is_metadata { ".metadata" } else { "" }
            ))));
        };
        let on_fault = fault_recorder(context.gate.clone(), recorded.resource.clone(), &project, listed);
        let found = match self.parts.files.find(&wanted, on_fault) {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(request = %context.peer.request, %error, "the cache cannot be read");
                return Ok(recorded.problem(Problem::internal()));
            }
        };
        let about = FileHeaders { content_type: content_type(&listed.filename, is_metadata), sha256: wanted.sha256 };
        let response = match found {
            Found::Cached(blob) => cached(blob, &about, headers).await.map_err(|error| {
                tracing::error!(request = %context.peer.request, %error, "a cached file cannot be read");
                Problem::internal()
            }),
            Found::Coming(flight) => {
                streamed(&flight, &about, headers).await.map_err(|fault| file_problem(listed, &fault))
            }
        };
        Ok(match response {
            Ok(response) => recorded.answer(response),
            Err(problem) => recorded.problem(problem),
        })
    }

    /// Where a listed file or its metadata is and what it must be. None without a SHA-256 to verify it by.
    fn wanted(&self, listed: &IndexFile, is_metadata: bool) -> Option<Wanted> {
        let mut url = listed.url.clone();
        // A private index's files are behind the same login where they are on the same host.
        if let Some(base) = self.parts.projects.base() {
            lend_credentials(&base, &mut url);
        }
        if is_metadata {
            url.set_path(&format!("{}.metadata", url.path()));
            let sha256 = listed.core_metadata.sha256()?;
            return Some(Wanted { sha256, url, size: None, limit: limits::METADATA_BYTES });
        }
        Some(Wanted { sha256: listed.hashes.sha256?, url, size: listed.size, limit: limits::FILE_BYTES })
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
        (is_project_name(name) && !is_token).then(|| {
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

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn accept(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let first = values.next()?;
    Some(values.fold(first.to_owned(), |all, next| format!("{all}, {next}")))
}

/// PEP 503: a page's address ends in a slash, so that relative addresses work.
fn with_slash(context: &Context, name: &str) -> Result<Answer, CannotRecord> {
    let Some(project) = Named::of(name) else { return bad_name(context, "project", name) };
    let recorded = context.record(context.decide(project.resource(), project.facts()))?;
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

/// The project is not there, or nothing is known of it and the upstream cannot be asked.
fn no_project(context: &Context, project: &Named, error: &Arc<LookError>) -> Result<Answer, CannotRecord> {
    let facts = project.facts().with("upstream_state", "absent");
    let mut recorded = context.record(context.decide_as(action::READ_INDEX, project.resource(), facts))?;
    if error.fault() == Fault::Upstream {
        record_fault(context, &mut recorded, project, error)?;
    }
    Ok(recorded.problem(look_problem(context, error)))
}

fn look_problem(context: &Context, error: &LookError) -> Problem {
    let words = error.words();
    match error.fault() {
        Fault::NotFound => Problem::not_found(sentence(&words)).advice(Some(match error {
            LookError::Refused { .. } => "Whoever runs that index can say why.".to_owned(),
            _ => "Check the spelling; a project that was there before has been taken away by its upstream.".to_owned(),
        })),
        Fault::Upstream => {
            let late = matches!(error, LookError::Upstream { source, .. } if source.is_late());
            Problem::new(failed_status(late), "upstream", "The upstream failed", sentence(&words))
        }
        Fault::Caller | Fault::Node => {
            tracing::error!(request = %context.peer.request, error = words, "the upstream's index could not be looked at");
            Problem::unavailable(sentence(&words), 5)
        }
    }
}

fn not_acceptable(error: &negotiate::NotAcceptable) -> Problem {
    Problem::new(StatusCode::NOT_ACCEPTABLE, "not-acceptable", "Not acceptable", sentence(&error.to_string()))
}

/// A file that the index does not list: it never was there, or the upstream took it away.
fn gone(context: &Context, project: &Named, file: &str) -> Result<Answer, CannotRecord> {
    let facts = project.facts().with("upstream_state", "absent");
    let recorded = context.record(context.decide_as(action::READ_INDEX, project.resource(), facts))?;
    Ok(recorded.problem(
        Problem::not_found(format!("The upstream's index of {} does not list the file {file:?}.", project.name))
            .advice(Some(format!(
                "It may have been deleted there; `fanlight why {}` shows what can be had.",
                project.name
            ))),
    ))
}

fn file_problem(listed: &IndexFile, fault: &FileFault) -> Problem {
    let words = format!("{}: {}.", listed.filename, fault.words());
    match fault.fault() {
        Fault::Upstream | Fault::NotFound => {
            let late = matches!(fault, FileFault::Upstream(error) if error.is_late());
            Problem::new(failed_status(late), "upstream", "The upstream failed", words)
        }
        Fault::Caller | Fault::Node => Problem::unavailable(format!("{} cannot be had now.", listed.filename), 5),
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

/// Records a fetch that failed after its answer may have begun to flow.
fn fault_recorder(gate: Arc<Gate>, resource: Resource, project: &Named, listed: &IndexFile) -> OnFault {
    let facts = project.facts().with("file", listed.filename.clone());
    Box::new(move |fault| {
        let facts = facts.with("fault", fault.words().as_str());
        if let Err(error) = gate.record_own(action::UPSTREAM_FAULT, &resource, facts) {
            tracing::error!(%error, "a failed fetch could not be recorded");
        }
    })
}

fn content_type(file: &str, is_metadata: bool) -> &'static str {
    if is_metadata {
        return "text/plain; charset=utf-8";
    }
    match file.rsplit_once('.').map(|(_, ending)| ending) {
        Some("gz" | "tgz") => "application/gzip",
        Some("whl" | "zip" | "egg") => "application/zip",
        _ => "application/octet-stream",
    }
}

fn sentence(words: &str) -> String {
    let mut letters = words.trim_end_matches('.').chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
