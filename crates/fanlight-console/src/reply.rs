//! JSON in and out of the admin API.

use std::sync::Arc;

use fanlight_base::{Purl, limits};
use fanlight_gate::{Answer, Recorded};
use fanlight_net::conditional::has_it;
use fanlight_net::{Body, Problem, RequestBody};
use fanlight_packages::{AnyDoor, Doors};
use fanlight_store::Sha256;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::idempotency::BodyDigest;

/// The value as the answer.
pub fn json<T: Serialize>(recorded: Recorded, status: StatusCode, value: &T) -> Answer {
    json_with(recorded, status, value, [])
}

/// The same with more headers.
pub fn json_with<T: Serialize>(
    recorded: Recorded,
    status: StatusCode,
    value: &T,
    headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
) -> Answer {
    match serde_json::to_vec(value) {
        Ok(bytes) => {
            let mut response = Response::new(Body::from(bytes));
            *response.status_mut() = status;
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response.headers_mut().extend(headers);
            recorded.answer(response)
        }
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            recorded.problem(Problem::internal())
        }
    }
}

/// The answer with a tag of its bytes, or that it has not changed since the client had it (RFC 9110, section 13.1.2). What is
/// sent as it is found has no tag. Nothing on the way and no browser's disk may keep it; a program that has it may ask.
pub fn or_unchanged(mut response: Response<Body>, asked: &HeaderMap) -> Response<Body> {
    let Body::Full(bytes) = response.body() else { return response };
    if response.status() != StatusCode::OK {
        return response;
    }
    let digest = Sha256::of(bytes).to_string();
    let tag = format!("\"{}\"", digest.get(..32).unwrap_or_default());
    let had = has_it(asked, &tag);
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\"")));
    if had {
        headers.remove(header::CONTENT_TYPE);
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::Empty;
    }
    response
}

/// The document of the API, made once.
pub fn described() -> impl Fn() -> Response<Body> + Send + Sync + 'static {
    let document = bytes::Bytes::from(fanlight_api::openapi::document(env!("CARGO_PKG_VERSION")).to_string());
    move || {
        let mut response = Response::new(Body::from(document.clone()));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

/// The request's body as a value, or what is wrong with it.
pub async fn read<T: DeserializeOwned>(request: Request<RequestBody>) -> Result<T, Problem> {
    read_within(request, limits::REQUEST_BODY_BYTES).await
}

/// The same of at most so many bytes.
pub async fn read_within<T: DeserializeOwned>(request: Request<RequestBody>, bytes: usize) -> Result<T, Problem> {
    let digest = request.extensions().get::<BodyDigest>().cloned();
    let bytes = fanlight_net::body::read_body(request.into_body(), bytes, limits::REQUEST_HEAD_TIME)
        .await
        .map_err(|error| Problem::bad_request(format!("The request's body cannot be read: {error}.")))?;
    if let Some(digest) = digest {
        digest.tell(&bytes);
    }
    // A list would be taken for an object, its elements for the members in their order.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err(Problem::bad_request("The request's body must be a JSON object."));
    }
    serde_json::from_slice(&bytes).map_err(|error| {
        Problem::bad_request(format!(
            "The request's body is not what this address takes (line {}, column {}).",
            error.line(),
            error.column()
        ))
    })
}

/// The purl in that part of the query and the door it is about, or what is wrong with it.
pub fn purl<'a>(
    query: Option<&str>,
    name: &str,
    doors: &'a Doors,
) -> Result<(Purl, &'a Arc<dyn AnyDoor>), Box<Problem>> {
    let bad = |words: String| Box::new(Problem::bad_request(words));
    let text = part(query, name).ok_or_else(|| {
        bad(format!("The query has no purl: ask with ?{name}=pkg:pypi/NAME or pkg:pypi/NAME@VERSION."))
    })?;
    purl_of(&text, doors)
}

/// The purl and the door it is about, or what is wrong with it.
pub fn purl_of<'a>(text: &str, doors: &'a Doors) -> Result<(Purl, &'a Arc<dyn AnyDoor>), Box<Problem>> {
    let bad = |words: String| Box::new(Problem::bad_request(words));
    let purl: Purl = text.parse().map_err(|error| bad(format!("{error}.")))?;
    let Some(door) = doors.of(purl.ecosystem()) else {
        let there: Vec<&str> = doors.iter().map(|door| door.ecosystem()).collect();
        let there = there.join(", ");
        return Err(bad(format!("There is no door for {:?} packages here, only for {there}.", purl.ecosystem())));
    };
    Ok((purl, door))
}

/// The part of the query that has this name.
pub fn part(query: Option<&str>, name: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}
