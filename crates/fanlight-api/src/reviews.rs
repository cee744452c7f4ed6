//! What people say of releases: made here and signed by the node, taken over from other companies' nodes.

use fanlight_base::{Timestamp, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shapes::{LINE, RELEASE};

/// Asks to review a release, in place of the review that there is of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ReviewAsk")]
pub struct Ask {
    /// The release's purl.
    #[schemars(regex(pattern = RELEASE), example = "pkg:pypi/requests@2.32.0")]
    pub purl: String,
    /// `safe`, `unsafe`, `needs-care`, or `withdrawn` for no review any more.
    #[schemars(extend("enum" = ["safe", "unsafe", "needs-care", "withdrawn"]))]
    pub verdict: String,
    /// Why, and by which evidence, in one line. It names nobody: it may be given to other companies.
    #[schemars(length(min = 1, max = limits::BECAUSE_CHARACTERS), regex(pattern = LINE))]
    pub because: String,
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Review {
    /// The release's purl.
    pub purl: String,
    /// The node it was made on, by the name and id of its key: `ORIGIN+ID`; `this` for this one.
    pub node: String,
    /// Whether it was made here.
    pub own: bool,
    /// `safe`, `unsafe`, `needs-care` or `withdrawn`.
    pub verdict: String,
    /// Why, and by which evidence.
    pub because: String,
    /// When it was made.
    pub at: Timestamp,
    /// The review as it was signed: a C2SP signed-note.
    pub note: String,
}

/// Every review, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reviews {
    /// The key that reviews made here are checked with.
    pub key: String,
    /// Them.
    pub reviews: Vec<Review>,
    /// Where the next page begins, as `after` takes it, where a limit was asked for and there is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Reviews handed from one company to another, as a file and as the body of [`crate::routes::IMPORT_REVIEWS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ReviewsHanded")]
pub struct Handed {
    /// The key they are checked with. In a file it is a hint only: who takes it over names a key that they trust.
    pub key: String,
    /// The reviews as they were signed.
    pub notes: Vec<String>,
}

/// What came of taking reviews over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ReviewsTaken")]
pub struct Taken {
    /// The node that they are of.
    pub node: String,
    /// How many there were.
    pub reviews: u64,
    /// How many of them are new, or newer than what was known.
    pub new: u64,
}
