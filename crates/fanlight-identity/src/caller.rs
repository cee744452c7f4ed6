//! A caller, known as well as it could be.

use fanlight_base::{Principal, Strength, Who};
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
}

impl Caller {
    /// Nobody known, of whom not even the address is kept.
    pub fn nobody() -> Self {
        let (principal, strength) = (Principal::Unidentified, Strength::None);
        let who = Who::of(&principal, strength, None).to_json();
        Self { principal, strength, who, session: None }
    }

    /// The node acting by itself.
    pub fn node() -> Self {
        Self { principal: Principal::Node, strength: Strength::Node, who: Who::node().to_json(), session: None }
    }
}
