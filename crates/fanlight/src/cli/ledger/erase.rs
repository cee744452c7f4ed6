//! `fanlight ledger erase`: asks the running node, or does it under the node's locks where none runs.

use std::path::Path;

use fanlight_api::people::{Erase, Erased};
use fanlight_api::routes;
use fanlight_base::{Facts, Resource};
use fanlight_console::action::ERASE_PERSON;
use fanlight_identity::{EraseError, UNIDENTIFIED};

use super::no_ledger;
use crate::cli::Context;
use crate::cli::client::{ClientError, Node};
use crate::cli::offline::Offline;
use crate::cli::outcome::{Exit, Failure};
use crate::cli::screen::{Tone, visible};
use crate::cli::thing::count;

/// Does it, and says what was destroyed.
pub(super) fn run(context: &mut Context, state: &Path, person: &str) -> Result<Exit, Failure> {
    let ledger = state.join("ledger");
    if !ledger.is_dir() {
        return Err(no_ledger(&ledger));
    }
    let erased = match Node::find(state) {
        Ok(node) => match node.post(routes::ERASE_PERSON, &Erase { person: person.to_owned() }) {
            Err(ClientError::Refused(problem)) if problem.status == 404 => return Err(unknown(person)),
            answer => answer?,
        },
        Err(error) if error.is_not_running() => {
            let offline = Offline::open(&context.global, state)?;
            let erased = erase(&offline, person);
            offline.close();
            erased?
        }
        Err(error) => return Err(error.into()),
    };
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&erased)?;
        return Ok(Exit::Good);
    }
    let head = format!("The personal values of {} can no longer be read by anybody.", erased.person);
    screen.line(&screen.tone(&visible(&head), Tone::Bold))?;
    screen.line(&format!("  {} destroyed, {} ended", count(erased.keys, "key"), count(erased.tokens, "token")))?;
    screen.line("  No record changed, so every proof goes on holding: fanlight ledger verify")?;
    screen.line("  Older backups hold the keys until you destroy those, too.")?;
    Ok(Exit::Good)
}

fn unknown(person: &str) -> Failure {
    Failure::new(format!("nobody named {person:?} is known here")).exit(Exit::No)
}

fn erase(offline: &Offline, person: &str) -> Result<Erased, Failure> {
    let known = offline.wait(offline.identity().people()).map_err(Failure::new)?;
    let row = known.iter().find(|row| row.name.as_deref() == Some(person) || row.id.as_str() == person);
    // The name is a personal value, so the record names the person by pseudonym.
    let id = match row {
        Some(row) => row.id.to_string(),
        None if person == UNIDENTIFIED => person.to_owned(),
        None => return Err(unknown(person)),
    };
    offline.recorded(ERASE_PERSON, &Resource::new("Person", id), Facts::new())?;
    let erased = offline.wait(offline.identity().erase(person)).map_err(|error| match error {
        EraseError::Unknown(_) => unknown(person),
        other => Failure::new(other),
    })?;
    Ok(Erased { person: erased.person, keys: erased.keys, tokens: erased.devices })
}
