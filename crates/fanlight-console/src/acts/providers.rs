//! Logging in at a provider: led there, and back with an answer.
//!
//! Both are visits of a browser, not questions of a program, so what goes wrong leads back to the page /login with a word for it.
//! Invariants: an answer counts in the browser that began the login, once, and for the provider it was begun with; and only a change
//! that the node's own page asked for begins what adds a provider to an account.

use fanlight_api::account::{LeadsTo, Ways};
use fanlight_base::words::sentence;
use fanlight_base::{Facts, Secret, Strength, Timestamp, is_group_name, limits};
use fanlight_gate::{Answer, Context, Handled, Recorded};
use fanlight_identity::oidc::{AnswerFault, Answered, AtProvider, Begun, Claims, Client, Issuer, Known, NobodyHere};
use fanlight_identity::{AccountError, IdentifyError};
use fanlight_net::{Body, Problem, RequestBody};
use fanlight_store::SessionRow;
use http::{HeaderValue, Request, Response, StatusCode, header};
use url::Url;

use super::account::{At, account_problem, address, cookies_of, own};
use crate::Console;
use crate::action::ADD_LOGIN;
use crate::admit::{admit, admit_with, node, turned_down};
use crate::providers::Provider;
use crate::reply::{json, json_with, part};

/// Where a browser comes back, as the providers know it.
pub(crate) const ANSWER: &str = "/login/answer";
/// Where one goes out.
pub(crate) const WITH: &str = "/login/with/{provider}";

/// What went wrong, as the page /login has words for it.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    NotBegun,
    Refused,
    Failed,
    NameTaken,
    NoName,
}

impl Wrong {
    const fn as_str(self) -> &'static str {
        match self {
            Self::NotBegun => "not-begun",
            Self::Refused => "provider-refused",
            Self::Failed => "provider-failed",
            Self::NameTaken => "name-taken",
            Self::NoName => "no-name",
        }
    }
}

fn lead(recorded: Recorded, to: &str, cookies: impl IntoIterator<Item = HeaderValue>) -> Answer {
    let mut response = Response::new(Body::Empty);
    // 303: whatever was asked for, the next is a GET (RFC 9700, section 4.12).
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/login")));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie);
    }
    recorded.answer(response)
}

/// Back to the page /login with a word for what went wrong; the policy of the fault stands in the record.
fn back(context: &Context, provider: &str, wrong: Wrong) -> Handled {
    let facts = Facts::new().with("fault", "provider-login").with("provider", provider).with("because", wrong.as_str());
    let recorded = context.record(context.decide(node(), facts))?;
    Ok(lead(recorded, &format!("/login#{}", wrong.as_str()), [context.login_cookie(None)]))
}

/// The names of groups that stand in a claim, as groups are named here; others are left out.
fn groups_in(claims: &Claims, claim: &str) -> Vec<String> {
    let said = claims.all().get(claim).and_then(|value| value.as_array()).into_iter().flatten();
    let mut groups: Vec<String> = said
        .filter_map(|value| Some(value.as_str()?.to_ascii_lowercase()))
        .filter(|name| is_group_name(name))
        .collect();
    groups.sort_unstable();
    groups.dedup();
    groups.truncate(limits::PROVIDER_GROUPS);
    groups
}

/// Whether a second factor was shown at the provider, now.
fn has_second_factor(provider: &Provider, claims: &Claims, context: &Context) -> bool {
    let said = claims.all().get("amr").and_then(|value| value.as_array()).into_iter().flatten();
    let shown = provider.named.second_factor || said.into_iter().any(|method| method == "mfa");
    shown && is_fresh(claims, context)
}

/// Whether it was shown there lately: somebody who is logged in there for days has not shown anything today.
fn is_fresh(claims: &Claims, context: &Context) -> bool {
    claims
        .time("auth_time")
        .ok()
        .flatten()
        .is_some_and(|at| context.now.duration_since(at).unsigned_abs() < limits::SECOND_FACTOR_FRESH_TIME)
}

/// The name that a provider gives somebody; an address only where it says that it is theirs.
fn name_in<'c>(claims: &'c Claims, claim: &str) -> &'c str {
    let is_theirs = claim != "email" || claims.all().get("email_verified").is_some_and(|said| said == true);
    claims.all().get(claim).and_then(|value| value.as_str()).filter(|_| is_theirs).unwrap_or_default()
}

impl Console {
    pub(crate) fn ways(&self, context: &Context) -> Handled {
        let recorded = admit_with(context, node(), Facts::new())?;
        let providers = self.parts.providers.names().map(str::to_owned).collect();
        let passkeys = super::passkeys::party_of(&self.parts.board).is_some();
        Ok(json(recorded, StatusCode::OK, &Ways { providers, passkeys }))
    }

    pub(crate) async fn to_provider(&self, context: &Context, name: &str) -> Handled {
        let Some(provider) = self.parts.providers.get(name) else { return back(context, "unknown", Wrong::NotBegun) };
        let Some(client) = self.client_of(provider) else { return back(context, name, Wrong::Failed) };
        let recorded = admit_with(context, node(), Facts::new().with("provider", name))?;
        let issuer = match provider.issuer(context.now).await {
            Ok(issuer) => issuer,
            Err(error) => {
                failed(name, &error);
                return Ok(lead(recorded, "/login#provider-failed", []));
            }
        };
        // Who is logged in shows anew who they are. Nobody's account is changed by a visit: whatever page led here.
        let again = context.caller.session.is_some();
        Ok(match self.begin_at(&issuer, &client, name, None, again, context.now) {
            Ok((url, kept)) => lead(recorded, url.as_str(), [context.login_cookie(Some(&kept))]),
            Err(error) => recorded.problem(account_problem(&error)),
        })
    }

    /// Begins to add a provider to one's own account: says where the page has to lead the browser.
    pub(crate) async fn add_provider(&self, context: &Context, name: &str) -> Handled {
        let Some(person) = context.caller.principal.person().cloned() else {
            return Ok(admit(context, node())?.problem(Problem::internal()));
        };
        // A name is told in the record only where it is one: whatever else stands in the address is somebody's words.
        let provider = self.parts.providers.get(name);
        let facts = provider.as_ref().map_or_else(Facts::new, |_| Facts::new().with("provider", name));
        let recorded = admit_with(context, own(&person), facts)?.durable().await?;
        let Some(provider) = provider else {
            return Ok(recorded.problem(Problem::not_found("The settings name no provider like that.")));
        };
        let Some(client) = self.client_of(provider) else { return Ok(recorded.problem(Problem::internal())) };
        let issuer = match provider.issuer(context.now).await {
            Ok(issuer) => issuer,
            Err(error) => {
                failed(name, &error);
                return Ok(recorded.problem(Problem::unavailable("The provider does not answer as it should now.", 60)));
            }
        };
        Ok(match self.begin_at(&issuer, &client, name, Some(person.to_string()), true, context.now) {
            Ok((address, kept)) => {
                let leads = LeadsTo { address: address.to_string() };
                let cookie = (header::SET_COOKIE, context.login_cookie(Some(&kept)));
                json_with(recorded, StatusCode::OK, &leads, [cookie])
            }
            Err(error) => recorded.problem(account_problem(&error)),
        })
    }

    /// Where a login at a provider begins, and what the browser keeps until it comes back.
    fn begin_at(
        &self,
        issuer: &Issuer,
        client: &Client,
        name: &str,
        links_to: Option<String>,
        again: bool,
        now: Timestamp,
    ) -> Result<(Url, Secret<String>), AccountError> {
        let begun = Begun::now(name, links_to, now)?;
        Ok((issuer.login(client, &begun, again), self.parts.gate.identity().seal_begun(&begun)?))
    }

    fn client_of(&self, provider: &Provider) -> Option<Client> {
        let here = self.parts.board.address_for_people()?;
        Some(provider.client(format!("{here}{ANSWER}")))
    }

    pub(crate) async fn answer_of_provider(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let browser = At::of(context, &request);
        let query = request.uri().query();
        let answered = Answered {
            code: part(query, "code"),
            state: part(query, "state"),
            issuer: part(query, "iss"),
            error: part(query, "error"),
        };
        let identity = self.parts.gate.identity();
        let begun = context.login_begun(&request).and_then(|kept| identity.open_begun(kept));
        let found = begun.as_ref().and_then(|begun| Some((begun, self.parts.providers.get(&begun.provider)?)));
        let Some((begun, provider)) = found else { return back(context, "unknown", Wrong::NotBegun) };
        let name = provider.named.name.as_str();
        let claims = match self.claims(context, provider, begun, &answered).await {
            Ok(claims) => claims,
            Err(wrong) => return back(context, name, wrong),
        };
        let (Ok(subject), Some(issuer)) = (claims.needed("sub"), claims.all().get("iss").and_then(|iss| iss.as_str()))
        else {
            return back(context, name, Wrong::Failed);
        };
        let at = AtProvider { provider: name, issuer, subject, name: name_in(&claims, &provider.named.name_claim) };
        // One more way for somebody: only in a session of theirs.
        let current = context.caller.session.clone();
        let current = current.filter(|session| begun.links_to.as_deref() == Some(session.person.as_str()));
        let known = match identity.known_at(&at).await {
            Ok(known) => known,
            Err(error) => return turned_down(context, account_problem(&error)),
        };
        if begun.links_to.is_some() && current.is_none() {
            return back(context, name, Wrong::NotBegun);
        }
        if let Some(session) = current
            && known.as_ref().map_or(true, |known| *known.person() != session.person)
        {
            if !is_fresh(&claims, context) {
                return back(context, name, Wrong::Failed);
            }
            return self.link(context, &at, &session).await;
        }
        let known = match known {
            Ok(known) => known,
            Err(NobodyHere::NameTaken) => return back(context, name, Wrong::NameTaken),
            Err(NobodyHere::Name(_)) => return back(context, name, Wrong::NoName),
        };
        let groups = provider.named.groups_claim.as_deref().map(|claim| groups_in(&claims, claim));
        let strong = has_second_factor(provider, &claims, context);
        self.let_in_from(context, known, groups, strong, name, &browser).await
    }

    async fn claims(
        &self,
        context: &Context,
        provider: &Provider,
        begun: &Begun,
        answered: &Answered,
    ) -> Result<Claims, Wrong> {
        let name = provider.named.name.as_str();
        let client = self.client_of(provider).ok_or(Wrong::Failed)?;
        let issuer = provider.issuer(context.now).await.map_err(|error| {
            failed(name, &error);
            Wrong::Failed
        })?;
        let code = begun.answered(answered, &issuer, context.now).map_err(|fault| match fault {
            AnswerFault::NotBegun => Wrong::NotBegun,
            AnswerFault::Refused => Wrong::Refused,
            AnswerFault::OtherIssuer | AnswerFault::NoCode => Wrong::Failed,
        })?;
        if !self.parts.gate.identity().is_first_answer_to(begun) {
            return Err(Wrong::NotBegun);
        }
        provider.exchange(&client, begun, code, context.now).await.map_err(|error| {
            failed(name, &error);
            Wrong::Failed
        })
    }

    /// One more way to log in for somebody who is logged in, with a fresh second factor.
    async fn link(&self, context: &Context, at: &AtProvider<'_>, session: &SessionRow) -> Handled {
        let facts = Facts::new().with("provider", at.provider);
        let context = Context { action: ADD_LOGIN, ..context.clone() };
        let recorded = admit_with(&context, own(&session.person), facts)?.durable().await?;
        Ok(match self.parts.gate.identity().link_to(at, session).await {
            Ok(true) => lead(recorded, "/account", [context.login_cookie(None)]),
            Ok(false) => lead(recorded, "/login#not-begun", [context.login_cookie(None)]),
            Err(error) => recorded.problem(account_problem(&error)),
        })
    }

    async fn let_in_from(
        &self,
        context: &Context,
        known: Known,
        groups: Option<Vec<String>>,
        strong: bool,
        provider: &str,
        browser: &At,
    ) -> Handled {
        let identity = self.parts.gate.identity();
        let strength = if strong { Strength::SteppedUp } else { Strength::Session };
        let person = known.person().clone();
        let mut facts = Facts::new().with("provider", provider);
        if let Some(groups) = &groups {
            facts.set("groups", groups.join(" ").as_str());
        }
        let by = match identity.person_caller(&person, strength, address(context)).await {
            Ok(caller) => Some(caller),
            // Who is new is nobody yet in whose name it could be recorded.
            Err(IdentifyError::SessionOver) => None,
            Err(error) => {
                failed(provider, &error);
                return turned_down(context, Problem::unavailable("Accounts cannot be reached now.", 5));
            }
        };
        let before = context.caller.session.clone();
        let facts = match self.of_browser(&person, browser, facts).await {
            Ok(facts) => facts,
            Err(error) => return turned_down(context, account_problem(&error)),
        };
        let context = by.map_or_else(|| context.clone(), |caller| context.by(caller));
        let mut roster = self.parts.roster.hold().await;
        let recorded = admit_with(&context, own(&person), facts)?.durable().await?;
        let new_groups = groups.clone().unwrap_or_else(|| known.groups().to_vec());
        match identity.keep_known(&known, &new_groups).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Ok(lead(recorded, "/login#name-taken", [context.login_cookie(None)])),
            Err(error) => return Ok(recorded.problem(account_problem(&error))),
        }
        if let Some(groups) = groups {
            let guard = self.parts.gate.guard();
            let mut done = Ok(true);
            for gone in known.groups().iter().filter(|group| !groups.contains(group)) {
                done = done.and(roster.leave(guard, &person, gone, context.now).await);
            }
            for group in &groups {
                done = done.and(roster.join(guard, &person, group, context.now).await);
            }
            if let Err(error) = done {
                return Ok(crate::reads::store_problem(recorded, &error));
            }
        }
        drop(roster);
        if let Some(before) = before {
            let _ = identity.end_session(&before.person, &before.id).await;
        }
        Ok(match self.begin_session(&person, browser, strong, &known.logged_in_by()).await {
            Ok(session) => {
                let cookies = cookies_of(&context, &session);
                lead(recorded, "/", std::iter::once(context.login_cookie(None)).chain(cookies))
            }
            Err(error) => recorded.problem(account_problem(&error)),
        })
    }
}

fn failed(provider: &str, error: &(dyn std::error::Error + 'static)) {
    let why = sentence(&fanlight_base::fault::with_causes(error));
    tracing::warn!(provider, why, "a login at a provider failed");
}
