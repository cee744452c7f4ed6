//! `fanlight policy`: checks a folder of policies, explains what the policies decide about an attempt, replays records
//! against changed ones, and changes them on a running node.

mod publishing;
mod simulate;

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use fanlight_policy::explain::{Explanation, OwnedAttempt, Said, Told};
use fanlight_policy::{Effect, Guard, Pack, PolicyFault};
use serde::Serialize;

use super::Context;
use super::outcome::{Exit, Failure};
use super::screen::{Screen, Tone, visible};
use super::settings;
use super::table::{Cell, Table};
use super::thing::{count, state};

const EXPLAIN_AFTER: &str = r#"Every fact that the action always comes with has to be there; a record's facts, from
`fanlight ledger show --json`, can be used as they are. The first example works as it stands.

Examples:
  fanlight policy explain - <<'ATTEMPT'
  {
    "principal": {"kind": "unidentified"},
    "action": "packages:fetch-file",
    "resource": {"kind": "Release", "id": "pkg:pypi/requests@2.32.0"},
    "facts": {
      "ecosystem": "pypi", "project": "requests", "release": "pkg:pypi/requests@2.32.0", "version": "2.32.0",
      "age_minutes": 10, "cooldown_minutes": 10080, "counted_from": "published", "publish_time": "stated",
      "available_at": "2026-11-29T10:00:00Z", "yanked": false, "project_status": "active",
      "file_name_parsed": true, "hash": "sha256"
    }
  }
  ATTEMPT
  fanlight policy explain attempt.json
  fanlight policy explain attempt.json --policies ~/policies --json"#;

/// What can be asked about policies.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Check a folder of policies together with the built-in ones; nothing is put in force
    #[command(after_help = "Each fault is told as FILE:LINE:COLUMN with the line itself. Exit code 1 where there is \
                            one.\n\nExamples:\n  fanlight policy check ~/policies\n  fanlight policy check policies --json")]
    Check {
        /// The folder with the company's *.cedar files
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Say what is decided about an attempt, and what every policy of its action said
    #[command(after_help = EXPLAIN_AFTER)]
    Explain {
        /// The file with the attempt; - reads standard input
        #[arg(value_name = "ATTEMPT.json")]
        attempt: PathBuf,
        /// The company's folder [default: the one in the settings]
        #[arg(long, value_name = "DIR")]
        policies: Option<PathBuf>,
    },
    /// Replay recorded attempts against changed policies, and list what would have been decided otherwise
    #[command(
        after_help = "The recorded facts are used as they were; nothing is put in force. Exit code 1 where something \
                            would have been decided otherwise, or could not be judged.\n\nExamples:\n  fanlight policy simulate \
                            ~/policies\n  fanlight policy simulate ~/policies --since 7d --json\n  fanlight policy simulate \
                            ~/policies --ledger /mnt/audit/ledger\n\nReading is recorded, as by `fanlight ledger show`."
    )]
    Simulate(simulate::SimulateArgs),
    /// Propose the policies of a folder; they are in force once somebody else approves them
    #[command(
        after_help = "The folder is the whole set: what it lacks goes. Exit code 1 where it has a fault, or another \
                            version is in force than --base.\n\nExamples:\n  fanlight policy show now --output policies\n  \
                            fanlight policy propose policies --because \"the new rule for wheels\""
    )]
    Propose(publishing::ProposeArgs),
    /// List the proposals that wait
    #[command(after_help = "Examples:\n  fanlight policy proposals\n  fanlight policy proposals --all")]
    Proposals {
        /// Answered ones, too
        #[arg(long)]
        all: bool,
    },
    /// Show a proposal, or a version, with what it changes
    #[command(
        after_help = "Examples:\n  fanlight policy show prp_0123456789abcdef\n  fanlight policy show 12\n  fanlight \
                            policy show now --output policies"
    )]
    Show(publishing::ShowArgs),
    /// Say in what two versions differ
    #[command(after_help = "Examples:\n  fanlight policy diff 11 12\n  fanlight policy diff 11")]
    Diff {
        /// The one version
        #[arg(value_name = "FROM")]
        from: u64,
        /// The other
        #[arg(value_name = "TO", default_value = "now")]
        to: String,
    },
    /// Approve a proposal, which puts it in force
    #[command(after_help = "Example:\n  fanlight policy approve prp_0123456789abcdef")]
    Approve {
        /// The proposal
        #[arg(value_name = "PROPOSAL")]
        id: String,
        /// What is said to it, in one line; it stays in the record, so it names nobody
        #[arg(long, value_name = "WORDS")]
        because: Option<String>,
    },
    /// Refuse a proposal, with words
    #[command(
        after_help = "Example:\n  fanlight policy refuse prp_0123456789abcdef --because \"it stops the builds of finance\""
    )]
    Refuse {
        /// The proposal
        #[arg(value_name = "PROPOSAL")]
        id: String,
        /// Why, in one line for who proposed it; it stays in the record, so it names nobody
        #[arg(long, value_name = "WORDS")]
        because: String,
    },
    /// Take a proposal of your own back
    #[command(after_help = "Example:\n  fanlight policy withdraw prp_0123456789abcdef")]
    Withdraw {
        /// The proposal
        #[arg(value_name = "PROPOSAL")]
        id: String,
    },
    /// List the versions that were in force
    #[command(after_help = "Example:\n  fanlight policy history")]
    History,
    /// Propose to go back to a version
    #[command(
        after_help = "Somebody approves it, as any proposal.\n\nExample:\n  fanlight policy rollback 11 --because \"the \
                            rule stopped the builds\""
    )]
    Rollback {
        /// The version to go back to
        #[arg(value_name = "VERSION")]
        version: u64,
        /// Why, in one line; it stays in the record, so it names nobody
        #[arg(long, value_name = "WORDS")]
        because: String,
    },
}

/// Does it.
pub fn run(context: &mut Context, command: PolicyCommand) -> Result<Exit, Failure> {
    match command {
        PolicyCommand::Check { folder } => check(context, &folder),
        PolicyCommand::Explain { attempt, policies } => explain(context, &attempt, policies),
        PolicyCommand::Simulate(arguments) => simulate::run(context, &arguments),
        PolicyCommand::Propose(arguments) => publishing::propose(context, arguments),
        PolicyCommand::Proposals { all } => publishing::proposals(context, all),
        PolicyCommand::Show(arguments) => publishing::show(context, &arguments),
        PolicyCommand::Diff { from, to } => publishing::compare(context, from, &to),
        PolicyCommand::Approve { id, because } => publishing::approve(context, &id, because),
        PolicyCommand::Refuse { id, because } => publishing::refuse(context, &id, because),
        PolicyCommand::Withdraw { id } => publishing::withdraw(context, &id),
        PolicyCommand::History => publishing::history(context),
        PolicyCommand::Rollback { version, because } => publishing::rollback(context, version, because),
    }
}

fn check(context: &mut Context, folder: &Path) -> Result<Exit, Failure> {
    // A folder that is not there is a wrong command, not a broken policy.
    std::fs::read_dir(folder).map_err(|error| Failure::new(format!("could not read {}: {error}", folder.display())))?;
    let disabled = settings::policies(&context.global)?.1;
    let pack = Pack::load(Some(folder), &disabled);
    let screen = &mut context.screen;
    let (faults, warnings) = match &pack {
        Ok(pack) => (&[][..], pack.warnings()),
        Err(faults) => (&faults[..], &[][..]),
    };
    if screen.json {
        #[derive(Serialize)]
        struct Checked<'a> {
            good: bool,
            faults: &'a [PolicyFault],
            warnings: &'a [PolicyFault],
            disabled: &'a [String],
        }
        screen.document(&Checked { good: pack.is_ok(), faults, warnings, disabled: &disabled })?;
    } else {
        for fault in faults {
            show_fault(screen, folder, fault, Tone::Bad)?;
        }
        for warning in warnings {
            show_fault(screen, folder, warning, Tone::Wait)?;
        }
        let line = match &pack {
            Ok(pack) => {
                let own = pack.policies().iter().filter(|policy| !policy.built_in).count() as u64;
                let policies = if own == 1 { "1 policy".to_owned() } else { format!("{own} policies") };
                screen.tone(
                    &format!("Good: {policies} of {}, together with the built-in ones.", folder.display()),
                    Tone::Good,
                )
            }
            Err(faults) => {
                let faults = count(faults.len() as u64, "fault");
                screen.tone(
                    &format!("{faults}: a node would not take these policies, and go on with those it has."),
                    Tone::Bad,
                )
            }
        };
        screen.line(&line)?;
        left_out(screen, &disabled)?;
    }
    Ok(if pack.is_ok() { Exit::Good } else { Exit::No })
}

/// Says which built-in policies the settings leave out; without that an answer may surprise.
fn left_out(screen: &mut Screen, disabled: &[String]) -> io::Result<()> {
    if disabled.is_empty() {
        return Ok(());
    }
    screen.line(&visible(&format!("Left out by the setting policies.disable: {}.", disabled.join(", "))))
}

/// A fault with the line it is about, and a sign under its column.
fn show_fault(screen: &mut Screen, folder: &Path, fault: &PolicyFault, tone: Tone) -> io::Result<()> {
    // Faults name a file by its path, or by its name in the folder.
    let path = Path::new(&*fault.file);
    let path = if path.is_file() { path.to_owned() } else { folder.join(path) };
    let place = match fault.line {
        0 => fault.file.to_string(),
        line => format!("{}:{line}:{}", path.display(), fault.column),
    };
    let policy = fault.policy.as_ref().map(|id| format!("policy {id}: ")).unwrap_or_default();
    let place = screen.tone(&visible(&place), Tone::Bold);
    screen.line(&format!("{place}: {}", screen.tone(&visible(&format!("{policy}{}", fault.message)), tone)))?;
    let text = std::fs::read_to_string(path).unwrap_or_default();
    if let Some(line) = fault.line.checked_sub(1).and_then(|line| text.lines().nth(line)) {
        let number = fault.line.to_string();
        screen.line(&format!("  {number} | {}", visible(&line.replace('\t', " "))))?;
        let indent = " ".repeat(number.len() + 5 + fault.column.saturating_sub(1));
        screen.line(&format!("{indent}{}", screen.tone("^", tone)))?;
    }
    fault.hint.as_ref().map_or(Ok(()), |hint| screen.line(&visible(&format!("  try: {hint}"))))
}

fn explain(context: &mut Context, attempt: &Path, policies: Option<PathBuf>) -> Result<Exit, Failure> {
    let text = read_attempt(attempt).map_err(|e| Failure::new(format!("could not read {}: {e}", attempt.display())))?;
    let attempt = OwnedAttempt::from_json(&text).map_err(|error| {
        Failure::usage(format!("{}: {error}", attempt.display())).hint("see `fanlight policy explain --help`")
    })?;
    let (own, disabled) = settings::policies(&context.global)?;
    let folder = policies.or(own);
    let pack = Pack::load(folder.as_deref(), &disabled).map_err(|faults| refused(&faults, folder.as_deref()))?;
    let explanation = Guard::new(pack).snapshot().explain(&attempt.attempt());
    if context.screen.json {
        #[derive(Serialize)]
        struct Explained<'a> {
            #[serde(flatten)]
            explanation: &'a Explanation,
            disabled: &'a [String],
        }
        context.screen.document(&Explained { explanation: &explanation, disabled: &disabled })?;
    } else {
        show(&mut context.screen, &explanation)?;
        if !disabled.is_empty() {
            context.screen.line("")?;
        }
        left_out(&mut context.screen, &disabled)?;
    }
    Ok(Exit::Good)
}

/// Policies that are not good: the first fault, and where to see all.
fn refused(faults: &[PolicyFault], folder: Option<&Path>) -> Failure {
    let first = faults.first().map(ToString::to_string).unwrap_or_default();
    let folder = folder.unwrap_or(Path::new("DIR")).display();
    Failure::new(first).hint(format!("see all that is wrong: fanlight policy check {folder}"))
}

fn read_attempt(path: &Path) -> io::Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        io::stdin().take(fanlight_base::limits::ATTEMPT_BYTES + 1).read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(path)
}

/// The words for people: the decision, then how each policy took it.
pub(super) fn show(screen: &mut Screen, explanation: &Explanation) -> io::Result<()> {
    let decision = &explanation.decision;
    let (word, tone) = state(decision.outcome);
    let by = if decision.policies.is_empty() { String::new() } else { format!(" by {}", decision.policies.join(", ")) };
    let head = format!("{} is {}{}.", explanation.action, screen.tone(word, tone), visible(&by));
    screen.line(&head)?;
    for sentence in [Some(&decision.reason), decision.advice.as_ref()].into_iter().flatten().filter(|s| !s.is_empty()) {
        screen.line(&visible(&format!("  {sentence}")))?;
    }
    if let Some(until) = decision.until {
        screen.line(&format!("  It ends by itself at {}.", fanlight_base::clock::for_people(until)))?;
    }
    screen.line("")?;
    let mut table = Table::new(["policy", "effect", "said", "where", "words", "facts it misses"]);
    for told in &explanation.policies {
        table.row(row(told));
    }
    table.write(screen)?;
    for (what, names) in [
        ("Facts this action always comes with, and this attempt has not: ", explanation.missing_facts.join(", ")),
        ("Facts that no policy of this action can look at: ", explanation.unknown_facts.join(", ")),
    ] {
        if !names.is_empty() {
            screen.line("")?;
            screen.line(&visible(&format!("{what}{names}")))?;
        }
    }
    Ok(())
}

fn row(told: &Told) -> Vec<Cell> {
    let effect = match (told.effect, told.outcome) {
        (Effect::Permit, _) => "permit".to_owned(),
        (Effect::Forbid, outcome) => outcome.map_or("forbid", |outcome| outcome.as_str()).to_owned(),
    };
    let said = match told.said {
        Said::Applies => Cell::toned("applies", if told.decided { Tone::Bold } else { Tone::Faint }),
        Said::HeadDoesNotFit => Cell::from("is about another principal or thing"),
        Said::ConditionNotMet => Cell::from("condition not met"),
        Said::Failed => Cell::toned("could not be judged", Tone::Bad),
    };
    vec![
        Cell::from(&*told.policy),
        Cell::from(effect),
        said,
        Cell::from(&told.place),
        Cell::from(told.reason.as_deref().unwrap_or_default()),
        Cell::from(told.missing.join(", ")),
    ]
}
