//! What a sparse index says of itself in `config.json`: above all where its archives are (The Cargo Book, "Registry Index",
//! "Index configuration").

use std::collections::HashMap;
use std::sync::Arc;

use fanlight_base::limits;
use fanlight_store::Sha256;
use parking_lot::Mutex;
use serde::Deserialize;
use url::Url;

use super::Cargo;
use super::formats::index::Release;
use super::formats::name::{Name, prefix};
use crate::ecosystem::PageFault;
use crate::project::{Aside, AsidePlace, AsideRequest, Look, Projects};
use crate::upstreams::Source;

/// The part of it that counts here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Config {
    /// Where archives are, with markers for the crate and the version.
    dl: String,
}

/// Why a `config.json` is none. The text shows no content.
#[derive(Debug, thiserror::Error)]
#[error("the index's config.json is no JSON object with the address of archives, `dl`")]
struct NoConfig;

/// The places of what each upstream's index says of itself.
#[derive(Default)]
pub(super) struct Configs(Mutex<HashMap<Arc<str>, Arc<AsidePlace<Config>>>>);

impl Configs {
    /// The place of that upstream's.
    pub(super) fn of(&self, from: &Source) -> Arc<AsidePlace<Config>> {
        self.0.lock().entry(from.shown().clone()).or_default().clone()
    }
}

/// What an upstream's index says of itself, looked at within the refresh time.
pub(super) async fn see(
    place: Arc<AsidePlace<Config>>,
    from: &Arc<Source>,
    projects: &Arc<Projects<Cargo>>,
) -> Look<Aside<Config>> {
    let request = AsideRequest {
        from: Some(from.clone()),
        what: "the index's config.json",
        path: "config.json".to_owned(),
        accept: "application/json, */*;q=0.1",
        limit: limits::PASSED_ON_BYTES,
    };
    let read = |page: &fanlight_net::Page| {
        let config: Config = serde_json::from_slice(&page.body).map_err(|_| NoConfig)?;
        if config.dl.len() > limits::INDEX_URL_BYTES { Err(PageFault::from(NoConfig)) } else { Ok(config) }
    };
    projects.aside(&place, request, read).await
}

impl Config {
    /// Where the archive of a release is; nothing where that is no address.
    pub(super) fn address(&self, name: &Name, release: &Release, checksum: Sha256) -> Option<Url> {
        let (named, version) = (&*release.name, &*release.text);
        let markers = [
            ("{crate}", named.to_owned()),
            ("{version}", version.to_owned()),
            ("{prefix}", prefix(named)),
            ("{lowerprefix}", prefix(name.as_str())),
            ("{sha256-checksum}", checksum.to_string()),
        ];
        let text = if markers.iter().any(|(marker, _)| self.dl.contains(marker)) {
            markers.iter().fold(self.dl.clone(), |text, (marker, value)| text.replace(marker, value))
        } else {
            format!("{}/{named}/{version}/download", self.dl)
        };
        Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
    }
}

#[cfg(test)]
mod tests {
    use super::super::formats::index::Crate;
    use super::*;

    #[test]
    fn archives_are_where_the_markers_say() {
        let name = Name::parse("MyTool").unwrap();
        let line = format!(r#"{{"name":"MyTool","vers":"1.0.0+a","cksum":"{}"}}"#, "0a".repeat(32));
        let index = Crate::parse(&name, line.into()).unwrap();
        for (dl, address) in [
            ("https://a.example/api", "https://a.example/api/MyTool/1.0.0+a/download"),
            ("https://a.example/{crate}/{version}.crate", "https://a.example/MyTool/1.0.0+a.crate"),
            ("https://a.example/{prefix}/{lowerprefix}/x", "https://a.example/My/To/my/to/x"),
        ] {
            let config = Config { dl: dl.to_owned() };
            assert_eq!(config.address(&name, &index.releases[0], Sha256([10; 32])).unwrap().as_str(), address);
        }
        let by_sum = Config { dl: "http://a.example/{sha256-checksum}".to_owned() };
        let address = by_sum.address(&name, &index.releases[0], Sha256([10; 32])).unwrap();
        assert!(address.path().ends_with(&"0a".repeat(32)), "{address}");
        for dl in ["", "ftp://a.example/{crate}", "file:///x/{crate}"] {
            assert_eq!(Config { dl: dl.to_owned() }.address(&name, &index.releases[0], Sha256([0; 32])), None, "{dl}");
        }
    }
}
