//! The two clocks by example and by property.

use std::sync::Arc;
use std::time::Duration;

use fanlight_base::Timestamp;
use url::Url;

use super::*;
use crate::pypi::formats::index::{
    Address, ApiVersion, Hashes, Index, IndexFile, ProjectStatus, Sha256, Status, Yanked,
};

mod clocks;
mod durations;
mod properties;

pub(super) const DAY: Duration = Duration::from_secs(86_400);
pub(super) const WEEK: Duration = Duration::from_secs(7 * 86_400);

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn file(name: &str, stated: Option<Timestamp>, content: u8) -> IndexFile {
    IndexFile {
        filename: name.into(),
        url: Address::alone(&Url::parse("https://upstream.example/f").unwrap(), name),
        hashes: Hashes { sha256: Some(Sha256([content; 32])), others: [].into() },
        requires_python: None,
        size: None,
        upload_time: stated,
        yanked: Yanked::No,
        core_metadata: crate::pypi::formats::index::CoreMetadata::No,
        gpg_sig: None,
        provenance: None,
    }
}

pub(super) fn page(files: &[IndexFile]) -> Index {
    Index {
        name: Arc::from("foo"),
        api_version: ApiVersion { major: 1, minor: 4 },
        versions: vec![],
        project_status: ProjectStatus::default(),
        files: files.to_vec(),
        notes: vec![],
        notes_left_out: 0,
    }
}

pub(super) fn quarantined() -> Index {
    Index { project_status: ProjectStatus { status: Status::Quarantined, reason: None }, ..page(&[]) }
}
