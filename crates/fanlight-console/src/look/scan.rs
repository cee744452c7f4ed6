//! Having a release looked into: its files are fetched by the node where they are not here, and what the scan says of them is sent
//! as it comes.
//!
//! Invariants: which files of which release are looked into, by digest, is on disk before the first of them is fetched; no file goes out,
//! and no line quoted of one goes to who may not have it, by what was found in it just now, and judges no requests; one caller has one release looked into at a time, and the node does one file at a time
//! for all who ask so, so that installs never wait for them.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use fanlight_api::scan::{Ask, Head, Scanned};
use fanlight_api::why;
use fanlight_base::fault::with_causes;
use fanlight_base::{Facts, Outcome, Purl, Resource, limits};
use fanlight_gate::{Context, Handled};
use fanlight_net::body::ClientGone;
use fanlight_net::{Body, Problem, RequestBody};
use fanlight_packages::AnyDoor;
use fanlight_store::Store;
use http::{Request, StatusCode};
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use crate::Console;
use crate::action;
use crate::admit::{admit, admit_with, asked, only_who_may, or_turned_down};
use crate::ledger::{Out, QUEUE, lines};
use crate::reads::{file_of, look_problem, release_of};
use crate::reply::purl_of;

use super::release_at;

/// How often a reader who waits is told that the node is still there.
const LOOK: Duration = Duration::from_secs(1);

/// Who has a release looked into now, and whose turn it is.
pub(crate) struct Scans {
    callers: Mutex<HashSet<String>>,
    turn: Semaphore,
}

impl Default for Scans {
    fn default() -> Self {
        Self { callers: Mutex::default(), turn: Semaphore::new(1) }
    }
}

/// A caller's one look, until it is dropped.
struct Begun(Arc<Scans>, String);

impl Begun {
    /// Nothing where the caller has one already.
    fn by(scans: &Arc<Scans>, caller: &str) -> Option<Self> {
        scans.callers.lock().insert(caller.to_owned()).then(|| Self(scans.clone(), caller.to_owned()))
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.0.callers.lock().remove(&self.1);
    }
}

impl Console {
    pub(crate) async fn scan(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let ask: Ask = asked(context, request).await?;
        let (purl, door) = or_turned_down(context, purl_of(&ask.purl, &self.parts.doors))?;
        let asked_of = Resource::new(if purl.version().is_some() { "Release" } else { "Project" }, purl.text());
        // Who may not is refused before anything is looked up for them; what comes to no look is recorded as it was asked for.
        only_who_may(context, &asked_of)?;
        let no = |problem: Problem| -> Handled { Ok(admit(context, asked_of.clone())?.problem(problem)) };
        let Some(begun) = Begun::by(&self.scans, context.caller.principal.entity().1) else {
            let problem = Problem::unavailable("You have a release looked into already.", 5);
            let advice = "Wait until that is done, or ask for one file of it by its name.".to_owned();
            return no(problem.status(StatusCode::TOO_MANY_REQUESTS).advice(Some(advice)));
        };
        let view = match door.view(context, &purl).await {
            Ok(view) => view,
            Err(error) => return no(look_problem(&error)),
        };
        let found = release_at(&view, &purl).and_then(|at| Some((&view.releases[at], release_of(&view.releases[at])?)));
        let Some((release, judged)) = found else {
            return no(Problem::not_found(format!("The upstream does not list {purl}.")));
        };
        let Some(scanning) = &self.parts.packages.scanning else {
            return no(Problem::unavailable("This node looks into no files.", 60));
        };
        let all = release.files.iter().map(|file| (file.file.to_string(), self.is_here(file))).collect();
        let (files, left_out) = chosen(all, ask.file.as_deref());
        let purl = view.purl.release(&release.version);
        let resource = Resource::new("Release", purl.text());
        // A record for each, so that what was looked into can be found by its digest.
        let mut recorded = Vec::with_capacity(files.len());
        for file in &files {
            let digest = release.files.iter().find(|listed| *listed.file == **file).and_then(|listed| listed.digest);
            let mut facts = Facts::new().with("file", file.as_str());
            if let Some(digest) = digest {
                facts.set("digest", format!("{}:{digest}", digest.algorithm().as_str()).as_str());
            }
            recorded.push(admit_with(context, resource.clone(), facts)?);
        }
        let mut last = None;
        for recorded in recorded {
            last = Some(recorded.durable().await?);
        }
        let Some(recorded) = last else {
            let advice = (!left_out.is_empty()).then(|| format!("It has {}.", left_out.join(", ")));
            let words = format!("{} {} has no such file.", view.project, release.version);
            return no(Problem::not_found(words).advice(advice));
        };
        let judges = context.preview(action::REVIEW, &resource, Facts::new()).0.is_allowed();
        let head = Head { purl: purl.to_string(), rules: scanning.rules(), judged, files, left_out };
        let (sender, body) = Body::channel(QUEUE, None);
        let looking = Looking {
            context: context.clone(),
            door: door.clone(),
            store: self.parts.store.clone(),
            purl,
            judges,
            begun,
        };
        tokio::spawn(async move {
            // Whoever left needs no more of it; a file on its way is kept for the next who asks.
            let _ = looking.send(head, Out::new(sender)).await;
        });
        Ok(lines(recorded, body))
    }
}

/// Of names, and whether each is in the cache: the files that are looked into, and the others. What is here costs no fetch, so all of it is; of the rest the archives that
/// others are built of come first, then what is for every machine, and no more than a few.
fn chosen(files: Vec<(String, bool)>, named: Option<&str>) -> (Vec<String>, Vec<String>) {
    let names = |files: Vec<(String, bool)>| -> Vec<String> { files.into_iter().map(|(file, _)| file).collect() };
    if let Some(named) = named {
        let (one, others): (Vec<_>, Vec<_>) = files.into_iter().partition(|(file, _)| file == named);
        return (names(one), names(others));
    }
    let (mut into, mut others): (Vec<_>, Vec<_>) = files.into_iter().partition(|(_, is_here)| *is_here);
    others.sort_by_key(|(file, _)| (file.ends_with(".whl"), !file.ends_with("-any.whl")));
    let left = others.split_off(others.len().min(limits::LOOKED_INTO_FILES));
    into.append(&mut others);
    (names(into), names(left))
}

/// What is looked into for whom.
struct Looking {
    context: Context,
    door: Arc<dyn AnyDoor>,
    store: Store,
    purl: Purl,
    /// Whether the caller judges what may be had: then lines are quoted of what is held or denied, too.
    judges: bool,
    begun: Begun,
}

impl Looking {
    async fn send(self, head: Head, mut out: Out) -> Result<(), ClientGone> {
        out.line(&head).await?;
        for file in &head.files {
            let scans = &self.begun.0;
            let mut turn = std::pin::pin!(scans.turn.acquire());
            let turn = loop {
                match tokio::time::timeout(LOOK, &mut turn).await {
                    Ok(turn) => break turn,
                    Err(_) => out.alive().await?,
                }
            };
            let mut looking = std::pin::pin!(self.scanned(file));
            let mut gone = None;
            let scanned = loop {
                match tokio::time::timeout(LOOK, &mut looking).await {
                    Ok(scanned) => break scanned,
                    // The file is finished also where nobody waits for it, or asking and leaving would cost nothing and go on for ever.
                    Err(_) if gone.is_none() => gone = out.alive().await.err(),
                    Err(_) => {}
                }
            };
            drop(turn);
            match gone {
                Some(gone) => return Err(gone),
                None => out.line(&scanned).await?,
            }
        }
        // That it could not be finished is told by its missing end.
        drop(out.finish().await);
        Ok(())
    }

    async fn scanned(&self, file: &str) -> Scanned {
        let mut scanned = Scanned { file: file.to_owned(), was_here: false, report: None, error: None, judged: None };
        let into = match self.door.look_into(&self.context, &self.purl, file).await {
            Ok(into) => into,
            Err(error) => {
                return Scanned { error: Some(with_causes(&error)), judged: self.judged(file).await, ..scanned };
            }
        };
        scanned.was_here = into.was_here;
        // Only now, by what was found.
        scanned.judged = self.judged(file).await;
        let kept = self.store.scan_report(&into.digest).await;
        let kept = kept.inspect_err(|error| tracing::error!(%error, file, "a report of the scan cannot be read"));
        let report = kept.ok().flatten().and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
        let Some(mut report) = report else {
            let words = "its report could not be kept or read; the node's log says why".to_owned();
            return Scanned { error: Some(words), ..scanned };
        };
        let may_have = scanned.judged.as_ref().is_some_and(|judged| judged.outcome <= Outcome::Mask);
        if !may_have && !self.judges {
            let findings = report["findings"].as_array_mut().into_iter().flatten();
            findings.for_each(|finding| finding["evidence"] = "".into());
        }
        Scanned { report: Some(report), ..scanned }
    }

    /// How the file is judged for the caller now.
    async fn judged(&self, file: &str) -> Option<why::File> {
        let gate = &self.context.gate;
        let now = Context { now: gate.now(), policies: gate.guard().snapshot(), ..self.context.clone() };
        let view = self.door.view(&now, &self.purl).await.ok()?;
        let release = release_at(&view, &self.purl).and_then(|at| view.releases.get(at))?;
        release.files.iter().find(|listed| *listed.file == *file).map(file_of)
    }
}

#[cfg(test)]
mod tests;
