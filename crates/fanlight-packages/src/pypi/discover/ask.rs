//! Asking pip: three short runs of `python3 -m pip`, each bounded in time and in what is read of it.

use std::io;
use std::process::Stdio;

use fanlight_base::limits;
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use tokio::time::timeout;

use super::PipSays;

/// Why pip could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Neither `python3` nor `python` could be started.
    #[error("{program} could not be started")]
    Start {
        /// What was tried last.
        program: &'static str,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It ended with an error, for example because pip is not installed.
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

/// What pip says. Where the help can be read, settings that cannot be (an old pip, a broken file) count as none.
pub async fn pip_says() -> Result<PipSays, AskError> {
    let python = python().await?;
    let (debug, list, help) = tokio::join!(
        run(python, &["-m", "pip", "config", "debug"], Settings::Read),
        run(python, &["-m", "pip", "config", "list"], Settings::Read),
        // With its settings read, pip prints those in place of its own default.
        run(python, &["-m", "pip", "install", "--isolated", "--help"], Settings::Ignored),
    );
    Ok(PipSays {
        environment: std::env::var("PIP_INDEX_URL").ok(),
        debug: debug.unwrap_or_default(),
        list: list.unwrap_or_default(),
        help: help?,
    })
}

/// The name under which Python can be started.
async fn python() -> Result<&'static str, AskError> {
    match run("python3", &["--version"], Settings::Read).await {
        Err(AskError::Start { .. }) => run("python", &["--version"], Settings::Read).await.map(|_| "python"),
        Err(other) => Err(other),
        Ok(_) => Ok("python3"),
    }
}

/// Whether pip reads its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settings {
    Read,
    Ignored,
}

/// Runs a program to its end and gives what it printed. The process does not outlive the wait for it.
pub(super) async fn run(program: &'static str, arguments: &[&str], settings: Settings) -> Result<String, AskError> {
    let command = || [&[program], arguments].concat().join(" ");
    let mut prepared = Command::new(program);
    if settings == Settings::Ignored {
        prepared.env("PIP_CONFIG_FILE", "/dev/null").env_remove("PIP_INDEX_URL");
    }
    let mut child = prepared
        .args(arguments)
        // Pip wraps its help to the terminal's width and would break an address in two.
        .env("COLUMNS", "1000")
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        .env("PYTHONIOENCODING", "utf-8")
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
