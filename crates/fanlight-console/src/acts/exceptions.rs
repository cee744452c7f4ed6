//! Exceptions made in an emergency, and ended before their time.
//!
//! Invariant: an exception sets aside policies by name: those that stop the thing when it is made, or those asked for.
//! Whatever stops it later for another reason goes on doing so.

use std::collections::BTreeSet;
use std::time::Duration;

use fanlight_api::exceptions::{Ask, Audience, Exception, Exceptions};
use fanlight_base::{AppId, Facts, PersonId, Purl, Resource, Timestamp, Whom, limits};
use fanlight_gate::{Context, Handled};
use fanlight_net::{Problem, RequestBody};
use fanlight_packages::same_version;
use fanlight_policy::Snapshot;
use fanlight_store::{AppRow, ExceptionRow, StoreError};
use http::{Request, StatusCode};

use super::quarantine::{because, name_of, purl};
use crate::Console;
use crate::admit::{admit, admit_with, node, only_who_may, or_turned_down, turned_down};
use crate::listing::Paging;
use crate::reads::{Names, look_problem, store_problem};
use crate::reply::{json, read};
use crate::standing::thing;

/// What an exception shall be.
struct Drawn {
    thing: Resource,
    audience: Whom,
    /// Whether it is for whoever makes it.
    own: bool,
    policies: Vec<String>,
    because: String,
    until: Timestamp,
}

fn conflict(words: String, advice: &str) -> Problem {
    let advice = Some(advice).filter(|advice| !advice.is_empty()).map(str::to_owned);
    Problem::new(StatusCode::CONFLICT, "conflict", "No exception", words).advice(advice)
}

/// Whom it is for, as shown: nothing where it is for everybody.
fn shown_whom(whom: &Whom, names: &Names) -> Option<String> {
    match whom {
        Whom::Everybody => None,
        Whom::One(id) => name_of(names, Some(&PersonId::new(&**id))),
        Whom::Group(_) => Some(whom.to_word()),
    }
}

pub(crate) fn shown(row: ExceptionRow, names: &Names) -> Exception {
    Exception {
        audience: shown_whom(&row.audience, names),
        by: name_of(names, row.person.as_ref()),
        id: row.id,
        purl: row.thing,
        policies: row.policies,
        because: row.because,
        role: row.role,
        granted: row.granted,
        until: row.until,
        ended: row.ended,
    }
}

/// Who is named in these.
pub(crate) fn people_in(rows: &[ExceptionRow]) -> Vec<PersonId> {
    let of = |row: &ExceptionRow| {
        let whom = match &row.audience {
            Whom::One(id) => Some(PersonId::new(&**id)),
            Whom::Everybody | Whom::Group(_) => None,
        };
        [row.person.clone(), whom]
    };
    rows.iter().flat_map(of).flatten().collect()
}

/// That somebody is in the group.
pub(crate) fn group_there(context: &Context, group: &str) -> Result<(), Box<Problem>> {
    if context.policies.directory().has_group(group) {
        return Ok(());
    }
    let advice = "`fanlight people` shows who is in which group.".to_owned();
    Err(Box::new(Problem::not_found("Nobody is in a group of that name.").advice(Some(advice))))
}

/// Whether what is granted so counts for the caller.
pub(crate) fn is_for(context: &Context, whom: &Whom) -> bool {
    let principal = &context.caller.principal;
    match whom {
        Whom::Everybody => true,
        Whom::One(id) => {
            principal.entity().1 == &**id || principal.answerable().is_some_and(|person| *person.as_str() == **id)
        }
        Whom::Group(group) => context.policies.directory().is_in_group(principal, group),
    }
}

impl Console {
    /// The app of that id, where it has not ended.
    pub(crate) async fn app_there(&self, id: &str) -> Result<AppRow, Problem> {
        let app = self.parts.store.app(&AppId::new(id)).await.map_err(|error| {
            tracing::error!(%error, "the database did not answer");
            Problem::unavailable("The database does not answer.", 5)
        })?;
        app.filter(|app| app.ended.is_none()).ok_or_else(|| {
            Problem::not_found("No app of that id is here.").advice(Some("`fanlight apps` shows them.".to_owned()))
        })
    }

    /// Whether what is granted so would be for the caller as well: also by a group that they are in, or an app of theirs or that
    /// will be theirs.
    pub(crate) async fn is_own(&self, context: &Context, whom: &Whom) -> Result<bool, Problem> {
        let principal = &context.caller.principal;
        Ok(match whom {
            Whom::One(id) if id.starts_with("app_") => {
                let app = self.app_there(id).await?;
                let theirs = [app.owner.as_ref(), app.successor.as_ref()];
                principal.entity().1 == &**id || principal.answerable().is_some_and(|one| theirs.contains(&Some(one)))
            }
            other => is_for(context, other),
        })
    }

    pub(crate) async fn break_glass(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let asked = read::<Ask>(request).await.map_err(Box::new).and_then(|ask| Ok((purl(&ask.purl)?, ask)));
        let (purl, ask) = or_turned_down(context, asked)?;
        // Who may not is refused before anything is looked up for them.
        only_who_may(context, &thing(purl.as_str()))?;
        let drawn = match self.draw_up(context, &purl, &ask).await {
            Ok(drawn) => drawn,
            Err(problem) => return Ok(admit(context, thing(purl.as_str()))?.problem(problem)),
        };
        let Ok(id) = fanlight_identity::pseudonym("exc_") else {
            return turned_down(context, Problem::unavailable("The system gives no random numbers.", 5));
        };
        let facts = Facts::new()
            .with("exception", id.as_str())
            .with("because", drawn.because.as_str())
            .with("until", drawn.until)
            .with("audience", drawn.audience.to_word().as_str())
            .with("policies", drawn.policies.join(" ").as_str());
        let facts = if drawn.own { facts.with("own", true) } else { facts };
        // An exception without its record must not even begin.
        let recorded = admit_with(context, drawn.thing.clone(), facts)?.durable().await?;
        let row = ExceptionRow {
            id,
            thing: drawn.thing.id.to_string(),
            audience: drawn.audience,
            policies: drawn.policies,
            because: drawn.because,
            role: Self::role_of(context).to_owned(),
            person: context.caller.principal.answerable().cloned(),
            granted: context.now,
            until: drawn.until,
            ended: None,
        };
        if let Err(error) = self.parts.standing.grant(self.parts.gate.guard(), row.clone()).await {
            return Ok(store_problem(recorded, &error));
        }
        let rows = [row];
        let names = self.names_in(&rows).await.unwrap_or_default();
        let [row] = rows;
        Ok(json(recorded, StatusCode::CREATED, &shown(row, &names)))
    }

    async fn draw_up(&self, context: &Context, purl: &Purl, ask: &Ask) -> Result<Drawn, Problem> {
        let because = because(&ask.because).map_err(|problem| *problem)?;
        let longest = limits::BREAK_GLASS_TIME;
        let time = Duration::from_secs(ask.seconds);
        let Some(until) = context.now.checked_add(time).ok().filter(|_| ask.seconds > 0 && time <= longest) else {
            let days = longest.as_secs() / 86_400;
            return Err(Problem::bad_request(format!("An exception lasts from 1 second to {days} days.")));
        };
        if self.parts.standing.exceptions(context.now).await.len() >= limits::EXCEPTIONS {
            let words = format!("{} exceptions hold, as many as can at once.", limits::EXCEPTIONS);
            return Err(conflict(words, "End those that are not needed any more."));
        }
        let audience = match &ask.audience {
            Audience::Everybody => Whom::Everybody,
            Audience::Group(group) => {
                group_there(context, group).map_err(|problem| *problem)?;
                Whom::Group(group.as_str().into())
            }
            Audience::App(id) => Whom::One(self.app_there(id).await?.id.as_str().into()),
            Audience::Me => match context.caller.principal.person() {
                Some(person) => Whom::person(person),
                None => {
                    return Err(Problem::bad_request("It is not known who asks: name a person, or ask for everybody."));
                }
            },
            Audience::Person(name) => match self.parts.store.person_by_name(name).await {
                Ok(Some(person)) => Whom::person(&person.id),
                Ok(None) => {
                    let advice = "`fanlight use` makes a person known; `fanlight who` shows names.".to_owned();
                    return Err(Problem::not_found("Nobody of that name is known here.").advice(Some(advice)));
                }
                Err(error) => {
                    tracing::error!(%error, "the database did not answer");
                    return Err(Problem::unavailable("The database does not answer.", 5));
                }
            },
        };
        let (thing, policies) = match ask.policies.as_slice() {
            [] => self.in_the_way(context, purl).await?,
            named => {
                let policies = named_ones(&context.policies, named).map_err(|problem| *problem)?;
                (self.as_listed(context, purl).await, policies)
            }
        };
        let own = self.is_own(context, &audience).await?;
        Ok(Drawn { thing, audience, own, policies, because, until })
    }

    /// The thing as the door writes it, which is how it is asked for: as it was typed where no page tells.
    async fn as_listed(&self, context: &Context, purl: &Purl) -> Resource {
        let release = match (purl.version(), self.parts.doors.of(purl.ecosystem())) {
            (Some(_), Some(door)) => door.view(context, purl).await.ok().and_then(|view| {
                let listed = view.releases.iter().find(|one| same_version(purl, &one.version))?;
                Some(purl.release(&listed.version))
            }),
            _ => None,
        };
        thing(release.as_ref().unwrap_or(purl).as_str())
    }

    /// The thing as the door writes it, and all policies that stop it now and may be lifted.
    async fn in_the_way(&self, context: &Context, purl: &Purl) -> Result<(Resource, Vec<String>), Problem> {
        let Some(door) = self.parts.doors.of(purl.ecosystem()) else {
            let words = format!("There is no door for {:?} packages here.", purl.ecosystem());
            return Err(conflict(words, "Name the policies to set aside."));
        };
        let view = door.view(context, purl).await.map_err(|error| look_problem(&error))?;
        let is_meant = |version: &str| purl.version().is_none() || same_version(purl, version);
        let releases: Vec<_> = view.releases.iter().filter(|release| is_meant(&release.version)).collect();
        let Some(first) = releases.first() else {
            return Err(Problem::not_found(format!("The upstream does not list {purl}.")));
        };
        let thing = thing(purl.version().map_or(purl.project(), |_| purl.release(&first.version)).as_str());
        let (mut liftable, mut never) = (BTreeSet::new(), BTreeSet::new());
        let mut unnamed = false;
        for file in releases.iter().flat_map(|release| &release.files).filter(|file| !file.decision.is_allowed()) {
            unnamed |= file.decision.policies.is_empty();
            for id in file.decision.policies.iter().chain(&file.decision.beside) {
                let may = context.policies.policies().any(|policy| policy.id == *id && policy.liftable);
                if may {
                    liftable.insert(id.to_string())
                } else {
                    never.insert(id.to_string())
                };
            }
        }
        if let Some(never) = never.first().filter(|_| purl.version().is_some() || liftable.is_empty()) {
            let words = format!("{purl} is stopped by the policy {never}, which no exception lifts.");
            let advice = if never == "quarantined-here" {
                "Lift the quarantine instead: `fanlight quarantine --lift`."
            } else {
                ""
            };
            return Err(conflict(words, advice));
        }
        if liftable.is_empty() && unnamed {
            return Err(conflict(format!("No policy permits {purl}, and an exception permits nothing."), ""));
        }
        if liftable.is_empty() {
            let advice = "Where something will, name the policies to set aside.";
            return Err(conflict(format!("Nothing stops {purl} now."), advice));
        }
        Ok((thing, liftable.into_iter().collect()))
    }

    pub(crate) async fn end_exception(&self, context: &Context, id: &str) -> Handled {
        let Some(known) = self.parts.standing.that_can_end(id, context.now).await else {
            let advice = "`fanlight break-glass --list` shows those that hold.".to_owned();
            let problem = Problem::not_found("No exception of that id holds.").advice(Some(advice));
            return turned_down(context, problem);
        };
        let facts = Facts::new().with("exception", known.id.as_str());
        let recorded = admit_with(context, thing(&known.thing), facts)?;
        let ended = self.parts.standing.end(self.parts.gate.guard(), id, context.now).await;
        Ok(match ended {
            Ok(Some(row)) => {
                let rows = [row];
                let people = people_in(&rows);
                let names = self.names_to(context, &people.iter().collect::<Vec<_>>()).await.unwrap_or_default();
                let [row] = rows;
                json(recorded, StatusCode::OK, &shown(row, &names))
            }
            Ok(None) => recorded.problem(Problem::not_found("No exception of that id holds.")),
            Err(error) => store_problem(recorded, &error),
        })
    }

    pub(crate) async fn exceptions(&self, context: &Context, query: Option<&str>) -> Handled {
        let paging = or_turned_down(context, Paging::asked(query))?;
        let recorded = admit(context, node())?;
        let rows = match self.parts.store.exceptions().await {
            Ok(rows) => rows,
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        let names = match self.names_in(&rows).await {
            Ok(names) => names,
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        Ok(match paging.page(rows.into_iter().map(|row| shown(row, &names)).collect()) {
            Ok((exceptions, next)) => json(recorded, StatusCode::OK, &Exceptions { exceptions, next }),
            Err(problem) => recorded.problem(*problem),
        })
    }

    /// The names of all who are named in these.
    async fn names_in(&self, rows: &[ExceptionRow]) -> Result<Names, StoreError> {
        let people = people_in(rows);
        self.parts.store.names_of(&people.iter().collect::<Vec<_>>()).await
    }
}

/// The policies that were asked for by name, each one that may be lifted.
fn named_ones(policies: &Snapshot, named: &[String]) -> Result<Vec<String>, Box<Problem>> {
    for name in named {
        let Some(policy) = policies.policies().find(|policy| *policy.id == **name) else {
            let advice = "The console lists the policies in force; refusals name those that stop something.".to_owned();
            let problem = Problem::not_found("No policy of that id is in force.").advice(Some(advice));
            return Err(Box::new(problem));
        };
        if !policy.liftable {
            let words = format!("The policy {} says that no exception lifts it.", policy.id);
            return Err(Box::new(conflict(words, "")));
        }
    }
    let distinct: BTreeSet<_> = named.iter().cloned().collect();
    Ok(distinct.into_iter().collect())
}
