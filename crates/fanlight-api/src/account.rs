//! Logging in, one's own account, and the links by which accounts begin.

use std::fmt;

use fanlight_base::{AppId, PersonId, Role, Timestamp, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::passkeys;
use crate::shapes::LINE;

/// Shows a name, a password and a second factor, all at once: so nobody learns which was wrong.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    /// The name.
    pub name: String,
    /// The password.
    pub password: String,
    /// A code of the authenticator app, or a recovery code.
    pub code: String,
}

/// Somebody is logged in. The session is in the cookie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoggedIn {
    /// Who.
    pub person: PersonId,
    /// Until when the second factor counts as fresh.
    pub fresh_until: Timestamp,
}

/// By what one can log in here, beside name, password and code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ways {
    /// Providers, by name: a visit to `/login/with/NAME` leads there.
    pub providers: Vec<String>,
    /// Whether this node can have passkeys.
    pub passkeys: bool,
}

/// Where a browser goes to log in at a provider. What comes back counts in that browser, for 10 minutes, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeadsTo {
    /// The provider's address, with what binds the answer to this login.
    pub address: String,
}

/// Shows a second factor anew: a code, or a passkey.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepUp {
    /// A code of the authenticator app, or a recovery code.
    #[serde(default)]
    pub code: String,
    /// A passkey of the caller's, in place of a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passkey: Option<passkeys::Shown>,
}

/// Takes another password. All other sessions of the account end.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password that holds.
    pub current: String,
    /// The one to hold from now on.
    pub new: String,
}

/// One's own account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// The pseudonym.
    pub person: PersonId,
    /// The name.
    pub name: Option<String>,
    /// The roles beside that of a builder.
    pub roles: Vec<Role>,
    /// The groups.
    pub groups: Vec<String>,
    /// Until when the second factor counts as fresh; nothing where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh_until: Option<Timestamp>,
    /// How many recovery codes are left.
    pub recovery_codes: u64,
    /// The providers at which one logs in to this account, by name.
    pub providers: Vec<String>,
    /// Whether there is a password, with an authenticator app.
    pub has_password: bool,
    /// The passkeys, the oldest first.
    pub passkeys: Vec<passkeys::Passkey>,
    /// The sessions, the newest first.
    pub sessions: Vec<Session>,
}

/// A session in a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Session {
    /// By which it is ended.
    pub session: String,
    /// Whether it is the one that asks.
    pub current: bool,
    /// When its person logged in.
    pub begun: Timestamp,
    /// When it was last used, to about a minute.
    pub seen: Timestamp,
    /// When it ends unless it is used.
    pub ends: Timestamp,
    /// The browser, in words.
    pub browser: String,
    /// Whether its person had not used that browser here before, and had used another: they were told so.
    #[serde(default)]
    pub new_browser: bool,
}

/// Sessions that were ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ended {
    /// How many.
    pub sessions: u64,
}

/// Looks at a link.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenLink {
    /// Its secret, `flw_...`.
    pub link: String,
}

/// What a link is for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Welcome {
    /// The name of whom it is for; nothing where they choose it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The role that comes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The secret for the authenticator app.
    pub secret: String,
    /// The same as an address that apps take.
    pub uri: String,
    /// The same as a picture, an SVG document with a QR code; nothing where the name is too long for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// The same, sealed: sent back with a code of it.
    pub ticket: String,
    /// What a browser is asked that makes a passkey instead; nothing where this node can have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passkey: Option<passkeys::Offer>,
}

/// Uses a link.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// Its secret, `flw_...`.
    pub link: String,
    /// The name, where the link is for nobody yet.
    #[serde(default)]
    pub name: String,
    /// The new password.
    #[serde(default)]
    pub password: String,
    /// What came with the secret for the app.
    #[serde(default)]
    pub ticket: String,
    /// A code that the app shows.
    #[serde(default)]
    pub code: String,
    /// A passkey, in place of password and code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passkey: Option<passkeys::Made>,
}

/// An account that was made. Its person is logged in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Joined {
    /// Whose it is.
    pub person: PersonId,
    /// The name.
    pub name: String,
    /// The recovery codes, with a password. The only time they are told.
    pub recovery_codes: Vec<String>,
}

/// Invites somebody: makes a link by which they make an account, or a new one in place of theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// The name: no id, and not `unidentified`.
    #[schemars(length(min = 1, max = limits::NAME_CHARACTERS), regex(pattern = LINE))]
    #[schemars(extend("not" = {"pattern": "^(prs_.*|unidentified)$"}))]
    pub person: String,
    /// A role to come with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// A link that was made. The only time it is told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Invited {
    /// The whole address, the secret behind `#`.
    pub link: String,
    /// Until when it opens.
    pub until: Timestamp,
}

/// Names a person, as the subject of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Whom {
    /// The person's name, or their pseudonym `prs_...`.
    pub person: String,
}

/// Ends one way by which a person logs in, and with it all their sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndLogin {
    /// The person's name, or their pseudonym `prs_...`.
    pub person: String,
    /// Which: `password`, with the authenticator app and the recovery codes; a passkey by its id; or `provider:` and a
    /// provider's name.
    #[schemars(regex(pattern = "^(password|pky_[a-z0-9]{16}|provider:[a-z0-9-]{1,32})$"))]
    pub way: String,
}

/// A way to log in that has ended. Machines' tokens and keys of the person go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoginEnded {
    /// Which.
    pub way: String,
    /// How many sessions ended with it.
    pub sessions: u64,
    /// Whether the person has another way. If not, an invitation gives them one.
    pub can_log_in: bool,
}

/// The sessions of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sessions {
    /// Them, the newest first.
    pub sessions: Vec<Session>,
}

/// What stops when a person leaves, or stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Leaver {
    /// Who.
    pub person: PersonId,
    /// The name.
    pub name: Option<String>,
    /// Whether they have an account.
    pub account: bool,
    /// Sessions.
    pub sessions: u64,
    /// Machines whose tokens are good, by name.
    pub machines: Vec<String>,
    /// Roles beside that of a builder.
    pub roles: Vec<Role>,
    /// Groups.
    pub groups: Vec<String>,
    /// Exceptions that hold for them alone, by what they are about.
    pub exceptions: Vec<String>,
    /// Their own keys that are good, by label.
    pub keys: Vec<String>,
    /// The apps that they own.
    pub apps: Vec<LeaverApp>,
    /// Whether they are the last steward, and so cannot leave yet.
    pub last_steward: bool,
}

/// An app of somebody who leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeaverApp {
    /// Its pseudonym.
    pub app: AppId,
    /// What it is called.
    pub title: String,
    /// Whose it is then; nobody's where nothing stands here: an orphan, until somebody takes it over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<PersonId>,
    /// Their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor_name: Option<String>,
    /// How many keys of it are good now; each keeps at most the scope `packages`.
    pub keys: u64,
}

macro_rules! prints_nothing {
    ($($name:ident),+) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        })+
    };
}
prints_nothing!(LogIn, StepUp, ChangePassword, OpenLink, Welcome, Join, Joined, Invited);
