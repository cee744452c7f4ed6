//! The files themselves, and their metadata (PEP 658).

use std::sync::Arc;

use fanlight_base::{Facts, Fault, Resource};
use fanlight_gate::{Answer, CannotRecord, Context, Gate};
use fanlight_net::Problem;
use fanlight_store::BlobError;
use http::{Method, Request};

use super::{Door, facts_of, failed_status, look_problem, not_seen, project};
use crate::action;
use crate::client::{Client, refusal};
use crate::ecosystem::{Ecosystem, File as _, FileOf, Index as _, Name as _, Part};
use crate::files::{Delivery, FileFault, FileHeaders, Found, OnFault, Served, cached, streamed};
use crate::judge::{self, Asked, Asking, action_for};

impl<E: Ecosystem> Door<E> {
    /// The file that the project's page lists under `file`, or a part of it.
    pub(crate) async fn file<B: Sync>(
        &self,
        context: &Context,
        name: &E::Name,
        file: &str,
        part: Part,
        request: &Request<B>,
    ) -> Result<Answer, CannotRecord> {
        let seen = match self.projects.see(name).await {
            Ok(seen) => seen,
            Err(error) => {
                let about = (project::<E>(name), facts_of::<E>(name));
                return not_seen(context, about, request.headers(), &error);
            }
        };
        let Some(listed) = seen.thing.index.file(file) else {
            return gone::<E>(context, name, file, Client::of(request.headers()));
        };

        let Asked { resource, facts, release, .. } = Asking::new(&seen, &self.shared, context.now).ask(listed);
        let mut judged = context.decide_as(action_for(part), resource, facts);
        if !judged.decision.is_allowed() {
            // The index's judgement knows what to take instead.
            let judgement = judge::judgement(context, &seen, &self.shared).await;
            let instead = judgement.instead(release.version.as_ref());
            judged.facts.set("instead", instead.as_str()).set("why", E::typed(name).as_str());
            let recorded = context.record(judged)?;
            let problem = refusal(Client::of(request.headers()), &recorded.decision, &recorded.facts);
            return Ok(recorded.problem(problem));
        }
        let recorded = context.record(judged)?;
        // From here on the record is being synced while the file is found or fetched. What comes of it is recorded, too.
        let delivery = Delivery::begin(context, &recorded, listed.size().filter(|_| part == Part::Whole));
        let shown = E::file_name(name, listed);
        let let_through = LetThrough::<E> { name, listed, shown: &shown, part, resource: &recorded.resource };
        match self.serve(context, &let_through, request).await {
            Ok(served) => delivery.answer(context, recorded, served),
            Err(problem) => delivery.failed(context, recorded, Client::of(request.headers()).say(*problem)),
        }
    }

    /// Answers a request for a file that was let through: from what is known, from the cache, or from the upstream.
    async fn serve<B: Sync>(
        &self,
        context: &Context,
        file: &LetThrough<'_, E>,
        request: &Request<B>,
    ) -> Result<Served, Box<Problem>> {
        let &LetThrough { name, listed, shown, part, .. } = file;
        let client = Client::of(request.headers());
        let located = self.ecosystem.locate(&self.projects, name, listed, part).await;
        let Some(wanted) = located.map_err(|error| Box::new(look_problem(context, client, &error)))? else {
            return Err(Box::new(Problem::not_found(format!(
                "The upstream's index states no SHA-256 for {shown}{}, so it cannot be verified and is not served.",
                if part == Part::Metadata { ".metadata" } else { "" }
            ))));
        };
        let about = FileHeaders { content_type: E::content_type(shown, part), digest: wanted.digest };
        if let Some(served) = about.unchanged(request.headers(), wanted.size) {
            return Ok(served);
        }
        if request.method() == Method::HEAD {
            return Ok(about.head(self.shared.files.length(&wanted)));
        }
        let on_fault = fault_recorder(context.gate.clone(), file);
        let found = self
            .shared
            .files
            .find(&wanted, on_fault)
            .await
            .map_err(|fault| file_problem(context, client, shown, &fault))?;
        match found {
            Found::Cached(blob) => cached(blob, &about, request.headers()).await.map_err(|error| {
                tracing::error!(request = %context.peer.request, %error, "a cached file cannot be read");
                Box::new(Problem::internal())
            }),
            Found::Coming(flight) => streamed(&flight, &about, request.headers())
                .await
                .map_err(|fault| file_problem(context, client, shown, &fault)),
        }
    }
}

/// A listed file, or a part of it, that the policies let through.
struct LetThrough<'a, E: Ecosystem> {
    name: &'a E::Name,
    listed: &'a FileOf<E>,
    /// What it is called.
    shown: &'a Arc<str>,
    part: Part,
    resource: &'a Resource,
}

/// A file that the index does not list: it never was there, or the upstream took it away.
fn gone<E: Ecosystem>(context: &Context, name: &E::Name, file: &str, client: Client) -> Result<Answer, CannotRecord> {
    let facts = facts_of::<E>(name).with("upstream_state", "absent");
    let recorded = context.record(context.decide_as(action::READ_INDEX, project::<E>(name), facts))?;
    let (name, typed) = (name.text(), E::typed(name));
    Ok(recorded.problem(
        client.say(
            Problem::not_found(format!("The upstream's index of {name} does not list the file {file:?}."))
                .advice(Some(format!("It may have been deleted there; `fanlight why {typed}` shows what can be had."))),
        ),
    ))
}

fn file_problem(context: &Context, client: Client, file: &str, fault: &FileFault) -> Box<Problem> {
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
fn fault_recorder<E: Ecosystem>(gate: Arc<Gate>, file: &LetThrough<'_, E>) -> OnFault {
    let (facts, resource): (Facts, Resource) =
        (facts_of::<E>(file.name).with("file", file.shown.clone()), file.resource.clone());
    Box::new(move |fault| {
        let facts = facts.with("fault", fault.words().as_str());
        if let Err(error) = gate.record_own(action::UPSTREAM_FAULT, &resource, facts) {
            tracing::error!(%error, "a failed fetch could not be recorded");
        }
    })
}
