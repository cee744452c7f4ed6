//! What the guard says of a project's files, for one audience under one set of policies: judged once, then served until a
//! hold ends, the policies change or the upstream does.
//!
//! Invariant: the index and the files ask the guard the same question with the same facts, so they always agree.

use std::sync::{Arc, OnceLock};

use fanlight_base::{Action, Decision, Facts, Outcome, PersonId, Purl, Resource, Strength, Timestamp};
use fanlight_gate::Context;
use jiff::SignedDuration;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::formats::index::IndexFile;
use super::formats::name::{FileName, Version};
use super::formats::negotiate::Format;
use super::formats::render::{self, Page, Verdict};
use super::project::{ECOSYSTEM, Seen, UpstreamState};
use crate::action;
use crate::client::refusal_line;
use crate::cooldown::{Age, Cooldowns};

/// Judged anew after this long even where nothing is known to change, because policies may look at ages in days.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// The same where something is held without an end: a policy may still let it pass by its age.
const LONGEST_WITH_OPEN_HOLD: SignedDuration = SignedDuration::from_mins(1);
/// Audiences whose judgement is kept for one version of a page. Built-in policies make one for each strength of login.
const AUDIENCES: usize = 256;

/// The judgements of one version of a project's page.
pub struct Judgements {
    known: Mutex<Vec<(Audience, Arc<Judgement>)>>,
    /// One judging or rendering at a time for a page.
    turn: Semaphore,
}

impl Default for Judgements {
    fn default() -> Self {
        Self { known: Mutex::default(), turn: Semaphore::new(1) }
    }
}

/// For whom, under which policies.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Audience {
    epoch: u64,
    strength: Strength,
    state: UpstreamState,
    /// Only where a policy looks at who asks.
    person: Option<Option<PersonId>>,
}

/// What the guard says of a project's files.
pub struct Judgement {
    from: Timestamp,
    until: Timestamp,
    /// For each file of the page, in its order, the refusal; nothing where the file may be had.
    pub withheld: Vec<Option<Withheld>>,
    /// Files held.
    pub held: i64,
    /// Files denied.
    pub denied: i64,
    /// The newest version that may be had, final releases first.
    pub newest_allowed: Option<Version>,
    /// The page as JSON, rendered when first asked for.
    pub json: OnceLock<Page>,
    /// The page as HTML, rendered when first asked for.
    pub html: OnceLock<Page>,
}

/// A file that may not be had now.
pub struct Withheld {
    /// What the guard said.
    pub decision: Arc<Decision>,
    /// The facts it was told, and the words for the person.
    pub facts: Facts,
    /// The whole refusal in one line.
    pub line: Arc<str>,
}

impl Judgement {
    /// The text of the newest version that may be had, for the words of a refusal.
    pub fn instead(&self) -> String {
        self.newest_allowed.as_ref().map_or_else(|| NONE_YET.to_owned(), ToString::to_string)
    }

    fn holds_at(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }
}

/// What stands for a version where nothing may be had.
const NONE_YET: &str = "another package (no release of this one is allowed yet)";

/// The judgement that holds now for the caller of `context`. Who comes while one is made waits for it, so that twenty
/// requests for a large page cost one judging; waiting leaves the thread to others.
pub async fn judgement(context: &Context, seen: &Seen, cooldowns: &Cooldowns) -> Arc<Judgement> {
    let project = &seen.project;
    let audience = Audience {
        epoch: context.policies.epoch().number,
        strength: context.caller.strength,
        state: seen.state,
        person: context
            .policies
            .depends_on_principal(action::FETCH_FILE)
            .then(|| context.caller.principal.person().cloned()),
    };
    if let Some(judgement) = project.judgements.find(&audience, context.now) {
        return judgement;
    }
    // Never closed, so there is always a turn; without one the work would only be done twice.
    let turn = project.judgements.turn.acquire().await;
    if let Some(judgement) = project.judgements.find(&audience, context.now) {
        return judgement;
    }
    let made = Arc::new(tokio::task::block_in_place(|| judge(context, seen, cooldowns)));
    project.judgements.keep(audience, made.clone());
    drop(turn);
    made
}

/// The page of a judgement in one form, rendered once; waiting as in [`judgement`].
pub async fn page<'a>(judgement: &'a Judgement, seen: &Seen, format: Format) -> &'a Page {
    let place = if format == Format::Json { &judgement.json } else { &judgement.html };
    if let Some(page) = place.get() {
        return page;
    }
    let _turn = seen.project.judgements.turn.acquire().await;
    place.get_or_init(|| {
        let verdicts = judgement.withheld.iter().map(|refused| match refused {
            None => Verdict::Shown,
            Some(refused) => Verdict::Withheld { reason: refused.line.clone() },
        });
        let verdicts: Vec<_> = verdicts.collect();
        tokio::task::block_in_place(|| render::project(&seen.project.index, &verdicts, format))
    })
}

impl Judgements {
    fn find(&self, audience: &Audience, now: Timestamp) -> Option<Arc<Judgement>> {
        let known = self.known.lock();
        known.iter().find(|(of, judgement)| of == audience && judgement.holds_at(now)).map(|(_, j)| j.clone())
    }

    fn keep(&self, audience: Audience, made: Arc<Judgement>) {
        let mut known = self.known.lock();
        known.retain(|(of, _)| of.epoch == audience.epoch && *of != audience);
        if known.len() >= AUDIENCES {
            known.remove(0);
        }
        known.push((audience, made));
    }
}

fn judge(context: &Context, seen: &Seen, cooldowns: &Cooldowns) -> Judgement {
    let files = &seen.project.index.files;
    let mut withheld = Vec::with_capacity(files.len());
    let (mut held, mut denied) = (0, 0);
    let mut newest_allowed: Option<Version> = None;
    let mut until = context.now + LONGEST;
    for file in files {
        let Asked { resource, facts, version, .. } = ask(seen, file, cooldowns, context.now);
        let (decision, facts) = context.preview(action::FETCH_FILE, &resource, facts);
        if decision.is_allowed() {
            if !file.yanked.is_yanked()
                && let Some(version) = version
                && newest_allowed.as_ref().is_none_or(|newest| preferred(&version, newest))
            {
                newest_allowed = Some(version);
            }
            withheld.push(None);
            continue;
        }
        match decision.outcome {
            Outcome::Hold => held += 1,
            _ => denied += 1,
        }
        until = until.min(match (decision.outcome, decision.until) {
            (_, Some(ends)) if ends > context.now => ends,
            (Outcome::Hold, _) => context.now + LONGEST_WITH_OPEN_HOLD,
            _ => until,
        });
        withheld.push(Some(Withheld { decision, facts, line: "".into() }));
    }
    let mut judgement = Judgement {
        from: context.now,
        until,
        withheld,
        held,
        denied,
        newest_allowed,
        json: OnceLock::new(),
        html: OnceLock::new(),
    };
    let instead: Arc<str> = judgement.instead().into();
    for refused in judgement.withheld.iter_mut().flatten() {
        refused.facts.set("instead", instead.clone());
        refused.line = refusal_line(&refused.decision, &refused.facts).into();
    }
    judgement
}

/// Whether `version` is rather to be recommended than `other`: a final release before a preview, then the newer one.
fn preferred(version: &Version, other: &Version) -> bool {
    (!version.any_prerelease(), version) > (!other.any_prerelease(), other)
}

/// The question put to the guard about one file.
pub struct Asked {
    /// The release.
    pub resource: Resource,
    /// The facts.
    pub facts: Facts,
    /// The version, where the file's name tells it.
    pub version: Option<Version>,
    /// How old it is, and by which clock.
    pub age: Age,
}

/// The question about one file at the instant `now`. The facts are described in docs/policies.md.
pub fn ask(seen: &Seen, file: &IndexFile, cooldowns: &Cooldowns, now: Timestamp) -> Asked {
    let project = &seen.project;
    let name = &project.index.name;
    let version = FileName::parse(&file.filename, name).ok().map(|parsed| parsed.version);
    let version_text = version.as_ref().map_or_else(|| "unknown".to_owned(), ToString::to_string);
    let purl = Purl::pypi(name, Some(&version_text));
    let cooldown = cooldowns.for_project(&Purl::pypi(name, None));
    let age = project.sightings.age(file, now, cooldown);
    let mut facts = Facts::new();
    facts
        .set("ecosystem", ECOSYSTEM)
        .set("project", name.clone())
        .set("release", purl.text())
        .set("version", version_text.as_str())
        .set("file", file.filename.clone())
        .set("age_minutes", age.age_minutes)
        .set("cooldown_minutes", age.cooldown_minutes)
        .set("counted_from", age.counted_from.as_str())
        .set("publish_time", age.publish_time.as_str())
        .set("available_at", age.available_at)
        .set("upstream_state", seen.state.as_str())
        .set("yanked", file.yanked.is_yanked());
    if let Some(reason) = file.yanked.reason() {
        facts.set("yanked_reason", reason.clone());
    }
    facts.set("project_status", project.index.project_status.status.as_str());
    if let Some(reason) = &project.index.project_status.reason {
        facts.set("project_status_reason", reason.clone());
    }
    let hash = match (&file.hashes.sha256, file.hashes.is_empty()) {
        (Some(_), _) => "sha256",
        (None, false) => "other",
        (None, true) => "none",
    };
    facts.set("file_name_parsed", version.is_some()).set("hash", hash);
    Asked { resource: Resource::new("Release", purl.text()), facts, version, age }
}

/// The actions on files; see [`action`].
pub const fn action_for(metadata: bool) -> Action {
    if metadata { action::FETCH_METADATA } else { action::FETCH_FILE }
}
