//! `fanlight use --at`: leads a client on a machine without a node to one elsewhere, by a key of one's own or of an app.
//!
//! Makes no token and needs no steward. Invariants: the key is tried at the door before anything is written, and is read from the
//! environment or standard input alone, never from an argument, which others on the machine see.

use std::path::Path;

use fanlight_api::{Method, Route};
use fanlight_base::DeviceId;
use serde::Deserialize;

use super::{Shown, UseArgs, parts_of, pending, setting, show};
use crate::cli::Context;
use crate::cli::client::{ClientError, Node};
use crate::cli::login::{Login, key};
use crate::cli::outcome::{Exit, Failure};
use crate::clients::installed::Plan;
use crate::clients::{Surroundings, Turn, owner};

/// What tells whether a key opens the package doors: it asks no upstream and is about no package.
const TRY: Route = Route { method: Method::Get, path: "/npm/-/ping" };

/// What is answered to it.
#[derive(Deserialize)]
struct Pong {}

/// Leads the client to the node at that address.
pub(super) fn lead(context: &mut Context, arguments: &UseArgs, address: &str, state: &Path) -> Result<Exit, Failure> {
    let client = arguments.client;
    let around = Surroundings::of_this_process();
    let ca = arguments.ca.as_ref().map(|path| {
        std::fs::read_to_string(path).map_err(|source| ClientError::Unreadable { file: path.clone(), source })
    });
    let login = Login {
        address: address.trim_end_matches('/').to_owned(),
        key: key()?.expose_secret().clone(),
        ca: ca.transpose()?,
    };
    let node = Node::logged_in(&login)?;
    let _: Pong = node.get(TRY, &[]).map_err(|error| {
        Failure::from(error)
            .or_hint("make one that fetches packages: `fanlight keys make --for packages`, or on the node's pages")
    })?;
    // `flk_ID_SECRET_SUM`: the id alone says which key stands there, for whoever ends it.
    let id = login.key.split('_').nth(1).unwrap_or_default();
    let device = DeviceId::new(format!("key_{id}"));
    // With a key any name will do; the key says whose it is.
    let person = owner::person(&around).unwrap_or_else(|| "fanlight".to_owned());
    let machine = owner::machine();
    let _turn = Turn::take(state)?;
    let plan = Plan::of(client, state, &around)?;
    let parts = parts_of(&node.about)?;
    let root = login.ca.as_ref().map(|_| plan.root.as_path());
    let setting = setting(&parts, &person, &login.key, root);
    let text = plan.text(&setting)?;
    let roots = login.ca.as_deref().map(|own| plan.roots(&around, own));
    if let Some(token) = plan.earlier_device().filter(|earlier| earlier.as_str().starts_with("dev_")) {
        // Until now a node here led it: that one ends its token when it runs.
        pending::keep(state, token)?;
    }
    plan.write(state, &setting, roots.as_deref(), device)?;
    let beside = plan.beside(&around, &text, &parts.host);
    let shown = Shown { person: &person, machine: &machine, device: None, text, has_root: login.ca.is_some() };
    show(context, &plan, &shown, &beside, true)
}
