//! `fanlight restore`: takes the running node back to a backup, or makes a state folder out of one where no node runs.

use std::io::{self, BufRead, IsTerminal as _};
use std::path::Path;
use std::time::{Duration, Instant};

use fanlight_api::restore::{Ask, Planned};
use fanlight_api::{Status, routes};
use serde::Serialize;

use super::Context;
use super::backup::absolute;
use super::client::{ClientError, Node};
use super::outcome::{Exit, Failure};
use super::screen::{Screen, Tone, visible};
use super::thing::count;

/// What a person types to go on.
const WORD: &str = "restore";
/// How long the node may take to finish what is under way and to open the restored state.
const OVER_WITHIN: Duration = Duration::from_secs(180);
/// How long it may not even be reached: it keeps its address while it goes over.
const UNREACHABLE: Duration = Duration::from_secs(5);
/// How often it is asked whether it has gone over.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// Does whichever of both it is.
pub fn run(context: &mut Context, file: &Path, yes: bool) -> Result<Exit, Failure> {
    let state = super::settings::state_folder(&context.global)?;
    match Node::find(&state) {
        Ok(node) => {
            if !yes && !is_wanted(&mut context.screen, &node.about.url)? {
                context.screen.aside("Nothing was changed.");
                return Ok(Exit::No);
            }
            take_back(context, &state, node, file)
        }
        Err(error) if error.is_not_running() => into_empty(context, &state, file),
        Err(error) => Err(error.into()),
    }
}

/// Asks the person at the terminal; without one there is nobody to ask.
fn is_wanted(screen: &mut Screen, url: &str) -> Result<bool, Failure> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::usage(
            "this takes the running node back in time, and nobody is at a terminal to be asked",
        )
        .hint("say so: --yes"));
    }
    confirmed(screen, url, &mut stdin.lock()).map_err(Failure::from)
}

/// Whether the person typed the word.
pub(super) fn confirmed(screen: &mut Screen, url: &str, answers: &mut impl BufRead) -> io::Result<bool> {
    screen.aside(&visible(&format!("This takes the node at {url} back to the moment of the backup.")));
    screen.aside("  Tokens made since then end; people led through it since then run `fanlight use` again.");
    screen.aside("  What it has now, its ledger included, is kept aside. It serves nothing for a few seconds.");
    screen.aside(&format!("Type `{WORD}` to go on:"));
    let mut answer = String::new();
    answers.read_line(&mut answer)?;
    Ok(answer.trim() == WORD)
}

/// Has the running node restore, and waits until it has.
fn take_back(context: &mut Context, state: &Path, node: Node, file: &Path) -> Result<Exit, Failure> {
    let planned: Planned = node.post(routes::RESTORE, &Ask { file: absolute(file)? }).map_err(|error| match error {
        // It ended, or the connection did; what it does then it decides by what is on its disk.
        ClientError::NoAnswer { .. } => {
            Failure::new(error).hint("`fanlight status` says whether the node runs; what it had is never lost")
        }
        error => error.into(),
    })?;
    // A connection kept open, and not looked after while we wait, is one that the node waits for.
    drop(node);
    let status = gone_over(state, &planned)?;
    let screen = &mut context.screen;
    if screen.json {
        #[derive(Serialize)]
        struct Done<'a> {
            #[serde(flatten)]
            planned: &'a Planned,
            state: String,
            address: &'a str,
        }
        let state = state.display().to_string();
        screen.document(&Done { planned: &planned, state, address: &status.address })?;
        return Ok(Exit::Good);
    }
    let head =
        format!("The node at {} is back at {}: {}.", status.address, planned.file, count(planned.records, "record"));
    screen.line(&screen.tone(&visible(&head), Tone::Bold))?;
    continued(screen, &planned.origin, &planned.earlier_origin)?;
    screen.line(&visible(&format!("What it had until now, its ledger included, is in {}.", planned.replaced)))?;
    if planned.tokens_ended > 0 {
        let ended = count(planned.tokens_ended, "token");
        screen.line(&format!("{ended} made after the backup ended; `fanlight use` makes new ones."))?;
    }
    if planned.tokens_kept_ended > 0 {
        screen.line(&format!("{} ended after the backup stayed ended.", count(planned.tokens_kept_ended, "token")))?;
    }
    if planned.people_kept_erased > 0 {
        let words = count(planned.people_kept_erased, "person").replace("persons", "people");
        screen.line(&format!("{words} erased after the backup stayed erased."))?;
    }
    Ok(Exit::Good)
}

/// Waits until the node serves the restored state. Until then its address, its secret and its process may each be between
/// two states, so what fails is asked again, unless the process is gone.
fn gone_over(state: &Path, planned: &Planned) -> Result<Status, Failure> {
    let deadline = Instant::now() + OVER_WITHIN;
    let mut reached = Instant::now();
    loop {
        let is_under_way = state.join("restoring").exists();
        let answer = Node::find(state).and_then(|node| node.get::<Status>(routes::STATUS, &[]));
        if !answer.as_ref().is_err_and(ClientError::is_unreachable) {
            reached = Instant::now();
        }
        match answer {
            Ok(status) if status.origin == planned.origin => return Ok(status),
            Err(error) if error.is_not_running() || reached.elapsed() > UNREACHABLE => {
                return Err(Failure::new("the node ended before it had gone over to the restored state")
                    .hint("start it again: it finishes the restore or goes on with the state it had"));
            }
            // It serves again, and what it serves is not what was restored.
            Ok(status) if status.ready && !is_under_way => {
                return Err(Failure::new("the node could not use the restored state, and goes on with the one it had")
                    .hint("look at what it says where it was started"));
            }
            _ if Instant::now() > deadline => {
                return Err(Failure::new("the node has not gone over to the restored state yet")
                    .hint("look at what it says where it was started, and at `fanlight status`"));
            }
            _ => std::thread::sleep(ASK_EVERY),
        }
    }
}

/// Makes a new state folder out of a backup; no node may be using it.
fn into_empty(context: &mut Context, state: &Path, file: &Path) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::new)?;
    let restored = runtime.block_on(crate::node::restore::restore(file, state)).map_err(Failure::new)?;
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
    continued(screen, &restored.origin, &restored.earlier)?;
    screen.line("Start it with `fanlight up`. Do not let the node that made the backup go on beside it.")?;
    Ok(Exit::Good)
}

fn continued(screen: &mut Screen, origin: &str, earlier: &str) -> io::Result<()> {
    screen.line(&visible(&format!(
        "The ledger goes on as {origin}, whose first record names {earlier} and its last checkpoint."
    )))
}
