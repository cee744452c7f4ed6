//! What the guard says of a project's files, for one audience under one set of policies: judged once, then served until a
//! hold ends, the policies change or the upstream does.
//!
//! Invariant: the index and the files ask the guard the same question with the same facts, so they always agree.

use std::sync::Arc;
use std::time::Duration;

use fanlight_base::{Action, Facts, Outcome, Resource, Timestamp};
use fanlight_gate::Context;
use jiff::SignedDuration;

use crate::action;
use crate::client::{self, refusal_line};
use crate::cooldown::Age;
use crate::door::Shared;
use crate::ecosystem::{Ecosystem, File as _, FileOf, Form as _, Index as _, Name as _, Part, Release, Verdict};
use crate::knowledge::{KnownOfProject, Listed, Told};
use crate::page::Page;
use crate::project::{Project, Seen};

mod verdicts;

pub(crate) use verdicts::NO_RELEASE;
pub use verdicts::{Judgements, Verdicts, Written};

use verdicts::{Found, Of, Place};

/// Judged anew after this long even where nothing is known to change, because policies may look at ages in days.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// The same where something is held without an end: a policy may still let it pass by its age.
const LONGEST_WITH_OPEN_HOLD: SignedDuration = SignedDuration::from_mins(1);

/// Asks about the files of one project at one instant.
pub struct Asking<'a, E: Ecosystem> {
    seen: &'a Seen<Project<E>>,
    cooldown: Duration,
    known: KnownOfProject,
    now: Timestamp,
}

/// The question put to the guard about one file.
pub struct Asked<V> {
    /// The release.
    pub resource: Resource,
    /// The facts.
    pub facts: Facts,
    /// Which release it is.
    pub release: Release<V>,
    /// How old it is, and by which clock.
    pub age: Age,
}

impl<'a, E: Ecosystem> Asking<'a, E> {
    /// Gathers what is the same for all files of a project.
    pub fn new(seen: &'a Seen<Project<E>>, shared: &Shared, now: Timestamp) -> Self {
        let project = seen.thing.name.purl(None);
        let cooldown = shared.cooldowns.for_project(&project);
        let known = shared.known.project(&project);
        Self { seen, cooldown, known, now }
    }

    /// The cool-down that holds for the project.
    pub const fn cooldown(&self) -> Duration {
        self.cooldown
    }

    /// The question about one of its files. The facts are described in docs/policies.md.
    pub fn ask(&self, file: &FileOf<E>) -> Asked<E::Version> {
        let project = &self.seen.thing;
        let release = project.release(file);
        let version: Arc<str> = release.text.clone().unwrap_or_else(|| "unknown".into());
        let purl = project.name.purl(Some(&version));
        let age = project.sightings.age(file, self.now, self.cooldown);
        let shown = E::file_name(&project.name, file);
        let mut facts = Facts::new();
        facts
            .set("ecosystem", E::TYPE)
            .set("project", project.name.text())
            .set("release", purl.text())
            .set("version", version)
            .set("file", shown.clone())
            .set("age_minutes", age.age_minutes)
            .set("cooldown_minutes", age.cooldown_minutes)
            .set("counted_from", age.counted_from.as_str())
            .set("publish_time", age.publish_time.as_str())
            .set("available_at", age.available_at)
            .set("upstream_state", self.seen.state.as_str())
            .set("upstream", project.from.shown().clone())
            .set("private_upstream", project.from.is_private())
            .set("yanked", file.is_yanked());
        if let Some(reason) = file.yanked_reason() {
            facts.set("yanked_reason", reason.clone());
        }
        let (status, reason) = project.index.status();
        facts.set("project_status", status);
        if let Some(reason) = reason {
            facts.set("project_status_reason", reason.clone());
        }
        facts.set("file_name_parsed", release.text.is_some()).set("hash", file.content().as_str());
        if let Some(digest) = file.content().digest() {
            facts.set("digest", format!("{}:{digest}", digest.algorithm().as_str()).as_str());
        }
        let told = Told {
            release: &purl,
            version: release.text.as_deref(),
            file: &shown,
            digest: file.content().digest(),
            attested: file.is_attested(),
            listing: &|| self.listing(),
        };
        self.known.tell(&told, &mut facts);
        Asked { resource: Resource::new("Release", purl.text()), facts, release, age }
    }

    /// The project's files as those see them who know something of it.
    fn listing(&self) -> Vec<Listed> {
        let project = &self.seen.thing;
        let files = project.index.files().iter().filter_map(|file| {
            let version = project.release(file).text?.to_string();
            let age = project.sightings.age(file, self.now, self.cooldown);
            let (waited, age_minutes) = (age.has_waited(), age.age_minutes);
            Some(Listed { version, waited, age_minutes, yanked: file.is_yanked(), attested: file.is_attested() })
        });
        files.collect()
    }
}

/// The judgement that holds now for the caller of `context`. Who comes while one is made waits for it, so that twenty
/// requests for a large page cost one judging; waiting leaves the thread to others.
pub async fn judgement<E: Ecosystem>(context: &Context, seen: &Seen<Project<E>>, shared: &Shared) -> Arc<Verdicts> {
    let judgements = &seen.thing.judgements;
    let caller = &context.caller;
    let audience = Of {
        epoch: context.policies.epoch().number,
        state: seen.state,
        audience: context.policies.audience(action::FETCH_FILE, &caller.principal, caller.strength),
    };
    if let Some(verdicts) = judgements.find(&audience, context.now) {
        return verdicts;
    }
    let _turn = judgements.turn().await;
    if let Some(verdicts) = judgements.find(&audience, context.now) {
        return verdicts;
    }
    let (until, found) = tokio::task::block_in_place(|| judge(context, seen, shared));
    judgements.keep(audience, context.now..until, found)
}

/// The page of a judgement in one form, rendered once; waiting as in [`judgement`]. `door` is the door's address as the
/// client knows it.
pub async fn page<E: Ecosystem>(
    verdicts: &Verdicts,
    seen: &Seen<Project<E>>,
    form: E::Form,
    door: &str,
) -> Arc<Written> {
    let place = Place { form: form.as_str(), door: door.into() };
    if let Some(page) = verdicts.page(&place) {
        return page;
    }
    let _turn = seen.thing.judgements.turn().await;
    verdicts.page_or_write(place, |verdicts| {
        let index = &seen.thing.index;
        // Writing and packing, both: a page of megabytes takes a while.
        tokio::task::block_in_place(|| Page::of(E::write(index, &verdicts.of_files(index.files().len()), form, door)))
    })
}

/// What the guard says now, and until when it holds.
fn judge<E: Ecosystem>(context: &Context, seen: &Seen<Project<E>>, shared: &Shared) -> (Timestamp, Found) {
    let asking = Asking::new(seen, shared, context.now);
    let mut found = Found::default();
    let mut newest: Option<E::Version> = None;
    let mut refused = Vec::new();
    let mut until = context.now + LONGEST;
    for (number, file) in (0..).zip(seen.thing.index.files()) {
        let Asked { resource, facts, release, .. } = asking.ask(file);
        let (decision, facts) = context.preview(action::FETCH_FILE, &resource, facts);
        if decision.is_allowed() {
            if !file.is_discouraged()
                && let Some(version) = release.version
                && newest.as_ref().is_none_or(|newest| preferred::<E>(&version, newest))
            {
                newest = Some(version);
            }
            continue;
        }
        match decision.outcome {
            Outcome::Hold => found.held += 1,
            _ => found.denied += 1,
        }
        until = until.min(match (decision.outcome, decision.until) {
            (_, Some(ends)) if ends > context.now => ends,
            (Outcome::Hold, _) => context.now + LONGEST_WITH_OPEN_HOLD,
            _ => until,
        });
        refused.push((number, decision, facts, release.version));
    }
    found.newest_allowed = newest.map(|version| version.to_string().into());
    // The words may name what to take instead, which is known only now.
    let why: Arc<str> = E::typed(&seen.thing.name).into();
    found.withheld.reserve_exact(refused.len());
    for (number, decision, mut facts, version) in refused {
        let instead = client::instead(found.instead(version.as_ref()), &facts);
        facts.set("instead", instead.as_str()).set("why", why.clone());
        found.withhold(number, &refusal_line(&decision, &facts));
    }
    (until, found)
}

/// Whether `version` is rather to be recommended than `other`: a final release before a preview, then the newer one.
fn preferred<E: Ecosystem>(version: &E::Version, other: &E::Version) -> bool {
    (!E::is_preview(version), version) > (!E::is_preview(other), other)
}

impl Verdicts {
    /// The verdict on each of a page's files, in their order.
    pub(crate) fn of_files(&self, files: usize) -> Vec<Verdict> {
        let mut all = vec![Verdict::Shown; files];
        for (file, line) in self.withheld() {
            if let Some(verdict) = all.get_mut(*file as usize) {
                *verdict = Verdict::Withheld { reason: line.clone() };
            }
        }
        all
    }
}

/// The action of fetching a part; see [`action`].
pub const fn action_for(part: Part) -> Action {
    match part {
        Part::Whole => action::FETCH_FILE,
        Part::Metadata => action::FETCH_METADATA,
    }
}
