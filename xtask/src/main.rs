//! `cargo xtask check`: the repository's own rules, read from the repository itself.
//!
//! Each check is a function from what is in the tree to sentences that say what is wrong and where. It is run by
//! `make lint` through this program and by `make test` through a test of its own, so neither can be passed around.
//! It decides nothing about the product and is never part of it.

use std::process::ExitCode;

mod addresses;
mod dependencies;
mod documents;
mod edges;
mod repository;
mod sources;

use repository::Repository;

/// One check: its name, and what it finds wrong.
type Check = (&'static str, fn(&Repository) -> Vec<String>);

/// All of them, in the order they are run.
const CHECKS: &[Check] = &[
    ("crate edges", edges::check),
    ("dependencies", dependencies::check),
    ("addresses and paths", addresses::check),
    ("length and stubs", sources::check),
    ("documents", documents::check),
];

const USAGE: &str = "usage: cargo xtask check\n\nReads the repository and says what breaks its rules. Exit codes: 0 good, 1 something does, 2 usage, 3 could not be done.";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if arguments != ["check"] {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    }
    let repository = match Repository::read() {
        Ok(repository) => repository,
        Err(why) => {
            eprintln!("error: {why}");
            return ExitCode::from(3);
        }
    };
    let mut wrong = 0;
    for (name, check) in CHECKS {
        let found = check(&repository);
        eprintln!("{name}: {}", if found.is_empty() { "good".to_owned() } else { format!("{} wrong", found.len()) });
        for sentence in &found {
            eprintln!("  {sentence}");
        }
        wrong += found.len();
    }
    ExitCode::from(u8::from(wrong > 0))
}
