//! Sessions: begun at a login, found by the browser's secret at each request, ended.
//!
//! Invariant: the store is asked at every request, so a session that was ended is over at the next one.

use std::net::IpAddr;
use std::sync::Arc;

use fanlight_base::{PersonId, Principal, Secret, Strength, Timestamp};
use fanlight_credentials::random;
use fanlight_credentials::session::{KnownMachine, KnownMachines, Seen, Session, SessionKey};
use fanlight_store::{BrowserRow, BrowsersSeen, EndedLogin, LoginWay, PersonRow, SessionRow};

use super::LoggedInBy;
use crate::caller::Caller;
use crate::error::{AccountError, IdentifyError};
use crate::identity::Identity;
use crate::seal::{Month, Personal};

/// How a session begins.
#[derive(Debug, Clone, Copy)]
pub struct Beginning<'a> {
    /// The browser, in words.
    pub browser: &'a str,
    /// The mark that it showed, if it has one.
    pub mark: Option<&'a str>,
    /// Whether a second factor was shown.
    pub second_factor: bool,
    /// By what its person logged in.
    pub by: &'a LoggedInBy,
    /// The ways by which they are told where the browser is a new one.
    pub tell_by: &'a [&'static str],
}

/// A session that was just begun.
#[derive(Debug)]
pub struct BegunSession {
    /// The browser's mark, where it is a new one: for a cookie that stays.
    pub mark: Option<Secret<String>>,
    /// The browser's secret: for the cookie, and nowhere else.
    pub secret: Secret<String>,
    /// Until when a second factor counts as fresh.
    pub fresh_until: Timestamp,
}

/// A session, as shown to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionShown {
    /// By which it is ended: no secret.
    pub id: String,
    /// When its person logged in.
    pub begun: Timestamp,
    /// When it was last used, to about a minute.
    pub seen: Timestamp,
    /// When it ends unless it is used.
    pub ends: Timestamp,
    /// The browser, in words.
    pub browser: String,
    /// Whether its person had not used that browser here before, and had used another.
    pub new_browser: bool,
}

fn value(row: &SessionRow) -> Session {
    Session {
        key: SessionKey(row.key),
        person: row.person.clone(),
        begun: row.begun,
        seen: row.seen,
        second_factor: row.second_factor,
    }
}

impl Identity {
    /// Who is calling, by the secret of a browser's session.
    pub async fn identify_session(&self, shown: &str, peer: IpAddr) -> Result<Arc<Caller>, IdentifyError> {
        let (now, lifetime) = (self.now(), self.accounts().lifetime());
        let key = SessionKey::of_shown(shown).ok_or(IdentifyError::SessionOver)?;
        let row = self.store().session(&key.0).await?.ok_or(IdentifyError::SessionOver)?;
        let mut session = value(&row);
        session.standing(lifetime, now).map_err(|_| IdentifyError::SessionOver)?;
        if session.used(now) {
            self.store().touch_session(&key.0, now).await?;
        }
        let strength = if session.fresh(lifetime, now) { Strength::SteppedUp } else { Strength::Session };
        let caller = self.person_caller(&row.person, strength, peer).await?;
        Ok(Arc::new(Caller { session: Some(row), ..caller }))
    }

    /// A person, known as well as it is said: at a login, before there is a session.
    pub async fn person_caller(
        &self,
        person: &PersonId,
        strength: Strength,
        peer: IpAddr,
    ) -> Result<Caller, IdentifyError> {
        let row = self.store().person(person).await?;
        let row = row.filter(PersonRow::is_here).ok_or(IdentifyError::SessionOver)?;
        let principal = Principal::Person { id: row.id.clone(), device: None };
        let address = Some(peer.to_canonical().to_string());
        let personal = Personal { person: row.name, machine: None, address };
        self.caller(principal, strength, row.id.as_str(), Month::of(self.now()), personal).await
    }

    async fn browsers(&self, person: &PersonId) -> Result<KnownMachines, AccountError> {
        let kept = self.store().browsers_of(person).await?.into_iter();
        let known = kept.map(|one| KnownMachine { sha256: one.sha256, first: one.first, last: one.last });
        Ok(KnownMachines::new(known.collect()))
    }

    /// Whether a person who has used browsers here before comes by another one now, by the mark that it shows.
    pub async fn is_new_browser(&self, person: &PersonId, mark: Option<&str>) -> Result<bool, AccountError> {
        let known = self.browsers(person).await?;
        Ok(!known.machines().is_empty() && known.known(mark, self.now()).is_none())
    }

    /// Begins a session of somebody who has just shown who they are.
    pub async fn begin_session(
        &self,
        person: &PersonId,
        beginning: &Beginning<'_>,
    ) -> Result<BegunSession, AccountError> {
        let now = self.now();
        let (secret, session) = Session::begin(person.clone(), beginning.second_factor, now)?;
        let id = random::pseudonym("ses_")?;
        let mut known = self.browsers(person).await?;
        // At the very first login there is nobody who could be surprised by it.
        let is_first = known.machines().is_empty();
        let mark = match known.see(beginning.mark, now)? {
            Seen::Known => None,
            Seen::New { mark } => Some(mark),
        };
        let new_browser = mark.is_some() && !is_first;
        let all = known.machines().iter();
        let all: Vec<BrowserRow> =
            all.map(|one| BrowserRow { sha256: one.sha256, first: one.first, last: one.last }).collect();
        let seen = BrowsersSeen { all: &all, tell_by: if new_browser { beginning.tell_by } else { &[] } };
        let row = SessionRow { new_browser, ..row(session, id, beginning.browser.to_owned()) };
        if !self.store().insert_session(&row, beginning.by.shown(), Some(seen)).await? {
            return Err(AccountError::Left);
        }
        Ok(BegunSession { mark, secret, fresh_until: self.fresh_until(now) })
    }

    /// Begins it anew, under another secret, after a second factor was shown. `None` where it has ended meanwhile.
    pub async fn step_up(&self, before: &SessionRow) -> Result<Option<BegunSession>, AccountError> {
        let now = self.now();
        let (secret, session) = value(before).stepped_up(now)?;
        let row =
            SessionRow { new_browser: before.new_browser, ..row(session, before.id.clone(), before.browser.clone()) };
        let stands = self.store().replace_session(&before.key, &row).await?;
        Ok(stands.then(|| BegunSession { mark: None, secret, fresh_until: self.fresh_until(now) }))
    }

    fn fresh_until(&self, shown: Timestamp) -> Timestamp {
        shown.checked_add(self.accounts().lifetime().fresh).unwrap_or(Timestamp::MAX)
    }

    /// Until when the second factor of this session counts as fresh, where it still does.
    pub fn is_fresh_until(&self, session: &SessionRow) -> Option<Timestamp> {
        let is_fresh = value(session).fresh(self.accounts().lifetime(), self.now());
        session.second_factor.filter(|_| is_fresh).map(|shown| self.fresh_until(shown))
    }

    /// A person's sessions that stand, the newest first.
    pub async fn sessions_of(&self, person: &PersonId) -> Result<Vec<SessionShown>, AccountError> {
        let (now, lifetime) = (self.now(), self.accounts().lifetime());
        let rows = self.store().sessions_of(person).await?;
        let stand = rows.into_iter().filter(|row| value(row).standing(lifetime, now).is_ok());
        Ok(stand
            .map(|row| SessionShown {
                ends: value(&row).ends(lifetime),
                id: row.id,
                begun: row.begun,
                seen: row.seen,
                browser: row.browser,
                new_browser: row.new_browser,
            })
            .collect())
    }

    /// Whether a person logs in by a password.
    pub async fn has_password(&self, person: &PersonId) -> Result<bool, AccountError> {
        Ok(self.store().account(person).await?.is_some_and(|account| account.password.is_some()))
    }

    /// How many recovery codes a person has left.
    pub async fn codes_left(&self, person: &PersonId) -> Result<u64, AccountError> {
        let account = self.store().account(person).await?;
        let kept = account.map(|account| super::read_codes(&account.recovery)).transpose()?;
        Ok(kept.map_or(0, |kept| kept.left() as u64))
    }

    /// Ends one of a person's sessions. Says whether there was one.
    pub async fn end_session(&self, person: &PersonId, id: &str) -> Result<bool, AccountError> {
        Ok(self.store().end_session(person, id).await?)
    }

    /// By what a person can log in, the oldest first.
    pub async fn login_ways(&self, person: &PersonId) -> Result<Vec<LoginWay>, AccountError> {
        Ok(self.store().login_ways(person).await?)
    }

    /// Ends one way by which a person logs in, and all their sessions. None where they have no such way.
    pub async fn end_login(&self, person: &PersonId, way: &LoginWay) -> Result<Option<EndedLogin>, AccountError> {
        Ok(self.store().end_login(person, way).await?)
    }

    /// Ends all of a person's sessions, and says how many there were.
    pub async fn end_sessions(&self, person: &PersonId) -> Result<u64, AccountError> {
        Ok(self.store().end_sessions(person).await?)
    }

    /// Removes sessions that nobody can use any more.
    pub async fn sweep_sessions(&self) -> Result<u64, AccountError> {
        let (now, lifetime) = (self.now(), self.accounts().lifetime());
        let ago = |time| now.checked_sub(time).unwrap_or(Timestamp::MIN);
        Ok(self.store().sweep_sessions(ago(lifetime.absolute), ago(lifetime.idle)).await?)
    }
}

fn row(session: Session, id: String, browser: String) -> SessionRow {
    SessionRow {
        key: session.key.0,
        id,
        person: session.person,
        begun: session.begun,
        seen: session.seen,
        second_factor: session.second_factor,
        browser,
        new_browser: false,
    }
}
