//! What people say of releases, here and in other companies, as the doors know it.
//!
//! Gives facts and decides nothing: what a review counts for is a policy's matter. Refuses to know signatures, and where
//! reviews are kept. Invariant: what another company says never passes for what is said here.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use fanlight_base::{Facts, Purl};

use crate::knowledge::{Knowledge, ProjectKnowledge, Told};
use crate::quarantine::same_version;

/// What a review says of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was looked at, and nothing is against it.
    Safe,
    /// It should not be used.
    Unsafe,
    /// It may be used by who minds what the review says.
    NeedsCare,
}

impl Verdict {
    /// The word in facts and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::NeedsCare => "needs-care",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Safe, Self::Unsafe, Self::NeedsCare].into_iter().find(|verdict| verdict.as_str() == text)
    }
}

/// One review that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The release.
    pub release: Purl,
    /// What it says.
    pub verdict: Verdict,
    /// Why, in one line.
    pub because: Arc<str>,
    /// Whether it was made here.
    pub is_own: bool,
}

/// All reviews.
#[derive(Debug, Default)]
pub struct Reviews(ArcSwap<HashMap<Arc<str>, Arc<OfProject>>>);

/// Those of one project.
#[derive(Debug, Default)]
struct OfProject(Vec<Review>);

impl Reviews {
    /// Puts these in the place of those from before.
    pub fn set(&self, all: impl IntoIterator<Item = Review>) {
        let mut by_project: HashMap<Arc<str>, OfProject> = HashMap::new();
        for review in all {
            by_project.entry(review.release.project().text()).or_default().0.push(review);
        }
        self.0.store(Arc::new(by_project.into_iter().map(|(project, of)| (project, Arc::new(of))).collect()));
    }
}

impl Knowledge for Reviews {
    fn project(&self, project: &Purl) -> Option<Arc<dyn ProjectKnowledge>> {
        self.0.load().get(project.as_str()).map(|of| of.clone() as _)
    }
}

impl ProjectKnowledge for OfProject {
    fn tell(&self, told: &Told<'_>, facts: &mut Facts) {
        let is_of = |review: &&Review| review.release.version().is_some_and(|v| same_version(told.release, v));
        let about: Vec<&Review> = self.0.iter().filter(is_of).collect();
        if let Some(own) = about.iter().find(|review| review.is_own) {
            facts.set("review_here", own.verdict.as_str()).set("review_here_because", own.because.clone());
        }
        for (fact, verdict) in [
            ("community_safe", Verdict::Safe),
            ("community_unsafe", Verdict::Unsafe),
            ("community_needs_care", Verdict::NeedsCare),
        ] {
            let count = about.iter().filter(|review| !review.is_own && review.verdict == verdict).count();
            if count > 0 {
                facts.set(fact, i64::try_from(count).unwrap_or(i64::MAX));
            }
        }
    }
}
