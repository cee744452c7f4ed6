//! A restore asked of a running node: prepared aside while the node serves, then handed to it to go over to.
//!
//! Invariant: until the node goes over nothing of the present state is touched, and what was prepared in vain is removed.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fanlight_api::restore::Planned;
use fanlight_base::Timestamp;
use fanlight_config::{Config, ConfigFault};
use fanlight_console::{FileProblem, WithFile};
use fanlight_policy::Pack;
use fanlight_store::Store;
use tokio::sync::{OwnedMutexGuard, mpsc};

use super::super::backup::WholeState;
use super::exchange::{Endings, Exchange, NAMES, WORK, replaced_name};
use super::{RestoreError, make, private_folder};

/// Reads the settings again as the node was started with them; with a folder, as if that were the state folder.
pub type Reload = Arc<dyn Fn(Option<&Path>) -> Result<Config, ConfigFault> + Send + Sync>;

/// A state that is ready to take the present one's place.
pub struct Ready {
    work: Work,
    state: PathBuf,
    replaced: String,
    endings: Endings,
    _whole: OwnedMutexGuard<()>,
}

/// The folder in which it is prepared, removed where nothing comes of it.
struct Work(Option<PathBuf>);

impl Work {
    fn begin(state: &Path) -> Result<(Self, PathBuf), RestoreError> {
        let folder = state.join(WORK);
        // An earlier one that could not be removed.
        let _ = fs::remove_dir_all(&folder);
        private_folder(&folder).map_err(RestoreError::file("creating the folder"))?;
        Ok((Self(Some(folder.clone())), folder))
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if let Some(folder) = &self.0
            && let Err(error) = fs::remove_dir_all(folder)
        {
            tracing::warn!(%error, folder = %folder.display(), "what was left of a restore could not be removed");
        }
    }
}

impl Ready {
    /// What was ended since it was prepared, by requests that were still under way, stays ended as well. `present` is the
    /// old state's database, before it is closed.
    pub async fn keep_ended(&mut self, present: &Store) -> Result<(), RestoreError> {
        let Some(folder) = &self.work.0 else { return Ok(()) };
        let since = keep_ended(present, folder).await?;
        self.endings.tokens_ended = since.tokens_ended;
        self.endings.tokens_kept_ended += since.tokens_kept_ended;
        self.endings.people_kept_erased += since.people_kept_erased;
        Ok(())
    }

    /// Exchanges the states. The old one's database and ledger must be closed.
    pub fn exchange(mut self) -> std::io::Result<Exchange> {
        // From here on the plan of the exchange says what becomes of the folder.
        self.work.0 = None;
        Exchange::begin(&self.state, std::mem::take(&mut self.replaced), self.endings)
    }
}

/// How the console has the node taken back: what was prepared goes to `over`.
pub fn restorer(
    state: PathBuf,
    store: Store,
    whole: WholeState,
    reload: Reload,
    over: mpsc::Sender<Ready>,
) -> WithFile<Planned> {
    Arc::new(move |file| {
        let (state, store, whole, reload, over) =
            (state.clone(), store.clone(), whole.clone(), reload.clone(), over.clone());
        Box::pin(async move {
            let Ok(whole) = whole.try_lock_owned() else {
                let words = "A backup is being written or restored; ask again when that has ended.";
                return Err(FileProblem::Conflict(words.to_owned()));
            };
            // In a task of its own, so that a caller who leaves cannot stop it halfway in a folder; who stays to the end
            // has the node go over.
            let prepared = tokio::spawn(prepare(file, state, store, whole, reload)).await;
            let (planned, ready) = prepared.unwrap_or(Err(RestoreError::Ended))?;
            over.try_send(ready).map_err(|_| FileProblem::Failed("The node is stopping.".to_owned()))?;
            Ok(planned)
        })
    })
}

async fn prepare(
    file: PathBuf,
    state: PathBuf,
    store: Store,
    whole: OwnedMutexGuard<()>,
    reload: Reload,
) -> Result<(Planned, Ready), RestoreError> {
    can_be_moved(&state)?;
    let (work, folder) = Work::begin(&state)?;
    let restored = make(&file, &folder).await?;
    let config = reload(Some(&folder))?;
    let policies = Some(config.policies_folder.as_path()).filter(|folder| folder.is_dir());
    if let Err(mut faults) = Pack::load(policies, &config.policies_disable)
        && !faults.is_empty()
    {
        return Err(RestoreError::Policies(faults.swap_remove(0)));
    }
    let endings = keep_ended(&store, &folder).await?;
    let replaced = replaced_name(&state, Timestamp::now());
    let planned = Planned {
        file: file.display().to_string(),
        origin: restored.origin,
        earlier_origin: restored.earlier,
        records: restored.records,
        replaced: state.join(&replaced).display().to_string(),
        tokens_ended: endings.tokens_ended,
        tokens_kept_ended: endings.tokens_kept_ended,
        people_kept_erased: endings.people_kept_erased,
    };
    Ok((planned, Ready { work, state, replaced, endings, _whole: whole }))
}

/// A volume of its own cannot be moved, and a link that was moved may lead elsewhere.
fn can_be_moved(state: &Path) -> Result<(), RestoreError> {
    let volume = fs::metadata(state).map_err(RestoreError::file("looking at the state folder"))?.dev();
    for name in NAMES {
        let path = state.join(name);
        if let Ok(there) = path.symlink_metadata()
            && (there.dev() != volume || there.is_symlink())
        {
            return Err(RestoreError::Volume(path));
        }
    }
    Ok(())
}

/// What was ended after the backup stays ended: a backup brings back neither a token that was taken away, nor a person who
/// was erased or left, nor a password or passkey that was replaced, nor a session, nor a role that was taken, nor an exception that is over. Tokens made after it end,
/// because it does not know them, and a key has no scope again that it lost. What is quarantined stays so, and of each review the newest counts, withdrawn or not.
async fn keep_ended(present: &Store, folder: &Path) -> Result<Endings, RestoreError> {
    let restored = Store::open(&folder.join("fanlight.db")).await?;
    let now = Timestamp::now();
    let mut endings = Endings::default();
    let mut erased = present.owners_of_destroyed_keys().await?;
    erased.extend(present.people().await?.iter().filter(|who| who.erased.is_some()).map(|who| who.id.to_string()));
    erased.sort_unstable();
    erased.dedup();
    for who in erased {
        let is_named =
            restored.person(&fanlight_base::PersonId::new(who.as_str())).await?.is_some_and(|p| p.erased.is_none());
        let done = restored.erase(&who, now).await?;
        endings.people_kept_erased += u64::from(is_named || done.keys > 0);
        endings.tokens_kept_ended += done.devices;
    }
    for device in present.devices().await? {
        if device.revoked.is_some() {
            endings.tokens_kept_ended += u64::from(restored.revoke_device(&device.id, now).await?);
        } else if restored.device(&device.id).await?.is_none_or(|restored| restored.revoked.is_some()) {
            endings.tokens_ended += 1;
        }
    }
    for app in present.apps().await?.iter().filter(|app| app.ended.is_some()) {
        restored.end_app(&app.id, now).await?;
    }
    for key in present.caller_keys().await? {
        if key.revoked.is_some() {
            endings.tokens_kept_ended += u64::from(restored.revoke_caller_key(&key.id, now).await?);
        } else if !restored.limit_caller_key(&key.id, key.scopes).await? {
            endings.tokens_ended += 1;
        }
    }
    for (sha256, until) in present.ended_tokens().await? {
        restored.end_token(&sha256, until, now).await?;
    }
    for exception in present.exceptions().await?.iter().filter(|exception| exception.ended.is_some()) {
        restored.end_exception(&exception.id, now).await?;
    }
    restored.end_all_sessions().await?;
    restored.take_over_accounts(present).await?;
    for person in present.people().await? {
        if let Some(left) = person.left {
            restored.leave(&person.id, left).await?;
        }
    }
    for role in present.roles().await? {
        if let Some(ended) = role.ended {
            restored.take_role(&role.person, role.role, ended).await?;
        }
    }
    for membership in present.memberships().await? {
        if let Some(ended) = membership.ended {
            restored.leave_group(&membership.person, &membership.group, ended).await?;
        }
    }
    for quarantine in present.quarantines().await? {
        restored.insert_quarantine(&quarantine).await?;
    }
    restored.keep_reviews(&present.reviews().await?).await?;
    restored.close().await;
    Ok(endings)
}
