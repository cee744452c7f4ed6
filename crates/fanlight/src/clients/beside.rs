//! What else is set for a client that would let packages pass beside the door, or keep it from being asked at all.
//!
//! Only tells; nothing here is changed, because it may be there for a reason. Values are not shown: they may hold
//! passwords.

use std::path::{Path, PathBuf};

use serde::Serialize;
use toml_edit::Item;

use super::ini::Ini;
use super::{Client, Surroundings, installed, npm, place, replace, uv};
use fanlight_api::run::DEVICE_TOKEN_PREFIX;

/// One setting that leads past the door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Beside {
    /// The setting and where it stands.
    pub what: String,
    /// What it does.
    pub effect: &'static str,
    /// How to end that.
    pub fix: String,
}

/// Asked instead of the door.
const INSTEAD: &str = "asked instead of the door";
/// Asked as well as the door.
const AS_WELL: &str = "asked as well as the door; what comes from there is neither judged nor recorded";
/// Keeps the client from asking at all.
const NOT_AT_ALL: &str = "keeps the client from asking any index, the door included";
/// Leads to a proxy that cannot reach this machine.
const PROXY: &str = "sends requests for the door to a proxy, which cannot reach it";

/// Makes pip trust other roots than the one that is written into its settings.
const OTHER_ROOTS: &str = "names other roots for pip to trust, so it refuses this node's own certificate";
/// Variables that do so. requests, inside pip, takes the last two even where pip's own setting names a file.
pub(super) const ROOT_VARIABLES: [&str; 3] = ["PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

const PIP_VARIABLES: &[(&str, &str)] = &[
    ("PIP_INDEX_URL", INSTEAD),
    ("PIP_EXTRA_INDEX_URL", AS_WELL),
    ("PIP_FIND_LINKS", AS_WELL),
    ("PIP_NO_INDEX", NOT_AT_ALL),
];
const UV_VARIABLES: &[(&str, &str)] = &[
    ("UV_DEFAULT_INDEX", INSTEAD),
    ("UV_INDEX_URL", INSTEAD),
    ("UV_INDEX", AS_WELL),
    ("UV_EXTRA_INDEX_URL", AS_WELL),
    ("UV_FIND_LINKS", AS_WELL),
    ("UV_NO_INDEX", NOT_AT_ALL),
];
const NPM_VARIABLES: &[(&str, &str)] = &[("npm_config_registry", INSTEAD), ("NPM_CONFIG_REGISTRY", INSTEAD)];
const YARN_VARIABLES: &[(&str, &str)] = &[("YARN_NPM_REGISTRY_SERVER", INSTEAD)];
const CARGO_VARIABLES: &[(&str, &str)] = &[("CARGO_SOURCE_CRATES_IO_REPLACE_WITH", INSTEAD)];
const OPTIONS: &[(&str, &str)] = &[("extra-index-url", AS_WELL), ("find-links", AS_WELL), ("no-index", NOT_AT_ALL)];

/// Everything that leads past the door: in the environment, in the file we edit (its text given) and in the others
/// that the client reads. `host` is the door's.
pub fn beside(client: Client, around: &Surroundings, file: &Path, text: &str, host: &str) -> Vec<Beside> {
    let mut found = Vec::new();
    let variables = match client {
        Client::Pip => PIP_VARIABLES,
        Client::Uv => UV_VARIABLES,
        Client::Npm => NPM_VARIABLES,
        Client::Yarn => YARN_VARIABLES,
        Client::Cargo => CARGO_VARIABLES,
    };
    for (name, effect) in variables {
        let set = around.variable(name).filter(|value| !is_off(value) && !is_ours(value));
        found.extend(set.map(|_| in_environment(name, effect)));
    }
    match client {
        Client::Pip => {
            let names_our_root = text.contains(installed::ROOT_FILE);
            let ours = replace::folder_of(file).join(installed::ROOT_FILE);
            let others = ROOT_VARIABLES
                .iter()
                .filter(|name| names_our_root && around.variable(name).is_some_and(|value| Path::new(value) != ours));
            found.extend(others.map(|name| Beside {
                // Other programs need what it names, and ours has that, too.
                fix: format!("export {name}={}", ours.display()),
                ..in_environment(name, OTHER_ROOTS)
            }));
            found.extend(in_pip_file(file, text, false));
            for (other, above) in other_pip_files(around, file) {
                let text = std::fs::read_to_string(&other).unwrap_or_default();
                found.extend(in_pip_file(&other, &text, above));
            }
        }
        Client::Uv => found.extend(in_uv_file(file, text)),
        Client::Npm => found.extend(npm::scoped(text).map(|option| in_file(option, file, AS_WELL))),
        Client::Yarn | Client::Cargo => {}
    }
    found.extend(proxies(around, host));
    found
}

fn in_environment(name: &str, effect: &'static str) -> Beside {
    Beside { what: format!("{name} in the environment"), effect, fix: format!("unset {name}") }
}

fn in_file(option: &str, file: &Path, effect: &'static str) -> Beside {
    Beside {
        what: format!("{option} in {}", file.display()),
        effect,
        fix: format!("take it out of {}", file.display()),
    }
}

fn is_off(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "" | "0" | "false" | "no" | "off")
}

fn is_ours(value: &str) -> bool {
    value.contains(&format!(":{DEVICE_TOKEN_PREFIX}"))
}

/// The files pip reads besides ours, and whether each outranks it.
fn other_pip_files(around: &Surroundings, ours: &Path) -> Vec<(PathBuf, bool)> {
    let mut files: Vec<_> = around.pip_global.iter().map(|file| (file.clone(), false)).collect();
    files.extend(place::pip_files(around).map(|file| (file, false)));
    files.extend(around.variable("VIRTUAL_ENV").map(|venv| (Path::new(venv).join("pip.conf"), true)));
    files.retain(|(file, _)| file != ours);
    files
}

/// In pip's files an option of one command outranks the same option in `[global]`, whichever file that stands in.
fn in_pip_file(file: &Path, text: &str, above: bool) -> Vec<Beside> {
    let Ok(ini) = Ini::read(text) else { return Vec::new() };
    let said = |option: &super::ini::OptionLines| format!("{}.{}", option.section, option.key);
    let mut found = Vec::new();
    for (key, effect) in OPTIONS {
        found.extend(ini.all(key).filter(|option| !is_off(&option.value)).map(|o| in_file(&said(o), file, effect)));
    }
    let outranks = |section: &str| above || !matches!(section, "global" | "DEFAULT");
    let indexes = ini.all("index-url").filter(|option| outranks(&option.section) && !is_ours(&option.value));
    found.extend(indexes.map(|option| in_file(&said(option), file, INSTEAD)));
    found
}

fn in_uv_file(file: &Path, text: &str) -> Vec<Beside> {
    let Ok(document) = uv::parsed(text) else { return Vec::new() };
    let mut found = Vec::new();
    for (table, prefix) in [(Some(document.as_item()), ""), (document.get("pip"), "pip.")] {
        for (key, effect) in OPTIONS {
            let set = table.and_then(|table| table.get(key)).filter(|item| item.as_bool() != Some(false));
            found.extend(set.map(|_| in_file(&format!("{prefix}{key}"), file, effect)));
        }
    }
    let indexes = document.get("index").and_then(Item::as_array_of_tables).into_iter().flatten();
    for index in indexes.filter(|table| table.get("default").and_then(Item::as_bool) != Some(true)) {
        let name = index.get("name").and_then(Item::as_str).unwrap_or("without a name");
        found.push(in_file(&format!("[[index]] {name:?}"), file, AS_WELL));
    }
    found
}

/// A proxy for HTTP that is not told to leave the door alone.
fn proxies(around: &Surroundings, host: &str) -> Option<Beside> {
    let exempt = ["no_proxy", "NO_PROXY"].iter().find_map(|name| around.variable(name)).unwrap_or_default();
    let host = host.trim_matches(['[', ']']);
    if exempt.split(',').map(str::trim).any(|entry| entry == "*" || entry.trim_start_matches('.') == host) {
        return None;
    }
    let names = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
    let name = names.iter().find(|name| around.variable(name).is_some())?;
    Some(Beside {
        what: format!("{name} in the environment"),
        effect: PROXY,
        fix: format!("export NO_PROXY={}{host}", if exempt.is_empty() { String::new() } else { format!("{exempt},") }),
    })
}
