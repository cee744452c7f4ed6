//! Links that open once: for the first steward and for who is invited; and what ends when somebody leaves.
//!
//! Invariant: an account comes with its role or not at all, and its record is on disk before it.

use std::collections::HashMap;

use fanlight_api::account::{
    Ended, Invite, Invited, Join, Joined, Leaver, LeaverApp, OpenLink, Sessions, Welcome, Whom,
};
use fanlight_base::{AppId, Facts, PersonId, Resource, Role, Secret, Timestamp};
use fanlight_gate::{Context, Handled};
use fanlight_identity::{AccountError, JoinFault, Joining, JoiningBy};
use fanlight_net::{Problem, RequestBody};
use fanlight_store::{KeyHolder, StoreError};
use http::{Request, StatusCode};

use super::account::{At, account_problem, address, not_taken, own, refused, shown, with_session};
use super::passkeys::{self, party_of};
use crate::admit::{admit, admit_with, asked, node, only_who_may, turned_down};
use crate::reads::store_problem;
use crate::reply::json;
use crate::roster::Held;
use crate::{Board, Console};

/// The page that a link leads to, with the link's secret where browsers keep it to themselves.
pub fn address_of_link(board: &Board, secret: &Secret<String>) -> Option<Secret<String>> {
    let url = board.address_for_people()?;
    Some(Secret::new(format!("{url}/welcome#{}", secret.expose_secret())))
}

/// What is said where a link makes no account.
fn no_account(context: &Context, fault: JoinFault) -> Handled {
    let facts = |word: &str| Facts::new().with("fault", word);
    match fault {
        JoinFault::Slow(fault) => Ok(refused(context.record(context.decide(node(), facts(fault.as_str())))?, fault)),
        JoinFault::Link(_) | JoinFault::Ticket => {
            Ok(admit_with(context, node(), facts("bad-link"))?.problem(Problem::internal()))
        }
        other => turned_down(context, not_taken(&other)),
    }
}

impl Console {
    pub(crate) async fn open_link(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let ask: OpenLink = asked(context, request).await?;
        let opened = match self.parts.gate.identity().look_at_link(&ask.link, address(context)).await {
            Ok(Ok(opened)) => opened,
            Ok(Err(fault)) => return no_account(context, fault),
            Err(error) => return turned_down(context, account_problem(&error)),
        };
        let recorded = admit(context, node())?;
        let welcome = Welcome {
            name: opened.name,
            role: opened.role,
            secret: opened.secret.expose_secret().clone(),
            uri: opened.uri.expose_secret().clone(),
            picture: opened.picture,
            ticket: opened.ticket,
            passkey: party_of(&self.parts.board).map(|party| passkeys::offer(&party, opened.passkey, Vec::new())),
        };
        Ok(json(recorded, StatusCode::OK, &welcome))
    }

    pub(crate) async fn join(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let browser = At::of(context, &request);
        let ask: Join = asked(context, request).await?;
        let identity = self.parts.gate.identity();
        let party = party_of(&self.parts.board);
        let by = match (&ask.passkey, &party) {
            (Some(passkey), Some(party)) => JoiningBy::Passkey(party, passkeys::made(passkey)),
            (Some(_), None) => return turned_down(context, passkeys::no_name()),
            (None, _) => JoiningBy::Password { password: &ask.password, ticket: &ask.ticket, code: &ask.code },
        };
        let showing = Joining { link: &ask.link, name: &ask.name, by };
        let drawn = match identity.draw_up_account(showing, address(context)).await {
            Ok(Ok(drawn)) => drawn,
            Ok(Err(fault)) => return no_account(context, fault),
            Err(error) => return turned_down(context, account_problem(&error)),
        };
        let mut roster = self.parts.roster.hold().await;
        if drawn.is_first {
            // The link for the first is not one for a second.
            match identity.can_log_in(&roster.stewards()).await {
                Ok(false) => {}
                Ok(true) => return no_account(context, JoinFault::Ticket),
                Err(error) => return turned_down(context, account_problem(&error)),
            }
        }
        let mut facts = Facts::new();
        if let Some(role) = drawn.role {
            facts.set("role", role.as_str());
        }
        let recorded = admit_with(context, own(drawn.person()), facts)?.durable().await?;
        match identity.join(&drawn).await {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => {
                return Ok(recorded.problem(Problem::new(
                    StatusCode::CONFLICT,
                    "conflict",
                    "Overtaken",
                    format!("{fault}."),
                )));
            }
            Err(error) => return Ok(recorded.problem(account_problem(&error))),
        }
        if let Err(error) = roster.reread(self.parts.gate.guard(), drawn.person()).await {
            return Ok(store_problem(recorded, &error));
        }
        let joined = Joined {
            person: drawn.person().clone(),
            name: drawn.name().to_owned(),
            recovery_codes: drawn.recovery.iter().map(|code| code.expose_secret().clone()).collect(),
        };
        let by = fanlight_identity::LoggedInBy::default();
        Ok(match self.begin_session(drawn.person(), &browser, true, &by).await {
            Ok(session) => with_session(context, recorded, StatusCode::CREATED, &joined, &session),
            Err(error) => recorded.problem(account_problem(&error)),
        })
    }

    pub(crate) async fn invite(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let ask: Invite = asked(context, request).await?;
        // Who may not makes nobody known.
        only_who_may(context, &node())?;
        let identity = self.parts.gate.identity();
        let person = match identity.make_known(&ask.person).await {
            Ok(person) => person,
            Err(error) => return turned_down(context, super::not_issued(&error)),
        };
        let mut facts = Facts::new();
        if let Some(role) = ask.role {
            facts.set("role", role.as_str());
        }
        if context.caller.principal.answerable() == Some(&person) {
            facts.set("own", true);
        }
        let role = ask.role.filter(|role| *role != Role::Builder);
        self.make_link(context, own(&person), facts, Some((&person, role))).await
    }

    pub(crate) async fn first_link(&self, context: &Context) -> Handled {
        let stewards = self.parts.roster.hold().await.stewards();
        match self.parts.gate.identity().can_log_in(&stewards).await {
            Ok(false) => self.make_link(context, node(), Facts::new(), None).await,
            Ok(true) => {
                let advice = "`fanlight people invite NAME --role steward` makes a link for another.".to_owned();
                let problem =
                    Problem::new(StatusCode::CONFLICT, "conflict", "Not the first", "There is a steward already.");
                turned_down(context, problem.advice(Some(advice)))
            }
            Err(error) => turned_down(context, account_problem(&error)),
        }
    }

    /// A link for a person, or for the first steward.
    async fn make_link(
        &self,
        context: &Context,
        resource: Resource,
        facts: Facts,
        whose: Option<(&PersonId, Option<Role>)>,
    ) -> Handled {
        let recorded = admit_with(context, resource, facts)?.durable().await?;
        let identity = self.parts.gate.identity();
        let by = context.caller.principal.answerable();
        let made = match whose {
            Some((person, role)) => identity.make_link(Some(person), role, by).await,
            None => identity.make_link(None, Some(Role::Steward), by).await,
        };
        let (secret, until) = match made {
            Ok(made) => made,
            Err(error) => return Ok(recorded.problem(account_problem(&error))),
        };
        Ok(match address_of_link(&self.parts.board, &secret) {
            Some(link) => json(recorded, StatusCode::CREATED, &Invited { link: link.expose_secret().clone(), until }),
            None => recorded.problem(Problem::unavailable("The node has not finished starting.", 1)),
        })
    }

    pub(crate) async fn sessions(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let ask: Whom = asked(context, request).await?;
        let person = self.person_asked(context, &ask.person).await?;
        let recorded = admit(context, node())?;
        Ok(match self.parts.gate.identity().sessions_of(&person.id).await {
            Ok(sessions) => {
                let sessions = sessions.into_iter().map(|session| shown(session, None)).collect();
                json(recorded, StatusCode::OK, &Sessions { sessions })
            }
            Err(error) => recorded.problem(account_problem(&error)),
        })
    }

    pub(crate) async fn end_sessions(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let ask: Whom = asked(context, request).await?;
        let person = self.person_asked(context, &ask.person).await?;
        let recorded = admit(context, own(&person.id))?.durable().await?;
        Ok(match self.parts.gate.identity().end_sessions(&person.id).await {
            Ok(sessions) => json(recorded, StatusCode::OK, &Ended { sessions }),
            Err(error) => recorded.problem(account_problem(&error)),
        })
    }

    /// What would stop if a person left; with `goes`, it stops.
    pub(crate) async fn leaver(&self, context: &Context, request: Request<RequestBody>, goes: bool) -> Handled {
        let ask: Whom = asked(context, request).await?;
        let person = self.person_asked(context, &ask.person).await?;
        let mut roster = self.parts.roster.hold().await;
        let last_steward = match roster.is_last_steward(&person.id).await {
            Ok(last_steward) => last_steward,
            Err(error) => return super::roles::no_person(context, Some(&error)),
        };
        let mut leaver = Leaver {
            name: person.name.clone(),
            account: false,
            sessions: 0,
            machines: Vec::new(),
            roles: roster.roles_of(&person.id),
            groups: roster.groups_of(&person.id),
            exceptions: Vec::new(),
            keys: Vec::new(),
            apps: Vec::new(),
            last_steward,
            person: person.id,
        };
        let mut facts = Facts::new();
        if goes && leaver.last_steward {
            facts.set("last_steward", true);
        }
        let recorded = admit_with(context, if goes { own(&leaver.person) } else { node() }, facts)?.durable().await?;
        if let Err(error) = self.fill(&mut leaver, context.now).await {
            return Ok(recorded.problem(account_problem(&error)));
        }
        if goes {
            let kept = self.parts.gate.identity().leave(&leaver.person);
            if let Err(error) = self.goes(&mut roster, &leaver.person, context.now, kept).await {
                return Ok(store_problem(recorded, &error));
            }
        }
        Ok(json(recorded, StatusCode::OK, &leaver))
    }

    /// Ends all that a person has here. The rights first: out of force is the safe side of a database that fails now.
    pub(crate) async fn goes<T>(
        &self,
        roster: &mut Held<'_>,
        person: &PersonId,
        now: Timestamp,
        kept: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let guard = self.parts.gate.guard();
        let kept = roster.end(guard, person, kept).await?;
        for exception in self.exceptions_for(person, now).await {
            self.parts.standing.end(guard, &exception.id, now).await?;
        }
        Ok(kept)
    }

    async fn fill(&self, leaver: &mut Leaver, now: Timestamp) -> Result<(), AccountError> {
        let store = &self.parts.store;
        let account = store.account(&leaver.person).await?;
        leaver.account = account.is_some_and(|account| account.ended.is_none());
        leaver.sessions = self.parts.gate.identity().sessions_of(&leaver.person).await?.len() as u64;
        let devices = store.devices_of(&leaver.person).await?.into_iter();
        let good = devices.filter(|device| device.revoked.is_none());
        leaver.machines = good.filter_map(|device| device.machine).collect();
        leaver.exceptions = self.exceptions_for(&leaver.person, now).await.into_iter().map(|row| row.thing).collect();
        let mut keys_of = HashMap::<AppId, u64>::new();
        let keys = store.caller_keys_of(&leaver.person).await?;
        for key in keys.into_iter().filter(|key| key.revoked.is_none() && key.until > now) {
            match key.holder {
                KeyHolder::Person(_) => leaver.keys.push(key.label),
                KeyHolder::App(app) => *keys_of.entry(app).or_default() += 1,
            }
        }
        for row in store.apps_of(&leaver.person).await?.into_iter().filter(|row| row.is_of(&leaver.person)) {
            let name = match &row.successor {
                Some(successor) => store.person(successor).await?.and_then(|row| row.name),
                None => None,
            };
            leaver.apps.push(LeaverApp {
                keys: keys_of.get(&row.id).copied().unwrap_or_default(),
                app: row.id,
                title: row.layers.title,
                successor: row.successor,
                successor_name: name,
            });
        }
        Ok(())
    }

    async fn exceptions_for(&self, person: &PersonId, now: Timestamp) -> Vec<fanlight_store::ExceptionRow> {
        let mut exceptions = self.parts.standing.exceptions(now).await;
        exceptions.retain(|row| row.audience.is_one(person.as_str()));
        exceptions
    }
}
