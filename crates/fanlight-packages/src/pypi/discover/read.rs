//! Reading what pip says: its settings by file (`pip config debug`), merged (`pip config list`), and its help.

use url::Url;

use super::{Found, Provenance};

/// What was asked of pip, as it said it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PipSays {
    /// `PIP_INDEX_URL`.
    pub environment: Option<String>,
    /// What `pip config debug` printed: every file's settings, the weakest file first.
    pub debug: String,
    /// What `pip config list` printed: the settings that rule.
    pub list: String,
    /// What `pip install --help` printed.
    pub help: String,
}

/// The strongest address that is not Fanlight's own, by pip's order: the environment; the files, the user's over the
/// machine's and `install` over `global`; the default.
pub fn read(says: &PipSays, is_own: &impl Fn(&Url) -> bool) -> Option<Found> {
    let environment = says.environment.iter().map(|value| (value.as_str(), Provenance::Environment));
    let files = from_debug(&says.debug);
    let listed = from_list(&says.list);
    let default = from_help(&says.help);
    let default = default.iter().map(|value| (value.as_str(), Provenance::PipDefault));
    environment
        .chain(files.iter().map(|(value, file)| (*value, Provenance::PipSettings { file: Some((*file).to_owned()) })))
        .chain(listed.iter().map(|(value, from)| (*value, from.clone())))
        .chain(default)
        .filter_map(|(value, from)| index_address(value).map(|url| Found { url, from }))
        .find(|found| !is_own(&found.url))
}

/// An index's address: absolute, `http` or `https`, its path ending in one slash, without query and fragment.
pub(super) fn index_address(text: &str) -> Option<Url> {
    let mut url = Url::parse(text.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return None;
    }
    let path = format!("{}/", url.path().trim_end_matches('/'));
    url.set_path(&path);
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

/// `install.index-url` and `global.index-url` of each file with the file, the strongest first.
fn from_debug(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut file = "";
    for line in text.lines() {
        let line = line.trim();
        if let Some((path, _)) = line.split_once(", exists: ") {
            file = path;
        } else if let Some((key, value)) = line.split_once(": ")
            && let Some(strength) = strength(key)
            && !file.is_empty()
        {
            found.push((strength, found.len(), value.trim(), file));
        }
    }
    // Pip merges the files by section and lets `install` rule over `global` whatever the file; in a section later files rule.
    found.sort_by_key(|(strength, order, _, _)| std::cmp::Reverse((*strength, *order)));
    found.into_iter().map(|(_, _, value, file)| (value, file)).collect()
}

/// `global.index-url='https://...'`, the strongest first. Values stand as Python writes texts.
fn from_list(text: &str) -> Vec<(&str, Provenance)> {
    let mut found: Vec<(u8, &str, Provenance)> = text
        .lines()
        .filter_map(|line| {
            let (key, value) = line.trim().split_once('=')?;
            let value = unquoted(value)?;
            match key {
                ":env:.index-url" => Some((2, value, Provenance::Environment)),
                _ => Some((strength(key)?, value, Provenance::PipSettings { file: None })),
            }
        })
        .collect();
    found.sort_by_key(|(strength, _, _)| std::cmp::Reverse(*strength));
    found.into_iter().map(|(_, value, from)| (value, from)).collect()
}

/// How strong a key is. `pip install` reads its own section over the global one; `download` and `wheel` are other commands.
fn strength(key: &str) -> Option<u8> {
    match key {
        "install.index-url" => Some(1),
        "global.index-url" => Some(0),
        _ => None,
    }
}

/// The text between Python's quotes. An address with an escape in it is no address.
fn unquoted(text: &str) -> Option<&str> {
    let text = text.trim();
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text.strip_prefix(quote)?.strip_suffix(quote).filter(|inner| !inner.contains('\\'))
}

/// The address after `(default` in the paragraph of `--index-url`.
fn from_help(text: &str) -> Option<String> {
    let mut words = text.split_whitespace().skip_while(|word| *word != "--index-url" && *word != "--index-url,");
    words.next()?;
    // The paragraph ends where the next option begins.
    let mut words = words.take_while(|word| !word.starts_with("--")).skip_while(|word| *word != "(default");
    words.next()?;
    let address = words.next()?;
    Some(address.trim_end_matches([')', '.', ',']).to_owned())
}
