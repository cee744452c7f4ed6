//! The files themselves, and their metadata (PEP 658).

use std::fs::File;
use std::sync::Arc;

use fanlight_base::{Facts, Fault, Resource, limits};
use fanlight_gate::{Context, Gate, Handled, Judged};
use fanlight_net::Problem;
use fanlight_store::{BlobError, BlobFile, Digest};
use http::{HeaderMap, Method, Request};

use super::{Door, facts_of, failed_status, look_problem, not_seen, project};
use crate::action;
use crate::client::{self, Client, refusal};
use crate::ecosystem::{Ecosystem, File as _, FileOf, Index as _, Name as _, Part};
use crate::files::{BeforeEnd, Delivery, FileFault, FileHeaders, Found, OnFault, Progress, Served, cached, streamed};
use crate::judge::{self, Asked, Asking, action_for};
use crate::project::{Project, Seen};
use crate::scanning::{Arrived, Scanning, earlier};

impl<E: Ecosystem> Door<E> {
    /// The file that the project's page lists under `file`, or a part of it.
    pub(crate) async fn file<B: Sync>(
        &self,
        context: &Context,
        name: &E::Name,
        file: &str,
        part: Part,
        request: &Request<B>,
    ) -> Handled {
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

        let judged = self.judged(context, &seen, listed, part);
        if !judged.decision.is_allowed() {
            return self.refused(context, &seen, (name, listed), judged, request.headers()).await;
        }
        let was_scanned = judged.facts.get("scan").is_some();
        let recorded = context.record(judged)?;
        // From here on the record is being synced while the file is found or fetched. What comes of it is recorded, too.
        let delivery = Delivery::begin(context, &recorded, listed.size().filter(|_| part == Part::Whole));
        let shown = E::file_name(name, listed);
        let let_through = LetThrough::<E> {
            seen: &seen,
            name,
            listed,
            shown: &shown,
            part,
            was_scanned,
            resource: &recorded.resource,
        };
        match self.serve(context, &let_through, request).await {
            Ok(served) => delivery.answer(context, recorded, served),
            Err(NotServed::Problem(problem)) => {
                delivery.failed(context, recorded, Client::of(request.headers()).say(*problem))
            }
            Err(NotServed::Refused(judged)) => {
                // Nothing of it went out, which this records; the refusal is a decision of its own.
                drop(delivery);
                self.refused(context, &seen, (name, listed), *judged, request.headers()).await
            }
        }
    }

    /// What the guard says of a file by what is known now.
    pub(crate) fn judged(&self, context: &Context, seen: &Seen<Project<E>>, listed: &FileOf<E>, part: Part) -> Judged {
        let Asked { resource, facts, .. } = Asking::new(seen, &self.shared, context.now).ask(listed);
        context.decide_as(action_for(part), resource, facts)
    }

    pub(crate) async fn refused(
        &self,
        context: &Context,
        seen: &Seen<Project<E>>,
        (name, listed): (&E::Name, &FileOf<E>),
        mut judged: Judged,
        headers: &HeaderMap,
    ) -> Handled {
        // The index's judgement knows what to take instead.
        let judgement = judge::judgement(context, seen, &self.shared).await;
        let instead = client::instead(judgement.instead(E::release(name, listed).version.as_ref()), &judged.facts);
        judged.facts.set("instead", instead.as_str()).set("why", E::typed(name).as_str());
        let recorded = context.record(judged)?;
        let problem = refusal(Client::of(headers), &recorded.decision, &recorded.facts);
        Ok(recorded.problem(problem))
    }

    /// Answers a request for a file that was let through: from what is known, from the cache, or from the upstream.
    async fn serve<B: Sync>(
        &self,
        context: &Context,
        file: &LetThrough<'_, E>,
        request: &Request<B>,
    ) -> Result<Served, NotServed> {
        let &LetThrough { listed, shown, part, .. } = file;
        let client = Client::of(request.headers());
        let located = self.ecosystem.locate(&self.projects, &file.seen.thing, listed, part).await;
        let Some(wanted) = located.map_err(|error| look_problem(context, client, &error))? else {
            return Err(NotServed::from(Problem::not_found(format!(
                "The upstream's index states no hash for {shown}{} that it can be verified by (SHA-256, SHA-384 or \
                 SHA-512), or no address, so it is not served.",
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
        let on_fault = fault_recorder::<E>(context.gate.clone(), file.name, shown, file.resource);
        let fault = |fault: &FileFault| NotServed::from(file_problem(context, client, shown, fault));
        let unreadable = |error: std::io::Error| {
            tracing::error!(request = %context.peer.request, %error, "a cached file cannot be read");
            NotServed::from(Problem::internal())
        };
        let found = self.shared.files.find(&wanted, on_fault).await.map_err(|own| fault(&own))?;
        // Metadata is text that pip reads; it holds nothing that runs.
        let scanning = self.shared.scanning.as_ref().filter(|_| part == Part::Whole);
        match (found, scanning) {
            (Found::Cached(blob), None) => cached(blob, &about, request.headers()).await.map_err(unreadable),
            (Found::Cached(blob), Some(scanning)) => {
                // What was found in it stood in the facts already, or came while this request was on its way.
                if !file.was_scanned {
                    let content = blob.file.try_clone().map_err(unreadable)?;
                    self.scanned(scanning, context, file, (wanted.digest, Arc::new(content), blob.len)).await?;
                }
                cached(blob, &about, request.headers()).await.map_err(unreadable)
            }
            (Found::Coming(flight), None) => {
                streamed(&flight, &about, request.headers(), None).await.map_err(|own| fault(&own))
            }
            (Found::Coming(flight), Some(scanning)) => {
                match flight.over_or_beyond(limits::SCAN_WAITED_FOR_BYTES).await {
                    Progress::Failed(own) => Err(fault(&own)),
                    Progress::Verified { length, file: content } => {
                        self.scanned(scanning, context, file, (wanted.digest, content.clone(), length)).await?;
                        let file = content.try_clone().map_err(unreadable)?;
                        cached(BlobFile { file, len: length }, &about, request.headers()).await.map_err(unreadable)
                    }
                    Progress::Asked | Progress::Writing { .. } => {
                        let before_end = self.before_end(scanning, context, file, wanted.digest);
                        streamed(&flight, &about, request.headers(), Some(before_end)).await.map_err(|own| fault(&own))
                    }
                }
            }
        }
    }

    /// Has a file scanned, and asks the guard again where that says something new.
    async fn scanned(
        &self,
        scanning: &Arc<Scanning>,
        context: &Context,
        file: &LetThrough<'_, E>,
        (digest, content, length): (Digest, Arc<File>, u64),
    ) -> Result<(), NotServed> {
        let earlier = earlier(&file.seen.thing, file.listed);
        scanning.verdict(Arrived { digest, file: file.shown, content, length, earlier: &earlier }).await;
        let judged = self.judged(context, file.seen, file.listed, file.part);
        if judged.decision.is_allowed() { Ok(()) } else { Err(NotServed::Refused(Box::new(judged))) }
    }

    /// The same for a file of which most has gone out: what is not allowed is cut off before its end.
    fn before_end(
        &self,
        scanning: &Arc<Scanning>,
        context: &Context,
        file: &LetThrough<'_, E>,
        digest: Digest,
    ) -> BeforeEnd {
        let (scanning, shared) = (scanning.clone(), self.shared.clone());
        let seen = file.seen.clone();
        let (shown, part, key) = (file.shown.clone(), file.part, file.listed.key().clone());
        let earlier = earlier(&file.seen.thing, file.listed);
        let context = context.clone();
        Box::new(move |content, length| {
            Box::pin(async move {
                scanning.verdict(Arrived { digest, file: &shown, content, length, earlier: &earlier }).await;
                let listed = seen.thing.index.files().iter().find(|listed| *listed.key() == key);
                let Some(listed) = listed else { return Err(Arc::new(FileFault::Scan)) };
                let Asked { resource, facts, .. } = Asking::new(&seen, &shared, context.now).ask(listed);
                let judged = context.decide_as(action_for(part), resource, facts);
                if judged.decision.is_allowed() {
                    return Ok(());
                }
                // A decision of its own, which says why; how much had gone out is told by the delivery's record.
                let recorded = match context.record(judged) {
                    Ok(recorded) => recorded.durable().await.map(drop),
                    Err(error) => Err(error),
                };
                if let Err(error) = recorded {
                    tracing::error!(request = %context.peer.request, %error, "what was cut could not be recorded");
                }
                Err(Arc::new(FileFault::Scan))
            })
        })
    }
}

/// Why a file that was let through is not served.
enum NotServed {
    /// It cannot be had.
    Problem(Box<Problem>),
    /// What was found in it stops it.
    Refused(Box<Judged>),
}

impl From<Problem> for NotServed {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

/// A listed file, or a part of it, that the policies let through.
struct LetThrough<'a, E: Ecosystem> {
    seen: &'a Seen<Project<E>>,
    name: &'a E::Name,
    listed: &'a FileOf<E>,
    /// What it is called.
    shown: &'a Arc<str>,
    part: Part,
    /// Whether what the scan says of it was among the facts.
    was_scanned: bool,
    resource: &'a Resource,
}

/// A file that the index does not list: it never was there, or the upstream took it away.
fn gone<E: Ecosystem>(context: &Context, name: &E::Name, file: &str, client: Client) -> Handled {
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

fn file_problem(context: &Context, client: Client, file: &str, fault: &FileFault) -> Problem {
    match fault {
        FileFault::Busy { flights } => Problem::unavailable(
            format!("{file} cannot be had now: {flights} other files are on their way from the upstream, as many as may be at once."),
            5,
        )
        .advice(Some("Try again in a moment.".to_owned())),
        FileFault::Scan => Problem::new(
            client.refusal_status(),
            "scan",
            "Stopped by the scan",
            format!("{file}: {}.", fault.words()),
        )
        .advice(Some(format!("`fanlight why` tells what was found in {file}."))),
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
    }
}

/// Records a fetch that failed after its answer may have begun to flow.
pub(super) fn fault_recorder<E: Ecosystem>(
    gate: Arc<Gate>,
    name: &E::Name,
    shown: &Arc<str>,
    resource: &Resource,
) -> OnFault {
    let (facts, resource): (Facts, Resource) = (facts_of::<E>(name).with("file", shown.clone()), resource.clone());
    Box::new(move |fault| {
        let facts = facts.with("fault", fault.words().as_str());
        if let Err(error) = gate.record_own(action::UPSTREAM_FAULT, &resource, facts) {
            tracing::error!(%error, "a failed fetch could not be recorded");
        }
    })
}
