//! Roles and groups: who has which, given and taken.
//!
//! Refuses to know who may: the facts `own` and `last_steward` are for the policies. Invariant: the record stands before the
//! right does.

use fanlight_api::people::{ChangeGroup, ChangeRole, Changed, People, Person};
use fanlight_base::{Facts, Role, is_group_name, limits};
use fanlight_gate::{Answer, Context, Handled, Recorded, Stop};
use fanlight_net::{Problem, RequestBody};
use fanlight_store::{Having, PersonRow, RoleRow, StoreError};
use http::{Request, StatusCode};

use super::account::own;
use crate::Console;
use crate::admit::{admit, admit_with, asked, node, or_turned_down, turned_down};
use crate::listing::{PageOf, Paging, searched};
use crate::reads::store_problem;
use crate::reply::{json, part};

/// Whether what is asked for is given or taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Give,
    Take,
}

/// What must hold of the people that are asked for.
fn having(query: Option<&str>) -> Result<Vec<Having>, Box<Problem>> {
    let mut having = Vec::new();
    if let Some(word) = part(query, "role") {
        match Role::of(&word) {
            // Everybody who is here is one.
            Some(Role::Builder) => having.push(Having::Here),
            Some(role) => having.push(Having::Role(role)),
            None => {
                let words = "A role is builder, mentor, reviewer, steward or auditor.";
                return Err(Box::new(Problem::bad_request(words)));
            }
        }
    }
    let group = searched(query, "group")?;
    if !group.is_empty() {
        having.push(Having::Group(group));
    }
    Ok(having)
}

impl Console {
    /// The word for what the caller acts as: the one of their roles that opens most.
    pub(crate) fn role_of(context: &Context) -> &'static str {
        if context.caller.strength == fanlight_base::Strength::StateFolder {
            return Role::Steward.as_str();
        }
        let directory = context.policies.directory();
        let by_weight = [Role::Steward, Role::Reviewer, Role::Mentor, Role::Auditor];
        let found = by_weight.into_iter().find(|role| directory.has(&context.caller.principal, *role));
        found.unwrap_or(Role::Builder).as_str()
    }

    pub(crate) async fn people(&self, context: &Context, query: Option<&str>) -> Handled {
        let paging = or_turned_down(context, Paging::asked(query))?;
        let having = or_turned_down(context, having(query))?;
        let recorded = admit(context, node())?;
        Ok(match self.people_asked(&paging, &having).await {
            Ok(Ok((people, next))) => json(recorded, StatusCode::OK, &People { people, next }),
            Ok(Err(problem)) => recorded.problem(*problem),
            Err(error) => store_problem(recorded, &error),
        })
    }

    async fn people_asked(&self, paging: &Paging, having: &[Having]) -> Result<PageOf<Person>, StoreError> {
        let store = &self.parts.store;
        let mut page = match paging.begin(store, &fanlight_store::PEOPLE).await? {
            Ok(page) => page,
            Err(problem) => return Ok(Err(problem)),
        };
        page.having(having.iter().cloned());
        // What the database gives may have been taken already, or be of somebody who left.
        let holds = |person: &Person| {
            having.iter().all(|having| match having {
                Having::Role(role) => person.roles.contains(role),
                Having::Group(words) => person.groups.iter().any(|group| group.to_lowercase().contains(words)),
                _ => true,
            })
        };
        while let Some(part) = page.lacks() {
            let (places, rows): (Vec<_>, Vec<_>) =
                store.listed(&fanlight_store::PEOPLE, &part).await?.into_iter().unzip();
            let roster = self.parts.roster.hold().await;
            let people = rows.into_iter().map(|row| Person {
                roles: roster.roles_of(&row.id),
                groups: roster.groups_of(&row.id),
                person: row.id,
                name: row.name,
                since: row.created,
                left: row.left,
                erased: row.erased,
            });
            page.take(places, people.filter(holds).collect());
        }
        Ok(Ok(page.done()))
    }

    pub(crate) async fn change_role(
        &self,
        context: &Context,
        request: Request<RequestBody>,
        change: Change,
    ) -> Handled {
        let ask: ChangeRole = asked(context, request).await?;
        if ask.role == Role::Builder {
            let words = "Everybody who is known is a builder; that role is neither given nor taken.";
            return turned_down(context, Problem::bad_request(words));
        }
        let mut roster = self.parts.roster.hold().await;
        let person = self.person_asked(context, &ask.person).await?;
        if change == Change::Give {
            only_who_is_here(context, &person)?;
        }
        let mut facts = Facts::new().with("role", ask.role.as_str());
        match change {
            Change::Give => self.own(context, &person, &mut facts),
            Change::Take if ask.role == Role::Steward => match roster.is_last_steward(&person.id).await {
                Ok(false) => {}
                Ok(true) => {
                    facts.set("last_steward", true);
                }
                Err(error) => return no_person(context, Some(&error)),
            },
            Change::Take => {}
        }
        // A right without its record must not even begin.
        let recorded = admit_with(context, own(&person.id), facts)?.durable().await?;
        let guard = self.parts.gate.guard();
        let done = match change {
            Change::Give => {
                let row = RoleRow {
                    person: person.id.clone(),
                    role: ask.role,
                    given: context.now,
                    by: context.caller.principal.answerable().cloned(),
                    ended: None,
                };
                roster.give(guard, row).await
            }
            Change::Take => roster.take(guard, &person.id, ask.role, context.now).await,
        };
        Ok(changed(recorded, done, &roster, person))
    }

    pub(crate) async fn change_group(
        &self,
        context: &Context,
        request: Request<RequestBody>,
        change: Change,
    ) -> Handled {
        let ask: ChangeGroup = asked(context, request).await?;
        if !is_group_name(&ask.group) {
            let words = format!(
                "A group's name is 1 to {} small letters, digits and hyphens, and begins with no hyphen.",
                limits::GROUP_BYTES
            );
            return turned_down(context, Problem::bad_request(words));
        }
        let mut roster = self.parts.roster.hold().await;
        let person = self.person_asked(context, &ask.person).await?;
        if change == Change::Give {
            only_who_is_here(context, &person)?;
        }
        match self.parts.store.directory_groups().await {
            Ok(groups) if groups.iter().any(|group| group.name == ask.group) => {
                let words = "The company's directory keeps this group and says who is in it.";
                let advice = Some("Change it there; what it says counts here at once.".to_owned());
                let problem = Problem::new(StatusCode::CONFLICT, "conflict", "The directory's", words).advice(advice);
                return turned_down(context, problem);
            }
            Ok(_) => {}
            Err(error) => return no_person(context, Some(&error)),
        }
        let mut facts = Facts::new().with("group", ask.group.as_str());
        // Leaving, too: a policy may stop whoever is in a group.
        self.own(context, &person, &mut facts);
        // A right without its record must not even begin.
        let recorded = admit_with(context, own(&person.id), facts)?.durable().await?;
        let guard = self.parts.gate.guard();
        let done = match change {
            Change::Give => roster.join(guard, &person.id, &ask.group, context.now).await,
            Change::Take => roster.leave(guard, &person.id, &ask.group, context.now).await,
        };
        Ok(changed(recorded, done, &roster, person))
    }

    /// Says in the facts where it is the caller's own right.
    fn own(&self, context: &Context, person: &PersonRow, facts: &mut Facts) {
        if context.caller.principal.answerable() == Some(&person.id) {
            facts.set("own", true);
        }
    }

    /// Who has that name or pseudonym, and is not erased; an error of the database where it has one.
    pub(crate) async fn person_named(&self, name: &str) -> Result<PersonRow, Option<StoreError>> {
        let store = &self.parts.store;
        let found = match store.person_by_name(name).await? {
            Some(found) => Some(found),
            None => store.person(&fanlight_base::PersonId::new(name)).await?,
        };
        found.filter(|person| person.erased.is_none()).ok_or(None)
    }

    /// The same, where the person is what is asked about.
    pub(crate) async fn person_asked(&self, context: &Context, name: &str) -> Result<PersonRow, Stop> {
        match self.person_named(name).await {
            Ok(person) => Ok(person),
            Err(error) => Err(no_person(context, error.as_ref())?.into()),
        }
    }
}

/// Stops where the person has left: a right would count for nothing.
fn only_who_is_here(context: &Context, person: &PersonRow) -> Result<(), Stop> {
    if person.left.is_none() {
        return Ok(());
    }
    let words = "This person has left, and who has left has no rights.";
    let advice = "Invite them again first, `fanlight people invite NAME`, or have the company's directory say that they are here.";
    let problem = Problem::new(StatusCode::CONFLICT, "conflict", "Has left", words).advice(Some(advice.to_owned()));
    Err(turned_down(context, problem)?.into())
}

pub(crate) fn no_person(context: &Context, error: Option<&StoreError>) -> Handled {
    if let Some(error) = error {
        tracing::error!(%error, "the database did not answer");
        return turned_down(context, Problem::unavailable("The database does not answer.", 5));
    }
    let advice = "`fanlight people list` shows who is.".to_owned();
    turned_down(context, Problem::not_found("Nobody of that name is known here.").advice(Some(advice)))
}

fn changed(
    recorded: Recorded,
    done: Result<bool, StoreError>,
    roster: &crate::roster::Held<'_>,
    person: PersonRow,
) -> Answer {
    match done {
        Ok(changed) => {
            let (roles, groups) = (roster.roles_of(&person.id), roster.groups_of(&person.id));
            let answer = Changed { person: person.id, name: person.name, roles, groups, already: !changed };
            json(recorded, StatusCode::OK, &answer)
        }
        Err(error) => store_problem(recorded, &error),
    }
}
