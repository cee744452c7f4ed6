//! `fanlight policy propose`, `proposals`, `show`, `diff`, `approve`, `refuse`, `withdraw`, `history`, `rollback`: policies
//! changed on a running node by two people.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use fanlight_api::publishing::{
    Approve, Change, File, Proposal, ProposalText, Proposals, Propose, Refuse, State, Version, VersionText, Versions,
    What,
};
use fanlight_api::routes;
use fanlight_base::clock::past_for_people;
use fanlight_policy::folder;

use crate::cli::Context;
use crate::cli::ask::no;
use crate::cli::client::Node;
use crate::cli::outcome::{Exit, Failure};
use crate::cli::screen::{Screen, Tone, visible};
use crate::cli::table::{Cell, Table};
use crate::cli::thing::count;

/// The arguments of `fanlight policy propose`.
#[derive(Debug, Args)]
pub struct ProposeArgs {
    /// The folder with the changed *.cedar files: the whole set
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Why, in one line; it stays in the record, so it names nobody
    #[arg(long, value_name = "WORDS")]
    because: String,
    /// The version that the change was made on [default: the one in force]
    #[arg(long, value_name = "VERSION")]
    base: Option<u64>,
}

/// The arguments of `fanlight policy show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The proposal, or the version: its number, or `now`
    #[arg(value_name = "PROPOSAL|VERSION")]
    what: String,
    /// Write its files into this folder, which must be new
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// The version in force.
fn now(node: &Node) -> Result<VersionText, Failure> {
    Ok(node.get_one(routes::POLICY_VERSION, "now")?)
}

/// Proposes the files of a folder.
pub(super) fn propose(context: &mut Context, arguments: ProposeArgs) -> Result<Exit, Failure> {
    let failed = |error: &dyn std::error::Error| {
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        Failure::new(format!("{error}{cause}"))
    };
    let files = folder::read_files(&arguments.folder).map_err(|error| failed(&error))?;
    let node = Node::asked(&context.global)?;
    let base = match arguments.base {
        Some(base) => base,
        None => now(&node)?.version.version,
    };
    let files = files.iter().map(|(name, text)| File { name: name.to_owned(), text: text.to_owned() }).collect();
    let ask = Propose { base, because: arguments.because, files: Some(files), restores: None };
    proposed(context, &node, &ask)
}

/// Proposes to go back to a version.
pub(super) fn rollback(context: &mut Context, version: u64, because: String) -> Result<Exit, Failure> {
    let node = Node::asked(&context.global)?;
    let base = now(&node)?.version.version;
    proposed(context, &node, &Propose { base, because, files: None, restores: Some(version) })
}

fn proposed(context: &mut Context, node: &Node, ask: &Propose) -> Result<Exit, Failure> {
    let made: Proposal = node.post(routes::PROPOSE_POLICIES, ask).map_err(no)?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&made)?;
        return Ok(Exit::Good);
    }
    let text: ProposalText = node.get_one(routes::PROPOSAL, &made.id)?;
    let said = format!("Proposed as {}, on version {}.", made.id, made.base);
    screen.line(&screen.tone(&visible(&said), Tone::Bold))?;
    brief(screen, &text.changes)?;
    for warning in &text.warnings {
        let words = format!("  {}:{}:{}: {}", warning.file, warning.line, warning.column, warning.message);
        screen.line(&screen.tone(&visible(&words), Tone::Wait))?;
    }
    screen.line("")?;
    screen.line(&visible(&format!("It is in force once somebody approves it: fanlight policy approve {}", made.id)))?;
    Ok(Exit::Good)
}

const fn word(what: What) -> &'static str {
    match what {
        What::Added => "added",
        What::Removed => "removed",
        What::Changed => "changed",
    }
}

/// What changes, a line for each file.
fn brief(screen: &mut Screen, changes: &[Change]) -> io::Result<()> {
    for change in changes {
        let lines = format!("+{} -{}", change.added, change.removed);
        screen.line(&visible(&format!("  {} {} ({lines} lines)", word(change.what), change.name)))?;
    }
    Ok(())
}

/// Lists proposals.
pub(super) fn proposals(context: &mut Context, all: bool) -> Result<Exit, Failure> {
    let node = Node::asked(&context.global)?;
    let query: &[_] = if all { &[("state", "all")] } else { &[] };
    let found: Proposals = node.get(routes::PROPOSALS, query)?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&found)?;
        return Ok(Exit::Good);
    }
    if found.proposals.is_empty() {
        screen.line(if all { "Nobody has proposed anything." } else { "No proposal waits." })?;
        return Ok(Exit::Good);
    }
    let mut table = Table::new(["proposal", "by", "proposed", "on version", "state", "because"]);
    for one in &found.proposals {
        let (word, tone) = state_of(one);
        table.row([
            Cell::from(&one.id),
            Cell::from(&one.by),
            Cell::from(past_for_people(one.proposed)),
            Cell::from(one.base.to_string()),
            Cell::toned(word, tone),
            Cell::from(&one.because),
        ]);
    }
    table.write(screen)?;
    if let Some(first) = found.proposals.iter().find(|one| one.state == State::Waiting) {
        screen.line("")?;
        screen.line(&visible(&format!("What it changes: fanlight policy show {}", first.id)))?;
    }
    Ok(Exit::Good)
}

fn state_of(proposal: &Proposal) -> (String, Tone) {
    match proposal.state {
        State::Waiting if proposal.outdated => ("outdated".to_owned(), Tone::Faint),
        State::Waiting => ("waiting".to_owned(), Tone::Wait),
        State::Published => {
            let version = proposal.answer.as_ref().and_then(|answer| answer.version).unwrap_or_default();
            (format!("published as {version}"), Tone::Good)
        }
        State::Refused => ("refused".to_owned(), Tone::Bad),
        state => (state.as_str().to_owned(), Tone::Faint),
    }
}

/// Shows a proposal or a version with what it changes.
pub(super) fn show(context: &mut Context, arguments: &ShowArgs) -> Result<Exit, Failure> {
    let node = Node::asked(&context.global)?;
    let what = &arguments.what;
    if what.starts_with("prp_") {
        let text: ProposalText = node.get_one(routes::PROPOSAL, what).map_err(no)?;
        return match &arguments.output {
            Some(folder) => written(context, folder, &text.files),
            None => show_proposal(context, &text),
        };
    }
    let text: VersionText = node.get_one(routes::POLICY_VERSION, what).map_err(no)?;
    match &arguments.output {
        Some(folder) => written(context, folder, &text.files),
        None => show_version(context, &text),
    }
}

/// Writes files into a new folder.
fn written(context: &mut Context, folder: &Path, files: &[File]) -> Result<Exit, Failure> {
    let failed = |error: io::Error| Failure::new(format!("could not write {}: {error}", folder.display()));
    std::fs::create_dir(folder).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Failure::new(format!("{} exists already", folder.display())).hint("choose another name")
        }
        _ => failed(error),
    })?;
    for file in files {
        // What a node says leads nowhere but into this folder.
        let name = Path::new(&file.name).file_name().filter(|name| *name == file.name.as_str());
        let name = name.ok_or_else(|| Failure::new(format!("the node names a file {:?}", file.name)))?;
        std::fs::write(folder.join(name), &file.text).map_err(failed)?;
    }
    let said = format!("Wrote {} into {}.", count(files.len() as u64, "file"), folder.display());
    context.screen.aside(&visible(&said));
    Ok(Exit::Good)
}

fn show_proposal(context: &mut Context, text: &ProposalText) -> Result<Exit, Failure> {
    let screen = &mut context.screen;
    if screen.json {
        screen.document(text)?;
        return Ok(Exit::Good);
    }
    let proposal = &text.proposal;
    let head = format!("{} proposes: {}", proposal.by, proposal.because);
    screen.line(&screen.tone(&visible(&head), Tone::Bold))?;
    let (state, _) = state_of(proposal);
    let back = proposal.restores.map(|version| format!(", to go back to version {version}")).unwrap_or_default();
    let when = past_for_people(proposal.proposed);
    screen.line(&visible(&format!("Proposed {when} on version {}{back}; {state}.", proposal.base)))?;
    if let Some(answer) = &proposal.answer {
        let by = answer.by.as_deref().unwrap_or("the folder");
        let words = answer.because.as_ref().map(|words| format!(": {words}")).unwrap_or_default();
        screen.line(&visible(&format!("Answered {} by {by}{words}", past_for_people(answer.at))))?;
    }
    diff(screen, &text.changes)?;
    for fault in text.faults.iter().chain(&text.warnings) {
        let words = format!("{}:{}:{}: {}", fault.file, fault.line, fault.column, fault.message);
        screen.line(&screen.tone(&visible(&words), Tone::Wait))?;
    }
    if proposal.state == State::Waiting {
        screen.line("")?;
        if proposal.outdated {
            screen.line("Another version is in force by now, so it has to be proposed anew.")?;
            return Ok(Exit::Good);
        }
        if let Some(held) = &text.held {
            screen.line(&visible(&format!("You cannot approve it: {}", held.reason)))?;
        } else {
            screen.line(&visible(&format!("Approve it: fanlight policy approve {}", proposal.id)))?;
        }
        screen.line(&visible(&format!("Refuse it:  fanlight policy refuse {} --because \"...\"", proposal.id)))?;
        screen.line(&visible(&format!(
            "Try it over the record: fanlight policy show {} --output DIR, then fanlight policy simulate DIR",
            proposal.id
        )))?;
    }
    Ok(Exit::Good)
}

fn show_version(context: &mut Context, text: &VersionText) -> Result<Exit, Failure> {
    let screen = &mut context.screen;
    if screen.json {
        screen.document(text)?;
        return Ok(Exit::Good);
    }
    let version = &text.version;
    let files = count(version.files, "file");
    let in_force = if version.in_force { ", in force now" } else { "" };
    let head = format!("Version {}{in_force}: {files} since {}", version.version, past_for_people(version.since));
    screen.line(&screen.tone(&visible(&head), Tone::Bold))?;
    screen.line(&visible(&format!("{}.", whose(version))))?;
    match text.against {
        Some(against) => screen.line(&format!("What it changed of version {against}:"))?,
        None => screen.line("What was there at the first start:")?,
    }
    if text.changes.is_empty() {
        screen.line("  nothing")?;
    }
    diff(screen, &text.changes)?;
    Ok(Exit::Good)
}

fn whose(version: &Version) -> String {
    let because = version.because.as_ref().map(|words| format!(": {words}")).unwrap_or_default();
    match (&version.by, &version.approved_by) {
        (Some(by), Some(approver)) => format!("Proposed by {by}, approved by {approver}{because}"),
        (Some(by), None) => format!("Proposed by {by}, put into the folder by hand{because}"),
        (None, _) => "By an edit in the folder".to_owned(),
    }
}

/// Changes as `diff -u` writes them.
fn diff(screen: &mut Screen, changes: &[Change]) -> io::Result<()> {
    for line in changes.iter().flat_map(|change| change.diff.lines()) {
        let tone = match line.as_bytes().first() {
            Some(b'+') => Some(Tone::Good),
            Some(b'-') => Some(Tone::Bad),
            Some(b'@') => Some(Tone::Faint),
            _ => None,
        };
        let line = visible(line);
        screen.line(&tone.map_or_else(|| line.to_string(), |tone| screen.tone(&line, tone)))?;
    }
    Ok(())
}

/// In what two versions differ.
pub(super) fn compare(context: &mut Context, from: u64, to: &str) -> Result<Exit, Failure> {
    let node = Node::asked(&context.global)?;
    let against = from.to_string();
    let text: VersionText = node.get_one_with(routes::POLICY_VERSION, to, &[("against", &against)]).map_err(no)?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&text.changes)?;
    } else if text.changes.is_empty() {
        screen.line("They do not differ.")?;
    } else {
        diff(screen, &text.changes)?;
    }
    Ok(Exit::Good)
}

/// Approves a proposal.
pub(super) fn approve(context: &mut Context, id: &str, because: Option<String>) -> Result<Exit, Failure> {
    let node = Node::asked(&context.global)?;
    let done: Proposal = node.post_to(routes::APPROVE_PROPOSAL, id, &Approve { because }).map_err(no)?;
    let version = done.answer.as_ref().and_then(|answer| answer.version).unwrap_or_default();
    said(
        context,
        &done,
        &format!("It is in force as version {version}. Back again: fanlight policy rollback {}", done.base),
    )
}

/// Refuses one.
pub(super) fn refuse(context: &mut Context, id: &str, because: String) -> Result<Exit, Failure> {
    let node = Node::asked(&context.global)?;
    let done: Proposal = node.post_to(routes::REFUSE_PROPOSAL, id, &Refuse { because }).map_err(no)?;
    said(context, &done, &format!("It is refused to {}, who will be told.", done.by))
}

/// Takes one's own back.
pub(super) fn withdraw(context: &mut Context, id: &str) -> Result<Exit, Failure> {
    let node = Node::asked(&context.global)?;
    let done: Proposal = node.delete(routes::WITHDRAW_PROPOSAL, id).map_err(no)?;
    said(context, &done, "It is taken back.")
}

fn said(context: &mut Context, done: &Proposal, words: &str) -> Result<Exit, Failure> {
    let screen = &mut context.screen;
    if screen.json {
        screen.document(done)?;
    } else {
        screen.line(&screen.tone(&visible(words), Tone::Bold))?;
    }
    Ok(Exit::Good)
}

/// Lists the versions.
pub(super) fn history(context: &mut Context) -> Result<Exit, Failure> {
    let node = Node::asked(&context.global)?;
    let found: Versions = node.get(routes::POLICY_VERSIONS, &[])?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&found)?;
        return Ok(Exit::Good);
    }
    let mut table = Table::new(["version", "since", "files", "proposed by", "approved by", "because"]);
    for version in &found.versions {
        let number = version.version.to_string();
        table.row([
            if version.in_force { Cell::toned(number, Tone::Good) } else { Cell::from(number) },
            Cell::from(past_for_people(version.since)),
            Cell::from(version.files.to_string()),
            Cell::from(version.by.as_deref().unwrap_or("the folder")),
            Cell::from(version.approved_by.as_deref().unwrap_or_default()),
            Cell::from(version.because.as_deref().unwrap_or_default()),
        ]);
    }
    table.write(screen)?;
    screen.line("")?;
    screen.line(&visible(&format!("In force from {}.", found.folder)))?;
    Ok(Exit::Good)
}
