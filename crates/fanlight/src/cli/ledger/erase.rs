//! `fanlight ledger erase`: asks the running node, or does it under the node's locks where none runs.

use std::io::{self, BufRead, IsTerminal as _};
use std::path::Path;

use fanlight_api::people::{Erase, Erased};
use fanlight_api::routes;
use fanlight_base::{Facts, Resource};
use fanlight_console::action::ERASE_PERSON;
use fanlight_identity::{EraseError, UNIDENTIFIED};

use super::there;
use crate::cli::Context;
use crate::cli::client::{ClientError, Node};
use crate::cli::offline::Offline;
use crate::cli::outcome::{Exit, Failure};
use crate::cli::screen::{Screen, Tone, visible};
use crate::cli::thing::count;

/// What a person types to go on.
const WORD: &str = "erase";

/// Does it, and says what was destroyed. A person at a terminal is asked before.
pub(super) fn run(context: &mut Context, state: &Path, person: &str, yes: bool) -> Result<Exit, Failure> {
    there(&state.join("ledger"))?;
    let stdin = io::stdin();
    if !yes && stdin.is_terminal() && !confirmed(&mut context.screen, person, &mut stdin.lock())? {
        context.screen.aside("Nothing was changed.");
        return Ok(Exit::No);
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

/// Whether the person typed the word.
fn confirmed(screen: &mut Screen, person: &str, answers: &mut impl BufRead) -> io::Result<bool> {
    let what = match person {
        UNIDENTIFIED => "the addresses of all callers nobody knows".to_owned(),
        person => format!("the names and machines of {person} in all records, and ends their tokens"),
    };
    screen.aside(&visible(&format!("This destroys the keys of {what}.")));
    screen.aside("  Nobody can read them again, and nothing brings them back. The records and their proofs stay.");
    screen.aside(&format!("Type `{WORD}` to go on:"));
    let mut answer = String::new();
    answers.read_line(&mut answer)?;
    Ok(answer.trim() == WORD)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tests::shown;

    #[test]
    fn a_person_at_a_terminal_is_told_what_goes_and_types_the_word() {
        let mut answers = Vec::new();
        let said = shown(|screen| {
            for typed in ["erase\n", " erase \n", "yes\n", "\n", ""] {
                answers.push(confirmed(screen, "asha\u{1b}", &mut typed.as_bytes())?);
            }
            Ok(())
        });
        assert_eq!(answers, [true, true, false, false, false]);
        assert!(
            said.contains("the names and machines of asha?") && said.contains("nothing brings them back"),
            "{said}"
        );
    }
}
