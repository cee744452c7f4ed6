//! New passwords: judged by the rules, and taken in place of the one before.
//!
//! Invariant: whoever changes a password has shown the one before, and whoever else was logged in by it is logged out.

use std::net::IpAddr;

use fanlight_credentials::guesses::Source;
use fanlight_credentials::password::{Check, Password, PasswordFault, Weakness};
use fanlight_store::SessionRow;

use super::LogInFault;
use crate::error::AccountError;
use crate::identity::Identity;

/// A change of one's password, as it is asked for.
pub struct PasswordChange<'a> {
    /// The one that holds.
    pub current: &'a str,
    /// The one to hold from now on.
    pub new: &'a str,
}

/// A password that was judged and is not kept yet.
pub struct NewPassword {
    before: String,
    hash: String,
}

/// Why a new password is not taken.
#[derive(Debug, thiserror::Error)]
pub enum PasswordRefused {
    /// The one that holds was not shown, or too often another one.
    #[error("the password that holds was not shown")]
    Current(LogInFault),
    /// The account has no password.
    #[error("you log in without a password, by a passkey or at a provider")]
    None,
    /// The new one can be none.
    #[error(transparent)]
    Fault(#[from] PasswordFault),
    /// The new one is not taken.
    #[error(transparent)]
    Weak(Weakness),
}

impl Identity {
    /// The hash of a new password, where the rules take it. `name` is what others know of the person.
    pub(super) async fn new_password(
        &self,
        typed: &str,
        name: &str,
    ) -> Result<Result<String, PasswordRefused>, AccountError> {
        let password = match Password::read(typed) {
            Ok(password) => password,
            Err(fault) => return Ok(Err(fault.into())),
        };
        let (hasher, rules, name) = (self.accounts().hasher.clone(), self.accounts().rules(), name.to_owned());
        // The list of breached passwords is read from disk, and Argon2id takes its time.
        let hash = tokio::task::spawn_blocking(move || match rules.judge(&password, &[&name]) {
            Ok(()) => Ok(Ok(hasher.hash(&password)?)),
            Err(Weakness::List(error)) => Err(AccountError::Breached(error)),
            Err(weakness) => Ok(Err(PasswordRefused::Weak(weakness))),
        });
        hash.await.map_err(|_| AccountError::Ended)?
    }

    /// Judges a change of the password of whoever has that session. Nothing is kept before [`Identity::keep_password`].
    pub async fn draw_up_password(
        &self,
        session: &SessionRow,
        shown: PasswordChange<'_>,
        peer: IpAddr,
    ) -> Result<Result<NewPassword, PasswordRefused>, AccountError> {
        let wrong = Ok(Err(PasswordRefused::Current(LogInFault::Wrong)));
        let account = self.store().account(&session.person).await?.filter(|account| account.ended.is_none());
        let name = self.store().person(&session.person).await?.and_then(|person| person.name);
        let (Some(account), Some(name)) = (account, name) else { return wrong };
        let Some(before) = account.password else { return Ok(Err(PasswordRefused::None)) };
        // The same count as at the login: this is no other place to guess at.
        let guess = match self.accounts().passwords.begin(&name, Source::Stranger(peer), self.now()) {
            Ok(guess) => guess,
            Err(slow) => return Ok(Err(PasswordRefused::Current(LogInFault::Slow { wait: slow.wait }))),
        };
        let Ok(current) = Password::read(shown.current) else { return wrong };
        let Check::Right { .. } = self.hold_against(current, Some(before.clone())).await? else {
            return wrong;
        };
        guess.right();
        let hash = self.new_password(shown.new, &name).await?;
        Ok(hash.map(|hash| NewPassword { before, hash }))
    }

    /// Keeps a new password; every other session of its person ends. `false` where somebody else changed it meanwhile.
    pub async fn keep_password(&self, session: &SessionRow, new: &NewPassword) -> Result<bool, AccountError> {
        Ok(self.store().change_password(&session.person, &new.before, &new.hash, &session.key).await?)
    }
}
