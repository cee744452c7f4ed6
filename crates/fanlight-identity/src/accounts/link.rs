//! Links that open once: for the first steward, and for those who are invited.
//!
//! A link is opened in two steps: looked at, which shows the secret of the second factor; and used, with a code of that
//! secret, or with a passkey. Between the two nothing is kept here: the page holds the secret sealed, bound to the link.

use std::net::IpAddr;

use fanlight_base::{PersonId, Role, Secret, Timestamp};
use fanlight_credentials::guesses::Source;
use fanlight_credentials::passkey::RelyingParty;
use fanlight_credentials::random::sha256;
use fanlight_credentials::second::{CodeFault, KeptLink, LinkFault, OneTimeLink, RecoveryCodes, TotpSecret, picture};
use fanlight_store::{AccountRow, Joined, LinkRow, PasskeyRow, RoleRow};

use super::{
    LogInFault, PasskeyFor, PasskeyMade, PasskeyQuestion, PasskeyRefused, PasswordRefused, name_of, totp_name, totp_of,
    write_codes,
};
use crate::error::{AccountError, IssueError};
use crate::identity::Identity;

/// What a link that was looked at is for, and the second factor that comes with it.
#[derive(Debug)]
pub struct OpenedLink {
    /// The name of whom it is for; nobody for the first steward.
    pub name: Option<String>,
    /// The role that comes with it.
    pub role: Option<Role>,
    /// The secret for the authenticator app, in letters.
    pub secret: Secret<String>,
    /// The same as an address that apps take.
    pub uri: Secret<String>,
    /// The same as a picture, an SVG document, where one holds it.
    pub picture: Option<String>,
    /// The same, sealed, to be shown again when the link is used.
    pub ticket: String,
    /// What is asked of a browser that makes a passkey instead.
    pub passkey: PasskeyQuestion,
}

/// What is shown to use a link.
pub struct Joining<'a> {
    /// The link's secret.
    pub link: &'a str,
    /// The name; that of the invitation where there is one.
    pub name: &'a str,
    /// By what its person logs in from now on.
    pub by: JoiningBy<'a>,
}

/// By what somebody logs in from now on.
pub enum JoiningBy<'a> {
    /// A password and codes of an authenticator app.
    Password {
        /// The new password.
        password: &'a str,
        /// What came with the app's secret.
        ticket: &'a str,
        /// A code of it.
        code: &'a str,
    },
    /// A passkey, at the node as passkeys know it.
    Passkey(&'a RelyingParty, PasskeyMade<'a>),
}

/// An account that is drawn up and not kept yet.
pub struct NewAccount {
    link: [u8; 32],
    name: String,
    row: AccountRow,
    passkey: Option<PasskeyRow>,
    /// Whether the link was for the first steward.
    pub is_first: bool,
    /// The role that comes with it.
    pub role: Option<Role>,
    by: Option<PersonId>,
    /// The recovery codes, in clear: the only time they can be shown. With a passkey none.
    pub recovery: Vec<Secret<String>>,
}

impl NewAccount {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whose it will be.
    pub const fn person(&self) -> &PersonId {
        &self.row.person
    }
}

/// Why a link makes no account.
#[derive(Debug, thiserror::Error)]
pub enum JoinFault {
    /// The link.
    #[error(transparent)]
    Link(#[from] LinkFault),
    /// Too many wrong ones from there.
    #[error("too many wrong links were tried from there")]
    Slow(LogInFault),
    /// The name.
    #[error(transparent)]
    Name(IssueError),
    /// Somebody of that name has an account.
    #[error("somebody of that name has an account here: take another name, or have yourself invited")]
    NameTaken,
    /// The password is not taken.
    #[error(transparent)]
    Password(#[from] PasswordRefused),
    /// The passkey.
    #[error(transparent)]
    Passkey(#[from] PasskeyRefused),
    /// The code.
    #[error(transparent)]
    Code(#[from] CodeFault),
    /// What came with the secret is not of this link.
    #[error("the page is not the one that this link opened: open the link again")]
    Ticket,
}

fn digest(link: &str) -> [u8; 32] {
    sha256(link.as_bytes())
}

fn ticket_name(link: &[u8; 32]) -> String {
    use base64::Engine as _;
    format!("join/{}", base64::engine::general_purpose::STANDARD.encode(link))
}

impl Identity {
    /// Whether anybody can log in as one of these people.
    pub async fn can_log_in(&self, people: &[PersonId]) -> Result<bool, AccountError> {
        Ok(!self.store().who_log_in(people).await?.is_empty())
    }

    /// Makes a link, in place of one for the same person that nobody has opened. Gives its secret, and until when it opens.
    pub async fn make_link(
        &self,
        person: Option<&PersonId>,
        role: Option<Role>,
        by: Option<&PersonId>,
    ) -> Result<(Secret<String>, Timestamp), AccountError> {
        let OneTimeLink { clear, kept } = OneTimeLink::make(self.now())?;
        let row = LinkRow {
            sha256: kept.sha256,
            person: person.cloned(),
            role,
            by: by.cloned(),
            until: kept.until,
            used: None,
        };
        self.store().insert_link(&row).await?;
        Ok((clear, kept.until))
    }

    /// The link of that secret, where it opens now.
    async fn link(&self, shown: &str, peer: IpAddr) -> Result<Result<LinkRow, JoinFault>, AccountError> {
        let now = self.now();
        let guess = match self.accounts().links.begin(shown, Source::Stranger(peer), now) {
            Ok(guess) => guess,
            Err(slow) => return Ok(Err(JoinFault::Slow(LogInFault::Slow { wait: slow.wait }))),
        };
        let found = self.store().link(&digest(shown)).await?;
        let Some(row) = found else { return Ok(Err(LinkFault::Unknown.into())) };
        guess.right();
        let opened = KeptLink { sha256: row.sha256, until: row.until, used: row.used }.open(shown, now);
        Ok(opened.map(|()| row).map_err(JoinFault::from))
    }

    /// Looks at a link. It stays as it is.
    pub async fn look_at_link(&self, shown: &str, peer: IpAddr) -> Result<Result<OpenedLink, JoinFault>, AccountError> {
        let row = match self.link(shown, peer).await? {
            Ok(row) => row,
            Err(fault) => return Ok(Err(fault)),
        };
        let name = match &row.person {
            Some(person) => self.store().person(person).await?.and_then(|person| person.name),
            None => None,
        };
        let secret = TotpSecret::make()?;
        let ticket = self.seal_secret(&ticket_name(&row.sha256), secret.bytes())?;
        let account = name.as_deref().unwrap_or("steward");
        let (text, uri) = (secret.base32(), secret.uri("Fanlight", account));
        let picture = picture(uri.expose_secret());
        let passkey = self.ask_for_passkey(PasskeyFor::Joining(&row.sha256))?;
        Ok(Ok(OpenedLink { name, role: row.role, secret: text, uri, picture, ticket, passkey }))
    }

    /// Draws up the account that a link makes. Nothing is kept before [`Identity::join`].
    pub async fn draw_up_account(
        &self,
        shown: Joining<'_>,
        peer: IpAddr,
    ) -> Result<Result<NewAccount, JoinFault>, AccountError> {
        let row = match self.link(shown.link, peer).await? {
            Ok(row) => row,
            Err(fault) => return Ok(Err(fault)),
        };
        let (person, name) = match self.whose(&row, shown.name).await? {
            Ok(whose) => whose,
            Err(fault) => return Ok(Err(fault)),
        };
        let now = self.now();
        let mut account = AccountRow {
            person: person.clone(),
            password: None,
            totp: None,
            totp_step: None,
            recovery: String::new(),
            created: now,
            ended: None,
        };
        let (mut recovery, mut passkey) = (Vec::new(), None);
        match shown.by {
            JoiningBy::Password { password, ticket, code } => {
                let Ok(bytes) = self.open_secret(&ticket_name(&row.sha256), ticket) else {
                    return Ok(Err(JoinFault::Ticket));
                };
                let secret = totp_of(&bytes)?;
                account.totp_step = match secret.check(code, now, None) {
                    Ok(step) => Some(step),
                    Err(fault) => return Ok(Err(fault.into())),
                };
                account.password = match self.new_password(password, &name).await? {
                    Ok(hash) => Some(hash),
                    Err(refused) => return Ok(Err(refused.into())),
                };
                account.totp = Some(self.seal_secret(&totp_name(&person), secret.bytes())?);
                let codes = RecoveryCodes::make()?;
                account.recovery = write_codes(&codes.kept);
                recovery = codes.clear;
            }
            JoiningBy::Passkey(party, answer) => {
                match self.draw_up_passkey(PasskeyFor::Joining(&row.sha256), &person, party, &answer)? {
                    Ok(drawn) => passkey = Some(drawn),
                    Err(refused) => return Ok(Err(refused.into())),
                }
            }
        }
        let (link, role, by, is_first) = (row.sha256, row.role, row.by, row.person.is_none());
        Ok(Ok(NewAccount { link, name, row: account, passkey, is_first, role, by, recovery }))
    }

    /// Whose account a link makes, and under which name.
    async fn whose(&self, row: &LinkRow, name: &str) -> Result<Result<(PersonId, String), JoinFault>, AccountError> {
        if let Some(person) = &row.person {
            let name = self.store().person(person).await?.and_then(|person| person.name);
            return Ok(name.map(|name| (person.clone(), name)).ok_or(LinkFault::Unknown.into()));
        }
        let name = name_of(name);
        if let Err(error) = crate::identity::check_person(name) {
            return Ok(Err(JoinFault::Name(error)));
        }
        if self.store().account_by_name(name).await?.is_some() {
            return Ok(Err(JoinFault::NameTaken));
        }
        let person = match self.store().person_by_name(name).await? {
            Some(known) => known.id,
            None => Self::new_person_id()?,
        };
        Ok(Ok((person, name.to_owned())))
    }

    /// Keeps an account that was drawn up; its link is used from then on.
    pub async fn join(&self, account: &NewAccount) -> Result<Result<(), JoinFault>, AccountError> {
        let role = account.role.map(|role| RoleRow {
            person: account.row.person.clone(),
            role,
            given: account.row.created,
            by: account.by.clone(),
            ended: None,
        });
        let joined = self
            .store()
            .join(&account.link, &account.name, &account.row, account.passkey.as_ref(), role.as_ref())
            .await?;
        Ok(match joined {
            Joined::Made => Ok(()),
            Joined::LinkUsed => Err(LinkFault::Used.into()),
            Joined::NameTaken => Err(JoinFault::NameTaken),
            Joined::PasskeyKnown => Err(PasskeyRefused::Known.into()),
        })
    }

    /// The person of that name, made known where they are not.
    pub async fn make_known(&self, name: &str) -> Result<PersonId, IssueError> {
        let name = name_of(name);
        crate::identity::check_person(name)?;
        if let Some(person) = self.store().person_by_name(name).await? {
            if person.left.is_some() && self.store().directory_person(&person.id).await?.is_some() {
                return Err(IssueError::LeftInDirectory);
            }
            return Ok(person.id);
        }
        Ok(self.store().create_person(&Self::new_person_id()?, name, self.now()).await?.id)
    }
}
