//! Personal values, sealed under a data key per person and month. The keys live in the store, wrapped by the root key;
//! destroying one makes what it sealed unreadable everywhere while every byte of the record stays as it is.

pub(crate) mod cipher;
mod month;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fanlight_base::Secret;
use fanlight_base::record::Sealed;
use fanlight_store::{SealingKey, Store, StoreError};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};

use crate::error::OpenError;
use crate::root_key::{RootKey, RootKeyError};
use cipher::Cipher;
use fanlight_credentials::random::{self, NoRandom};

pub(crate) use month::Month;

/// The pseudo person whose keys seal the addresses of unidentified callers; it can be erased like a person.
pub const UNIDENTIFIED: &str = "unidentified";

/// What a record seals. Prints nothing of it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Personal {
    /// The person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The machine's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// The address the call came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl std::fmt::Debug for Personal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Personal(..)")
    }
}

/// Why values could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The store failed.
    #[error("cannot reach the sealing keys")]
    Store(#[from] StoreError),
    /// The root key does not open a data key.
    #[error("the root key does not open the key {0}: it, or the database, was replaced or damaged")]
    Wrapped(String),
    /// The sealed bytes were changed, or never belonged to that key.
    #[error("what is sealed under {0} cannot be opened by that key: it was changed")]
    Changed(String),
    /// The owner's keys are all destroyed.
    #[error("the keys of {0} are destroyed: the person was erased")]
    Destroyed(String),
    /// The system gave no randomness.
    #[error("cannot seal")]
    Random(#[from] NoRandom),
}

/// Opens what records seal, as long as its key is there. Seals nothing: for offline commands.
#[derive(Debug, Clone)]
pub struct SealedReader(Arc<Sealer>);

impl SealedReader {
    /// Uses a store (opened to read only beside a running node) and the root key in `root_key_path`.
    pub fn open(store: Store, root_key_path: &Path) -> Result<Self, RootKeyError> {
        Ok(Self(Arc::new(Sealer::new(store, RootKey::open(root_key_path)?))))
    }

    pub(crate) const fn of(sealer: Arc<Sealer>) -> Self {
        Self(sealer)
    }

    /// What is sealed in `data` (base64, as in a record) under the key of that name. None where the key is destroyed, or
    /// is not in this store.
    pub async fn open_sealed(&self, key_name: &str, data: &str) -> Result<Option<Personal>, SealError> {
        self.0.open(key_name, data).await
    }
}

/// Data keys remembered unwrapped, each with the generation it was read in.
const REMEMBERED_KEYS: usize = 1000;
/// Sealed text is padded to a multiple of this, so that its length says little about a name.
const PADDING: usize = 32;
/// How often the unidentified may be erased in one month. Each erasure makes one more name.
const GENERATIONS: u32 = 1000;

/// Apart from the names of data keys, so that neither can be put in the other's place.
fn secret_name(name: &str) -> String {
    format!("secret:{name}")
}

pub(crate) struct Sealer {
    store: Store,
    root: RootKey,
    keys: Cache<String, (u64, Arc<Cipher>)>,
    /// Grows with each erasure: what was remembered before counts no more.
    generation: AtomicU64,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer").field("store", &self.store).finish_non_exhaustive()
    }
}

impl Sealer {
    pub(crate) fn new(store: Store, root: RootKey) -> Self {
        Self { store, root, keys: Cache::new(REMEMBERED_KEYS), generation: AtomicU64::new(0) }
    }

    /// For a node: makes the root key where there is none, and tries it on a key that is there.
    pub(crate) async fn open_node(store: Store, root_key_path: &Path) -> Result<Self, OpenError> {
        let sample = store.any_sealing_key().await?;
        let root = RootKey::open_or_create(root_key_path, sample.is_none())?;
        if let Some(sample) = sample
            && root.unwrap(&sample.name, &sample.wrapped).is_none()
        {
            return Err(RootKeyError::Other(root_key_path.to_owned()).into());
        }
        Ok(Self::new(store, root))
    }

    /// Forgets every key held in memory.
    pub(crate) fn forget(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.keys.clear();
    }

    /// Seals under the owner's key of that month, made where there is none.
    pub(crate) async fn seal(&self, owner: &str, month: Month, personal: &Personal) -> Result<Sealed, SealError> {
        let base = format!("{owner}/{month}");
        let (name, cipher) = self.key_to_seal(owner, base).await?;
        let mut clear = serde_json::to_vec(personal).unwrap_or_default();
        clear.resize(clear.len().next_multiple_of(PADDING), b' ');
        let sealed = cipher.seal(&name, &clear)?;
        Ok(Sealed { key: name.into(), data: STANDARD.encode(sealed).into() })
    }

    pub(crate) async fn open(&self, key_name: &str, data: &str) -> Result<Option<Personal>, SealError> {
        let generation = self.generation.load(Ordering::SeqCst);
        let cipher = match self.keys.get(key_name) {
            Some((then, cipher)) if then == generation => cipher,
            _ => match self.store.sealing_key(key_name).await? {
                Some(key) if key.destroyed.is_none() => self.remember(generation, &key)?,
                _ => return Ok(None),
            },
        };
        let changed = || SealError::Changed(key_name.to_owned());
        let sealed = STANDARD.decode(data).map_err(|_| changed())?;
        let clear = cipher.open(key_name, &sealed).ok_or_else(changed)?;
        serde_json::from_slice(&clear).map(Some).map_err(|_| changed())
    }

    /// Seals a secret of the node itself, which belongs to no person: under the root key, bound to `name`. Base64.
    pub(crate) fn seal_secret(&self, name: &str, clear: &[u8]) -> Result<String, SealError> {
        Ok(STANDARD.encode(self.root.seal(&secret_name(name), clear)?))
    }

    pub(crate) fn open_secret(&self, name: &str, sealed: &str) -> Result<Secret<Vec<u8>>, SealError> {
        let clear = STANDARD.decode(sealed).ok().and_then(|sealed| self.root.open_sealed(&secret_name(name), &sealed));
        clear.map(Secret::new).ok_or_else(|| SealError::Changed(name.to_owned()))
    }

    async fn key_to_seal(&self, owner: &str, base: String) -> Result<(String, Arc<Cipher>), SealError> {
        let generation = self.generation.load(Ordering::SeqCst);
        let mut name = base.clone();
        for attempt in 2..=GENERATIONS {
            if let Some((then, cipher)) = self.keys.get(&name)
                && then == generation
            {
                return Ok((name, cipher));
            }
            let key = match self.store.sealing_key(&name).await? {
                Some(key) => key,
                None => {
                    let fresh = Secret::new(random::bytes::<32>()?);
                    let wrapped = self.root.wrap(&name, &fresh)?;
                    let kept = self.store.insert_sealing_key(&name, owner, &wrapped).await?;
                    kept.ok_or_else(|| SealError::Destroyed(owner.to_owned()))?
                }
            };
            if key.destroyed.is_none() {
                return Ok((name, self.remember(generation, &key)?));
            }
            if owner != UNIDENTIFIED {
                // A person who was erased comes back under a new pseudonym only.
                break;
            }
            name = format!("{base}.{attempt}");
        }
        Err(SealError::Destroyed(owner.to_owned()))
    }

    fn remember(&self, generation: u64, key: &SealingKey) -> Result<Arc<Cipher>, SealError> {
        let cipher = self.root.unwrap(&key.name, &key.wrapped).ok_or_else(|| SealError::Wrapped(key.name.clone()))?;
        let cipher = Arc::new(cipher);
        self.keys.insert(key.name.clone(), (generation, cipher.clone()));
        Ok(cipher)
    }
}
