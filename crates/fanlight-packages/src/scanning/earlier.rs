//! Which contents a file is compared with: files of its kind of the releases before its own.

use fanlight_store::Digest;

use crate::ecosystem::{Ecosystem, File as _, FileOf, Index as _};
use crate::project::Project;

/// Releases before a file's own that are looked at for one that was scanned here.
const RELEASES: usize = 20;

/// The contents of files of the same kind that earlier releases have, the latest release first; of one release, the file
/// whose name differs in nothing but the version comes first.
pub(crate) fn earlier<E: Ecosystem>(project: &Project<E>, file: &FileOf<E>) -> Vec<Digest> {
    let named = |file: &FileOf<E>| {
        let (release, name) = (project.release(file), E::file_name(&project.name, file));
        let rest = release.text.as_deref().map_or_else(|| name.to_string(), |version| name.replacen(version, "", 1));
        Some((release.version?, rest))
    };
    let Some((version, rest)) = named(file) else { return Vec::new() };
    let kind = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let files = project.index.files().iter().filter_map(|other| {
        let (before, name) = named(other)?;
        let digest = other.content().digest()?;
        (before < version && kind(&name) == kind(&rest)).then(|| (before, name == rest, digest))
    });
    let mut files: Vec<_> = files.collect();
    files.sort_by(|(one, alike, _), (other, other_alike, _)| (other, other_alike).cmp(&(one, alike)));
    files.truncate(RELEASES);
    files.into_iter().map(|(.., digest)| digest).collect()
}
