//! npm's edit: `registry` and the token for it, in the file that pnpm and yarn 1 read, too.
//!
//! `replace-registry-host=always`, because npm fetches a lock file's archives from the addresses in it: where they are of
//! another registry they would pass beside the door.

use super::Setting;
use super::marks::{END, EditError, OFF, START, bare, line_ending};

/// Keys that ours take the place of.
const KEYS: [&str; 2] = ["registry", "replace-registry-host"];

/// npm's configuration with the setting in it. Ours stands first, because what follows a `[section]` belongs to it.
#[expect(
    clippy::unnecessary_wraps,
    reason = "as of every client: others' files may be such that nothing can be edited"
)]
pub(super) fn written(before: &str, setting: &Setting) -> Result<String, EditError> {
    let newline = line_ending(before);
    let (base, token) = (setting.base(), setting.token());
    let at = base.split_once(':').map_or("", |(_, rest)| rest);
    let mut lines = vec![
        START.to_owned(),
        format!("registry={base}/npm/"),
        "replace-registry-host=always".to_owned(),
        format!("{at}/npm/:_authToken={token}"),
        // yarn 1 shows the token only where it is told to.
        format!("{at}/npm/:always-auth=true"),
    ];
    lines.extend(setting.root.iter().map(|root| format!("cafile={root}")));
    lines.push(END.to_owned());
    let mut out = lines.into_iter().map(|line| line + newline).collect::<String>();
    for line in before.split_inclusive('\n') {
        let ours = key(bare(line));
        if KEYS.contains(&ours) || (ours == "cafile" && setting.root.is_some()) {
            out.push_str(OFF);
        }
        out.push_str(line);
    }
    Ok(out)
}

/// The registries that scopes of packages have for themselves: the options that name them.
pub(super) fn scoped(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(key).filter(|key| key.starts_with('@') && key.ends_with(":registry"))
}

/// The key of a line; empty where it has none.
fn key(line: &str) -> &str {
    let line = line.trim_start();
    if line.starts_with(['#', ';', '[']) {
        return "";
    }
    line.split_once('=').map_or("", |(key, _)| key.trim())
}
