//! What people are told of a project: each release with its judgement, when it came, and what to take instead. The same
//! asking to the guard as the index and the files ask, so what is told is what happens.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use fanlight_base::{Decision, Facts, Outcome, Purl, Timestamp};
use fanlight_gate::Context;
use fanlight_store::Digest;

use crate::about::About;
use crate::action;
use crate::client;
use crate::door::Door;
use crate::ecosystem::{Ecosystem, File as _, Index as _, Name as _};
use crate::judge::{self, Asked, Asking};
use crate::project::LookError;

/// A project as it is judged for the asker now.
pub struct ProjectView {
    /// The project's name in normal form.
    pub project: String,
    /// Its purl.
    pub purl: Purl,
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
    /// What the index says of each release's making.
    pub making: Making,
}

/// Reads what the index says of each release's making, by version; nothing where it tells of no publisher. A long page takes a
/// while to read, so it is read only where somebody asks.
pub type Making = Box<dyn FnOnce() -> Option<HashMap<Arc<str>, About>> + Send + Sync>;

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
    /// Its size in bytes, where stated.
    pub size: Option<u64>,
    /// What its content must be, where that is stated well enough to hold it against.
    pub digest: Option<Digest>,
    /// Whether the index has an attestation of where it comes from.
    pub attested: bool,
    /// Whether it is yet to be scanned: that is done when it comes here first, and it is judged again by what is found.
    pub scan_to_come: bool,
    /// The facts it was judged by.
    pub facts: Facts,
}

/// Versions that have an order come by it, after what has none: `None` sorts before every version.
type InOrder<V> = BTreeMap<(Option<V>, Option<Arc<str>>), ReleaseView>;

impl ReleaseView {
    /// Whether every file of it that may be had by all that is known is yet to be scanned. Of a release in use, the files for other
    /// machines may be so for ever.
    pub fn scan_to_come(&self) -> bool {
        let mut files = self.files.iter().filter(|file| file.decision.is_allowed()).peekable();
        files.peek().is_some() && files.all(|file| file.scan_to_come)
    }

    /// The strictest judgement of its files.
    pub fn strictest(&self) -> Option<&FileView> {
        self.files.iter().max_by_key(|file| file.decision.outcome)
    }
}

impl<E: Ecosystem> Door<E> {
    /// The project as it is judged for the caller of `context`.
    pub(crate) async fn view_of(&self, context: &Context, name: &E::Name) -> Result<ProjectView, Arc<LookError>> {
        let seen = self.projects.see(name).await?;
        let judgement = judge::judgement(context, &seen, &self.shared).await;
        let asking = Asking::new(&seen, &self.shared, context.now);
        let mut releases = InOrder::<E::Version>::new();
        let page = seen.thing.clone();
        for file in seen.thing.index.files() {
            let Asked { resource, mut facts, release, age } = asking.ask(file);
            let instead = client::instead(judgement.instead(release.version.as_ref()), &facts);
            facts.set("instead", instead.as_str()).set("why", E::typed(name).as_str());
            let (decision, facts) = context.preview(action::FETCH_FILE, &resource, facts);
            let refused = decision.outcome > Outcome::Mask;
            let view = FileView {
                file: E::file_name(name, file),
                reason: refused.then(|| decision.reason(&facts)),
                advice: if refused { client::advice(&decision, &facts) } else { None },
                decision,
                published: file.published(),
                first_seen: seen.thing.sightings.get(file).map(|sighting| sighting.first_seen),
                counted_from: age.counted_from.as_str(),
                yanked: file.is_yanked(),
                yanked_reason: file.yanked_reason().cloned(),
                size: file.size(),
                digest: file.content().digest(),
                attested: file.is_attested(),
                scan_to_come: self.shared.scanning.is_some() && facts.get("scan").is_none(),
                facts,
            };
            let version = release.text.as_deref().unwrap_or("unknown").to_owned();
            let key = match release.version {
                Some(version) => (Some(version), None),
                None => (None, release.text),
            };
            releases.entry(key).or_insert_with(|| ReleaseView { version, files: Vec::new() }).files.push(view);
        }
        let versions = || releases.keys().rev().filter_map(|(version, _)| version.as_ref());
        let newest = versions().find(|version| !E::is_preview(version)).or_else(|| versions().next());
        Ok(ProjectView {
            project: name.text().to_string(),
            purl: name.purl(None),
            cooldown: asking.cooldown(),
            upstream_state: seen.state.as_str(),
            looked_at: seen.looked_at,
            newest_allowed: judgement.newest_allowed.as_ref().map(ToString::to_string),
            newest: newest.map(ToString::to_string),
            releases: releases.into_values().rev().collect(),
            making: Box::new(move || Some(page.index.about()?.into_iter().collect())),
        })
    }
}
