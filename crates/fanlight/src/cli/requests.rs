//! `fanlight requests`: what people ask for, the evidence, and the answer.

use clap::Subcommand;
use fanlight_api::requests::{Answered, Evidence, For, Grant, Judged, Refuse, Request, Requests, State};
use fanlight_api::routes;
use fanlight_base::Timestamp;
use fanlight_base::clock::{for_people, past_for_people};
use fanlight_config::parse_span;

use super::ask::{heading, no, state_of, until};
use super::client::Node;
use super::outcome::{Exit, Failure};
use super::screen::{Screen, Tone, visible};
use super::table::{Cell, Table};
use super::{Context, thing};

/// Facts that the evidence tells elsewhere.
const TOLD: [&str; 8] =
    ["alternative", "strength", "ecosystem", "project", "release", "version", "instead", "yanked_reason"];

/// What is done with requests.
#[derive(Debug, Subcommand)]
pub enum RequestsCommand {
    /// List those that wait
    #[command(after_help = "Examples:\n  fanlight requests list\n  fanlight requests list --all")]
    List {
        /// Answered ones, too
        #[arg(long)]
        all: bool,
    },
    /// Show one with all the evidence
    #[command(after_help = "Example:\n  fanlight requests show req_0123456789abcdef")]
    Show {
        /// The request
        #[arg(value_name = "REQUEST")]
        id: String,
    },
    /// Grant one, until a time
    #[command(
        after_help = "Examples:\n  fanlight requests grant req_0123456789abcdef --until 7d\n  fanlight requests grant \
                            req_0123456789abcdef --until 2026-12-24 --for everybody --because \"looked at it: a fix\"\n\n\
                            It sets aside the policies that stop the release now and no others, ends by itself, and can be ended \
                            earlier. Nobody grants their own."
    )]
    Grant {
        /// The request
        #[arg(value_name = "REQUEST")]
        id: String,
        /// Until when: a span from now such as 4h or 7d, a day, or a time; at most 90 days
        #[arg(long, value_name = "TIME", value_parser = end)]
        until: Timestamp,
        /// Whom it is for: person (who asked), everybody, group:NAME, or the id of an app of theirs
        #[arg(long = "for", value_name = "WHOM", default_value = "person")]
        whom: String,
        /// Why, in one line for who asked; it stays in the record, so it names nobody [default: what who asked has said]
        #[arg(long, value_name = "WORDS")]
        because: Option<String>,
    },
    /// Refuse one, with words
    #[command(after_help = "Example:\n  fanlight requests refuse req_0123456789abcdef --because \"use httpx instead, \
                            which is looked after here\"")]
    Refuse {
        /// The request
        #[arg(value_name = "REQUEST")]
        id: String,
        /// Why, and what to do instead, in one line for who asked; it stays in the record, so it names nobody
        #[arg(long, value_name = "WORDS")]
        because: String,
    },
}

/// A time to come: a span from now, a day (its start in UTC), or a time.
fn end(text: &str) -> Result<Timestamp, String> {
    if let Some(at) = parse_span(text).and_then(|span| Timestamp::now().checked_add(span).ok()) {
        return Ok(at);
    }
    let at = text.parse().or_else(|_| format!("{text}T00:00:00Z").parse());
    at.map_err(|_| "not a time to come; write 4h, 7d, 2026-12-24 or 2026-12-24T10:00:00Z".to_owned())
}

/// How long it is until then.
fn seconds_until(end: Timestamp) -> Result<u64, Failure> {
    let seconds = end.as_second() - Timestamp::now().as_second();
    let seconds = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0);
    seconds
        .ok_or_else(|| Failure::usage("the exception would end in the past").hint("write a time to come, such as 7d"))
}

/// Asks the running node.
pub fn run(context: &mut Context, command: Option<RequestsCommand>) -> Result<Exit, Failure> {
    let node = Node::asked(&context.global)?;
    match command.unwrap_or(RequestsCommand::List { all: false }) {
        RequestsCommand::List { all } => list(context, &node, all),
        RequestsCommand::Show { id } => show(context, &node, &id),
        RequestsCommand::Grant { id, until, whom, because } => {
            let seconds = seconds_until(until)?;
            let audience = match (whom.as_str(), whom.strip_prefix("group:")) {
                ("person", _) => For::Person,
                ("everybody", _) => For::Everybody,
                (_, Some(group)) => For::Group(group.to_owned()),
                _ if whom.starts_with("app_") => For::App(whom),
                _ => return Err(Failure::usage("a grant is for person, everybody, group:NAME or the id of an app")),
            };
            let done: Answered =
                node.post_to(routes::GRANT_REQUEST, &id, &Grant { seconds, audience, because }).map_err(no)?;
            granted(context, &done)
        }
        RequestsCommand::Refuse { id, because } => {
            let done: Answered = node.post_to(routes::REFUSE_REQUEST, &id, &Refuse { because }).map_err(no)?;
            let said =
                done.requests.first().map(|one| format!("{} is refused to {}, who will be told.", one.purl, one.by));
            answered(&mut context.screen, &done, said)
        }
    }
}

fn list(context: &mut Context, node: &Node, all: bool) -> Result<Exit, Failure> {
    let query: &[_] = if all { &[("state", "all")] } else { &[] };
    let found: Requests = node.get(routes::REQUESTS, query)?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&found)?;
        return Ok(Exit::Good);
    }
    if found.requests.is_empty() {
        screen.line(if all { "Nobody has asked for anything." } else { "No request waits." })?;
        return Ok(Exit::Good);
    }
    table(&found.requests).write(screen)?;
    if found.truncated {
        screen.line(&format!("  and more: these are the newest {}", found.requests.len()))?;
    }
    if let Some(first) = found.requests.iter().find(|request| request.state == State::Waiting) {
        screen.line("")?;
        screen.line(&visible(&format!("The evidence: fanlight requests show {}", first.id)))?;
    }
    Ok(Exit::Good)
}

fn table(requests: &[Request]) -> Table {
    let mut table = Table::new(["request", "what", "by", "asked", "state", "until", "stopped by", "because"]);
    for request in requests {
        let (state, tone) = state_of(request);
        table.row([
            Cell::from(&request.id),
            Cell::from(&request.purl),
            Cell::from(&request.by),
            Cell::from(past_for_people(request.asked)),
            Cell::toned(state, tone),
            Cell::from(until(request)),
            Cell::from(request.judged.policies.join(", ")),
            Cell::from(&request.because),
        ]);
    }
    table
}

fn show(context: &mut Context, node: &Node, id: &str) -> Result<Exit, Failure> {
    let evidence: Evidence = node.get_one(routes::REQUEST, id).map_err(no)?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&evidence)?;
        return Ok(Exit::Good);
    }
    let request = &evidence.request;
    let head = format!("{} asks for {}: {}", request.by, request.purl, request.because);
    screen.line(&screen.tone(&visible(&head), Tone::Bold))?;
    let (state, _) = state_of(request);
    screen.line(&visible(&format!("Asked {}; {state}.", past_for_people(request.asked))))?;
    if let Some(answer) = &request.answer {
        let by = answer.by.as_deref().unwrap_or("the node");
        screen.line(&visible(&format!("Answered {} by {by}: {}", past_for_people(answer.at), answer.because)))?;
    }
    let judged = evidence.now.as_ref().unwrap_or(&request.judged);
    heading(screen, if evidence.now.is_some() { "What stops it now" } else { "What stopped it then" })?;
    stops(screen, judged)?;
    if let Some(trouble) = &evidence.trouble {
        screen.line(&visible(&format!("  {trouble}")))?;
    } else if evidence.now.as_ref().is_some_and(|now| now.policies != request.judged.policies) {
        let then = request.judged.policies.join(", ");
        screen.line(&visible(&format!("  When it was asked for it was stopped by {then}.")))?;
    }
    instead(screen, &evidence)?;
    people(screen, &evidence)?;
    for policy in &evidence.policies {
        heading(screen, &visible(&format!("Policy {} ({})", policy.id, policy.place)))?;
        for line in policy.text.lines() {
            screen.line(&visible(&format!("  {line}")))?;
        }
    }
    heading(screen, "Facts")?;
    let mut facts = Table::new(["fact", "value"]);
    for (name, value) in judged.facts.iter().filter(|(name, _)| !TOLD.contains(&name.as_str())) {
        facts.row([Cell::from(name), Cell::from(value.as_str().map_or_else(|| value.to_string(), str::to_owned))]);
    }
    facts.write(screen)?;
    if request.state == State::Waiting {
        screen.line("")?;
        if evidence.own {
            screen.line("It is your own request: somebody else has to answer it.")?;
        }
        screen.line(&visible(&format!("Grant it:  fanlight requests grant {} --until 7d", request.id)))?;
        screen.line(&visible(&format!("Refuse it: fanlight requests refuse {} --because \"...\"", request.id)))?;
        screen.line(&visible(&format!("More about the release: fanlight look {}", request.purl)))?;
    }
    Ok(Exit::Good)
}

fn stops(screen: &mut Screen, judged: &Judged) -> std::io::Result<()> {
    let (state, _) = thing::state(judged.outcome);
    let until = judged.until.map(|until| format!(" until {}", for_people(until))).unwrap_or_default();
    let by = judged.policies.join(", ");
    let reason = judged.reason.as_deref().unwrap_or("no reason is given");
    screen.line(&visible(&format!("  It is {state}{until} by {by}: {reason}")))
}

fn instead(screen: &mut Screen, evidence: &Evidence) -> std::io::Result<()> {
    heading(screen, "What can be had instead")?;
    match &evidence.newest_allowed {
        Some(version) => screen.line(&visible(&format!("  {version}, the newest release of it that is allowed")))?,
        None => screen.line("  No release of it is allowed.")?,
    }
    let judged = evidence.now.as_ref().unwrap_or(&evidence.request.judged);
    match judged.facts.get("alternative").and_then(|alternative| alternative.as_str()) {
        Some(alternative) => screen.line(&visible(&format!("  {alternative}, which the company uses instead of it"))),
        None => Ok(()),
    }
}

fn people(screen: &mut Screen, evidence: &Evidence) -> std::io::Result<()> {
    heading(screen, "Who else waits for it")?;
    if evidence.others.is_empty() {
        screen.line("  nobody")?;
    } else {
        let mut others = Table::new(["by", "asked", "because"]);
        for other in &evidence.others {
            let asked = past_for_people(other.asked);
            others.row([Cell::from(&other.by), Cell::from(asked), Cell::from(&other.because)]);
        }
        others.write(screen)?;
        screen.line("  A grant with --for everybody answers all of them.")?;
    }
    heading(screen, "In use here")?;
    if evidence.in_use.is_empty() {
        screen.line("  no release of the project")?;
    } else {
        let mut in_use = Table::new(["release", "by", "last fetched"]);
        for one in &evidence.in_use {
            let callers = thing::count(one.callers, "caller");
            in_use.row([Cell::from(&one.release), Cell::from(callers), Cell::from(past_for_people(one.last))]);
        }
        in_use.write(screen)?;
    }
    if !evidence.reviews.is_empty() {
        heading(screen, "Reviews")?;
        let mut reviews = Table::new(["verdict", "by", "when", "because"]);
        for review in &evidence.reviews {
            let by = if review.own { "this company" } else { &review.node };
            let when = past_for_people(review.at);
            reviews.row([Cell::from(&review.verdict), Cell::from(by), Cell::from(when), Cell::from(&review.because)]);
        }
        reviews.write(screen)?;
    }
    Ok(())
}

fn granted(context: &mut Context, done: &Answered) -> Result<Exit, Failure> {
    let said = done.requests.first().and_then(|one| {
        let exception = one.answer.as_ref()?.exception.as_ref()?;
        let whom = match &exception.group {
            Some(group) => format!("the group {group}"),
            None if exception.everybody => "everybody".to_owned(),
            None => one.by.clone(),
        };
        Some((format!("{} passes for {whom} until {}.", one.purl, for_people(exception.until)), exception.id.clone()))
    });
    let (said, id) = said.unzip();
    let exit = answered(&mut context.screen, done, said)?;
    if let Some(id) = id.filter(|_| !context.screen.json) {
        let screen = &mut context.screen;
        let others = done.requests.len().saturating_sub(1) as u64;
        if others > 0 {
            screen.line(&format!("It is the answer to {} beside, too.", thing::count(others, "request")))?;
        }
        screen.line(&visible(&format!("End it earlier with `fanlight break-glass --end {id}`.")))?;
    }
    Ok(exit)
}

fn answered(screen: &mut Screen, done: &Answered, said: Option<String>) -> Result<Exit, Failure> {
    if screen.json {
        screen.document(done)?;
    } else if let Some(said) = said {
        screen.line(&screen.tone(&visible(&said), Tone::Bold))?;
    }
    Ok(Exit::Good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_span_a_day_or_a_time() {
        let in_a_week = end("7d").unwrap().as_second() - Timestamp::now().as_second();
        assert!((604_795..=604_800).contains(&in_a_week), "{in_a_week}");
        assert_eq!(end("2026-12-24").unwrap().to_string(), "2026-12-24T00:00:00Z");
        assert_eq!(end("2026-12-24T10:00:00Z").unwrap().to_string(), "2026-12-24T10:00:00Z");
        assert!(end("soon").is_err());
    }
}
