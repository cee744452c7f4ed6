//! What a company's directory says of people: who is meant by a name, and the sealing of the rest.
//!
//! Refuses to know what a resource holds. Invariant: a person keeps one pseudonym, whether they were known here before the
//! directory, leave it, or come back.

use fanlight_base::PersonId;
use fanlight_credentials::random::NoRandom;
use fanlight_store::{DirectoryPersonRow, PersonRow};

use crate::error::IssueError;
use crate::identity::{Identity, check_person};
use crate::seal::SealError;

/// Under which name what is said of a person is sealed.
fn sealed_name(person: &PersonId) -> String {
    format!("directory/{person}")
}

impl Identity {
    /// Whom the directory means by a name that it has not sent before: somebody known, whatever the case of the letters, or
    /// somebody new under a pseudonym that is kept nowhere yet.
    pub async fn meant_by(&self, name: &str) -> Result<PersonId, IssueError> {
        check_person(name)?;
        let known = self.store().people_named(name).await?;
        let exact = known.iter().find(|person| person.name.as_deref() == Some(name));
        match exact.or(known.first()) {
            Some(PersonRow { id, .. }) => Ok(id.clone()),
            None => Ok(Self::new_person_id()?),
        }
    }

    /// A pseudonym for somebody who has none.
    pub fn new_pseudonym() -> Result<PersonId, NoRandom> {
        Self::new_person_id()
    }

    /// Whether a person may be called that.
    pub fn may_be_called(name: &str) -> Result<(), IssueError> {
        check_person(name)
    }

    /// Seals what the directory says of a person.
    pub fn seal_said(&self, person: &PersonId, said: &[u8]) -> Result<String, SealError> {
        self.seal_secret(&sealed_name(person), said)
    }

    /// Opens it.
    pub fn open_said(&self, row: &DirectoryPersonRow) -> Result<Vec<u8>, SealError> {
        let said = self.open_secret(&sealed_name(&row.person.id), &row.resource)?;
        Ok(said.expose_secret().clone())
    }
}
