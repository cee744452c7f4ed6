//! The addresses that `npm audit` asks, answered from this node's own advisories: the upstream is never asked, and so learns
//! nothing of what is installed here.

use std::sync::Arc;

use fanlight_base::{Facts, limits};
use fanlight_gate::{Context, Handled, Routes};
use fanlight_net::{Problem, ReadBodyError, RequestBody, Shows, read_packed_body};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use tokio::sync::Semaphore;

use super::Npm;
use super::formats::audit::{Installed, Manner, NotAsked};
use super::routes::json;
use crate::action;
use crate::audit::{Audited, CannotAudit};
use crate::client::Client;
use crate::door::{Door, sentence};

/// Where clients ask, and how.
const ADDRESSES: [(&str, Manner); 3] = [
    ("/npm/-/npm/v1/security/advisories/bulk", Manner::Bulk),
    ("/npm/-/npm/v1/security/audits/quick", Manner::Quick),
    ("/npm/-/npm/v1/security/audits", Manner::Quick),
];

/// npm prints what stands in it.
const NOTICE: HeaderName = HeaderName::from_static("npm-notice");

/// The turns for audits, which take memory and time. Those for reading are apart, so that bodies which are slow to come keep
/// nobody from an answer.
pub(super) struct Turns {
    reading: Semaphore,
    answering: Semaphore,
}

impl Default for Turns {
    fn default() -> Self {
        Self { reading: Semaphore::new(limits::AUDITS_READ), answering: Semaphore::new(limits::AUDITS) }
    }
}

/// Adds the routes.
pub(super) fn routes(table: Routes, door: &Arc<Door<Npm>>) -> Routes {
    ADDRESSES.into_iter().fold(table, |table, (pattern, manner)| {
        let door = door.clone();
        let table = table.guarded(Method::POST, pattern, action::AUDIT, move |context, _, request| {
            let door = door.clone();
            Box::pin(async move { answer(&door, &context, manner, request).await }) as _
        });
        table.reading_bodies_itself()
    })
}

async fn answer(door: &Door<Npm>, context: &Context, manner: Manner, request: Request<RequestBody>) -> Handled {
    let headers = request.headers().clone();
    let looked = looked(door, manner, request).await;
    let mut facts = Facts::new();
    match &looked {
        Ok((installed, audited, _)) => {
            let flaws = audited.flaws.iter().flat_map(|(_, flaws)| flaws);
            facts.set("audit", "answered").set("releases", count(installed.releases));
            facts.set("flaws", count(flaws.clone().count()));
            facts.set("flawed", count(flaws.map(|flaw| flaw.met.len()).sum()));
        }
        Err(fault) => {
            facts.set("audit", fault.as_str());
        }
    }
    let recorded = Door::<Npm>::admit_all(context, &facts, &headers)?;
    Ok(match looked {
        Ok((_, audited, text)) => {
            let mut response = json(text);
            if let Some(notice) = audited.notice.as_deref().and_then(|words| HeaderValue::from_str(words).ok()) {
                response.headers_mut().insert(NOTICE, notice);
            }
            recorded.answer(response)
        }
        Err(fault) => recorded.problem(fault.problem(&headers)),
    })
}

/// What is asked, what is found, and the answer.
async fn looked(
    door: &Door<Npm>,
    manner: Manner,
    request: Request<RequestBody>,
) -> Result<(Installed, Audited, String), NoAudit> {
    let turns = &door.ecosystem.audits;
    let turn = tokio::time::timeout(limits::AUDIT_TURN_TIME, turns.reading.acquire()).await;
    let _reading = turn.map_err(|_| NoAudit::Busy)?;
    let body = read_packed_body(request, limits::AUDIT_BODY_BYTES, limits::AUDIT_BODY_TIME).await?;
    // Never closed, so there is always a turn.
    let _answering = turns.answering.acquire().await;
    // Reading and looking up is pure computing, so other requests of this thread are moved away.
    tokio::task::block_in_place(|| {
        let installed = Installed::read(manner, &body)?;
        let audited = door.shared.auditor.audit("npm", &installed.asked)?;
        let text = installed.answer(manner, &audited)?.to_string();
        Ok((installed, audited, text))
    })
}

/// Why an audit gets no answer.
#[derive(Debug, thiserror::Error)]
enum NoAudit {
    #[error(transparent)]
    Body(#[from] ReadBodyError),
    #[error(transparent)]
    NotAsked(#[from] NotAsked),
    #[error(transparent)]
    Unknown(#[from] CannotAudit),
    #[error("{limit} other audits are being read, as many as may be at once", limit = limits::AUDITS_READ)]
    Busy,
}

impl NoAudit {
    /// The fact `audit`.
    const fn as_str(&self) -> &'static str {
        match self {
            Self::Body(_) | Self::NotAsked(_) => "unread",
            Self::Unknown(CannotAudit::NoFeeds) => "no-feeds",
            Self::Unknown(CannotAudit::NothingKnown) => "nothing-known",
            Self::Unknown(CannotAudit::TooMany) => "too-many",
            Self::Busy => "busy",
        }
    }

    /// An error, because an empty answer would read "found 0 vulnerabilities". Every client shows the member `error`; after
    /// a 404 pnpm would say that there is no such address, and after a 5xx it asks again and again.
    fn problem(&self, headers: &HeaderMap) -> Problem {
        let refused = Client::of(headers).refusal_status();
        let (status, title, advice) = match self {
            Self::Unknown(CannotAudit::NoFeeds) => (
                refused,
                "No audit",
                "Nobody can say whether what is installed has known flaws: the steward sets advisories.sources in \
                 fanlight.toml. Until then, `npm install --no-audit`",
            ),
            Self::Unknown(CannotAudit::NothingKnown) => (
                refused,
                "No audit",
                "Nobody can say whether what is installed has known flaws: `fanlight advisories` shows how the feeds are, \
                 and advisories.sources in fanlight.toml names them",
            ),
            Self::Busy => (StatusCode::TOO_MANY_REQUESTS, "Busy", "Try again in a moment"),
            Self::Unknown(CannotAudit::TooMany) | Self::NotAsked(NotAsked::TooMany | NotAsked::TooManyPlaces) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "Too much for one audit", "Audit the workspaces one by one")
            }
            Self::Body(ReadBodyError::TooLarge { .. }) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "Too much for one audit", "Audit the workspaces one by one")
            }
            Self::Body(ReadBodyError::Timeout { .. }) => {
                (StatusCode::REQUEST_TIMEOUT, "Too slow", "Try again on a better connection")
            }
            Self::Body(_) | Self::NotAsked(_) => {
                (StatusCode::BAD_REQUEST, "No audit", "Ask with npm 7 or later, pnpm, or yarn 4")
            }
        };
        let words = sentence(&self.to_string());
        Problem::new(status, "audit", title, words).advice(Some(format!("{advice}."))).shown_by(Shows::ErrorMember)
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
