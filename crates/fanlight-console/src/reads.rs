//! What is asked of the node: status, why, who, policies, devices. Each is judged and recorded like any act.

use std::collections::HashMap;
use std::sync::Arc;

use fanlight_api::status::{Cache, Ledger, Policies, Status, Upstream};
use fanlight_api::{policies, run, tokens, who, why};
use fanlight_base::words::span;
use fanlight_base::{Facts, Fault, Outcome, PersonId, Purl, Resource};
use fanlight_gate::{Answer, Context, Handled, Recorded, Stop};
use fanlight_net::Problem;
use fanlight_packages::{AnyDoor, FileView, LookError, ProjectView, ReleaseView, same_version};
use fanlight_store::{Accesses, Fetcher, Person, Received, ShownAccess, StoreError};
use http::StatusCode;

use crate::acts::exceptions;
use crate::admit::{admit, node, or_turned_down};
use crate::listing::{PageOf, Paging};
use crate::reply::{json, purl};
use crate::{Console, action};

/// Rows of one answer, of those let through and of those refused each.
pub(crate) const ROWS: u32 = 1000;
/// How long an answer waits for the newest records.
pub(crate) const PATIENCE: std::time::Duration = std::time::Duration::from_millis(800);
/// What counts as getting a release.
pub(crate) const FETCHES: [&str; 2] = ["packages:fetch-file", "packages:fetch-metadata"];
/// What counts as being let through.
pub(crate) const LET_THROUGH: [&str; 2] = ["allow", "mask"];
/// What counts as being refused.
const REFUSED: [&str; 2] = ["hold", "deny"];

/// Whether the caller may see who has what.
/// Names by pseudonym, of those who have one.
pub(crate) type Names = HashMap<PersonId, String>;

pub(crate) fn may_read_people(context: &Context) -> bool {
    context.preview(action::READ_PEOPLE, &node(), Facts::new()).0.is_allowed()
}

/// The database's fault, for the log, and its answer.
pub(crate) fn store_problem(recorded: Recorded, error: &StoreError) -> Answer {
    tracing::error!(%error, "the database did not answer");
    recorded.problem(Problem::unavailable("The database does not answer.", 5))
}

/// Why a project cannot be looked up, as an answer.
pub(crate) fn look_problem(error: &LookError) -> Problem {
    let words = format!("{}.", error.words());
    match error.fault() {
        Fault::NotFound => Problem::not_found(words),
        Fault::Upstream => Problem::new(StatusCode::BAD_GATEWAY, "upstream", "The upstream failed", words),
        Fault::Caller => Problem::bad_request(words),
        Fault::Node => Problem::unavailable(words, 5),
    }
}

/// Who did what with a release.
#[derive(Default)]
pub(crate) struct Rows {
    /// Who may have a file of it.
    pub(crate) fetched: Vec<Fetcher>,
    /// Who was let through and surely got nothing.
    pub(crate) not_received: Vec<Fetcher>,
    /// Who was refused it.
    pub(crate) refused: Vec<Fetcher>,
}

impl Rows {
    /// These and those of another release.
    pub(crate) fn add(&mut self, other: Self) {
        self.fetched.extend(other.fetched);
        self.not_received.extend(other.not_received);
        self.refused.extend(other.refused);
    }

    /// The latest first.
    pub(crate) fn newest_first(&mut self) {
        for rows in [&mut self.fetched, &mut self.not_received, &mut self.refused] {
            rows.sort_by_key(|row| std::cmp::Reverse(row.last));
        }
    }
}

/// A question about a purl, judged and recorded.
pub(crate) struct Question<'a> {
    pub(crate) purl: Purl,
    /// The door of its ecosystem.
    pub(crate) door: &'a Arc<dyn AnyDoor>,
    /// Records that the projection had not taken in when it was asked.
    pub(crate) behind: u64,
    pub(crate) recorded: Recorded,
}

impl Console {
    /// The names of these people; nobody's where the caller may not read people, who are told of by pseudonym then.
    pub(crate) async fn names_to(&self, context: &Context, people: &[&PersonId]) -> Result<Names, StoreError> {
        if may_read_people(context) { self.parts.store.names_of(people).await } else { Ok(Names::new()) }
    }

    pub(crate) async fn status(&self, context: &Context) -> Handled {
        let recorded = admit(context, node())?;
        let (devices, quarantines) =
            match (self.parts.store.count_devices().await, self.parts.store.quarantines().await) {
                (Ok(devices), Ok(quarantines)) => (devices, quarantines.len() as u64),
                (Err(error), _) | (_, Err(error)) => return Ok(store_problem(recorded, &error)),
            };
        let reads_people = may_read_people(context);
        let mut exceptions = self.parts.standing.exceptions(context.now).await;
        exceptions.retain(|row| reads_people || exceptions::is_for(context, &row.audience));
        let names = match self.names_to(context, &exceptions::people_in(&exceptions).iter().collect::<Vec<_>>()).await {
            Ok(names) => names,
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        let advisories = match self.advisories_in_brief().await {
            Ok(advisories) => advisories,
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        let board = &self.parts.board;
        let ledger = self.parts.gate.ledger().status();
        let usage = self.parts.packages.files.blobs().usage();
        let snapshot = self.parts.gate.guard().snapshot();
        let (built_in, company): (Vec<_>, Vec<_>) = snapshot.policies().partition(|policy| policy.built_in);
        let mut files: Vec<_> = company.iter().map(|policy| policy.file.clone()).collect();
        files.dedup();
        let status = Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            origin: ledger.origin.clone(),
            started: board.started,
            address: board.url.get().cloned().unwrap_or_default(),
            state: board.state.display().to_string(),
            ready: board.is_serving() && ledger.failing.is_none(),
            issuers: self.parts.issuers.standing(),
            upstreams: self.parts.doors.iter().map(|door| self.upstream(&**door)).collect(),
            policies: Policies {
                epoch: snapshot.epoch().number,
                digest: snapshot.epoch().digest.to_string(),
                files: files.len() as u64,
                built_in: built_in.len() as u64,
                company: company.len() as u64,
                last_fault: board.policy_fault(),
                waiting: board.policies_waiting(),
            },
            ledger: Ledger {
                appended: ledger.appended,
                durable: ledger.durable,
                published: ledger.published,
                failing: ledger.failing,
                failing_since: ledger.failing_since,
            },
            projection_behind: self.parts.projection.behind(),
            cache: Cache { bytes: usage.bytes, limit: usage.limit_bytes, files: usage.files },
            devices,
            quarantines,
            exceptions: exceptions.into_iter().map(|row| exceptions::shown(row, &names)).collect(),
            advisories,
        };
        Ok(json(recorded, StatusCode::OK, &status))
    }

    fn upstream(&self, door: &dyn AnyDoor) -> Upstream {
        let (note, last) = (self.parts.board.upstream(door.ecosystem()), door.last_contact());
        Upstream {
            ecosystem: door.ecosystem().to_owned(),
            url: note.url,
            found: note.found,
            reachable: last.as_ref().map(|last| last.failure.is_none()),
            last_error: last.as_ref().and_then(|last| last.failure.clone()),
            last_error_at: last.as_ref().filter(|last| last.failure.is_some()).map(|last| last.at),
        }
    }

    pub(crate) async fn why(&self, context: &Context, query: Option<&str>) -> Handled {
        let Question { purl, door, behind, recorded } = self.question(context, query, "purl").await?;
        let view = match door.view(context, &purl).await {
            Ok(view) => view,
            Err(error) => return Ok(recorded.problem(look_problem(&error))),
        };
        // Who may not ask who has what sees what they got themselves.
        let nobody = PersonId::new("");
        let only = (!may_read_people(context)).then(|| context.caller.principal.person().unwrap_or(&nobody));
        let got = match self.parts.store.got(&view.purl, only, &FETCHES[..1], 50).await {
            Ok(got) => got,
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        let project = view.purl.clone();
        let mut answer = why_of(&purl, view, got, behind);
        self.say_advisories(&project, &mut answer.releases);
        Ok(json(recorded, StatusCode::OK, &answer))
    }

    pub(crate) async fn who(&self, context: &Context, query: Option<&str>) -> Handled {
        if let Some(advisory) = crate::reply::part(query, "of").filter(|of| !is_purl(of)) {
            return self.who_of_advisory(context, &advisory).await;
        }
        let Question { purl, behind, recorded, .. } = self.question(context, query, "of").await?;
        Ok(match self.rows_of(&purl).await {
            Ok(rows) => json(recorded, StatusCode::OK, &who_of(purl.as_str(), rows, behind)),
            Err(error) => store_problem(recorded, &error),
        })
    }

    /// Who did what with a release, or with any release of a project. Asked apart, so that none can crowd the others out.
    /// Metadata let through is not a release got.
    pub(crate) async fn rows_of(&self, purl: &Purl) -> Result<Rows, StoreError> {
        let mut rows = Rows::default();
        for release in &self.spellings(purl).await? {
            rows.add(self.rows_as_written(release).await?);
        }
        Ok(rows)
    }

    /// The same of a release as records write its version, and not as they may write it besides.
    pub(crate) async fn rows_as_written(&self, release: &Purl) -> Result<Rows, StoreError> {
        let store = &self.parts.store;
        let of = Accesses { of: Some(release), ..Accesses::default() };
        let let_through = Accesses { actions: &FETCHES[..1], outcomes: &LET_THROUGH, ..of };
        Ok(Rows {
            fetched: store.who(Accesses { received: &Received::MAY_HAVE, ..let_through }, ROWS).await?,
            not_received: store.who(Accesses { received: &Received::HAS_NOT, ..let_through }, ROWS).await?,
            refused: store.who(Accesses { actions: &FETCHES, outcomes: &REFUSED, ..of }, ROWS).await?,
        })
    }

    /// Reads, judges and records a question about a purl. One that cannot be understood is recorded as one about all.
    pub(crate) async fn question(
        &self,
        context: &Context,
        query: Option<&str>,
        name: &str,
    ) -> Result<Question<'_>, Stop> {
        let (purl, door) = match purl(query, name, &self.parts.doors) {
            Ok(asked) => asked,
            Err(problem) => {
                let recorded = admit(context, Resource::new("Project", "pkg:pypi/"))?;
                return Err(recorded.problem(*problem).into());
            }
        };
        // Before this question is recorded itself, so that it does not make the answer late.
        self.parts.projection.catch_up(PATIENCE).await;
        let behind = self.parts.projection.behind();
        let resource = Resource::new(if purl.version().is_some() { "Release" } else { "Project" }, purl.text());
        Ok(Question { purl, door, behind, recorded: admit(context, resource)? })
    }

    pub(crate) fn policies(&self, context: &Context) -> Handled {
        let recorded = admit(context, Resource::new("Policies", "company"))?;
        let snapshot = self.parts.gate.guard().snapshot();
        let answer = policies::PolicySet {
            epoch: snapshot.epoch().number,
            digest: snapshot.epoch().digest.to_string(),
            policies: snapshot.policies().map(crate::policies::shown).collect(),
            last_fault: self.parts.board.policy_fault(),
        };
        Ok(json(recorded, StatusCode::OK, &answer))
    }

    pub(crate) fn authority(&self, context: &Context) -> Handled {
        let recorded = admit(context, node())?;
        Ok(match self.parts.board.authority.get() {
            Some(pem) => json(recorded, StatusCode::OK, &run::Authority { pem: pem.clone() }),
            None => recorded
                .problem(Problem::not_found("This node has no authority of its own (listen.tls is not \"auto\").")),
        })
    }

    pub(crate) async fn devices(&self, context: &Context, query: Option<&str>) -> Handled {
        let paging = or_turned_down(context, Paging::asked(query))?;
        let recorded = admit(context, node())?;
        Ok(match self.devices_asked(&paging).await {
            Ok(Ok((devices, next))) => json(recorded, StatusCode::OK, &tokens::Devices { devices, next }),
            Ok(Err(problem)) => recorded.problem(*problem),
            Err(error) => store_problem(recorded, &error),
        })
    }

    async fn devices_asked(&self, paging: &Paging) -> Result<PageOf<tokens::Device>, StoreError> {
        let store = &self.parts.store;
        let mut page = match paging.begin(store, &fanlight_store::DEVICES).await? {
            Ok(page) => page,
            Err(problem) => return Ok(Err(problem)),
        };
        while let Some(part) = page.lacks() {
            let (places, rows): (Vec<_>, Vec<_>) =
                store.listed(&fanlight_store::DEVICES, &part).await?.into_iter().unzip();
            let names = store.names_of(&rows.iter().map(|row| &row.person).collect::<Vec<_>>()).await?;
            let devices = rows.into_iter().map(|row| tokens::Device {
                name: names.get(&row.person).cloned(),
                device: row.id,
                person: row.person,
                machine: row.machine,
                created: row.created,
                last_used: row.last_used,
                revoked: row.revoked,
            });
            page.take(places, devices.collect());
        }
        Ok(Ok(page.done()))
    }
}

/// Whether it is meant as a purl: no advisory's id begins so.
fn is_purl(text: &str) -> bool {
    text.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("pkg:"))
}

fn why_of(purl: &Purl, view: ProjectView, got: Vec<ShownAccess>, behind: u64) -> why::Why {
    let releases =
        view.releases.into_iter().filter(|release| purl.version().is_none() || same_version(purl, &release.version));
    why::Why {
        project: view.project,
        purl: purl.to_string(),
        cooldown: span(i64::try_from(view.cooldown.as_secs() / 60).unwrap_or(i64::MAX)),
        releases: releases.filter_map(|release| release_of(&release)).collect(),
        newest_allowed: view.newest_allowed,
        newest: view.newest,
        you_got: got
            .into_iter()
            .map(|row| why::Got {
                time: row.access.time,
                version: version_of(&row.access.resource),
                file: row.access.file.unwrap_or_default(),
                received: received_of(row.received),
                who: match row.person {
                    Person::Named { name, .. } => name,
                    Person::Erased { id } | Person::Unknown { id } => id.to_string(),
                    Person::Unidentified => "unidentified".to_owned(),
                    Person::Node => "node".to_owned(),
                },
            })
            .collect(),
        upstream_state: view.upstream_state.to_owned(),
        looked_at: Some(view.looked_at),
        behind,
    }
}

fn version_of(purl: &str) -> String {
    purl.parse::<Purl>().ok().and_then(|purl| purl.version().map(str::to_owned)).unwrap_or_else(|| "unknown".to_owned())
}

pub(crate) fn release_of(release: &ReleaseView) -> Option<why::Release> {
    let strictest = release.strictest()?;
    Some(why::Release {
        version: release.version.clone(),
        outcome: strictest.decision.outcome,
        policies: strictest.decision.policies.iter().map(ToString::to_string).collect(),
        reason: strictest.reason.clone(),
        advice: strictest.advice.clone(),
        until: strictest.decision.until,
        askable: strictest.decision.outcome > Outcome::Mask
            && release.files.iter().all(|file| file.decision.is_allowed() || file.decision.liftable),
        scan_to_come: release.scan_to_come(),
        published: strictest.published,
        first_seen: strictest.first_seen,
        counted_from: strictest.counted_from.to_owned(),
        yanked: release.files.iter().all(|file| file.yanked),
        yanked_reason: strictest.yanked_reason.as_ref().map(ToString::to_string),
        files: release.files.iter().map(file_of).collect(),
        advisories: Vec::new(),
        fixes: Vec::new(),
    })
}

pub(crate) fn file_of(file: &FileView) -> why::File {
    why::File {
        file: file.file.to_string(),
        outcome: file.decision.outcome,
        policies: file.decision.policies.iter().map(ToString::to_string).collect(),
        reason: file.reason.clone(),
        until: file.decision.until,
        yanked: file.yanked,
        scan_to_come: file.scan_to_come,
    }
}

pub(crate) fn who_of(asked: &str, rows: Rows, behind: u64) -> who::Who {
    let Rows { fetched, not_received, refused } = rows;
    who::Who {
        purl: asked.to_owned(),
        advisory: None,
        truncated: [&fetched, &not_received, &refused].iter().any(|rows| rows.len() >= ROWS as usize),
        fetched: fetched.into_iter().map(fetched_of).collect(),
        not_received: not_received.into_iter().map(fetched_of).collect(),
        refused: refused
            .into_iter()
            .map(|row| who::Refused {
                time: row.last,
                first: row.first,
                times: row.times,
                person: shown(row.person),
                machine: row.machine,
                release: row.resource,
                file: row.file,
                outcome: if row.outcome == "hold" { Outcome::Hold } else { Outcome::Deny },
                policy: row.policy.unwrap_or_default(),
                reason: row.reason.unwrap_or_default(),
                until: row.until,
            })
            .collect(),
        behind,
    }
}

fn fetched_of(row: Fetcher) -> who::Fetched {
    let is_part = row.received == Received::Part;
    who::Fetched {
        time: row.last,
        first: row.first,
        times: row.times,
        person: shown(row.person),
        machine: row.machine,
        release: row.resource,
        file: row.file.unwrap_or_default(),
        received: received_of(row.received),
        bytes: row.bytes.filter(|_| is_part),
        of_bytes: row.of.filter(|_| is_part),
    }
}

pub(crate) const fn received_of(received: Received) -> who::Received {
    match received {
        Received::Whole => who::Received::Whole,
        Received::Already => who::Received::Already,
        Received::Part => who::Received::Part,
        Received::AskedOnly => who::Received::AskedOnly,
        Received::Nothing => who::Received::Nothing,
    }
}

/// What may be shown of a person; nothing for a caller nobody knows.
pub(crate) fn shown(person: Person) -> Option<String> {
    match person {
        Person::Named { name, .. } => Some(name),
        Person::Erased { id } | Person::Unknown { id } => Some(id.to_string()),
        Person::Unidentified | Person::Node => None,
    }
}
