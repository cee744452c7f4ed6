//! What a release says of itself, in its index or in the manifest in its archive: licence, source, who published it.
//!
//! Claims and no more: nobody checks them. Refuses to know archives and pages; reads texts of bounded size. Invariant: what
//! is told is one line without control signs, of at most [`limits::ABOUT_BYTES`].

use std::collections::BTreeSet;

use fanlight_base::limits;

use crate::cargo::Cargo;
use crate::ecosystem::Ecosystem as _;
use crate::npm::Npm;
use crate::pypi::Pypi;

/// What is said of a release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Under which licence it may be used.
    pub licence: Option<String>,
    /// Where its source is.
    pub source: Option<String>,
    /// Who published it, as the index names them.
    pub publisher: Option<String>,
    /// Who could publish then, as the index names them.
    pub maintainers: BTreeSet<String>,
}

/// Tells an archive's own manifest from its other files: those deeper are of other packages, and a Python package may well
/// have a `Cargo.toml`.
pub fn is_manifest(ecosystem: &str) -> fn(&str) -> bool {
    match ecosystem {
        Pypi::TYPE => |path| {
            path.split_once('/').is_some_and(|(folder, name)| {
                name == "PKG-INFO" || name == "METADATA" && folder.ends_with(".dist-info")
            })
        },
        Npm::TYPE => |path| path.split_once('/').is_some_and(|(_, name)| name == "package.json"),
        Cargo::TYPE => |path| path.split_once('/').is_some_and(|(_, name)| name == "Cargo.toml"),
        _ => |_| false,
    }
}

/// What a manifest says.
pub fn of_manifest(ecosystem: &str, text: &str) -> About {
    match ecosystem {
        Pypi::TYPE => of_metadata(text),
        Npm::TYPE => serde_json::from_str(text).map(|manifest| of_package_json(&manifest)).unwrap_or_default(),
        Cargo::TYPE => of_cargo_toml(text),
        _ => About::default(),
    }
}

/// What a `package.json` says, or a release's entry in a packument, which is one with more in it.
pub(crate) fn of_package_json(manifest: &serde_json::Value) -> About {
    let named = |value: &serde_json::Value, member: &str| line(value.as_str().or_else(|| value[member].as_str())?);
    // Some old packages have several licences in a list.
    let licences = manifest["licenses"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut old: Vec<String> = licences.iter().take(4).filter_map(|one| named(one, "type")).collect();
    old.dedup();
    let people = manifest["maintainers"].as_array().map(Vec::as_slice).unwrap_or_default();
    About {
        licence: named(&manifest["license"], "type").or_else(|| (!old.is_empty()).then(|| old.join(", "))),
        source: named(&manifest["repository"], "url").map(|url| plain(&url).to_owned()),
        publisher: named(&manifest["_npmUser"], "name"),
        maintainers: people.iter().take(limits::ABOUT_MAINTAINERS).filter_map(|one| named(one, "name")).collect(),
    }
}

/// An address without what only git needs of it.
fn plain(url: &str) -> &str {
    url.strip_prefix("git+").unwrap_or(url)
}

/// Core metadata: headers, then a description that is of no interest here.
fn of_metadata(text: &str) -> About {
    let head = text.split_once("\n\n").map_or(text, |(head, _)| head);
    let headers = || head.lines().filter(|line| !line.starts_with([' ', '\t'])).filter_map(|line| line.split_once(':'));
    let all = |name: &str| {
        let name = name.to_owned();
        headers().filter(move |(known, _)| known.eq_ignore_ascii_case(&name)).map(|(_, value)| value.trim())
    };
    let first = |name: &str| all(name).next().and_then(line);
    let classified: Vec<&str> = all("Classifier")
        .filter_map(|one| one.strip_prefix("License ::"))
        .filter_map(|one| one.rsplit("::").next())
        .map(str::trim)
        .take(4)
        .collect();
    let classified = (!classified.is_empty()).then(|| classified.join(", "));
    // `License` is free text; some put the whole licence there, of which the first line tells nothing.
    let free = first("License").filter(|text| text.len() <= FREE_LICENCE_BYTES && text != "UNKNOWN");
    let addresses: Vec<(String, &str)> = all("Project-URL")
        .filter_map(|one| one.split_once(','))
        .map(|(label, url)| (bare(label), url.trim()))
        .collect();
    let labelled = |wanted: &[&str]| {
        addresses.iter().find(|(label, _)| wanted.contains(&label.as_str())).and_then(|(_, url)| line(url))
    };
    About {
        licence: first("License-Expression").or(classified).or(free),
        source: labelled(&["source", "sourcecode", "repository", "github", "gitlab", "code"])
            .or_else(|| labelled(&["homepage"]))
            .or_else(|| first("Home-page").filter(|page| page != "UNKNOWN")),
        ..About::default()
    }
}

/// The longest free text that is taken for a licence's name.
const FREE_LICENCE_BYTES: usize = 60;

/// A label as PEP 753 compares them: without punctuation and spaces, in small letters.
fn bare(label: &str) -> String {
    label.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn of_cargo_toml(text: &str) -> About {
    let Ok(manifest) = text.parse::<toml::Table>() else { return About::default() };
    let Some(package) = manifest.get("package").and_then(toml::Value::as_table) else { return About::default() };
    let member = |name: &str| package.get(name).and_then(toml::Value::as_str).and_then(line);
    About {
        licence: member("license").or_else(|| member("license-file").map(|file| format!("in its file {file}"))),
        source: member("repository").or_else(|| member("homepage")),
        ..About::default()
    }
}

/// One line of what somebody wrote; nothing where nothing is left.
fn line(text: &str) -> Option<String> {
    let mut line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.truncate(line.floor_char_boundary(limits::ABOUT_BYTES));
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

#[cfg(test)]
mod tests;
