//! What only the whole archive tells: which files run when, and so how much what was seen in them weighs.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Kept, Looking, is_aside};
use crate::chains::{self, Step};
use crate::finding::{Confidence, Finding, Place, Severity};
use crate::follow::{Root, What};
use crate::program::Language;
use crate::report::{Report, When};
use crate::rules;

/// Files that a file that runs at installation brings along are followed so far.
const LINKS: usize = 64;

/// How a file comes to run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// An installer runs it.
    Install,
    /// A file that an installer runs imports it.
    Linked,
    /// Somebody imports it.
    Import,
    /// Nobody imports it in ordinary use: tests, examples, documents.
    Aside,
}

/// Puts into the report what was seen.
pub(super) fn sum_up(mut looking: Looking<'_, '_>, report: &mut Report) {
    looking.cut();
    let said = looking.manifests.read(&looking.paths);
    let linked = linked(&said.at_install, &looking.files, &looking.paths);
    looking.findings.extend(near(&looking, &report.name, said.npm_name.as_deref()));
    report.at_install = said.at_install;
    looking.findings.extend(said.findings);
    for file in &looking.files {
        let role = if report.at_install.contains(&file.path) {
            Role::Install
        } else if linked.contains(&file.path) {
            Role::Linked
        } else if is_aside(&file.path) {
            Role::Aside
        } else {
            Role::Import
        };
        let steps: Vec<_> = file
            .noted
            .iter()
            .map(|noted| Step {
                what: noted.what,
                labels: noted.labels,
                when: match when(role, noted.root, file.language, said.macros) {
                    When::Imported if file.parts => When::Called,
                    when => when,
                },
                line: noted.line,
                evidence: noted.evidence.clone(),
            })
            .collect();
        for step in &steps {
            if let What::Ability(ability) = step.what {
                let own = report.abilities.entry(ability).or_insert(step.when);
                *own = step.when.max(*own);
            }
        }
        looking.findings.extend(chains::weigh(&file.path, &steps));
    }
    unreadable_at_install(&mut looking.findings, &report.at_install, &linked);
    if let Some(wheel) = &looking.wheel {
        looking.findings.extend(wheel.check(looking.limits.is_empty()));
    }
    report.findings = looking.findings;
    report.limits = looking.limits;
    report.hosts = looking.hosts;
    report.counts.trees = looking.trees;
}

/// The package's name, where it could be taken for a known one. The archive's file name tells it, except for npm's.
fn near(looking: &Looking<'_, '_>, file: &str, npm_name: Option<&str>) -> Option<Finding> {
    let numbered = |stem: &str| {
        let dash = stem.match_indices('-').find(|(at, _)| stem[at + 1..].starts_with(|c: char| c.is_ascii_digit()))?;
        Some(stem[..dash.0].to_owned())
    };
    let (ecosystem, name) = if let Some(stem) = file.strip_suffix(".whl") {
        ("pypi", stem.split('-').next()?.to_owned())
    } else if let Some(stem) = file.strip_suffix(".tar.gz") {
        ("pypi", numbered(stem)?)
    } else if let Some(stem) = file.strip_suffix(".crate") {
        ("cargo", numbered(stem)?)
    } else {
        ("npm", npm_name.filter(|_| file.ends_with(".tgz"))?.to_owned())
    };
    let known = looking.rules.popular.near(ecosystem, &name)?;
    Some(Finding::of(&rules::NAME_NEAR, Place::whole(), &format!("{name} is close to {known}")))
}

fn when(role: Role, root: Root, language: Language, macros: bool) -> When {
    match (role, root) {
        // Only what Rust's compiler starts runs early: a library's own functions run when they are called.
        (Role::Import | Role::Aside, Root::Hook) if language == Language::Rust && macros => When::Installed,
        (Role::Import | Role::Aside | Role::Linked, Root::Hook) => When::Called,
        (Role::Aside, _) | (Role::Import, Root::Called | Root::Program) | (Role::Linked, Root::Program) => When::Called,
        (_, Root::Top) if language == Language::Rust => When::Called,
        (Role::Import, Root::Top) => When::Imported,
        // What an install script imports it mostly also calls.
        (Role::Linked, Root::Called) => When::Imported,
        (Role::Linked, Root::Top) | (Role::Install, Root::Top | Root::Program | Root::Hook) => When::Installed,
        (Role::Install, Root::Called) => When::Called,
    }
}

/// Code that is unreadable on purpose weighs more where it runs by itself.
fn unreadable_at_install(findings: &mut [Finding], at_install: &BTreeSet<String>, linked: &BTreeSet<String>) {
    for finding in findings.iter_mut().filter(|finding| finding.rule == rules::OBFUSCATED.id) {
        if at_install.contains(&finding.place.path) || linked.contains(&finding.place.path) {
            finding.severity = Severity::Critical;
            finding.confidence = Confidence::Medium;
        }
    }
}

/// Files that those which run at installation bring along.
fn linked(at_install: &BTreeSet<String>, files: &[Kept], paths: &BTreeSet<String>) -> BTreeSet<String> {
    // A path can be there twice, and nobody knows which of the two runs.
    let mut by_path: BTreeMap<_, Vec<_>> = BTreeMap::new();
    files.iter().for_each(|file| by_path.entry(file.path.as_str()).or_default().push(file));
    let mut out = BTreeSet::new();
    let of = |start: &String| by_path.get(start.as_str()).into_iter().flatten();
    for (start, file) in at_install.iter().flat_map(|start| of(start).map(move |file| (start, file))) {
        let folder = start.rsplit_once('/').map_or("", |(folder, _)| folder);
        for import in file.imports.iter().take(LINKS) {
            let found = candidates(file.language, folder, import).into_iter().find(|path| paths.contains(path));
            out.extend(found.filter(|path| !at_install.contains(path)));
        }
    }
    out
}

/// Where an import may lead within the archive.
fn candidates(language: Language, folder: &str, import: &str) -> Vec<String> {
    let under = |path: &str| if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
    match language {
        Language::JavaScript if import.starts_with('.') => {
            let base = joined(folder, import);
            ["", ".js", ".cjs", ".mjs", "/index.js"].iter().map(|ending| format!("{base}{ending}")).collect()
        }
        Language::Python => {
            let path = import.trim_start_matches('.').replace('.', "/");
            let outer = path.rsplit_once('/').map_or("", |(outer, _)| outer).to_owned();
            let mut out = Vec::new();
            for module in [path, outer].into_iter().filter(|module| !module.is_empty()) {
                for root in ["", "src/"] {
                    out.push(under(&format!("{root}{module}.py")));
                    out.push(under(&format!("{root}{module}/__init__.py")));
                }
            }
            out
        }
        Language::JavaScript | Language::Rust => Vec::new(),
    }
}

fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
