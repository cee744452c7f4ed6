//! `fanlight people import`: a company's list taken over, or what that would do.

use std::path::Path;

use fanlight_api::import::{Ask, Imported, Move};
use fanlight_api::routes;
use fanlight_base::limits;

use super::Context;
use super::client::Node;
use super::outcome::{Exit, Failure};
use super::people::no;
use super::screen::{Screen, Tone, visible};
use super::thing::count;

/// Lines shown of each kind; `--json` has all.
const SHOWN: usize = 20;

/// Takes the list over; with `dry_run` says what that would do.
pub fn run(context: &mut Context, node: &Node, file: &Path, dry_run: bool) -> Result<Exit, Failure> {
    let ask = Ask { csv: read(file)? };
    let route = if dry_run { routes::IMPORT_PREVIEW } else { routes::IMPORT_PEOPLE };
    let imported: Imported = node.post(route, &ask).map_err(no)?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&imported)?;
    } else {
        tell(screen, &imported, dry_run)?;
    }
    Ok(if imported.refused.is_empty() { Exit::Good } else { Exit::No })
}

fn read(file: &Path) -> Result<String, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("{} cannot be read: {error}", file.display()));
    if std::fs::metadata(file).map_err(failed)?.len() > limits::IMPORT_BYTES as u64 {
        let words = format!("{} has over {} bytes", file.display(), limits::IMPORT_BYTES);
        return Err(Failure::new(words).hint("take it over in parts"));
    }
    let bytes = std::fs::read(file).map_err(failed)?;
    String::from_utf8(bytes).map_err(|_| {
        Failure::new(format!("{} is no text in UTF-8", file.display()))
            .hint("save it as \"CSV UTF-8\" in the spreadsheet")
    })
}

fn tell(screen: &mut Screen, imported: &Imported, dry_run: bool) -> std::io::Result<()> {
    let Imported { new, back, leaving, joins, leaves, unchanged, refused, left_out } = imported;
    let head = match (dry_run, refused.is_empty()) {
        (true, true) => "This list would change:",
        (true, false) => "This list cannot be taken over. Without the lines that are refused it would change:",
        (false, _) => "The list was taken over. This changed:",
    };
    screen.line(&screen.tone(head, Tone::Bold))?;
    let moved =
        |moves: &[Move]| -> Vec<String> { moves.iter().map(|one| format!("{}: {}", one.person, one.group)).collect() };
    for (what, names) in [
        ("new people", new.clone()),
        ("people who come back", back.clone()),
        ("people who leave, with all that they have here", leaving.clone()),
        ("into groups", moved(joins)),
        ("out of groups", moved(leaves)),
    ] {
        list(screen, &format!("{} {what}", names.len()), &names)?;
    }
    screen.line(&format!("  {} of no change", count(*unchanged, "line")))?;
    if !left_out.is_empty() {
        screen.line(&visible(&format!("Columns that mean nothing here: {}.", left_out.join(", "))))?;
    }
    if !refused.is_empty() {
        let words: Vec<_> = refused.iter().map(|refused| format!("line {}: {}", refused.line, refused.why)).collect();
        list(screen, &format!("{} refused", count(refused.len() as u64, "line")), &words)?;
    }
    Ok(())
}

fn list(screen: &mut Screen, head: &str, lines: &[String]) -> std::io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    screen.line(&format!("  {head}"))?;
    for line in lines.iter().take(SHOWN) {
        screen.line(&visible(&format!("    {line}")))?;
    }
    if lines.len() > SHOWN {
        screen.line(&format!("    and {} more: `--json` has all", lines.len() - SHOWN))?;
    }
    Ok(())
}
