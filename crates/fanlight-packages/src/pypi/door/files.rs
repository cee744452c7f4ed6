//! The files themselves, and their metadata (PEP 658).

use std::sync::Arc;

use fanlight_base::{Fault, Resource, limits};
use fanlight_gate::{Answer, CannotRecord, Context, Gate};
use fanlight_net::Problem;
use fanlight_net::upstream::{lend_credentials, without_credentials};
use fanlight_store::BlobError;
use http::{Method, Request};
use url::Url;

use super::{Named, PypiDoor, bad_name, failed_status, no_project};
use crate::action;
use crate::client::{Client, refusal};
use crate::files::{Delivery, FileFault, FileHeaders, Found, OnFault, Served, Wanted, cached, streamed};
use crate::pypi::formats::index::IndexFile;
use crate::pypi::formats::name::check_file_name;
use crate::pypi::judge::{self, Asked, Asking, action_for};

impl PypiDoor {
    /// A file, or a file's metadata where the name ends in `.metadata` (PEP 658).
    pub(super) async fn file<B: Sync>(
        &self,
        context: &Context,
        project: &str,
        file: &str,
        request: &Request<B>,
    ) -> Result<Answer, CannotRecord> {
        let Some(project) = Named::of(project) else { return bad_name(context, "project", project) };
        let (file, is_metadata) = file.strip_suffix(".metadata").map_or((file, false), |file| (file, true));
        if check_file_name(file).is_err() {
            return bad_name(context, "file", file);
        }
        let seen = match self.parts.projects.see(&project.name).await {
            Ok(seen) => seen,
            Err(error) => return no_project(context, &project, request.headers(), &error),
        };
        let Some(listed) = seen.thing.index.files.iter().find(|listed| &*listed.filename == file) else {
            return gone(context, &project, file);
        };

        let Asked { resource, facts, .. } = Asking::new(&seen, &self.parts, context.now).ask(listed);
        let mut judged = context.decide_as(action_for(is_metadata), resource, facts);
        if !judged.decision.is_allowed() {
            // The index's judgement knows what to take instead.
            let judgement = judge::judgement(context, &seen, &self.parts).await;
            judged.facts.set("instead", judgement.instead().as_str());
            let recorded = context.record(judged)?;
            let problem = refusal(Client::of(request.headers()), &recorded.decision, &recorded.facts);
            return Ok(recorded.problem(problem));
        }
        let recorded = context.record(judged)?;
        // From here on the record is being synced while the file is found or fetched. What comes of it is recorded, too.
        let delivery = Delivery::begin(context, &recorded, listed.size.filter(|_| !is_metadata));
        let let_through = LetThrough { project: &project, listed, is_metadata, resource: &recorded.resource };
        match self.serve(context, &let_through, request).await {
            Ok(served) => delivery.answer(context, recorded, served),
            Err(problem) => delivery.failed(context, recorded, *problem),
        }
    }

    /// Answers a request for a file that was let through: from what is known, from the cache, or from the upstream.
    async fn serve<B: Sync>(
        &self,
        context: &Context,
        file: &LetThrough<'_>,
        request: &Request<B>,
    ) -> Result<Served, Box<Problem>> {
        let LetThrough { listed, is_metadata, .. } = *file;
        let Some(wanted) = self.wanted(listed, is_metadata) else {
            return Err(Box::new(Problem::not_found(format!(
                "The upstream's index states no SHA-256 for {}{}, so it cannot be verified and is not served.",
                listed.filename,
                if is_metadata { ".metadata" } else { "" }
            ))));
        };
        let about = FileHeaders { content_type: content_type(&listed.filename, is_metadata), sha256: wanted.sha256 };
        if let Some(served) = about.unchanged(request.headers(), wanted.size) {
            return Ok(served);
        }
        if request.method() == Method::HEAD {
            return Ok(about.head(self.parts.files.length(&wanted)));
        }
        let client = Client::of(request.headers());
        let on_fault = fault_recorder(context.gate.clone(), file.resource.clone(), file.project, listed);
        let found = self
            .parts
            .files
            .find(&wanted, on_fault)
            .await
            .map_err(|fault| file_problem(context, client, listed, &fault))?;
        match found {
            Found::Cached(blob) => cached(blob, &about, request.headers()).await.map_err(|error| {
                tracing::error!(request = %context.peer.request, %error, "a cached file cannot be read");
                Box::new(Problem::internal())
            }),
            Found::Coming(flight) => streamed(&flight, &about, request.headers())
                .await
                .map_err(|fault| file_problem(context, client, listed, &fault)),
        }
    }

    /// Where a listed file or its metadata is and what it must be. None without a SHA-256 to verify it by.
    fn wanted(&self, listed: &IndexFile, is_metadata: bool) -> Option<Wanted> {
        let mut url = Url::parse(&listed.address()).ok()?;
        // A private index's files are behind the same login where they are on the same host.
        let base = self.parts.projects.base()?;
        lend_credentials(&base, &mut url);
        let named_by = without_credentials(&base);
        if is_metadata {
            url.set_path(&format!("{}.metadata", url.path()));
            let sha256 = listed.core_metadata.sha256()?;
            return Some(Wanted { sha256, url, named_by, size: None, limit: limits::METADATA_BYTES });
        }
        Some(Wanted { sha256: listed.hashes.sha256?, url, named_by, size: listed.size, limit: limits::FILE_BYTES })
    }
}

/// A listed file, or its metadata, that the policies let through.
#[derive(Clone, Copy)]
struct LetThrough<'a> {
    project: &'a Named,
    listed: &'a IndexFile,
    is_metadata: bool,
    resource: &'a Resource,
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

fn file_problem(context: &Context, client: Client, listed: &IndexFile, fault: &FileFault) -> Box<Problem> {
    let file = &listed.filename;
    Box::new(match fault {
        FileFault::Busy { flights } => Problem::unavailable(
            format!("{file} cannot be had now: {flights} other files are on their way from the upstream, as many as may be at once."),
            5,
        )
        .advice(Some("Try again in a moment; pip and uv do so by themselves.".to_owned())),
        FileFault::Cache(BlobError::DiskFull { .. }) => {
            tracing::error!(request = %context.peer.request, error = fault.words(), "a file cannot be kept");
            Problem::unavailable(format!("{file} cannot be had now: the disk of this node is full."), 30)
                .advice(Some("Tell the steward; it goes on by itself when there is room.".to_owned()))
        }
        _ if matches!(fault.fault(), Fault::Upstream | Fault::NotFound) => {
            // After a 5xx clients ask again, and a current pip then hides why; what will be the same is told as a refusal.
            let status =
                if fault.is_final() { client.refusal_status() } else { failed_status(fault.is_late()) };
            let words = format!("{file}: {}.", fault.words());
            let advice = fault.is_final().then(|| "Whoever runs that index can say why.".to_owned());
            Problem::new(status, "upstream", "The upstream failed", words).advice(advice)
        }
        _ => {
            tracing::error!(request = %context.peer.request, error = fault.words(), "a file cannot be had");
            Problem::unavailable(format!("{file} cannot be had now; this node's log says why."), 5)
        }
    })
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
