//! Reviews of releases: made here and signed, and taken over from other companies' nodes.
//!
//! A review is a C2SP signed-note of four lines: what it is, the release, the verdict with its time, and why. Invariant: none
//! counts whose signature was not checked with a key that somebody here named.

use std::collections::HashMap;

use fanlight_api::reviews::{Ask, Handed, Review, Reviews, Taken};
use fanlight_base::clock::rfc3339_millis;
use fanlight_base::{Facts, Purl, Timestamp};
use fanlight_gate::{Answer, CannotRecord, Context};
use fanlight_ledger::VerifierKey;
use fanlight_ledger::note::Note;
use fanlight_net::Problem;
use fanlight_packages::reviews::Verdict;
use fanlight_store::ReviewRow;
use http::{Request, StatusCode};
use hyper::body::Incoming;

use super::quarantine::{because, purl, turned_down};
use crate::Console;
use crate::reads::{admit, admit_with, node, store_problem};
use crate::reply::{json, read};
use crate::standing::thing;

/// The first line of a review. It has spaces, so that the note never passes for a checkpoint.
const FIRST: &str = "fanlight review v1";
/// No review any more.
const WITHDRAWN: &str = "withdrawn";
/// The node of reviews made here: not its origin, which changes with a restore.
const THIS: &str = "this";

/// What a review says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    release: Purl,
    verdict: String,
    at: Timestamp,
    because: String,
}

impl Said {
    fn of(release: Purl, verdict: &str, at: Timestamp, words: &str) -> Result<Self, Box<Problem>> {
        if release.version().is_none() {
            let words = "A review is of one release: write its version.";
            return Err(Box::new(Problem::bad_request(words)));
        }
        if verdict != WITHDRAWN && Verdict::parse(verdict).is_none() {
            let words = "A review says safe, unsafe or needs-care; withdrawn takes it back.";
            return Err(Box::new(Problem::bad_request(words)));
        }
        Ok(Self { release, verdict: verdict.to_owned(), at, because: because(words)? })
    }

    fn text(&self) -> String {
        let Self { release, verdict, at, because } = self;
        format!("{FIRST}\n{release}\n{verdict} {}\n{because}\n", rfc3339_millis(*at))
    }

    /// Reads what [`Self::text`] writes, and nothing else.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_prefix(FIRST)?.strip_prefix('\n')?.lines();
        let release = lines.next()?.parse().ok()?;
        let (verdict, at) = lines.next()?.split_once(' ')?;
        let said = Self::of(release, verdict, at.parse().ok()?, lines.next()?).ok()?;
        (said.text() == text).then_some(said)
    }

    fn row(self, node: &str, note: &Note) -> ReviewRow {
        ReviewRow {
            purl: self.release.to_string(),
            node: node.to_owned(),
            own: node == THIS,
            verdict: self.verdict,
            because: self.because,
            at: self.at,
            note: note.to_string(),
        }
    }
}

pub(crate) fn shown(row: ReviewRow) -> Review {
    let ReviewRow { purl, node, own, verdict, because, at, note } = row;
    Review { purl, node, own, verdict, because, at, note }
}

/// The reviews that a file of another company holds, each checked with the key; or what is wrong with one of them.
fn checked(handed: &Handed) -> Result<(String, Vec<ReviewRow>), Box<Problem>> {
    let unusable =
        |words: String| Box::new(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "unusable", "Not to be used", words));
    let key = VerifierKey::parse(handed.key.trim()).map_err(|error| unusable(format!("{error}.")))?;
    let mut rows = Vec::with_capacity(handed.notes.len());
    for (number, text) in (1..).zip(&handed.notes) {
        let wrong =
            |why: String| unusable(format!("Nothing was taken over, because review {number} is not good: {why}."));
        let note = Note::parse(text).map_err(|error| wrong(error.to_string()))?;
        let said = note.verify(&key).map_err(|error| wrong(error.to_string()))?;
        let said = Said::parse(said).ok_or_else(|| wrong("it is signed, and no review".to_owned()))?;
        rows.push(said.row(key.name(), &note));
    }
    Ok((key.name().to_owned(), rows))
}

impl Console {
    pub(crate) async fn review(&self, context: &Context, request: Request<Incoming>) -> Result<Answer, CannotRecord> {
        let asked = read::<Ask>(request).await.map_err(Box::new);
        let said = asked.and_then(|ask| Said::of(purl(&ask.purl)?, &ask.verdict, context.now, &ask.because));
        let said = match said {
            Ok(said) => said,
            Err(problem) => return turned_down(context, *problem),
        };
        let facts = Facts::new().with("verdict", said.verdict.as_str()).with("because", said.because.as_str());
        let recorded = match admit_with(context, thing(said.release.as_str()), facts)? {
            Ok(recorded) => recorded.durable().await?,
            Err(refused) => return Ok(refused),
        };
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
        let row = said.row(THIS, &note);
        if let Err(error) = self.parts.standing.review(self.parts.gate.guard(), std::slice::from_ref(&row)).await {
            return Ok(store_problem(recorded, &error));
        }
        Ok(json(recorded, StatusCode::OK, &shown(row)))
    }

    pub(crate) async fn import_reviews(
        &self,
        context: &Context,
        request: Request<Incoming>,
    ) -> Result<Answer, CannotRecord> {
        let own = self.parts.gate.ledger().key().name().to_owned();
        let read = read::<Handed>(request).await.map_err(Box::new).and_then(|handed| checked(&handed));
        let (from, rows) = match read {
            Ok((from, _)) if from == own => {
                return turned_down(context, Problem::bad_request("These reviews were made on this very node."));
            }
            Ok(read) => read,
            Err(problem) => return turned_down(context, *problem),
        };
        let facts = Facts::new()
            .with("from_node", from.as_str())
            .with("reviews", i64::try_from(rows.len()).unwrap_or(i64::MAX));
        let recorded = match admit_with(context, node(), facts)? {
            Ok(recorded) => recorded.durable().await?,
            Err(refused) => return Ok(refused),
        };
        Ok(match self.parts.standing.review(self.parts.gate.guard(), &rows).await {
            Ok(new) => json(recorded, StatusCode::OK, &Taken { node: from, reviews: rows.len() as u64, new }),
            Err(error) => store_problem(recorded, &error),
        })
    }

    pub(crate) async fn reviews(&self, context: &Context) -> Result<Answer, CannotRecord> {
        let recorded = match admit(context, node())? {
            Ok(recorded) => recorded,
            Err(refused) => return Ok(refused),
        };
        Ok(match self.parts.store.reviews().await {
            Ok(rows) => {
                let key = self.parts.gate.ledger().key().to_string();
                let reviews = rows.into_iter().map(shown).collect();
                json(recorded, StatusCode::OK, &Reviews { key, reviews })
            }
            Err(error) => store_problem(recorded, &error),
        })
    }
}

/// Those that count, for the doors.
pub(crate) fn that_count(rows: Vec<ReviewRow>) -> Vec<fanlight_packages::reviews::Review> {
    // What is not withdrawn; a node's newest about each release is all the store keeps.
    let mut known: HashMap<(String, String), fanlight_packages::reviews::Review> = HashMap::new();
    for row in rows {
        let (Some(verdict), Ok(release)) = (Verdict::parse(&row.verdict), row.purl.parse::<Purl>()) else { continue };
        let review =
            fanlight_packages::reviews::Review { release, verdict, because: row.because.into(), is_own: row.own };
        known.insert((row.purl, row.node), review);
    }
    known.into_values().collect()
}

#[cfg(test)]
mod tests {
    use fanlight_ledger::note::SigningKey;

    use super::*;

    fn said() -> Said {
        let at = "2026-11-22T10:00:00.000Z".parse().unwrap();
        Said::of("pkg:pypi/demo@1.0".parse().unwrap(), "unsafe", at, "it reads tokens").unwrap()
    }

    #[test]
    fn a_review_reads_back_as_it_was_written_and_nothing_else_does() {
        assert_eq!(Said::parse(&said().text()), Some(said()));
        let text = said().text();
        for wrong in [
            text.replace("unsafe", "lovely"),
            text.replace("@1.0", ""),
            text.replace("v1", "v2"),
            format!("{text}more\n"),
            text.replace("it reads tokens", " it reads tokens"),
        ] {
            assert_eq!(Said::parse(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn reviews_are_taken_over_only_with_the_key_that_signed_them() {
        let (acme, _) = SigningKey::generate("fanlight/acme").unwrap();
        let (other, _) = SigningKey::generate("fanlight/acme").unwrap();
        let note = acme.sign(&said().text()).unwrap().to_string();
        let handed = |key: &SigningKey, note: String| Handed { key: key.verifier().to_string(), notes: vec![note] };
        let (node, rows) = checked(&handed(&acme, note.clone())).unwrap();
        assert_eq!((&*node, &*rows[0].verdict, rows[0].own), ("fanlight/acme", "unsafe", false));
        assert!(checked(&handed(&other, note.clone())).is_err(), "another key of that name");
        assert!(checked(&handed(&acme, note.replace("unsafe", "safe"))).is_err(), "a changed verdict");
        let statement = acme.sign("some other statement\n").unwrap().to_string();
        assert!(checked(&handed(&acme, statement)).is_err(), "signed, and no review");
    }
}
