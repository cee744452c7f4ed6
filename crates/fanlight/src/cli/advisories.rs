//! `fanlight advisories`: how the feeds of advisories are, that they be read now, and who has what is malicious.

use std::io;

use clap::Subcommand;
use fanlight_api::advisories::{Acknowledge, Advisories, Feed, FeedState, Hit};
use fanlight_api::routes;
use fanlight_base::clock::past_for_people;

use super::Context;
use super::client::{ClientError, Node};
use super::outcome::{Exit, Failure};
use super::screen::{Screen, Tone, visible};
use super::table::{Cell, Table};
use super::thing::{count, grouped};
use super::who::titled;

/// What can be asked of the feeds.
#[derive(Debug, Subcommand)]
pub enum AdvisoriesCommand {
    /// Show how each feed is, what could not be read, and who has what a feed calls malicious
    #[command(after_help = "Exit code 1 where a feed or a VEX document cannot be read, or is stale.\n\n\
                            Examples:\n  fanlight advisories status\n  fanlight advisories status --json")]
    Status,
    /// Look at every feed and every VEX document now, and wait until that is done
    #[command(
        after_help = "Exit codes as for `fanlight advisories status`.\n\nExample:\n  fanlight advisories refresh"
    )]
    Refresh,
    /// Say that you have seen to what an advisory calls malicious and somebody here received, so that it is no news any more
    #[command(
        after_help = "It stays in the record and in the list, with who saw to it. Exit code 1 where nothing of it was \
                      received here.\n\nExample:\n  fanlight advisories acknowledge MAL-2026-1234 --because \"taken off the \
                      three machines, their keys changed\""
    )]
    Acknowledge {
        /// The advisory, by any of its ids
        #[arg(value_name = "ADVISORY")]
        advisory: String,
        /// What was done, in one line; it names nobody
        #[arg(long, value_name = "WORDS")]
        because: String,
    },
}

/// Asks the running node.
pub fn run(context: &mut Context, command: &AdvisoriesCommand) -> Result<Exit, Failure> {
    let node = Node::asked(&context.global)?;
    let advisories: Advisories = match command {
        AdvisoriesCommand::Status => node.get(routes::ADVISORIES, &[])?,
        AdvisoriesCommand::Refresh => node.post(routes::REFRESH_ADVISORIES, &serde_json::json!({}))?,
        AdvisoriesCommand::Acknowledge { advisory, because } => {
            return acknowledge(context, &node, advisory, because);
        }
    };
    if context.screen.json {
        context.screen.document(&advisories)?;
    } else {
        show(&mut context.screen, &advisories)?;
    }
    let is_well = |feed: &Feed| matches!(feed.state, FeedState::Good | FeedState::InPart) && !feed.stale;
    let is_good = advisories.feeds.iter().all(is_well) && advisories.vex.iter().all(|vex| vex.faults.is_empty());
    Ok(if is_good { Exit::Good } else { Exit::No })
}

fn acknowledge(context: &mut Context, node: &Node, advisory: &str, because: &str) -> Result<Exit, Failure> {
    let ask = Acknowledge { advisory: advisory.to_owned(), because: because.to_owned() };
    let advisories: Advisories = match node.post(routes::ACKNOWLEDGE, &ask) {
        Err(ClientError::Refused(problem)) if problem.status == 404 => {
            return Err(Failure::from(ClientError::Refused(problem)).exit(Exit::No));
        }
        answer => answer?,
    };
    if context.screen.json {
        context.screen.document(&advisories)?;
    } else {
        hits(&mut context.screen, &advisories.hits)?;
    }
    Ok(Exit::Good)
}

/// The words for people: those who must act first, then how each feed is.
pub(super) fn show(screen: &mut Screen, advisories: &Advisories) -> io::Result<()> {
    if advisories.feeds.is_empty() && advisories.vex.is_empty() {
        screen.line(&screen.tone("No feed of advisories is in the settings.", Tone::Bold))?;
        return screen.line("Set advisories.sources in fanlight.toml; `fanlight config` shows where that is.");
    }
    let head = format!(
        "{} of {}, looked at every {}.",
        count(advisories.records, "advisory"),
        count(advisories.feeds.len() as u64, "feed"),
        advisories.refresh.strip_prefix("1 ").unwrap_or(&advisories.refresh)
    );
    screen.line(&screen.tone(&visible(&head), Tone::Bold))?;
    hits(screen, &advisories.hits)?;
    let mut feeds = Table::new(["feed", "state", "records", "newest", "last read"]);
    for feed in &advisories.feeds {
        let (state, tone) = word(feed);
        let time = |at: Option<fanlight_base::Timestamp>| at.map(past_for_people).unwrap_or_default();
        feeds.row([
            Cell::from(&feed.source),
            Cell::toned(state, tone),
            Cell::from(grouped(feed.records)),
            Cell::from(time(feed.newest)),
            Cell::from(time(feed.read)),
        ]);
    }
    titled(screen, "Feeds", &feeds)?;
    for feed in &advisories.feeds {
        details(screen, feed)?;
    }
    let mut vex = Table::new(["place", "documents", "statements"]);
    for place in &advisories.vex {
        vex.row([Cell::from(&place.path), Cell::from(grouped(place.documents)), Cell::from(grouped(place.statements))]);
    }
    titled(screen, "VEX documents", &vex)?;
    for fault in advisories.vex.iter().flat_map(|place| &place.faults) {
        screen.line(&visible(&format!("  {fault}; what was known of it stays")))?;
    }
    Ok(())
}

fn hits(screen: &mut Screen, hits: &[Hit]) -> io::Result<()> {
    let mut table = Table::new(["noticed", "release", "advisory", "people", "machines", "what"]);
    let news = || hits.iter().filter(|hit| hit.seen.is_none());
    for hit in news() {
        let unidentified = if hit.unidentified { ", and callers nobody knows" } else { "" };
        let withdrawn = if hit.withdrawn { "taken back since: " } else { "" };
        table.row([
            Cell::from(past_for_people(hit.noticed)),
            Cell::toned(&hit.release, Tone::Bad),
            Cell::from(&hit.advisory),
            Cell::from(format!("{}{unidentified}", grouped(hit.people))),
            Cell::from(grouped(hit.machines)),
            Cell::from(format!("{withdrawn}{}", hit.summary)),
        ]);
    }
    titled(screen, "Malicious, and received here", &table)?;
    if let Some(hit) = news().next() {
        let id = &hit.advisory;
        let said = format!(
            "  `fanlight who {id}` lists who has it; `fanlight advisories acknowledge {id}` says that it is seen to"
        );
        screen.line(&visible(&said))?;
    }
    let mut table = Table::new(["noticed", "release", "advisory", "seen to", "by", "what was done"]);
    for hit in hits {
        let Some(seen) = &hit.seen else { continue };
        table.row([
            Cell::from(past_for_people(hit.noticed)),
            Cell::from(&hit.release),
            Cell::from(&hit.advisory),
            Cell::from(past_for_people(seen.at)),
            Cell::from(seen.by.as_deref().unwrap_or("whoever runs the node")),
            Cell::from(&seen.because),
        ]);
    }
    titled(screen, "Malicious, received here, and seen to", &table)
}

const fn word(feed: &Feed) -> (&'static str, Tone) {
    match feed.state {
        FeedState::Good => ("good", Tone::Good),
        FeedState::InPart => ("read in part", Tone::Wait),
        FeedState::NotRead => ("not read yet", Tone::Wait),
        FeedState::Stale => ("stale", Tone::Wait),
        FeedState::Unreachable if feed.stale => ("unreachable, stale", Tone::Bad),
        FeedState::Unreachable => ("unreachable", Tone::Bad),
        FeedState::Malformed => ("malformed", Tone::Bad),
        FeedState::NotTaken => ("not taken in", Tone::Bad),
    }
}

/// What is wrong with a feed, and that what is known stays.
fn details(screen: &mut Screen, feed: &Feed) -> io::Result<()> {
    let mut say = |words: String| screen.line(&visible(&format!("  {}: {words}", feed.source)));
    if let Some(fault) = &feed.fault {
        // What gave no advisory says so by itself.
        let fault = fault.trim_end_matches("; what is known stays");
        say(format!("{fault}; what is known of it stays"))?;
    }
    if feed.refused > 0 {
        say(format!("{} refused, the rest counts", count(feed.refused, "record")))?;
        for example in &feed.examples {
            say(example.clone())?;
        }
    }
    if feed.older > 0 {
        say(format!("{} older than what it said before; the newer ones stand", count(feed.older, "record")))?;
    }
    if feed.missing > 0 {
        say(format!("{} known that it does not have any more; they stand", count(feed.missing, "record")))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
