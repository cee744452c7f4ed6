//! `fanlight scan`: looks into archives and says what was found, for a person, a program or a CI system.
//!
//! Archives at hand need no node and no state; a release is looked into by the running node, which fetches it. Refuses to
//! decide: it reports, and its exit code says whether something at or above a severity was found.

use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};
use fanlight_scan::{Report, Severity};

use super::Context;
use super::outcome::{Exit, Failure};
use releases::Found;

mod bar;
mod read;
mod releases;
mod sarif;
mod show;
mod targets;

#[cfg(test)]
mod tests;

/// What can be asked.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// An archive, a folder of archives, or a release (a purl, or PROJECT==VERSION) that the running node looks into
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
    /// Of a release this file alone
    #[arg(long, value_name = "NAME")]
    file: Option<String>,
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
    let start = Instant::now();
    let Found { rules, looked, notes } = found(context, arguments)?;
    let screen = &mut context.screen;
    for note in &notes {
        screen.aside(&super::screen::visible(note));
    }
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

/// Looks into archives at hand, or has the node look into releases.
fn found(context: &Context, arguments: &ScanArgs) -> Result<Found, Failure> {
    let releases = arguments.what.iter().filter(|what| releases::is_release(what)).count();
    if releases == 0 {
        if arguments.file.is_some() {
            let what = "--file names a file of a release, and these are archives";
            return Err(Failure::usage(what).hint("name the release: `fanlight scan pkg:pypi/requests@2.32.0`"));
        }
        let rules = read::rules(arguments.rules.as_deref())?;
        let archives = targets::find(&arguments.what)?;
        let looked = read::all(&archives, &rules, arguments.jobs);
        return Ok(Found { rules: rules.version(), looked, notes: Vec::new() });
    }
    if releases < arguments.what.len() {
        let what = "archives at hand and releases cannot be scanned in one run: the node looks into releases";
        return Err(Failure::usage(what).hint("run it twice"));
    }
    if arguments.rules.is_some() {
        let what = "--rules is for archives at hand: a release is looked into by the node, by its own rules";
        return Err(Failure::usage(what).hint("its folder of rules is the setting scan.rules"));
    }
    releases::all(&context.global, &arguments.what, arguments.file.as_deref())
}
