//! How a handler ends before its work is done.

use crate::context::{Answer, CannotRecord};

/// Why a handler goes no further.
pub enum Stop {
    /// The answer is there already: a refusal, or that there is no such thing.
    Answered(Box<Answer>),
    /// Nothing can be recorded, so nothing is answered.
    CannotRecord(CannotRecord),
}

/// What a handler comes to.
pub type Handled = Result<Answer, Stop>;

impl From<Answer> for Stop {
    fn from(answer: Answer) -> Self {
        Self::Answered(Box::new(answer))
    }
}

impl From<CannotRecord> for Stop {
    fn from(error: CannotRecord) -> Self {
        Self::CannotRecord(error)
    }
}
