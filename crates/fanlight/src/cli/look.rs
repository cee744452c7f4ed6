//! `fanlight look`: due diligence on one release, on one page.

use std::io;

use fanlight_api::look::{Look, Previous};
use fanlight_api::routes;
use fanlight_base::Timestamp;
use fanlight_base::clock::past_for_people;
use fanlight_base::words::{minutes_between, span};

use super::Context;
use super::client::{ClientError, Node};
use super::outcome::{Exit, Failure};
use super::screen::{Screen, Tone, visible};
use super::table::{Cell, Table};
use super::thing::{self, bytes, count, grouped};
use super::who::{behind, titled};

/// Asks the running node.
pub fn run(context: &mut Context, what: &str) -> Result<Exit, Failure> {
    let purl = thing::purl(what)?;
    let state = super::settings::state_folder(&context.global)?;
    let look: Look = match Node::find(&state)?.get(routes::LOOK, &[("purl", purl.as_str())]) {
        Err(ClientError::Refused(problem)) if problem.status == 404 => {
            return Err(Failure::from(ClientError::Refused(problem)).exit(Exit::No));
        }
        answer => answer?,
    };
    if context.screen.json {
        context.screen.document(&look)?;
    } else {
        show(&mut context.screen, &look, Timestamp::now())?;
    }
    Ok(Exit::Good)
}

/// The words for people: the judgement first, then what it can be held against, then what is not known.
pub(super) fn show(screen: &mut Screen, look: &Look, now: Timestamp) -> io::Result<()> {
    let (state, tone) = thing::state(look.judged.outcome);
    let mut said = format!("{} is {state}", look.purl);
    match &look.judged.reason {
        Some(reason) => said.push_str(&format!(": {reason}")),
        None => said.push('.'),
    }
    screen.line(&screen.tone(&visible(&said), tone))?;
    screen.line("")?;
    let ago = |at: Timestamp| format!("{} ({} ago)", past_for_people(at), span(minutes_between(at, now)));
    let published = look.judged.published.map_or_else(|| "not stated".to_owned(), ago);
    field(screen, "published", &published)?;
    field(screen, "seen here", &look.judged.first_seen.map_or_else(|| "now".to_owned(), ago))?;
    let history = &look.history;
    let cadence = history.days_between.map(|days| format!(", {} between two at the middle", count(days, "day")));
    let withdrawn =
        if history.withdrawn > 0 { format!(", {} withdrawn", grouped(history.withdrawn)) } else { String::new() };
    let since = history.first.map(|first| format!(" since {}", first.strftime("%Y-%m-%d"))).unwrap_or_default();
    let releases = count(history.releases, "release");
    let year = grouped(history.in_a_year);
    let cadence = cadence.unwrap_or_default();
    field(screen, "cadence", &format!("{releases}{since}, {year} in the last year{cadence}{withdrawn}"))?;
    let attested = look.files.iter().filter(|file| file.attested).count();
    field(
        screen,
        "attested",
        &match (attested, look.files.len()) {
            (0, _) => "none of its files has an attestation of where it comes from".to_owned(),
            (some, all) if some == all => {
                "each of its files has an attestation of where it comes from; it is not checked here".to_owned()
            }
            (some, all) => format!("{some} of its {all} files have an attestation of where they come from"),
        },
    )?;
    field(
        screen,
        "used here",
        &match look.here.callers {
            0 => "by nobody yet".to_owned(),
            callers => format!("by {}; `fanlight who {}` lists them", count(callers, "caller"), look.purl),
        },
    )?;
    let mut table = Table::new(["fact", "value"]);
    for (name, value) in &look.known {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        table.row([Cell::from(name), Cell::from(value)]);
    }
    titled(screen, "Known of it here", &table)?;
    let mut table = Table::new(["when", "verdict", "by", "because"]);
    for review in &look.reviews {
        let by = if review.own { "this node" } else { &review.node };
        let cells = [&past_for_people(review.at), review.verdict.as_str(), by, &review.because].map(Cell::from);
        table.row(cells);
    }
    titled(screen, "Reviews", &table)?;
    if let Some(before) = &look.previous {
        previous(screen, before, attested > 0)?;
    }
    let mut table = Table::new(["release", "callers", "last fetched"]);
    for one in look.here.in_use.iter().filter(|one| one.release != look.purl) {
        table.row([Cell::from(&one.release), Cell::from(grouped(one.callers)), Cell::from(past_for_people(one.last))]);
    }
    titled(screen, "Other releases of it in use here", &table)?;
    screen.line("")?;
    screen.line(&screen.tone("Not known", Tone::Bold))?;
    for sentence in &look.unknown {
        screen.line(&visible(&format!("  {sentence}")))?;
    }
    behind(screen, look.behind)
}

fn previous(screen: &mut Screen, before: &Previous, is_attested: bool) -> io::Result<()> {
    let came = before.published.map(|at| format!(", of {}", at.strftime("%Y-%m-%d"))).unwrap_or_default();
    screen.line("")?;
    let title = format!("Against {}{came}", before.version);
    screen.line(&screen.tone(&visible(&title), Tone::Bold))?;
    let same = before.added.is_empty() && before.gone.is_empty();
    if same {
        screen.line("  The same files.")?;
    }
    for (what, files) in [("more", &before.added), ("gone", &before.gone)] {
        for file in files {
            screen.line(&visible(&format!("  {what}: {file}")))?;
        }
    }
    for file in &before.changed {
        let change = match file.before {
            0 => String::new(),
            before => format!(" ({:+}%)", (i128::from(file.now) - i128::from(before)) * 100 / i128::from(before)),
        };
        screen.line(&visible(&format!("  {}: {}, was {}{change}", file.file, bytes(file.now), bytes(file.before))))?;
    }
    if before.attested && !is_attested {
        let words = "  It had attestations of where it comes from, and this one has none.";
        screen.line(&screen.tone(words, Tone::Bad))?;
    }
    Ok(())
}

fn field(screen: &mut Screen, name: &str, value: &str) -> io::Result<()> {
    let name = screen.tone(&format!("{name:<10}"), Tone::Faint);
    screen.line(&format!("  {name} {}", visible(value)))
}
