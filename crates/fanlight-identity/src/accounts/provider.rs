//! Who somebody is here who logged in at a provider.
//!
//! Invariants: a subject is one person and stays that person, whatever name their provider gives them later; a name alone makes
//! nobody anybody who was known before; an answer of a provider counts once.

use fanlight_base::{PersonId, Secret};
use fanlight_credentials::oidc::Begun;
use fanlight_credentials::random::sha256;
use fanlight_store::{ProviderPersonKept, ProviderPersonRow, SessionRow};

use super::{By, LoggedInBy, name_of};
use crate::error::{AccountError, IssueError};
use crate::identity::Identity;

/// Somebody, as their provider says who they are.
pub struct AtProvider<'a> {
    /// The provider's name in the settings.
    pub provider: &'a str,
    /// The issuer of the ID token.
    pub issuer: &'a str,
    /// Its subject.
    pub subject: &'a str,
    /// The name that they go by.
    pub name: &'a str,
}

/// Who they are here.
pub struct Known {
    /// What is kept, or would be.
    row: ProviderPersonRow,
    /// The name to be kept; nothing where they are known.
    new: Option<String>,
}

impl Known {
    /// Who.
    pub const fn person(&self) -> &PersonId {
        &self.row.person
    }

    /// What their session stands on.
    pub fn logged_in_by(&self) -> LoggedInBy {
        LoggedInBy(By::Provider(self.row.subject_sha256))
    }

    /// The groups that the provider said before.
    pub fn groups(&self) -> &[String] {
        &self.row.groups
    }
}

/// Why they are nobody here.
#[derive(Debug, thiserror::Error)]
pub enum NobodyHere {
    /// Somebody of that name is known here, or was.
    #[error(
        "somebody of your name is known here, or was: if that is you, log in as before, or ask a steward for an invitation, and add \
         your provider on the page /account"
    )]
    NameTaken,
    /// The name can be none here.
    #[error("your provider gives you no name that can be one here")]
    Name(#[source] IssueError),
}

/// Under which name a browser's part of a login is sealed.
const BEGUN: &str = "login/begun";

impl Identity {
    /// What a browser keeps of a login at a provider.
    pub fn seal_begun(&self, begun: &Begun) -> Result<Secret<String>, AccountError> {
        let sealed = self.seal_secret(BEGUN, &begun.to_bytes())?;
        Ok(Secret::new(sealed.replace('+', "-").replace('/', "_").replace('=', "")))
    }

    /// The same, opened.
    pub fn open_begun(&self, kept: &str) -> Option<Begun> {
        let mut sealed = kept.replace('-', "+").replace('_', "/");
        sealed.extend(std::iter::repeat_n('=', (4 - sealed.len() % 4) % 4));
        let opened = self.open_secret(BEGUN, &sealed).ok()?;
        Begun::from_bytes(opened.expose_secret())
    }

    /// Whether an answer is the first to this login. From then on none is.
    pub fn is_first_answer_to(&self, begun: &Begun) -> bool {
        let once = &self.accounts().logins_answered;
        once.first(sha256(begun.state.as_bytes()), begun.until, self.now()).unwrap_or(false)
    }

    /// Who somebody is here. Nothing is kept before [`Identity::keep_known`].
    pub async fn known_at(&self, at: &AtProvider<'_>) -> Result<Result<Known, NobodyHere>, AccountError> {
        let subject = sha256(format!("{}\0{}", at.issuer, at.subject).as_bytes());
        if let Some(row) = self.store().provider_person(&subject).await? {
            let account = self.store().account(&row.person).await?;
            let stands = account.is_some_and(|account| account.ended.is_none());
            return Ok(if stands { Ok(Known { row, new: None }) } else { Err(NobodyHere::NameTaken) });
        }
        let name = name_of(at.name);
        if let Err(error) = crate::identity::check_person(name) {
            return Ok(Err(NobodyHere::Name(error)));
        }
        // Whoever is known, by an invitation, a role, a machine or a directory, is more than a name: they add their provider
        // themselves, once they are in.
        if self.store().person_by_name(name).await?.is_some() {
            return Ok(Err(NobodyHere::NameTaken));
        }
        let person = Self::new_person_id()?;
        let row = self.row(subject, at.provider, &person);
        Ok(Ok(Known { row, new: Some(name.to_owned()) }))
    }

    fn row(&self, subject_sha256: [u8; 32], provider: &str, person: &PersonId) -> ProviderPersonRow {
        let (provider, person) = (provider.to_owned(), person.clone());
        ProviderPersonRow { subject_sha256, provider, person, groups: Vec::new(), created: self.now() }
    }

    /// Keeps who somebody is, where that is new, and their groups as the provider says them now.
    pub async fn keep_known(&self, known: &Known, groups: &[String]) -> Result<Result<(), NobodyHere>, AccountError> {
        let Some(name) = &known.new else {
            self.store().note_provider_groups(&known.row.subject_sha256, groups).await?;
            return Ok(Ok(()));
        };
        let row = ProviderPersonRow { groups: groups.to_vec(), ..known.row.clone() };
        Ok(match self.store().keep_provider_person(&row, name).await? {
            ProviderPersonKept::Kept => Ok(()),
            ProviderPersonKept::NameTaken => Err(NobodyHere::NameTaken),
        })
    }

    /// Keeps that somebody at a provider is the person who asks for it in that session. `false` where it has ended.
    pub async fn link_to(&self, at: &AtProvider<'_>, session: &SessionRow) -> Result<bool, AccountError> {
        let subject = sha256(format!("{}\0{}", at.issuer, at.subject).as_bytes());
        let row = self.row(subject, at.provider, &session.person);
        Ok(self.store().link_provider_person(&row, &session.key).await?)
    }

    /// Which providers know a person, by name.
    pub async fn providers_of(&self, person: &PersonId) -> Result<Vec<String>, AccountError> {
        let mut names: Vec<_> =
            self.store().provider_people_of(person).await?.into_iter().map(|row| row.provider).collect();
        names.dedup();
        Ok(names)
    }
}
