//! The names behind pseudonyms, opened with the state's keys where this user may read them.

use std::collections::HashMap;
use std::path::Path;

use fanlight_identity::{Personal, SealedReader};
use fanlight_store::Store;
use tokio::runtime::Runtime;

/// Sealed values remembered; one caller's records all bear the same within a month.
const REMEMBERED: usize = 10_000;

/// Opens sealed values; without keys it opens none.
pub(super) struct People {
    keys: Option<(Runtime, SealedReader)>,
    opened: HashMap<String, Option<Personal>>,
    /// Why there are no keys, for people to be told.
    pub(super) why_not: Option<String>,
}

impl People {
    /// With the keys of a state folder.
    pub(super) fn of(state: &Path) -> Self {
        let opened = HashMap::new();
        match keys(state) {
            Ok(keys) => Self { keys: Some(keys), opened, why_not: None },
            Err(why) => Self { keys: None, opened, why_not: Some(why) },
        }
    }

    /// What is sealed; nothing where the key is destroyed or not to be read.
    pub(super) fn open(&mut self, key: &str, data: &str) -> Option<Personal> {
        if let Some(known) = self.opened.get(data) {
            return known.clone();
        }
        let (runtime, reader) = self.keys.as_ref()?;
        // A value that does not open is shown by its pseudonym; `verify` is what tells of changed records.
        let personal = runtime.block_on(reader.open_sealed(key, data)).ok().flatten();
        if self.opened.len() >= REMEMBERED {
            self.opened.clear();
        }
        self.opened.insert(data.to_owned(), personal.clone());
        personal
    }
}

fn keys(state: &Path) -> Result<(Runtime, SealedReader), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    let store = runtime.block_on(Store::open_read_only(&state.join("fanlight.db"))).map_err(|e| e.to_string())?;
    let reader = SealedReader::open(store, &state.join("root.key")).map_err(|e| e.to_string())?;
    Ok((runtime, reader))
}
