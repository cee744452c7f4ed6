//! Where a feed is: a folder, a zip archive, or the address of one; under which name it is known; and how it is seen
//! that files have not changed.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fanlight_base::limits;
use fanlight_net::upstream::without_credentials;
use url::Url;

/// One feed of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What it is known by: the path, or the address without credentials and query. What is kept stands under it.
    pub name: Arc<str>,
    /// Where it is.
    pub place: Place,
}

/// Where a feed is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder of records, or a zip archive of them.
    Path(PathBuf),
    /// A zip archive at an address.
    Url(Url),
}

impl Source {
    /// The feeds at these places. Two addresses that differ only in what is not shown get names of their own.
    pub fn all(places: impl IntoIterator<Item = Place>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for place in places {
            let plain = place.shown();
            let mut name = plain.clone();
            let mut number = 2;
            while all.iter().any(|known| *known.name == *name) {
                name = format!("{plain} ({number})");
                number += 1;
            }
            all.push(Self { name: name.into(), place });
        }
        all
    }
}

impl Place {
    fn shown(&self) -> String {
        match self {
            Self::Path(path) => path.display().to_string(),
            Self::Url(url) => {
                let mut bare = without_credentials(url);
                bare.set_query(None);
                bare.into()
            }
        }
    }

    /// The word for what it is.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Path(_) => "files",
            Self::Url(_) => "address",
        }
    }
}

/// What files look like from outside: names, sizes, times. Equal ones are taken for unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// Of a file, or of a folder with all below it, within a feed's limits. `None` where it cannot be looked at.
    pub fn of(path: &Path) -> Option<Self> {
        let mut hasher = DefaultHasher::new();
        let mut left = limits::ADVISORY_FEED_ENTRIES;
        note(path, 0, &mut left, &mut hasher)?;
        Some(Self(hasher.finish()))
    }
}

fn note(path: &Path, depth: usize, left: &mut u64, hasher: &mut DefaultHasher) -> Option<()> {
    // What a feed names may be a link; below it links are not followed, as they are not read.
    let there = if depth == 0 { fs::metadata(path) } else { fs::symlink_metadata(path) }.ok()?;
    path.hash(hasher);
    there.is_dir().hash(hasher);
    there.len().hash(hasher);
    there.modified().ok()?.hash(hasher);
    if there.is_dir() && depth <= limits::ADVISORY_FEED_DEPTH {
        let mut names: Vec<PathBuf> = fs::read_dir(path).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
        names.sort();
        for name in names {
            *left = left.checked_sub(1)?;
            note(&name, depth + 1, left, hasher)?;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Place {
        Place::Url(Url::parse(text).unwrap())
    }

    #[test]
    fn a_name_shows_no_credential_and_no_query_and_is_had_once() {
        let sources = Source::all([
            url("https://ada:pw@feeds.example/all.zip?key=one"),
            url("https://feeds.example/all.zip?key=two"),
            Place::Path("/srv/osv".into()),
        ]);
        let names: Vec<_> = sources.iter().map(|source| &*source.name).collect();
        assert_eq!(names, ["https://feeds.example/all.zip", "https://feeds.example/all.zip (2)", "/srv/osv"]);
    }

    #[test]
    fn a_folder_is_seen_to_change_with_any_file_in_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        let file = folder.path().join("a/X-1.json");
        fs::write(&file, "{}").unwrap();
        let before = Fingerprint::of(folder.path()).unwrap();
        assert_eq!(Fingerprint::of(folder.path()), Some(before));
        fs::write(&file, "{ }").unwrap();
        let changed = Fingerprint::of(folder.path()).unwrap();
        assert_ne!(changed, before);
        fs::write(folder.path().join("a/X-2.json"), "").unwrap();
        assert_ne!(Fingerprint::of(folder.path()), Some(changed));
        assert_eq!(Fingerprint::of(&folder.path().join("gone")), None);
    }
}
