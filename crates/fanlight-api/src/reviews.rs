//! What people say of releases: made here and signed by the node, taken over from other companies' nodes.

use fanlight_base::Timestamp;
use serde::{Deserialize, Serialize};

/// Asks to review a release, in place of the review that there is of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The release's purl.
    pub purl: String,
    /// `safe`, `unsafe`, `needs-care`, or `withdrawn` for no review any more.
    pub verdict: String,
    /// Why, and by which evidence, in one line. It names nobody: it may be given to other companies.
    pub because: String,
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviews {
    /// The key that reviews made here are checked with.
    pub key: String,
    /// Them.
    pub reviews: Vec<Review>,
}

/// Reviews handed from one company to another, as a file and as the body of [`crate::routes::IMPORT_REVIEWS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handed {
    /// The key they are checked with. In a file it is a hint only: who takes it over names a key that they trust.
    pub key: String,
    /// The reviews as they were signed.
    pub notes: Vec<String>,
}

/// What came of taking reviews over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The node that they are of.
    pub node: String,
    /// How many there were.
    pub reviews: u64,
    /// How many of them are new, or newer than what was known.
    pub new: u64,
}
