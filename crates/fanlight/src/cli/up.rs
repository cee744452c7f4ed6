//! `fanlight up`: reads the settings and runs the node.

use super::Context;
use super::outcome::{Exit, Failure};
use super::settings;

/// Runs until the node is told to stop.
pub fn run(context: &Context, listen: Option<String>) -> Result<Exit, Failure> {
    let flags = listen.map(|address| ("listen.address".to_owned(), address, "--listen".to_owned()));
    let config = settings::load(&context.global, flags.into_iter().collect())?;
    crate::node::run(config).map(|()| Exit::Good).map_err(Failure::new)
}
