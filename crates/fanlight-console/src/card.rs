//! What stands on the card of a person and of an app: how somebody logs in, what an app fetched.
//!
//! Refuses to tell any secret, or anything by which one could be guessed.

use fanlight_api::account::Whom;
use fanlight_api::apps::{Refused, Used};
use fanlight_api::people::{Card, Invitation, Person};
use fanlight_base::{AppId, PersonId, Resource};
use fanlight_gate::{Context, Handled};
use fanlight_identity::AccountError;
use fanlight_net::{Problem, RequestBody};
use fanlight_store::{Accesses, AccountRow, Holder, Holdings, PersonRow, StoreError};
use http::{Request, StatusCode};
use tokio::sync::mpsc;

use crate::acts::account::account_problem;
use crate::acts::passkeys::listed;
use crate::admit::{admit, admit_as, asked, node};
use crate::holdings::holding_of;
use crate::reads::{PATIENCE, store_problem};
use crate::reply::json;
use crate::{Console, action};

/// What is listed of an app of each kind.
const LISTED: usize = 200;
/// What is looked at for that.
const LOOKED_AT: usize = 5_000;

impl Console {
    pub(crate) async fn card(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let ask: Whom = asked(context, request).await?;
        let person = self.person_asked(context, &ask.person).await?;
        let recorded = admit(context, node())?;
        let account = match self.parts.store.account(&person.id).await {
            Ok(account) => account.filter(|account| account.ended.is_none()),
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        Ok(match self.card_of(context, person, account).await {
            Ok(card) => json(recorded, StatusCode::OK, &card),
            Err(error) => recorded.problem(account_problem(&error)),
        })
    }

    async fn card_of(
        &self,
        context: &Context,
        person: PersonRow,
        account: Option<AccountRow>,
    ) -> Result<Card, AccountError> {
        let (store, identity) = (&self.parts.store, self.parts.gate.identity());
        let keys = store.caller_keys_of(&person.id).await?;
        let devices = store.devices_of(&person.id).await?;
        let apps = store.apps_of(&person.id).await?;
        let roster = self.parts.roster.hold().await;
        let (roles, groups) = (roster.roles_of(&person.id), roster.groups_of(&person.id));
        drop(roster);
        Ok(Card {
            can_log_in: identity.login_ways(&person.id).await?.iter().any(|way| store.opens(way)),
            account_since: account.as_ref().map(|account| account.created),
            last_login: store.last_login(&person.id).await?,
            has_password: account.as_ref().is_some_and(|account| account.password.is_some()),
            has_totp: account.as_ref().is_some_and(|account| account.totp.is_some()),
            passkeys: identity.passkeys_of(&person.id).await?.into_iter().map(listed).collect(),
            recovery_codes: if account.is_some() { identity.codes_left(&person.id).await? } else { 0 },
            providers: identity.providers_of(&person.id).await?,
            sessions: identity.sessions_of(&person.id).await?.len() as u64,
            keys: keys.iter().filter(|key| key.revoked.is_none() && key.until > context.now).count() as u64,
            machines: devices.iter().filter(|one| one.revoked.is_none()).count() as u64,
            apps: apps.iter().filter(|app| app.owner.as_ref() == Some(&person.id) && app.ended.is_none()).count()
                as u64,
            invitation: (store.open_link(&person.id, context.now).await?).map(|link| Invitation {
                role: link.role,
                until: link.until,
                by: link.by,
            }),
            person: Person {
                person: person.id,
                name: person.name,
                roles,
                groups,
                since: person.created,
                left: person.left,
                erased: person.erased,
            },
        })
    }

    pub(crate) async fn app_used(&self, context: &Context, id: &str) -> Handled {
        let app = match self.parts.store.app(&AppId::new(id)).await {
            Ok(app) => app,
            Err(error) => return Ok(store_problem(admit(context, node())?, &error)),
        };
        let Some(app) = app else {
            let advice = "`fanlight apps list` shows yours.".to_owned();
            let problem = Problem::not_found("No app of that id is known here.").advice(Some(advice));
            return Ok(admit(context, node())?.problem(problem));
        };
        self.parts.projection.catch_up(PATIENCE).await;
        let own = app.owner.is_some() && app.owner.as_ref() == context.caller.principal.answerable();
        // What another's app has is who has what.
        let action = if own { context.action } else { action::READ_PEOPLE };
        let recorded = admit_as(context, action, Resource::new("Node", "this"), fanlight_base::Facts::new())?;
        Ok(match self.used(&PersonId::new(app.id.as_str())).await {
            Ok(used) => json(recorded, StatusCode::OK, &used),
            Err(error) => store_problem(recorded, &error),
        })
    }

    /// What a caller of that pseudonym fetched and was refused.
    async fn used(&self, who: &PersonId) -> Result<Used, StoreError> {
        let asked = Holdings {
            project: None,
            releases: Vec::new(),
            who: Some(Holder::Person(who.clone())),
            machine: None,
            since: None,
            until: None,
        };
        let (rows, mut coming) = mpsc::channel(64);
        let store = self.parts.store.clone();
        let asking = tokio::spawn(async move { store.holdings(&asked, &rows).await });
        let mut packages = Vec::new();
        while packages.len() < LOOKED_AT
            && let Some(row) = coming.recv().await
        {
            packages.push(holding_of(row));
        }
        drop(coming);
        if let Ok(asked) = asking.await {
            asked?;
        }
        packages.sort_by_key(|holding| std::cmp::Reverse(holding.last));
        let refused = Accesses { person: Some(who), outcomes: &["hold", "deny"], ..Accesses::default() };
        let refused = self.parts.store.accesses(refused, LISTED as u32 + 1).await?;
        let truncated = packages.len() > LISTED || refused.len() > LISTED;
        packages.truncate(LISTED);
        let refused = refused.into_iter().take(LISTED).map(|row| Refused {
            at: row.access.time,
            release: row.access.resource,
            file: row.access.file,
            outcome: row.access.outcome,
            policy: row.access.policy,
            reason: row.access.reason,
        });
        Ok(Used { packages, refused: refused.collect(), truncated })
    }
}
