//! `fanlight up`: reads the settings and runs the node.

use std::path::Path;
use std::sync::Arc;

use super::outcome::{Exit, Failure};
use super::{Context, Global, settings};
use crate::node::NodeError;

/// Runs until the node is told to stop.
pub fn run(context: &Context, listen: Option<String>) -> Result<Exit, Failure> {
    let flags: Vec<_> =
        listen.map(|address| ("listen.address".to_owned(), address, "--listen".to_owned())).into_iter().collect();
    let global = context.global.clone();
    let reload = move |state: Option<&Path>| {
        let global = Global { state: state.map(Path::to_owned).or_else(|| global.state.clone()), ..global.clone() };
        settings::read(&global, flags.clone())
    };
    crate::node::run(Arc::new(reload)).map(|()| Exit::Good).map_err(|error| match error {
        NodeError::Config(fault) => settings::failure(fault),
        error @ NodeError::Foreign { .. } => {
            Failure::new(error).hint("name a folder of its own with --state; it may be missing, and is made then")
        }
        error => Failure::new(error),
    })
}
