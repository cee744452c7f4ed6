//! Keys by which apps and people call: made, listed, ended.
//!
//! Refuses to know who may. Invariants: a key's text leaves once and is in no record; the record names the key before it is good.

use fanlight_api::keys::{Ask, Key, Keys, Made, Revoked, Trust, TrustedToken};
use fanlight_base::words::sentence;
use fanlight_base::{Facts, Fault, PersonId, Resource};
use fanlight_gate::{Context, Handled, Stop};
use fanlight_identity::{KeyAsked, KeyError};
use fanlight_net::{Problem, RequestBody};
use fanlight_store::{CallerKeyRow, KeyHolder, StoreError, TrustedBy};
use http::{Request, StatusCode};

use super::account::own;
use super::apps;
use crate::Console;
use crate::admit::{admit, admit_with, node, or_turned_down};
use crate::listing::{PageOf, Paging};
use crate::reads::store_problem;
use crate::reply::json;

fn not_made(error: &KeyError) -> Problem {
    tracing::warn!(%error, "a key could not be made");
    match (error.fault(), error) {
        (_, KeyError::ChangedHands) => {
            Problem::new(StatusCode::CONFLICT, "conflict", "Not any more", sentence(&error.to_string()))
        }
        (_, KeyError::AlreadyTrusted) => {
            Problem::new(StatusCode::CONFLICT, "conflict", "Trusted already", sentence(&error.to_string()))
        }
        (_, KeyError::TooMany) => {
            Problem::new(StatusCode::CONFLICT, "too-many", "Too many keys", sentence(&error.to_string()))
        }
        (Fault::Caller | Fault::NotFound, _) => {
            Problem::bad_request(sentence(&fanlight_base::fault::with_causes(error)))
        }
        (Fault::Upstream | Fault::Node, _) => Problem::unavailable("The key cannot be kept now.", 5),
    }
}

/// As it is kept.
fn kept(trust: Trust) -> fanlight_store::Trust {
    match trust {
        Trust::Token(TrustedToken { issuer, subject, claims }) => {
            fanlight_store::Trust { by: TrustedBy::Token { issuer, subject }, claims }
        }
        Trust::Certificate(sha256) => of_certificate(TrustedBy::Certificate(sha256)),
        Trust::CertificateName(name) => of_certificate(TrustedBy::CertificateName(name)),
    }
}

fn of_certificate(by: TrustedBy) -> fanlight_store::Trust {
    fanlight_store::Trust { by, claims: std::collections::BTreeMap::new() }
}

/// As it is told.
fn told(trust: fanlight_store::Trust) -> Trust {
    let fanlight_store::Trust { by, claims } = trust;
    match by {
        TrustedBy::Token { issuer, subject } => Trust::Token(TrustedToken { issuer, subject, claims }),
        TrustedBy::Certificate(sha256) => Trust::Certificate(sha256),
        TrustedBy::CertificateName(name) => Trust::CertificateName(name),
    }
}

/// The person whose own key it is, as facts.
fn facts_of_own(context: &Context, person: &PersonId) -> Facts {
    let is_owner = context.caller.principal.person() == Some(person);
    if is_owner { Facts::new().with("is_owner", true) } else { Facts::new() }
}

impl Console {
    pub(crate) async fn keys(&self, context: &Context, query: Option<&str>) -> Handled {
        let paging = or_turned_down(context, Paging::asked(query))?;
        let recorded = admit(context, node())?;
        Ok(match self.keys_asked(context, &paging).await {
            Ok(Ok((keys, next))) => json(recorded, StatusCode::OK, &Keys { keys, next }),
            Ok(Err(problem)) => recorded.problem(*problem),
            Err(error) => store_problem(recorded, &error),
        })
    }

    async fn keys_asked(&self, context: &Context, paging: &Paging) -> Result<PageOf<Key>, StoreError> {
        let store = &self.parts.store;
        let mut page = match paging.begin(store, &fanlight_store::CALLER_KEYS).await? {
            Ok(page) => page,
            Err(problem) => return Ok(Err(problem)),
        };
        while let Some(part) = page.lacks() {
            let (places, rows): (Vec<_>, Vec<_>) =
                store.listed(&fanlight_store::CALLER_KEYS, &part).await?.into_iter().unzip();
            page.take(places, self.shown_keys(context, rows).await?);
        }
        Ok(Ok(page.done()))
    }

    pub(crate) async fn own_keys(&self, context: &Context, query: Option<&str>) -> Handled {
        let paging = or_turned_down(context, Paging::asked(query))?;
        let recorded = admit(context, node())?;
        let found = async {
            let keys = match context.caller.principal.person() {
                Some(person) => self.parts.store.caller_keys_of(person).await?,
                None => Vec::new(),
            };
            self.shown_keys(context, keys).await
        };
        Ok(match found.await.map(|keys| paging.page(keys)) {
            Ok(Ok((keys, next))) => json(recorded, StatusCode::OK, &Keys { keys, next }),
            Ok(Err(problem)) => recorded.problem(*problem),
            Err(error) => store_problem(recorded, &error),
        })
    }

    async fn shown_keys(&self, context: &Context, rows: Vec<CallerKeyRow>) -> Result<Vec<Key>, StoreError> {
        let (mut apps, mut people) = (Vec::new(), Vec::new());
        for row in &rows {
            match &row.holder {
                KeyHolder::App(app) => apps.push(app),
                KeyHolder::Person(person) => people.push(person),
            }
        }
        let (titles, names) = (self.parts.store.titles_of(&apps).await?, self.names_to(context, &people).await?);
        let shown = rows.into_iter().map(|row| {
            let (app, person) = match row.holder {
                KeyHolder::App(app) => (Some(app), None),
                KeyHolder::Person(person) => (None, Some(person)),
            };
            Key {
                key: row.id,
                title: app.as_ref().and_then(|app| titles.get(app).cloned()),
                name: person.as_ref().and_then(|person| names.get(person).cloned()),
                app,
                person,
                label: row.label,
                public: row.public_key.is_some(),
                trust: row.trust.map(told),
                trust_salt: row.trust_salt.map(|salt| fanlight_store::Sha256(salt).to_string()),
                scopes: row.scopes.iter().collect(),
                made: row.made,
                until: row.until,
                used: row.used,
                revoked: row.revoked,
            }
        });
        Ok(shown.collect())
    }

    /// Whose a key will be, whose the app is where it is one's, the same as a thing, and the facts of that.
    async fn key_holder(
        &self,
        context: &Context,
        app: Option<&str>,
    ) -> Result<(KeyHolder, Option<PersonId>, Resource, Facts), Stop> {
        if let Some(app) = app {
            let row = self.app_asked(context, app).await?;
            let facts = apps::facts_of(context, &row);
            return Ok((KeyHolder::App(row.id.clone()), row.owner, apps::thing(&row.id), facts));
        }
        match context.caller.principal.person() {
            Some(person) => Ok((KeyHolder::Person(person.clone()), None, own(person), facts_of_own(context, person))),
            None => {
                let words = "A key is a person's or an app's: name the app.";
                Err(apps::not_understood(context, Problem::bad_request(words)))
            }
        }
    }

    pub(crate) async fn make_key(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let ask: Ask = apps::own_asked(context, request).await?;
        let (holder, owner, resource, facts) = self.key_holder(context, ask.app.as_deref()).await?;
        let identity = self.parts.gate.identity();
        let drawn = identity.draw_up_key(KeyAsked {
            holder,
            owner,
            label: &ask.label,
            scopes: ask.scopes.into_iter().collect(),
            days: ask.days,
            public_key: ask.public_key.as_ref(),
            trust: ask.trust.map(kept),
            by: context.caller.principal.answerable().cloned(),
        });
        let drawn = match drawn {
            Ok(drawn) => drawn,
            Err(error) => return Ok(admit_with(context, resource, facts)?.problem(not_made(&error))),
        };
        let mut facts = facts;
        if let Some(trust) = drawn.trust() {
            facts.set("trust", trust.by.kind());
            if let Some(issuer) = trust.by.issuer() {
                facts.set("issuer", issuer);
            }
            // Enough to prove later whom it was, for who has the salt; a subject may be a person's address, and records are kept.
            if let Some(keyed) = drawn.subject_hmac() {
                facts.set("subject_hmac", keyed.as_str());
            }
        }
        let facts = facts
            .with("key", drawn.id())
            .with("scopes", drawn.scopes().to_string().as_str())
            .with("until", drawn.until());
        let recorded = admit_with(context, resource, facts)?.durable().await?;
        let (key, scopes, until) = (drawn.id().to_owned(), drawn.scopes().iter().collect(), drawn.until());
        Ok(match identity.keep_key(drawn).await {
            Ok(secret) => {
                let made = Made { key, secret: secret.map(|secret| secret.expose_secret().clone()), scopes, until };
                json(recorded, StatusCode::CREATED, &made)
            }
            Err(error) => recorded.problem(not_made(&error)),
        })
    }

    pub(crate) async fn revoke_key(&self, context: &Context, id: &str) -> Handled {
        let row = match self.parts.store.caller_key(id).await {
            Ok(Some(row)) => row,
            Ok(None) => {
                let advice = "`fanlight keys list` shows yours.".to_owned();
                let problem = Problem::not_found("There is no key of that id.").advice(Some(advice));
                return Err(apps::not_understood(context, problem));
            }
            Err(error) => return Ok(store_problem(admit(context, node())?, &error)),
        };
        let (resource, facts) = match &row.holder {
            KeyHolder::Person(person) => (own(person), facts_of_own(context, person)),
            KeyHolder::App(app) => match self.parts.store.app(app).await {
                Ok(Some(app)) => (apps::thing(&app.id), apps::facts_of(context, &app)),
                Ok(None) => (apps::thing(app), Facts::new()),
                Err(error) => return Ok(store_problem(admit(context, node())?, &error)),
            },
        };
        let recorded = admit_with(context, resource, facts.with("key", row.id.as_str()))?.durable().await?;
        Ok(match self.parts.gate.identity().revoke_key(&row.id).await {
            Ok(revoked) => json(recorded, StatusCode::OK, &Revoked { key: row.id, already: !revoked }),
            Err(error) => store_problem(recorded, &error),
        })
    }
}
