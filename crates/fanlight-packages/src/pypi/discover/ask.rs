//! Asking pip: three short runs of `python3 -m pip`.

use tokio::process::Command;

use super::PipSays;
use crate::ask::{AskError, run};

/// What pip says. Where the help can be read, settings that cannot be (an old pip, a broken file) count as none.
pub async fn pip_says() -> Result<PipSays, AskError> {
    let python = python().await?;
    let (debug, list, help) = tokio::join!(
        ask(python, &["-m", "pip", "config", "debug"], Settings::Read),
        ask(python, &["-m", "pip", "config", "list"], Settings::Read),
        // With its settings read, pip prints those in place of its own default.
        ask(python, &["-m", "pip", "install", "--isolated", "--help"], Settings::Ignored),
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
    match ask("python3", &["--version"], Settings::Read).await {
        Err(AskError::Start { .. }) => ask("python", &["--version"], Settings::Read).await.map(|_| "python"),
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

/// Runs Python for pip.
pub(super) async fn ask(program: &'static str, arguments: &[&str], settings: Settings) -> Result<String, AskError> {
    let prepare = |command: &mut Command| {
        if settings == Settings::Ignored {
            command.env("PIP_CONFIG_FILE", "/dev/null").env_remove("PIP_INDEX_URL");
        }
        // Pip wraps its help to the terminal's width and would break an address in two.
        command.env("COLUMNS", "1000").env("PIP_DISABLE_PIP_VERSION_CHECK", "1").env("PYTHONIOENCODING", "utf-8");
    };
    run(program, arguments, prepare).await
}
