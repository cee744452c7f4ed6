//! Keys by which apps and people call: `flk_` like a device's token, with an end, and for a part of what their owner may do.
//!
//! Owns who such a key stands for. Refuses to know who may make one. Invariants: the text is told once and never kept; a key
//! that was revoked is refused from the moment the revocation returned.

use std::time::Duration;

use fanlight_base::{AppId, PersonId, Principal, Scopes, Secret, Strength, Timestamp, limits};
use fanlight_credentials::json::Object;
use fanlight_credentials::key::{AppKey, AppKeyEnd, KeyText, NewAppKey};
use fanlight_credentials::random;
use fanlight_store::{CallerKeyRow, KeyHolder, PersonRow, StoreError, Trust};

use crate::caller::{Caller, ShownKey};
use crate::error::{IdentifyError, KeyError};
use crate::identity::Identity;
use crate::seal::{Month, Personal};
use crate::tokens::checked_public_key;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The name in lists of the key with that id.
pub(crate) fn key_id(id: &str) -> String {
    format!("key_{id}")
}

/// What is asked for.
#[derive(Debug)]
pub struct KeyAsked<'a> {
    /// Whose it will be.
    pub holder: KeyHolder,
    /// Whose the app is, where it will be an app's: it is kept only while that is so.
    pub owner: Option<PersonId>,
    /// Where it will be used.
    pub label: &'a str,
    /// What it will be for.
    pub scopes: Scopes,
    /// How many days it will live.
    pub days: u64,
    /// The public half, where the other is kept elsewhere: for access tokens (RFC 7523).
    pub public_key: Option<&'a Object>,
    /// Whose tokens show who is calling, in place of a secret.
    pub trust: Option<Trust>,
    /// Who makes it.
    pub by: Option<PersonId>,
}

/// A key drawn up, good for nothing before it is kept. Prints nothing of its secret.
pub struct NewCallerKey {
    /// Nothing where something else is shown in its place.
    clear: Option<Secret<String>>,
    row: CallerKeyRow,
    owner: Option<PersonId>,
}

impl NewCallerKey {
    /// Its name in lists.
    pub fn id(&self) -> &str {
        &self.row.id
    }

    /// What the record says of whom it trusts: nothing that can be guessed.
    pub fn subject_hmac(&self) -> Option<String> {
        let (salt, trust) = self.row.trust_salt.as_ref().zip(self.row.trust.as_ref())?;
        Some(crate::trust::subject_hmac(salt, trust))
    }

    /// Whose tokens it trusts.
    pub const fn trust(&self) -> Option<&Trust> {
        self.row.trust.as_ref()
    }

    /// What it will be for.
    pub const fn scopes(&self) -> Scopes {
        self.row.scopes
    }

    /// When it will end by itself.
    pub const fn until(&self) -> Timestamp {
        self.row.until
    }
}

impl Identity {
    /// Draws a key up. What stands on it until it is kept is its name, for the record that comes first.
    pub fn draw_up_key(&self, asked: KeyAsked<'_>) -> Result<NewCallerKey, KeyError> {
        let label = asked.label.trim();
        if label.is_empty()
            || label.chars().count() > limits::KEY_LABEL_CHARACTERS
            || label.chars().any(char::is_control)
        {
            return Err(KeyError::BadLabel);
        }
        if asked.scopes.is_empty() {
            return Err(KeyError::NoScope);
        }
        let days = u32::try_from(asked.days).map_err(|_| KeyError::BadTime)?;
        let lives = DAY.checked_mul(days).filter(|lives| !lives.is_zero() && *lives <= limits::APP_KEY_TIME);
        let public_key = asked.public_key.map(checked_public_key).transpose()?;
        if public_key.is_some() && !matches!(asked.holder, KeyHolder::App(_)) {
            return Err(KeyError::NotAnApp);
        }
        if let Some(trust) = &asked.trust {
            if !matches!(asked.holder, KeyHolder::App(_)) {
                return Err(KeyError::TrustOfNobody);
            }
            if public_key.is_some() {
                return Err(KeyError::TwoWays);
            }
            self.check_trust(trust)?;
        }
        let has_secret = public_key.is_none() && asked.trust.is_none();
        let NewAppKey { clear, kept } = NewAppKey::make(lives.ok_or(KeyError::BadTime)?, self.now())?;
        let trust_salt = asked.trust.is_some().then(random::bytes::<32>).transpose()?;
        let row = CallerKeyRow {
            id: key_id(&kept.id),
            holder: asked.holder,
            label: label.to_owned(),
            // No secret has this digest.
            secret_sha256: if has_secret { kept.secret_sha256 } else { [0; 32] },
            scopes: asked.scopes,
            made: kept.made,
            by: asked.by,
            until: kept.until,
            used: None,
            revoked: None,
            public_key,
            trust: asked.trust,
            trust_salt,
        };
        let clear = has_secret.then_some(clear);
        Ok(NewCallerKey { clear, row, owner: asked.owner })
    }

    /// Keeps a key that was drawn up, and gives its text, where it has one: the only time it can be shown.
    pub async fn keep_key(&self, drawn: NewCallerKey) -> Result<Option<Secret<String>>, KeyError> {
        if self.store().insert_caller_key(&drawn.row, drawn.owner.as_ref(), limits::KEYS_OF_ONE).await? {
            if drawn.row.trust.is_some() {
                // Who was let in by another key may be meant by this one, too, from now on.
                self.forget_callers();
            }
            return Ok(drawn.clear);
        }
        let is_there = match &drawn.row.holder {
            KeyHolder::App(id) => {
                let app = self.store().app(id).await?;
                app.is_some_and(|app| app.ended.is_none() && app.owner == drawn.owner)
            }
            KeyHolder::Person(id) => self.store().person(id).await?.is_some_and(|person| person.is_here()),
        };
        if let (true, Some(trust)) = (is_there, &drawn.row.trust) {
            let known = self.store().keys_trusting(&trust.by, drawn.row.made).await?;
            let of_another = |key: &CallerKeyRow| {
                key.holder != drawn.row.holder && key.trust.as_ref().is_some_and(|known| known.overlaps(trust))
            };
            if known.iter().any(of_another) {
                return Err(KeyError::AlreadyTrusted);
            }
        }
        Err(if is_there { KeyError::TooMany } else { KeyError::ChangedHands })
    }

    /// Revokes a key: refused from the moment this returns. Says whether there was one to revoke.
    pub async fn revoke_key(&self, id: &str) -> Result<bool, StoreError> {
        let revoked = self.store().revoke_caller_key(id, self.now()).await;
        // Also after an error: whether the store has it is then unknown, and asking it again costs little.
        self.forget_callers();
        revoked
    }

    /// Whom a key stands for, if it is good.
    pub(crate) async fn by_key(
        &self,
        shown: &KeyText<'_>,
        row: CallerKeyRow,
        month: Month,
        address: Option<String>,
    ) -> Result<Caller, IdentifyError> {
        let kept = AppKey {
            id: shown.id().to_owned(),
            secret_sha256: row.secret_sha256,
            made: row.made,
            until: row.until,
            revoked: row.revoked,
            used: row.used,
        };
        AppKey::check(shown, Some(&kept), self.now()).map_err(|end| match end {
            AppKeyEnd::Unknown => IdentifyError::Unknown,
            AppKeyEnd::Revoked => IdentifyError::Revoked,
            AppKeyEnd::Over(_) => IdentifyError::Over,
        })?;
        let (principal, name) = self.holder_of(row.holder).await?;
        let scopes = self.scopes_now(&row.id).await?;
        let key = ShownKey { id: row.id, scopes, until: row.until, access: None };
        let personal = Personal { person: name, machine: None, address };
        self.caller_by(key, (principal, Strength::ApiKey), month, personal).await
    }

    /// What a key is for, read after whose it is: a change of hands between the two has ended it or cut it.
    pub(crate) async fn scopes_now(&self, id: &str) -> Result<Scopes, IdentifyError> {
        let row = self.store().caller_key(id).await?;
        row.filter(|row| row.revoked.is_none()).map(|row| row.scopes).ok_or(IdentifyError::Revoked)
    }

    /// Who acts by what that holder has: with the person's name, where it is a person.
    pub(crate) async fn holder_of(&self, holder: KeyHolder) -> Result<(Principal, Option<String>), IdentifyError> {
        match holder {
            KeyHolder::Person(id) => {
                let person = self.store().person(&id).await?;
                let person = person.filter(PersonRow::is_here).ok_or(IdentifyError::Revoked)?;
                Ok((Principal::Person { id, device: None }, person.name))
            }
            KeyHolder::App(id) => Ok((self.app_as_caller(id).await?, None)),
        }
    }

    async fn app_as_caller(&self, id: AppId) -> Result<Principal, IdentifyError> {
        let app = self.store().app(&id).await?;
        let app = app.filter(|app| app.ended.is_none()).ok_or(IdentifyError::Revoked)?;
        // Whoever is not here any more owns nothing.
        let owner = match app.owner {
            Some(owner) => self.store().person(&owner).await?.filter(PersonRow::is_here).map(|person| person.id),
            None => None,
        };
        Ok(Principal::App { id, owner })
    }
}

#[cfg(test)]
mod tests;
