//! `fanlight config`: each setting, and where it came from: as `up` would read them here, or as the running node has them.

use fanlight_api::routes;
use fanlight_api::settings::{Setting, Settings};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Context;
use super::client::Node;
use super::outcome::{Exit, Failure};
use super::people::no;
use super::screen::{Tone, visible};
use super::settings;
use super::table::{Cell, Table};

#[derive(Serialize)]
struct Shown<'a> {
    value: &'a str,
    from: &'a str,
    about: &'a str,
}

/// Reads the settings as `up` would, or asks the running node for its own.
pub fn run(context: &mut Context, running: bool) -> Result<Exit, Failure> {
    let (settings, no_file) = if running {
        let settings: Settings = Node::asked(&context.global)?.get(routes::SETTINGS, &[]).map_err(no)?;
        (settings, "The node had no settings file when it started".to_owned())
    } else {
        let config = settings::load(&context.global, Vec::new())?;
        let place = config.state.join("fanlight.toml").display().to_string();
        (crate::node::settings_of(&config), format!("No settings file; {place} would be read"))
    };
    let screen = &mut context.screen;
    if screen.json {
        let mut all = Map::new();
        for Setting { setting, value, from, about } in &settings.settings {
            let shown = Shown { value, from, about };
            all.insert(setting.clone(), serde_json::to_value(shown).unwrap_or(Value::Null));
        }
        screen.document(&all)?;
        return Ok(Exit::Good);
    }
    let file = settings.file.map_or(no_file, |file| format!("Settings file: {file}"));
    screen.line(&screen.tone(&visible(&file), Tone::Bold))?;
    screen.line("")?;
    let mut table = Table::new(["setting", "value", "from"]);
    for Setting { setting, value, from, .. } in settings.settings {
        let value = match &*value {
            // Then the node takes the one that it found, which its status says.
            "" if setting.ends_with(".upstream") => "(the one found: see `fanlight status`)",
            "" => "(none)",
            value => value,
        };
        let tone = if from == "default" { Tone::Faint } else { Tone::Good };
        table.row([Cell::from(&*setting), Cell::from(value), Cell::toned(from, tone)]);
    }
    table.write(screen)?;
    Ok(Exit::Good)
}
