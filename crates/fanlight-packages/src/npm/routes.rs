//! The addresses of the npm door. Which of them asks for what is read in [`path`]; here they get their actions.

use std::sync::Arc;

use bytes::Bytes;
use fanlight_base::{Action, Principal, limits};
use fanlight_gate::{Context, Handled, PathParts, Routes, Stop};
use fanlight_net::{Body, Problem};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use percent_encoding::percent_decode_str;

use super::formats::name::Name;
use super::formats::packument::Packument;
use super::formats::render::{self, Form, Manner, Shape};
use super::path::{self, NotAsked};
use super::{DOOR, Npm, audit};
use crate::action;
use crate::door::{Door, Opened, address, bad_name};
use crate::ecosystem::{Ecosystem as _, Index as _, Part, Verdict};
use crate::project::{AsidePlace, AsideRequest};

/// Where packuments, single releases and what there is beside are; a scope's slash may be escaped.
const TOLD: [&str; 10] = [
    "/npm/{package}",
    "/npm/{package}/{second}",
    "/npm/{package}/{second}/{third}",
    "/npm/-/ping",
    "/npm/-/whoami",
    "/npm/-/package/{package}/dist-tags",
    "/npm/-/package/{scope}/{package}/dist-tags",
    "/npm/-/npm/v1/keys",
    "/npm/-/npm/v1/attestations/{release}",
    "/npm/-/npm/v1/attestations/{scope}/{release}",
];

/// What single releases and pages of no project are judged as.
const FULL: Form = Form { shape: Shape::Full, manner: Manner::Restricted };

/// Where archives are.
const ARCHIVES: [&str; 2] = ["/npm/{package}/-/{file}", "/npm/{scope}/{package}/-/{file}"];

/// The routes of the npm door.
pub(super) fn routes(door: &Arc<Door<Npm>>) -> Routes {
    let told = TOLD.map(|pattern| (pattern, action::READ_INDEX));
    let archives = ARCHIVES.map(|pattern| (pattern, action::FETCH_FILE));
    let table = told
        .into_iter()
        .chain(archives)
        .fold(Routes::new(), |table, (pattern, action)| add(table, door, pattern, action));
    audit::routes(table, door)
}

fn add(table: Routes, door: &Arc<Door<Npm>>, pattern: &'static str, action: Action) -> Routes {
    let door = door.clone();
    table.guarded(Method::GET, pattern, action, move |context, _: PathParts, request: Request<_>| {
        let door = door.clone();
        Box::pin(async move { answer(&door, &context, &request).await }) as _
    })
}

/// Answers what the path asks for.
async fn answer<B: Sync>(door: &Door<Npm>, context: &Context, request: &Request<B>) -> Handled {
    let path = request.uri().path().strip_prefix(DOOR).unwrap_or_default();
    // The gate has decoded each of its parts before.
    let path = percent_decode_str(path).decode_utf8_lossy();
    let asked = match path::read(&path) {
        Ok(asked) => asked,
        Err(NotAsked::Name(why)) => return bad_name::<Npm>(context, "package", &path, &why.to_string()),
        Err(unknown @ NotAsked::Unknown) => {
            let recorded = Door::<Npm>::of_no_project(context)?;
            return Ok(recorded.problem(Problem::not_found(crate::door::sentence(&unknown.to_string()))));
        }
    };
    asked.name().map(|name| Door::<Npm>::name(context, name.as_str())).transpose()?;
    match asked {
        path::Asked::Packument(name) => door.index(context, &name, request).await,
        path::Asked::Release(name, version) => release(door, context, &name, version, request).await,
        path::Asked::Tags(name) => tags(door, context, &name, request).await,
        path::Asked::Archive(name, file) => door.file(context, &name, file, Part::Whole, request).await,
        path::Asked::Attestations(name, version) => attestations(door, context, &name, version, request).await,
        path::Asked::Keys => {
            let asked = AsideRequest {
                from: None,
                what: "the registry's keys",
                path: "-/npm/v1/keys".to_owned(),
                accept: Npm::ACCEPT,
                limit: limits::PASSED_ON_BYTES,
            };
            passed_on(door, context, &door.ecosystem.keys, asked, request).await
        }
        path::Asked::Ping => Ok(Door::<Npm>::of_no_project(context)?.answer(json("{}"))),
        path::Asked::Whoami => whoami(context),
    }
}

/// One release by its version or a tag.
async fn release<B: Sync>(
    door: &Door<Npm>,
    context: &Context,
    name: &Name,
    version: &str,
    request: &Request<B>,
) -> Handled {
    let (Opened { recorded, seen, .. }, at) = shown(door, context, name, version, request).await?;
    let packument: &Packument = &seen.thing.index;
    let door = address(context, request, DOOR);
    Ok(recorded.answer(json(render::release(packument, &packument.releases[at], &door))))
}

/// A release's attestations, passed on as they are: each request asks anew, as few clients do and all verify what they
/// get. Only those of a release that may be had, so that made-up ones ask the upstream nothing.
async fn attestations<B: Sync>(
    door: &Door<Npm>,
    context: &Context,
    name: &Name,
    version: &str,
    request: &Request<B>,
) -> Handled {
    let (opened, _) = shown(door, context, name, version, request).await?;
    let from = opened.seen.thing.from.clone();
    let path = format!("-/npm/v1/attestations/{}@{version}", name.as_str().replace('/', "%2f"));
    let asked = AsideRequest {
        from: Some(from),
        what: "a release's attestations",
        path,
        accept: Npm::ACCEPT,
        limit: limits::PASSED_ON_BYTES,
    };
    passed_on(door, context, &Arc::default(), asked, request).await
}

/// A release that may be had, by its version or a tag, with its place in the packument; or the answer that there is none.
async fn shown<B: Sync>(
    door: &Door<Npm>,
    context: &Context,
    name: &Name,
    version: &str,
    request: &Request<B>,
) -> Result<(Opened<Npm>, usize), Stop> {
    let opened = door.open(context, name, FULL, request.headers()).await?;
    let packument: &Packument = &opened.seen.thing.index;
    let verdicts = opened.judgement.of_files(packument.files().len());
    let tagged = render::tags(packument, &verdicts).into_iter().find(|(tag, _)| *tag == version);
    let version = tagged.map_or(version, |(_, to)| to);
    let Some(at) = packument.releases.iter().position(|release| &*release.version == version) else {
        let words = format!("{name} has no version or tag {version:?}.");
        return Err(opened.recorded.problem(Problem::not_found(words)).into());
    };
    if verdicts[at] == Verdict::Shown {
        return Ok((opened, at));
    }
    // The page was let through, the release is not: a decision of its own, by the policies that withhold it.
    let listed = &packument.releases[at];
    let judged = door.judged(context, &opened.seen, listed, Part::Whole);
    if judged.decision.is_allowed() {
        // Its hold ended this moment.
        return Ok((opened, at));
    }
    Err(door.refused(context, &opened.seen, (name, listed), judged, request.headers()).await?.into())
}

/// The tags, as far as they lead to what may be had.
async fn tags<B: Sync>(door: &Door<Npm>, context: &Context, name: &Name, request: &Request<B>) -> Handled {
    let Opened { recorded, seen, judgement } = door.open(context, name, FULL, request.headers()).await?;
    let packument: &Packument = &seen.thing.index;
    let verdicts = judgement.of_files(packument.files().len());
    Ok(recorded.answer(json(render::tags_alone(packument, &verdicts))))
}

/// A page of the upstream's as it is.
async fn passed_on<B: Sync>(
    door: &Door<Npm>,
    context: &Context,
    place: &Arc<AsidePlace<Bytes>>,
    asked: AsideRequest,
    request: &Request<B>,
) -> Handled {
    let seen = match door.projects.aside(place, asked, |page| Ok(page.body.clone())).await {
        Ok(seen) => seen,
        Err(error) => return Door::<Npm>::not_seen_beside(context, request.headers(), &error),
    };
    let recorded = Door::<Npm>::admit_to(context, &seen, FULL, request.headers())?;
    Ok(recorded.answer(json(seen.thing.thing.clone())))
}

/// Who the token belongs to: the pseudonym that records have, because the name is sealed.
fn whoami(context: &Context) -> Handled {
    let recorded = Door::<Npm>::of_no_project(context)?;
    Ok(match &context.caller.principal {
        Principal::Person { id, .. } => recorded.answer(json(format!("{{\"username\":\"{id}\"}}"))),
        _ => recorded.problem(Problem::new(
            StatusCode::UNAUTHORIZED,
            "unidentified",
            "Nobody known",
            "No Fanlight token came with the request; `fanlight use npm` writes one into npm's settings.",
        )),
    })
}

/// JSON as the answer; clients ask each time.
pub(super) fn json(body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::Full(body.into()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
