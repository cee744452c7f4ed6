//! Apps: registered, changed, given to somebody else, ended.
//!
//! Refuses to know who may: whose an app is, and whether it is nobody's, are facts for the policies. Invariants: every app has
//! three layers of words, an owner and a successor who is somebody else; the record stands before the change does.

use std::collections::HashMap;

use fanlight_api::apps::{App, Apps, Change, HandOver, Holder, Register};
use fanlight_base::{AppId, Facts, Layers, PersonId, Resource, limits};
use fanlight_gate::{Answer, Context, Handled, Recorded, Stop};
use fanlight_net::{Problem, RequestBody};
use fanlight_store::{AppRow, StoreError};
use http::{Request, StatusCode};
use serde::de::DeserializeOwned;

use crate::Console;
use crate::admit::{admit, admit_with, node, or_turned_down};
use crate::listing::{PageOf, Paging};
use crate::reads::store_problem;
use crate::reply::{json, read};

/// An app as a thing that is acted on.
pub(super) fn thing(app: &AppId) -> Resource {
    Resource::new("App", app.as_str())
}

/// Whose an app is, as facts.
pub(super) fn facts_of(context: &Context, row: &AppRow) -> Facts {
    let mut facts = Facts::new();
    let caller = context.caller.principal.person();
    if caller.is_some() && row.owner.as_ref() == caller {
        facts.set("is_owner", true);
    }
    if row.owner.is_none() {
        facts.set("is_orphan", true);
    }
    facts
}

/// An ask of somebody's own that cannot be understood, or is about what there is not: it is answered as to an owner, because
/// it is nobody else's.
pub(super) fn not_understood(context: &Context, problem: Problem) -> Stop {
    let facts = context.caller.principal.person().map(|_| Facts::new().with("is_owner", true));
    match admit_with(context, node(), facts.unwrap_or_default()) {
        Ok(recorded) => recorded.problem(problem).into(),
        Err(stop) => stop,
    }
}

/// What the body asks for.
pub(super) async fn own_asked<T: DeserializeOwned>(
    context: &Context,
    request: Request<RequestBody>,
) -> Result<T, Stop> {
    read(request).await.map_err(|problem| not_understood(context, problem))
}

fn checked(context: &Context, layers: Layers) -> Result<Layers, Stop> {
    use fanlight_base::words::sentence;
    layers.checked().map_err(|fault| not_understood(context, Problem::bad_request(sentence(&fault.to_string()))))
}

/// How apps are shown to one caller.
struct Showing {
    names: HashMap<PersonId, String>,
    keys: HashMap<AppId, u64>,
}

impl Showing {
    fn show(&self, row: AppRow) -> App {
        let holder = |person: PersonId| Holder { name: self.names.get(&person).cloned(), person };
        App {
            keys: self.keys.get(&row.id).copied().unwrap_or_default(),
            app: row.id,
            title: row.layers.title,
            headline: row.layers.headline,
            about: row.layers.about,
            owner: row.owner.map(holder),
            successor: row.successor.map(holder),
            registered: row.registered,
            orphaned: row.orphaned,
            ended: row.ended,
        }
    }
}

/// Somebody else has it by now.
fn changed_hands() -> Problem {
    let words = "The app changed hands or ended in the meantime, and nothing was changed.";
    Problem::new(StatusCode::CONFLICT, "conflict", "Not any more", words)
        .advice(Some("Look whose it is now: `fanlight apps`.".to_owned()))
}

/// Somebody has as many apps as one may have.
fn too_many() -> Problem {
    let words = format!("One person has at most {} apps.", limits::APPS_OF_ONE);
    Problem::new(StatusCode::CONFLICT, "too-many", "Too many apps", words)
        .advice(Some("End those that nobody uses any more.".to_owned()))
}

impl Console {
    /// Whether somebody may have one app more. Those that they are the successor of are another's.
    async fn has_room(&self, owner: &PersonId) -> Result<bool, StoreError> {
        let apps = self.parts.store.apps_of(owner).await?;
        let own = apps.iter().filter(|app| app.owner.as_ref() == Some(owner)).count();
        Ok((own as u64) < limits::APPS_OF_ONE)
    }

    pub(crate) async fn apps(&self, context: &Context, query: Option<&str>) -> Handled {
        let paging = or_turned_down(context, Paging::asked(query))?;
        let recorded = admit(context, node())?;
        Ok(match self.apps_asked(context, &paging).await {
            Ok(Ok((apps, next))) => json(recorded, StatusCode::OK, &Apps { apps, next }),
            Ok(Err(problem)) => recorded.problem(*problem),
            Err(error) => store_problem(recorded, &error),
        })
    }

    async fn apps_asked(&self, context: &Context, paging: &Paging) -> Result<PageOf<App>, StoreError> {
        let store = &self.parts.store;
        let mut page = match paging.begin(store, &fanlight_store::APPS).await? {
            Ok(page) => page,
            Err(problem) => return Ok(Err(problem)),
        };
        while let Some(part) = page.lacks() {
            let (places, rows): (Vec<_>, Vec<_>) =
                store.listed(&fanlight_store::APPS, &part).await?.into_iter().unzip();
            let showing = self.showing(context, &rows).await?;
            page.take(places, rows.into_iter().map(|row| showing.show(row)).collect());
        }
        Ok(Ok(page.done()))
    }

    pub(crate) async fn own_apps(&self, context: &Context, query: Option<&str>) -> Handled {
        let paging = or_turned_down(context, Paging::asked(query))?;
        let recorded = admit(context, node())?;
        let apps = match context.caller.principal.person() {
            Some(person) => self.parts.store.apps_of(person).await,
            None => Ok(Vec::new()),
        };
        let found = async {
            let apps = apps?;
            let showing = self.showing(context, &apps).await?;
            Ok((apps, showing))
        };
        Ok(match found.await {
            Ok((apps, showing)) => match paging.page(apps.into_iter().map(|row| showing.show(row)).collect()) {
                Ok((apps, next)) => json(recorded, StatusCode::OK, &Apps { apps, next }),
                Err(problem) => recorded.problem(*problem),
            },
            Err(error) => store_problem(recorded, &error),
        })
    }

    async fn showing(&self, context: &Context, apps: &[AppRow]) -> Result<Showing, StoreError> {
        let people: Vec<&PersonId> = apps.iter().flat_map(|app| [&app.owner, &app.successor]).flatten().collect();
        let ids: Vec<&AppId> = apps.iter().map(|app| &app.id).collect();
        let names = self.names_to(context, &people).await?;
        Ok(Showing { names, keys: self.parts.store.keys_of(&ids, context.now).await? })
    }

    /// The app as it is now, as the answer.
    async fn shown_app(&self, context: &Context, recorded: Recorded, status: StatusCode, app: &AppId) -> Answer {
        let found = async {
            let Some(row) = self.parts.store.app(app).await? else { return Ok(None) };
            let showing = self.showing(context, std::slice::from_ref(&row)).await?;
            Ok(Some(showing.show(row)))
        };
        match found.await {
            Ok(Some(app)) => json(recorded, status, &app),
            Ok(None) => recorded.problem(Problem::internal()),
            Err(error) => store_problem(recorded, &error),
        }
    }

    /// The app of that id that has not ended; stops where there is none.
    pub(super) async fn app_asked(&self, context: &Context, id: &str) -> Result<AppRow, Stop> {
        // What stands in the address may be anything, so it is looked up and never recorded.
        match self.parts.store.app(&AppId::new(id)).await {
            Ok(Some(row)) if row.ended.is_none() => Ok(row),
            Ok(_) => {
                let advice = "`fanlight apps list` shows your own; `fanlight apps list --all` shows all.".to_owned();
                let problem = Problem::not_found("There is no app of that id.").advice(Some(advice));
                Err(not_understood(context, problem))
            }
            Err(error) => Err(store_problem(admit(context, node())?, &error).into()),
        }
    }

    /// Who has an app, and who has it after them: two people.
    async fn two_people(
        &self,
        context: &Context,
        owner: Option<&str>,
        successor: &str,
    ) -> Result<(PersonId, PersonId), Stop> {
        let owner = match (owner, context.caller.principal.person()) {
            (Some(owner), _) => self.somebody(context, owner).await?,
            (None, Some(caller)) => caller.clone(),
            (None, None) => {
                let words = "An app is a person's: name its owner.";
                return Err(not_understood(context, Problem::bad_request(words)));
            }
        };
        let successor = self.successor_of(context, Some(&owner), successor).await?;
        Ok((owner, successor))
    }

    async fn somebody(&self, context: &Context, name: &str) -> Result<PersonId, Stop> {
        match self.person_named(name).await {
            Ok(person) => Ok(person.id),
            Err(None) => {
                let advice = "They are known once they have used Fanlight, or were invited.".to_owned();
                let problem = Problem::not_found("Nobody of that name is known here.").advice(Some(advice));
                Err(not_understood(context, problem))
            }
            Err(Some(error)) => {
                tracing::error!(%error, "the database did not answer");
                Err(not_understood(context, Problem::unavailable("The database does not answer.", 5)))
            }
        }
    }

    async fn successor_of(&self, context: &Context, owner: Option<&PersonId>, name: &str) -> Result<PersonId, Stop> {
        let successor = self.somebody(context, name).await?;
        if Some(&successor) == owner {
            let words = "The successor has the app when its owner leaves, so that is somebody else than the owner.";
            let problem = Problem::new(StatusCode::CONFLICT, "conflict", "Not a successor", words);
            return Err(not_understood(context, problem));
        }
        Ok(successor)
    }

    pub(crate) async fn register_app(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let ask: Register = own_asked(context, request).await?;
        let layers = Layers { title: ask.title, headline: ask.headline, about: ask.about };
        let layers = checked(context, layers)?;
        let (owner, successor) = self.two_people(context, ask.owner.as_deref(), &ask.successor).await?;
        let Ok(id) = fanlight_identity::pseudonym("app_") else {
            let problem = Problem::unavailable("The system gives no random numbers.", 5);
            return Err(not_understood(context, problem));
        };
        let row = AppRow {
            id: AppId::new(id),
            layers,
            owner: Some(owner.clone()),
            successor: Some(successor),
            registered: context.now,
            by: context.caller.principal.answerable().cloned(),
            orphaned: None,
            ended: None,
        };
        let facts = facts_of(context, &row).with("person", owner.as_str());
        let recorded = admit_with(context, thing(&row.id), facts)?.durable().await?;
        match self.has_room(&owner).await {
            Ok(true) => {}
            Ok(false) => return Ok(recorded.problem(too_many())),
            Err(error) => return Ok(store_problem(recorded, &error)),
        }
        Ok(match self.parts.store.insert_app(&row).await {
            Ok(()) => self.shown_app(context, recorded, StatusCode::CREATED, &row.id).await,
            Err(error) => store_problem(recorded, &error),
        })
    }

    pub(crate) async fn change_app(&self, context: &Context, id: &str, request: Request<RequestBody>) -> Handled {
        let ask: Change = own_asked(context, request).await?;
        let row = self.app_asked(context, id).await?;
        let layers = Layers {
            title: ask.title.unwrap_or_else(|| row.layers.title.clone()),
            headline: ask.headline.unwrap_or_else(|| row.layers.headline.clone()),
            about: ask.about.unwrap_or_else(|| row.layers.about.clone()),
        };
        let layers = checked(context, layers)?;
        let successor = match &ask.successor {
            Some(name) => Some(self.successor_of(context, row.owner.as_ref(), name).await?),
            None => row.successor.clone(),
        };
        let recorded = admit_with(context, thing(&row.id), facts_of(context, &row))?.durable().await?;
        Ok(match self.parts.store.change_app(&row.id, &layers, successor.as_ref(), row.owner.as_ref()).await {
            Ok(true) => self.shown_app(context, recorded, StatusCode::OK, &row.id).await,
            Ok(false) => recorded.problem(changed_hands()),
            Err(error) => store_problem(recorded, &error),
        })
    }

    pub(crate) async fn hand_over_app(&self, context: &Context, id: &str, request: Request<RequestBody>) -> Handled {
        let ask: HandOver = own_asked(context, request).await?;
        let row = self.app_asked(context, id).await?;
        let (owner, successor) = self.two_people(context, Some(&ask.owner), &ask.successor).await?;
        let facts = facts_of(context, &row).with("person", owner.as_str());
        let recorded = admit_with(context, thing(&row.id), facts)?.durable().await?;
        match self.has_room(&owner).await {
            Ok(has_room) if has_room || row.owner.as_ref() == Some(&owner) => {}
            Ok(_) => return Ok(recorded.problem(too_many())),
            Err(error) => return Ok(store_problem(recorded, &error)),
        }
        let done = self.parts.store.hand_over_app(&row.id, &owner, &successor, row.owner.as_ref(), context.now).await;
        self.parts.gate.identity().forget_callers();
        // An exception was granted to the app of the one who had it.
        for exception in self.parts.standing.exceptions(context.now).await {
            if matches!(done, Ok(true)) && exception.audience.is_one(row.id.as_str()) {
                let ended = self.parts.standing.end(self.parts.gate.guard(), &exception.id, context.now).await;
                if let Err(error) = ended {
                    return Ok(store_problem(recorded, &error));
                }
            }
        }
        Ok(match done {
            Ok(true) => self.shown_app(context, recorded, StatusCode::OK, &row.id).await,
            Ok(false) => recorded.problem(changed_hands()),
            Err(error) => store_problem(recorded, &error),
        })
    }

    pub(crate) async fn end_app(&self, context: &Context, id: &str) -> Handled {
        let row = self.app_asked(context, id).await?;
        let recorded = admit_with(context, thing(&row.id), facts_of(context, &row))?.durable().await?;
        let done = self.parts.store.end_app(&row.id, context.now).await;
        self.parts.gate.identity().forget_callers();
        Ok(match done {
            Ok(_) => self.shown_app(context, recorded, StatusCode::OK, &row.id).await,
            Err(error) => store_problem(recorded, &error),
        })
    }
}
