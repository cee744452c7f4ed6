//! What the company uses instead of projects, as the doors know it.
//!
//! Gives a fact and words, and decides nothing: that a project has an alternative stops none of its releases.

use std::sync::Arc;

use fanlight_base::{Fact, Facts, Purl};

use crate::cooldown::durations;
use crate::knowledge::{Knowledge, ProjectKnowledge, Told};
use crate::pattern::{PatternError, canonical};

/// The fact.
pub const ALTERNATIVE: &str = "alternative";

/// What to use instead of which projects.
#[derive(Debug, Default)]
pub struct Alternatives(Vec<(String, Arc<Alternative>)>);

#[derive(Debug)]
struct Alternative(Arc<str>);

impl Alternatives {
    /// Patterns as for [`crate::cooldown::Cooldowns::new`], the longest that matches wins.
    pub fn new(all: impl IntoIterator<Item = (String, String)>) -> Result<Self, PatternError> {
        let all = all.into_iter().map(|(pattern, instead)| match canonical(&pattern) {
            Some(pattern) => Ok((pattern, Arc::new(Alternative(instead.into())))),
            None => Err(PatternError { pattern }),
        });
        let mut all = all.collect::<Result<Vec<_>, _>>()?;
        all.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then(a.cmp(b)));
        Ok(Self(all))
    }
}

impl Knowledge for Alternatives {
    fn project(&self, project: &Purl) -> Option<Arc<dyn ProjectKnowledge>> {
        durations::find(&self.0, project).map(|found| found.clone() as _)
    }
}

impl ProjectKnowledge for Alternative {
    fn tell(&self, _: &Told<'_>, facts: &mut Facts) {
        facts.set(ALTERNATIVE, self.0.clone());
    }
}

/// What the company uses instead of the project that the facts are about.
pub(crate) fn of(facts: &Facts) -> Option<&Arc<str>> {
    match facts.get(ALTERNATIVE) {
        Some(Fact::Text(text)) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_pattern_says_what_is_used_instead() {
        let pairs = [("left-*", "padding of your own"), ("pkg:npm/left-pad", "String.padStart")];
        let all = Alternatives::new(pairs.map(|(a, b)| (a.to_owned(), b.to_owned()))).unwrap();
        let of = |purl: &str| durations::find(&all.0, &purl.parse().unwrap()).map(|found| found.0.to_string());
        assert_eq!(of("pkg:npm/left-pad@1.3.0").as_deref(), Some("String.padStart"));
        assert_eq!(of("pkg:pypi/Left_Pad").as_deref(), Some("padding of your own"));
        assert_eq!(of("pkg:npm/right-pad"), None);
        assert!(Alternatives::new([("pkg:npm".to_owned(), "x".to_owned())]).is_err());
    }
}
