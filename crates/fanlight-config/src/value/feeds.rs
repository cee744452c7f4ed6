//! Where feeds of advisories are: folders, zip archives, addresses of zip archives.

use std::path::{Path, PathBuf};

use fanlight_base::limits;
use url::Url;

use super::{Kind, Setting, Value, Wrong, without_credentials};

/// One feed of advisories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Feed {
    /// A folder of records, or a zip archive of them.
    Path(PathBuf),
    /// A zip archive at an address.
    Url(Url),
}

/// Feeds of advisories, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Feeds(pub Vec<Feed>);

/// Files, or folders of files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paths(pub Vec<PathBuf>);

impl Setting for Feeds {
    const ALLOWED: &'static str = "a list of folders, zip archives, and http or https addresses of zip archives, as in \
        [\"/srv/advisories/pypi\", \"https://mirror.acme.example/osv/npm.zip\"]; in text one, two";

    fn read(value: &Value, folder: &Path) -> Result<Self, Wrong> {
        let mut all = Vec::new();
        for (text, at) in texts(value)? {
            let feed =
                feed(&text, folder).map_err(|why| at.wrong(format!("{:?} {why}", without_credentials(&text))))?;
            if all.contains(&feed) {
                return Err(at.wrong(format!("{:?} stands there twice", without_credentials(&text))));
            }
            all.push(feed);
        }
        if all.len() > limits::ADVISORY_SOURCES {
            return Err(value.wrong(format!("there are more than {} feeds", limits::ADVISORY_SOURCES)));
        }
        Ok(Self(all))
    }

    fn shown(&self) -> String {
        let shown = self.0.iter().map(|feed| match feed {
            Feed::Path(path) => path.display().to_string(),
            Feed::Url(url) => without_credentials(url.as_str()),
        });
        shown.collect::<Vec<_>>().join(", ")
    }
}

impl Setting for Paths {
    const ALLOWED: &'static str = "a list of files and folders, as in [\"/srv/vex\"]; in text one, two";

    fn read(value: &Value, folder: &Path) -> Result<Self, Wrong> {
        Ok(Self(texts(value)?.into_iter().map(|(text, _)| folder.join(text)).collect()))
    }

    fn shown(&self) -> String {
        self.0.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    }
}

/// The texts of a list, each with where it stands.
fn texts(value: &Value) -> Result<Vec<(String, Value)>, Wrong> {
    match &value.kind {
        Kind::List(items) => items
            .iter()
            .map(|item| match item.as_text()? {
                "" => Err(item.wrong("one of them is empty")),
                text => Ok((text.to_owned(), item.clone())),
            })
            .collect(),
        Kind::Text(text) => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Ok(parts.map(|part| (part.to_owned(), value.clone())).collect())
        }
        Kind::Table(_) => Err(value.wrong("a table cannot stand here")),
    }
}

fn feed(text: &str, folder: &Path) -> Result<Feed, String> {
    let Some((scheme, _)) = text.split_once("://") else { return Ok(Feed::Path(folder.join(text))) };
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Err("is neither a path nor an address that begins with http:// or https://".to_owned());
    }
    let mut url = Url::parse(text).map_err(|error| format!("is no address: {error}"))?;
    url.set_fragment(None);
    Ok(Feed::Url(url))
}
