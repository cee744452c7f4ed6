//! Which registry this machine's npm uses, for a Fanlight that was told none.
//!
//! Refuses to know any address by itself: npm prints its own default. Fanlight's own address, which `fanlight use npm` may
//! have written into the person's settings, is passed over for what lies beneath it.

use tokio::process::Command;
use url::Url;

use crate::ask::{AskError, run};

/// A registry, and where it was found.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// Its address; its path ends in a slash.
    pub url: Url,
    /// Where it was found, in words.
    pub from: &'static str,
    /// The same as a record says it.
    pub kind: &'static str,
}

/// Why no registry was found.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// npm could not be asked.
    #[error(
        "npm could not be asked which registry it uses; set packages.npm.upstream in fanlight.toml to your registry's \
         address"
    )]
    Ask(#[source] AskError),
    /// It was asked and named none that can be used.
    #[error(
        "npm on this machine names no registry that can be used; set packages.npm.upstream in fanlight.toml to your \
         registry's address"
    )]
    NoneNamed,
}

/// Asks npm: for what rules, then for what lies beneath the person's settings. `is_own` tells Fanlight's own addresses.
pub async fn discover(is_own: impl Fn(&Url) -> bool) -> Result<Found, DiscoverError> {
    let ruling = asked(|_| {}).await.map_err(DiscoverError::Ask)?;
    if let Some(url) = read(&ruling).filter(|url| !is_own(url)) {
        return Ok(Found { url, from: "what npm on this machine uses", kind: "npm-settings" });
    }
    let beneath = |command: &mut Command| {
        command.env("npm_config_userconfig", "/dev/null").env_remove("npm_config_registry");
    };
    let beneath = asked(beneath).await.map_err(DiscoverError::Ask)?;
    let url = read(&beneath).filter(|url| !is_own(url)).ok_or(DiscoverError::NoneNamed)?;
    Ok(Found { url, from: "what npm uses beneath the person's settings", kind: "npm-default" })
}

async fn asked(prepare: impl FnOnce(&mut Command)) -> Result<String, AskError> {
    // In the root folder: npm reads a project's settings wherever it runs.
    let prepare = |command: &mut Command| {
        command.current_dir("/").env("NO_UPDATE_NOTIFIER", "1");
        prepare(command);
    };
    run("npm", &["config", "get", "registry"], prepare).await
}

/// The address that npm prints: absolute, `http` or `https`, its path ending in one slash.
fn read(printed: &str) -> Option<Url> {
    let mut url = Url::parse(printed.lines().next_back()?.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return None;
    }
    let path = format!("{}/", url.path().trim_end_matches('/'));
    url.set_path(&path);
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_npm_prints_is_an_address_or_none() {
        for (printed, url) in [
            ("https://registry.example\n", Some("https://registry.example/")),
            (
                "npm warn config x\nhttp://user:pass@registry.example/npm//?a#b\n",
                Some("http://user:pass@registry.example/npm/"),
            ),
            ("undefined\n", None),
            ("", None),
            ("file:///x\n", None),
        ] {
            assert_eq!(read(printed).as_ref().map(Url::as_str), url, "{printed}");
        }
    }
}
