//! What people are told of a project: each release with its judgement, when it came, and what to take instead. The same
//! questions to the guard as the index and the files ask, so what is told is what happens.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use fanlight_base::{Decision, Outcome, Purl, Timestamp};
use fanlight_gate::Context;

use super::door::PypiDoor;
use super::formats::name::Version;
use super::judge::{self, Asked, Asking};
use super::project::LookError;
use crate::action;

/// A project as it is judged for the asker now.
pub struct ProjectView {
    /// The project's name in normal form.
    pub project: String,
    /// The cool-down that holds for it.
    pub cooldown: Duration,
    /// `fresh` or `stale`.
    pub upstream_state: &'static str,
    /// When the upstream was last heard.
    pub looked_at: Timestamp,
    /// The newest version that may be had.
    pub newest_allowed: Option<String>,
    /// The newest version the upstream has.
    pub newest: Option<String>,
    /// Newest version first; files whose name tells no version come last, as `unknown`.
    pub releases: Vec<ReleaseView>,
}

/// One release.
pub struct ReleaseView {
    /// The version, or `unknown`.
    pub version: String,
    /// Its files, in the upstream's order.
    pub files: Vec<FileView>,
}

/// One file as judged.
pub struct FileView {
    /// Its name.
    pub file: Arc<str>,
    /// The guard's answer.
    pub decision: Arc<Decision>,
    /// The sentence that says why, where it is refused.
    pub reason: Option<String>,
    /// The sentence that says what to do now, where it is refused.
    pub advice: Option<String>,
    /// When the upstream says it was published.
    pub published: Option<Timestamp>,
    /// When this node first saw it.
    pub first_seen: Option<Timestamp>,
    /// `published` or `first-seen`.
    pub counted_from: &'static str,
    /// Whether the upstream has withdrawn it.
    pub yanked: bool,
    /// Why, where it says.
    pub yanked_reason: Option<Arc<str>>,
}

impl ReleaseView {
    /// The strictest judgement of its files.
    pub fn strictest(&self) -> Option<&FileView> {
        self.files.iter().max_by_key(|file| file.decision.outcome)
    }
}

impl PypiDoor {
    /// The project of `purl` as it is judged for the caller of `context`.
    pub async fn view(&self, context: &Context, purl: &Purl) -> Result<ProjectView, Arc<LookError>> {
        let seen = self.parts.projects.see(purl.name()).await?;
        let judgement = judge::judgement(context, &seen, &self.parts).await;
        let instead = judgement.instead();
        let asking = Asking::new(&seen, &self.parts, context.now);
        // `None`, a name that tells no version, sorts before every version.
        let mut releases: BTreeMap<Option<Version>, Vec<FileView>> = BTreeMap::new();
        for file in &seen.thing.index.files {
            let Asked { resource, mut facts, version, age } = asking.ask(file);
            facts.set("instead", instead.as_str());
            let (decision, facts) = context.preview(action::FETCH_FILE, &resource, facts);
            let refused = decision.outcome > Outcome::Mask;
            releases.entry(version).or_default().push(FileView {
                file: file.filename.clone(),
                reason: refused.then(|| decision.reason(&facts)),
                advice: if refused { decision.advice(&facts) } else { None },
                decision,
                published: file.upload_time,
                first_seen: seen.thing.sightings.get(file).map(|sighting| sighting.first_seen),
                counted_from: age.counted_from.as_str(),
                yanked: file.yanked.is_yanked(),
                yanked_reason: file.yanked.reason().cloned(),
            });
        }
        let newest = releases.keys().rev().flatten().find(|v| !v.any_prerelease()).map(ToString::to_string);
        let newest = newest.or_else(|| releases.keys().next_back().cloned().flatten().map(|v| v.to_string()));
        Ok(ProjectView {
            project: purl.name().to_owned(),
            cooldown: self.parts.cooldowns.for_project(&Purl::pypi(purl.name(), None)),
            upstream_state: seen.state.as_str(),
            looked_at: seen.looked_at,
            newest_allowed: judgement.newest_allowed.as_ref().map(ToString::to_string),
            newest,
            releases: releases
                .into_iter()
                .rev()
                .map(|(version, files)| ReleaseView {
                    version: version.map_or_else(|| "unknown".to_owned(), |v| v.to_string()),
                    files,
                })
                .collect(),
        })
    }
}

/// Whether two texts are the same version by PEP 440: `1.0` and `1.0.0` are.
pub fn same_version(one: &str, other: &str) -> bool {
    one == other || matches!((one.parse::<Version>(), other.parse::<Version>()), (Ok(one), Ok(other)) if one == other)
}
