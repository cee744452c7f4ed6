//! The one place where the end of a command becomes words, a hint and an exit code.

use std::error::Error;
use std::io;
use std::process::ExitCode;

use super::screen::Screen;

/// How a command ended; the numbers are part of the user guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, and the answer is yes where there was a question.
    Good = 0,
    /// Done, and the answer is no: a verification or a check failed.
    No = 1,
    /// The command was not written as it has to be.
    Usage = 2,
    /// It could not be done.
    NotDone = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not be carried out: the error, what to do about it, and the exit code.
#[derive(Debug)]
pub struct Failure {
    error: Box<dyn Error + Send + Sync>,
    hint: Option<String>,
    exit: Exit,
}

impl Failure {
    /// Something that could not be done.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { error: error.into(), hint: None, exit: Exit::NotDone }
    }

    /// Something that was asked for in a form that cannot be.
    pub fn usage(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { error: error.into(), hint: None, exit: Exit::Usage }
    }

    /// With another exit code.
    #[must_use]
    pub const fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// With what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With what to do about it, where nothing more exact is known.
    #[must_use]
    pub fn or_hint(self, hint: impl Into<String>) -> Self {
        if self.hint.is_some() { self } else { self.hint(hint) }
    }

    /// The exit code it ends with.
    pub const fn exit_code(&self) -> Exit {
        self.exit
    }

    /// The words: the error, then each cause that says something new.
    pub fn words(&self) -> String {
        let mut words = self.error.to_string();
        let mut cause = self.error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !words.contains(&text) {
                words.push_str(": ");
                words.push_str(&text);
            }
            cause = error.source();
        }
        words
    }

    /// Whether the reader of our output went away, which is no failure: `fanlight ledger show | head`.
    fn is_broken_pipe(&self) -> bool {
        let mut error: Option<&(dyn Error + 'static)> = Some(&*self.error);
        while let Some(at) = error {
            if at.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) {
                return true;
            }
            error = at.source();
        }
        false
    }
}

/// What could not be written to a screen or a pipe.
#[derive(Debug, thiserror::Error)]
#[error("could not write the answer")]
struct NotWritten(#[source] io::Error);

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(NotWritten(error))
    }
}

impl From<super::client::ClientError> for Failure {
    fn from(error: super::client::ClientError) -> Self {
        let hint = error.hint();
        let exit = match &error {
            super::client::ClientError::Refused(problem) if problem.status == 400 => Exit::Usage,
            // The policies were asked, and said no.
            super::client::ClientError::Refused(problem) if problem.status == 403 => Exit::No,
            _ => Exit::NotDone,
        };
        let failure = Self::new(error).exit(exit);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<crate::clients::SetupError> for Failure {
    fn from(error: crate::clients::SetupError) -> Self {
        use crate::clients::SetupError as E;
        use crate::clients::marks::EditError;
        let hint = match &error {
            E::NoPlace(no) => format!("unset {} and try again", no.variable),
            E::Edit { file, fault: EditError::MarksChanged { ours, .. } } => by_hand(file, ours),
            E::Busy { .. } => "try again in a moment".to_owned(),
            E::Edit { .. } => "mend that line and try again; the file was not changed".to_owned(),
            E::NotInUse { client, .. } => {
                format!("`fanlight use {client}` leads it through; is --state the folder it was led from?")
            }
            E::File { .. } | E::TooLong { .. } => return Self::new(error),
        };
        Self::new(error).hint(hint)
    }
}

/// What to do with a client's configuration in which Fanlight's marks were changed.
fn by_hand(file: &std::path::Path, ours: &[usize]) -> String {
    let lines: Vec<_> = ours.iter().map(ToString::to_string).collect();
    let (off, file) = (crate::clients::marks::OFF, file.display());
    let lines = match lines.split_last() {
        Some((last, first)) if !first.is_empty() => format!("lines {} and {last}", first.join(", ")),
        _ => format!("line {}", lines.join("")),
    };
    format!(
        "the file was not changed; look at {lines} of {file}: take the {:?} away from before each line that has it, and \
         remove the others of them, with what stands between {:?} and {:?}",
        off.trim_end(),
        "# >>> fanlight",
        crate::clients::marks::END,
    )
}

/// Ends a command: says what went wrong, if anything, and gives the exit code.
pub fn end(result: Result<Exit, Failure>, screen: &mut Screen) -> ExitCode {
    let result = result.and_then(|exit| screen.flush().map(|()| exit).map_err(Failure::from));
    match result {
        Ok(exit) => exit.into(),
        Err(failure) if failure.is_broken_pipe() => Exit::Good.into(),
        Err(failure) => {
            screen.failure(&failure.words(), failure.hint.as_deref());
            failure.exit.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        assert!(Failure::from(io::Error::from(io::ErrorKind::BrokenPipe)).is_broken_pipe());
        assert!(!Failure::from(io::Error::from(io::ErrorKind::StorageFull)).is_broken_pipe());
    }

    #[test]
    fn a_cause_is_told_once() {
        let failure = Failure::from(io::Error::other("the disk is full"));
        assert_eq!(failure.words(), "could not write the answer: the disk is full");
    }

    #[test]
    fn the_numbers_are_those_of_the_user_guide() {
        let numbers = [Exit::Good, Exit::No, Exit::Usage, Exit::NotDone].map(|exit| exit as u8);
        assert_eq!(numbers, [0, 1, 2, 3]);
    }
}
