//! The addresses of the Python door.

use std::sync::Arc;

use fanlight_gate::{Context, Handled, PathParts, Routes};
use fanlight_net::Body;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};

use super::Pypi;
use super::formats::name::check_file_name;
use crate::action;
use crate::door::{Door, VARY, bad_name};
use crate::ecosystem::{Name as _, Part};

/// The routes of the Python door.
pub(super) fn routes(door: &Arc<Door<Pypi>>) -> Routes {
    let (all, index, file) = (door.clone(), door.clone(), door.clone());
    Routes::new()
        .guarded(Method::GET, "/pypi/simple/", action::READ_INDEX, move |context, _: PathParts, request: Request<_>| {
            let door = all.clone();
            Box::pin(async move { list(&door, &context, request.headers()).await }) as _
        })
        .guarded(
            Method::GET,
            "/pypi/simple/{project}/",
            action::READ_INDEX,
            move |context, path: PathParts, request: Request<_>| {
                let door = index.clone();
                Box::pin(async move {
                    let name = Door::<Pypi>::name(&context, path.get("project"))?;
                    door.index(&context, &name, &request).await
                }) as _
            },
        )
        .guarded(
            Method::GET,
            "/pypi/simple/{project}",
            action::READ_INDEX,
            |context: Context, path: PathParts, _: Request<_>| {
                Box::pin(async move { with_slash(&context, path.get("project")) }) as _
            },
        )
        .guarded(
            Method::GET,
            "/pypi/files/{project}/{file}",
            action::FETCH_FILE,
            move |context, path: PathParts, request: Request<_>| {
                let door = file.clone();
                Box::pin(async move { fetch(&door, &context, path.get("project"), path.get("file"), &request).await })
                    as _
            },
        )
}

/// The list of all projects.
async fn list(door: &Door<Pypi>, context: &Context, headers: &HeaderMap) -> Handled {
    let form = Door::<Pypi>::form(context, headers)?;
    let seen = match door.ecosystem.list.see(&door.projects).await {
        Ok(seen) => seen,
        Err(error) => return Door::<Pypi>::not_seen_beside(context, headers, &error),
    };
    let recorded = Door::<Pypi>::admit_to(context, &seen, form, headers)?;
    let page = seen.thing.thing.page(form).await;
    Ok(recorded.answer(page.response(form.content_type(), VARY, headers)))
}

/// PEP 503: a page's address ends in a slash, so that relative addresses work.
fn with_slash(context: &Context, name: &str) -> Handled {
    let name = Door::<Pypi>::name(context, name)?;
    let recorded = Door::<Pypi>::unasked(context, &name)?;
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    if let Ok(location) = HeaderValue::from_str(&format!("/pypi/simple/{}/", name.text())) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(recorded.answer(response))
}

/// A file, or a file's metadata where the name ends in `.metadata` (PEP 658).
async fn fetch<B: Sync>(
    door: &Door<Pypi>,
    context: &Context,
    project: &str,
    file: &str,
    request: &Request<B>,
) -> Handled {
    let name = Door::<Pypi>::name(context, project)?;
    let (file, part) = match file.strip_suffix(".metadata") {
        Some(file) => (file, Part::Metadata),
        None => (file, Part::Whole),
    };
    match check_file_name(file) {
        Ok(()) => door.file(context, &name, file, part, request).await,
        Err(why) => bad_name::<Pypi>(context, "file", file, &why.to_string()),
    }
}
