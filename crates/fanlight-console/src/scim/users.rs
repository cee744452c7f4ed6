//! People: listed, entered, changed, ended.

use fanlight_base::{Facts, PersonId, Resource, limits};
use fanlight_credentials::json::{self, Object};
use fanlight_credentials::scim::{Patch, Schema};
use fanlight_gate::{Answer, Context, Handled, Recorded, Stop};
use fanlight_identity::IssueError;
use fanlight_net::RequestBody;
use fanlight_store::{DirectoryPersonRow, Kept, StoreError};
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};

use super::action::{END_PERSON, KEEP_PERSON, READ};
use super::answer::{Failed, Refusal, admit, done, etag, only_who_may, or_stop, refused, said, turned_down};
use super::asked::{ListAsk, Shows, bytes, is_known, is_meant, resource};
use super::user::{Said, normal};
use crate::Console;
use crate::admit::node;

/// How a change is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// As the whole resource.
    Whole,
    /// Step by step.
    Steps,
}

/// Rows looked at in one go, where a filter asks for what has no index.
const CHUNK: u64 = 1000;

fn taken() -> Refusal {
    Refusal::taken("Somebody else has this `userName`: names are compared without the case of their letters.")
}

fn person(id: &PersonId) -> Resource {
    Resource::new("Person", id.as_str())
}

impl Console {
    pub(super) async fn list_users(&self, context: &Context, query: Option<&str>) -> Handled {
        only_who_may(context)?;
        let ask = or_stop(context, ListAsk::read(query))?;
        self.told_users(context, &ask).await
    }

    pub(super) async fn search_users(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        only_who_may(context)?;
        let body = or_stop(context, resource(request).await)?;
        let ask = or_stop(context, ListAsk::of_body(&body))?;
        self.told_users(context, &ask).await
    }

    async fn told_users(&self, context: &Context, ask: &ListAsk) -> Handled {
        let (total, users) = or_stop(context, self.find_users(ask).await)?;
        let recorded = admit(context, READ, node(), Facts::new())?;
        let users: Vec<_> = users.into_iter().map(|user| ask.shows.of(user)).collect();
        Ok(said(recorded, StatusCode::OK, &ask.page(total, &users), []))
    }

    /// Looks for people and groups alike: people come first.
    pub(super) async fn search_all(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        only_who_may(context)?;
        let body = or_stop(context, resource(request).await)?;
        let mut ask = or_stop(context, ListAsk::of_body(&body))?;
        let (people, mut found) = or_stop(context, self.find_users(&ask).await)?;
        let from = ask.skip;
        ask.skip = from.saturating_sub(people);
        ask.most -= found.len() as u64;
        let (groups, more) = or_stop(context, self.find_groups(&ask).await)?;
        found.extend(more);
        ask.skip = from;
        let recorded = admit(context, READ, node(), Facts::new())?;
        let found: Vec<_> = found.into_iter().map(|one| ask.shows.of(one)).collect();
        Ok(said(recorded, StatusCode::OK, &ask.page(people + groups, &found), []))
    }

    async fn find_users(&self, ask: &ListAsk) -> Result<(u64, Vec<Object>), Failed> {
        let store = &self.parts.store;
        let with_groups = ask.may_ask_for("groups") || ask.shows.has("groups");
        if ask.filter.is_none() {
            let total = store.count_directory_people().await?;
            let mut users = Vec::new();
            for row in store.directory_people(ask.skip, ask.most).await? {
                users.push(self.user_with(&row, with_groups).await?);
            }
            return Ok((total, users));
        }
        // What directories ask before each change has an index.
        let few = if let Some(name) = ask.wants("userName").filter(|name| name.is_ascii()) {
            Some(store.directory_people_named(name).await?)
        } else if let Some(external) = ask.wants("externalId") {
            Some(store.directory_people_known_as(external).await?)
        } else if let Some(id) = ask.wants("id") {
            Some(store.directory_person(&PersonId::new(id)).await?.into_iter().collect())
        } else {
            None
        };
        let (mut total, mut users, mut seen) = (0, Vec::new(), 0);
        loop {
            let is_whole = few.is_some();
            let rows = match &few {
                Some(few) => few.clone(),
                None => store.directory_people(seen, CHUNK).await?,
            };
            seen += CHUNK;
            let is_last = is_whole || (rows.len() as u64) < CHUNK;
            for row in rows {
                let user = self.user_with(&row, with_groups && ask.may_ask_for("groups")).await?;
                if !ask.matches(&user) {
                    continue;
                }
                if total >= ask.skip && (users.len() as u64) < ask.most {
                    users.push(self.user_with(&row, with_groups).await?);
                }
                total += 1;
            }
            if is_last {
                return Ok((total, users));
            }
        }
    }

    async fn user_with(&self, row: &DirectoryPersonRow, with_groups: bool) -> Result<Object, Failed> {
        let groups = if with_groups { self.parts.store.directory_groups_of(&row.person.id).await? } else { Vec::new() };
        self.user(row, &groups)
    }

    /// The person of that id, where the directory keeps them. What stands in an address may be anything: a record names
    /// nobody by it who is not known.
    async fn user_asked(&self, context: &Context, id: &str) -> Result<DirectoryPersonRow, Stop> {
        only_who_may(context)?;
        let found = self.parts.store.directory_person(&PersonId::new(id)).await;
        or_stop(context, found)?.ok_or_else(|| turned_down(context, Refusal::not_found("person")))
    }

    pub(super) async fn show_user(&self, context: &Context, id: &str, request: &Request<RequestBody>) -> Handled {
        let row = self.user_asked(context, id).await?;
        let shows = or_stop(context, Shows::read(request.uri().query()))?;
        let recorded = admit(context, READ, person(&row.person.id), Facts::new())?;
        if is_known(request.headers(), row.version) {
            let mut response = http::Response::new(fanlight_net::Body::Empty);
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response.headers_mut().extend([etag(row.version)]);
            return Ok(recorded.answer(response));
        }
        Ok(self.shown_user(recorded, StatusCode::OK, &row, &shows).await)
    }

    async fn shown_user(
        &self,
        recorded: Recorded,
        status: StatusCode,
        row: &DirectoryPersonRow,
        shows: &Shows,
    ) -> Answer {
        match self.user_with(row, shows.has("groups")).await {
            Ok(user) => {
                let at = self.location("Users", row.person.id.as_str());
                let at = HeaderValue::from_str(&at).ok().map(|at| (header::LOCATION, at));
                let at = at.filter(|_| status == StatusCode::CREATED);
                said(recorded, status, &shows.of(user), at.into_iter().chain([etag(row.version)]))
            }
            Err(failed) => refused(recorded, failed),
        }
    }

    pub(super) async fn enter_user(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        only_who_may(context)?;
        let shows = or_stop(context, Shows::read(request.uri().query()))?;
        let body = or_stop(context, resource(request).await)?;
        let entry = or_stop(context, normal(body, Schema::user()).and_then(Said::of))?;
        let identity = self.parts.gate.identity();
        let id = or_stop(context, identity.meant_by(&entry.name).await.map_err(not_meant))?;
        let (store, guard) = (&self.parts.store, self.parts.gate.guard());
        if or_stop(context, store.directory_person(&id).await)?.is_some() {
            return Err(turned_down(context, taken()));
        }
        let active = entry.active.unwrap_or(true);
        let known = or_stop(context, store.person(&id).await)?;
        let goes = !active && known.as_ref().is_some_and(fanlight_store::PersonRow::is_here);
        let kept = or_stop(context, entry.kept(identity, &id, active))?;
        let enter = store.enter_directory(&kept, context.now);
        let (recorded, entered) = if goes {
            self.ends(context, &id, enter).await?
        } else {
            (admit(context, KEEP_PERSON, person(&id), Facts::new())?.durable().await?, enter.await)
        };
        match entered {
            Ok(Kept::Made(_)) => {}
            Ok(Kept::NameTaken | Kept::Overtaken) => return Ok(refused(recorded, taken())),
            Err(error) => return Ok(refused(recorded, error)),
        }
        // Who comes back is in the groups again that they were in.
        if known.is_some_and(|known| known.left.is_some())
            && active
            && let Err(error) = self.parts.roster.hold().await.reread(guard, &id).await
        {
            return Ok(refused(recorded, error));
        }
        self.then_shown(recorded, StatusCode::CREATED, &id, &shows).await
    }

    async fn then_shown(&self, recorded: Recorded, status: StatusCode, id: &PersonId, shows: &Shows) -> Handled {
        match self.parts.store.directory_person(id).await {
            Ok(Some(row)) => Ok(self.shown_user(recorded, status, &row, shows).await),
            Ok(None) => Ok(refused(recorded, Refusal::overtaken())),
            Err(error) => Ok(refused(recorded, error)),
        }
    }

    /// Ends all that a person has here, by a change that also ends it in the store: where it is not made, their rights are
    /// what they were.
    async fn ends<T>(
        &self,
        context: &Context,
        id: &PersonId,
        change: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<(Recorded, Result<T, StoreError>), Stop> {
        let (guard, mut roster) = (self.parts.gate.guard(), self.parts.roster.hold().await);
        let mut facts = Facts::new();
        match roster.is_last_steward(id).await {
            Ok(false) => {}
            Ok(true) => {
                facts.set("last_steward", true);
            }
            Err(error) => return Ok((admit(context, END_PERSON, person(id), facts)?, Err(error))),
        }
        let recorded = admit(context, END_PERSON, person(id), facts)?.durable().await?;
        let change = self.parts.gate.identity().forgetting(change);
        let ended = self.goes(&mut roster, id, context.now, change).await;
        if ended.is_ok()
            && let Err(error) = roster.reread(guard, id).await
        {
            return Ok((recorded, Err(error)));
        }
        Ok((recorded, ended))
    }

    pub(super) async fn change_user(
        &self,
        context: &Context,
        id: &str,
        request: Request<RequestBody>,
        how: How,
    ) -> Handled {
        let row = self.user_asked(context, id).await?;
        let shows = or_stop(context, Shows::read(request.uri().query()))?;
        let headers = request.headers().clone();
        let body = or_stop(context, bytes(request).await)?;
        let before = or_stop(context, self.user(&row, &[]))?;
        let after = or_stop(context, changed(before.clone(), &body, how))?;
        or_stop(context, is_meant(&headers, row.version))?;
        self.keep_user(context, &row, (before, after), &shows).await
    }

    async fn keep_user(
        &self,
        context: &Context,
        row: &DirectoryPersonRow,
        (before, after): (Object, Object),
        shows: &Shows,
    ) -> Handled {
        let (before, after) = (or_stop(context, Said::of(before))?, or_stop(context, Said::of(after))?);
        let (id, here) = (&row.person.id, row.person.left.is_none());
        let active = after.active.unwrap_or(here);
        if active == here && after.says_the_same(&before) {
            let recorded = admit(context, KEEP_PERSON, person(id), Facts::new())?;
            return Ok(self.shown_user(recorded, StatusCode::OK, row, shows).await);
        }
        let store = &self.parts.store;
        let kept = or_stop(context, after.kept(self.parts.gate.identity(), id, active))?;
        let change = store.change_in_directory(&kept, row.version, context.now);
        let (recorded, made) = if here && !active {
            self.ends(context, id, change).await?
        } else {
            (admit(context, KEEP_PERSON, person(id), Facts::new())?.durable().await?, change.await)
        };
        match made {
            Ok(Kept::Made(_)) => {}
            Ok(Kept::NameTaken) => return Ok(refused(recorded, taken())),
            Ok(Kept::Overtaken) => return Ok(refused(recorded, Refusal::overtaken())),
            Err(error) => return Ok(refused(recorded, error)),
        }
        if active && !here {
            let mut roster = self.parts.roster.hold().await;
            if let Err(error) = roster.reread(self.parts.gate.guard(), id).await {
                return Ok(refused(recorded, error));
            }
        }
        self.then_shown(recorded, StatusCode::OK, id, shows).await
    }

    pub(super) async fn end_user(&self, context: &Context, id: &str, request: &Request<RequestBody>) -> Handled {
        let row = self.user_asked(context, id).await?;
        or_stop(context, meant(request.headers(), &row))?;
        let id = &row.person.id;
        let change = self.parts.store.leave_directory(id, context.now);
        let (recorded, ended) = self.ends(context, id, change).await?;
        Ok(match ended {
            Ok(_) => done(recorded, []),
            Err(error) => refused(recorded, error),
        })
    }
}

fn meant(headers: &HeaderMap, row: &DirectoryPersonRow) -> Result<(), Refusal> {
    is_meant(headers, row.version)
}

/// The resource after a change.
fn changed(mut before: Object, body: &[u8], how: How) -> Result<Object, Refusal> {
    if how == How::Whole {
        let body = json::object(body, limits::SCIM_DEPTH);
        let body = body.map_err(|fault| Refusal::bad("invalidSyntax", format!("The resource is {fault}.")))?;
        return normal(body, Schema::user());
    }
    let patch = Patch::read(body).map_err(|fault| Refusal::of_patch(&fault))?;
    patch.apply(&mut before, Schema::user()).map_err(|fault| Refusal::of_patch(&fault))?;
    Ok(before)
}

fn not_meant(error: IssueError) -> Failed {
    match error {
        IssueError::Store(error) => Failed::Store(error),
        other => Refusal::bad("invalidValue", fanlight_base::words::sentence(&other.to_string())).into(),
    }
}
