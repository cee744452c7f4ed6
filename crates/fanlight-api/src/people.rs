//! What can be done about a person.

use serde::{Deserialize, Serialize};

/// Asks to destroy the keys of a person's values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erase {
    /// The person's name, or their pseudonym `prs_...`.
    pub person: String,
}

/// What was destroyed. The ledger's proofs go on holding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// The person's pseudonym, which stays in the records, or `unidentified`.
    pub person: String,
    /// How many keys of their values were destroyed.
    pub keys: u64,
    /// How many device tokens were ended.
    pub tokens: u64,
}
