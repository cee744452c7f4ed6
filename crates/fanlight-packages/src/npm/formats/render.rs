//! A packument as clients get it: what is withheld taken out of `versions`, with the reason, and archives that lead
//! through the door. The abbreviated form by npm's own description of it, with `time`, which clients' age gates need.
//!
//! Refuses to know why a release is withheld. Invariants: an archive's address is the door's; a tag leads to a release
//! that may be had; `latest` is never raised above the upstream's; the same input gives the same bytes.

use std::collections::HashSet;
use std::sync::Arc;

use super::object::{Object, write_name, write_text};
use super::packument::{Packument, Release};

/// How many withheld releases a packument's message tells of; the newest.
const TOLD: usize = 5;

/// The two forms of a packument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
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

/// Writes a packument. `withheld` stands in the order of the releases: the sentence a person reads, or nothing where the
/// release may be had. `base` is the door's address as the client knows it, with a slash at its end.
pub fn packument(packument: &Packument, withheld: &[Option<Arc<str>>], form: Form, base: &str) -> String {
    debug_assert_eq!(packument.releases.len(), withheld.len(), "each release has its verdict");
    let judged = || packument.releases.iter().zip(withheld);
    let allowed: Vec<&Release> = judged().filter(|(_, why)| why.is_none()).map(|(release, _)| release).collect();
    let mut out = String::with_capacity(match form {
        Form::Full => packument.weight(),
        Form::Abbreviated => packument.weight() / 4,
    });
    out.push('{');
    let members = packument.members();
    match form {
        Form::Full => {
            for (name, value) in members.iter() {
                // A document that the upstream's database revised is not what this is any more.
                if !matches!(name, "dist-tags" | "versions" | "policyRestrictions" | "_attachments") {
                    write_name(&mut out, name);
                    out.push_str(value.get());
                }
            }
        }
        Form::Abbreviated => {
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
    out.push('{');
    for (tag, version) in tags(packument, &allowed) {
        write_name(&mut out, tag);
        write_text(&mut out, version);
    }
    out.push('}');
    write_name(&mut out, "versions");
    out.push('{');
    for release in &allowed {
        write_name(&mut out, &release.version);
        write_release(&mut out, packument, release, form, base);
    }
    out.push('}');
    let restricted: Vec<(&Release, &Arc<str>)> =
        judged().filter_map(|(release, why)| Some((release, why.as_ref()?))).collect();
    if !restricted.is_empty() {
        write_restrictions(&mut out, packument, &restricted);
    }
    out.push('}');
    out
}

/// One release by itself, as `GET /{package}/{version}` gives it.
pub fn release(packument: &Packument, release: &Release, base: &str) -> String {
    let mut out = String::new();
    write_release(&mut out, packument, release, Form::Full, base);
    out
}

/// Where the door has a release's archive.
pub fn archive_address(packument: &Packument, version: &str, base: &str) -> String {
    format!("{base}{}/-/{}", packument.name, packument.name.archive(version))
}

fn write_release(out: &mut String, packument: &Packument, release: &Release, form: Form, base: &str) {
    let manifest = packument.manifest(release);
    out.push('{');
    for (name, value) in manifest.iter() {
        if name != "dist" && (form == Form::Full || ABBREVIATED.contains(&name)) {
            write_name(out, name);
            out.push_str(value.get());
        }
    }
    if form == Form::Abbreviated && manifest.get("hasInstallScript").is_none() && runs_at_install(&manifest) {
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

/// The tags that lead to what may be had. `latest` moves down to the highest final release below the upstream's, or the
/// highest preview where there is no final one; other tags go with their release.
fn tags<'a>(packument: &'a Packument, allowed: &[&'a Release]) -> Vec<(&'a str, &'a str)> {
    let have: HashSet<&str> = allowed.iter().map(|release| &*release.version).collect();
    packument
        .dist_tags
        .iter()
        .filter_map(|(tag, version)| match have.get(&**version) {
            Some(version) => Some((&**tag, *version)),
            None if &**tag == "latest" => Some((&**tag, below(version, allowed)?)),
            None => None,
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
