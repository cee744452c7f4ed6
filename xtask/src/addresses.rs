//! No registry's host and no path of somebody's machine in any file: ARCHITECTURE.md, "Addresses of registries".
//!
//! The words looked for are put together from pieces, so that this file does not hold them itself.

use crate::repository::{Repository, TextFile};

#[cfg(test)]
mod tests;

/// People who exist only in examples and tests; their homes may be written.
const EXAMPLE_PEOPLE: &[&str] = &["asha", "kim", "me"];

/// Registries' hosts: the Python Package Index and its files, the npm registry, crates.io's index and files, Debian.
fn hosts() -> Vec<String> {
    let parts: &[&[&str]] = &[
        &["pypi", ".org"],
        &["python", "hosted.org"],
        &["npm", "js.org"],
        &["npm", "js.com"],
        &["static.crates", ".io"],
        &["index.crates", ".io"],
        &["deb.debian", ".org"],
        &["deb.node", "source.com"],
    ];
    parts.iter().map(|pieces| pieces.concat()).collect()
}

/// Every line that names a registry's host, or a path that exists only on the machine it was written on.
pub fn check(repository: &Repository) -> Vec<String> {
    let here = format!("{}/", repository.root.display());
    repository.files.iter().flat_map(|file| judge(file, &here)).collect()
}

fn judge(file: &TextFile, here: &str) -> Vec<String> {
    let hosts = hosts();
    let lines = file.text.lines().enumerate();
    let wrong = lines.filter_map(|(number, line)| {
        let lower = line.to_ascii_lowercase();
        let what = if hosts.iter().any(|host| lower.contains(host)) {
            "names a registry's host; say \"the Python Package Index\", \"the npm registry\", or use upstream.example"
        } else if line.contains(here) || names_a_home(line) {
            "holds a path of somebody's machine"
        } else {
            return None;
        };
        Some(format!("{}:{}: {what}", file.path, number + 1))
    });
    wrong.collect()
}

/// Whether a line holds a path below a home, or below the folder a build machine works in.
fn names_a_home(line: &str) -> bool {
    let fixed = [["/ro", "ot/"], ["/wo", "rk/"]].map(|pieces| pieces.concat());
    if fixed.iter().any(|path| begins_in(line, path).next().is_some()) {
        return true;
    }
    let homes = [["/ho", "me/"], ["/Us", "ers/"]].map(|pieces| pieces.concat());
    homes.iter().any(|home| {
        begins_in(line, home).any(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(rest.len());
            !rest[..end].is_empty() && !EXAMPLE_PEOPLE.contains(&&rest[..end])
        })
    })
}

/// What follows each place where a path begins: not in the middle of another path or address.
fn begins_in<'a>(line: &'a str, path: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices(path).filter_map(|(at, _)| {
        let before = line[..at].chars().next_back();
        let inside = before.is_some_and(|c| c.is_alphanumeric() || "._-~}$".contains(c));
        (!inside).then_some(&line[at + path.len()..])
    })
}
