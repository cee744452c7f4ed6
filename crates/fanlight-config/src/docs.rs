//! `docs/configuration.md`, made from the settings themselves.

use crate::settings::KNOWN;

#[cfg(test)]
mod tests;

const HEAD: &str = "\
# Settings

<!-- Made from crates/fanlight-config/src/settings.rs; a test keeps it current. Do not edit by hand. -->

Fanlight runs without any setting. A setting comes from, in order of rising strength:

1. the default built in,
2. `fanlight.toml` in the state folder, or the file that `--config FILE` or `FANLIGHT_CONFIG` names,
3. an environment variable: `FANLIGHT_` and the key in capitals, with two underscores for each dot, so
   `FANLIGHT_PACKAGES__COOLDOWN` sets `packages.cooldown`,
4. a flag, for the settings that have one (`fanlight up --help`).

A key that Fanlight does not know, or a value that it cannot use, stops the start and shows the line; so does a variable
that begins with `FANLIGHT_` and names nothing here. `fanlight config` shows each value that holds and where it came
from.

The state folder is where `--state DIR` or `FANLIGHT_STATE` says; without them `$XDG_STATE_HOME/fanlight`, or
`~/.local/state/fanlight`, on macOS `~/Library/Application Support/fanlight`.

Relative paths in the file are taken from the file's folder, those from the environment and flags from where the command
is run.
";

/// The reference of all settings, as Markdown.
pub fn reference() -> String {
    let mut out = HEAD.to_owned();
    for known in KNOWN {
        let (group, name) = known.key.rsplit_once('.').unwrap_or_default();
        let default = if known.default.is_empty() { "none".to_owned() } else { format!("`{}`", known.default) };
        out.push_str(&format!(
            "\n## `{}`\n\n{}\n\n- Allowed: {}\n- Default: {default}\n- Environment: `{}`\n\n```toml\n[{group}]\n{name} = {}\n```\n",
            known.key,
            wrapped(&known.doc()),
            wrapped(known.allowed).replace('\n', "\n  "),
            known.variable(),
            known.example,
        ));
    }
    out
}

/// Text in lines of at most 105 characters, room left for what stands before.
fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut width = 0;
    for word in text.split_whitespace() {
        if width + word.len() >= 105 {
            out.push('\n');
            width = 0;
        } else if width > 0 {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += word.len();
    }
    out
}
