//! `npm audit` and its like: what is asked, as the clients write it, and the answer as they read it. npm's registries have no
//! specification of either; npm 7 and later, pnpm and yarn 4 send `{name: [versions]}` to the bulk address, npm before 7 and
//! yarn 1 a lock file to the older ones.
//!
//! Invariant: what is asked is bounded before anything is looked up.

use std::collections::{BTreeMap, BTreeSet};

use fanlight_base::limits;
use serde_json::{Map, Value, json};

use super::name::Name;
use super::object::{Object, text};
use super::packument::is_a_version;
use crate::audit::{Asked, Audited, Flaw, Severity};

/// The two ways of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// `{name: [versions]}`.
    Bulk,
    /// A lock file: packages within packages.
    Quick,
}

/// What is installed, as a client says it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Installed {
    /// Each package once.
    pub asked: Vec<Asked>,
    /// The names of these.
    names: Vec<Name>,
    /// Where each release is in the lock file: the packages around it and itself, `top>part`.
    paths: BTreeMap<(usize, String), Vec<String>>,
    /// How many releases these are.
    pub releases: usize,
}

/// Why a body asks for no audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAsked {
    /// Not JSON, or of another shape.
    #[error("the body is not what clients send to this address: {0}")]
    Shape(&'static str),
    /// More releases than one audit may ask about.
    #[error("an audit asks about at most {limit} releases, this one about more", limit = limits::AUDIT_RELEASES)]
    TooMany,
    /// What is asked about has flaws in more places than an answer tells.
    #[error("an audit tells of flaws in at most {limit} places, here are more", limit = limits::AUDIT_PLACES)]
    TooManyPlaces,
    /// Packages within packages without end.
    #[error("packages lie at most {limit} deep in a lock file, here deeper", limit = limits::AUDIT_DEPTH)]
    TooDeep,
    /// Too much about one package.
    #[error("an audit has at most {limit} bytes about one package, this one more", limit = limits::AUDIT_PACKAGE_BYTES)]
    TooLong,
}

impl Installed {
    /// Reads a body. What cannot be a release of a registry (a path, an address) is passed over: no advisory is about it.
    pub fn read(manner: Manner, body: &[u8]) -> Result<Self, NotAsked> {
        let text = std::str::from_utf8(body).map_err(|_| NotAsked::Shape("it is not UTF-8"))?;
        let top = Object::read(text).ok_or(NotAsked::Shape("it is no JSON object"))?;
        let mut reading = Reading::default();
        match manner {
            Manner::Bulk => {
                for (name, versions) in top.iter() {
                    if versions.get().len() > limits::AUDIT_PACKAGE_BYTES {
                        return Err(NotAsked::TooLong);
                    }
                    let versions: Vec<String> = serde_json::from_str(versions.get())
                        .map_err(|_| NotAsked::Shape("what stands at a package is no list of versions"))?;
                    versions.into_iter().try_for_each(|version| reading.add(name, version, None))?;
                }
            }
            Manner::Quick => reading.add_all(&top, &mut Vec::new())?,
        }
        Ok(reading.installed)
    }

    /// The answer, in the manner asked in.
    ///
    /// # Errors
    /// Where it would be too large: releases and flaws are bounded, and so is what the one makes of the other.
    pub fn answer(&self, manner: Manner, audited: &Audited) -> Result<Value, NotAsked> {
        Ok(match manner {
            Manner::Bulk => self.bulk(audited),
            Manner::Quick if self.places(audited) > limits::AUDIT_PLACES => return Err(NotAsked::TooManyPlaces),
            Manner::Quick => self.quick(audited),
        })
    }

    /// In how many places of the lock file there are flaws.
    fn places(&self, audited: &Audited) -> usize {
        let of_flaw = |place: usize, flaw: &Flaw| -> usize {
            let paths = |version: &String| self.paths.get(&(place, version.clone())).map_or(0, Vec::len);
            flaw.met.iter().map(paths).sum()
        };
        audited.flaws.iter().flat_map(|(place, flaws)| flaws.iter().map(move |flaw| of_flaw(*place, flaw))).sum()
    }

    fn bulk(&self, audited: &Audited) -> Value {
        let of_package = |(place, flaws): &(usize, Vec<Flaw>)| {
            let name = self.names[*place].as_str();
            (name.to_owned(), flaws.iter().map(|flaw| Value::from(self.common(*place, flaw))).collect())
        };
        Value::Object(audited.flaws.iter().map(of_package).collect())
    }

    /// What both answers say of a flaw of the package at that place.
    fn common(&self, place: usize, flaw: &Flaw) -> Map<String, Value> {
        let url = flaw.more.clone().unwrap_or_else(|| format!("fanlight why {}", self.asked[place].project));
        let summary = if flaw.summary.is_empty() { "no summary is given" } else { &flaw.summary };
        // Mostly the address has the id, which is what people look for.
        let title = if url.contains(&flaw.id) { summary.to_owned() } else { format!("{summary} ({})", flaw.id) };
        let (score, vector) = match &flaw.score {
            Some((tenths, vector)) => (f64::from(*tenths) / 10.0, Some(vector)),
            None => (0.0, None),
        };
        let id = number(self.names[place].as_str(), &flaw.id);
        let told = json!({
            "id": id, "url": url, "title": title, "severity": word(flaw.severity),
            "vulnerable_versions": flaw.affects, "cwe": [], "cvss": {"score": score, "vectorString": vector},
        });
        if let Value::Object(told) = told { told } else { Map::new() }
    }

    /// What clients before npm 7 read. No fix is worked out for them: all is for review.
    fn quick(&self, audited: &Audited) -> Value {
        let (mut advisories, mut actions) = (Map::new(), Vec::new());
        let mut counts = BTreeMap::from(["info", "low", "moderate", "high", "critical"].map(|word| (word, 0_usize)));
        for (place, flaws) in &audited.flaws {
            let name = self.names[*place].as_str();
            for flaw in flaws {
                let mut told = self.common(*place, flaw);
                let none = Vec::new();
                let paths_of = |version: &String| self.paths.get(&(*place, version.clone())).unwrap_or(&none);
                let findings = flaw.met.iter().map(|version| json!({"version": version, "paths": paths_of(version)}));
                told.insert("findings".to_owned(), findings.collect());
                told.insert("module_name".to_owned(), name.into());
                let patched = flaw.fixed.as_ref().map_or_else(|| "<0.0.0".to_owned(), |fixed| format!(">={fixed}"));
                let recommendation = match &flaw.fixed {
                    Some(fixed) => format!("Upgrade to version {fixed} or later"),
                    None => "No fix is known".to_owned(),
                };
                told.insert("patched_versions".to_owned(), patched.into());
                told.insert("recommendation".to_owned(), recommendation.into());
                told.insert("overview".to_owned(), flaw.summary.as_str().into());
                let cves = flaw.aliases.iter().chain([&flaw.id]).filter(|id| id.starts_with("CVE-"));
                told.insert("cves".to_owned(), cves.cloned().collect());
                let id = number(name, &flaw.id);
                let resolve =
                    |path: &String| json!({"id": id, "path": path, "dev": false, "optional": false, "bundled": false});
                let met = flaw.met.iter().flat_map(paths_of);
                let resolves: Vec<Value> = met.map(resolve).collect();
                *counts.entry(word(flaw.severity)).or_default() += resolves.len();
                actions.push(json!({"action": "review", "module": name, "resolves": resolves}));
                advisories.insert(id.to_string(), told.into());
            }
        }
        json!({
            "actions": actions, "advisories": advisories, "muted": [],
            "metadata": {
                "vulnerabilities": counts, "dependencies": self.releases, "devDependencies": 0,
                "optionalDependencies": 0, "totalDependencies": self.releases,
            },
        })
    }
}

/// A body half read.
#[derive(Default)]
struct Reading {
    installed: Installed,
    places: BTreeMap<String, usize>,
    seen: BTreeSet<(usize, String)>,
    met: usize,
}

impl Reading {
    fn add(&mut self, name: &str, version: String, path: Option<String>) -> Result<(), NotAsked> {
        self.met += 1;
        if self.met > limits::AUDIT_RELEASES {
            return Err(NotAsked::TooMany);
        }
        let Ok(parsed) = Name::parse(name) else { return Ok(()) };
        if !is_a_version(&version) {
            return Ok(());
        }
        let installed = &mut self.installed;
        let place = *self.places.entry(name.to_owned()).or_insert_with(|| {
            installed.asked.push(Asked { project: parsed.purl(None), versions: Vec::new() });
            installed.names.push(parsed);
            installed.asked.len() - 1
        });
        if self.seen.insert((place, version.clone())) {
            installed.asked[place].versions.push(version.clone());
            installed.releases += 1;
        }
        if let Some(path) = path {
            installed.paths.entry((place, version)).or_default().push(path);
        }
        Ok(())
    }

    /// The packages that lie in another one, and those in them.
    fn add_all(&mut self, around: &Object<'_>, path: &mut Vec<String>) -> Result<(), NotAsked> {
        if path.len() > limits::AUDIT_DEPTH {
            return Err(NotAsked::TooDeep);
        }
        let Some(packages) = around.object("dependencies") else { return Ok(()) };
        for (name, package) in packages.iter() {
            let package = Object::read(package.get()).ok_or(NotAsked::Shape("a package in it is no JSON object"))?;
            path.push(name.to_owned());
            if let Some(version) = package.get("version").and_then(text) {
                let shown: String = path.join(">").chars().take(limits::NAME_BYTES).collect();
                self.add(name, version, Some(shown))?;
            }
            self.add_all(&package, path)?;
            path.pop();
        }
        Ok(())
    }
}

/// npm's word for it.
const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Notice => "info",
        Severity::Low => "low",
        Severity::Medium => "moderate",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

/// Clients want a number for an id, and pnpm finds nothing where it is a text: one made from the package and the id, so that
/// it is the same every time, within what JavaScript counts exactly.
fn number(name: &str, id: &str) -> u64 {
    let digest = ring::digest::digest(&ring::digest::SHA256, format!("{name}\0{id}").as_bytes());
    digest.as_ref().iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte)) >> 12
}

#[cfg(test)]
mod tests;
