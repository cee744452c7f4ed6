//! Who is calling.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{AppId, DeviceId, PersonId};

/// One of the kinds of principal, or nobody known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Principal {
    /// A person, on one of their machines where a device token says which.
    Person {
        /// The person's pseudonym.
        id: PersonId,
        /// The machine the token was made for.
        device: Option<DeviceId>,
    },
    /// An app that a person made or adopted.
    App {
        /// The app's pseudonym.
        id: AppId,
        /// Whose it is. An app whose owner has left, and that nobody has taken over, is nobody's.
        owner: Option<PersonId>,
    },
    /// The node itself: what Fanlight does without being asked (reloads policies, rotates keys).
    Node,
    /// Nobody known: a caller on loopback without a token.
    Unidentified,
}

impl Principal {
    /// The Cedar entity type and id.
    pub fn entity(&self) -> (&'static str, &str) {
        match self {
            Self::Person { id, .. } => ("Person", id.as_str()),
            Self::App { id, .. } => ("App", id.as_str()),
            Self::Node => ("Node", "this"),
            Self::Unidentified => ("Unidentified", "loopback"),
        }
    }

    /// `person`, `app`, `node` or `unidentified`: the word in records.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Person { .. } => "person",
            Self::App { .. } => "app",
            Self::Node => "node",
            Self::Unidentified => "unidentified",
        }
    }

    /// The person's id, where it is a person.
    pub const fn person(&self) -> Option<&PersonId> {
        match self {
            Self::Person { id, .. } => Some(id),
            _ => None,
        }
    }

    /// The owner, where it is an app that has one.
    pub const fn owner(&self) -> Option<&PersonId> {
        match self {
            Self::App { owner, .. } => owner.as_ref(),
            _ => None,
        }
    }

    /// The person who answers for what is done: who does it, or whose app does. Whoever asks whether something is somebody's
    /// own asks this, so that nobody has their app do what they may not do for themselves.
    pub fn answerable(&self) -> Option<&PersonId> {
        self.person().or_else(|| self.owner())
    }
}

/// How sure we are of who is calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// Nothing was shown.
    None,
    /// A device token made by `fanlight use`.
    DeviceToken,
    /// An API key, of an app or a person.
    ApiKey,
    /// An access token that was issued for a short time.
    AccessToken,
    /// A client certificate (mutual TLS).
    Certificate,
    /// Logged in at the console with a password and a second factor.
    Session,
    /// The same, and a second factor was shown anew within the last minutes.
    SteppedUp,
    /// The secret in the node's state folder: whoever can read it runs the node.
    StateFolder,
    /// The node's own act.
    Node,
}

impl Strength {
    /// The word in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::DeviceToken => "device-token",
            Self::ApiKey => "api-key",
            Self::AccessToken => "access-token",
            Self::Certificate => "certificate",
            Self::Session => "session",
            Self::SteppedUp => "stepped-up",
            Self::StateFolder => "state-folder",
            Self::Node => "node",
        }
    }
}

/// What a person is here for; each opens some of the console. A person may have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Makes or adopts software. Everybody who is known is one.
    Builder,
    /// Helps builders and looks after apps that nobody has.
    Mentor,
    /// Answers holds and exceptions.
    Reviewer,
    /// Runs Fanlight and answers for it.
    Steward,
    /// Reads everything and changes nothing.
    Auditor,
}

impl Role {
    /// All there are.
    pub const ALL: [Self; 5] = [Self::Builder, Self::Mentor, Self::Reviewer, Self::Steward, Self::Auditor];

    /// The word in records and policies, and on screens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Builder => "builder",
            Self::Mentor => "mentor",
            Self::Reviewer => "reviewer",
            Self::Steward => "steward",
            Self::Auditor => "auditor",
        }
    }

    /// The role of that word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// Whether the text may be a group's name: it stands in policies and records.
pub fn is_group_name(text: &str) -> bool {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (1..=crate::limits::GROUP_BYTES).contains(&text.len())
        && text.bytes().all(|b| letter(b) || b == b'-')
        && text.bytes().next().is_some_and(letter)
}

/// Whom something is granted to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Whom {
    /// Everybody, known or not.
    Everybody,
    /// One caller, by pseudonym.
    One(Arc<str>),
    /// Whoever is in the group.
    Group(Arc<str>),
}

impl Whom {
    /// One person.
    pub fn person(id: &PersonId) -> Self {
        Self::One(id.as_str().into())
    }

    /// The word in records and databases: `everybody`, a pseudonym, or `group:NAME`.
    pub fn to_word(&self) -> String {
        match self {
            Self::Everybody => "everybody".to_owned(),
            Self::One(id) => id.to_string(),
            Self::Group(group) => format!("group:{group}"),
        }
    }

    /// Reads the word. No pseudonym has a colon.
    pub fn of_word(word: &str) -> Self {
        match (word, word.strip_prefix("group:")) {
            ("everybody", _) => Self::Everybody,
            (_, Some(group)) => Self::Group(group.into()),
            (id, None) => Self::One(id.into()),
        }
    }

    /// Whether it is this one and nobody else.
    pub fn is_one(&self, id: &str) -> bool {
        matches!(self, Self::One(one) if **one == *id)
    }
}

/// Callers that a set of policies cannot tell apart. Two who are equal in this get equal answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Audience {
    /// Their kind, where a policy looks at who asks.
    pub kind: Option<&'static str>,
    /// The id of the one caller it is, where a policy names them.
    pub id: Option<Box<str>>,
    /// How they are known, where a policy looks at it.
    pub strength: Option<Strength>,
    /// The roles and groups they are in, of those that a policy names: kind and id.
    pub within: Vec<(&'static str, Arc<str>)>,
}

impl Audience {
    /// One caller and nobody else.
    pub fn alone(principal: &Principal, strength: Strength) -> Self {
        let (kind, id) = principal.entity();
        Self { kind: Some(kind), id: Some(id.into()), strength: Some(strength), within: Vec::new() }
    }
}
