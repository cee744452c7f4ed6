//! Groups: listed, made, changed, ended. Who is in one counts from the next request on.

use fanlight_net::RequestBody;
use std::collections::HashSet;

use fanlight_base::{Facts, PersonId, Resource};
use fanlight_credentials::json::Object;
use fanlight_credentials::random;
use fanlight_credentials::scim::{Operation, Patch, Schema, Verb};
use fanlight_gate::{Answer, Context, Handled, Recorded, Stop};
use fanlight_store::{DirectoryGroupRow, GroupChange, Kept};
use http::{HeaderValue, Request, StatusCode, header};
use serde_json::Value;

use super::action::{END_GROUP, KEEP_GROUP, READ};
use super::answer::{Failed, Refusal, admit, done, etag, only_who_may, or_stop, refused, said, turned_down};
use super::asked::{ListAsk, Shows, bytes, is_known, is_meant, resource};
use super::group::{Said, policy_name};
use super::user::normal;
use crate::Console;
use crate::admit::node;

fn group_of(row: &DirectoryGroupRow) -> Resource {
    Resource::new("Group", row.name.as_str())
}

/// Who comes into a group and who leaves it.
#[derive(Debug, Default)]
struct Moves {
    joins: Vec<PersonId>,
    leaves: Vec<PersonId>,
}

impl Console {
    pub(super) async fn list_groups(&self, context: &Context, query: Option<&str>) -> Handled {
        only_who_may(context)?;
        let ask = or_stop(context, ListAsk::read(query))?;
        self.told_groups(context, &ask).await
    }

    pub(super) async fn search_groups(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        only_who_may(context)?;
        let body = or_stop(context, resource(request).await)?;
        let ask = or_stop(context, ListAsk::of_body(&body))?;
        self.told_groups(context, &ask).await
    }

    async fn told_groups(&self, context: &Context, ask: &ListAsk) -> Handled {
        let (total, groups) = or_stop(context, self.find_groups(ask).await)?;
        let recorded = admit(context, READ, node(), Facts::new())?;
        let groups: Vec<_> = groups.into_iter().map(|group| ask.shows.of(group)).collect();
        Ok(said(recorded, StatusCode::OK, &ask.page(total, &groups), []))
    }

    pub(super) async fn find_groups(&self, ask: &ListAsk) -> Result<(u64, Vec<Object>), Failed> {
        let (mut total, mut groups) = (0, Vec::new());
        for row in self.parts.store.directory_groups().await? {
            if ask.filter.is_some() && !ask.matches(&self.group_with(&row, ask.may_ask_for("members")).await?) {
                continue;
            }
            if total >= ask.skip && (groups.len() as u64) < ask.most {
                groups.push(self.group_with(&row, ask.shows.has("members")).await?);
            }
            total += 1;
        }
        Ok((total, groups))
    }

    async fn group_with(&self, row: &DirectoryGroupRow, with_members: bool) -> Result<Object, Failed> {
        let members = if with_members { Some(self.parts.store.members(&row.name).await?) } else { None };
        Ok(self.group(row, members.as_deref()))
    }

    async fn group_asked(&self, context: &Context, id: &str) -> Result<DirectoryGroupRow, Stop> {
        only_who_may(context)?;
        let found = or_stop(context, self.parts.store.directory_group(id).await)?;
        found.ok_or_else(|| turned_down(context, Refusal::not_found("group")))
    }

    pub(super) async fn show_group(&self, context: &Context, id: &str, request: &Request<RequestBody>) -> Handled {
        let row = self.group_asked(context, id).await?;
        let shows = or_stop(context, Shows::read(request.uri().query()))?;
        let recorded = admit(context, READ, group_of(&row), Facts::new())?;
        if is_known(request.headers(), row.version) {
            let mut response = http::Response::new(fanlight_net::Body::Empty);
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response.headers_mut().extend([etag(row.version)]);
            return Ok(recorded.answer(response));
        }
        Ok(self.shown_group(recorded, StatusCode::OK, &row, &shows).await)
    }

    async fn shown_group(
        &self,
        recorded: Recorded,
        status: StatusCode,
        row: &DirectoryGroupRow,
        shows: &Shows,
    ) -> Answer {
        match self.group_with(row, shows.has("members")).await {
            Ok(group) => {
                let at = HeaderValue::from_str(&self.location("Groups", &row.id)).ok();
                let at = at.map(|at| (header::LOCATION, at)).filter(|_| status == StatusCode::CREATED);
                said(recorded, status, &shows.of(group), at.into_iter().chain([etag(row.version)]))
            }
            Err(failed) => refused(recorded, failed),
        }
    }

    /// The people of these ids. All must be the directory's.
    async fn members_meant(&self, ids: impl IntoIterator<Item = String>) -> Result<Vec<PersonId>, Failed> {
        let mut people = Vec::new();
        let mut seen = HashSet::new();
        for id in ids {
            let id = PersonId::new(id);
            if !seen.insert(id.clone()) {
                continue;
            }
            if self.parts.store.directory_person(&id).await?.is_none() {
                let words = "A member's `value` is not the id of a person that the directory keeps here: send the person \
                             first. Groups within groups are not kept, only people.";
                return Err(Refusal::bad("invalidValue", words).into());
            }
            people.push(id);
        }
        Ok(people)
    }

    pub(super) async fn make_group(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        only_who_may(context)?;
        let shows = or_stop(context, Shows::read(request.uri().query()))?;
        let body = or_stop(context, resource(request).await)?;
        let made = or_stop(context, normal(body, Schema::group()).and_then(|object| Said::of(&object)))?;
        let joins = or_stop(context, self.members_meant(made.members).await)?;
        let Ok(id) = random::pseudonym("grp_") else {
            return Err(turned_down(context, Refusal::overtaken()));
        };
        let row = DirectoryGroupRow {
            name: policy_name(&made.display_name).unwrap_or_else(|| id.replace('_', "-")),
            id,
            display_name: made.display_name,
            external_id: made.external_id,
            version: 0,
            created: context.now,
            changed: context.now,
        };
        let (recorded, row) = match self.keep_group(context, row, &Moves { joins, leaves: Vec::new() }).await? {
            (recorded, Ok(row)) => (recorded, row),
            (recorded, Err(failed)) => return Ok(refused(recorded, failed)),
        };
        Ok(self.shown_group(recorded, StatusCode::CREATED, &row, &shows).await)
    }

    /// Judges, records and keeps a group and who moves.
    async fn keep_group(
        &self,
        context: &Context,
        row: DirectoryGroupRow,
        moves: &Moves,
    ) -> Result<(Recorded, Result<DirectoryGroupRow, Failed>), Stop> {
        let mut roster = self.parts.roster.hold().await;
        let mut facts = Facts::new();
        let count = |people: &[PersonId]| i64::try_from(people.len()).unwrap_or(i64::MAX);
        for (name, people) in [("joining", &moves.joins), ("leaving", &moves.leaves)] {
            if !people.is_empty() {
                facts.set(name, count(people));
            }
        }
        // Leaving, too: a policy may stop whoever is in a group.
        let own = context.caller.principal.answerable();
        if moves.joins.iter().chain(&moves.leaves).any(|person| Some(person) == own) {
            facts.set("own", true);
        }
        let recorded = admit(context, KEEP_GROUP, group_of(&row), facts)?.durable().await?;
        let change = GroupChange { row: &row, joins: &moves.joins, leaves: &moves.leaves };
        let kept = match roster.change_group(self.parts.gate.guard(), change, context.now).await {
            Ok(Kept::Made(version)) => Ok(DirectoryGroupRow { version, changed: context.now, ..row }),
            Ok(Kept::NameTaken) => Err(Refusal::taken(format!(
                "There is a group {} here already, by which policies would know this one too: give it another \
                 `displayName`, or take people out of that one first.",
                row.name
            ))
            .into()),
            Ok(Kept::Overtaken) => Err(Refusal::overtaken().into()),
            Err(error) => Err(error.into()),
        };
        Ok((recorded, kept))
    }

    pub(super) async fn replace_group(&self, context: &Context, id: &str, request: Request<RequestBody>) -> Handled {
        let row = self.group_asked(context, id).await?;
        let shows = or_stop(context, Shows::read(request.uri().query()))?;
        or_stop(context, is_meant(request.headers(), row.version))?;
        let body = or_stop(context, resource(request).await)?;
        let said = or_stop(context, normal(body, Schema::group()).and_then(|object| Said::of(&object)))?;
        let (row, moves) = or_stop(context, self.towards(row, said).await)?;
        Ok(match self.keep_group(context, row, &moves).await? {
            (recorded, Ok(row)) => self.shown_group(recorded, StatusCode::OK, &row, &shows).await,
            (recorded, Err(failed)) => refused(recorded, failed),
        })
    }

    /// What has to be done so that a group is as it is said to be.
    async fn towards(&self, row: DirectoryGroupRow, said: Said) -> Result<(DirectoryGroupRow, Moves), Failed> {
        let before: HashSet<PersonId> = self.parts.store.members(&row.name).await?.into_iter().collect();
        let (known, new): (Vec<_>, Vec<_>) =
            said.members.into_iter().partition(|id| before.contains(&PersonId::new(id.as_str())));
        let stays: HashSet<_> = known.into_iter().map(PersonId::new).collect();
        let joins = self.members_meant(new).await?;
        let leaves = before.into_iter().filter(|person| !stays.contains(person)).collect();
        let row = DirectoryGroupRow { display_name: said.display_name, external_id: said.external_id, ..row };
        Ok((row, Moves { joins, leaves }))
    }

    pub(super) async fn patch_group(&self, context: &Context, id: &str, request: Request<RequestBody>) -> Handled {
        let row = self.group_asked(context, id).await?;
        or_stop(context, is_meant(request.headers(), row.version))?;
        let body = or_stop(context, bytes(request).await)?;
        let patch = or_stop(context, Patch::read(&body).map_err(|fault| Refusal::of_patch(&fault)))?;
        let (row, moves) = match moves_of(&patch) {
            Some(moves) => {
                let joins = or_stop(context, self.members_meant(moves.joins).await)?;
                (row, Moves { joins, leaves: moves.leaves.into_iter().map(PersonId::new).collect() })
            }
            None => or_stop(context, self.patched(row, &patch).await)?,
        };
        Ok(match self.keep_group(context, row, &moves).await? {
            (recorded, Ok(row)) => done(recorded, [etag(row.version)]),
            (recorded, Err(failed)) => refused(recorded, failed),
        })
    }

    /// A change of any kind: done on the whole resource.
    async fn patched(&self, row: DirectoryGroupRow, patch: &Patch) -> Result<(DirectoryGroupRow, Moves), Failed> {
        let mut object = self.group_with(&row, true).await?;
        patch.apply(&mut object, Schema::group()).map_err(|fault| Refusal::of_patch(&fault))?;
        self.towards(row, Said::of(&object)?).await
    }

    pub(super) async fn end_group(&self, context: &Context, id: &str, request: &Request<RequestBody>) -> Handled {
        let row = self.group_asked(context, id).await?;
        or_stop(context, is_meant(request.headers(), row.version))?;
        let mut roster = self.parts.roster.hold().await;
        let mut facts = Facts::new();
        let own = context.caller.principal.answerable();
        if own.is_some_and(|own| roster.groups_of(own).contains(&row.name)) {
            facts.set("own", true);
        }
        let recorded = admit(context, END_GROUP, group_of(&row), facts)?.durable().await?;
        Ok(match roster.end_group(self.parts.gate.guard(), &row, context.now).await {
            Ok(_) => done(recorded, []),
            Err(error) => refused(recorded, error),
        })
    }
}

/// Ids of who comes and who leaves.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct MovesSaid {
    pub(super) joins: Vec<String>,
    pub(super) leaves: Vec<String>,
}

/// Who comes and leaves, where a change says nothing else, each once: so that a group of any size need not be read for it.
pub(super) fn moves_of(patch: &Patch) -> Option<MovesSaid> {
    let mut moves = MovesSaid::default();
    for Operation { verb, target, value } in &patch.operations {
        let target = target.as_ref()?;
        let path = &target.path;
        if !path.name.eq_ignore_ascii_case("members")
            || path.schema.is_some()
            || path.part.is_some()
            || target.part.is_some()
        {
            return None;
        }
        match (verb, &target.which, value) {
            (Verb::Add, None, Some(value)) => moves.joins.extend(ids(value)?),
            (Verb::Remove, None, Some(value)) => moves.leaves.extend(ids(value)?),
            (Verb::Remove, Some(filter), None) => moves.leaves.push(filter.wants("value")?.to_owned()),
            _ => return None,
        }
    }
    let all: HashSet<&String> = moves.joins.iter().chain(&moves.leaves).collect();
    (all.len() == moves.joins.len() + moves.leaves.len()).then_some(moves)
}

/// The ids in a list of members, as directories write it: objects, or the ids alone.
fn ids(value: &Value) -> Option<Vec<String>> {
    let one = |value: &Value| match value {
        Value::String(id) => Some(id.clone()),
        Value::Object(member) => {
            let (_, id) = member.iter().find(|(name, _)| name.eq_ignore_ascii_case("value"))?;
            id.as_str().map(str::to_owned)
        }
        _ => None,
    };
    match value {
        Value::Array(list) if list.len() <= fanlight_base::limits::SCIM_VALUES => list.iter().map(one).collect(),
        Value::Array(_) => None,
        single => Some(vec![one(single)?]),
    }
}
