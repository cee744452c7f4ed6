//! Answers as SCIM has them: `application/scim+json`, and errors of its own kind (RFC 7644, section 3.12).

use fanlight_base::words::sentence;
use fanlight_base::{Action, Facts, Resource, Strength};
use fanlight_gate::{Answer, Context, Recorded, Stop};
use fanlight_identity::SealError;
use fanlight_net::Body;
use fanlight_store::StoreError;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::admit::{CHALLENGE, node};

const SCIM_JSON: HeaderValue = HeaderValue::from_static("application/scim+json");
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// Why something is not done, in whole sentences for the directory and whoever reads its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(super) status: StatusCode,
    /// The word of RFC 7644, table 9, where it has one.
    pub(super) kind: Option<&'static str>,
    pub(super) detail: String,
}

impl Refusal {
    /// 400 of that kind.
    pub(super) fn bad(kind: &'static str, detail: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, kind: Some(kind), detail: detail.into() }
    }

    pub(super) fn not_found(what: &str) -> Self {
        let detail = format!("The directory keeps no {what} of that id here.");
        Self { status: StatusCode::NOT_FOUND, kind: None, detail }
    }

    pub(super) fn nothing() -> Self {
        let detail = "There is nothing at this address: a directory speaks with /Users and /Groups.".to_owned();
        Self { status: StatusCode::NOT_FOUND, kind: None, detail }
    }

    /// 409: somebody or something else has the name.
    pub(super) fn taken(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::CONFLICT, kind: Some("uniqueness"), detail: detail.into() }
    }

    pub(super) fn overtaken() -> Self {
        let detail = "Somebody else changed it at the same moment: read it again, and try again.".to_owned();
        Self { status: StatusCode::CONFLICT, kind: None, detail }
    }

    pub(super) fn other_version() -> Self {
        let detail = "It has changed since the version in `If-Match`: read it again, and try again.".to_owned();
        Self { status: StatusCode::PRECONDITION_FAILED, kind: None, detail }
    }

    fn unavailable(detail: &str) -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, kind: None, detail: detail.to_owned() }
    }
}

/// Why an act went no further.
#[derive(Debug)]
pub(crate) enum Failed {
    Refused(Refusal),
    Store(StoreError),
    Seal(SealError),
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<SealError> for Failed {
    fn from(error: SealError) -> Self {
        Self::Seal(error)
    }
}

impl Failed {
    fn refusal(self) -> Refusal {
        use fanlight_base::fault::with_causes;
        match self {
            Self::Refused(refusal) => refusal,
            Self::Store(error) => {
                tracing::error!(error = with_causes(&error), "the database did not answer a directory");
                Refusal::unavailable("The database does not answer.")
            }
            Self::Seal(error) => {
                tracing::error!(error = with_causes(&error), "what a directory says cannot be sealed or opened");
                Refusal::unavailable("What is kept of people cannot be sealed or opened now.")
            }
        }
    }
}

/// A value as the answer.
pub(super) fn said(
    recorded: Recorded,
    status: StatusCode,
    value: &Value,
    headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
) -> Answer {
    let mut response = Response::new(Body::from(value.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, SCIM_JSON);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().extend(headers);
    recorded.answer(response)
}

/// Nothing to say but that it is done.
pub(super) fn done(recorded: Recorded, headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>) -> Answer {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
    response.headers_mut().extend(headers);
    recorded.answer(response)
}

/// The version of what is answered, and where it is.
pub(super) fn version(number: u64) -> String {
    format!("W/\"{number}\"")
}

pub(super) fn etag(number: u64) -> (HeaderName, HeaderValue) {
    (header::ETAG, HeaderValue::from_str(&version(number)).unwrap_or(HeaderValue::from_static("")))
}

pub(super) fn refused(recorded: Recorded, failed: impl Into<Failed>) -> Answer {
    let Refusal { status, kind, detail } = failed.into().refusal();
    let mut value = json!({ "schemas": [ERROR], "status": status.as_str(), "detail": detail });
    if let Some(kind) = kind {
        value["scimType"] = kind.into();
    }
    let again = (status == StatusCode::SERVICE_UNAVAILABLE).then_some((header::RETRY_AFTER, HeaderValue::from(5_u32)));
    said(recorded, status, &value, again)
}

/// Judges and records; stops with the refusal where it is one.
pub(super) fn admit(context: &Context, action: Action, resource: Resource, facts: Facts) -> Result<Recorded, Stop> {
    let recorded = context.record(context.decide_as(action, resource, facts))?;
    if recorded.decision.is_allowed() {
        return Ok(recorded);
    }
    let advice = recorded.decision.advice(&recorded.facts).as_deref().map(sentence);
    let reason = sentence(&recorded.decision.reason(&recorded.facts));
    let detail = advice.map_or_else(|| reason.clone(), |advice| format!("{reason} {advice}"));
    let nobody = context.caller.strength == Strength::None;
    let status = if nobody { StatusCode::UNAUTHORIZED } else { StatusCode::FORBIDDEN };
    let value = json!({ "schemas": [ERROR], "status": status.as_str(), "detail": detail });
    let challenge = nobody.then_some((header::WWW_AUTHENTICATE, CHALLENGE));
    Err(said(recorded, status, &value, challenge).into())
}

/// Stops who may not, before anything is read or looked up for them. Who may is not recorded yet.
pub(super) fn only_who_may(context: &Context) -> Result<(), Stop> {
    if context.preview(context.action, &node(), Facts::new()).0.is_allowed() {
        return Ok(());
    }
    let recorded = admit(context, context.action, node(), Facts::new())?;
    // Only where the policies changed in between.
    Err(refused(recorded, Refusal::overtaken()).into())
}

/// An ask that leads nowhere, recorded as one about the node.
pub(super) fn turned_down(context: &Context, failed: impl Into<Failed>) -> Stop {
    match admit(context, context.action, node(), Facts::new()) {
        Ok(recorded) => refused(recorded, failed).into(),
        Err(stop) => stop,
    }
}

/// What was made, or the stop with what is wrong.
pub(super) fn or_stop<T>(context: &Context, made: Result<T, impl Into<Failed>>) -> Result<T, Stop> {
    made.map_err(|failed| turned_down(context, failed))
}
