//! Which index this machine's cargo uses, for a Fanlight that was told none.
//!
//! Cargo has no command that says it. It keeps a folder for each sparse index that it has used, called after the index's
//! host; where there is one such folder, that is the index. Refuses to know any address by itself, and to choose.

use std::path::{Path, PathBuf};

use fanlight_base::limits;
use url::Url;

/// An index, and where it was found.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// Its address; its path ends in a slash.
    pub url: Url,
    /// Where it was found, in words.
    pub from: &'static str,
    /// The same as a record says it.
    pub kind: &'static str,
}

/// Why no index was found.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiscoverError {
    /// Cargo has used none here yet, or keeps nothing of it.
    #[error(
        "cargo on this machine has used no sparse index yet; set packages.cargo.upstream in fanlight.toml to your index's \
         address"
    )]
    NoneUsed,
    /// It has used several.
    #[error(
        "cargo on this machine has used more than one sparse index; set packages.cargo.upstream in fanlight.toml to the \
         one that crates shall come from"
    )]
    Several,
}

/// Looks at what cargo keeps. `is_own` tells Fanlight's own addresses.
pub fn discover(is_own: impl Fn(&Url) -> bool) -> Result<Found, DiscoverError> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
    read(&home.ok_or(DiscoverError::NoneUsed)?.join("registry/index"), is_own)
}

fn read(folder: &Path, is_own: impl Fn(&Url) -> bool) -> Result<Found, DiscoverError> {
    let entries = std::fs::read_dir(folder).map_err(|_| DiscoverError::NoneUsed)?;
    let names = entries.flatten().take(limits::CLIENT_INDEXES).filter(|entry| {
        // Only a sparse index keeps its settings beside its files; a git index has a repository.
        entry.path().join("config.json").is_file()
    });
    let hosts = names.filter_map(|entry| Url::parse(&address(entry.file_name().to_str()?)?).ok());
    let mut found: Vec<Url> = hosts.filter(|url| !is_own(url)).collect();
    let url = found.pop().ok_or(DiscoverError::NoneUsed)?;
    if !found.is_empty() {
        return Err(DiscoverError::Several);
    }
    Ok(Found { url, from: "the index that cargo on this machine has used", kind: "cargo-cache" })
}

/// The address of the index whose folder has that name: `HOST-` and sixteen hexadecimal digits.
fn address(folder: &str) -> Option<String> {
    let (host, digits) = folder.rsplit_once('-')?;
    let is_digest = digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_digest && host.contains('.')).then(|| format!("https://{host}/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(names: &[&str]) -> Result<String, DiscoverError> {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            std::fs::create_dir(folder.path().join(name)).unwrap();
            std::fs::write(folder.path().join(name).join("config.json"), "{}").unwrap();
        }
        std::fs::create_dir(folder.path().join("git.example-0123456789abcdef")).unwrap();
        let is_own = |url: &Url| url.host_str() == Some("127.0.0.1");
        read(folder.path(), is_own).map(|found| found.url.to_string())
    }

    #[test]
    fn the_one_index_that_cargo_has_used_is_it() {
        let index = "index.example-0123456789abcdef";
        assert_eq!(used(&[index]).as_deref(), Ok("https://index.example/"));
        assert_eq!(used(&[index, "127.0.0.1-0123456789abcdef"]).as_deref(), Ok("https://index.example/"));
        assert_eq!(used(&[index, "other.example-0123456789abcdef"]), Err(DiscoverError::Several));
        assert_eq!(used(&["notes", "a-b", "x.example-0123"]), Err(DiscoverError::NoneUsed));
    }
}
