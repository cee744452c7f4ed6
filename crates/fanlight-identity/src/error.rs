//! Why something about people and their tokens could not be done. What a caller reads who is not served are the words of
//! a policy on the fault, which name no input.

use fanlight_base::Fault;
use fanlight_store::StoreError;

use crate::root_key::RootKeyError;
use crate::seal::SealError;
use fanlight_credentials::password::{BreachedError, HashError};
use fanlight_credentials::random::NoRandom;

/// Why [`crate::Identity::open`] failed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The root key cannot be used.
    #[error(transparent)]
    RootKey(#[from] RootKeyError),
    /// The store failed.
    #[error("cannot read the sealing keys")]
    Store(#[from] StoreError),
    /// Passwords cannot be checked.
    #[error("cannot check how people log in")]
    Accounts(#[from] AccountError),
}

/// Why a caller is not served. `Display` is for the log.
#[derive(Debug, thiserror::Error)]
pub enum IdentifyError {
    /// The header cannot be read, or holds no token.
    #[error("unreadable credentials: {0}")]
    Malformed(&'static str),
    /// It looks like a token, but a character is wrong.
    #[error("the token's checksum does not fit")]
    BadChecksum,
    /// Nobody has this token: the id is unknown or the secret is wrong.
    #[error("nobody has this token")]
    Unknown,
    /// The token was right and is revoked, or its person is erased.
    #[error("the token was revoked")]
    Revoked,
    /// The key was right and has ended by itself.
    #[error("the key ended by itself")]
    Over,
    /// The token is of an issuer that is trusted, and is not taken.
    #[error("a token of a trusted issuer is not taken: {0}")]
    Foreign(
        /// Why, in our own words.
        String,
    ),
    /// What was shown is good, and no app trusts whom it is about.
    #[error("what was shown is good, and no app trusts it")]
    NotTrusted,
    /// The certificate has ended since the connection began, or is revoked, or its authority is not trusted any more.
    #[error("the client's certificate has ended or was revoked since it was shown")]
    CertificateOver,
    /// The issuer of the token cannot be asked for its keys, and those at hand are not believed any more.
    #[error("the issuer of the token does not say which keys it has")]
    IssuerSilent,
    /// What was shown to prove that the caller holds the key of their token is not taken.
    #[error("a proof of possession is not taken: {0}")]
    NotProved(&'static str),
    /// The proof needs a nonce of this node.
    #[error("a proof of possession has no nonce of this node, or an old one")]
    UseNonce(
        /// The nonce to use.
        String,
    ),
    /// There is no such session, or it is over.
    #[error("there is no such session, or it is over")]
    SessionOver,
    /// Nothing was shown, and the caller is not on this machine, or a proxy passed the request on.
    #[error("no token from an address other than loopback, or through a proxy")]
    NotLoopback,
    /// The store failed.
    #[error("cannot look up who is calling")]
    Store(#[from] StoreError),
    /// The personal values could not be sealed, and unsealed ones are not recorded.
    #[error("cannot seal the caller's personal values")]
    Seal(#[source] SealError),
}

impl From<SealError> for IdentifyError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Store(error) => Self::Store(error),
            other => Self::Seal(other),
        }
    }
}

impl IdentifyError {
    /// Whose fault it is.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Store(_) | Self::Seal(_) => Fault::Node,
            Self::IssuerSilent => Fault::Upstream,
            _ => Fault::Caller,
        }
    }
}

/// Why something about accounts could not be done: the node's fault, or that it has too much to do.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The store failed.
    #[error("cannot reach the accounts")]
    Store(#[from] StoreError),
    /// A password cannot be hashed or checked now.
    #[error("cannot check a password")]
    Hash(#[from] HashError),
    /// What is kept cannot be read.
    #[error("{0} of an account cannot be read")]
    Kept(
        /// Which part.
        &'static str,
    ),
    /// The list of breached passwords cannot be asked, and a steward wants it asked.
    #[error("cannot ask the list of breached passwords")]
    Breached(#[from] BreachedError),
    /// A secret cannot be sealed or opened.
    #[error("cannot open what is sealed of an account")]
    Seal(#[from] SealError),
    /// The system gave no randomness.
    #[error("cannot make a secret")]
    Random(#[from] NoRandom),
    /// Somebody left while they logged in.
    #[error("the account has ended meanwhile")]
    Left,
    /// The task that hashes ended.
    #[error("the check of a password ended early")]
    Ended,
}

/// Why a token could not be made.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The person has left.
    #[error("this person has left: invite them again first, or have the company's directory say that they are here")]
    Left,
    /// The directory says so.
    #[error("the company's directory says that this person has left: it has to say first that they are here again")]
    LeftInDirectory,
    /// A name that cannot be.
    #[error("{what} must be 1 to {limit} characters without control characters, and {reason}", limit = fanlight_base::limits::NAME_CHARACTERS)]
    BadName {
        /// Which name: `a person's name` or `a machine's name`.
        what: &'static str,
        /// What else it must be.
        reason: &'static str,
    },
    /// The system gave no randomness.
    #[error("cannot make a token")]
    Random(#[from] NoRandom),
    /// Somebody made a person of that name at the same moment.
    #[error("the person was made by somebody else at the same moment: try again")]
    Overtaken,
    /// The store failed.
    #[error("cannot keep the token")]
    Store(#[from] StoreError),
}

/// Why a key could not be made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// What is said of where it is used cannot be.
    #[error("a key's label is one line of 1 to {limit} characters that says where it is used", limit = fanlight_base::limits::KEY_LABEL_CHARACTERS)]
    BadLabel,
    /// Nothing that it would be for.
    #[error("a key is for something: give it one scope or more of packages, api:read, api, directory")]
    NoScope,
    /// It would live too long, or not at all.
    #[error("a key lives 1 to {limit} days", limit = fanlight_base::limits::APP_KEY_TIME.as_secs() / 86_400)]
    BadTime,
    /// There are too many already.
    #[error("there are {limit} keys already, as many as one may have: revoke those that nobody uses", limit = fanlight_base::limits::KEYS_OF_ONE)]
    TooMany,
    /// The app changed hands or ended, or the person left, after it was judged.
    #[error("whose the key would be changed in the meantime, and none was made")]
    ChangedHands,
    /// No public key that may be one.
    #[error("the public key is none that can be used")]
    PublicKey(#[source] fanlight_credentials::jose::KeyFault),
    /// A key that is no shared secret is for tokens, and these are for apps.
    #[error("a public key is an app's: name the app")]
    NotAnApp,
    /// What stands in place of a secret is an app's.
    #[error("a key that trusts somebody else's tokens is an app's: name the app")]
    TrustOfNobody,
    /// There are two things in place of a secret.
    #[error("a key has one thing in place of a secret: a public key or whom it trusts")]
    TwoWays,
    /// No such issuer is in the settings.
    #[error("no issuer of that name is trusted here: the setting apps.issuers names them")]
    UnknownIssuer,
    /// Whom it trusts cannot be.
    #[error("{0}")]
    BadTrust(&'static str),
    /// A key of another app trusts the same.
    #[error(
        "a key of another app trusts the same already, and each token and certificate stands for one app: name claims with other \
         values, or have that key revoked by its owner or a steward"
    )]
    AlreadyTrusted,
    /// The system gave no randomness.
    #[error("cannot make a key")]
    Random(#[from] NoRandom),
    /// The store failed.
    #[error("cannot keep the key")]
    Store(#[from] StoreError),
}

impl KeyError {
    /// Whose fault it is.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::BadLabel
            | Self::NoScope
            | Self::BadTime
            | Self::TooMany
            | Self::PublicKey(_)
            | Self::NotAnApp
            | Self::TrustOfNobody
            | Self::TwoWays
            | Self::UnknownIssuer
            | Self::BadTrust(_)
            | Self::AlreadyTrusted
            | Self::ChangedHands => Fault::Caller,
            Self::Random(_) | Self::Store(_) => Fault::Node,
        }
    }
}

/// Why access tokens cannot be issued.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The node does not know its address yet, or the client is no app.
    #[error("no tokens are issued yet")]
    NotReady,
    /// What is kept cannot be read.
    #[error("what is kept as {0} cannot be read")]
    Kept(
        /// Which setting.
        &'static str,
    ),
    /// The key cannot be used.
    #[error("the key that signs tokens cannot be used")]
    Key(#[source] fanlight_credentials::jose::SigningKeyFault),
    /// A secret cannot be sealed or opened.
    #[error("cannot open the key that signs tokens")]
    Seal(#[from] SealError),
    /// The system gave no randomness.
    #[error("cannot make a token")]
    Random(#[from] NoRandom),
    /// The store failed.
    #[error("cannot reach what tokens are made with")]
    Store(#[from] StoreError),
}

/// Why a person could not be erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// Nobody has that name or id.
    #[error("nobody is known as {0:?}: give a name or an id as `fanlight who` shows it, or `unidentified`")]
    Unknown(String),
    /// The store failed: nothing was erased.
    #[error("cannot erase: nothing was changed")]
    Store(#[from] StoreError),
}

impl IssueError {
    /// Whose fault it is.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::BadName { .. } | Self::Left | Self::LeftInDirectory => Fault::Caller,
            Self::Random(_) | Self::Overtaken | Self::Store(_) => Fault::Node,
        }
    }
}

impl EraseError {
    /// Whose fault it is.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Unknown(_) => Fault::NotFound,
            Self::Store(_) => Fault::Node,
        }
    }
}
