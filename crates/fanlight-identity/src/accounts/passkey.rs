//! Passkeys: offered, made, shown, removed.
//!
//! Nothing is kept between a question and its answer: the page holds the challenge sealed, bound to what it is for and to this
//! run of the node. Invariants: an answer counts once; a copy of a passkey lets nobody in.

use std::net::IpAddr;

use data_encoding::BASE64URL_NOPAD;
use fanlight_base::{PersonId, Timestamp, limits};
use fanlight_credentials::passkey::{Made, Passkey, PasskeyFault, PasskeyKey, RelyingParty, Shown};
use fanlight_credentials::random;
use fanlight_store::{PasskeyGone, PasskeyKept, PasskeyRow, SessionRow};

use super::{By, LogInFault, LoggedInBy, Tried};
use crate::error::AccountError;
use crate::identity::Identity;

/// What a challenge is for: an answer to one counts for no other.
#[derive(Debug, Clone, Copy)]
pub enum PasskeyFor<'a> {
    /// To log in, or to show a second factor.
    Showing,
    /// To have one more.
    Adding(&'a PersonId),
    /// To make an account by the link of that digest.
    Joining(&'a [u8; 32]),
}

impl PasskeyFor<'_> {
    fn name(self) -> String {
        match self {
            Self::Showing => "show".to_owned(),
            Self::Adding(person) => format!("add/{person}"),
            Self::Joining(link) => format!("join/{}", BASE64URL_NOPAD.encode(link)),
        }
    }
}

/// A question to a browser.
#[derive(Debug, Clone)]
pub struct PasskeyQuestion {
    /// What the authenticator signs, in base64url.
    pub challenge: String,
    /// By which the authenticator knows whose a new passkey is, in base64url.
    pub handle: String,
    /// The challenge, sealed: sent back with the answer.
    pub ticket: String,
}

/// An answer by which a passkey is made; its parts in base64url.
pub struct PasskeyMade<'a> {
    /// What came with the question.
    pub ticket: &'a str,
    /// `clientDataJSON`.
    pub client_data: &'a str,
    /// `attestationObject`.
    pub attestation: &'a str,
    /// What its person calls it.
    pub name: &'a str,
}

/// An answer by which a passkey is shown; its parts in base64url.
pub struct PasskeyShown<'a> {
    /// What came with the question.
    pub ticket: &'a str,
    /// By which the authenticator knows the passkey.
    pub credential: &'a str,
    /// `clientDataJSON`.
    pub client_data: &'a str,
    /// `authenticatorData`.
    pub authenticator_data: &'a str,
    /// `signature`.
    pub signature: &'a str,
    /// `userHandle`, where the authenticator gives one.
    pub handle: Option<&'a str>,
}

/// Why a passkey is not taken as a new one.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyRefused {
    /// The question.
    #[error("this node did not ask for it lately: begin anew")]
    Question,
    /// The answer.
    #[error(transparent)]
    Answer(#[from] PasskeyFault),
    /// The name.
    #[error(
        "a passkey's name has 1 to {} characters, none of them a control character",
        limits::PASSKEY_NAME_CHARACTERS
    )]
    Name,
    /// It is known.
    #[error("this passkey is known here already")]
    Known,
    /// There are too many.
    #[error("you have {} passkeys, and no more are kept: remove one first", limits::PASSKEYS)]
    Full,
    /// The account has ended.
    #[error("your session or your account has ended meanwhile")]
    NoAccount,
}

/// What a ticket holds.
struct Asked {
    challenge: [u8; 32],
    handle: [u8; 32],
    until: Timestamp,
}

impl Identity {
    /// Asks for a passkey.
    pub fn ask_for_passkey(&self, of: PasskeyFor<'_>) -> Result<PasskeyQuestion, AccountError> {
        let (challenge, handle): ([u8; 32], [u8; 32]) = (random::bytes()?, random::bytes()?);
        let until = self.now().checked_add(limits::PASSKEY_TIME).unwrap_or(Timestamp::MAX);
        let sealed = [&challenge[..], &handle, &until.as_millisecond().to_be_bytes()].concat();
        Ok(PasskeyQuestion {
            challenge: BASE64URL_NOPAD.encode(&challenge),
            handle: BASE64URL_NOPAD.encode(&handle),
            ticket: self.seal_secret(&self.ticket_of(of), &sealed)?,
        })
    }

    fn ticket_of(&self, of: PasskeyFor<'_>) -> String {
        // A question from before a restart is none: which of its answers were used is not known any more.
        format!("passkey/{}/{}", self.accounts().run, of.name())
    }

    fn asked(&self, of: PasskeyFor<'_>, ticket: &str) -> Option<Asked> {
        let sealed = self.open_secret(&self.ticket_of(of), ticket).ok()?;
        let (challenge, rest) = sealed.expose_secret().split_first_chunk::<32>()?;
        let (handle, rest) = rest.split_first_chunk::<32>()?;
        let until = Timestamp::from_millisecond(i64::from_be_bytes(rest.try_into().ok()?)).ok()?;
        let asked = Asked { challenge: *challenge, handle: *handle, until };
        let is_open = self.now() < until && !self.accounts().answered.is_used(challenge);
        is_open.then_some(asked)
    }

    /// Whether an answer is the first to its question. From then on none is.
    fn is_first_answer(&self, asked: &Asked) -> bool {
        let once = &self.accounts().answered;
        // Full: whoever could make it forget could show an answer twice.
        once.first(asked.challenge, asked.until, self.now()).unwrap_or(false)
    }

    /// Judges a new passkey of a person. Nothing is kept before [`Identity::keep_passkey`], or before the account it comes with.
    pub fn draw_up_passkey(
        &self,
        of: PasskeyFor<'_>,
        person: &PersonId,
        party: &RelyingParty,
        answer: &PasskeyMade<'_>,
    ) -> Result<Result<PasskeyRow, PasskeyRefused>, AccountError> {
        let name = answer.name.trim();
        if !(1..=limits::PASSKEY_NAME_CHARACTERS).contains(&name.chars().count()) || name.chars().any(char::is_control)
        {
            return Ok(Err(PasskeyRefused::Name));
        }
        let Some(asked) = self.asked(of, answer.ticket) else { return Ok(Err(PasskeyRefused::Question)) };
        let (Some(client_data), Some(attestation)) = (bytes(answer.client_data), bytes(answer.attestation)) else {
            return Ok(Err(PasskeyFault::Unreadable("the answer").into()));
        };
        let made = Made { client_data: &client_data, attestation: &attestation };
        let Passkey { id: credential, key, count } = match party.made(&asked.challenge, made) {
            Ok(passkey) => passkey,
            Err(fault) => return Ok(Err(fault.into())),
        };
        if !self.is_first_answer(&asked) {
            return Ok(Err(PasskeyRefused::Question));
        }
        Ok(Ok(PasskeyRow {
            id: random::pseudonym("pky_")?,
            credential,
            person: person.clone(),
            handle: asked.handle.to_vec(),
            key: key.to_text(),
            count: count.into(),
            name: name.to_owned(),
            created: self.now(),
            used: None,
        }))
    }

    /// Keeps a passkey that was drawn up in that session.
    pub async fn keep_passkey(
        &self,
        row: &PasskeyRow,
        session: &SessionRow,
    ) -> Result<Result<(), PasskeyRefused>, AccountError> {
        Ok(match self.store().insert_passkey(row, &session.key, limits::PASSKEYS).await? {
            PasskeyKept::Kept => Ok(()),
            PasskeyKept::Known => Err(PasskeyRefused::Known),
            PasskeyKept::Full => Err(PasskeyRefused::Full),
            PasskeyKept::NoAccount => Err(PasskeyRefused::NoAccount),
        })
    }

    /// A person's passkeys.
    pub async fn passkeys_of(&self, person: &PersonId) -> Result<Vec<PasskeyRow>, AccountError> {
        Ok(self.store().passkeys_of(person).await?)
    }

    /// By what their authenticators know them, in base64url: so that none makes a second one.
    pub async fn credentials_of(&self, person: &PersonId) -> Result<Vec<String>, AccountError> {
        let rows = self.store().passkeys_of(person).await?;
        Ok(rows.iter().map(|row| BASE64URL_NOPAD.encode(&row.credential)).collect())
    }

    /// Removes a passkey of a person, unless it is their only way to log in.
    pub async fn remove_passkey(&self, person: &PersonId, id: &str) -> Result<PasskeyGone, AccountError> {
        Ok(self.store().remove_passkey(person, id).await?)
    }

    /// Checks a passkey that was shown. An answer that was right is used up by that.
    pub async fn try_passkey(
        &self,
        party: &RelyingParty,
        shown: &PasskeyShown<'_>,
        peer: IpAddr,
    ) -> Result<Tried, AccountError> {
        let now = self.now();
        // Signatures cannot be guessed, but each look costs one at the database. Counted by passkey, so that nobody's wrong
        // answers slow down another's.
        let guess = match self.accounts().passkeys.begin(shown.credential, super::Source::Stranger(peer), now) {
            Ok(guess) => guess,
            Err(slow) => {
                return Ok(Tried {
                    person: None,
                    fault: Some(LogInFault::Slow { wait: slow.wait }),
                    by: LoggedInBy::default(),
                });
            }
        };
        let wrong = |person| Ok(Tried { person, fault: Some(LogInFault::Wrong), by: LoggedInBy::default() });
        let Some(asked) = self.asked(PasskeyFor::Showing, shown.ticket) else { return wrong(None) };
        let parts = [shown.credential, shown.client_data, shown.authenticator_data, shown.signature].map(bytes);
        let [Some(credential), Some(client_data), Some(authenticator_data), Some(signature)] = parts else {
            return wrong(None);
        };
        if credential.len() > limits::PASSKEY_ID_BYTES {
            return wrong(None);
        }
        let Some(row) = self.store().passkey(&credential).await? else { return wrong(None) };
        let account = self.store().account(&row.person).await?;
        if account.is_none_or(|account| account.ended.is_some()) {
            return wrong(None);
        }
        let key = PasskeyKey::from_text(&row.key).ok_or(AccountError::Kept("a passkey"))?;
        let count = u32::try_from(row.count).map_err(|_| AccountError::Kept("a passkey"))?;
        let answer =
            Shown { client_data: &client_data, authenticator_data: &authenticator_data, signature: &signature };
        let is_theirs = shown.handle.is_none_or(|handle| bytes(handle).as_deref() == Some(&row.handle));
        let person = Some(row.person.clone());
        let count = match party.shown(&asked.challenge, &key, count, answer) {
            Ok(count) if is_theirs => count,
            Err(PasskeyFault::Copied) => {
                return Ok(Tried { person, fault: Some(LogInFault::Copied), by: LoggedInBy::default() });
            }
            Ok(_) | Err(_) => return wrong(person),
        };
        if !self.is_first_answer(&asked) || !self.store().use_passkey(&row.id, count.into(), now).await? {
            return wrong(person);
        }
        guess.right();
        Ok(Tried { person, fault: None, by: LoggedInBy(By::Passkey(row.id)) })
    }
}

/// Base64url as browsers write it, with or without padding.
fn bytes(text: &str) -> Option<Vec<u8>> {
    BASE64URL_NOPAD.decode(text.trim_end_matches('=').as_bytes()).ok()
}
