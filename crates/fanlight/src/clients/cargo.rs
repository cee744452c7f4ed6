//! cargo's edit: the public index replaced by the door, with the token for it.
//!
//! Lock files keep the origin they have: cargo holds what comes against the checksums in them.

use super::Setting;
use super::marks::{END, EditError, OFF, START, line_ending};
use super::uv::{parsed, table_lines};

/// cargo's configuration with the setting in it. What replaced the public index until now is switched off.
pub(super) fn written(before: &str, setting: &Setting) -> Result<String, EditError> {
    let document = parsed(before)?;
    let newline = line_ending(before);
    let replaced = |table: &str, name: &str| {
        let found = document.get(table)?.as_table()?.get(name)?.as_table()?;
        table_lines(before, found)
    };
    let off: Vec<_> =
        [replaced("source", "crates-io"), replaced("registries", "fanlight")].into_iter().flatten().collect();
    let mut out = String::with_capacity(before.len() + 512);
    for (number, line) in before.split_inclusive('\n').enumerate() {
        if off.iter().any(|lines| lines.contains(&(number + 1))) {
            out.push_str(OFF);
        }
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str(newline);
        }
    }
    if !out.is_empty() {
        out.push_str(newline);
    }
    let (base, token) = (setting.base(), setting.token());
    let block = format!(
        "{START}\n[source.crates-io]\nreplace-with = \"fanlight\"\n[registries.fanlight]\n\
         index = \"sparse+{base}/cargo/with-token/\"\ncredential-provider = [\"cargo:token\"]\n\
         token = \"Bearer {token}\"\n{END}\n"
    );
    out.push_str(&block.replace('\n', newline));
    Ok(out)
}
