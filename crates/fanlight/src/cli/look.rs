//! `fanlight look`: due diligence on one release, on one page.

use std::io;

use fanlight_api::look::{Changed, Inside, Look, Previous};
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
use super::why::SCAN_TO_COME;

/// Asks the running node.
pub fn run(context: &mut Context, what: &str) -> Result<Exit, Failure> {
    let purl = thing::purl(what)?;
    let look: Look = match Node::asked(&context.global)?.get(routes::LOOK, &[("purl", purl.as_str())]) {
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
    if look.judged.scan_to_come {
        screen.line(SCAN_TO_COME)?;
    }
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
    made(screen, look)?;
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
    instead(screen, look)?;
    flaws(screen, look)?;
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
    let mut table = Table::new(["release", "callers", "last fetched", "now", "advisories"]);
    for one in look.here.in_use.iter().filter(|one| one.release != look.purl) {
        let now = one.outcome.map_or(Cell::from("not listed"), |outcome| {
            let (state, tone) = thing::state(outcome);
            Cell::toned(state, tone)
        });
        let flaws = if one.flaws.is_empty() { "none known".to_owned() } else { one.flaws.join(", ") };
        table.row([
            Cell::from(&one.release),
            Cell::from(grouped(one.callers)),
            Cell::from(past_for_people(one.last)),
            now,
            Cell::from(flaws),
        ]);
    }
    titled(screen, "Other releases of it in use here", &table)?;
    screen.line("")?;
    screen.line(&screen.tone("Not known", Tone::Bold))?;
    for sentence in &look.unknown {
        screen.line(&visible(&format!("  {sentence}")))?;
    }
    behind(screen, look.behind)
}

/// What the company uses instead, and what is known here of what it names.
fn instead(screen: &mut Screen, look: &Look) -> io::Result<()> {
    let Some(instead) = &look.instead else { return Ok(()) };
    screen.line("")?;
    screen.line(&screen.tone("What your company uses instead", Tone::Bold))?;
    screen.line(&visible(&format!("  {} (packages.alternatives says so)", instead.words)))?;
    let mut table = Table::new(["package", "used here by", "newest that is allowed", "reviewed here"]);
    for one in &instead.packages {
        let callers = if one.callers == 0 { "nobody yet".to_owned() } else { count(one.callers, "caller") };
        let newest = one.newest_allowed.as_deref().unwrap_or("none, or not known");
        table.row([
            Cell::from(&one.purl),
            Cell::from(callers),
            Cell::from(newest),
            Cell::from(one.reviewed.as_deref().unwrap_or("no")),
        ]);
    }
    if table.is_empty() { Ok(()) } else { table.write(screen) }
}

/// Who made it, and under which licence: what it says of itself.
fn made(screen: &mut Screen, look: &Look) -> io::Result<()> {
    for (name, said) in [("licence", &look.licence), ("source", &look.source)] {
        if let Some(said) = said {
            let by = if said.by == "index" { "its index says so" } else { &format!("{} says so", said.by) };
            field(screen, name, &format!("{} ({by}; nobody checked it)", said.words))?;
        }
    }
    let Some(publishing) = &look.publishing else { return Ok(()) };
    let by = match (&publishing.by, publishing.before) {
        (None, _) => "not told by its index".to_owned(),
        (Some(name), 0) => format!("{name}, who published none of its releases before"),
        (Some(name), before) => format!("{name}, as {} before it", count(before, "release")),
    };
    let others = listed(&publishing.others);
    let others = if others.is_empty() { others } else { format!("; others were published by {others}") };
    field(screen, "publisher", &format!("{by}{others}"))?;
    if !publishing.maintainers.is_empty() {
        let changes = [("new", &publishing.joined), ("no longer", &publishing.left)];
        let changes = changes.iter().filter(|(_, names)| !names.is_empty());
        let changes: String = changes.map(|(word, names)| format!("; {word}: {}", listed(names))).collect();
        field(screen, "may do so", &format!("{}{changes}", listed(&publishing.maintainers)))?;
    }
    Ok(())
}

/// Names that are listed on one page.
const NAMES: usize = 8;

fn listed(names: &[String]) -> String {
    let shown = names.iter().take(NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Flaws that are shown on one page.
const FLAWS: usize = 10;

fn flaws(screen: &mut Screen, look: &Look) -> io::Result<()> {
    let mut table = Table::new(["advisory", "what", "affects", "fixed in", "this one", "about"]);
    for flaw in look.flaws.iter().take(FLAWS) {
        let what =
            flaw.severity.as_ref().map_or_else(|| flaw.kind.clone(), |severity| format!("{severity} {}", flaw.kind));
        let affects = match (&flaw.oldest, &flaw.newest) {
            (Some(oldest), Some(newest)) if oldest != newest => {
                format!("{} from {oldest} to {newest}", count(flaw.affected, "release"))
            }
            (Some(only), _) => only.clone(),
            _ => "no listed release".to_owned(),
        };
        let this = match flaw.withdrawn {
            Some(at) => Cell::from(format!("taken back {}", at.strftime("%Y-%m-%d"))),
            None if flaw.affects_it => Cell::toned("affected", Tone::Bad),
            None => Cell::from("not affected"),
        };
        table.row([
            Cell::from(&flaw.id),
            Cell::from(what),
            Cell::from(affects),
            Cell::from(flaw.fixed_in.join(", ")),
            this,
            Cell::from(&flaw.summary),
        ]);
    }
    let title = match look.flaws.len().saturating_sub(FLAWS) {
        0 => "Advisories about any release of it".to_owned(),
        more => format!("Advisories about any release of it ({} more with --json)", grouped(more as u64)),
    };
    titled(screen, &title, &table)
}

fn inside(screen: &mut Screen, inside: &Inside) -> io::Result<()> {
    let file = &inside.file;
    let same = count(inside.same, "file");
    if inside.added.is_empty() && inside.gone.is_empty() && inside.changed.is_empty() {
        screen.line(&visible(&format!("  Inside {file} everything is the same: {same}.")))?;
    } else {
        screen.line(&visible(&format!("  Inside {file}: {same} the same.")))?;
    }
    for (word, paths) in [("new", &inside.added), ("gone", &inside.gone)] {
        if !paths.is_empty() {
            screen.line(&visible(&format!("    {word}: {}", paths.join(", "))))?;
        }
    }
    if !inside.changed.is_empty() {
        let changed: Vec<String> = inside.changed.iter().map(resized).collect();
        screen.line(&visible(&format!("    changed: {}", changed.join(", "))))?;
    }
    if inside.unlisted > 0 {
        screen.line(&format!("    and {} more that are different.", grouped(inside.unlisted)))?;
    }
    match &inside.does {
        Some(does) => {
            for one in does {
                screen.line(&screen.tone(&visible(&format!("    it does more: {one}")), Tone::Bad))?;
            }
        }
        None => screen.line("    What it does more or less is not known: the scans of the two cannot be compared.")?,
    }
    if !inside.is_whole {
        screen.line("    Not all of both was looked at.")?;
    }
    Ok(())
}

fn resized(file: &Changed) -> String {
    match file.now.cmp(&file.before) {
        std::cmp::Ordering::Equal => file.file.clone(),
        _ => format!("{} ({}, was {})", file.file, bytes(file.now), bytes(file.before)),
    }
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
            before if before == 0 || before == file.now => String::new(),
            before => format!(" ({:+}%)", (i128::from(file.now) - i128::from(before)) * 100 / i128::from(before)),
        };
        screen.line(&visible(&format!("  {}: {}, was {}{change}", file.file, bytes(file.now), bytes(file.before))))?;
    }
    if let Some(of) = &before.inside {
        inside(screen, of)?;
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
