//! `fanlight scan`: looks into archives and says what was found, for a person, a program or a CI system.
//!
//! Needs no node and no state. Refuses to decide: it reports, and its exit code says whether something at or above a
//! severity was found.

use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};
use fanlight_scan::{Report, Severity};

use super::Context;
use super::outcome::{Exit, Failure};

mod bar;
mod read;
mod sarif;
mod show;
mod targets;

#[cfg(test)]
mod tests;

/// What can be asked.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// An archive, or a folder of archives
    #[arg(value_name = "WHAT", required = true)]
    what: Vec<String>,
    /// End with exit code 1 where something at least this grave is found
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t = FailOn::High)]
    fail_on: FailOn,
    /// Answer in SARIF 2.1.0, for code hosts and editors
    #[arg(long, conflicts_with = "json")]
    sarif: bool,
    /// Add a company's own rules from a folder: ast-grep's YAML, and YARA
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// How many archives are read at once [default: as many as there are processors]
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<std::num::NonZeroUsize>,
    /// Show what is only worth knowing, too
    #[arg(long)]
    all: bool,
}

/// From which severity on findings make the exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Low and above
    Low,
    /// Medium and above
    Medium,
    /// High and above
    High,
    /// Critical alone
    Critical,
    /// Nothing: the exit code only says whether the scan could be done
    Never,
}

impl FailOn {
    fn is_met_by(self, report: &Report) -> bool {
        let least = match self {
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
            Self::Critical => Severity::Critical,
            Self::Never => return false,
        };
        report.findings.iter().any(|finding| finding.severity >= least)
    }
}

/// One archive that was looked at.
pub struct Looked {
    /// The archive as it was asked for.
    pub path: String,
    /// How long it took.
    pub milliseconds: f64,
    /// What was found, or why it could not be read.
    pub report: Result<Report, Failure>,
}

/// Looks into what was named.
pub fn run(context: &mut Context, arguments: &ScanArgs) -> Result<Exit, Failure> {
    let rules = read::rules(arguments.rules.as_deref())?;
    let archives = targets::find(&arguments.what)?;
    let start = Instant::now();
    let looked = read::all(&archives, &rules, arguments.jobs);
    let screen = &mut context.screen;
    if arguments.sarif {
        screen.document(&sarif::log(&looked))?;
    } else if screen.json {
        screen.document(&show::document(&rules, &looked))?;
    } else {
        show::people(screen, &looked, arguments.all, start.elapsed())?;
    }
    for one in &looked {
        if let Err(failure) = &one.report {
            screen.aside(&super::screen::visible(&format!("error: {}", failure.words())));
        }
    }
    let unread = looked.iter().any(|one| one.report.is_err());
    let found = looked.iter().filter_map(|one| one.report.as_ref().ok()).any(|one| arguments.fail_on.is_met_by(one));
    Ok(match (unread, found) {
        (true, _) => Exit::NotDone,
        (false, true) => Exit::No,
        (false, false) => Exit::Good,
    })
}
