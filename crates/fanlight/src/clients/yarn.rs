//! The edit for yarn 2 and later: the top-level keys of `.yarnrc.yml`. yarn 1 reads npm's file.

use super::Setting;
use super::marks::{END, EditError, OFF, START, line_ending};

/// yarn's configuration with the setting in it. Every key that ours would be a second one of is switched off, with the lines
/// that belong to it.
#[expect(
    clippy::unnecessary_wraps,
    reason = "as of every client: others' files may be such that nothing can be edited"
)]
pub(super) fn written(before: &str, setting: &Setting) -> Result<String, EditError> {
    let newline = line_ending(before);
    let base = setting.base();
    let mut ours = vec![
        ("npmRegistryServer", format!("\"{base}/npm/\"")),
        ("npmAlwaysAuth", "true".to_owned()),
        ("npmAuthToken", format!("\"{}\"", setting.token())),
    ];
    if let Some(authority) = base.strip_prefix("http://") {
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        ours.push(("unsafeHttpWhitelist", format!("[\"{}\"]", host.trim_matches(['[', ']']))));
    }
    ours.extend(setting.root.iter().map(|root| ("httpsCaFilePath", format!("\"{root}\""))));

    let mut out = String::with_capacity(before.len() + 512);
    let mut is_off = false;
    for line in before.split_inclusive('\n') {
        let goes_on = line.starts_with([' ', '\t', '-']) || line.trim().is_empty();
        if !goes_on {
            is_off = line.split_once(':').is_some_and(|(key, _)| ours.iter().any(|(ours, _)| *ours == key.trim()));
        }
        // An empty line may stand between any two keys, so it stays on.
        if is_off && !line.trim().is_empty() {
            out.push_str(OFF);
        }
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str(newline);
        }
    }
    out.push_str(&format!("{START}{newline}"));
    for (key, value) in ours {
        out.push_str(&format!("{key}: {value}{newline}"));
    }
    out.push_str(&format!("{END}{newline}"));
    Ok(out)
}
