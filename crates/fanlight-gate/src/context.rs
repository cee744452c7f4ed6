//! What a handler works with: the caller, the guard and the ledger, in the order the one path asks for.

use std::sync::Arc;

use fanlight_base::clock::SharedClock;
use fanlight_base::{
    Action, Attempt, Decision, Epoch, Facts, Outcome, Principal, Record, RequestId, Resource, Secret, Strength,
    Timestamp, Who,
};
use fanlight_credentials::session::Cookie;
use fanlight_identity::{Caller, Identity, ShownProof};
use fanlight_ledger::{Ledger, Receipt};
use fanlight_net::{Body, Peer, Problem};
use fanlight_policy::{Guard, Snapshot};
use http::{HeaderValue, Request, Response, header};
use serde_json::value::RawValue;

use crate::meters::Meters;
use crate::shown;

/// What a gate joins.
pub struct GateParts {
    /// Tells who is calling.
    pub identity: Arc<Identity>,
    /// Decides.
    pub guard: Arc<Guard>,
    /// Keeps the record.
    pub ledger: Ledger,
    /// Tells the time.
    pub clock: SharedClock,
    /// The node's origin, as in its checkpoints.
    pub node: Arc<str>,
    /// Counts what passed.
    pub meters: Arc<Meters>,
}

/// The one path, shared by all doors of a node.
pub struct Gate {
    pub(crate) parts: GateParts,
    own: Box<RawValue>,
}

/// Who did what is recorded.
#[derive(Clone, Copy)]
pub(crate) struct By<'a> {
    /// As [`Who::to_json`] made it.
    pub(crate) who: &'a RawValue,
    /// The roles and groups that a decision was by; nothing where it is an event.
    pub(crate) within: Option<&'a RawValue>,
}

/// The ledger takes no records now, so nothing may be answered.
#[derive(Debug, thiserror::Error)]
pub enum CannotRecord {
    /// The ledger refused.
    #[error("the record of this request cannot be kept")]
    Ledger(#[from] fanlight_ledger::AppendError),
    /// The record is larger than a record may be.
    #[error("the record of this request cannot be kept")]
    TooLong(#[from] fanlight_base::record::RecordTooLong),
}

impl Gate {
    /// Joins the parts.
    pub fn new(parts: GateParts) -> Self {
        Self { parts, own: Who::node().to_json() }
    }

    /// Who is calling.
    pub fn identity(&self) -> &Arc<Identity> {
        &self.parts.identity
    }

    /// The guard.
    pub fn guard(&self) -> &Arc<Guard> {
        &self.parts.guard
    }

    /// The ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.parts.ledger
    }

    /// The instant now.
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// The clock.
    pub fn clock(&self) -> &SharedClock {
        &self.parts.clock
    }

    /// The counts of what passed.
    pub fn meters(&self) -> &Arc<Meters> {
        &self.parts.meters
    }

    /// The node's origin.
    pub fn node(&self) -> &Arc<str> {
        &self.parts.node
    }

    /// Records what the node did by itself (started, found its upstream, took up new policies).
    pub fn record_own(&self, action: Action, resource: &Resource, mut facts: Facts) -> Result<Receipt, CannotRecord> {
        facts.set("strength", Strength::Node.as_str());
        let attempt = Attempt { principal: &Principal::Node, action, resource, facts: &facts };
        let decision = self.parts.guard.decide(&attempt);
        self.append(None, By { who: &self.own, within: None }, action, resource, &facts, &decision)
    }

    pub(crate) fn append(
        &self,
        request: Option<RequestId>,
        by: By<'_>,
        action: Action,
        resource: &Resource,
        facts: &Facts,
        decision: &Decision,
    ) -> Result<Receipt, CannotRecord> {
        let By { who, within } = by;
        let (time, node) = (self.now(), &self.parts.node);
        let record = Record { time, node, request, who, within, action, resource, facts, decision };
        Ok(self.parts.ledger.append(record.to_bytes()?)?)
    }
}

/// One request on its way through the one path.
#[derive(Clone)]
pub struct Context {
    /// The path's parts.
    pub gate: Arc<Gate>,
    /// Who is calling.
    pub caller: Arc<Caller>,
    /// From where.
    pub peer: Peer,
    /// When the request came.
    pub now: Timestamp,
    /// What the matched route is for.
    pub action: Action,
    /// The policies in force when the request came; the same for all its decisions.
    pub policies: Arc<Snapshot>,
}

impl Context {
    /// The same request by somebody who has just shown who they are.
    #[must_use]
    pub fn by(&self, caller: impl Into<Arc<Caller>>) -> Self {
        Self {
            gate: self.gate.clone(),
            caller: caller.into(),
            peer: self.peer.clone(),
            now: self.now,
            action: self.action,
            policies: self.policies.clone(),
        }
    }

    /// The addresses under which the request may be known to whoever sent it.
    pub fn addresses<B>(&self, request: &http::Request<B>) -> Vec<url::Url> {
        shown::addresses(&self.peer, request)
    }

    /// What the request shows to prove that the caller holds a key (RFC 9449), where no token is shown yet.
    pub fn proof<'r, B>(&self, request: &'r http::Request<B>, addresses: &'r [url::Url]) -> ShownProof<'r> {
        shown::proof(request, true, addresses)
    }

    /// The header that gives a session's secret to the browser, or takes it away. It ends with the browser's own session.
    pub fn session_cookie(&self, secret: Option<&Secret<String>>) -> HeaderValue {
        let cookie = Cookie::session(shown::transport(&self.peer));
        let text = secret.map_or_else(|| Secret::new(cookie.clear()), |secret| cookie.set(secret, None));
        let mut value = HeaderValue::from_str(text.expose_secret()).unwrap_or(HeaderValue::from_static(""));
        value.set_sensitive(true);
        value
    }

    /// The header that has the browser keep what it needs when it comes back from a provider, or forget it.
    pub fn login_cookie(&self, kept: Option<&Secret<String>>) -> HeaderValue {
        let cookie = Cookie::login(shown::transport(&self.peer));
        let lives = Some(fanlight_base::limits::PROVIDER_LOGIN_TIME);
        let text = kept.map_or_else(|| Secret::new(cookie.clear()), |kept| cookie.set(kept, lives));
        let mut value = HeaderValue::from_str(text.expose_secret()).unwrap_or(HeaderValue::from_static(""));
        value.set_sensitive(true);
        value
    }

    /// The mark by which a browser is known again to whoever logged in there.
    pub fn browser_mark<'r, B>(&self, request: &'r Request<B>) -> Option<&'r str> {
        let cookies = request.headers().get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
        Cookie::machine(shown::transport(&self.peer)).read(cookies).ok().flatten()
    }

    /// The header that gives a browser its mark.
    pub fn browser_cookie(&self, mark: &Secret<String>) -> HeaderValue {
        let lives = Some(fanlight_base::limits::KNOWN_MACHINE_TIME);
        let text = Cookie::machine(shown::transport(&self.peer)).set(mark, lives);
        let mut value = HeaderValue::from_str(text.expose_secret()).unwrap_or(HeaderValue::from_static(""));
        value.set_sensitive(true);
        value
    }

    /// What a browser kept when it left for a provider.
    pub fn login_begun<'r, B>(&self, request: &'r Request<B>) -> Option<&'r str> {
        let cookies = request.headers().get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
        Cookie::login(shown::transport(&self.peer)).read(cookies).ok().flatten()
    }

    /// Step three: the guard judges this request's attempt on `resource` with `facts`.
    pub fn decide(&self, resource: Resource, facts: Facts) -> Judged {
        self.decide_as(self.action, resource, facts)
    }

    /// The same for a route that serves two closely related actions, such as a file and its metadata.
    pub fn decide_as(&self, action: Action, resource: Resource, facts: Facts) -> Judged {
        let (decision, facts) = self.preview(action, &resource, facts);
        Judged { action, resource, facts, decision }
    }

    /// What the guard would say, where nothing is done yet: which files an index may show.
    /// The facts come back with the one fact that every attempt has: how the caller is known.
    pub fn preview(&self, action: Action, resource: &Resource, mut facts: Facts) -> (Arc<Decision>, Facts) {
        facts.set("strength", self.caller.strength.as_str());
        let attempt = Attempt { principal: &self.caller.principal, action, resource, facts: &facts };
        (self.policies.decide(&attempt), facts)
    }

    /// Step five: the record goes to the ledger. It is being synced while the handler acts.
    pub fn record(&self, judged: Judged) -> Result<Recorded, CannotRecord> {
        let Judged { action, resource, facts, decision } = judged;
        let within = self.policies.directory().to_record(&self.caller.principal);
        let by = By { who: &self.caller.who, within: within.as_deref() };
        let receipt = self.gate.append(Some(self.peer.request), by, action, &resource, &facts, &decision)?;
        Ok(Recorded { receipts: vec![receipt], decision, resource, facts })
    }

    /// Records something that happened while acting, beside the decision (an upstream that failed or lied).
    pub fn record_event(&self, recorded: &mut Recorded, action: Action, facts: &Facts) -> Result<(), CannotRecord> {
        let decision = event(self.policies.epoch());
        let receipt = self.gate.append(
            Some(self.peer.request),
            By { who: &self.caller.who, within: None },
            action,
            &recorded.resource,
            facts,
            &decision,
        )?;
        recorded.receipts.push(receipt);
        Ok(())
    }

    /// What is needed to record an event of this request once its answer is on its way.
    pub fn afterwards(&self, recorded: &Recorded) -> Afterwards {
        Afterwards {
            gate: self.gate.clone(),
            caller: self.caller.clone(),
            request: self.peer.request,
            resource: recorded.resource.clone(),
            epoch: self.policies.epoch().clone(),
        }
    }
}

/// Records what nobody can know before an answer has left: what became of it.
pub struct Afterwards {
    gate: Arc<Gate>,
    caller: Arc<Caller>,
    request: RequestId,
    resource: Resource,
    epoch: Arc<Epoch>,
}

impl Afterwards {
    /// Hands the event to the ledger; nobody waits for it to be on disk.
    pub fn record(&self, action: Action, facts: &Facts) -> Result<(), CannotRecord> {
        let decision = event(&self.epoch);
        let by = By { who: &self.caller.who, within: None };
        self.gate.append(Some(self.request), by, action, &self.resource, facts, &decision).map(drop)
    }
}

/// The decision of an event: nothing was asked, so nothing was refused.
pub(crate) fn event(epoch: &Arc<Epoch>) -> Decision {
    Decision {
        outcome: Outcome::Allow,
        policies: Vec::new(),
        reason_template: "".into(),
        advice_template: None,
        until: None,
        beside: Vec::new(),
        liftable: false,
        excepted: None,
        epoch: epoch.clone(),
    }
}

/// An attempt with the guard's decision, not yet recorded.
#[must_use = "a decision without its record may not be acted on"]
pub struct Judged {
    action: Action,
    resource: Resource,
    /// The facts judged; words for people may still be added.
    pub facts: Facts,
    /// The decision.
    pub decision: Arc<Decision>,
}

/// An attempt whose record is with the ledger: from it, and only from it, an answer is made.
#[must_use = "what is recorded must be answered"]
pub struct Recorded {
    receipts: Vec<Receipt>,
    /// The decision recorded.
    pub decision: Arc<Decision>,
    /// The thing acted on.
    pub resource: Resource,
    /// The facts recorded.
    pub facts: Facts,
}

/// What stands recorded, on disk, for several requests alike: each may be answered by it.
#[derive(Clone)]
pub struct ForSeveral {
    decision: Arc<Decision>,
    resource: Resource,
    facts: Facts,
}

impl ForSeveral {
    /// For one of them.
    pub fn recorded(&self) -> Recorded {
        let Self { decision, resource, facts } = self.clone();
        Recorded { receipts: Vec::new(), decision, resource, facts }
    }
}

impl Recorded {
    /// Waits until the record is on disk, for all requests that it stands for.
    pub async fn for_several(self) -> Result<ForSeveral, CannotRecord> {
        let Self { decision, resource, facts, .. } = self.durable().await?;
        Ok(ForSeveral { decision, resource, facts })
    }

    /// Waits until the record is on disk: for an act that must not even begin before it is.
    pub async fn durable(mut self) -> Result<Self, CannotRecord> {
        for receipt in self.receipts.drain(..) {
            receipt.durable().await?;
        }
        Ok(self)
    }

    /// The answer, to leave when the record is on disk.
    pub fn answer(self, response: Response<Body>) -> Answer {
        Answer { receipts: self.receipts, content: Content::Response(response) }
    }

    /// A refusal or an error as the answer.
    pub fn problem(self, problem: Problem) -> Answer {
        Answer { receipts: self.receipts, content: Content::Problem(Box::new(problem)) }
    }
}

/// What a handler returns: a response bound to the records it must wait for.
pub struct Answer {
    pub(crate) receipts: Vec<Receipt>,
    pub(crate) content: Content,
}

impl Answer {
    /// The same with another response; a refusal or an error stays what it is.
    #[must_use]
    pub fn map(self, change: impl FnOnce(Response<Body>) -> Response<Body>) -> Self {
        let content = match self.content {
            Content::Response(response) => Content::Response(change(response)),
            problem @ Content::Problem(_) => problem,
        };
        Self { content, ..self }
    }
}

pub(crate) enum Content {
    Response(Response<Body>),
    Problem(Box<Problem>),
}
