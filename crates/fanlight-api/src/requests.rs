//! Requests: releases that are stopped, and that somebody asked for; and the answers.

use std::collections::BTreeMap;

use fanlight_base::{Outcome, Timestamp, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::look::InUse;
use crate::reviews::Review;
use crate::shapes::{LINE, RELEASE, whole};

/// Asks for a release that is stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RequestAsk")]
pub struct Ask {
    /// The release's purl.
    #[schemars(regex(pattern = RELEASE), example = "pkg:pypi/requests@3.0")]
    pub purl: String,
    /// What it is needed for, in one line. It stands in the record for ever: it names nobody.
    #[schemars(length(min = 1, max = limits::BECAUSE_CHARACTERS), regex(pattern = LINE))]
    pub because: String,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "RequestState")]
pub enum State {
    /// Nobody has answered.
    Waiting,
    /// It was granted: an exception was made.
    Granted,
    /// It was refused.
    Refused,
    /// Who asked took it back.
    Withdrawn,
    /// It is not needed any more: the release is not stopped any longer, or nobody answered for very long.
    Over,
}

impl State {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Over => "over",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Waiting, Self::Granted, Self::Refused, Self::Withdrawn, Self::Over]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Request {
    /// Its id: `req_` and 16 letters or digits.
    pub id: String,
    /// The release's purl.
    pub purl: String,
    /// Who asks, by name, or by pseudonym once erased.
    pub by: String,
    /// What it is needed for.
    pub because: String,
    /// When it was asked.
    pub asked: Timestamp,
    /// Where it stands.
    pub state: State,
    /// How the release was judged when it was asked for.
    pub judged: Judged,
    /// The answer, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RequestAnswer")]
pub struct Answer {
    /// When it was given.
    pub at: Timestamp,
    /// Who gave it, by name; missing where the node did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The words.
    pub because: String,
    /// The exception, where it was granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<Granted>,
    /// Whether who asked has been shown it before.
    pub seen: bool,
}

/// The exception that a request was granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RequestGranted")]
pub struct Granted {
    /// Its id.
    pub id: String,
    /// When it ends by itself.
    pub until: Timestamp,
    /// When it did end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// Whether it is for everybody.
    pub everybody: bool,
    /// The group that it is for, where it is for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// How a release is judged for who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RequestJudged")]
pub struct Judged {
    /// The outcome.
    pub outcome: Outcome,
    /// The policies that stop it, the strongest first.
    pub policies: Vec<String>,
    /// The sentence that says why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The sentence that says what to do now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The facts it was judged by.
    pub facts: BTreeMap<String, serde_json::Value>,
}

/// What asking came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RequestAsked")]
pub struct Asked {
    /// The request that waits.
    pub request: Request,
    /// Whether it waited before: then it stays as it was.
    pub already: bool,
    /// How many others wait for the same release.
    pub others: u64,
    /// What one can have at once instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
}

/// Requests, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Requests {
    /// Them.
    pub requests: Vec<Request>,
    /// Whether there are more than are listed.
    pub truncated: bool,
    /// Where the next page begins, as `after` takes it, where a limit was asked for and there is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// The query of [`crate::routes::REQUESTS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RequestsWhich")]
pub struct Which {
    /// Those in this state; without it, those that wait. `all` lists all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^(waiting|granted|refused|withdrawn|over|all)$"))]
    pub state: Option<String>,
    /// Those for a purl with this in it; capital letters and small ones are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::SEARCH_CHARACTERS))]
    pub q: Option<String>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = limits::LIST_PAGE))]
    pub limit: Option<u64>,
    /// Those that follow: the `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[!-~]{1,600}$"))]
    pub after: Option<String>,
}

/// All there is to know before a request is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RequestEvidence")]
pub struct Evidence {
    /// The request, with how the release was judged then.
    pub request: Request,
    /// Whether whoever looks at it has asked it.
    pub own: bool,
    /// How the release is judged now for who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Judged>,
    /// Why that cannot be said, where it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// The policies that a grant would set aside, as they are written.
    pub policies: Vec<Policy>,
    /// The newest version that is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_allowed: Option<String>,
    /// Other requests that wait for the same release.
    pub others: Vec<Request>,
    /// Releases of the project that are in use here, and by how many callers.
    pub in_use: Vec<InUse>,
    /// What reviews say of it.
    pub reviews: Vec<Review>,
}

/// A policy as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RequestPolicy")]
pub struct Policy {
    /// Its id.
    pub id: String,
    /// Where it stands, `FILE:LINE`.
    pub place: String,
    /// Its text.
    pub text: String,
}

/// Whom a grant is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "RequestFor")]
pub enum For {
    /// Who asked.
    Person,
    /// Everybody.
    Everybody,
    /// Whoever is in this group; who asked has to be.
    Group(String),
    /// An app of who asked, by id.
    App(String),
}

/// Grants a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RequestGrant")]
pub struct Grant {
    /// For how many seconds.
    #[serde(deserialize_with = "whole")]
    #[schemars(range(min = 1, max = limits::GRANTED_TIME.as_secs()))]
    pub seconds: u64,
    /// Whom it is for. One for everybody or a group answers all of them that wait for the same release.
    #[serde(rename = "for")]
    pub audience: For,
    /// Why, in one line; without it, what who asked has said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::BECAUSE_CHARACTERS), regex(pattern = LINE))]
    pub because: Option<String>,
}

/// Refuses a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RequestRefuse")]
pub struct Refuse {
    /// Why, and what to do instead, in one line for who asked.
    #[schemars(length(min = 1, max = limits::BECAUSE_CHARACTERS), regex(pattern = LINE))]
    pub because: String,
}

/// The requests that were answered, the one that was meant first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RequestsAnswered")]
pub struct Answered {
    /// Them.
    pub requests: Vec<Request>,
}
