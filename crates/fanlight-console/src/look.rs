//! Due diligence on one release from what is at hand: the project's page, what is known beside it, and the records.
//!
//! Judges nothing and fetches nothing but the page. Invariant: what is not known is said, and nothing is guessed.

mod alternative;
mod inside;
mod publishing;
mod scan;

pub(crate) use scan::Scans;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use fanlight_api::look::{Changed, File, Here, History, InUse, Look, Previous};
use fanlight_base::{Purl, Timestamp, limits};
use fanlight_gate::{Context, Handled};
use fanlight_net::Problem;
use fanlight_packages::alternatives::ALTERNATIVE;
use fanlight_packages::{FileView, Making, ProjectView, ReleaseView, same_version};
use fanlight_store::{Accesses, Fetcher, Received, StoreError};
use http::StatusCode;

use crate::Console;
use crate::acts::reviews;
use crate::reads::{FETCHES, LET_THROUGH, Question, ROWS, look_problem, release_of, store_problem};
use crate::reply::json;

use inside::Looked;

/// Facts that the page tells elsewhere, or that are about its index alone.
const TOLD: [&str; 20] = [
    ALTERNATIVE,
    "strength",
    "ecosystem",
    "project",
    "release",
    "version",
    "file",
    "age_minutes",
    "cooldown_minutes",
    "counted_from",
    "publish_time",
    "available_at",
    "upstream_state",
    "yanked",
    "yanked_reason",
    "project_status",
    "file_name_parsed",
    "hash",
    "digest",
    "instead",
];
/// Releases in use that are listed.
const IN_USE: usize = 10;
/// Seconds of a day.
const DAY: i64 = 86_400;

impl Console {
    pub(crate) async fn look(&self, context: &Context, query: Option<&str>) -> Handled {
        let Question { purl, door, behind, recorded } = self.question(context, query, "purl").await?;
        let view = match door.view(context, &purl).await {
            Ok(view) => view,
            Err(error) => return Ok(recorded.problem(look_problem(&error))),
        };
        let found = release_at(&view, &purl);
        let Some((at, judged)) = found.and_then(|at| Some((at, release_of(&view.releases[at])?))) else {
            return Ok(recorded.problem(Problem::not_found(format!("The upstream does not list {purl}."))));
        };
        let (view, making) = apart(view);
        let making = match tokio::task::spawn_blocking(making).await {
            Ok(making) => making,
            Err(_) => return Ok(recorded.problem(Problem::internal())),
        };
        let release = &view.releases[at];
        let purl = view.purl.release(&release.version);
        let before = view.releases.get(at + 1).filter(|one| one.version != "unknown");
        let (here, reviews) = match (self.here(&purl, Some(&view)).await, self.reviews_of(&purl).await) {
            (Ok(here), Ok(reviews)) => (here, reviews),
            (Err(error), _) | (_, Err(error)) => return Ok(store_problem(recorded, &error)),
        };
        let listed: Vec<&str> = view.releases.iter().map(|one| &*one.version).collect();
        let looked = self.look_inside(door.ecosystem(), release, before).await;
        let on_index = making.as_ref().and_then(|making| making.get(&*release.version));
        let known = known(release);
        let instead = match self.alternative(context, release).await {
            Ok(instead) => instead,
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        let (flaws, all_flaws) = self.parts.feeds.history(&purl, &listed);
        let mut unknown = unknown(&view, release, &known, making.is_some(), &looked);
        if all_flaws > limits::FLAWS_SHOWN {
            let shown = limits::FLAWS_SHOWN;
            unknown.push(format!(
                "All {all_flaws} flaws of the project: {shown} are listed, what is about it and the newest."
            ));
        }
        let look = Look {
            licence: inside::said(on_index, &looked, |about| about.licence.as_ref()),
            source: inside::said(on_index, &looked, |about| about.source.as_ref()),
            publishing: making.as_ref().map(|making| publishing::of(making, &view, release)),
            flaws,
            unknown,
            files: release.files.iter().map(file).collect(),
            history: history(&view, context.now),
            previous: before.map(|one| Previous { inside: looked.against, ..previous(one, release) }),
            purl: purl.to_string(),
            judged,
            known,
            instead,
            reviews,
            here,
            behind,
        };
        Ok(json(recorded, StatusCode::OK, &look))
    }

    /// Who has the release, and which releases of the project are in use; how those are judged, where the project is at hand.
    pub(crate) async fn here(&self, purl: &Purl, view: Option<&ProjectView>) -> Result<Here, StoreError> {
        let project = purl.project();
        let of = Accesses { of: Some(&project), actions: &FETCHES[..1], outcomes: &LET_THROUGH, ..Accesses::default() };
        let rows = self.parts.store.who(Accesses { received: &Received::MAY_HAVE, ..of }, ROWS).await?;
        let same = self.spellings(purl).await?;
        let is_this = |row: &&Fetcher| same.iter().any(|release| release.as_str() == row.resource);
        let caller = |row: &Fetcher| (format!("{:?}", row.person), row.device.clone());
        let callers: BTreeSet<_> = rows.iter().filter(is_this).map(caller).collect();
        let mut in_use: HashMap<&str, (BTreeSet<_>, Timestamp)> = HashMap::new();
        for row in &rows {
            let entry = in_use.entry(&row.resource).or_insert_with(|| (BTreeSet::new(), row.last));
            entry.0.insert(caller(row));
            entry.1 = entry.1.max(row.last);
        }
        let mut in_use: Vec<InUse> = in_use
            .into_iter()
            .map(|(release, (callers, last))| InUse {
                release: release.to_owned(),
                callers: callers.len() as u64,
                last,
                outcome: None,
                flaws: Vec::new(),
            })
            .collect();
        in_use.sort_by(|a, b| (b.callers, b.last, &a.release).cmp(&(a.callers, a.last, &b.release)));
        let truncated = rows.len() >= ROWS as usize || in_use.len() > IN_USE;
        in_use.truncate(IN_USE);
        for one in &mut in_use {
            let Ok(release) = one.release.parse::<Purl>() else { continue };
            let listed = view
                .and_then(|view| view.releases.iter().find(|listed| same_version(&release, &listed.version)))
                .and_then(ReleaseView::strictest);
            one.outcome = listed.map(|file| file.decision.outcome);
            one.flaws = self.parts.feeds.about(&release).0.into_iter().map(|flaw| flaw.id).collect();
        }
        Ok(Here { callers: callers.len() as u64, in_use, truncated })
    }

    pub(crate) async fn reviews_of(&self, purl: &Purl) -> Result<Vec<fanlight_api::reviews::Review>, StoreError> {
        let rows = self.parts.store.reviews().await?;
        let is_of = |release: &Purl| {
            release.project() == purl.project() && release.version().is_some_and(|version| same_version(purl, version))
        };
        Ok(rows
            .into_iter()
            .filter(|row| row.purl.parse::<Purl>().is_ok_and(|release| is_of(&release)))
            .map(reviews::shown)
            .collect())
    }
}

/// The release that a purl means: its version, else the newest that is allowed, else the newest.
fn release_at(view: &ProjectView, purl: &Purl) -> Option<usize> {
    let wanted = purl.version().or(view.newest_allowed.as_deref()).or(view.newest.as_deref())?;
    view.releases.iter().position(|release| same_version(&purl.release(wanted), &release.version))
}

/// The page and what is yet to be read of it.
fn apart(mut view: ProjectView) -> (ProjectView, Making) {
    let making = std::mem::replace(&mut view.making, Box::new(|| None));
    (view, making)
}

fn file(view: &FileView) -> File {
    File { file: view.file.to_string(), bytes: view.size, attested: view.attested }
}

/// What is known of a release beside its index, from the facts of its files.
fn known(release: &ReleaseView) -> BTreeMap<String, serde_json::Value> {
    let facts = release.files.iter().flat_map(|file| file.facts.iter());
    let told = facts.filter(|(name, _)| !TOLD.contains(name) && *name != "project_status_reason");
    told.filter_map(|(name, fact)| Some((name.to_owned(), serde_json::to_value(fact).ok()?))).collect()
}

/// When a release came: the first of its files.
fn came(release: &ReleaseView) -> Option<Timestamp> {
    release.files.iter().filter_map(|file| file.published).min()
}

fn history(view: &ProjectView, now: Timestamp) -> History {
    let named = || view.releases.iter().filter(|release| release.version != "unknown");
    let mut times: Vec<Timestamp> = named().filter_map(came).collect();
    times.sort_unstable();
    let mut gaps: Vec<i64> = times.windows(2).map(|pair| (pair[1].as_second() - pair[0].as_second()) / DAY).collect();
    gaps.sort_unstable();
    let year_ago = now.as_second() - 365 * DAY;
    History {
        releases: named().count() as u64,
        withdrawn: named().filter(|release| release.files.iter().all(|file| file.yanked)).count() as u64,
        in_a_year: times.iter().filter(|time| time.as_second() >= year_ago).count() as u64,
        first: times.first().copied(),
        last: times.last().copied(),
        days_between: gaps.get(gaps.len() / 2).and_then(|days| u64::try_from(*days).ok()),
    }
}

/// A file's name with the version taken out, so that files of two releases can be told to be alike.
fn kind(file: &FileView, version: &str) -> String {
    file.file.replacen(version, "*", 1)
}

fn previous(before: &ReleaseView, now: &ReleaseView) -> Previous {
    let kinds = |release: &ReleaseView| -> BTreeMap<String, Option<u64>> {
        release.files.iter().map(|file| (kind(file, &release.version), file.size)).collect()
    };
    let (old, new) = (kinds(before), kinds(now));
    let changed = new.iter().filter_map(|(file, size)| {
        let (before, now) = ((*old.get(file)?)?, (*size)?);
        Some(Changed { file: file.clone(), before, now })
    });
    Previous {
        version: before.version.clone(),
        published: came(before),
        attested: before.files.iter().all(|file| file.attested),
        changed: changed.collect(),
        added: new.keys().filter(|file| !old.contains_key(*file)).cloned().collect(),
        gone: old.keys().filter(|file| !new.contains_key(*file)).cloned().collect(),
        inside: None,
    }
}

/// What nobody here can tell.
fn unknown(
    view: &ProjectView,
    release: &ReleaseView,
    known: &BTreeMap<String, serde_json::Value>,
    tells_publishers: bool,
    looked: &Looked,
) -> Vec<String> {
    let mut unknown = Vec::new();
    if !tells_publishers {
        unknown.push("Who published it, and whether that changed: its index does not tell.".to_owned());
    }
    unknown.extend(looked.unknown.iter().cloned());
    let is_about_people =
        |name: &str| name.starts_with("quarantined") || name.starts_with("review") || name.starts_with("community");
    if known.keys().all(|name| is_about_people(name)) {
        unknown.push("Advisories about it, and what a scan says: nothing is known here.".to_owned());
    }
    let to_come = release.files.iter().filter(|file| file.scan_to_come).count();
    if to_come > 0 {
        let of =
            if to_come == release.files.len() { "its files".to_owned() } else { format!("{to_come} of its files") };
        unknown.push(format!(
            "What the scan finds in {of}: each is scanned when somebody fetches it first, before anybody has it, and what is found may \
             stop it."
        ));
    }
    if release.files.iter().any(|file| file.size.is_none()) {
        unknown.push("How large its files are: its index does not say it of all.".to_owned());
    }
    if came(release).is_none() {
        unknown.push("When it was published: its index does not say.".to_owned());
    }
    if view.upstream_state == "stale" {
        unknown
            .push("What its index says now: it cannot be asked, or refuses, and this is what it last said.".to_owned());
    }
    unknown
}
