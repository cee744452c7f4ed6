//! Which passwords are taken: long enough, hard to guess by zxcvbn, and in no list of breached ones.
//!
//! Refuses to know classes of characters and dates of expiry: NIST SP 800-63B advises against both.

use fanlight_base::limits;
use zxcvbn::Score;

use super::Password;
use super::breached::{BreachedError, BreachedList};

/// The rules for a new password.
#[derive(Debug, Default)]
pub struct Rules {
    breached: Option<BreachedList>,
}

/// Why a password is not taken. It never repeats the password.
#[derive(Debug, thiserror::Error)]
pub enum Weakness {
    /// Too short to be worth judging.
    #[error(
        "the password has fewer than {} characters: take four or more words that have nothing to do with one another",
        limits::PASSWORD_CHARACTERS_LEAST
    )]
    Short,
    /// A program would guess it soon.
    #[error("the password is easy to guess{}: take four or more words that have nothing to do with one another, or let a password manager make one", why(.0.as_deref()))]
    Guessable(
        /// What makes it so, in zxcvbn's words.
        Option<String>,
    ),
    /// It is known to those who try passwords.
    #[error("the password was in a breach elsewhere, and is tried first by whoever guesses: take another one")]
    Breached,
    /// The list could not be asked. Without it nothing is taken, since a steward wants it asked.
    #[error("cannot ask the list of breached passwords")]
    List(#[from] BreachedError),
}

fn why(words: Option<&str>) -> String {
    words.map(|words| format!(" ({})", words.trim_end_matches('.'))).unwrap_or_default()
}

impl Rules {
    /// Asks a list of breached passwords as well.
    #[must_use]
    pub fn with_breached(self, list: BreachedList) -> Self {
        Self { breached: Some(list) }
    }

    /// Judges a new password. `about` is what others know of the person: login, name, mail address, the company.
    pub fn judge(&self, password: &Password, about: &[&str]) -> Result<(), Weakness> {
        if password.clear().chars().count() < limits::PASSWORD_CHARACTERS_LEAST {
            return Err(Weakness::Short);
        }
        let about: Vec<&str> = about.iter().copied().chain(["fanlight"]).collect();
        let entropy = zxcvbn::zxcvbn(password.clear(), &about);
        if entropy.score() < Score::Three {
            let warning = entropy.feedback().and_then(|feedback| feedback.warning());
            return Err(Weakness::Guessable(warning.map(|warning| warning.to_string())));
        }
        if let Some(list) = &self.breached
            && list.holds(password)?
        {
            return Err(Weakness::Breached);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
