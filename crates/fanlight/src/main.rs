//! Fanlight: one binary, one command line. Everything is in its modules: [`cli`] reads the commands, [`clients`] leads
//! pip and uv to the door, [`node`] is what `fanlight up` runs.

use std::process::ExitCode;

mod cli;
mod clients;
mod node;

/// Requests make and drop many small values on every thread; the system's allocator took a tenth of the time of a page.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run(std::env::args_os())
}
