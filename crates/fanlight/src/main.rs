//! Fanlight: one binary, one command line. Everything is in its modules: [`cli`] reads the commands, [`clients`] leads
//! pip and uv to the door, [`node`] is what `fanlight up` runs.

use std::process::ExitCode;

mod cli;
mod clients;
mod node;

fn main() -> ExitCode {
    cli::run(std::env::args_os())
}
