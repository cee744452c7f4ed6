//! uv's edit: one `[[index]]` with `default = true`, and every other default index switched off.
//!
//! uv knows a default index by three names: `[[index]]` with `default = true`, `index-url`, and `index-url` under
//! `[pip]`; of several, the first found wins, so none but ours may stay on.

use std::ops::Range;

use toml_edit::{Document, Item, Table, Value};

use super::Setting;
use super::marks::{END, EditError, OFF, START, line_at, line_ending};

/// uv's configuration with the setting in it.
pub(super) fn written(before: &str, setting: &Setting) -> Result<String, EditError> {
    let document = parsed(before)?;
    let newline = line_ending(before);
    let mut off = Vec::new();
    let mut again = Vec::new();
    off.extend(key_lines(before, document.as_item(), "index-url"));
    match document.get("pip") {
        Some(Item::Value(pip)) if pip.as_inline_table().is_some_and(|pip| pip.contains_key("index-url")) => {
            let line = pip.span().map_or(1, |span| line_at(before, span.start));
            let what =
                "index-url within pip = {..}; write it as a [pip] section first, so that it alone can be switched off";
            return Err(EditError::Unreadable { line, what: what.to_owned() });
        }
        Some(pip) => off.extend(key_lines(before, pip, "index-url")),
        None => {}
    }
    match document.get("index") {
        Some(Item::ArrayOfTables(tables)) => {
            for table in tables.iter().filter(|table| is_default(table.get("default").and_then(Item::as_bool))) {
                off.extend(table_lines(before, table));
            }
        }
        // An index written as a value leaves no room for a further `[[index]]`: it goes off as a whole, and what was not
        // the default comes again among ours.
        Some(Item::Value(Value::Array(array))) => {
            off.extend(key_lines(before, document.as_item(), "index"));
            let others = array.iter().filter_map(Value::as_inline_table);
            again.extend(others.filter(|t| !is_default(t.get("default").and_then(Value::as_bool))).cloned());
        }
        _ => {}
    }

    let mut out = String::with_capacity(before.len() + 256);
    for (number, line) in before.split_inclusive('\n').enumerate() {
        if off.iter().any(|lines| lines.contains(&(number + 1))) {
            out.push_str(OFF);
        }
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str(newline);
        }
    }
    let mut block = format!("{START}\n");
    for table in again {
        block.push_str(&format!("[[index]]\n{}", table.into_table()));
    }
    let url = Value::from(setting.index_url.as_str());
    block.push_str(&format!("[[index]]\nname = \"fanlight\"\nurl = {url}\ndefault = true\n{END}\n"));
    if !out.is_empty() {
        out.push_str(newline);
    }
    out.push_str(&block.replace('\n', newline));
    Ok(out)
}

/// The file as TOML, or the line that is none.
pub(super) fn parsed(text: &str) -> Result<Document<String>, EditError> {
    Document::parse(text.to_owned()).map_err(|error| EditError::Unreadable {
        line: error.span().map_or(1, |span| line_at(text, span.start)),
        what: format!("not TOML: {}", error.message()),
    })
}

const fn is_default(value: Option<bool>) -> bool {
    matches!(value, Some(true))
}

/// The lines, from 1, on which a key of a table and its value stand.
fn key_lines(text: &str, table: &Item, key: &str) -> Option<Range<usize>> {
    let (key, value) = table.as_table_like()?.get_key_value(key)?;
    let (key, value) = (key.span()?, value.span()?);
    Some(line_at(text, key.start)..line_at(text, value.end) + 1)
}

/// The lines, from 1, from a table's header to the last of its values.
pub(super) fn table_lines(text: &str, table: &Table) -> Option<Range<usize>> {
    let header = table.span()?;
    let values = table.get_values();
    let end = values.iter().filter_map(|(_, value)| value.span()).map(|span| span.end).fold(header.end, usize::max);
    Some(line_at(text, header.start)..line_at(text, end) + 1)
}
