//! What documents point at: a link leads to a file of the tree, and a test that a document names is there.

use std::collections::BTreeSet;

use crate::repository::{Repository, TextFile};

#[cfg(test)]
mod tests;

/// The document whose claims each name a test.
const CLAIMS: &str = "THREATS.md";

/// Every link to nothing, and every test named that does not exist.
pub fn check(repository: &Repository) -> Vec<String> {
    let paths: BTreeSet<_> = repository.files.iter().map(|file| file.path.as_str()).collect();
    let mut wrong: Vec<_> = repository.ending(".md").flat_map(|file| dead_links(file, &paths)).collect();
    for file in repository.files.iter().filter(|file| file.path == CLAIMS) {
        wrong.extend(tests_that_are_not(file, repository));
    }
    wrong
}

fn dead_links(file: &TextFile, paths: &BTreeSet<&str>) -> Vec<String> {
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let targets = file.text.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    let inside = targets.map(|target| target.split('#').next().unwrap_or_default());
    let inside = inside.filter(|target| !target.is_empty() && !target.contains("://"));
    let dead = inside.filter(|target| {
        let path = joined(folder, target);
        !paths.contains(path.as_str()) && !paths.iter().any(|known| known.starts_with(&format!("{path}/")))
    });
    dead.map(|target| format!("{}: the link to {target} leads to nothing", file.path)).collect()
}

/// A relative path from a folder, without `.` and `..`.
fn joined(folder: &str, target: &str) -> String {
    let mut parts: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Names in backticks that read like a test's (three words at least, joined by `_`) and belong to no function.
fn tests_that_are_not(document: &TextFile, repository: &Repository) -> Vec<String> {
    let words = document.text.split('`').skip(1).step_by(2);
    let tests = words.filter(|word| {
        word.matches('_').count() >= 2
            && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    });
    let gone = tests.filter(|name| {
        let function = format!("fn {name}(");
        !repository.ending(".rs").any(|file| file.text.contains(&function))
    });
    gone.map(|name| format!("{}: there is no test {name}", document.path)).collect()
}
