//! What the guard says of a project's files, for one audience under one set of policies: judged once, then served until a
//! hold ends, the policies change or the upstream does.
//!
//! Invariant: the index and the files ask the guard the same question with the same facts, so they always agree.

use std::sync::Arc;
use std::time::Duration;

use fanlight_base::{Action, Decision, Facts, Outcome, Purl, Resource, Timestamp};
use fanlight_gate::Context;
use jiff::SignedDuration;

use super::door::PypiParts;
use super::formats::index::IndexFile;
use super::formats::name::{FileName, Version};
use super::formats::negotiate::Format;
use super::formats::render::{self, Page, Verdict};
use super::project::{ECOSYSTEM, Project, Seen};
use crate::action;
use crate::client::refusal_line;
use crate::cooldown::Age;
use crate::knowledge::{KnownOfProject, Listed, Told};

mod verdicts;

pub use verdicts::{Judgements, Verdicts};

use verdicts::{Found, Of};

/// Judged anew after this long even where nothing is known to change, because policies may look at ages in days.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// The same where something is held without an end: a policy may still let it pass by its age.
const LONGEST_WITH_OPEN_HOLD: SignedDuration = SignedDuration::from_mins(1);

/// The judgement that holds now for the caller of `context`. Who comes while one is made waits for it, so that twenty
/// requests for a large page cost one judging; waiting leaves the thread to others.
pub async fn judgement(context: &Context, seen: &Seen<Project>, parts: &PypiParts) -> Arc<Verdicts> {
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
    let (until, found) = tokio::task::block_in_place(|| judge(context, seen, parts));
    judgements.keep(audience, context.now..until, found)
}

/// The page of a judgement in one form, rendered once; waiting as in [`judgement`].
pub async fn page<'a>(verdicts: &'a Verdicts, seen: &Seen<Project>, format: Format) -> &'a Page {
    if let Some(page) = verdicts.page(format) {
        return page;
    }
    let _turn = seen.thing.judgements.turn().await;
    verdicts.page_or_write(format, |withheld| {
        let index = &seen.thing.index;
        let mut all = vec![Verdict::Shown; index.files.len()];
        for (file, line) in withheld {
            if let Some(verdict) = all.get_mut(*file as usize) {
                *verdict = Verdict::Withheld { reason: line.clone() };
            }
        }
        tokio::task::block_in_place(|| render::project(index, &all, format))
    })
}

/// What the guard says now, and until when it holds.
fn judge(context: &Context, seen: &Seen<Project>, parts: &PypiParts) -> (Timestamp, Found) {
    let asking = Asking::new(seen, parts, context.now);
    let mut found = Found::default();
    let mut refused: Vec<(u32, Arc<Decision>, Facts)> = Vec::new();
    let mut until = context.now + LONGEST;
    for (number, file) in (0..).zip(&seen.thing.index.files) {
        let Asked { resource, facts, version, .. } = asking.ask(file);
        let (decision, facts) = context.preview(action::FETCH_FILE, &resource, facts);
        if decision.is_allowed() {
            if !file.yanked.is_yanked()
                && let Some(version) = version
                && found.newest_allowed.as_ref().is_none_or(|newest| preferred(&version, newest))
            {
                found.newest_allowed = Some(version);
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
        refused.push((number, decision, facts));
    }
    // The words may name what to take instead, which is known only now.
    let instead: Arc<str> = found.instead().into();
    found.withheld.reserve_exact(refused.len());
    for (number, decision, mut facts) in refused {
        facts.set("instead", instead.clone());
        found.withhold(number, &refusal_line(&decision, &facts));
    }
    (until, found)
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

/// Asks about the files of one project at one instant.
pub struct Asking<'a> {
    seen: &'a Seen<Project>,
    project: Purl,
    cooldown: Duration,
    known: KnownOfProject,
    now: Timestamp,
}

impl<'a> Asking<'a> {
    /// Gathers what is the same for all files of a project.
    pub fn new(seen: &'a Seen<Project>, parts: &PypiParts, now: Timestamp) -> Self {
        let project = Purl::pypi(&seen.thing.index.name, None);
        let cooldown = parts.cooldowns.for_project(&project);
        let known = parts.known.project(&project);
        Self { seen, project, cooldown, known, now }
    }

    /// The question about one of its files. The facts are described in docs/policies.md.
    pub fn ask(&self, file: &IndexFile) -> Asked {
        let (seen, project) = (self.seen, &self.seen.thing);
        let name = &project.index.name;
        let version = FileName::parse(&file.filename, name).ok().map(|parsed| parsed.version);
        let written = version.as_ref().map(ToString::to_string);
        let version_text = written.as_deref().unwrap_or("unknown");
        let purl = Purl::pypi(self.project.name(), Some(version_text));
        let age = project.sightings.age(file, self.now, self.cooldown);
        let mut facts = Facts::new();
        facts
            .set("ecosystem", ECOSYSTEM)
            .set("project", name.clone())
            .set("release", purl.text())
            .set("version", version_text)
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
        let told = Told {
            release: &purl,
            version: written.as_deref(),
            file: &file.filename,
            sha256: file.hashes.sha256.as_ref(),
            attested: file.provenance.is_some(),
            listing: &|| listing(project, self.cooldown, self.now),
        };
        self.known.tell(&told, &mut facts);
        Asked { resource: Resource::new("Release", purl.text()), facts, version, age }
    }
}

/// The files of a project as those see them who know something of it.
fn listing(project: &Project, cooldown: Duration, now: Timestamp) -> Vec<Listed> {
    let files = project.index.files.iter().filter_map(|file| {
        let version = FileName::parse(&file.filename, &project.index.name).ok()?.version.to_string();
        let waited = project.sightings.age(file, now, cooldown).has_waited();
        Some(Listed { version, waited, yanked: file.yanked.is_yanked(), attested: file.provenance.is_some() })
    });
    files.collect()
}

/// The actions on files; see [`action`].
pub const fn action_for(metadata: bool) -> Action {
    if metadata { action::FETCH_METADATA } else { action::FETCH_FILE }
}
