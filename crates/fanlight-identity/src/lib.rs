//! Who is calling: people, their devices' tokens, the operator's secret, and the sealing of personal values.
//!
//! Refuses to know the doors and HTTP beyond one header's value. Invariants: no secret is kept that could be replayed;
//! a revoked token is refused from the moment the revocation returned; a personal value leaves this crate sealed under
//! a key that can be destroyed, or to whoever asks for it by name.

mod accounts;
mod caller;
mod directory;
mod error;
mod idempotency;
mod identity;
mod keys;
mod operator;
mod root_key;
mod seal;
mod shown;
mod token;
mod tokens;
mod trust;

pub use accounts::{
    Beginning, BegunSession, JoinFault, Joining, JoiningBy, LogIn, LogInFault, LoggedInBy, NewAccount, NewPassword,
    OpenedLink, PasswordChange, PasswordRefused, SessionShown, Tried,
};
/// Logging in at providers.
pub mod oidc {
    pub use crate::accounts::{AtProvider, Known, NobodyHere};
    pub use fanlight_credentials::jose::{Algorithm, KeySet, KeySetFault};
    pub use fanlight_credentials::oidc::{AnswerFault, Answered, Begun, Client, Issuer, IssuerFault};
    pub use fanlight_credentials::token::{Claims, Expected, ForeignFault, ForeignIssuer, ForeignIssuers, Timing};
}

/// Passkeys, as people log in by them.
pub mod passkeys {
    pub use crate::accounts::{PasskeyFor, PasskeyMade, PasskeyQuestion, PasskeyRefused, PasskeyShown};
    pub use fanlight_credentials::passkey::{ALGORITHMS, RelyingParty};
    pub use fanlight_store::{PasskeyGone as Gone, PasskeyRow};
}

pub use caller::{Caller, ShownKey};
pub use error::{AccountError, EraseError, IdentifyError, IssueError, KeyError, OpenError, TokenError};
pub use fanlight_credentials::password::{BreachedError, BreachedList};
pub use fanlight_credentials::random::{NoRandom, pseudonym};
pub use fanlight_credentials::token::Proof;
pub use fanlight_store::{EndedLogin, LoginWay};
pub use idempotency::CallKey;
pub use identity::{Erased, Identity, Issued, NewDevice};
pub use keys::{KeyAsked, NewCallerKey};
pub use operator::{OperatorError, OperatorSecret};
pub use root_key::{RootKey, RootKeyError};
pub use seal::{Personal, SealError, SealedReader, UNIDENTIFIED};
pub use shown::{Shown, ShownToken};
pub use token::TokenFault;
pub use tokens::{Client, IssuedToken, KnownToken, ShownProof};
pub use trust::{AskedKeys, IssuerKeySource, IssuerKeys, ShownCertificate, TokensAre, TrustedIssuer, subject_hmac};
