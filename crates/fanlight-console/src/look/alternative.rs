//! What the company uses instead of a project, as its steward says it in `packages.alternatives`; and of the packages that the
//! words name by purl, what is known here.
//!
//! Nothing is guessed: that two packages do the same is what a person says, and no likeness of names or words.

use fanlight_api::look::{Alternative, AlternativePackage};
use fanlight_base::{Fact, Purl, limits};
use fanlight_gate::Context;
use fanlight_packages::ReleaseView;
use fanlight_packages::alternatives::ALTERNATIVE;
use fanlight_store::StoreError;

use crate::Console;

impl Console {
    /// What is used instead of the project of this release.
    pub(super) async fn alternative(
        &self,
        context: &Context,
        release: &ReleaseView,
    ) -> Result<Option<Alternative>, StoreError> {
        let said = release.files.iter().find_map(|file| match file.facts.get(ALTERNATIVE) {
            Some(Fact::Text(words)) => Some(words.to_string()),
            _ => None,
        });
        let Some(words) = said else { return Ok(None) };
        let mut packages = Vec::new();
        for purl in named(&words) {
            packages.push(self.alternative_package(context, purl).await?);
        }
        Ok(Some(Alternative { words, packages }))
    }

    async fn alternative_package(&self, context: &Context, purl: Purl) -> Result<AlternativePackage, StoreError> {
        let project = purl.project();
        let callers = self.parts.store.callers_of(&project).await?;
        // A page that cannot be had says nothing of what is used here.
        let newest_allowed = match self.parts.doors.of(purl.ecosystem()) {
            Some(door) => door.view(context, &project).await.ok().and_then(|view| view.newest_allowed),
            None => None,
        };
        let reviewed = match &newest_allowed {
            Some(version) => {
                let reviews = self.reviews_of(&project.release(version)).await?;
                let own = reviews.into_iter().find(|review| review.own).map(|review| review.verdict);
                own.filter(|verdict| verdict != "withdrawn")
            }
            None => None,
        };
        Ok(AlternativePackage { purl: project.to_string(), callers, newest_allowed, reviewed })
    }
}

/// The packages that words name by purl, in their order.
fn named(words: &str) -> Vec<Purl> {
    let purls = words.split_whitespace().map(|word| word.trim_matches([',', ';', '.', '(', ')', '`']));
    let mut purls: Vec<Purl> = purls.filter_map(|word| word.parse::<Purl>().ok()).collect();
    purls.dedup();
    purls.truncate(limits::ALTERNATIVE_PACKAGES);
    purls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_by_purl_is_taken_for_a_package() {
        let of = |words: &str| named(words).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(of("pkg:npm/date-fns or pkg:npm/%40acme/dates."), ["pkg:npm/date-fns", "pkg:npm/%40acme/dates"]);
        assert!(of("date-fns, or the standard library").is_empty());
        assert_eq!(of("pkg:npm/a pkg:npm/b pkg:npm/c pkg:npm/d").len(), limits::ALTERNATIVE_PACKAGES);
    }
}
