//! What is wrong with a policy file, told so that its writer finds the place and knows what to do.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// One thing wrong with the policies. A set with one fault is not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyFault {
    /// The file, as its folder names it; `built-in/NAME` for Fanlight's own.
    pub file: Arc<str>,
    /// The line, from 1; 0 where no line is meant.
    pub line: usize,
    /// The column in characters, from 1; 0 where none is meant.
    pub column: usize,
    /// The policy's id, where it is known.
    pub policy: Option<Arc<str>>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for PolicyFault {
    /// `FILE:LINE:COLUMN: policy ID: MESSAGE`, then the hint on a line of its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        if let Some(policy) = &self.policy {
            write!(f, ": policy {policy}")?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PolicyFault {}

impl PolicyFault {
    /// A fault of a file as a whole.
    pub(crate) fn of_file(file: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let (message, hint) = (message.into(), Some(hint.into()));
        Self { file: file.into(), line: 0, column: 0, policy: None, message, hint }
    }
}
