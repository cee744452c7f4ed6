//! Who is calling. The hot path is one look into memory: callers are remembered by a digest of what they showed, their
//! address and the month, never by the token. Invariant: what is remembered carries the generation it was learned in, and
//! every revocation and erasure begins a new one after the store has it, so no revoked token lives on in memory.

mod cache;
mod people;

use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use fanlight_base::clock::SharedClock;
use fanlight_base::{PersonId, Principal, Secret, Strength, Timestamp, Who};
use fanlight_store::{DeviceRow, PersonRow, Store};

use crate::accounts::Accounts;
use crate::caller::{Caller, ShownKey};
use crate::error::{IdentifyError, OpenError};
use crate::keys::key_id;
use crate::operator::OperatorSecret;
use crate::seal::{Month, Personal, SealError, SealedReader, Sealer, UNIDENTIFIED};
use crate::shown::Shown;
use crate::token::TokenFault;
use crate::token::device_id;
use crate::tokens::Tokens;
use crate::trust::{Issuers, ShownCertificate};
use cache::{Callers, Key, Used};
use fanlight_credentials::key::KeyText;
use fanlight_credentials::random::{self, NoRandom};

pub(crate) use people::check_person;
pub use people::{Erased, Issued, NewDevice};

/// Knows who is calling. A handle: clones share it.
#[derive(Clone)]
pub struct Identity(Arc<Inner>);

struct Inner {
    store: Store,
    sealer: Arc<Sealer>,
    clock: SharedClock,
    operator: OnceLock<(OperatorSecret, String)>,
    callers: Callers,
    accounts: Accounts,
    tokens: OnceLock<Tokens>,
    issuers: OnceLock<Issuers>,
}

impl Identity {
    /// Opens it over the store; makes the root key at `root_key_path` where the store has no use of one yet.
    ///
    /// # Errors
    /// [`crate::RootKeyError`] in words where the root key is missing, readable by others, or of another state folder.
    pub async fn open(store: Store, root_key_path: &Path, clock: SharedClock) -> Result<Self, OpenError> {
        let sealer = Arc::new(Sealer::open_node(store.clone(), root_key_path).await?);
        let (operator, callers, accounts) = (OnceLock::new(), Callers::new(), Accounts::new()?);
        let (tokens, issuers) = (OnceLock::new(), OnceLock::new());
        Ok(Self(Arc::new(Inner { store, sealer, clock, operator, callers, accounts, tokens, issuers })))
    }

    pub(crate) fn accounts(&self) -> &Accounts {
        &self.0.accounts
    }

    pub(crate) fn tokens(&self) -> Option<&Tokens> {
        self.0.tokens.get()
    }

    /// The first that are given stay.
    pub(crate) fn set_tokens(&self, tokens: Tokens) {
        let _ = self.0.tokens.set(tokens);
    }

    pub(crate) fn issuers(&self) -> Option<&Issuers> {
        self.0.issuers.get()
    }

    /// The first that are given stay.
    pub(crate) fn set_issuers(&self, issuers: Issuers) {
        let _ = self.0.issuers.set(issuers);
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    /// Takes the operator's secret: whoever shows it acts as the person `os_user_name`, with
    /// [`Strength::StateFolder`]. The first one given stays.
    #[must_use]
    pub fn with_operator(self, secret: OperatorSecret, os_user_name: &str) -> Self {
        let _ = self.0.operator.set((secret, os_user_name.to_owned()));
        self
    }

    /// Who is calling, by what was shown and from where. Answered from memory where the caller is known.
    pub async fn identify(&self, shown: Shown<'_>, peer: IpAddr) -> Result<Arc<Caller>, IdentifyError> {
        let peer = peer.to_canonical();
        let token = shown.token();
        if token.is_none() && !peer.is_loopback() {
            return Err(IdentifyError::NotLoopback);
        }
        self.known(token, peer).await
    }

    /// Nobody known, at that address: in whose name a caller is refused who could not be identified.
    pub async fn nobody(&self, peer: IpAddr) -> Result<Arc<Caller>, IdentifyError> {
        self.known(None, peer.to_canonical()).await
    }

    async fn known(&self, token: Option<&str>, peer: IpAddr) -> Result<Arc<Caller>, IdentifyError> {
        let now = self.0.clock.now();
        let month = Month::of(now);
        let key = Key::of(token, peer, month);
        if let Some(caller) = self.0.callers.get(&key, now) {
            return Ok(caller);
        }
        // Read before the store is asked: what a revocation overtakes is remembered in vain.
        let generation = self.0.callers.generation();
        let caller = Arc::new(self.identify_anew(token, peer, month).await?);
        self.0.callers.put(key, generation, caller.clone(), now);
        Ok(caller)
    }

    /// Who is calling by a certificate that its connection showed, and that an authority of the settings vouches for.
    pub async fn identify_certificate(
        &self,
        shown: &ShownCertificate<'_>,
        peer: IpAddr,
    ) -> Result<Arc<Caller>, IdentifyError> {
        let (peer, now) = (peer.to_canonical(), self.0.clock.now());
        let month = Month::of(now);
        let key = Key::of_certificate(shown.sha256, peer, month);
        if let Some(caller) = self.0.callers.get(&key, now) {
            return Ok(caller);
        }
        let generation = self.0.callers.generation();
        let caller = Arc::new(self.by_certificate(shown, month, Some(peer.to_string())).await?);
        self.0.callers.put(key, generation, caller.clone(), now);
        Ok(caller)
    }

    async fn identify_anew(&self, token: Option<&str>, peer: IpAddr, month: Month) -> Result<Caller, IdentifyError> {
        let address = Some(peer.to_string());
        let Some(token) = token else {
            let personal = Personal { address, ..Personal::default() };
            return self.caller(Principal::Unidentified, Strength::None, UNIDENTIFIED, month, personal).await;
        };
        if OperatorSecret::looks_like(token) {
            let (secret, name) = self.0.operator.get().ok_or(IdentifyError::Unknown)?;
            if !secret.is(token) {
                return Err(IdentifyError::Unknown);
            }
            let person = self.person_of(name).await?;
            let principal = Principal::Person { id: person.id.clone(), device: None };
            let personal = Personal { person: person.name, machine: None, address };
            return self.caller(principal, Strength::StateFolder, person.id.as_str(), month, personal).await;
        }
        // No key has a point in it, and every signed token has two.
        if token.contains('.') {
            return match self.issuer_named_in(token) {
                Some(issuer) => self.by_foreign_token(issuer, token, month, address).await,
                None => self.by_access_token(token, month, address).await,
            };
        }
        let token = KeyText::parse(token).map_err(|fault| match fault {
            TokenFault::Malformed => IdentifyError::Malformed("what was shown is no Fanlight token"),
            TokenFault::BadChecksum => IdentifyError::BadChecksum,
        })?;
        let device = self.0.store.device(&device_id(token.id())).await?;
        if device.is_none()
            && let Some(key) = self.0.store.caller_key(&key_id(token.id())).await?
        {
            return self.by_key(&token, key, month, address).await;
        }
        let (device, person) = self.owner_of(&token, device).await?;
        let personal = Personal { person: person.name, machine: device.machine, address };
        let principal = Principal::Person { id: person.id.clone(), device: Some(device.id) };
        self.caller(principal, Strength::DeviceToken, person.id.as_str(), month, personal).await
    }

    async fn owner_of(
        &self,
        token: &KeyText<'_>,
        device: Option<DeviceRow>,
    ) -> Result<(DeviceRow, PersonRow), IdentifyError> {
        // Compared also where there is nothing to compare with, so that an unknown id takes as long as a wrong secret.
        let proved = token.proves(&device.as_ref().map_or([0; 32], |device| device.secret_sha256));
        let device = device.filter(|_| proved).ok_or(IdentifyError::Unknown)?;
        if device.revoked.is_some() {
            return Err(IdentifyError::Revoked);
        }
        let person = self.0.store.person(&device.person).await?;
        let person = person.filter(PersonRow::is_here).ok_or(IdentifyError::Revoked)?;
        Ok((device, person))
    }

    pub(crate) async fn caller(
        &self,
        principal: Principal,
        strength: Strength,
        owner: &str,
        month: Month,
        personal: Personal,
    ) -> Result<Caller, IdentifyError> {
        let sealed = self.0.sealer.seal(owner, month, &personal).await.map_err(|error| match error {
            // Erased between the look at the device and here.
            SealError::Destroyed(_) => IdentifyError::Revoked,
            other => other.into(),
        })?;
        let who = Who::of(&principal, strength, Some(sealed)).to_json();
        Ok(Caller { principal, strength, who, session: None, key: None })
    }

    /// Seals the personal values of a caller who shows a key, and names the key in the record.
    pub(crate) async fn caller_by(
        &self,
        key: ShownKey,
        (principal, strength): (Principal, Strength),
        month: Month,
        personal: Personal,
    ) -> Result<Caller, IdentifyError> {
        // What is known of an app's calls is its owner's: erased with them.
        let owner = principal.answerable().map_or(UNIDENTIFIED, PersonId::as_str).to_owned();
        let sealed = self.0.sealer.seal(&owner, month, &personal).await.map_err(|error| match error {
            SealError::Destroyed(_) => IdentifyError::Revoked,
            other => other.into(),
        })?;
        let who = Who::of(&principal, strength, Some(sealed)).by_key(&key.id).to_json();
        Ok(Caller { principal, strength, who, session: None, key: Some(key) })
    }

    /// What a record seals in `data` (base64) under the key of that name. None where the key is destroyed, or is not in
    /// this store.
    pub async fn open_sealed(&self, key_name: &str, data: &str) -> Result<Option<Personal>, SealError> {
        self.0.sealer.open(key_name, data).await
    }

    /// Seals a secret of the node itself (a password of an upstream) under the root key, bound to `name`. Base64.
    ///
    /// # Errors
    /// [`SealError::Random`] only.
    pub fn seal_secret(&self, name: &str, clear: &[u8]) -> Result<String, SealError> {
        self.0.sealer.seal_secret(name, clear)
    }

    /// Opens what [`Identity::seal_secret`] sealed under that name.
    ///
    /// # Errors
    /// [`SealError::Changed`] where it was sealed under another name or root key, or was changed.
    pub fn open_secret(&self, name: &str, sealed: &str) -> Result<Secret<Vec<u8>>, SealError> {
        self.0.sealer.open_secret(name, sealed)
    }

    /// The same as a handle that can only open.
    pub fn sealed_reader(&self) -> SealedReader {
        SealedReader::of(self.0.sealer.clone())
    }

    /// Writes to the store when devices and keys were last used. Call it about once a minute and before the node stops.
    pub async fn flush_last_used(&self) -> Result<(), fanlight_store::StoreError> {
        let uses = self.0.callers.take_uses();
        let (mut devices, mut keys) = (Vec::new(), Vec::new());
        for (used, at) in &uses {
            match used {
                Used::Device(device) => devices.push((device.clone(), *at)),
                Used::Key(key) => keys.push((key.clone(), *at)),
            }
        }
        let written = match self.0.store.touch_last_used(&devices).await {
            Ok(()) => self.0.store.touch_caller_keys(&keys).await,
            failed => failed,
        };
        if written.is_err() {
            self.0.callers.give_back(uses);
        }
        written
    }

    /// Looks everybody up anew from here on: called after something that lets people in has ended in the store.
    pub fn forget_callers(&self) {
        self.0.callers.forget();
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn new_person_id() -> Result<PersonId, NoRandom> {
        Ok(PersonId::new(format!("prs_{}", random::id()?)))
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("store", &self.0.store).finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests;
