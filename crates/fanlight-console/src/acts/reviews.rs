//! Reviews of releases: made here and signed, and taken over from other companies' nodes.
//!
//! Invariants: none counts whose signature was not checked with a key that somebody here named; of what one node says of one
//! release the newest counts, however its version is written.

mod said;

use std::collections::HashMap;
use std::sync::Arc;

use fanlight_api::reviews::{Ask, Handed, Review, Reviews, Taken};
use fanlight_base::fault::with_causes;
use fanlight_base::{Facts, Purl};
use fanlight_gate::{Context, Handled};
use fanlight_ledger::note::Note;
use fanlight_ledger::{Ledger, SignError};
use fanlight_net::{Problem, RequestBody};
use fanlight_packages::reviews::{Review as Counting, Verdict};
use fanlight_packages::same_version;
use fanlight_store::ReviewRow;
use http::{Request, StatusCode};

pub use self::said::{HandedError, checked_reviews};

use self::said::Said;
use super::quarantine::purl;
use crate::Console;
use crate::admit::{admit, admit_with, node, or_turned_down, turned_down};
use crate::listing::Paging;
use crate::reads::store_problem;
use crate::reply::{json, read};
use crate::standing::thing;

pub(crate) fn shown(row: ReviewRow) -> Review {
    let ReviewRow { purl, node, own, verdict, because, at, note } = row;
    Review { purl, node, own, verdict, because, at, note }
}

fn unusable(error: &HandedError) -> Box<Problem> {
    let words = format!("{}.", with_causes(error));
    Box::new(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "unusable", "Not to be used", words))
}

impl Console {
    pub(crate) async fn review(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let asked = read::<Ask>(request).await.map_err(Box::new);
        let said = asked.and_then(|ask| Said::of(purl(&ask.purl)?, &ask.verdict, context.now, &ask.because));
        let said = or_turned_down(context, said)?;
        let facts = Facts::new().with("verdict", said.verdict.as_str()).with("because", said.because.as_str());
        let recorded = admit_with(context, thing(said.release.as_str()), facts)?.durable().await?;
        let (ledger, text) = (self.parts.gate.ledger().clone(), said.text());
        let signed = tokio::task::spawn_blocking(move || ledger.sign(&text)).await;
        let note = match signed {
            Ok(Ok(note)) => note,
            Ok(Err(error)) => {
                tracing::error!(%error, "a review could not be signed");
                return Ok(recorded.problem(Problem::unavailable("The review could not be signed.", 5)));
            }
            Err(_) => return Ok(recorded.problem(Problem::internal())),
        };
        let row = said.own(&note);
        Ok(match self.parts.standing.review(self.parts.gate.guard(), std::slice::from_ref(&row)).await {
            Ok(0) => {
                let words = format!("A newer review of {} stands, made here, so this one was not kept.", row.purl);
                let advice =
                    "If this machine's clock was set back, review it again once it is past that review's time.";
                let problem = Problem::new(StatusCode::CONFLICT, "conflict", "A newer review stands", words);
                recorded.problem(problem.advice(Some(advice.to_owned())))
            }
            Ok(_) => json(recorded, StatusCode::OK, &shown(row)),
            Err(error) => store_problem(recorded, &error),
        })
    }

    pub(crate) async fn import_reviews(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let own = self.parts.gate.ledger().key().name().to_owned();
        let read = read::<Handed>(request).await.map_err(Box::new);
        let read = read.and_then(|handed| checked_reviews(&handed).map_err(|error| unusable(&error)));
        let (from, rows) = match read {
            Ok((key, _)) if key.name() == own => {
                let words = "These reviews were made on this very node.";
                let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "unusable", "Not to be used", words);
                return turned_down(context, problem);
            }
            Ok((key, rows)) => (said::node_of(&key), rows),
            Err(problem) => return turned_down(context, *problem),
        };
        let facts = Facts::new()
            .with("from_node", from.as_str())
            .with("reviews", i64::try_from(rows.len()).unwrap_or(i64::MAX));
        let recorded = admit_with(context, node(), facts)?.durable().await?;
        Ok(match self.parts.standing.review(self.parts.gate.guard(), &rows).await {
            Ok(new) => json(recorded, StatusCode::OK, &Taken { node: from, reviews: rows.len() as u64, new }),
            Err(error) => store_problem(recorded, &error),
        })
    }

    pub(crate) async fn reviews(&self, context: &Context, query: Option<&str>) -> Handled {
        let paging = or_turned_down(context, Paging::asked(query))?;
        let recorded = admit(context, node())?;
        let mut rows = match self.parts.store.reviews().await {
            Ok(rows) => rows,
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        let ledger = self.parts.gate.ledger().clone();
        let key = ledger.key().to_string();
        let signed = tokio::task::spawn_blocking(move || signed_anew(&ledger, &mut rows).map(|()| rows)).await;
        Ok(match signed {
            Ok(Ok(rows)) => match paging.page(rows.into_iter().map(shown).collect()) {
                Ok((reviews, next)) => json(recorded, StatusCode::OK, &Reviews { key, reviews, next }),
                Err(problem) => recorded.problem(*problem),
            },
            Ok(Err(error)) => {
                tracing::error!(%error, "reviews of another key of this node's could not be signed anew");
                recorded.problem(Problem::unavailable("The reviews made here could not be signed.", 5))
            }
            Err(_) => recorded.problem(Problem::internal()),
        })
    }
}

/// Has what reviews made here say signed with the present key where another signed it: after a restore the ledger has a new
/// one, and who takes the reviews over has that one alone.
fn signed_anew(ledger: &Ledger, rows: &mut [ReviewRow]) -> Result<(), SignError> {
    let is_signed = |note: &str| Note::parse(note).is_ok_and(|note| note.verify(ledger.key()).is_ok());
    for row in rows.iter_mut().filter(|row| row.own && !is_signed(&row.note)) {
        let Some(said) = Said::kept(row) else { continue };
        row.note = ledger.sign(&said.text())?.to_string();
    }
    Ok(())
}

/// Those that count, for the doors: of each node the newest about each release that is not withdrawn. `rows` has the newest
/// first.
pub(crate) fn that_count(rows: Vec<ReviewRow>) -> Vec<Counting> {
    let mut newer: HashMap<(String, Arc<str>), Vec<Purl>> = HashMap::new();
    let mut count = Vec::new();
    for row in rows {
        let Ok(release) = row.purl.parse::<Purl>() else { continue };
        let Some(version) = release.version() else { continue };
        let newer = newer.entry((row.node, release.project().text())).or_default();
        if newer.iter().any(|newer| same_version(newer, version)) {
            continue;
        }
        newer.push(release.clone());
        let Some(verdict) = Verdict::parse(&row.verdict) else { continue };
        count.push(Counting { release, verdict, because: row.because.into(), is_own: row.own });
    }
    count
}

#[cfg(test)]
mod tests;
