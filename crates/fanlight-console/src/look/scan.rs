//! Having a release looked into: its files are fetched by the node where they are not here, and what the scan says of them is sent
//! as it comes.
//!
//! Invariants: the record that somebody asked is on disk before the answer begins; no file goes out, and no line quoted of one goes to
//! who may not have it and judges no requests; one caller has one release looked into at a time, and the node does one file at a time
//! for all who ask so, so that installs never wait for them.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use fanlight_api::scan::{Ask, Head, Scanned};
use fanlight_base::fault::with_causes;
use fanlight_base::{Facts, Outcome, Purl, Resource, limits};
use fanlight_gate::{Context, Handled};
use fanlight_net::body::ClientGone;
use fanlight_net::{Body, Problem};
use fanlight_packages::AnyDoor;
use fanlight_store::Store;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use crate::Console;
use crate::action;
use crate::admit::{admit, asked, or_turned_down};
use crate::ledger::{Out, QUEUE, lines};
use crate::reads::{look_problem, release_of};
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
    pub(crate) async fn scan(&self, context: &Context, request: Request<Incoming>) -> Handled {
        let ask: Ask = asked(context, request).await?;
        let (purl, door) = or_turned_down(context, purl_of(&ask.purl, &self.parts.doors))?;
        let kind = if purl.version().is_some() { "Release" } else { "Project" };
        let resource = Resource::new(kind, purl.text());
        let recorded = admit(context, resource.clone())?;
        let Some(begun) = Begun::by(&self.scans, context.caller.principal.entity().1) else {
            let problem = Problem::unavailable("You have a release looked into already.", 5);
            let advice = "Wait until that is done, or ask for one file of it by its name.".to_owned();
            return Ok(recorded.problem(problem.status(StatusCode::TOO_MANY_REQUESTS).advice(Some(advice))));
        };
        let view = match door.view(context, &purl).await {
            Ok(view) => view,
            Err(error) => return Ok(recorded.problem(look_problem(&error))),
        };
        let found = release_at(&view, &purl).and_then(|at| Some((&view.releases[at], release_of(&view.releases[at])?)));
        let Some((release, judged)) = found else {
            return Ok(recorded.problem(Problem::not_found(format!("The upstream does not list {purl}."))));
        };
        let Some(scanning) = &self.parts.packages.scanning else {
            return Ok(recorded.problem(Problem::unavailable("This node looks into no files.", 60)));
        };
        let all = release.files.iter().map(|file| (file.file.to_string(), self.is_here(file))).collect();
        let (files, left_out) = chosen(all, ask.file.as_deref());
        if files.is_empty() {
            let advice = (!left_out.is_empty()).then(|| format!("It has {}.", left_out.join(", ")));
            let words = format!("{} {} has no such file.", view.project, release.version);
            return Ok(recorded.problem(Problem::not_found(words).advice(advice)));
        }
        let purl = view.purl.release(&release.version);
        // What is held or denied is quoted to who judges whether it may be had, and to nobody else.
        let quotes =
            judged.outcome <= Outcome::Mask || context.preview(action::REVIEW, &resource, Facts::new()).0.is_allowed();
        let head = Head { purl: purl.to_string(), rules: scanning.rules(), judged, files, left_out };
        let (sender, body) = Body::channel(QUEUE, None);
        let looking = Looking {
            context: context.clone(),
            door: door.clone(),
            store: self.parts.store.clone(),
            purl,
            quotes,
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
    /// Whether lines of the files may be quoted.
    quotes: bool,
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
        let failed =
            |was_here, error: String| Scanned { file: file.to_owned(), was_here, report: None, error: Some(error) };
        let into = match self.door.look_into(&self.context, &self.purl, file).await {
            Ok(into) => into,
            Err(error) => return failed(false, with_causes(&error)),
        };
        let kept = self.store.scan_report(&into.digest).await;
        let kept = kept.inspect_err(|error| tracing::error!(%error, file, "a report of the scan cannot be read"));
        let report = kept.ok().flatten().and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
        match report {
            Some(mut report) => {
                let findings = report["findings"].as_array_mut().into_iter().flatten();
                findings.filter(|_| !self.quotes).for_each(|finding| finding["evidence"] = "".into());
                Scanned { file: file.to_owned(), was_here: into.was_here, report: Some(report), error: None }
            }
            None => failed(into.was_here, "its report could not be kept or read; the node's log says why".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
