//! From a request to its answer: match the route, identify the caller, let the handler go the one path, wait for the
//! record, and only then answer. The whole way on one screen.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use fanlight_base::fault::with_causes;
use fanlight_base::{Action, Attempt, Fault as FaultOf, Resource, Strength, limits};
use fanlight_identity::{Caller, IdentifyError, Shown, ShownCertificate};
use fanlight_net::serve::Answering;
use fanlight_net::tls::ClientCertificate;
use fanlight_net::{Body, Handler, Peer, Problem, RequestBody, Unread};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use tracing::Instrument as _;

use crate::context::{Answer, By, CannotRecord, Content, Context, Gate};
use crate::enter::{ENTER, Fault, Refused, never_allowed};
use crate::hosts::{Hosts, is_from_here, is_visit_from_elsewhere};
use crate::route::{Access, OpenAnswer, PathParts, Route, RouteHandler, Routes};
use crate::shown::{Credentials, addresses, is_from_browser, is_of_own_page, only_looks, proof};
use crate::stop::Stop;

/// The challenge to a browser: no scheme that browsers know.
const SESSION_CHALLENGE: HeaderValue = HeaderValue::from_static("Session realm=\"fanlight\"");

/// Answers every request of a node by its table of routes.
pub struct Dispatch {
    gate: Arc<Gate>,
    hosts: Hosts,
    table: matchit::Router<HashMap<Method, Route>>,
}

impl Dispatch {
    /// Builds the table for requests to `hosts`; two routes of one path and method are a fault of the program, named here.
    pub fn new(gate: Arc<Gate>, routes: Routes, hosts: Hosts) -> Result<Self, String> {
        let mut by_pattern: HashMap<&'static str, HashMap<Method, Route>> = HashMap::new();
        for route in routes.routes {
            let name = format!("{} {}", route.method, route.pattern);
            if by_pattern.entry(route.pattern).or_default().insert(route.method.clone(), route).is_some() {
                return Err(format!("the route {name} is there twice"));
            }
        }
        let mut table = matchit::Router::new();
        for (pattern, methods) in by_pattern {
            table.insert(pattern, methods).map_err(|error| format!("the route {pattern} cannot be added: {error}"))?;
        }
        Ok(Self { gate, hosts, table })
    }

    async fn answer(&self, peer: &Peer, request: Request<Incoming>, counted_as: &mut &'static str) -> Response<Body> {
        let is_head = request.method() == Method::HEAD;
        let in_browser = is_from_browser(&request);
        let mut response = match self.find(peer, &request) {
            Ok(Found::Open(answer)) => {
                *counted_as = "open";
                answer(request.headers())
            }
            Ok(Found::Guarded(guarded)) => {
                *counted_as = guarded.action.as_str();
                self.go(peer, guarded, request).await
            }
            Err(refused) => {
                *counted_as = refused.attempted.unwrap_or(ENTER).as_str();
                let refused = refused.by(request.method());
                self.turn_away(peer, Credentials::of(peer, &request), &request, refused).await
            }
        };
        // A browser would ask for a name and a password by itself, where only the page /login can take them.
        if in_browser && response.status() == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, SESSION_CHALLENGE);
        }
        if is_head {
            *response.body_mut() = Body::Empty;
        }
        response
    }

    /// Which route a request is for, by its head alone: nothing is looked up yet.
    fn find(&self, peer: &Peer, request: &Request<Incoming>) -> Result<Found<'_>, Refused> {
        // Before all else, so that pages of other sites learn nothing, not even which paths there are.
        self.hosts.check(peer, request)?;
        let matched = self.table.at(request.uri().path()).map_err(|_| Fault::NoSuchPath)?;
        let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        let route = matched.value.get(method).ok_or_else(|| Refused::wrong_method(matched.value.keys()))?;
        // Where people begin, others may lead them; nowhere else.
        if is_visit_from_elsewhere(request) && matches!(route.access, Access::Guarded(..) | Access::Machines(..)) {
            return Err(Fault::CrossSite.into());
        }
        let (action, handler, comes) = match &route.access {
            Access::Open(_, answer) => return Ok(Found::Open(answer)),
            Access::Guarded(action, handler) => (*action, handler, Comes::Known),
            Access::Threshold(action, handler) => (*action, handler, Comes::Unknown),
            Access::Machines(action, handler) => (*action, handler, Comes::Machine),
        };
        let mut parts = PathParts::default();
        for (name, value) in matched.params.iter() {
            let text = percent_encoding::percent_decode_str(value).decode_utf8();
            let text = text.map_err(|_| Refused::undecodable(name).attempting(action))?;
            parts.0.push((name.to_owned(), text.into_owned()));
        }
        Ok(Found::Guarded(Guarded { action, waits: route.waits, handler, comes, parts }))
    }

    /// The one path.
    async fn go(
        &self,
        peer: &Peer,
        Guarded { action, waits, handler, comes, parts }: Guarded<'_>,
        request: Request<Incoming>,
    ) -> Response<Body> {
        let mut request = request.map(RequestBody::from);
        // Identify: before anything is looked up or fetched for the caller.
        let mut caller = match self.let_in(peer, action, comes, &request, Proof::Asked).await {
            Ok(caller) => caller,
            Err(turned_away) => return *turned_away,
        };
        if waits && !only_looks(request.method()) && !request.body().is_here() {
            let is_stranger = caller.strength == Strength::None;
            let most = if is_stranger { limits::REQUEST_BODY_BYTES } else { limits::WAITED_BODY_BYTES };
            let (head, body) = request.into_parts();
            request = Request::from_parts(head, body.wait(most, limits::REQUEST_HEAD_TIME).await);
            // Who was let in by their first bytes may have been logged out, or their key revoked, before the last.
            caller = match self.let_in(peer, action, comes, &request, Proof::Seen).await {
                Ok(caller) => caller,
                Err(turned_away) => return *turned_away,
            };
        }
        let context = Context {
            gate: self.gate.clone(),
            caller,
            peer: peer.clone(),
            now: self.gate.now(),
            action,
            policies: self.gate.guard().snapshot(),
        };
        // Facts, decide, act, record: the door's handler, which can only come back with recorded answers.
        let handled = if request.method() == Method::GET || request.method() == Method::HEAD {
            handler.handle(context, parts, request).await
        } else {
            // What changes something is not left half done because whoever asked for it has gone.
            let handler = handler.clone();
            let whole = async move { handler.handle(context, parts, request).await };
            match tokio::spawn(whole.in_current_span()).await {
                Ok(handled) => handled,
                Err(error) => {
                    tracing::error!(%error, "a request was not answered");
                    return Problem::internal().answer(peer.request);
                }
            }
        };
        match handled {
            Ok(answer) => release(answer, peer).await,
            Err(Stop::Answered(answer)) => release(*answer, peer).await,
            Err(Stop::CannotRecord(error)) => cannot_record(&error, peer),
        }
    }

    /// Who is calling, where they may come to a route like that; else the answer by which they are turned away.
    async fn let_in<B>(
        &self,
        peer: &Peer,
        action: Action,
        comes: Comes,
        request: &Request<B>,
        proof: Proof,
    ) -> Result<Arc<Caller>, Box<Response<Body>>> {
        let refused = |fault: Fault| Refused::from(fault).attempting(action).by(request.method());
        let shown = Credentials::of(peer, request);
        let shown = if comes == Comes::Machine { Credentials { session: None, ..shown } } else { shown };
        let caller = match self.identify(peer, shown, request, is_from_here(peer, request), proof).await {
            Ok(caller) => caller,
            Err(error) if comes != Comes::Known && error.fault() == FaultOf::Caller => self.nobody(peer).await,
            Err(error) => {
                let refused = refused(Fault::from(&error)).because(&error);
                return Err(Box::new(self.turn_away_as(peer, self.nobody(peer).await, refused, Some(&error)).await));
            }
        };
        // A browser sends its cookie with whatever page asks, and to log somebody in is a change, too.
        if (comes == Comes::Unknown || caller.session.is_some())
            && !only_looks(request.method())
            && let Err(fault) = is_of_own_page(peer, request)
        {
            return Err(Box::new(self.turn_away_as(peer, caller, refused(fault), None).await));
        }
        // What a key is not for goes no further, whatever its owner may.
        if let (Some(key), Some(needed)) = (&caller.key, caller.lacks(action)) {
            let refused = Refused::beyond(key.scopes, needed).attempting(action).by(request.method());
            return Err(Box::new(self.turn_away_as(peer, caller.clone(), refused, None).await));
        }
        Ok(caller)
    }

    /// Who is calling. Without a token nobody is let in who is not on this machine.
    async fn identify<B>(
        &self,
        peer: &Peer,
        shown: Credentials<'_>,
        request: &Request<B>,
        is_from_here: bool,
        proving: Proof,
    ) -> Result<Arc<Caller>, IdentifyError> {
        if let Some(session) = shown.session {
            let secret = session.map_err(IdentifyError::Malformed)?;
            return self.gate.identity().identify_session(secret, peer.address.ip()).await;
        }
        if let Some(certificate) = shown.certificate {
            if !certificate.is_trusted() {
                return Err(IdentifyError::CertificateOver);
            }
            let ClientCertificate { sha256, names, until, .. } = certificate;
            let shown = ShownCertificate { sha256, names, until: *until };
            return self.gate.identity().identify_certificate(&shown, peer.address.ip()).await;
        }
        let shown = Shown::from_header(shown.authorization)?;
        if shown.token().is_none() && !is_from_here {
            return Err(IdentifyError::NotLoopback);
        }
        let identity = self.gate.identity();
        let (token, by_scheme) = (shown.token().map(str::to_owned), shown.is_bound());
        let caller = identity.identify(shown, peer.address.ip()).await?;
        // Each request proves anew that the caller holds the key of the token, remembered or not.
        let is_bound = by_scheme || caller.key.as_ref().is_some_and(|key| key.access.is_some());
        if is_bound && proving == Proof::Asked {
            let addresses = addresses(peer, request);
            let shown = proof(request, by_scheme, &addresses);
            identity.proved(&caller, &shown, token.as_deref())?;
        }
        Ok(caller)
    }

    /// A caller of whom no more is known than the address; not even that where it cannot be sealed.
    async fn nobody(&self, peer: &Peer) -> Arc<Caller> {
        self.gate.identity().nobody(peer.address.ip()).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "a caller's address could not be sealed and is not recorded");
            Arc::new(Caller::nobody())
        })
    }

    /// Turns away a request that leads nowhere, in the name of whoever sent it.
    async fn turn_away<B>(
        &self,
        peer: &Peer,
        shown: Credentials<'_>,
        request: &Request<B>,
        refused: Refused,
    ) -> Response<Body> {
        let caller = match self.identify(peer, shown, request, true, Proof::Asked).await {
            Ok(caller) => caller,
            Err(_) => self.nobody(peer).await,
        };
        self.turn_away_as(peer, caller, refused, None).await
    }

    /// Decide and record, as on the one path; there is nothing to act on.
    async fn turn_away_as(
        &self,
        peer: &Peer,
        caller: Arc<Caller>,
        mut refused: Refused,
        cause: Option<&IdentifyError>,
    ) -> Response<Body> {
        refused.facts.set("loopback", peer.address.ip().to_canonical().is_loopback());
        refused.facts.set("strength", caller.strength.as_str());
        let fault = refused.fault.as_str();
        let cause = cause.map(|cause| with_causes(cause));
        tracing::info!(fault, cause, "a request was not let in");
        let node = Resource::new("Node", "this");
        let attempt = Attempt { principal: &caller.principal, action: ENTER, resource: &node, facts: &refused.facts };
        let policies = self.gate.guard().snapshot();
        let decision = policies.decide(&attempt);
        let within = policies.directory().to_record(&caller.principal);
        let by = By { who: &caller.who, within: within.as_deref() };
        let decision = never_allowed(&decision).map_or(decision, Arc::new);
        match self.gate.append(Some(peer.request), by, ENTER, &node, &refused.facts, &decision) {
            Ok(receipt) => {
                let problem = Box::new(refused.problem(&decision));
                release(Answer { receipts: vec![receipt], content: Content::Problem(problem) }, peer).await
            }
            Err(error) => cannot_record(&error, peer),
        }
    }

    fn count(&self, counted_as: &'static str, response: &Response<Body>, began: Instant) {
        let (status, took) = (response.status().as_u16(), began.elapsed());
        self.gate.meters().count(counted_as, status, took);
        tracing::debug!(action = counted_as, status, took_ms = took.as_secs_f64() * 1000.0, "answered");
    }
}

/// The route that a request is for.
enum Found<'t> {
    Open(&'t Arc<OpenAnswer>),
    Guarded(Guarded<'t>),
}

/// A route that the guard judges.
struct Guarded<'t> {
    action: Action,
    /// Whether the body is waited for before anything is judged.
    waits: bool,
    handler: &'t Arc<dyn RouteHandler>,
    comes: Comes,
    parts: PathParts,
}

/// Whether a request has still to prove that its caller holds the key of their token. A proof counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    /// It has.
    Asked,
    /// It did.
    Seen,
}

/// How callers come to a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comes {
    /// As somebody known, or from this machine.
    Known,
    /// From anywhere, at a browser, to log in.
    Unknown,
    /// From anywhere, as a program.
    Machine,
}

/// Nothing leaves before its record is on disk: this is the only place where an answer passes.
async fn release(answer: Answer, peer: &Peer) -> Response<Body> {
    for receipt in answer.receipts {
        if let Err(error) = receipt.durable().await {
            return cannot_record(&CannotRecord::Ledger(error), peer);
        }
    }
    match answer.content {
        Content::Response(response) => response,
        Content::Problem(problem) => problem.answer(peer.request),
    }
}

fn cannot_record(error: &CannotRecord, peer: &Peer) -> Response<Body> {
    use std::error::Error as _;
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    tracing::error!(request = %peer.request, %error, cause, "nothing is answered that is not recorded");
    Problem::unavailable(
        "Fanlight cannot keep its record, so it serves nothing: every answer must be in the ledger first.",
        5,
    )
    .advice(Some(
        "Tell the steward; `fanlight status` says what is wrong. It goes on by itself when writing works.".into(),
    ))
    .answer(peer.request)
}

impl Handler for Dispatch {
    fn call(&self, peer: Peer, request: Request<Incoming>) -> Answering<'_> {
        Box::pin(async move {
            let began = Instant::now();
            let mut counted_as = ENTER.as_str();
            let response = self.answer(&peer, request, &mut counted_as).await;
            self.count(counted_as, &response, began);
            response
        })
    }

    fn refuse(&self, peer: Peer, unread: Unread) -> Answering<'_> {
        Box::pin(async move {
            let began = Instant::now();
            let response = self.turn_away(&peer, Credentials::NONE, &Request::new(()), unread.into()).await;
            self.count(ENTER.as_str(), &response, began);
            response
        })
    }
}
