//! How a release that somebody asks for is stopped, and whether that may be lifted.

use std::collections::BTreeSet;
use std::sync::Arc;

use fanlight_api::requests::Judged;
use fanlight_base::{Fact, Purl, Strength};
use fanlight_gate::Context;
use fanlight_identity::Caller;
use fanlight_net::Problem;
use fanlight_packages::{FileView, same_version};
use fanlight_store::RequestRow;

use super::conflict;
use crate::Console;
use crate::reads::look_problem;

/// A release that is stopped by policies that may be lifted.
pub(super) struct Stopped {
    /// The release as its door writes it.
    pub(super) purl: Purl,
    /// All policies that stop it.
    pub(super) policies: Vec<String>,
    /// How it is judged: by the strictest of its files.
    pub(super) judged: Judged,
    /// What one can have instead.
    pub(super) instead: Option<String>,
    /// The newest version of the project that is allowed.
    pub(super) newest_allowed: Option<String>,
}

/// Why it cannot be asked for.
pub(super) enum NotAskable {
    /// It cannot be looked up.
    Unknown(Problem),
    /// Nothing stops it.
    Free {
        /// Whether a file of it is yet to be scanned.
        scan_to_come: bool,
    },
    /// A policy stops it that no exception lifts, or nothing permits it at all.
    Never {
        /// Why it is stopped.
        reason: String,
        /// What to do now.
        advice: Option<String>,
    },
}

impl NotAskable {
    /// As who asks is told.
    pub(super) fn told_who_asks(self, purl: &Purl) -> Problem {
        match self {
            Self::Unknown(problem) => problem,
            Self::Free { scan_to_come: true } => {
                let advice = "Install it. If what the scan finds stops it, ask again.";
                let words = format!("Nothing stops {purl} for you now; it is scanned when somebody fetches it first.");
                conflict(words, Some(advice.to_owned()))
            }
            Self::Free { scan_to_come: false } => {
                let advice = "Install it. If your client is refused all the same, look whether it is led by the same \
                              name: `fanlight use` says so.";
                conflict(format!("Nothing stops {purl} for you now."), Some(advice.to_owned()))
            }
            Self::Never { reason, advice } => {
                let words = format!("{purl} cannot be asked for, because no exception lifts what stops it: {reason}.");
                conflict(words, advice)
            }
        }
    }

    /// As who answers is told.
    pub(super) fn told_who_answers(self, purl: &Purl) -> Problem {
        match self {
            Self::Unknown(problem) => problem,
            Self::Free { .. } => {
                let advice = "Close the request with `fanlight requests refuse`, and say so.".to_owned();
                conflict(format!("Nothing stops {purl} now for who asked."), Some(advice))
            }
            Self::Never { reason, advice } => {
                conflict(format!("No exception lifts what stops {purl} now: {reason}."), advice)
            }
        }
    }
}

/// The context of who asked, to look at what they would be told. Nothing is recorded by it.
pub(super) fn as_who_asked(context: &Context, row: &RequestRow) -> Context {
    let principal = fanlight_base::Principal::Person { id: row.person.clone(), device: row.device.clone() };
    let strength = if row.device.is_some() { Strength::DeviceToken } else { Strength::StateFolder };
    Context {
        gate: context.gate.clone(),
        caller: Arc::new(Caller { principal, strength, ..Caller::nobody() }),
        peer: context.peer.clone(),
        now: context.now,
        action: context.action,
        policies: context.policies.clone(),
    }
}

impl Console {
    /// The release as it is stopped for the caller of `context`.
    pub(super) async fn stopped(&self, context: &Context, purl: &Purl) -> Result<Stopped, NotAskable> {
        let Some(door) = self.parts.doors.of(purl.ecosystem()) else {
            let words = format!("There is no door for {:?} packages here.", purl.ecosystem());
            return Err(NotAskable::Unknown(Problem::bad_request(words)));
        };
        let view = door.view(context, purl).await.map_err(|error| NotAskable::Unknown(look_problem(&error)))?;
        let Some(release) = view.releases.iter().find(|release| same_version(purl, &release.version)) else {
            let problem = Problem::not_found(format!("The upstream does not list {purl}."));
            let instead = view.newest_allowed.map(|newest| format!("The newest that is allowed is {newest}."));
            return Err(NotAskable::Unknown(problem.advice(instead)));
        };
        let refused = || release.files.iter().filter(|file| !file.decision.is_allowed());
        let Some(strictest) = refused().max_by_key(|file| (file.decision.outcome, !file.decision.liftable)) else {
            return Err(NotAskable::Free { scan_to_come: release.scan_to_come() });
        };
        if let Some(file) = refused().find(|file| !file.decision.liftable) {
            let reason = file.reason.clone().unwrap_or_default();
            return Err(NotAskable::Never {
                reason: reason.trim_end_matches('.').to_owned(),
                advice: file.advice.clone(),
            });
        }
        let named = refused().flat_map(|file| file.decision.policies.iter().chain(&file.decision.beside));
        let policies: BTreeSet<String> = named.map(ToString::to_string).collect();
        Ok(Stopped {
            purl: purl.release(&release.version),
            policies: policies.into_iter().collect(),
            judged: judged(strictest),
            instead: instead(view.newest_allowed.as_deref(), text(strictest, "alternative").as_deref()),
            newest_allowed: view.newest_allowed.clone(),
        })
    }
}

/// A release of the project that is allowed, what the company uses instead of it, or either.
fn instead(release: Option<&str>, alternative: Option<&str>) -> Option<String> {
    let both: Vec<&str> = release.into_iter().chain(alternative).collect();
    (!both.is_empty()).then(|| both.join(" or "))
}

fn text(file: &FileView, fact: &str) -> Option<String> {
    match file.facts.get(fact) {
        Some(Fact::Text(text)) => Some(text.to_string()),
        _ => None,
    }
}

fn judged(file: &FileView) -> Judged {
    let facts = file.facts.iter().filter(|(name, _)| *name != "why");
    Judged {
        outcome: file.decision.outcome,
        policies: file.decision.policies.iter().map(ToString::to_string).collect(),
        reason: file.reason.clone(),
        advice: file.advice.clone(),
        until: file.decision.until,
        facts: facts.filter_map(|(name, fact)| Some((name.to_owned(), serde_json::to_value(fact).ok()?))).collect(),
    }
}
