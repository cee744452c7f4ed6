//! `fanlight completions`: the shell's own script.

use super::Context;
use super::outcome::{Exit, Failure};

/// Prints the script for a shell.
pub fn run(context: &mut Context, shell: clap_complete::Shell, mut command: clap::Command) -> Result<Exit, Failure> {
    // Into memory first: clap_complete panics where its output cannot be written, as when its reader went away.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "fanlight", &mut script);
    context.screen.bytes(&script)?;
    Ok(Exit::Good)
}
