//! Which client asks, as far as it changes how a refusal must be worded to reach the person.
//!
//! The facts behind each choice, found by running the clients, are in docs/packages.md, "Where a person sees the reason".

use fanlight_base::clock::for_people;
use fanlight_base::{Decision, Facts, Outcome};
use fanlight_net::{Problem, Shows};
use http::{HeaderMap, StatusCode, header};

/// A family of clients that show refusals in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// Shows the HTTP/1.1 reason phrase of a 403.
    Pip,
    /// Shows `title` and `detail` of an `application/problem+json` body, but not on 401 or 403.
    Uv,
    /// Shows the member `error` of a JSON body, after the reason phrase.
    Npm,
    /// Shows the reason phrase. Takes what is not deprecated first.
    Pnpm,
    /// yarn 4, which does the same; it calls itself by the name of its HTTP library.
    Yarn,
    /// Shows the body as it is, cut after 512 characters.
    Cargo,
    /// Anything else, yarn 1 among it: a 403 with phrase and body.
    Other,
}

impl Client {
    /// Reads the `User-Agent`: `pip/26.2 {...}`, `uv/0.9.1 {...}`, `npm/11.6 node/...`, `cargo/1.95.0 (...)`.
    pub fn of(headers: &HeaderMap) -> Self {
        let agent = headers.get(header::USER_AGENT).map_or(&b""[..], |value| value.as_bytes());
        if agent.starts_with(b"pip/") {
            Self::Pip
        } else if agent.starts_with(b"uv/") {
            Self::Uv
        } else if agent.starts_with(b"npm/") {
            Self::Npm
        } else if agent.starts_with(b"pnpm/") {
            Self::Pnpm
        } else if agent.starts_with(b"got (") {
            Self::Yarn
        } else if agent.starts_with(b"cargo/") || agent.starts_with(b"cargo ") {
            Self::Cargo
        } else {
            Self::Other
        }
    }

    /// The status of a refusal that this client lets its person read. Never 5xx: all clients try that again.
    pub const fn refusal_status(self) -> StatusCode {
        match self {
            Self::Uv => StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS,
            Self::Pip | Self::Npm | Self::Pnpm | Self::Yarn | Self::Cargo | Self::Other => StatusCode::FORBIDDEN,
        }
    }

    /// The problem with its words where this client shows them.
    pub fn say(self, problem: Problem) -> Problem {
        problem.shown_by(match self {
            Self::Npm => Shows::ErrorMember,
            Self::Cargo => Shows::Body,
            Self::Pip | Self::Uv | Self::Pnpm | Self::Yarn | Self::Other => Shows::Phrase,
        })
    }
}

/// What and until when, then why: `Held until 2026-11-29 10:00 UTC: pkg:pypi/a@2 was published 2 hours ago; ...`. The
/// date comes first, because a reason phrase is cut at its end.
fn what_and_why(decision: &Decision, facts: &Facts) -> String {
    let reason = decision.reason(facts);
    match (decision.outcome, decision.until) {
        (Outcome::Hold, Some(until)) => format!("Held until {}: {reason}", for_people(until)),
        (Outcome::Hold, None) => format!("Held for review: {reason}"),
        _ => format!("Denied: {reason}"),
    }
}

/// The whole refusal in one line, for a `yanked` reason.
pub fn refusal_line(decision: &Decision, facts: &Facts) -> String {
    let told = what_and_why(decision, facts);
    match decision.advice(facts) {
        Some(advice) => format!("{} {advice}", stopped(told)),
        None => told,
    }
}

/// A refusal as an answer that this client's person can read.
pub fn refusal(client: Client, decision: &Decision, facts: &Facts) -> Problem {
    let detail = stopped(what_and_why(decision, facts));
    let advice = decision.advice(facts);
    let problem = match decision.outcome {
        Outcome::Hold => Problem::held(detail, advice, decision.until),
        _ => Problem::denied(detail, advice),
    };
    client.say(problem.status(client.refusal_status()).policies(&decision.policies))
}

fn stopped(mut sentence: String) -> String {
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}
