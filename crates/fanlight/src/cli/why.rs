//! `fanlight why`: what of a project is allowed, what is held or denied, by which policy, until when, and who received
//! what.

use std::io;

use fanlight_api::advisories::Advisory;
use fanlight_api::why::Release;
use fanlight_api::{Why, routes};
use fanlight_base::clock::{for_people, past_for_people};
use fanlight_base::{Outcome, Purl};

use super::Context;
use super::client::{ClientError, Node};
use super::outcome::{Exit, Failure};
use super::screen::{Screen, Tone, visible};
use super::table::{Cell, Table};
use super::thing;
use super::who::{behind, received, titled};

/// Allowed releases listed where not all are asked for.
const SHOWN: usize = 5;
/// Files named in a sentence.
const FILES: usize = 3;
/// What was handed out, listed.
const GOT: usize = 10;
/// Said of what is allowed by all that is known, and is not known wholly yet.
pub(super) const SCAN_TO_COME: &str = "It is yet to be scanned: that is done when somebody fetches it first, before anybody has it, and what \
                                       is found may stop it.";

/// The same below a list that says so of some.
const NOT_SCANNED: &str = "What is not scanned yet is scanned when somebody fetches it first, before anybody has it, and what is found may \
                           stop it.";

/// Asks the running node.
pub fn run(context: &mut Context, what: &str, all: bool) -> Result<Exit, Failure> {
    let purl = thing::purl(what)?;
    let why: Why = match Node::at_hand(&context.global, purl.ecosystem())?.get(routes::WHY, &[("purl", purl.as_str())])
    {
        // There is no such thing to tell of: an answer, and it is no.
        Err(ClientError::Refused(problem)) if problem.status == 404 => {
            return Err(Failure::from(ClientError::Refused(problem)).exit(Exit::No));
        }
        answer => answer?,
    };
    if context.screen.json {
        context.screen.document(&why)?;
    } else {
        show(&mut context.screen, &purl, &why, all)?;
    }
    Ok(if why.releases.is_empty() { Exit::No } else { Exit::Good })
}

/// The words for people: first the answer, then what it rests on.
pub(super) fn show(screen: &mut Screen, purl: &Purl, why: &Why, all: bool) -> io::Result<()> {
    match purl.version() {
        Some(version) => one(screen, version, why)?,
        None => project(screen, why, all)?,
    }
    let mut got = Table::new(["when", "version", "file", "who", "how"]);
    for file in why.you_got.iter().take(GOT) {
        got.row([
            Cell::from(past_for_people(file.time)),
            Cell::from(&file.version),
            Cell::from(&file.file),
            Cell::from(&file.who),
            Cell::from(received(file.received, None, None)),
        ]);
    }
    titled(screen, "Received here", &got)?;
    if why.you_got.len() > GOT {
        screen.line(&format!("  and {} more; `fanlight who {}` lists all", why.you_got.len() - GOT, why.purl))?;
    }
    let looked = why.looked_at.map_or("The upstream was not asked yet".to_owned(), |at| {
        format!("Asked the upstream at {}", past_for_people(at))
    });
    let state = match why.upstream_state.as_str() {
        "stale" => "; it cannot be asked now, or refuses, so this is what it said then",
        "absent" => "; it has no such project",
        _ => "",
    };
    screen.line("")?;
    let foot = screen.tone(&format!("{looked}{state}. Cool-down here: {}.", visible(&why.cooldown)), Tone::Faint);
    screen.line(&foot)?;
    behind(screen, why.behind)
}

/// One release: its state, the sentence, what to do, and its files where they differ.
fn one(screen: &mut Screen, version: &str, why: &Why) -> io::Result<()> {
    let Some(release) = why.releases.first() else {
        let line = format!("{} {version} is not known: the upstream does not list it.", why.project);
        screen.line(&screen.tone(&visible(&line), Tone::Bold))?;
        return said(
            screen,
            why.newest_allowed.as_ref().map(|v| format!("The newest allowed release is {v}.")).as_deref(),
        );
    };
    let mut line = format!("{} {} is {}", why.project, release.version, state_words(release));
    if let Some(parts) = Parts::of(release) {
        line.push_str(&format!("; {}", parts.refused_words(release)));
    }
    if let Some(reason) = &release.reason {
        line.push_str(&format!(": {reason}"));
    } else {
        line.push('.');
    }
    screen.line(&screen.tone(&visible(&line), Tone::Bold))?;
    said(screen, release.advice.as_deref())?;
    said(screen, release.scan_to_come.then_some(SCAN_TO_COME))?;
    if let Some(parts) = Parts::of(release) {
        said(screen, Some(&format!("{}.", parts.had_words(release))))?;
    } else if release.outcome != Outcome::Allow {
        let told = |version: &&String| release.advice.as_ref().is_some_and(|advice| advice.contains(*version));
        let instead = why.newest_allowed.as_ref().filter(|version| !told(version));
        said(screen, instead.map(|v| format!("You would get {v} instead, which is the newest allowed.")).as_deref())?;
    }
    if release.askable {
        let what = match why.purl.parse::<Purl>() {
            Ok(purl) if purl.ecosystem() != "pypi" => purl.release(&release.version).to_string(),
            _ => format!("{}=={}", why.project, release.version),
        };
        said(screen, Some(&format!("Where you need it all the same: fanlight ask {what} --because \"...\"")))?;
    }
    let mut facts = Table::new(["policy", "published", "first seen here", "counted from"]);
    let time = |at: Option<fanlight_base::Timestamp>| at.map_or("not stated".to_owned(), past_for_people);
    facts.row([
        Cell::from(release.policies.join(", ")),
        Cell::from(time(release.published)),
        Cell::from(release.first_seen.map(past_for_people).unwrap_or_default()),
        Cell::from(&release.counted_from),
    ]);
    titled(screen, "Judged by", &facts)?;
    advisories(screen, release)?;
    let mut files = Table::new(["file", "state", "until", "why"]);
    for file in &release.files {
        let (state, tone) = thing::state(file.outcome);
        files.row([
            Cell::from(&file.file),
            Cell::toned(state, tone),
            Cell::from(file.until.map(for_people).unwrap_or_default()),
            Cell::from(file.reason.as_ref().filter(|r| release.reason.as_ref() != Some(r)).map_or("", String::as_str)),
        ]);
    }
    titled(screen, "Files", &files)
}

/// What feeds of advisories say of a release, and what it fixes.
fn advisories(screen: &mut Screen, release: &Release) -> io::Result<()> {
    let mut table = Table::new(["advisory", "what", "fixed in", "summary", "not affected", "more"]);
    for advisory in &release.advisories {
        let (what, tone) = kind(advisory);
        let tone = if advisory.not_affected.is_some() { Tone::Faint } else { tone };
        table.row([
            Cell::from(&advisory.id),
            Cell::toned(what, tone),
            Cell::from(advisory.fixed_in.join(", ")),
            Cell::from(&advisory.summary),
            Cell::from(advisory.not_affected.as_deref().unwrap_or_default()),
            Cell::from(advisory.more.as_deref().unwrap_or_default()),
        ]);
    }
    titled(screen, "Advisories", &table)?;
    if !release.fixes.is_empty() {
        screen.line("")?;
        screen.line(&visible(&format!("It fixes {}.", release.fixes.join(", "))))?;
    }
    Ok(())
}

/// `malicious`, `critical (9.8)`, `notice`.
fn kind(advisory: &Advisory) -> (String, Tone) {
    let score = advisory.score.as_ref().map(|score| format!(" ({score})")).unwrap_or_default();
    match (advisory.kind.as_str(), advisory.severity.as_deref()) {
        ("malicious", _) => ("malicious".to_owned(), Tone::Bad),
        ("notice", _) => ("notice".to_owned(), Tone::Faint),
        (_, Some(severity @ ("critical" | "high"))) => (format!("{severity}{score}"), Tone::Bad),
        (_, severity) => (format!("{}{score}", severity.unwrap_or("not rated")), Tone::Wait),
    }
}

/// The worst advisory of a release and how many more there are, for one column.
fn in_short(release: &Release) -> String {
    let standing: Vec<_> = release.advisories.iter().filter(|advisory| advisory.not_affected.is_none()).collect();
    match standing.split_first() {
        None => String::new(),
        Some((worst, rest)) => {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            format!("{} {}{more}", kind(worst).0, worst.id)
        }
    }
}

fn project(screen: &mut Screen, why: &Why, all: bool) -> io::Result<()> {
    let line = match (&why.newest_allowed, &why.newest) {
        (Some(allowed), Some(newest)) if allowed == newest => {
            let release = why.releases.iter().find(|release| release.version == *newest);
            match release.and_then(|release| Some((release, Parts::of(release)?))) {
                Some((release, parts)) => format!(
                    "{}: {allowed} is the newest, and allowed in part: {}. {}.",
                    why.project,
                    parts.refused_words(release),
                    parts.had_words(release)
                ),
                None => format!("{}: {allowed} is allowed, and it is the newest.", why.project),
            }
        }
        (Some(allowed), Some(newest)) => {
            let held = why.releases.iter().find(|release| release.version == *newest);
            let state = held.map_or("not allowed".to_owned(), state_words);
            format!("{}: you get {allowed}; the newest, {newest}, is {state}.", why.project)
        }
        (Some(allowed), None) => format!("{}: you get {allowed}.", why.project),
        (None, Some(newest)) => {
            let held = why.releases.iter().find(|release| release.version == *newest);
            format!(
                "{}: no release is allowed yet; the newest, {newest}, is {}.",
                why.project,
                held.map_or("not allowed".to_owned(), state_words)
            )
        }
        (None, None) => format!("{}: the upstream has no release of it.", why.project),
    };
    screen.line(&screen.tone(&visible(&line), Tone::Bold))?;
    let mut table = Table::new(["version", "state", "until", "published", "advisories", "policy", "why"]);
    let (mut allowed, mut left_out) = (0, 0);
    for release in &why.releases {
        if release.outcome == Outcome::Allow && !all {
            allowed += 1;
            if allowed > SHOWN {
                left_out += 1;
                continue;
            }
        }
        table.row(row(release));
    }
    titled(screen, "Releases", &table)?;
    if left_out > 0 {
        screen.line(&format!("  and {} more that are allowed; --all lists them", thing::grouped(left_out)))?;
    }
    if why.releases.iter().any(|release| release.scan_to_come) {
        screen.line("")?;
        screen.line(NOT_SCANNED)?;
    }
    Ok(())
}

fn row(release: &Release) -> Vec<Cell> {
    let (mut state, tone) = thing::state(release.outcome);
    let mut reason = release.reason.clone();
    if let Some(parts) = Parts::of(release) {
        state = "in part";
        reason =
            Some([Some(parts.refused_and_how(release)), reason].into_iter().flatten().collect::<Vec<_>>().join(": "));
    }
    let refused = release.outcome != Outcome::Allow;
    let withdrawn = release.yanked.then(|| match &release.yanked_reason {
        Some(reason) => format!("withdrawn upstream: {reason}"),
        None => "withdrawn upstream".to_owned(),
    });
    let to_come = (release.scan_to_come && !refused).then(|| "not scanned yet".to_owned());
    let why = [reason, withdrawn, to_come].into_iter().flatten().collect::<Vec<_>>().join("; ");
    vec![
        Cell::from(&release.version),
        Cell::toned(state, tone),
        Cell::from(release.until.map(for_people).unwrap_or_default()),
        Cell::from(release.published.map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default()),
        Cell::from(in_short(release)),
        Cell::from(if refused { release.policies.first().map_or("", String::as_str) } else { "" }),
        Cell::from(why),
    ]
}

/// A release of which some files may be had and some may not.
struct Parts<'a> {
    had: Vec<&'a str>,
    refused: Vec<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(release: &'a Release) -> Option<Self> {
        let names = |is_refused: bool| -> Vec<&str> {
            let files = release.files.iter().filter(|file| (file.outcome > Outcome::Mask) == is_refused);
            files.map(|file| &*file.file).collect()
        };
        let parts = Self { had: names(false), refused: names(true) };
        (!parts.had.is_empty() && !parts.refused.is_empty()).then_some(parts)
    }

    /// `1 of its 2 files, eager-2.0-py3-none-any.whl, is held until 2026-11-25 10:00 UTC`.
    fn refused_words(&self, release: &Release) -> String {
        let until = release.until.map(|at| format!(" until {}", for_people(at))).unwrap_or_default();
        format!("{}{until}", self.refused_and_how(release))
    }

    /// The same without the time.
    fn refused_and_how(&self, release: &Release) -> String {
        let (state, _) = thing::state(release.outcome);
        let is = if self.refused.len() == 1 { "is" } else { "are" };
        let all = self.had.len() + self.refused.len();
        format!("{} of its {all} files, {}, {is} {state}", self.refused.len(), named(&self.refused))
    }

    /// What a client gets.
    fn had_words(&self, release: &Release) -> String {
        format!("A client that can use it gets {} by {}", release.version, named(&self.had))
    }
}

/// Some names, not all of a long list.
fn named(files: &[&str]) -> String {
    let mut words = files.iter().take(FILES).copied().collect::<Vec<_>>().join(", ");
    if files.len() > FILES {
        words.push_str(&format!(" and {} more", files.len() - FILES));
    }
    words
}

/// `held until 2026-11-25 10:00 UTC`, `denied`, `allowed, though withdrawn upstream`, `allowed in part`.
fn state_words(release: &Release) -> String {
    if Parts::of(release).is_some() {
        return "allowed in part".to_owned();
    }
    let (state, _) = thing::state(release.outcome);
    let until = release.until.map(|at| format!(" until {}", for_people(at))).unwrap_or_default();
    let yanked = if release.yanked { ", and withdrawn upstream" } else { "" };
    format!("{state}{until}{yanked}")
}

fn said(screen: &mut Screen, sentence: Option<&str>) -> io::Result<()> {
    sentence.map_or(Ok(()), |sentence| screen.line(&visible(sentence)))
}
