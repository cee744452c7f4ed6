//! Asking a client on this machine what it is set to: a short run, bounded in time and in what is read of it.

use std::io;
use std::process::Stdio;

use fanlight_base::limits;
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use tokio::time::timeout;

/// Why a client could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It could not be started, for example because it is not installed.
    #[error("{program} could not be started")]
    Start {
        /// What was tried last.
        program: &'static str,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It ended with an error.
    #[error("`{command}` ended with {status}")]
    Failed {
        /// What was run.
        command: String,
        /// Its exit status.
        status: std::process::ExitStatus,
    },
    /// It took over [`limits::CLIENT_SETTINGS_TIME`].
    #[error("`{command}` took longer than {limit} s", limit = limits::CLIENT_SETTINGS_TIME.as_secs())]
    TooSlow {
        /// What was run.
        command: String,
    },
    /// It printed over [`limits::CLIENT_SETTINGS_BYTES`].
    #[error("`{command}` printed more than {limit} bytes", limit = limits::CLIENT_SETTINGS_BYTES)]
    TooMuch {
        /// What was run.
        command: String,
    },
    /// It could not be read.
    #[error("what `{command}` printed could not be read")]
    Read {
        /// What was run.
        command: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// Runs a program to its end and gives what it printed. The process does not outlive the wait for it.
/// `prepare` sets what else the run needs.
pub(crate) async fn run(
    program: &'static str,
    arguments: &[&str],
    prepare: impl FnOnce(&mut Command),
) -> Result<String, AskError> {
    let command = || [&[program], arguments].concat().join(" ");
    let mut prepared = Command::new(program);
    prepare(&mut prepared);
    let mut child = prepared
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| AskError::Start { program, source })?;
    let Some(stdout) = child.stdout.take() else { return Ok(String::new()) };
    let work = async {
        let mut printed = Vec::new();
        let limit = u64::try_from(limits::CLIENT_SETTINGS_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        let read = stdout.take(limit).read_to_end(&mut printed).await;
        read.map_err(|source| AskError::Read { command: command(), source })?;
        if printed.len() > limits::CLIENT_SETTINGS_BYTES {
            return Err(AskError::TooMuch { command: command() });
        }
        let status = child.wait().await.map_err(|source| AskError::Read { command: command(), source })?;
        if status.success() {
            Ok(String::from_utf8_lossy(&printed).into_owned())
        } else {
            Err(AskError::Failed { command: command(), status })
        }
    };
    timeout(limits::CLIENT_SETTINGS_TIME, work).await.unwrap_or_else(|_| Err(AskError::TooSlow { command: command() }))
}
