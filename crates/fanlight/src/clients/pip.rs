//! pip's edit: `global.index-url`, and `global.cert` where the node has its own authority.

use super::Setting;
use super::ini::Ini;
use super::marks::{END, EditError, OFF, START, line_ending};

/// The section that holds for every pip command.
const GLOBAL: &str = "global";

/// pip's configuration with the setting in it. Every other index-url in the file is switched off, because one in
/// `[install]` would outrank ours in `[global]`.
pub(super) fn written(before: &str, setting: &Setting) -> Result<String, EditError> {
    let ini = Ini::read(before)?;
    let newline = line_ending(before);
    let keys = ["index-url", "cert"];
    let keys = if setting.root.is_some() { &keys[..] } else { &keys[..1] };
    let off: Vec<_> = keys.iter().flat_map(|key| ini.all(key)).map(|option| option.first..=option.last).collect();
    let mut block = format!("{START}{newline}");
    let global = ini.sections.iter().find(|(name, _)| name == GLOBAL).map(|(_, line)| *line);
    if global.is_none() {
        block.push_str(&format!("[{GLOBAL}]{newline}"));
    }
    // As deep as the section's own options: a deeper line that follows ours would be read as a part of our value.
    let first = ini.options.iter().find(|option| option.section == GLOBAL).and_then(|o| before.lines().nth(o.first));
    let indent = first.map_or("", |line| &line[..line.len() - line.trim_start().len()]);
    block.push_str(&format!("{indent}index-url = {}{newline}", setting.index_url));
    if let Some(root) = &setting.root {
        block.push_str(&format!("{indent}cert = {root}{newline}"));
    }
    block.push_str(&format!("{END}{newline}"));

    let mut out = String::with_capacity(before.len() + block.len());
    for (number, line) in before.split_inclusive('\n').enumerate() {
        if off.iter().any(|lines| lines.contains(&number)) {
            out.push_str(OFF);
        }
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str(newline);
        }
        if global == Some(number) {
            out.push_str(&block);
        }
    }
    if global.is_none() {
        if !out.is_empty() {
            out.push_str(newline);
        }
        out.push_str(&block);
    }
    Ok(out)
}
