//! What was done to the folder, in order, so that a test can ask what a power cut at any moment would have left.

use parking_lot::Mutex;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Created { id: u64, path: String },
    Wrote { id: u64, bytes: Vec<u8> },
    Synced { id: u64 },
    Renamed { from: String, to: String },
    Removed { path: String },
    FolderMade { path: String },
    FolderSynced { path: String },
}

/// The changes so far.
#[derive(Default)]
pub(crate) struct Journal(Mutex<Vec<Change>>);

impl Journal {
    fn add(&self, change: Change) {
        self.0.lock().push(change);
    }

    pub(super) fn created(&self, path: &str) -> u64 {
        let mut changes = self.0.lock();
        let id = changes.len() as u64;
        changes.push(Change::Created { id, path: path.to_owned() });
        id
    }

    pub(super) fn wrote(&self, id: u64, bytes: &[u8]) {
        self.add(Change::Wrote { id, bytes: bytes.to_vec() });
    }

    pub(super) fn synced(&self, id: u64) {
        self.add(Change::Synced { id });
    }

    pub(super) fn renamed(&self, from: &str, to: &str) {
        self.add(Change::Renamed { from: from.to_owned(), to: to.to_owned() });
    }

    pub(super) fn removed(&self, path: &str) {
        self.add(Change::Removed { path: path.to_owned() });
    }

    pub(super) fn folder_made(&self, path: &str) {
        self.add(Change::FolderMade { path: path.to_owned() });
    }

    pub(super) fn folder_synced(&self, path: &str) {
        self.add(Change::FolderSynced { path: path.to_owned() });
    }

    /// The changes so far.
    pub(crate) fn changes(&self) -> Vec<Change> {
        self.0.lock().clone()
    }
}
