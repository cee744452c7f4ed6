//! A caller, known as well as it could be.

use std::sync::Arc;

use fanlight_base::{Action, Principal, Scope, Scopes, Strength, Timestamp, Who};
use fanlight_credentials::token::Access;
use fanlight_store::SessionRow;
use serde_json::value::RawValue;

/// Who is calling: made once, remembered, and shared by all requests of the same caller in the same month.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who, for the guard.
    pub principal: Principal,
    /// How sure we are.
    pub strength: Strength,
    /// Who, for the record: [`Who`] as JSON, personal values sealed.
    pub who: Box<RawValue>,
    /// The session they are logged in by, where they are.
    pub session: Option<SessionRow>,
    /// The key that was shown, where one was.
    pub key: Option<ShownKey>,
}

/// A key or token that was shown, and found good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownKey {
    /// Its name in lists and records.
    pub id: String,
    /// What it is for.
    pub scopes: Scopes,
    /// When it ends by itself.
    pub until: Timestamp,
    /// What it says, where it is an access token.
    pub access: Option<Arc<Access>>,
}

impl Caller {
    /// Nobody known, of whom not even the address is kept.
    pub fn nobody() -> Self {
        let (principal, strength) = (Principal::Unidentified, Strength::None);
        let who = Who::of(&principal, strength, None).to_json();
        Self { principal, strength, who, session: None, key: None }
    }

    /// The scope that what was shown does not have, and that is needed for an action. Nothing where it may go on to be judged.
    pub fn lacks(&self, action: Action) -> Option<Scope> {
        self.key.as_ref().filter(|key| !key.scopes.allow(action)).map(|_| Scope::needed_for(action))
    }

    /// The node acting by itself.
    pub fn node() -> Self {
        let (principal, strength) = (Principal::Node, Strength::Node);
        Self { principal, strength, who: Who::node().to_json(), session: None, key: None }
    }
}
