//! Who published a release, and how that changed, from what the project's index says of each release.

use std::collections::HashMap;
use std::sync::Arc;

use fanlight_api::look::Publishing;
use fanlight_packages::about::About;
use fanlight_packages::{ProjectView, ReleaseView};

use super::came;

/// Other publishers that are named.
const OTHERS: usize = 10;

/// What `making` tells of `release`, held against the releases that came before it.
pub(super) fn of(making: &HashMap<Arc<str>, About>, view: &ProjectView, release: &ReleaseView) -> Publishing {
    // By time and not by version: what matters is who could publish when.
    let mut in_time: Vec<_> =
        view.releases.iter().filter_map(|one| Some((came(one)?, making.get(&*one.version)?, &*one.version))).collect();
    in_time.sort_by_key(|(at, ..)| *at);
    let own = making.get(&*release.version).cloned().unwrap_or_default();
    let earlier = || in_time.iter().take_while(|(.., version)| *version != release.version).map(|(_, about, _)| *about);
    let by = own.publisher.as_deref();
    let mut others: Vec<String> = Vec::new();
    for (_, about, _) in in_time.iter().rev() {
        let Some(name) = about.publisher.as_deref().filter(|name| Some(*name) != by) else { continue };
        if others.len() < OTHERS && !others.iter().any(|known| known == name) {
            others.push(name.to_owned());
        }
    }
    let last = earlier().last().filter(|about| !about.maintainers.is_empty());
    let (joined, left) = match last {
        Some(last) if came(release).is_some() => (
            own.maintainers.difference(&last.maintainers).cloned().collect(),
            last.maintainers.difference(&own.maintainers).cloned().collect(),
        ),
        _ => (Vec::new(), Vec::new()),
    };
    Publishing {
        before: earlier().filter(|about| by.is_some() && about.publisher.as_deref() == by).count() as u64,
        by: own.publisher,
        others,
        maintainers: own.maintainers.into_iter().collect(),
        joined,
        left,
    }
}
