//! `fanlight config`: each setting that is in force, and where it came from.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Context;
use super::outcome::{Exit, Failure};
use super::screen::{Tone, visible};
use super::settings;
use super::table::{Cell, Table};

#[derive(Serialize)]
struct Shown<'a> {
    value: &'a str,
    from: String,
    about: &'a str,
}

/// Reads the settings as `up` would.
pub fn run(context: &mut Context) -> Result<Exit, Failure> {
    let config = settings::load(&context.global, Vec::new())?;
    let screen = &mut context.screen;
    if screen.json {
        let mut all = Map::new();
        for setting in config.effective() {
            let shown = Shown { value: &setting.value, from: setting.origin.to_string(), about: &setting.doc };
            all.insert(setting.key.to_owned(), serde_json::to_value(shown).unwrap_or(Value::Null));
        }
        screen.document(&all)?;
        return Ok(Exit::Good);
    }
    let file = match &config.file {
        Some(file) => format!("Settings file: {}", file.display()),
        None => format!("No settings file; {} would be read", config.state.join("fanlight.toml").display()),
    };
    screen.line(&screen.tone(&visible(&file), Tone::Bold))?;
    screen.line("")?;
    let mut table = Table::new(["setting", "value", "from"]);
    for setting in config.effective() {
        let value = match &*setting.value {
            // Then the node takes the one that it found, which only a node can say.
            "" if setting.key.ends_with(".upstream") => "(the one found: see `fanlight status`)",
            "" => "(none)",
            value => value,
        };
        let from = setting.origin.to_string();
        let tone = if from == "default" { Tone::Faint } else { Tone::Good };
        table.row([Cell::from(setting.key), Cell::from(value), Cell::toned(from, tone)]);
    }
    table.write(screen)?;
    Ok(Exit::Good)
}
