//! Which client asks, as far as it changes how a refusal must be worded to reach the person.
//!
//! The facts behind each choice, found by running the clients, are in docs/packages.md, "Where a person sees the reason".

use crate::alternatives;
use crate::judge::NO_RELEASE;
use fanlight_base::clock::for_people;
use fanlight_base::{Decision, Fact, Facts, Outcome, limits};
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

    /// The most bytes of a refusal that this client shows; nothing where it shows all of it.
    const fn shows(self) -> Option<usize> {
        match self {
            Self::Uv | Self::Npm => None,
            Self::Cargo => Some(limits::SHOWN_BODY_CHARACTERS),
            Self::Pip | Self::Pnpm | Self::Yarn | Self::Other => Some(limits::REASON_PHRASE_BYTES),
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

/// The sentence that says what to do now, and what the company uses instead where the policy does not say it.
pub fn advice(decision: &Decision, facts: &Facts) -> Option<String> {
    let advice = decision.advice(facts);
    let says_it = decision.advice_template.as_ref().is_some_and(|template| template.contains("{instead}"));
    match (alternatives::of(facts).filter(|_| !says_it), advice) {
        (Some(alternative), Some(advice)) => {
            Some(format!("{}; here {alternative} is used instead", advice.trim_end_matches('.')))
        }
        (Some(alternative), None) => Some(format!("Here {alternative} is used instead")),
        (None, advice) => advice,
    }
}

/// What may be had instead, with what the company uses instead.
pub fn instead(release: String, facts: &Facts) -> String {
    match alternatives::of(facts) {
        Some(alternative) if release.starts_with(NO_RELEASE) => alternative.to_string(),
        Some(alternative) => format!("{release} or {alternative}"),
        None => release,
    }
}

/// What to type to ask for a release that is stopped, where an exception may lift what stops it. The facts `why` and `version`
/// or `release` say which.
pub fn how_to_ask(decision: &Decision, facts: &Facts) -> Option<String> {
    let text = |name| match facts.get(name) {
        Some(Fact::Text(text)) => Some(text),
        _ => None,
    };
    let (project, version, release) = (text("why")?, text("version")?, text("release")?);
    // Where people type a purl for the project, they type one for the release.
    let what = if project.starts_with("pkg:") { release.to_string() } else { format!("{project}=={version}") };
    // A name that a shell would take apart is not put into a command.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-+@/:%=".contains(c);
    (decision.liftable && what.chars().all(is_plain)).then(|| format!("or ask: fanlight ask {what}"))
}

/// The whole refusal in one line, for a `yanked` reason.
pub fn refusal_line(decision: &Decision, facts: &Facts) -> String {
    let told = what_and_why(decision, facts);
    let told = match advice(decision, facts) {
        Some(advice) => format!("{} {advice}", stopped(told)),
        None => told,
    };
    match how_to_ask(decision, facts) {
        Some(ask) => format!("{}; {ask}", told.trim_end_matches('.')),
        None => told,
    }
}

/// A refusal as an answer that this client's person can read.
pub fn refusal(client: Client, decision: &Decision, facts: &Facts) -> Problem {
    let detail = stopped(what_and_why(decision, facts));
    let mut advice = advice(decision, facts);
    if let Some(ask) = how_to_ask(decision, facts) {
        let told = match &advice {
            Some(advice) => format!("{}; {ask}", advice.trim_end_matches('.')),
            None => format!("{}{}", ask[..1].to_uppercase(), &ask[1..]),
        };
        // A command that is cut is worse than none: `fanlight why`, which stands before it, tells how to ask, too.
        if client.shows().is_none_or(|bytes| detail.len() + 1 + told.len() <= bytes) {
            advice = Some(told);
        }
    }
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

#[cfg(test)]
mod tests;
