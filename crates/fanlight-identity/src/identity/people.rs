//! People and their devices: tokens made and revoked, a person erased.

use fanlight_base::{DeviceId, PersonId, Secret, limits};
use fanlight_store::{DeviceRow, LeftRows, PersonRow, StoreError};

use super::Identity;
use crate::error::{EraseError, IdentifyError, IssueError};
use crate::seal::UNIDENTIFIED;
use crate::token::NewToken;

/// A token drawn up and not kept yet. Prints nothing of it.
pub struct NewDevice {
    person: PersonId,
    name: String,
    machine: String,
    token: NewToken,
}

impl NewDevice {
    /// The device it will stand for.
    pub const fn device(&self) -> &DeviceId {
        &self.token.device
    }

    /// Whose it will be.
    pub const fn person(&self) -> &PersonId {
        &self.person
    }
}

/// A token that was just made. This is the only time it can be shown.
#[derive(Debug)]
pub struct Issued {
    /// The token, `flk_...`.
    pub token: Secret<String>,
    /// The device it stands for.
    pub device: DeviceId,
    /// Whose it is.
    pub person: PersonId,
}

/// What an erasure did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// The pseudonym that stays in the records, or `unidentified`.
    pub person: String,
    /// Sealing keys destroyed.
    pub keys: u64,
    /// Devices revoked.
    pub devices: u64,
}

fn check_name(what: &'static str, name: &str) -> Result<(), IssueError> {
    if name.trim().is_empty() || name.chars().count() > limits::NAME_CHARACTERS || name.chars().any(char::is_control) {
        return Err(IssueError::BadName { what, reason: "more than spaces" });
    }
    Ok(())
}

/// A name that `erase` would take for something else cannot be a person's.
pub(crate) fn check_person(name: &str) -> Result<(), IssueError> {
    const WHAT: &str = "a person's name";
    check_name(WHAT, name)?;
    if name == UNIDENTIFIED || name.starts_with("prs_") {
        return Err(IssueError::BadName { what: WHAT, reason: "neither `unidentified` nor an id" });
    }
    Ok(())
}

impl Identity {
    /// Draws up a token for a person on a machine. It is good for nothing before [`Identity::issue`] keeps it; what stands
    /// on it until then are the device's name and the person's pseudonym, for the record that comes first.
    pub async fn draw_up(&self, name: &str, machine: &str) -> Result<NewDevice, IssueError> {
        check_person(name)?;
        check_name("a machine's name", machine)?;
        let person = match self.0.store.person_by_name(name).await? {
            Some(known) if known.left.is_some() => return Err(IssueError::Left),
            Some(known) => known.id,
            None => Self::new_person_id()?,
        };
        Ok(NewDevice { person, name: name.to_owned(), machine: machine.to_owned(), token: NewToken::make()? })
    }

    /// Keeps a token that was drawn up; the person is created where the name is new. Refused where somebody else made, or
    /// erased, a person of that name in between, because the record names another.
    pub async fn issue(&self, drawn: NewDevice) -> Result<Issued, IssueError> {
        let NewDevice { person: drawn, name, machine, token } = drawn;
        let now = self.now();
        let person = self.0.store.create_person(&drawn, &name, now).await?;
        if person.id != drawn || person.left.is_some() {
            return Err(IssueError::Overtaken);
        }
        let row = DeviceRow {
            id: token.device.clone(),
            person: person.id.clone(),
            machine: Some(machine),
            secret_sha256: token.secret_sha256,
            created: now,
            last_used: None,
            revoked: None,
        };
        self.0.store.insert_device(&row).await?;
        Ok(Issued { token: token.clear, device: token.device, person: person.id })
    }

    #[cfg(test)]
    pub(super) async fn issue_device(&self, person: &str, machine: &str) -> Result<Issued, IssueError> {
        self.issue(self.draw_up(person, machine).await?).await
    }

    /// Revokes a device's token: refused from the moment this returns. Says whether there was one to revoke.
    pub async fn revoke_device(&self, device: &DeviceId) -> Result<bool, StoreError> {
        self.forgetting(self.0.store.revoke_device(device, self.now())).await
    }

    /// Ends all by which a person comes in, and their rights, and says what there was. Nothing of it is good from the moment
    /// this returns.
    pub async fn leave(&self, person: &PersonId) -> Result<LeftRows, StoreError> {
        self.forgetting(self.0.store.leave(person, self.now())).await
    }

    /// Makes a change of the store after which somebody may not come in any more: who was let in before is forgotten.
    pub async fn forgetting<T>(&self, change: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let changed = change.await;
        // Also after an error: whether the store has it is then unknown, and asking it again costs little.
        self.0.callers.forget();
        changed
    }

    /// Everybody known, erased ones included.
    pub async fn people(&self) -> Result<Vec<PersonRow>, StoreError> {
        self.0.store.people().await
    }

    /// Erases a person, given by name or id, or the pseudo person `unidentified`: destroys the sealing keys, forgets the
    /// names, revokes the devices. What was sealed can never be opened again; every record and proof stays as it is.
    pub async fn erase(&self, who: &str) -> Result<Erased, EraseError> {
        let person = if who == UNIDENTIFIED {
            who.to_owned()
        } else {
            let found = match self.0.store.person_by_name(who).await? {
                Some(found) => Some(found),
                None => self.0.store.person(&PersonId::new(who)).await?,
            };
            found.ok_or_else(|| EraseError::Unknown(who.to_owned()))?.id.as_str().to_owned()
        };
        let erased = self.0.store.erase(&person, self.now()).await;
        self.0.callers.forget();
        self.0.sealer.forget();
        let erased = erased?;
        Ok(Erased { person, keys: erased.keys, devices: erased.devices })
    }

    /// The person of that name, created where it is new.
    pub(super) async fn person_of(&self, name: &str) -> Result<PersonRow, IdentifyError> {
        if let Some(person) = self.0.store.person_by_name(name).await? {
            return Ok(person);
        }
        let id = Self::new_person_id().map_err(|error| IdentifyError::Seal(error.into()))?;
        Ok(self.0.store.create_person(&id, name, self.now()).await?)
    }
}
