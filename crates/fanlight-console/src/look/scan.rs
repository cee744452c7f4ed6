//! Having a release looked into: its files are fetched by the node where they are not here, and what the scan says of them is sent
//! as it comes.
//!
//! Invariant: the record that somebody asked is on disk before the answer begins, and no byte of a file goes out.

use std::sync::Arc;
use std::time::Duration;

use fanlight_api::scan::{Ask, Head, Scanned};
use fanlight_base::fault::with_causes;
use fanlight_base::{Purl, Resource, limits};
use fanlight_gate::{Context, Handled};
use fanlight_net::body::ClientGone;
use fanlight_net::{Body, Problem};
use fanlight_packages::AnyDoor;
use fanlight_store::Store;
use http::Request;
use hyper::body::Incoming;

use crate::Console;
use crate::admit::{admit, asked, or_turned_down};
use crate::ledger::{Out, QUEUE, lines};
use crate::reads::{look_problem, release_of};
use crate::reply::purl_of;

use super::release_at;

/// How often a reader who waits is told that the node is still there.
const LOOK: Duration = Duration::from_secs(1);

impl Console {
    pub(crate) async fn scan(&self, context: &Context, request: Request<Incoming>) -> Handled {
        let ask: Ask = asked(context, request).await?;
        let (purl, door) = or_turned_down(context, purl_of(&ask.purl, &self.parts.doors))?;
        let kind = if purl.version().is_some() { "Release" } else { "Project" };
        let recorded = admit(context, Resource::new(kind, purl.text()))?;
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
        let head = Head { purl: purl.to_string(), rules: scanning.rules(), judged, files, left_out };
        let (sender, body) = Body::channel(QUEUE, None);
        let looking = Looking { context: context.clone(), door: door.clone(), store: self.parts.store.clone(), purl };
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
}

impl Looking {
    async fn send(self, head: Head, mut out: Out) -> Result<(), ClientGone> {
        out.line(&head).await?;
        for file in &head.files {
            let mut looking = std::pin::pin!(self.scanned(file));
            let scanned = loop {
                match tokio::time::timeout(LOOK, &mut looking).await {
                    Ok(scanned) => break scanned,
                    Err(_) => out.alive().await?,
                }
            };
            out.line(&scanned).await?;
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
        let report = kept.ok().flatten().and_then(|text| serde_json::from_str(&text).ok());
        match report {
            Some(report) => {
                Scanned { file: file.to_owned(), was_here: into.was_here, report: Some(report), error: None }
            }
            None => failed(into.was_here, "its report could not be kept or read; the node's log says why".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
