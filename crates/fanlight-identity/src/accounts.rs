//! Accounts: a name, a password and a second factor in, a session out; and the links by which accounts begin.
//!
//! Owns the order of what is checked. Refuses to know HTTP and who may: what it finds are facts for the guard. Invariants: a
//! name that is not there costs as much time as one that is; of name, password and code nobody learns which was wrong; a
//! code, a recovery code and a link are good once, and that is kept before anybody is let in.

mod link;
mod passkey;
mod password;
mod provider;
mod session;

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use fanlight_base::{PersonId, limits};
use fanlight_credentials::guesses::{Guesses, Pace, Source};
use fanlight_credentials::password::{BreachedList, Check, Cost, Hasher, Password, Rules};
use fanlight_credentials::random;
use fanlight_credentials::second::{KeptCodes, TotpSecret};
use fanlight_credentials::session::Lifetime;
use fanlight_credentials::token::Once;
use fanlight_store::{AccountRow, ShownAtLogin};

use crate::error::AccountError;
use crate::identity::Identity;

pub use link::{JoinFault, Joining, JoiningBy, NewAccount, OpenedLink};
pub use passkey::{PasskeyFor, PasskeyMade, PasskeyQuestion, PasskeyRefused, PasskeyShown};
pub use password::{NewPassword, PasswordChange, PasswordRefused};
pub use provider::{AtProvider, Known, NobodyHere};
pub use session::{Beginning, BegunSession, SessionShown};

/// Password hashes under way at once: each takes 64 MiB and a core.
const HASHES_AT_ONCE: usize = 4;

/// What checks passwords and codes.
pub(crate) struct Accounts {
    hasher: Arc<Hasher>,
    rules: OnceLock<Arc<Rules>>,
    passwords: Guesses,
    codes: Guesses,
    links: Guesses,
    passkeys: Guesses,
    /// Answers with passkeys that were given.
    answered: Once,
    /// Logins at providers that were answered.
    logins_answered: Once,
    /// A name of this run of the node: what was asked in another is answered in vain.
    run: String,
    lifetime: OnceLock<Lifetime>,
}

impl Accounts {
    pub(crate) fn new() -> Result<Self, AccountError> {
        Ok(Self {
            hasher: Arc::new(Hasher::new(Cost::RFC_9106_SECOND, HASHES_AT_ONCE)?),
            rules: OnceLock::new(),
            passwords: Guesses::new(Pace::PASSWORDS),
            codes: Guesses::new(Pace::CODES),
            links: Guesses::new(Pace::PASSWORDS),
            passkeys: Guesses::new(Pace::PASSWORDS),
            answered: Once::new(limits::PASSKEYS_USED),
            logins_answered: Once::new(limits::PASSKEYS_USED),
            run: random::id()?,
            lifetime: OnceLock::new(),
        })
    }

    /// The rules for new passwords. The first that are given stay, and those asked for count as given.
    fn rules(&self) -> Arc<Rules> {
        self.rules.get_or_init(Arc::default).clone()
    }

    fn lifetime(&self) -> Lifetime {
        self.lifetime.get().copied().unwrap_or_default()
    }
}

/// What somebody shows to log in.
pub struct LogIn<'a> {
    /// The name.
    pub name: &'a str,
    /// The password.
    pub password: &'a str,
    /// A code of the authenticator app, or a recovery code.
    pub code: &'a str,
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogInFault {
    /// The name, the password or the code; nobody is told which.
    Wrong,
    /// A passkey of which there is a copy.
    Copied,
    /// Too many wrong ones, from there or for that account.
    Slow {
        /// How long to wait.
        wait: Duration,
    },
}

impl LogInFault {
    /// The word in facts, which is also the id of the policy that has its words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wrong => "wrong-login",
            Self::Copied => "copied-passkey",
            Self::Slow { .. } => "too-many-tries",
        }
    }
}

/// What came of an attempt to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Whose account was tried, where there is one of that name. For the record alone.
    pub person: Option<PersonId>,
    /// Why not; nothing where all of it is right.
    pub fault: Option<LogInFault>,
    /// What was right.
    pub by: LoggedInBy,
}

/// By what somebody logged in: their session begins only if that has not ended meanwhile.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct LoggedInBy(By);

#[derive(Clone, Default, PartialEq, Eq)]
enum By {
    /// A link, or nothing yet.
    #[default]
    Link,
    /// The password that was right, as it is kept.
    Password(String),
    /// The passkey of that id.
    Passkey(String),
    /// The subject at a provider, hashed.
    Provider([u8; 32]),
}

impl LoggedInBy {
    fn shown(&self) -> ShownAtLogin<'_> {
        match &self.0 {
            By::Link => ShownAtLogin::Link,
            By::Password(password) => ShownAtLogin::Password(password),
            By::Passkey(id) => ShownAtLogin::Passkey(id),
            By::Provider(subject) => ShownAtLogin::Provider(subject),
        }
    }
}

impl std::fmt::Debug for LoggedInBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LoggedInBy(..)")
    }
}

/// One spelling of a name: what is typed with spaces around it is meant without.
fn name_of(typed: &str) -> &str {
    typed.trim()
}

impl Identity {
    /// Takes how long sessions live: without use, and at all. The first that are given stay.
    #[must_use]
    pub fn with_sessions(self, idle: Duration, absolute: Duration) -> Self {
        let _ = self.accounts().lifetime.set(Lifetime { idle, absolute, ..Lifetime::default() });
        self
    }

    /// Takes a list of breached passwords: what stands in it is not taken as a new password.
    #[must_use]
    pub fn with_breached_passwords(self, list: BreachedList) -> Self {
        let _ = self.accounts().rules.set(Arc::new(Rules::default().with_breached(list)));
        self
    }

    /// Checks a name, a password and a code. A code that was right is used up by that.
    pub async fn try_login(&self, shown: LogIn<'_>, peer: IpAddr) -> Result<Tried, AccountError> {
        let accounts = self.accounts();
        let (name, now) = (name_of(shown.name), self.now());
        let guess = match accounts.passwords.begin(name, Source::Stranger(peer), now) {
            Ok(guess) => guess,
            Err(slow) => {
                return Ok(Tried {
                    person: None,
                    fault: Some(LogInFault::Slow { wait: slow.wait }),
                    by: LoggedInBy::default(),
                });
            }
        };
        let known = self.store().account_by_name(name).await?.filter(|account| account.ended.is_none());
        let person = known.as_ref().map(|account| account.person.clone());
        let wrong = Tried { person: person.clone(), fault: Some(LogInFault::Wrong), by: LoggedInBy::default() };
        // What can be no password is nobody's, and is checked all the same, against nothing.
        let typed = Password::read(shown.password);
        let kept = known.as_ref().filter(|_| typed.is_ok()).and_then(|account| account.password.clone());
        let Ok(password) = typed.or_else(|_| Password::read("no password")) else { return Ok(wrong) };
        let Check::Right { upgrade } = self.hold_against(password, kept).await? else { return Ok(wrong) };
        let Some(account) = known else { return Ok(wrong) };
        // Whoever came this far has the password: only the codes count against them from here on.
        guess.right();
        let fault = self.try_code(&account, shown.code, peer).await?;
        if fault.is_none()
            && let (Some(upgrade), Some(before)) = (upgrade, &account.password)
        {
            self.store().upgrade_password(&account.person, before, &upgrade).await?;
            return Ok(Tried { person, fault, by: LoggedInBy(By::Password(upgrade)) });
        }
        Ok(Tried {
            person,
            fault,
            by: account.password.map_or_else(LoggedInBy::default, |hash| LoggedInBy(By::Password(hash))),
        })
    }

    /// Checks a second factor of somebody who is logged in. A code that was right is used up by that.
    pub async fn try_second_factor(
        &self,
        person: &PersonId,
        code: &str,
        peer: IpAddr,
    ) -> Result<Option<LogInFault>, AccountError> {
        match self.store().account(person).await?.filter(|account| account.ended.is_none()) {
            Some(account) => self.try_code(&account, code, peer).await,
            None => Ok(Some(LogInFault::Wrong)),
        }
    }

    async fn try_code(
        &self,
        account: &AccountRow,
        code: &str,
        peer: IpAddr,
    ) -> Result<Option<LogInFault>, AccountError> {
        let now = self.now();
        let guess = match self.accounts().codes.begin(account.person.as_str(), Source::Stranger(peer), now) {
            Ok(guess) => guess,
            Err(slow) => return Ok(Some(LogInFault::Slow { wait: slow.wait })),
        };
        let Some(totp) = &account.totp else { return Ok(Some(LogInFault::Wrong)) };
        let secret = totp_of(&self.open_secret(&totp_name(&account.person), totp)?)?;
        let right = match secret.check(code, now, account.totp_step) {
            Ok(step) => self.store().use_code(&account.person, step).await?,
            Err(_) => self.try_recovery(account, code).await?,
        };
        if !right {
            return Ok(Some(LogInFault::Wrong));
        }
        guess.right();
        Ok(None)
    }

    async fn try_recovery(&self, account: &AccountRow, code: &str) -> Result<bool, AccountError> {
        let mut kept = read_codes(&account.recovery)?;
        if kept.use_up(code).is_err() {
            return Ok(false);
        }
        Ok(self.store().use_recovery(&account.person, &account.recovery, &write_codes(&kept)).await?)
    }

    /// Argon2id takes its tens of milliseconds on a thread that serves nobody.
    async fn hold_against(&self, password: Password, kept: Option<String>) -> Result<Check, AccountError> {
        let hasher = self.accounts().hasher.clone();
        let check = tokio::task::spawn_blocking(move || hasher.check(&password, kept.as_deref()));
        Ok(check.await.map_err(|_| AccountError::Ended)??)
    }
}

/// Under which name a person's secret is sealed.
fn totp_name(person: &PersonId) -> String {
    format!("totp/{person}")
}

fn totp_of(bytes: &fanlight_base::Secret<Vec<u8>>) -> Result<TotpSecret, AccountError> {
    let bytes = bytes.expose_secret().as_slice().try_into().map_err(|_| AccountError::Kept("the second factor"))?;
    Ok(TotpSecret::from_bytes(bytes))
}

/// Hashes in base64, with spaces between them.
fn write_codes(kept: &KeptCodes) -> String {
    use base64::Engine as _;
    let encode = |hash: &[u8; 32]| base64::engine::general_purpose::STANDARD.encode(hash);
    kept.hashes().iter().map(encode).collect::<Vec<_>>().join(" ")
}

fn read_codes(text: &str) -> Result<KeptCodes, AccountError> {
    use base64::Engine as _;
    let decode = |word: &str| {
        let bytes = base64::engine::general_purpose::STANDARD.decode(word).ok()?;
        <[u8; 32]>::try_from(bytes).ok()
    };
    let hashes: Option<Vec<_>> = text.split_whitespace().map(decode).collect();
    hashes.map(KeptCodes::new).ok_or(AccountError::Kept("the recovery codes"))
}

#[cfg(test)]
mod tests;
