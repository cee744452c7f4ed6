//! The command line: what can be asked, in which words, and which command answers.
//!
//! Owns the grammar and its help. Each command is a file under `cli/` that gives back how it ended; [`outcome`] alone
//! turns that into words and an exit code.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use fanlight_base::Timestamp;

use clap::{Args, CommandFactory as _, Parser, Subcommand};

mod advisories;
mod apps;
mod ask;
mod backup;
mod break_glass;
mod by_fact;
mod client;
mod completions;
mod config;
mod import;
mod joining;
mod keys;
mod ledger;
mod login;
mod look;
mod new_file;
mod offline;
mod outcome;
mod people;
mod policy;
mod quarantine;
mod requests;
mod restore;
mod review;
mod rights;
mod sbom;
mod scan;
mod screen;
mod settings;
mod since;
mod status;
mod table;
mod thing;
mod up;
mod use_client;
mod who;
mod why;

use outcome::{Exit, Failure};
use screen::Screen;

const ABOUT: &str = "A guarded door for the software that people bring into a company: see it, hold what is risky, \
                     explain every refusal, keep a record nobody can quietly change.";

const AFTER: &str = "\
Examples:
  fanlight up                  start the node
  fanlight use pip             lead pip through it
  fanlight why requests        what is allowed, what is held, and why

Exit codes: 0 good, 1 the answer is no, 2 usage, 3 could not be done.";

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "fanlight", version, about = ABOUT, after_help = AFTER, disable_help_subcommand = true)]
#[command(max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The folder that holds the node's state [default: fanlight in your own state folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// The settings file [default: fanlight.toml in the state folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Answer in JSON, for programs
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the node and stay with it
    #[command(
        after_help = "Examples:\n  fanlight up\n  fanlight up --listen 127.0.0.1:0     a free port; the `ready` line says which\n  \
                            fanlight up --state /srv/fanlight --config /etc/fanlight.toml\n\nWhen it serves, one line \
                            `ready http://HOST:PORT` goes to standard output.\nCtrl-C or SIGTERM ends it once requests in flight \
                            are answered."
    )]
    Up {
        /// Where to listen, HOST:PORT; port 0 takes a free one [default: 127.0.0.1:7070]
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
    },
    /// Lead a client of yours through the node, or back
    #[command(
        after_help = "Examples:\n  fanlight use pip                     make a token, write pip's own settings\n  \
                            fanlight use uv --print              show what would be written\n  \
                            fanlight use pip --undo              put back what was there before\n  \
                            fanlight use pip --person asha       for somebody else's name"
    )]
    Use(use_client::UseArgs),
    /// Say what of a project is allowed, what is held or denied, and why
    #[command(after_help = "Examples:\n  fanlight why requests\n  fanlight why requests==2.32.0\n  \
                            fanlight why pkg:pypi/requests@2.32.0 --json")]
    Why {
        /// A project, PROJECT==VERSION, or a purl
        #[arg(value_name = "WHAT")]
        what: String,
        /// List every release, not only what is refused and the newest that are allowed
        #[arg(long)]
        all: bool,
    },
    /// Ask for a release that is stopped, and see what became of what you asked
    #[command(
        after_help = "Examples:\n  fanlight ask requests==2.32.1 --because \"the fix of our outage is in it\"\n  fanlight ask \
                            pkg:npm/left-pad@1.3.0 --because \"a dependency of the tool we try out\"\n  fanlight ask\n  fanlight ask \
                            --withdraw req_0123456789abcdef\n\nIt asks in the name that your client shows: with the token in the \
                            settings of pip, uv, npm, yarn or cargo; with --state, or where none of them is led, as whoever runs the \
                            node. Exit code 1 where it cannot be asked for."
    )]
    Ask(ask::AskArgs),
    /// See what people ask for, with the evidence; grant it or refuse it
    #[command(
        after_help = "Examples:\n  fanlight requests\n  fanlight requests show req_0123456789abcdef\n  fanlight requests grant \
                            req_0123456789abcdef --until 7d\n  fanlight requests refuse req_0123456789abcdef --because \"use httpx \
                            instead\""
    )]
    Requests {
        /// What to do with them [default: list those that wait]
        #[command(subcommand)]
        command: Option<requests::RequestsCommand>,
    },
    /// Say who received a release, and who was refused it; or what everybody received since a time
    #[command(after_help = "Examples:\n  fanlight who pkg:pypi/requests@2.32.0\n  fanlight who requests\n  \
                            fanlight who requests==2.32.0 --json\n  fanlight who --since 2026-11-20\n  \
                            fanlight who requests --since 2d --until 2026-11-22T10:00Z\n  \
                            fanlight who GHSA-9w6g-w8r4-7mq8     every release that an advisory is about\n\n\
                            Exit code 1 where nobody is known of.")]
    Who {
        /// A purl, a project, PROJECT==VERSION, or the id of an advisory
        #[arg(value_name = "WHAT", required_unless_present_any = ["since", "fact"])]
        what: Option<String>,
        /// Everything fetched since then, by person and machine: 2026-11-22T10:00Z, 2026-11-22, or a span back from now
        #[arg(long, value_name = "TIME", value_parser = thing::moment)]
        since: Option<Timestamp>,
        /// And before then
        #[arg(long, value_name = "TIME", value_parser = thing::moment, requires = "since")]
        until: Option<Timestamp>,
        /// Only what this fact was recorded of, or this fact with these words in it, such as scan_finding=install-hook
        #[arg(long, value_name = "NAME[=WORDS]")]
        fact: Option<String>,
    },
    /// Look at a release before it is used: what is known of it on one page, and what is not
    #[command(after_help = "Examples:\n  fanlight look requests==2.32.0\n  fanlight look requests\n  fanlight look \
                            pkg:pypi/requests@2.32.0 --json\n\nA project without a version is its newest release that is allowed. Nothing is fetched \
                            but the project's page.")]
    Look {
        /// A release (a purl, or PROJECT==VERSION), or a project
        #[arg(value_name = "WHAT")]
        what: String,
    },
    /// Say which roles, groups and keys are needed, and propose fewer, with the proof from the record
    #[command(
        after_help = "Examples:\n  fanlight rights\n  fanlight rights --days 30 --json\n  fanlight rights --policy > least-privilege.cedar\n\nIt changes nothing: the commands it \
                            proposes are for you to run."
    )]
    Rights {
        /// How many days back the record is read [default: 90]
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u64).range(1..=3650))]
        days: Option<u64>,
        /// Write out the policy alone that takes what roles open and nobody did
        #[arg(long)]
        policy: bool,
    },
    /// Write what a person, a machine or an app received as a bill of materials: CycloneDX or SPDX
    #[command(
        after_help = "Examples:\n  fanlight sbom --person asha > asha.cdx.json\n  fanlight sbom --machine laptop-7 --format \
                            spdx --output laptop-7.spdx.json\n  fanlight sbom --app \"Price list\"\n  fanlight sbom --since 30d\n\nIt has what this node delivered, with \
                            hashes and times. Exit code 1 where nobody of that name is known."
    )]
    Sbom(sbom::SbomArgs),
    /// Stop a release or a project at every door, and list who has it
    #[command(
        after_help = "Examples:\n  fanlight quarantine pkg:pypi/requests@2.32.0 --because \"it reads tokens\"\n  \
                            fanlight quarantine requests --because \"its owner's account was taken over\"\n  \
                            fanlight quarantine --list\n  fanlight quarantine --lift pkg:pypi/requests@2.32.0\n\n\
                            It counts within a second, also for what is cached here and for who asks by hash."
    )]
    Quarantine(quarantine::QuarantineArgs),
    /// Say of a release whether it is safe; hand reviews to other companies, and take theirs over
    #[command(
        after_help = "Examples:\n  fanlight review requests==2.32.0 --verdict unsafe --because \"it reads tokens, see the \
                            scan\"\n  fanlight review requests==2.32.0 --verdict withdrawn --because \"was another release\"\n  \
                            fanlight review --list\n  fanlight review --export reviews.json\n  fanlight review --import acme.json --key \
                            acme-key.pub"
    )]
    Review(review::ReviewArgs),
    /// Let a release pass that policies stop, for a time and for everybody to see
    #[command(
        after_help = "Examples:\n  fanlight break-glass requests==2.32.1 --because \"fixes the outage\" --for 4h\n  \
                            fanlight break-glass pkg:pypi/requests@2.32.1 --because \"as above\" --for 1d --everybody\n  \
                            fanlight break-glass --list\n  fanlight break-glass --end exc_0123456789abcdef\n\n\
                            It sets aside the policies that stop the release now and no others. Exit code 1 where nothing stops \
                            it, or a policy that never gives way."
    )]
    BreakGlass(break_glass::BreakGlassArgs),
    /// Look into archives or a release, and say what was found
    #[command(
        after_help = "Examples:\n  fanlight scan acme-1.0-py3-none-any.whl\n  fanlight scan vendor/ --fail-on medium\n  \
                            fanlight scan dist/ --sarif > scan.sarif\n  fanlight scan pkg:npm/left-pad@1.3.0\n\n\
                            A release is fetched and looked into by the running node, also one that is refused here. \
                            Exit code 1 where something at least as grave as --fail-on is found, 3 where an archive could not \
                            be read. Nothing of an archive is ever run."
    )]
    Scan(scan::ScanArgs),
    /// Show who is known, and give or take roles and groups
    #[command(subcommand)]
    People(people::PeopleCommand),
    /// Log in to a node on another machine, by a key of your own
    #[command(
        after_help = "The key is read from standard input, or from FANLIGHT_KEY: make it on the node with `fanlight keys make --for api`. \
                            Commands without --state then ask that node, where none runs here. What needs a second factor is done on \
                            the node's pages.\n\nExamples:\n  fanlight login https://fanlight.example:7070\n  fanlight login \
                            https://10.0.0.5:7070 --ca fanlight-ca.pem < key"
    )]
    Login(login::LoginArgs),
    /// Forget the key on this machine
    #[command(after_help = "Example:\n  fanlight logout")]
    Logout,
    /// Register what you made or adopted, and look after it
    #[command(subcommand)]
    Apps(apps::AppsCommand),
    /// Make the keys by which your apps and scripts call, and end them
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Make the link by which somebody becomes the first steward
    #[command(
        after_help = "The link works once and for 24 hours; the one before is worth nothing from then on. Exit code 1 where there is \
                            a steward who can log in.\n\nExample:\n  fanlight steward-link"
    )]
    StewardLink,
    /// End all that a person has here, because they leave
    #[command(
        after_help = "Account, sessions, tokens, roles, groups and their exceptions end at once. Exit code 1 where they are the \
                            last steward, or nobody of that name is known.\n\nExamples:\n  fanlight leaver asha --dry-run\n  fanlight \
                            leaver asha"
    )]
    Leaver {
        /// Who
        #[arg(value_name = "NAME")]
        name: String,
        /// Only say what would end
        #[arg(long)]
        dry_run: bool,
    },
    /// Show the feeds of advisories, and have them read now
    #[command(subcommand)]
    Advisories(advisories::AdvisoriesCommand),
    /// Read, check, prove and export the record of every decision
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Check policies, and explain what they decide
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Show each setting that is in force and where it came from
    #[command(after_help = "Settings come from fanlight.toml, then the environment, then flags; the later is the \
                            stronger.\n\nExamples:\n  fanlight config\n  FANLIGHT_PACKAGES__COOLDOWN=14d fanlight config\n  \
                            fanlight config --json\n  \
                            fanlight config --running")]
    Config {
        /// Those that the running node has, by asking it
        #[arg(long)]
        running: bool,
    },
    /// Say how the node is
    #[command(after_help = "Exit code 1 where it runs but cannot do its work now.\n\nExamples:\n  fanlight status\n  \
                            fanlight status --json")]
    Status,
    /// Write everything that the running node keeps into one file
    #[command(
        after_help = "Example:\n  fanlight backup fanlight-2026-11-22.tar\n\nThe file holds the node's keys: keep it \
                            as safe as the state folder."
    )]
    Backup {
        /// The file to write; it must not exist yet
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Take the running node back to a backup, or make a state folder again out of one
    #[command(
        after_help = "Examples:\n  fanlight restore fanlight-2026-11-22.tar                        the running node goes back to it\n  \
                            fanlight restore fanlight-2026-11-22.tar --state /srv/fanlight  into an empty or missing folder\n\n\
                            A running node checks the backup first, changes nothing if it is not good, and keeps the state that it \
                            replaces in the folder replaced-TIME. The ledger goes on under a new origin that names the old one."
    )]
    Restore {
        /// The backup
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Take a running node back without asking
        #[arg(long)]
        yes: bool,
    },
    /// Print the completions of a shell
    #[command(
        after_help = "Examples:\n  fanlight completions bash > ~/.local/share/bash-completion/completions/fanlight\n  \
                            fanlight completions zsh > ~/.zfunc/_fanlight\n  \
                            fanlight completions fish > ~/.config/fish/completions/fanlight.fish"
    )]
    Completions {
        /// The shell
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
}

/// What a command needs beside its own arguments.
pub struct Context {
    /// What every command takes.
    pub global: Global,
    /// Where the words go.
    pub screen: Screen,
}

/// Reads the command line, does what it asks, and says how it ended.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers; a reader that went away needs no words.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Good.into() };
        }
    };
    let screen = Screen::of_this_process(cli.global.json);
    let mut context = Context { global: cli.global, screen };
    let result = dispatch(cli.command, &mut context);
    outcome::end(result, &mut context.screen)
}

fn dispatch(command: Command, context: &mut Context) -> Result<Exit, Failure> {
    match command {
        Command::Up { listen } => up::run(context, listen),
        Command::Use(arguments) => use_client::run(context, &arguments),
        Command::Why { what, all } => why::run(context, &what, all),
        Command::Ask(arguments) => ask::run(context, &arguments),
        Command::Requests { command } => requests::run(context, command),
        Command::Who { what, since, until, fact: Some(fact) } => {
            by_fact::run(context, &by_fact::Asked { fact: &fact, what: what.as_deref(), since, until })
        }
        Command::Who { what: Some(what), since: None, .. } => who::run(context, &what),
        Command::Who { what, since, until, fact: None } => since::run(context, what.as_deref(), since, until),
        Command::Look { what } => look::run(context, &what),
        Command::Sbom(arguments) => sbom::run(context, &arguments),
        Command::Quarantine(arguments) => quarantine::run(context, &arguments),
        Command::Review(arguments) => review::run(context, &arguments),
        Command::BreakGlass(arguments) => break_glass::run(context, &arguments),
        Command::Scan(arguments) => scan::run(context, &arguments),
        Command::StewardLink => joining::steward_link(context),
        Command::Rights { days, policy } => rights::run(context, days, policy),
        Command::Leaver { name, dry_run } => joining::leaver(context, &name, dry_run),
        Command::Login(arguments) => login::login(context, &arguments),
        Command::Logout => login::logout(context),
        Command::Apps(command) => apps::run(context, command),
        Command::Keys(command) => keys::run(context, command),
        Command::People(command) => people::run(context, &command),
        Command::Advisories(command) => advisories::run(context, &command),
        Command::Ledger(command) => ledger::run(context, command),
        Command::Policy(command) => policy::run(context, command),
        Command::Config { running } => config::run(context, running),
        Command::Status => status::run(context),
        Command::Backup { file } => backup::write(context, &file),
        Command::Restore { file, yes } => restore::run(context, &file, yes),
        Command::Completions { shell } => completions::run(context, shell, Cli::command()),
    }
}

#[cfg(test)]
mod tests;
