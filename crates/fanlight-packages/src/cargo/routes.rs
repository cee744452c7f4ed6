//! The addresses of the cargo door.
//!
//! There are two roots: `/cargo/` for who shows no token, and `/cargo/with-token/` for who has one, because cargo sends it
//! only where `config.json` asks for it, and an index that asks for it is closed to who has none.

use std::sync::Arc;

use bytes::Bytes;
use fanlight_base::Action;
use fanlight_gate::{Context, Handled, PathParts, Routes};
use fanlight_net::{Body, Problem};
use http::{HeaderValue, Method, Request, Response, header};

use super::Cargo;
use super::formats::name::Name;
use crate::action;
use crate::door::{Door, address};
use crate::ecosystem::Part;

/// What an address is for.
#[derive(Clone, Copy)]
enum Asked {
    /// What the index says of itself; whether cargo shall send its token.
    Config(bool),
    /// A crate's file.
    Crate,
    /// An archive.
    Archive,
}

/// All addresses.
const TABLE: [(&str, Asked); 7] = [
    ("/cargo/config.json", Asked::Config(false)),
    ("/cargo/with-token/config.json", Asked::Config(true)),
    ("/cargo/{first}/{second}", Asked::Crate),
    ("/cargo/{first}/{second}/{third}", Asked::Crate),
    ("/cargo/with-token/{first}/{second}", Asked::Crate),
    ("/cargo/with-token/{first}/{second}/{third}", Asked::Crate),
    ("/cargo/archives/{crate}/{version}/download", Asked::Archive),
];

/// The routes of the cargo door.
pub(super) fn routes(door: &Arc<Door<Cargo>>) -> Routes {
    TABLE.into_iter().fold(Routes::new(), |table, (pattern, asked)| {
        let action = match asked {
            Asked::Config(_) | Asked::Crate => action::READ_INDEX,
            Asked::Archive => action::FETCH_FILE,
        };
        add(table, door, (pattern, asked), action)
    })
}

fn add(table: Routes, door: &Arc<Door<Cargo>>, (pattern, asked): (&'static str, Asked), action: Action) -> Routes {
    let door = door.clone();
    table.guarded(Method::GET, pattern, action, move |context, path: PathParts, request: Request<_>| {
        let door = door.clone();
        Box::pin(async move { answer(&door, &context, asked, &path, &request).await }) as _
    })
}

async fn answer<B: Sync>(
    door: &Door<Cargo>,
    context: &Context,
    asked: Asked,
    path: &PathParts,
    request: &Request<B>,
) -> Handled {
    match asked {
        Asked::Config(with_token) => config(context, with_token, request),
        Asked::Crate => {
            let parts = [path.get("first"), path.get("second"), path.get("third")];
            let text = parts.into_iter().rev().find(|part| !part.is_empty()).unwrap_or_default();
            let name = Door::<Cargo>::name(context, text)?;
            if is_place(&name, parts) {
                return door.index(context, &name, request).await;
            }
            let recorded = Door::<Cargo>::unasked(context, &name)?;
            let words = format!("The index has the file of {name} at {}.", name.place());
            Ok(recorded.problem(Problem::not_found(words)))
        }
        Asked::Archive => {
            let name = Door::<Cargo>::name(context, path.get("crate"))?;
            let file = name.archive(path.get("version"));
            door.file(context, &name, &file, Part::Whole, request).await
        }
    }
}

/// Whether a crate's file is asked for where the index has it, so that nothing has two addresses.
fn is_place(name: &Name, [first, second, third]: [&str; 3]) -> bool {
    let asked = if third.is_empty() { format!("{first}/{second}") } else { format!("{first}/{second}/{third}") };
    asked == name.place()
}

/// What the index says of itself: archives come through the door, under the address that the client asked at.
fn config<B>(context: &Context, with_token: bool, request: &Request<B>) -> Handled {
    let recorded = Door::<Cargo>::of_no_project(context)?;
    let archives = address(context, request, "/cargo/archives");
    let config = if with_token {
        serde_json::json!({"dl": archives, "auth-required": true})
    } else {
        serde_json::json!({"dl": archives})
    };
    let mut response = Response::new(Body::Full(Bytes::from(config.to_string())));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(recorded.answer(response))
}
