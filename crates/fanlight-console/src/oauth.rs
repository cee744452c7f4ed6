//! Access tokens over HTTP: the token endpoint for apps (RFC 6749, section 4.4), what a token is worth (RFC 7662), its early end
//! (RFC 7009), and what all that is told by (RFC 8414).
//!
//! Refuses to know how tokens are made. Invariants: no token leaves before its record is on disk; there is no grant but client
//! credentials; an app learns of no token but its own.

mod form;
mod metadata;

use std::sync::Arc;

use fanlight_base::{Action, Facts, Principal, Resource, Scopes, Secret, Strength};
use fanlight_gate::{Answer, Context, Handled, Recorded, Routes};
use fanlight_identity::{Client, IdentifyError, Shown, ShownToken};
use fanlight_net::{Body, Problem, RequestBody};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::Console;
use crate::admit::node;
use form::Form;

/// Where tokens are issued.
pub const TOKEN: &str = "/oauth/token";
/// Where it is told what a token is worth.
pub const INTROSPECT: &str = "/oauth/introspect";
/// Where a token is ended.
pub const REVOKE: &str = "/oauth/revoke";
/// Where the keys are by which tokens are checked.
pub const KEYS: &str = "/oauth/jwks.json";
/// Where all this is described.
pub const METADATA: &str = "/.well-known/oauth-authorization-server";

const ISSUE: Action = Action::new("oauth:issue-token");
const LOOK: Action = Action::new("oauth:introspect-token");
const END: Action = Action::new("oauth:revoke-token");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
/// How an app shows who it is with its own key (RFC 7523).
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Whoever is not known shows who they are so (RFC 6749, section 5.2).
const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"fanlight\", charset=\"UTF-8\"");

/// What is wrong with a request for a token: the word in facts, and the one that OAuth has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Client,
    Grant,
    Scope,
    Target,
    Proof,
    Nonce,
    Request,
}

impl Wrong {
    const fn fact(self) -> &'static str {
        match self {
            Self::Client => "bad-client",
            Self::Grant => "bad-grant",
            Self::Scope => "bad-scope",
            Self::Target => "bad-target",
            Self::Proof | Self::Nonce => "bad-proof",
            Self::Request => "bad-request",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Client => "invalid_client",
            Self::Grant => "unsupported_grant_type",
            Self::Scope => "invalid_scope",
            Self::Target => "invalid_target",
            Self::Proof => "invalid_dpop_proof",
            Self::Nonce => "use_dpop_nonce",
            Self::Request => "invalid_request",
        }
    }
}

/// A request that goes no further.
enum No {
    /// It is wrong.
    Wrong(Wrong),
    /// The node cannot tell now.
    Node(IdentifyError),
}

impl From<Wrong> for No {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

/// The routes.
pub fn routes(console: &Arc<Console>) -> Routes {
    const WHY: &str = "how tokens are asked for and checked, without a word about anybody";
    let (for_keys, for_metadata) = (console.clone(), console.clone());
    let table = Routes::new().open(KEYS, WHY, move || metadata::keys(for_keys.parts.gate.identity())).open(
        METADATA,
        WHY,
        move || metadata::metadata(for_metadata.parts.gate.identity()),
    );
    let issue = console.clone();
    let table = table.machines(Method::POST, TOKEN, ISSUE, move |x: Context, _, r| {
        let console = issue.clone();
        Box::pin(async move {
            console.within_pace(&x).await?;
            console.issue_token(&x, r).await
        }) as fanlight_gate::Handling<'static>
    });
    let look = console.clone();
    let table = table.machines(Method::POST, INTROSPECT, LOOK, move |x: Context, _, r| {
        let console = look.clone();
        Box::pin(async move {
            console.within_pace(&x).await?;
            console.introspect_token(&x, r).await
        }) as fanlight_gate::Handling<'static>
    });
    let end = console.clone();
    table.machines(Method::POST, REVOKE, END, move |x: Context, _, r| {
        let console = end.clone();
        Box::pin(async move {
            console.within_pace(&x).await?;
            console.revoke_access_token(&x, r).await
        }) as fanlight_gate::Handling<'static>
    })
}

fn thing(client: Option<&Client>) -> Resource {
    match client.map(|client| &client.caller.principal) {
        Some(Principal::App { id, .. }) => Resource::new("App", id.as_str()),
        _ => node(),
    }
}

/// A request without its body.
fn head_of(request: &Request<RequestBody>) -> Request<()> {
    let mut head = Request::new(());
    *head.method_mut() = request.method().clone();
    *head.uri_mut() = request.uri().clone();
    *head.headers_mut() = request.headers().clone();
    head
}

/// An answer as OAuth has it: JSON that nobody keeps.
fn said(recorded: Recorded, status: StatusCode, value: &Value) -> Answer {
    recorded.answer(response(status, value))
}

fn response(status: StatusCode, value: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(value.to_string().into_bytes()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

impl Console {
    /// Counts a request against its caller's pace, as the admin API does; stops where there are too many.
    async fn within_pace(&self, context: &Context) -> Result<(), fanlight_gate::Stop> {
        let Err(too_often) = self.pace.count(context) else { return Ok(()) };
        Err(self.pace.clone().refuse(context.clone(), too_often).await?.into())
    }

    /// The client that asks: by the key that the gate has seen in the head, by the one in the form, or by an assertion. One
    /// way at a time (RFC 6749, section 2.3).
    async fn client(&self, context: &Context, form: &Form) -> Result<Client, No> {
        let identity = self.parts.gate.identity();
        let peer = context.peer.address.ip();
        let by_head = context.caller.key.as_ref().filter(|_| context.caller.strength == Strength::ApiKey);
        let (secret, assertion) = (form.get("client_secret"), form.get("client_assertion"));
        let ways = usize::from(by_head.is_some()) + usize::from(secret.is_some()) + usize::from(assertion.is_some());
        if ways != 1 {
            return Err(Wrong::Client.into());
        }
        let found = match (by_head, secret, assertion) {
            (Some(key), ..) => identity.client_by_key(&key.id, peer).await,
            (_, Some(secret), _) => match identity.identify(Shown::Bearer(ShownToken(secret)), peer).await {
                Ok(caller) if caller.strength == Strength::ApiKey => match &caller.key {
                    Some(key) => identity.client_by_key(&key.id, peer).await,
                    None => Ok(None),
                },
                Ok(_) => Ok(None),
                Err(error) if error.fault() == fanlight_base::Fault::Caller => Ok(None),
                Err(error) => Err(error),
            },
            (_, _, Some(assertion)) if form.get("client_assertion_type") == Some(ASSERTION) => {
                identity.client_by_assertion(assertion, peer).await
            }
            _ => Ok(None),
        };
        let client = found.map_err(No::Node)?.ok_or(Wrong::Client)?;
        // Who says an id says their own.
        let names_another = form.get("client_id").is_some_and(|id| id != client.id());
        if names_another { Err(Wrong::Client.into()) } else { Ok(client) }
    }

    /// A request that is turned down: judged and recorded like every other, in OAuth's words.
    fn turned_down(&self, context: &Context, client: Option<&Client>, no: No) -> Handled {
        let wrong = match no {
            No::Wrong(wrong) => wrong,
            No::Node(error) => {
                tracing::error!(error = fanlight_base::fault::with_causes(&error), "an app could not be looked up");
                let recorded = context.record(context.decide(thing(client), Facts::new()))?;
                return Ok(recorded.problem(Problem::unavailable("Apps cannot be looked up now.", 5)));
            }
        };
        let facts = Facts::new().with("fault", wrong.fact());
        let recorded = context.record(context.decide(thing(client), facts))?;
        let (reason, advice) = (recorded.decision.reason(&recorded.facts), recorded.decision.advice(&recorded.facts));
        let words = match advice {
            Some(advice) => format!("{reason}. {advice}."),
            None => format!("{reason}."),
        };
        let status = if wrong == Wrong::Client { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
        let mut response = response(status, &json!({ "error": wrong.word(), "error_description": words }));
        if wrong == Wrong::Client {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, CHALLENGE);
        }
        let nonce = self.parts.gate.identity().nonce().filter(|_| matches!(wrong, Wrong::Proof | Wrong::Nonce));
        if let Some(nonce) = nonce.and_then(|nonce| HeaderValue::from_str(&nonce).ok()) {
            response.headers_mut().insert(DPOP_NONCE, nonce);
        }
        Ok(recorded.answer(response))
    }

    async fn issue_token(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let identity = self.parts.gate.identity();
        let addresses = context.addresses(&request);
        let head = head_of(&request);
        let form = match Form::read(request).await {
            Ok(form) => form,
            Err(wrong) => return self.turned_down(context, None, wrong.into()),
        };
        let client = match self.client(context, &form).await {
            Ok(client) => client,
            Err(no) => return self.turned_down(context, None, no),
        };
        let context = &context.by(client.caller.clone());
        let no = |wrong: Wrong| self.turned_down(context, Some(&client), wrong.into());
        if form.get("grant_type") != Some("client_credentials") {
            return no(Wrong::Grant);
        }
        if form.get("resource").is_some_and(|resource| Some(resource.trim_end_matches('/')) != identity.issuer()) {
            return no(Wrong::Target);
        }
        let all = client.scopes();
        let scopes = match form.get("scope") {
            None => Some(all),
            Some(text) => Scopes::parse(text).filter(|asked| asked.and(all) == *asked),
        };
        let Some(scopes) = scopes else { return no(Wrong::Scope) };
        // Last of all: room to remember proofs is for clients alone.
        let proof = match identity.check_proof(&context.proof(&head, &addresses), None) {
            Ok(proof) => proof,
            Err(IdentifyError::UseNonce(_)) => return no(Wrong::Nonce),
            Err(_) => return no(Wrong::Proof),
        };
        let facts = Facts::new().with("scopes", scopes.to_string().as_str()).with("bound", proof.is_some());
        let recorded = crate::admit::admit_with(context, thing(Some(&client)), facts)?.durable().await?;
        Ok(match identity.issue_token(&client, scopes, proof.as_ref()) {
            Ok(issued) => {
                let token: &Secret<String> = &issued.token;
                let answer = json!({
                    "access_token": token.expose_secret(),
                    "token_type": if issued.is_bound { "DPoP" } else { "Bearer" },
                    "expires_in": issued.lives.as_secs(),
                    "scope": issued.scopes.to_string(),
                });
                said(recorded, StatusCode::OK, &answer)
            }
            Err(error) => {
                tracing::error!(error = fanlight_base::fault::with_causes(&error), "a token could not be issued");
                recorded.problem(Problem::unavailable("Tokens cannot be issued now.", 5))
            }
        })
    }

    async fn introspect_token(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let (client, form) = match self.asked_by_client(context, request).await {
            Ok(asked) => asked,
            Err(no) => return self.turned_down(context, None, no),
        };
        let context = &context.by(client.caller.clone());
        let recorded = crate::admit::admit_with(context, thing(Some(&client)), Facts::new())?;
        let identity = self.parts.gate.identity();
        let known = match form.get("token") {
            Some(token) => identity.known_token(token).await,
            None => Ok(None),
        };
        let known = match known {
            Ok(known) => known,
            Err(error) if error.fault() == fanlight_base::Fault::Caller => None,
            Err(_) => return Ok(recorded.problem(Problem::unavailable("Tokens cannot be looked up now.", 5))),
        };
        // Of another app's token nobody learns even whether it is good (RFC 7662, section 4).
        let Some(known) = known.filter(|known| client.is_app(&known.access.subject)) else {
            return Ok(said(recorded, StatusCode::OK, &json!({ "active": false })));
        };
        let answer = json!({
            "active": true,
            "scope": known.scopes.to_string(),
            "client_id": known.access.client,
            "sub": known.access.subject,
            "iss": identity.issuer(),
            "aud": identity.issuer(),
            "iat": known.access.issued.as_second(),
            "exp": known.access.until.as_second(),
            "token_type": if known.access.is_bound() { "DPoP" } else { "Bearer" },
        });
        Ok(said(recorded, StatusCode::OK, &answer))
    }

    async fn revoke_access_token(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let (client, form) = match self.asked_by_client(context, request).await {
            Ok(asked) => asked,
            Err(no) => return self.turned_down(context, None, no),
        };
        let context = &context.by(client.caller.clone());
        let recorded = crate::admit::admit_with(context, thing(Some(&client)), Facts::new())?.durable().await?;
        let identity = self.parts.gate.identity();
        let Some(token) = form.get("token") else { return Ok(said(recorded, StatusCode::OK, &json!({}))) };
        // What is no good token any more, or another's, is ended as far as this app is concerned (RFC 7009, section 2.2).
        let ended = match identity.known_token(token).await {
            Ok(Some(known)) if client.is_app(&known.access.subject) => identity.end_token(&known).await.is_ok(),
            Ok(_) => true,
            Err(error) => error.fault() == fanlight_base::Fault::Caller,
        };
        Ok(match ended {
            true => said(recorded, StatusCode::OK, &json!({})),
            false => recorded.problem(Problem::unavailable("The token cannot be ended now.", 5)),
        })
    }

    async fn asked_by_client(&self, context: &Context, request: Request<RequestBody>) -> Result<(Client, Form), No> {
        let form = Form::read(request).await?;
        Ok((self.client(context, &form).await?, form))
    }
}
