//! From a request to its answer: match the route, identify the caller, let the handler go the one path, wait for the
//! record, and only then answer. The whole way on one screen.

use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use fanlight_base::{Action, Decision, Facts, Fault, Outcome, Principal, Resource, Strength, Who};
use fanlight_identity::{IdentifyError, Shown};
use fanlight_net::{Body, Handler, Peer, Problem};
use http::{Method, Request, Response, header};
use hyper::body::Incoming;

use crate::context::{Answer, CannotRecord, Content, Context, Gate, event};
use crate::hosts::Hosts;
use crate::route::{Access, PathParts, Route, Routes};

/// A caller that showed a token which is not good.
pub const CALLER_REFUSED: Action = Action::new("gate:caller-refused");

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
        // Before all else, so that pages of other sites learn nothing and leave no record.
        if let Err(problem) = self.hosts.check(peer, &request) {
            return problem.answer(peer.request);
        }
        let is_head = request.method() == Method::HEAD;
        let method = if is_head { &Method::GET } else { request.method() };
        let Ok(matched) = self.table.at(request.uri().path()) else {
            return not_there(request.uri().path()).answer(peer.request);
        };
        let Some(route) = matched.value.get(method) else {
            let allowed = matched.value.keys().map(Method::as_str).collect::<Vec<_>>().join(", ");
            return Problem::method_not_allowed(&allowed).answer(peer.request);
        };
        let (action, handler) = match &route.access {
            Access::Open(_, answer) => {
                *counted_as = "open";
                return answer();
            }
            Access::Guarded(action, handler) => (*action, handler),
        };
        *counted_as = action.as_str();
        let mut parts = PathParts::default();
        for (name, value) in matched.params.iter() {
            match percent_encoding::percent_decode_str(value).decode_utf8() {
                Ok(text) => parts.0.push((name.to_owned(), text.into_owned())),
                Err(_) => {
                    return Problem::bad_request(format!("The part {name} of the path does not decode to UTF-8."))
                        .answer(peer.request);
                }
            }
        }

        // Identify: before anything is looked up or fetched for the caller.
        let caller = match self.identify(peer, &request).await {
            Ok(caller) => caller,
            Err(error) => return self.refuse_caller(peer, action, &error).await,
        };
        let context = Context {
            gate: self.gate.clone(),
            caller,
            peer: *peer,
            now: self.gate.now(),
            action,
            policies: self.gate.guard().snapshot(),
        };
        // Facts, decide, act, record: the door's handler, which can only come back with recorded answers.
        let handled = handler.handle(context, parts, request).await;
        let mut response = match handled {
            Ok(answer) => release(answer, peer).await,
            Err(error) => cannot_record(&error, peer),
        };
        if is_head {
            *response.body_mut() = Body::Empty;
        }
        response
    }

    async fn identify(
        &self,
        peer: &Peer,
        request: &Request<Incoming>,
    ) -> Result<Arc<fanlight_identity::Caller>, IdentifyError> {
        let shown = Shown::from_header(request.headers().get(header::AUTHORIZATION).map(http::HeaderValue::as_bytes))?;
        self.gate.identity().identify(shown, peer.address.ip()).await
    }

    async fn refuse_caller(&self, peer: &Peer, action: Action, error: &IdentifyError) -> Response<Body> {
        let outside = error.outside();
        tracing::info!(request = %peer.request, %action, %error, "a caller was not let in");
        if error.fault() == Fault::Node {
            return Problem::unavailable(sentence(outside), 5).answer(peer.request);
        }
        let problem = Problem::unauthorized(sentence(outside));
        let decision = Decision {
            outcome: Outcome::Deny,
            reason_template: outside.into(),
            ..event(self.gate.guard().snapshot().epoch())
        };
        let facts = Facts::new().with("attempted", action.as_str()).with("loopback", is_loopback(peer.address.ip()));
        let who = Who::of(&Principal::Unidentified, Strength::None, None).to_json();
        let resource = Resource::new("Node", "this");
        match self.gate.append(Some(peer.request), &who, CALLER_REFUSED, &resource, &facts, &decision) {
            Ok(receipt) => {
                release(Answer { receipts: vec![receipt], content: Content::Problem(Box::new(problem)) }, peer).await
            }
            Err(error) => cannot_record(&error, peer),
        }
    }
}

const fn is_loopback(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback(),
        IpAddr::V6(v6) => v6.is_loopback(),
    }
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

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

fn not_there(path: &str) -> Problem {
    let shown: String = path.chars().take(120).map(|c| if c.is_control() { '?' } else { c }).collect();
    Problem::not_found(format!("Fanlight has nothing at {shown}."))
        .advice(Some("The Python door is at /pypi/simple/.".into()))
}

impl Handler for Dispatch {
    fn call(
        &self,
        peer: Peer,
        request: Request<Incoming>,
    ) -> Pin<Box<dyn Future<Output = Response<Body>> + Send + '_>> {
        Box::pin(async move {
            let began = Instant::now();
            let mut counted_as = "none";
            let response = self.answer(&peer, request, &mut counted_as).await;
            let (status, took) = (response.status().as_u16(), began.elapsed());
            self.gate.meters().count(counted_as, status, took);
            tracing::debug!(action = counted_as, status, took_ms = took.as_secs_f64() * 1000.0, "answered");
            response
        })
    }
}
