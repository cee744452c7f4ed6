//! Policies changed with care: the versions that were in force, and the proposals that become one.

use fanlight_base::{Timestamp, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policies::Fault;
use crate::shapes::{LINE, whole, whole_or_none};

/// What a policy file may be named.
const NAME: &str = "^[A-Za-z0-9_][A-Za-z0-9 ._+()@,=&-]*\\.cedar$";

/// One policy file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PolicyFile")]
pub struct File {
    /// Its name, without a folder.
    #[schemars(length(max = limits::POLICY_NAME_BYTES), regex(pattern = NAME), example = "company.cedar")]
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A set of the company's policies that came into force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyVersion")]
pub struct Version {
    /// Its number, from 1.
    pub version: u64,
    /// Since when.
    pub since: Timestamp,
    /// Whether it is in force now.
    pub in_force: bool,
    /// Who proposed it, by name; missing where it came by the folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Who approved it, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// Why, where it was proposed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The proposal that it came of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<String>,
    /// How many files it has.
    pub files: u64,
    /// SHA-256 over names and texts, in hexadecimal digits: as the records of its proposal have it.
    pub set: String,
}

/// The versions that are kept, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyVersions")]
pub struct Versions {
    /// The folder that they are in force from.
    pub folder: String,
    /// Them.
    pub versions: Vec<Version>,
}

/// The query of [`crate::routes::POLICY_VERSION`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyVersionAsk")]
pub struct Against {
    /// The version to compare with; without it the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 999_999_999))]
    pub against: Option<u64>,
}

/// A version with its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyVersionText")]
pub struct VersionText {
    /// The version.
    pub version: Version,
    /// Its files, by name.
    pub files: Vec<File>,
    /// The version it is compared with; missing where there is none before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<u64>,
    /// In which files it differs from that one.
    pub changes: Vec<Change>,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "PolicyFileChange")]
pub enum What {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// Its text is another.
    Changed,
}

/// A file in which two sets differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyChange")]
pub struct Change {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub what: What,
    /// Lines that came.
    pub added: u64,
    /// Lines that went.
    pub removed: u64,
    /// The lines with three around each change, as `diff -u` writes them.
    pub diff: String,
}

/// Asks what is wrong with a set of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PolicyCheckAsk")]
pub struct Check {
    /// The whole set.
    #[schemars(length(max = limits::POLICY_FILES))]
    pub files: Vec<File>,
}

/// What is wrong with a set of files, together with the built-in policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyChecked")]
pub struct Checked {
    /// Whether it could be put in force.
    pub good: bool,
    /// What is wrong, each with its file, line and column.
    pub faults: Vec<Fault>,
    /// What is not wrong but looks like a slip.
    pub warnings: Vec<Fault>,
    /// How many policies the files have, where they are good.
    pub policies: u64,
}

/// Proposes a set of files, or to go back to a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PolicyPropose")]
pub struct Propose {
    /// The version that the change was made on: where another is in force by then, it is a conflict.
    #[serde(deserialize_with = "whole")]
    #[schemars(range(min = 1, max = 999_999_999))]
    pub base: u64,
    /// Why, in one line. It stands in the record for ever: it names nobody.
    #[schemars(length(min = 1, max = limits::BECAUSE_CHARACTERS), regex(pattern = LINE))]
    pub because: String,
    /// The whole set. Either this or `restores` has to be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::POLICY_FILES))]
    pub files: Option<Vec<File>>,
    /// The version to go back to.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole_or_none")]
    #[schemars(range(min = 1, max = 999_999_999))]
    pub restores: Option<u64>,
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "PolicyProposalState")]
pub enum State {
    /// Nobody has answered.
    Waiting,
    /// It was approved and is being put in force.
    Approved,
    /// It is, or was, in force.
    Published,
    /// It was refused.
    Refused,
    /// Who proposed it took it back.
    Withdrawn,
}

impl State {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Published => "published",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Waiting, Self::Approved, Self::Published, Self::Refused, Self::Withdrawn]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyProposal")]
pub struct Proposal {
    /// Its id: `prp_` and 16 letters or digits.
    pub id: String,
    /// Who proposes, by name, or by pseudonym once erased.
    pub by: String,
    /// Why.
    pub because: String,
    /// When it was proposed.
    pub proposed: Timestamp,
    /// The version that it was made on.
    pub base: u64,
    /// The version that it brings back, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restores: Option<u64>,
    /// Where it stands.
    pub state: State,
    /// Whether another version is in force than it was made on, while it waits: it has to be made anew.
    pub outdated: bool,
    /// Whether the caller has proposed it.
    pub own: bool,
    /// How many files it has.
    pub files: u64,
    /// SHA-256 over names and texts, in hexadecimal digits.
    pub set: String,
    /// The answer, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}

/// The answer to a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyProposalAnswer")]
pub struct Answer {
    /// When it was given.
    pub at: Timestamp,
    /// Who gave it, by name; missing where the same set came by the folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The words, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The version that it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// The query of [`crate::routes::PROPOSALS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyProposalsWhich")]
pub struct Which {
    /// Those in this state; without it, those that wait. `all` lists all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^(waiting|approved|published|refused|withdrawn|all)$"))]
    pub state: Option<String>,
}

/// Proposals, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyProposals")]
pub struct Proposals {
    /// Them.
    pub proposals: Vec<Proposal>,
}

/// A proposal with all there is to know before it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyProposalText")]
pub struct ProposalText {
    /// The proposal.
    pub proposal: Proposal,
    /// Its files, by name.
    pub files: Vec<File>,
    /// In which files it differs from the version that it was made on.
    pub changes: Vec<Change>,
    /// What is wrong with it now.
    pub faults: Vec<Fault>,
    /// What is not wrong but looks like a slip.
    pub warnings: Vec<Fault>,
    /// Why the caller may not approve it; missing where they may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
}

/// Why somebody may not approve a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyApprovalHeld")]
pub struct Held {
    /// The sentence that says why.
    pub reason: String,
    /// The sentence that says what to do now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// The policies that stop it.
    pub policies: Vec<String>,
}

/// Approves a proposal, which puts it in force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PolicyApprove")]
pub struct Approve {
    /// What is said to it, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::BECAUSE_CHARACTERS), regex(pattern = LINE))]
    pub because: Option<String>,
}

/// Refuses a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PolicyRefuse")]
pub struct Refuse {
    /// Why, and what to do instead, in one line for who proposed it.
    #[schemars(length(min = 1, max = limits::BECAUSE_CHARACTERS), regex(pattern = LINE))]
    pub because: String,
}
