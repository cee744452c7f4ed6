//! `fanlight backup`.

use std::path::Path;

use fanlight_api::backup::{Ask, Written};
use fanlight_api::routes;

use super::Context;
use super::client::Node;
use super::outcome::{Exit, Failure};
use super::screen::{Tone, visible};
use super::thing::{bytes, count};

/// Asks the running node to write a backup.
pub fn write(context: &mut Context, file: &Path) -> Result<Exit, Failure> {
    let state = super::settings::state_folder(&context.global)?;
    let written: Written = Node::find(&state)?.post(routes::BACKUP, &Ask { file: absolute(file)? })?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&written)?;
        return Ok(Exit::Good);
    }
    let head = format!("Wrote {}: {}, {}.", written.file, bytes(written.bytes), count(written.records, "record"));
    screen.line(&screen.tone(&visible(&head), Tone::Bold))?;
    screen.line("It holds the node's keys; keep it as safe as the state folder.")?;
    screen.line(&visible(&format!("Back to it: fanlight restore {}", written.file)))?;
    Ok(Exit::Good)
}

/// A file's name as the node finds it, which has a working folder of its own.
pub fn absolute(file: &Path) -> Result<String, Failure> {
    let file = std::path::absolute(file).map_err(|e| Failure::usage(format!("{}: {e}", file.display())))?;
    file.into_os_string().into_string().map_err(|file| Failure::usage(format!("{} is not UTF-8", file.display())))
}
