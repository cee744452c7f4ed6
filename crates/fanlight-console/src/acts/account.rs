//! Logging in and out, the second factor shown anew, one's own sessions.
//!
//! Invariant: of name, password and code nobody learns which was wrong; a session begins after its record is on disk.

use std::net::IpAddr;

use fanlight_api::account::{Account, ChangePassword, Ended, LogIn, LoggedIn, Session, StepUp};
use fanlight_base::words::sentence;
use fanlight_base::{Facts, PersonId, Resource, Secret, Strength};
use fanlight_gate::{Answer, Context, Handled, Recorded};
use fanlight_identity::{
    AccountError, Beginning, BegunSession, LogInFault, LoggedInBy, NewPassword, PasswordChange, PasswordRefused,
    SessionShown, Tried,
};
use fanlight_net::{Problem, RequestBody};
use http::{HeaderValue, Request, StatusCode, header};
use serde::Serialize;

use crate::Console;
use crate::admit::{admit, admit_with, asked, node, only_who_may, turned_down};
use crate::reads::store_problem;
use crate::reply::{json_with, read};

/// The caller's address, as guesses are counted.
pub(super) fn address(context: &Context) -> IpAddr {
    context.peer.address.ip()
}

/// The node's fault, for the log, and its answer.
pub(crate) fn account_problem(error: &AccountError) -> Problem {
    use fanlight_base::fault::with_causes;
    tracing::error!(error = with_causes(error), "an account could not be reached");
    Problem::unavailable("Accounts cannot be reached now.", 5)
}

/// A login that is refused, in the policy's words.
pub(super) fn refused(recorded: Recorded, fault: LogInFault) -> Answer {
    refused_as(recorded, fault, fault.as_str(), "Not logged in")
}

/// The same where the fault has another word.
fn refused_as(recorded: Recorded, fault: LogInFault, word: &'static str, title: &'static str) -> Answer {
    let (reason, advice) = (recorded.decision.reason(&recorded.facts), recorded.decision.advice(&recorded.facts));
    let policies = recorded.decision.policies.clone();
    let problem = match fault {
        LogInFault::Wrong | LogInFault::Copied => {
            Problem::new(StatusCode::UNAUTHORIZED, word, title, sentence(&reason))
        }
        LogInFault::Slow { wait } => {
            let seconds = wait.as_secs().max(1);
            let words = format!("{} Try again in {seconds} seconds.", sentence(&reason));
            Problem::new(StatusCode::TOO_MANY_REQUESTS, word, "Too many tries", words)
                .header(header::RETRY_AFTER, HeaderValue::from(seconds))
        }
    };
    recorded.problem(problem.advice(advice.as_deref().map(sentence)).policies(&policies))
}

/// The browser that somebody logs in from.
pub(super) struct At {
    /// Which it is, in words.
    pub(super) words: String,
    /// The mark by which it is known again.
    mark: Option<String>,
}

impl At {
    pub(super) fn of<B>(context: &Context, request: &Request<B>) -> Self {
        Self { words: browser_of(request), mark: context.browser_mark(request).map(str::to_owned) }
    }
}

/// Which browser it is, in words of ours: what it says of itself is long, and anything.
fn browser_of<B>(request: &Request<B>) -> String {
    let said = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first =
        |words: &[(&str, &'static str)]| words.iter().find(|(sign, _)| said.contains(sign)).map(|(_, name)| *name);
    // In this order: most say that they are the ones behind, too.
    let browser = first(&[
        ("Firefox/", "Firefox"),
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Chrom", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "an iPhone"),
        ("iPad", "an iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, _) => "another program".to_owned(),
    }
}

pub(super) fn shown(session: SessionShown, current: Option<&str>) -> Session {
    Session {
        current: current == Some(session.id.as_str()),
        session: session.id,
        begun: session.begun,
        seen: session.seen,
        ends: session.ends,
        browser: session.browser,
        new_browser: session.new_browser,
    }
}

/// A value with the session's cookie beside it.
pub(super) fn with_cookie<T: Serialize>(
    context: &Context,
    recorded: Recorded,
    status: StatusCode,
    value: &T,
    secret: Option<&Secret<String>>,
) -> Answer {
    json_with(recorded, status, value, [(header::SET_COOKIE, context.session_cookie(secret))])
}

impl Console {
    pub(crate) async fn log_in(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let browser = At::of(context, &request);
        let ask: LogIn = asked(context, request).await?;
        let identity = self.parts.gate.identity();
        let shown = fanlight_identity::LogIn { name: &ask.name, password: &ask.password, code: &ask.code };
        let tried = match identity.try_login(shown, address(context)).await {
            Ok(tried) => tried,
            Err(error) => return turned_down(context, account_problem(&error)),
        };
        self.let_in(context, tried, &browser, "password").await
    }

    /// Lets in who has shown who they are by that, or says why not.
    pub(super) async fn let_in(&self, context: &Context, tried: Tried, browser: &At, by: &str) -> Handled {
        let identity = self.parts.gate.identity();
        let resource = tried.person.as_ref().map_or_else(node, own);
        let facts = Facts::new().with("by", by);
        let (person, fault) = match (tried.person.clone(), tried.fault) {
            (Some(person), None) => (person, None),
            (_, fault) => (PersonId::new(""), Some(fault.unwrap_or(LogInFault::Wrong))),
        };
        if let Some(fault) = fault {
            let word = word_of(fault, by == "passkey");
            let judged = context.decide(resource, facts.with("fault", word));
            return Ok(refused_as(context.record(judged)?, fault, word, "Not logged in"));
        }
        let caller = match identity.person_caller(&person, Strength::SteppedUp, address(context)).await {
            Ok(caller) => caller,
            Err(error) => {
                tracing::error!(%error, "who logged in could not be looked up");
                return turned_down(context, Problem::unavailable("Accounts cannot be reached now.", 5));
            }
        };
        let before = context.caller.session.clone();
        let facts = match self.of_browser(&person, browser, facts).await {
            Ok(facts) => facts,
            Err(error) => return turned_down(context, account_problem(&error)),
        };
        let context = context.by(caller);
        let recorded = admit_with(&context, resource, facts)?.durable().await?;
        if let Some(before) = before {
            // The browser has one session: the one before would be left without anybody to end it.
            let _ = identity.end_session(&before.person, &before.id).await;
        }
        Ok(match self.begin_session(&person, browser, true, &tried.by).await {
            Ok(session) => logged_in(&context, recorded, person, &session),
            Err(error) => recorded.problem(account_problem(&error)),
        })
    }

    /// The facts of a login, with the one that it is by a browser which is new to its person.
    pub(super) async fn of_browser(
        &self,
        person: &PersonId,
        browser: &At,
        facts: Facts,
    ) -> Result<Facts, AccountError> {
        let is_new = self.parts.gate.identity().is_new_browser(person, browser.mark.as_deref()).await?;
        Ok(if is_new { facts.with("new_browser", true) } else { facts })
    }

    /// Begins a session at that browser; its person is told where it is a new one of theirs.
    pub(super) async fn begin_session(
        &self,
        person: &PersonId,
        browser: &At,
        second_factor: bool,
        by: &LoggedInBy,
    ) -> Result<BegunSession, AccountError> {
        let tell_by = self.parts.telling.ways("new-browser");
        let (browser, mark) = (browser.words.as_str(), browser.mark.as_deref());
        let beginning = Beginning { browser, mark, second_factor, by, tell_by: &tell_by };
        let begun = self.parts.gate.identity().begin_session(person, &beginning).await?;
        self.parts.telling.wake();
        Ok(begun)
    }

    pub(crate) async fn log_out(&self, context: &Context) -> Handled {
        let recorded = admit(context, self_of(context))?.durable().await?;
        let Some(session) = &context.caller.session else { return Ok(recorded.problem(Problem::internal())) };
        Ok(match self.parts.gate.identity().end_session(&session.person, &session.id).await {
            Ok(ended) => with_cookie(context, recorded, StatusCode::OK, &Ended { sessions: u64::from(ended) }, None),
            Err(error) => recorded.problem(account_problem(&error)),
        })
    }

    pub(crate) async fn step_up(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        // Who is not logged in has no second factor that could be tried.
        let Some(session) = context.caller.session.clone() else {
            return Ok(admit(context, self_of(context))?.problem(Problem::internal()));
        };
        let ask = match read::<StepUp>(request).await {
            Ok(ask) if ask.code.is_empty() && ask.passkey.is_none() => {
                let problem = Problem::bad_request("A second factor is a code or a passkey, and there is neither.");
                return Ok(admit(context, own(&session.person))?.problem(problem));
            }
            Ok(ask) => ask,
            Err(problem) => return Ok(admit(context, own(&session.person))?.problem(problem)),
        };
        let identity = self.parts.gate.identity();
        let tried = match &ask.passkey {
            Some(passkey) => self.try_own_passkey(context, &session.person, passkey).await,
            None => identity.try_second_factor(&session.person, &ask.code, address(context)).await,
        };
        let fault = match tried {
            Ok(fault) => fault,
            Err(error) => return turned_down(context, account_problem(&error)),
        };
        if let Some(fault) = fault {
            let word = word_of(fault, ask.passkey.is_some());
            let judged = context.decide(own(&session.person), Facts::new().with("fault", word));
            return Ok(refused_as(context.record(judged)?, fault, word, "Not shown"));
        }
        let recorded = admit(context, own(&session.person))?.durable().await?;
        Ok(match identity.step_up(&session).await {
            Ok(Some(begun)) => logged_in(context, recorded, session.person, &begun),
            Ok(None) => recorded.problem(Problem::not_found("The session has ended meanwhile: log in again.")),
            Err(error) => recorded.problem(account_problem(&error)),
        })
    }

    pub(crate) async fn change_password(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let Some(session) = context.caller.session.clone() else {
            return Ok(admit(context, self_of(context))?.problem(Problem::internal()));
        };
        let thing = own(&session.person);
        // Who may not learns nothing of the password.
        only_who_may(context, &thing)?;
        let ask = match read::<ChangePassword>(request).await {
            Ok(ask) => ask,
            Err(problem) => return Ok(admit(context, thing)?.problem(problem)),
        };
        let identity = self.parts.gate.identity();
        let shown = PasswordChange { current: &ask.current, new: &ask.new };
        let drawn: NewPassword = match identity.draw_up_password(&session, shown, address(context)).await {
            Ok(Ok(drawn)) => drawn,
            Ok(Err(PasswordRefused::Current(fault))) => {
                let word = if fault == LogInFault::Wrong { "wrong-password" } else { fault.as_str() };
                let judged = context.decide(thing, Facts::new().with("fault", word));
                return Ok(refused_as(context.record(judged)?, fault, word, "Not changed"));
            }
            Ok(Err(other)) => return Ok(admit(context, thing)?.problem(not_taken(&other))),
            Err(error) => return Ok(admit(context, thing)?.problem(account_problem(&error))),
        };
        let recorded = admit(context, thing)?.durable().await?;
        let others = match identity.sessions_of(&session.person).await {
            Ok(sessions) => sessions.len().saturating_sub(1) as u64,
            Err(error) => return Ok(recorded.problem(account_problem(&error))),
        };
        Ok(match identity.keep_password(&session, &drawn).await {
            Ok(true) => crate::reply::json(recorded, StatusCode::OK, &Ended { sessions: others }),
            Ok(false) => recorded.problem(Problem::new(
                StatusCode::CONFLICT,
                "conflict",
                "Overtaken",
                "Your password was changed elsewhere meanwhile: log in anew.",
            )),
            Err(error) => recorded.problem(account_problem(&error)),
        })
    }

    pub(crate) async fn account(&self, context: &Context) -> Handled {
        let recorded = admit(context, self_of(context))?;
        let Some(current) = &context.caller.session else { return Ok(recorded.problem(Problem::internal())) };
        let identity = self.parts.gate.identity();
        let person = match self.parts.store.person(&current.person).await {
            Ok(person) => person,
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        let (sessions, codes) =
            match (identity.sessions_of(&current.person).await, identity.codes_left(&current.person).await) {
                (Ok(sessions), Ok(codes)) => (sessions, codes),
                (Err(error), _) | (_, Err(error)) => return Ok(recorded.problem(account_problem(&error))),
            };
        let (passkeys, has_password) =
            match (identity.passkeys_of(&current.person).await, identity.has_password(&current.person).await) {
                (Ok(passkeys), Ok(has_password)) => (passkeys, has_password),
                (Err(error), _) | (_, Err(error)) => return Ok(recorded.problem(account_problem(&error))),
            };
        let providers = match identity.providers_of(&current.person).await {
            Ok(providers) => providers,
            Err(error) => return Ok(recorded.problem(account_problem(&error))),
        };
        let roster = self.parts.roster.hold().await;
        let account = Account {
            person: current.person.clone(),
            name: person.and_then(|person| person.name),
            roles: roster.roles_of(&current.person),
            groups: roster.groups_of(&current.person),
            fresh_until: identity.is_fresh_until(current),
            recovery_codes: codes,
            has_password,
            providers,
            passkeys: passkeys.into_iter().map(super::passkeys::listed).collect(),
            sessions: sessions.into_iter().map(|session| shown(session, Some(&current.id))).collect(),
        };
        Ok(crate::reply::json(recorded, StatusCode::OK, &account))
    }

    pub(crate) async fn end_own_session(&self, context: &Context, id: &str) -> Handled {
        let recorded = admit_with(context, self_of(context), Facts::new())?.durable().await?;
        let Some(current) = &context.caller.session else { return Ok(recorded.problem(Problem::internal())) };
        Ok(match self.parts.gate.identity().end_session(&current.person, id).await {
            Ok(true) => crate::reply::json(recorded, StatusCode::OK, &Ended { sessions: 1 }),
            Ok(false) => recorded.problem(Problem::not_found("You have no session of that id.")),
            Err(error) => recorded.problem(account_problem(&error)),
        })
    }
}

fn logged_in(context: &Context, recorded: Recorded, person: PersonId, session: &BegunSession) -> Answer {
    let said = LoggedIn { person, fresh_until: session.fresh_until };
    with_session(context, recorded, StatusCode::OK, &said, session)
}

/// A value with the cookies of a session that has begun.
pub(super) fn with_session<T: Serialize>(
    context: &Context,
    recorded: Recorded,
    status: StatusCode,
    value: &T,
    session: &BegunSession,
) -> Answer {
    let cookies = cookies_of(context, session).into_iter().map(|cookie| (header::SET_COOKIE, cookie));
    json_with(recorded, status, value, cookies)
}

/// The session's cookie, and the browser's own where it is a new one.
pub(super) fn cookies_of(context: &Context, session: &BegunSession) -> Vec<HeaderValue> {
    let mut cookies = vec![context.session_cookie(Some(&session.secret))];
    cookies.extend(session.mark.as_ref().map(|mark| context.browser_cookie(mark)));
    cookies
}

/// The word of a fault; of a passkey it is not said that name, password or code were wrong.
const fn word_of(fault: LogInFault, is_passkey: bool) -> &'static str {
    match fault {
        LogInFault::Wrong if is_passkey => "wrong-passkey",
        other => other.as_str(),
    }
}

/// What is wrong with what somebody chose, in words.
pub(super) fn not_taken(fault: &(dyn std::error::Error + 'static)) -> Problem {
    let words = sentence(&fanlight_base::fault::with_causes(fault));
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not-taken", "Not taken", words)
}

/// A person as a thing that is acted on.
pub(super) fn own(person: &PersonId) -> Resource {
    Resource::new("Person", person.as_str())
}

/// The caller as the thing; the node where nobody is known.
fn self_of(context: &Context) -> Resource {
    context.caller.principal.person().map_or_else(node, own)
}
