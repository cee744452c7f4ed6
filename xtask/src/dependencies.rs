//! Dependencies: each is used by the crate that names it, and each has its line in docs/dependencies.md. Every one costs
//! each newcomer time, and everybody trust.
//!
//! Use is told by a plain search for the crate's name in the sources. That can miss one (a name in a comment counts as
//! use) and never accuses one wrongly that is used by name; what is needed otherwise stands in [`KEPT`] with its reason.

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, Package};

use crate::repository::{Repository, TextFile};

#[cfg(test)]
mod tests;

/// Dependencies that are needed and not named in the sources: crate, dependency, reason.
const KEPT: &[(&str, &str, &str)] = &[("fanlight-net", "rustls-webpki", "the library in it is called webpki")];

/// Where each dependency's reason stands.
const REASONS: &str = "docs/dependencies.md";

/// Every dependency that nothing in its crate names, and whatever [`REASONS`] lacks or has too much.
pub fn check(repository: &Repository) -> Vec<String> {
    let mut wrong = unused(repository);
    wrong.extend(without_reason(repository));
    wrong.extend(listed_in_vain(repository));
    wrong
}

/// Lines of the workspace's list of versions that no crate takes.
fn listed_in_vain(repository: &Repository) -> Vec<String> {
    let manifest = repository.files.iter().find(|file| file.path == "Cargo.toml").map_or("", |file| &file.text);
    let list = manifest.split("[workspace.dependencies]").nth(1).unwrap_or_default();
    let list = list.split("\n[").next().unwrap_or_default();
    let listed = list.lines().filter_map(|line| line.split_once(" = ").map(|(name, _)| name));
    let taken = |name: &str| repository.packages.iter().flat_map(|p| &p.dependencies).any(|dep| dep.name == name);
    let vain = listed.filter(|name| !name.starts_with('#') && !taken(name));
    vain.map(|name| format!("Cargo.toml lists {name}, which no crate takes")).collect()
}

fn unused(repository: &Repository) -> Vec<String> {
    let mut wrong = Vec::new();
    for package in &repository.packages {
        for dependency in &package.dependencies {
            let name = dependency.rename.as_deref().unwrap_or(&dependency.name).replace('-', "_");
            let tests_count = dependency.kind == DependencyKind::Development;
            let used = sources(repository, package, tests_count).any(|file| names(&file.text, &name));
            let kept = KEPT.iter().any(|(of, what, _)| *of == package.name.as_str() && *what == dependency.name);
            match (used, kept) {
                (false, false) => wrong.push(format!("{} does not use {}", package.name, dependency.name)),
                (true, true) => wrong.push(format!("{} uses {}: no exception needed", package.name, dependency.name)),
                (true, false) | (false, true) => {}
            }
        }
    }
    wrong
}

fn without_reason(repository: &Repository) -> Vec<String> {
    let document = repository.files.iter().find(|file| file.path == REASONS).map_or("", |file| &file.text);
    let told: BTreeSet<_> =
        document.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |").map(|(name, _)| name)).collect();
    let all = repository.packages.iter().flat_map(|package| &package.dependencies);
    let named: BTreeSet<_> = all.filter(|dep| dep.path.is_none()).map(|dep| dep.name.as_str()).collect();
    let missing = named.difference(&told).map(|name| format!("{REASONS} does not say why there is {name}"));
    let too_many = told.difference(&named).map(|name| format!("{REASONS} tells of {name}, which nothing uses"));
    missing.chain(too_many).collect()
}

/// A crate's Rust files; without those of its tests, unless they count.
fn sources<'a>(repository: &'a Repository, package: &Package, tests_count: bool) -> impl Iterator<Item = &'a TextFile> {
    let folder = package.manifest_path.parent().map(|folder| folder.as_str().to_owned()).unwrap_or_default();
    let inside = folder.strip_prefix(&*repository.root.to_string_lossy()).unwrap_or(&folder);
    let inside = format!("{}/", inside.trim_start_matches('/'));
    // The black-box tests are a crate made of tests: what they use is an ordinary dependency of theirs.
    let tests_count = tests_count || inside == "tests/";
    repository.ending(".rs").filter(move |file| {
        file.path.strip_prefix(inside.as_str()).is_some_and(|rest| {
            let of_tests = !(rest.starts_with("src/") || rest == "build.rs");
            !rest.starts_with("fuzz/") && (tests_count || !of_tests)
        })
    })
}

/// Whether a text names a crate: the word, standing alone.
fn names(text: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        !text[..at].chars().next_back().is_some_and(part) && !text[at + name.len()..].chars().next().is_some_and(part)
    })
}
