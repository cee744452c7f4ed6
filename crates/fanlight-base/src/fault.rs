//! Whose fault an error is. Each crate's error enum answers this; the edge turns it into a status or an exit code.

/// Whose fault it is that something could not be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The caller asked for something that cannot be: change the request.
    Caller,
    /// The caller asked for a thing that is not there.
    NotFound,
    /// The upstream failed or lied: trying later may help.
    Upstream,
    /// This node cannot do its work now (disk full, database gone): its steward must act.
    Node,
}

/// An error's message and those of its causes, joined by colons: for the log, and for outside where no message of the
/// chain shows data.
pub fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}
