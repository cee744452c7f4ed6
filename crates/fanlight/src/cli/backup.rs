//! `fanlight backup` and `fanlight restore`.

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
    // The node has a working folder of its own.
    let file = std::path::absolute(file).map_err(|e| Failure::usage(format!("{}: {e}", file.display())))?;
    let name = file.to_str().ok_or_else(|| Failure::usage(format!("{} is not UTF-8", file.display())))?;
    let written: Written = Node::find(&state)?.post(routes::BACKUP, &Ask { file: name.to_owned() })?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&written)?;
        return Ok(Exit::Good);
    }
    let head = format!("Wrote {}: {}, {}.", written.file, bytes(written.bytes), count(written.records, "record"));
    screen.line(&screen.tone(&visible(&head), Tone::Bold))?;
    screen.line("It holds the node's keys; keep it as safe as the state folder.")?;
    screen.line(&visible(&format!("Back from it: fanlight restore {} --state NEW_FOLDER", written.file)))?;
    Ok(Exit::Good)
}

/// Makes a new state folder out of a backup; no node may be using it.
pub fn restore(context: &mut Context, file: &Path) -> Result<Exit, Failure> {
    let state = super::settings::state_folder(&context.global)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::new)?;
    let restored = runtime.block_on(crate::node::backup::restore(file, &state)).map_err(Failure::new)?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&serde_json::json!({
            "state": state.display().to_string(),
            "origin": restored.origin,
            "earlier_origin": restored.earlier,
            "records": restored.records,
        }))?;
        return Ok(Exit::Good);
    }
    let head = format!("Restored into {}: {}.", state.display(), count(restored.records, "record"));
    screen.line(&screen.tone(&visible(&head), Tone::Bold))?;
    screen.line(&visible(&format!(
        "The ledger goes on as {}, whose first record names {} and its last checkpoint.",
        restored.origin, restored.earlier
    )))?;
    screen.line("Start it with `fanlight up`. Do not let the node that made the backup go on beside it.")?;
    Ok(Exit::Good)
}
