//! What a directory asks: the query of a list, the body of a change, the version it means.

use fanlight_base::limits;
use fanlight_credentials::json::{self, Object};
use fanlight_credentials::scim::{Filter, Path};
use fanlight_net::RequestBody;
use http::{HeaderMap, HeaderName, Request, StatusCode, header};
use serde_json::{Value, json};

use super::answer::{Refusal, version};

/// What of a list is asked for.
#[derive(Debug)]
pub(super) struct ListAsk {
    pub(super) filter: Option<Filter>,
    filter_text: String,
    /// The first, from 0 on.
    pub(super) skip: u64,
    pub(super) most: u64,
    pub(super) shows: Shows,
}

/// Which attributes are asked for.
#[derive(Debug, Default)]
pub(super) struct Shows {
    only: Option<Vec<Path>>,
    without: Vec<Path>,
}

impl ListAsk {
    /// Reads what is asked for in a body (RFC 7644, section 3.4.3), so that no name stands in an address.
    pub(super) fn of_body(body: &Object) -> Result<Self, Refusal> {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for name in ["filter", "startIndex", "count", "attributes", "excludedAttributes"] {
            match member(body, name).map(|(_, value)| value) {
                Some(Value::String(text)) => query.append_pair(name, text),
                Some(Value::Number(number)) => query.append_pair(name, &number.to_string()),
                Some(Value::Array(list)) => {
                    let names: Vec<_> = list.iter().filter_map(Value::as_str).collect();
                    query.append_pair(name, &names.join(","))
                }
                _ => continue,
            };
        }
        Self::read(Some(&query.finish()))
    }

    /// Reads the query (RFC 7644, section 3.4.2).
    pub(super) fn read(query: Option<&str>) -> Result<Self, Refusal> {
        let mut ask = Self {
            filter: None,
            filter_text: String::new(),
            skip: 0,
            most: limits::SCIM_PAGE_ORDINARY,
            shows: Shows::read(query)?,
        };
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let number = |name: &str| {
                let read = value.parse::<i64>().map(|number| u64::try_from(number).unwrap_or(0));
                read.map_err(|_| Refusal::bad("invalidValue", format!("`{name}` is not a whole number.")))
            };
            match &*name {
                "filter" if !value.is_empty() => {
                    let filter = Filter::read(&value);
                    ask.filter = Some(filter.map_err(|fault| Refusal::bad("invalidFilter", sentence(&fault)))?);
                    ask.filter_text = value.to_ascii_lowercase();
                }
                "startIndex" => ask.skip = number("startIndex")?.saturating_sub(1),
                "count" => ask.most = number("count")?.min(limits::SCIM_PAGE),
                _ => {}
            }
        }
        Ok(ask)
    }

    /// Whether the filter may ask for an attribute that costs a look of its own. Its name is given in small letters.
    pub(super) fn may_ask_for(&self, attribute: &str) -> bool {
        self.filter_text.contains(attribute)
    }

    /// The text that an attribute must equal, where the filter can be true for nothing else.
    pub(super) fn wants(&self, name: &str) -> Option<&str> {
        match self.filter.as_ref()? {
            Filter::And(all) => all.iter().find_map(|one| one.wants(name)),
            one => one.wants(name),
        }
    }

    pub(super) fn matches(&self, resource: &Object) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.matches(resource))
    }

    /// The answer of these resources, of so many in all.
    pub(super) fn page(&self, total: u64, resources: &[Value]) -> Value {
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": total,
            "startIndex": self.skip + 1,
            "itemsPerPage": resources.len(),
            "Resources": resources,
        })
    }
}

fn sentence(fault: &(dyn std::error::Error + 'static)) -> String {
    fanlight_base::words::sentence(&fanlight_base::fault::with_causes(fault))
}

impl Shows {
    /// Reads `attributes` and `excludedAttributes` (RFC 7644, section 3.9).
    pub(super) fn read(query: Option<&str>) -> Result<Self, Refusal> {
        let mut shows = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let paths = || {
                let words = value.split(',').map(str::trim).filter(|word| !word.is_empty());
                let paths: Result<Vec<_>, _> = words.map(Path::read).collect();
                paths.map_err(|fault| Refusal::bad("invalidPath", sentence(&fault)))
            };
            match &*name {
                "attributes" => shows.only = Some(paths()?).filter(|paths| !paths.is_empty()),
                "excludedAttributes" => shows.without = paths()?,
                _ => {}
            }
        }
        Ok(shows)
    }

    /// Whether the attribute is to be shown.
    pub(super) fn has(&self, name: &str) -> bool {
        let is_it = |path: &Path| path.name.eq_ignore_ascii_case(name);
        self.only.as_ref().is_none_or(|only| only.iter().any(is_it))
            && !self.without.iter().any(|path| is_it(path) && path.part.is_none())
    }

    /// The resource as it is to be shown: its id and schemas always are.
    pub(super) fn of(&self, resource: Object) -> Value {
        let mut shown = match &self.only {
            None => resource,
            Some(only) => {
                let mut shown = Object::new();
                for (name, value) in &resource {
                    if is_always(name) {
                        shown.insert(name.clone(), value.clone());
                    }
                }
                only.iter().for_each(|path| show(path, &resource, &mut shown));
                shown
            }
        };
        self.without.iter().filter(|path| !is_always(&path.name)).for_each(|path| hide(path, &mut shown));
        Value::Object(shown)
    }
}

fn is_always(name: &str) -> bool {
    ["id", "schemas"].iter().any(|always| name.eq_ignore_ascii_case(always))
}

/// The member of that name, without case, with the name it has.
fn member<'a>(object: &'a Object, name: &str) -> Option<(&'a String, &'a Value)> {
    object.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))
}

fn show(path: &Path, from: &Object, into: &mut Object) {
    // The core schema's attributes stand at the top, an extension's in an object under its URN.
    if let Some((urn, Value::Object(inner))) = path.schema.as_deref().and_then(|urn| member(from, urn)) {
        let slot = into.entry(urn.clone()).or_insert_with(|| Value::Object(Object::new()));
        if let (Some((name, value)), Value::Object(slot)) = (member(inner, &path.name), slot) {
            slot.insert(name.clone(), value.clone());
        }
        return;
    }
    let Some((name, value)) = member(from, &path.name) else { return };
    let Some(part) = &path.part else {
        into.insert(name.clone(), value.clone());
        return;
    };
    let of = |value: &Value| {
        let parts = value.as_object()?;
        let (known, value) = member(parts, part)?;
        Some(Value::Object(Object::from_iter([(known.clone(), value.clone())])))
    };
    let parts = match value {
        Value::Array(list) => Some(Value::Array(list.iter().filter_map(of).collect())),
        one => of(one),
    };
    match (into.get_mut(name), parts) {
        (Some(Value::Object(kept)), Some(Value::Object(mut more))) => kept.append(&mut more),
        (None, Some(parts)) => drop(into.insert(name.clone(), parts)),
        _ => {}
    }
}

fn hide(path: &Path, from: &mut Object) {
    if let Some(urn) = path.schema.as_deref().and_then(|urn| member(from, urn)).map(|(urn, _)| urn.clone()) {
        if let Some(Value::Object(inner)) = from.get_mut(&urn) {
            inner.retain(|name, _| !name.eq_ignore_ascii_case(&path.name));
        }
        return;
    }
    let Some(part) = &path.part else {
        from.retain(|name, _| !name.eq_ignore_ascii_case(&path.name));
        return;
    };
    for (_, value) in from.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case(&path.name)) {
        let hide = |value: &mut Value| {
            if let Value::Object(parts) = value {
                parts.retain(|name, _| !name.eq_ignore_ascii_case(part));
            }
        };
        match value {
            Value::Array(list) => list.iter_mut().for_each(hide),
            one => hide(one),
        }
    }
}

/// The bytes of a body.
pub(super) async fn bytes(request: Request<RequestBody>) -> Result<bytes::Bytes, Refusal> {
    let body = request.into_body();
    let read = fanlight_net::body::read_body(body, limits::SCIM_BODY_BYTES, limits::REQUEST_HEAD_TIME).await;
    read.map_err(|error| {
        let status = match &error {
            fanlight_net::ReadBodyError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            fanlight_net::ReadBodyError::Timeout { .. } => StatusCode::REQUEST_TIMEOUT,
            _ => StatusCode::BAD_REQUEST,
        };
        Refusal { status, kind: None, detail: sentence(&error) }
    })
}

/// A body that is a resource.
pub(super) async fn resource(request: Request<RequestBody>) -> Result<Object, Refusal> {
    json::object(&bytes(request).await?, limits::SCIM_DEPTH)
        .map_err(|fault| Refusal::bad("invalidSyntax", sentence(&fault)))
}

/// Holds a version against `If-Match` (RFC 7644, section 3.14): nothing said is any version.
pub(super) fn is_meant(headers: &HeaderMap, number: u64) -> Result<(), Refusal> {
    match tags(headers, &header::IF_MATCH) {
        Some(tags) if !names(&tags, number) => Err(Refusal::other_version()),
        _ => Ok(()),
    }
}

/// Whether the caller has this version already.
pub(super) fn is_known(headers: &HeaderMap, number: u64) -> bool {
    tags(headers, &header::IF_NONE_MATCH).is_some_and(|tags| names(&tags, number))
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<String>> {
    let lines: Vec<_> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    (!lines.is_empty())
        .then(|| lines.iter().flat_map(|line| line.split(',')).map(|tag| tag.trim().to_owned()).collect())
}

/// Compared without strength: versions count changes, so equal ones are the same.
fn names(tags: &[String], number: u64) -> bool {
    let version = version(number);
    tags.iter().any(|tag| tag == "*" || tag.trim_start_matches("W/") == version.trim_start_matches("W/"))
}
