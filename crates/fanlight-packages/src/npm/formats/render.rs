//! A packument as clients get it: what is withheld with its reason where the client looks for one, and archives that lead
//! through the door. The abbreviated form by npm's own description of it, with `time`, which clients' age gates need.
//!
//! Refuses to know why a release is withheld. Invariants: an archive's address is the door's; `latest` leads to a release
//! that may be had where there is one, and is never raised above the upstream's; the same input gives the same bytes.

use std::collections::HashSet;
use std::sync::Arc;

use super::object::{Object, write_name, write_text};
use super::packument::{Packument, Release};
use crate::ecosystem::Verdict;

/// How many withheld releases a packument's message tells of; the newest.
const TOLD: usize = 5;

/// The form of a packument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Form {
    /// How much of it.
    pub shape: Shape,
    /// How what is withheld stands in it.
    pub manner: Manner,
}

/// How what is withheld stands in a packument, so that ranges pass it over without a word and an exact pin gets the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Manner {
    /// In `policyRestrictions` instead of `versions`: npm says the message to who pins it. To who does not know that
    /// member, it is not there.
    Restricted,
    /// In `versions` as deprecated, with the reason. pnpm and yarn 4 take what is not deprecated first; who pins it is told
    /// by the archive, which is refused.
    Deprecated,
}

/// How much of a packument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// `application/vnd.npm.install-v1+json`: what an install needs.
    Abbreviated,
    /// All that the upstream has.
    Full,
}

/// The members of a release that the abbreviated form has (npm's "package metadata" description, "abbreviated version
/// object"), `dist` apart.
const ABBREVIATED: [&str; 19] = [
    "name",
    "version",
    "deprecated",
    "dependencies",
    "optionalDependencies",
    "devDependencies",
    "bundleDependencies",
    "bundledDependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "acceptDependencies",
    "bin",
    "directories",
    "engines",
    "os",
    "cpu",
    "libc",
    "funding",
    "hasInstallScript",
];

/// The media type of the abbreviated form.
pub const ABBREVIATED_TYPE: &str = "application/vnd.npm.install-v1+json";

/// Writes a packument. `verdicts` stand in the order of the releases. `base` is the door's address as the client knows it,
/// with a slash at its end.
pub fn packument(packument: &Packument, verdicts: &[Verdict], form: Form, base: &str) -> String {
    debug_assert_eq!(packument.releases.len(), verdicts.len(), "each release has its verdict");
    let allowed = allowed(packument, verdicts);
    let mut out = String::with_capacity(match form.shape {
        Shape::Full => packument.weight(),
        Shape::Abbreviated => packument.weight() / 4,
    });
    out.push('{');
    let members = packument.members();
    match form.shape {
        Shape::Full => {
            for (name, value) in members.iter() {
                // A document that the upstream's database revised is not what this is any more.
                if !matches!(name, "dist-tags" | "versions" | "policyRestrictions" | "_attachments" | "_rev") {
                    write_name(&mut out, name);
                    out.push_str(value.get());
                }
            }
        }
        Shape::Abbreviated => {
            write_name(&mut out, "name");
            write_text(&mut out, packument.name.as_str());
            if let Some(modified) = members.object("time").and_then(|time| time.text("modified")) {
                write_name(&mut out, "modified");
                write_text(&mut out, &modified);
            }
            if let Some(time) = members.get("time") {
                write_name(&mut out, "time");
                out.push_str(time.get());
            }
        }
    }
    write_name(&mut out, "dist-tags");
    write_tags(&mut out, &tags_to(packument, &allowed, form.manner));
    write_name(&mut out, "versions");
    out.push('{');
    let mut restricted: Vec<(&Release, &Arc<str>)> = Vec::new();
    for (release, verdict) in packument.releases.iter().zip(verdicts) {
        let withheld = match verdict {
            Verdict::Withheld { reason } => Some(reason),
            Verdict::Shown => None,
        };
        if let (Some(reason), Manner::Restricted) = (withheld, form.manner) {
            restricted.push((release, reason));
            continue;
        }
        write_name(&mut out, &release.version);
        write_release(&mut out, packument, release, (form.shape, withheld), base);
    }
    out.push('}');
    if !restricted.is_empty() {
        write_restrictions(&mut out, packument, &restricted);
    }
    out.push('}');
    out
}

/// The releases that may be had.
fn allowed<'a>(packument: &'a Packument, verdicts: &[Verdict]) -> Vec<&'a Release> {
    let judged = packument.releases.iter().zip(verdicts);
    judged.filter(|(_, verdict)| **verdict == Verdict::Shown).map(|(release, _)| release).collect()
}

/// The tags that lead to what may be had, with their versions.
pub fn tags<'a>(packument: &'a Packument, verdicts: &[Verdict]) -> Vec<(&'a str, &'a str)> {
    tags_to(packument, &allowed(packument, verdicts), Manner::Restricted)
}

/// The tags by themselves, as `GET /-/package/{package}/dist-tags` gives them.
pub fn tags_alone(packument: &Packument, verdicts: &[Verdict]) -> String {
    let mut out = String::new();
    write_tags(&mut out, &tags(packument, verdicts));
    out
}

fn write_tags(out: &mut String, tags: &[(&str, &str)]) {
    out.push('{');
    for (tag, version) in tags {
        write_name(out, tag);
        write_text(out, version);
    }
    out.push('}');
}

/// One release by itself, as `GET /{package}/{version}` gives it.
pub fn release(packument: &Packument, release: &Release, base: &str) -> String {
    let mut out = String::new();
    write_release(&mut out, packument, release, (Shape::Full, None), base);
    out
}

/// Where the door has a release's archive.
pub fn archive_address(packument: &Packument, version: &str, base: &str) -> String {
    format!("{base}{}/-/{}", packument.name, packument.name.archive(version))
}

fn write_release(
    out: &mut String,
    packument: &Packument,
    release: &Release,
    (shape, withheld): (Shape, Option<&Arc<str>>),
    base: &str,
) {
    let manifest = packument.manifest(release);
    out.push('{');
    for (name, value) in manifest.iter() {
        let is_ours = name == "dist" || (name == "deprecated" && withheld.is_some());
        if !is_ours && (shape == Shape::Full || ABBREVIATED.contains(&name)) {
            write_name(out, name);
            out.push_str(value.get());
        }
    }
    if let Some(reason) = withheld {
        write_name(out, "deprecated");
        write_text(out, reason);
    }
    if shape == Shape::Abbreviated && manifest.get("hasInstallScript").is_none() && runs_at_install(&manifest) {
        write_name(out, "hasInstallScript");
        out.push_str("true");
    }
    write_name(out, "dist");
    out.push('{');
    for (name, value) in manifest.object("dist").unwrap_or_default().iter() {
        match name {
            "tarball" => {}
            // Clients ask the registry they use, by this address's path.
            "attestations" => write_attestations(out, packument, release, value.get(), base),
            _ => {
                write_name(out, name);
                out.push_str(value.get());
            }
        }
    }
    write_name(out, "tarball");
    write_text(out, &archive_address(packument, &release.version, base));
    out.push_str("}}");
}

fn write_attestations(out: &mut String, packument: &Packument, release: &Release, value: &str, base: &str) {
    let Some(attestations) = Object::read(value) else { return };
    write_name(out, "attestations");
    out.push('{');
    for (name, value) in attestations.iter().filter(|(name, _)| *name != "url") {
        write_name(out, name);
        out.push_str(value.get());
    }
    write_name(out, "url");
    // The address the registry's own documents have: the scope's slash is escaped, its @ is not.
    let name = packument.name.as_str().replace('/', "%2f");
    write_text(out, &format!("{base}-/npm/v1/attestations/{name}@{}", release.version));
    out.push('}');
}

/// A range falls back without a word, an exact pin gets the message (npm-pick-manifest's `policyRestrictions`). What
/// stands under a version is only looked at for its name, version and engines.
fn write_restrictions(out: &mut String, packument: &Packument, restricted: &[(&Release, &Arc<str>)]) {
    let mut newest: Vec<_> = restricted.iter().collect();
    newest.sort_by(|(one, _), (other, _)| (&other.order, &other.version).cmp(&(&one.order, &one.version)));
    let mut message = newest.iter().take(TOLD).map(|(_, why)| &***why).collect::<Vec<_>>().join("\n");
    if newest.len() > TOLD {
        let more = newest.len() - TOLD;
        message.push_str(&format!("\nand {more} more; details: fanlight why {}", packument.name.purl(None)));
    }
    write_name(out, "policyRestrictions");
    out.push('{');
    write_name(out, "message");
    write_text(out, &message);
    write_name(out, "versions");
    out.push('{');
    for (release, _) in restricted {
        write_name(out, &release.version);
        out.push('{');
        write_name(out, "name");
        write_text(out, packument.name.as_str());
        write_name(out, "version");
        write_text(out, &release.version);
        if let Some(engines) = packument.manifest(release).get("engines") {
            write_name(out, "engines");
            out.push_str(engines.get());
        }
        out.push('}');
    }
    out.push_str("}}");
}

/// The tags. `latest` moves down to the highest final release below the upstream's that may be had, or the highest preview
/// where there is no final one; other tags stay or go with their release, as `latest` does where nothing may be had.
fn tags_to<'a>(packument: &'a Packument, allowed: &[&'a Release], manner: Manner) -> Vec<(&'a str, &'a str)> {
    let listed = |version: &str| manner == Manner::Deprecated && packument.release(version).is_some();
    let have: HashSet<&str> = allowed.iter().map(|release| &*release.version).collect();
    packument
        .dist_tags
        .iter()
        .filter_map(|(tag, version)| match have.get(&**version) {
            Some(version) => Some((&**tag, *version)),
            None => match below(version, allowed).filter(|_| &**tag == "latest") {
                Some(below) => Some((&**tag, below)),
                None => listed(version).then_some((&**tag, &**version)),
            },
        })
        .collect()
}

fn below<'a>(latest: &str, allowed: &[&'a Release]) -> Option<&'a str> {
    let latest = semver::Version::parse(latest).ok()?;
    let older = allowed.iter().filter_map(|release| Some((release.order.as_ref()?, release)));
    older
        .filter(|(version, _)| version.cmp_precedence(&latest).is_lt())
        .max_by_key(|(version, release)| (version.pre.is_empty(), !release.is_deprecated, *version))
        .map(|(_, release)| &*release.version)
}

fn runs_at_install(manifest: &Object<'_>) -> bool {
    let scripts = manifest.object("scripts").unwrap_or_default();
    ["preinstall", "install", "postinstall"].iter().any(|script| scripts.get(script).is_some())
}

#[cfg(test)]
mod tests;
