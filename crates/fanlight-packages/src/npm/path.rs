//! What a path below the npm door asks for. npm's registries have no common specification; these are the addresses that
//! npm, pnpm and yarn use, with a scope's slash escaped or not.

use super::formats::name::{Name, NotAName};
use super::formats::packument::is_a_version;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked<'a> {
    /// A package's packument: `tool`, `@acme/tool`.
    Packument(Name),
    /// One release, or what a tag leads to: `tool/1.0.0`, `tool/latest`.
    Release(Name, &'a str),
    /// A package's tags: `-/package/@acme/tool/dist-tags`.
    Tags(Name),
    /// A release's archive: `tool/-/tool-1.0.0.tgz`.
    Archive(Name, &'a str),
    /// A release's attestations: `-/npm/v1/attestations/@acme/tool@1.0.0`.
    Attestations(Name, &'a str),
    /// The keys that registry signatures are made with: `-/npm/v1/keys`.
    Keys,
    /// Whether the registry is there: `-/ping`.
    Ping,
    /// Who the token belongs to: `-/whoami`.
    Whoami,
}

impl Asked<'_> {
    /// The package that is asked about, where one is.
    pub const fn name(&self) -> Option<&Name> {
        match self {
            Self::Packument(name) | Self::Tags(name) => Some(name),
            Self::Release(name, _) | Self::Archive(name, _) | Self::Attestations(name, _) => Some(name),
            Self::Keys | Self::Ping | Self::Whoami => None,
        }
    }
}

/// Why a path asks for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAsked {
    /// What stands where a package's name should is none.
    #[error(transparent)]
    Name(#[from] NotAName),
    /// No address of a registry.
    #[error("there is nothing at this address of the npm door")]
    Unknown,
}

/// Reads the part of a path after `/npm/`, percent-decoded.
pub fn read(path: &str) -> Result<Asked<'_>, NotAsked> {
    if let Some(own) = path.strip_prefix("-/") {
        return match own {
            "ping" => Ok(Asked::Ping),
            "whoami" => Ok(Asked::Whoami),
            "npm/v1/keys" => Ok(Asked::Keys),
            _ if own.starts_with("package/") => {
                let name = own.trim_start_matches("package/").strip_suffix("/dist-tags").ok_or(NotAsked::Unknown)?;
                Ok(Asked::Tags(Name::parse(name)?))
            }
            _ => {
                let release = own.strip_prefix("npm/v1/attestations/").ok_or(NotAsked::Unknown)?;
                // The last @: the first is the scope's.
                let (name, version) = release.rsplit_once('@').ok_or(NotAsked::Unknown)?;
                // It becomes part of an address of the upstream's, and must lead nowhere else.
                if !is_a_version(version) {
                    return Err(NotAsked::Unknown);
                }
                Ok(Asked::Attestations(Name::parse(name)?, version))
            }
        };
    }
    let name_parts = if path.starts_with('@') { 2 } else { 1 };
    let end = path.match_indices('/').nth(name_parts - 1).map_or(path.len(), |(at, _)| at);
    let name = Name::parse(&path[..end])?;
    let rest = path[end..].strip_prefix('/').unwrap_or_default();
    match rest.strip_prefix("-/") {
        _ if rest.is_empty() => Ok(Asked::Packument(name)),
        Some(file) if !file.contains('/') => Ok(Asked::Archive(name, file)),
        None if !rest.contains('/') => Ok(Asked::Release(name, rest)),
        _ => Err(NotAsked::Unknown),
    }
}

#[cfg(test)]
mod tests;
