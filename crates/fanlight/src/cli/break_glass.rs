//! `fanlight break-glass`: lets a release pass that policies stop, for a time, with a reason, for everybody to see.

use std::time::Duration;

use clap::Args;
use fanlight_api::exceptions::{Ask, Audience, Exception, Exceptions};
use fanlight_api::routes;
use fanlight_base::Timestamp;
use fanlight_base::clock::{for_people, past_for_people};
use fanlight_config::parse_span;

use super::client::{ClientError, Node};
use super::outcome::{Exit, Failure};
use super::screen::{Tone, visible};
use super::table::{Cell, Table};
use super::{Context, thing};

/// The arguments of `fanlight break-glass`.
#[derive(Debug, Args)]
pub struct BreakGlassArgs {
    /// A release (a purl, or PROJECT==VERSION), or a project with all its releases
    #[arg(value_name = "WHAT", required_unless_present_any = ["list", "end"], requires_all = ["because", "time"])]
    what: Option<String>,
    /// Why, in one line: it stays in the record, so it names nobody
    #[arg(long, value_name = "WORDS")]
    because: Option<String>,
    /// For how long, such as 30m, 4h or 2d; at most 7 days
    #[arg(long = "for", id = "time", value_name = "SPAN", value_parser = span)]
    time: Option<Duration>,
    /// For everybody [default: for you alone]
    #[arg(long, conflicts_with_all = ["person", "group", "app"])]
    everybody: bool,
    /// For this person
    #[arg(long, value_name = "NAME", conflicts_with_all = ["group", "app"])]
    person: Option<String>,
    /// For whoever is in this group
    #[arg(long, value_name = "NAME", conflicts_with = "app")]
    group: Option<String>,
    /// For this app
    #[arg(long, value_name = "APP")]
    app: Option<String>,
    /// Set aside this policy, and no other; may be given several times [default: those that stop it now]
    #[arg(long = "policy", value_name = "ID")]
    policies: Vec<String>,
    /// End an exception before its time
    #[arg(long, value_name = "EXCEPTION", conflicts_with_all = ["what", "list"])]
    end: Option<String>,
    /// List every exception there was
    #[arg(long, conflicts_with = "what")]
    list: bool,
}

fn span(text: &str) -> Result<Duration, String> {
    parse_span(text).ok_or_else(|| "no span of time; write it like 30m, 4h or 2d".to_owned())
}

/// Asks the running node.
pub fn run(context: &mut Context, arguments: &BreakGlassArgs) -> Result<Exit, Failure> {
    let node = Node::asked(&context.global)?;
    if let Some(id) = &arguments.end {
        return end(context, &node, id);
    }
    let (Some(what), Some(because), Some(time)) = (&arguments.what, &arguments.because, arguments.time) else {
        return list(context, &node);
    };
    let audience = match arguments {
        BreakGlassArgs { person: Some(name), .. } => Audience::Person(name.clone()),
        BreakGlassArgs { group: Some(group), .. } => Audience::Group(group.clone()),
        BreakGlassArgs { app: Some(id), .. } => Audience::App(id.clone()),
        BreakGlassArgs { everybody: true, .. } => Audience::Everybody,
        _ => Audience::Me,
    };
    let ask = Ask {
        purl: thing::purl(what)?.to_string(),
        because: because.clone(),
        seconds: time.as_secs(),
        audience,
        policies: arguments.policies.clone(),
    };
    let made: Exception = match node.post(routes::BREAK_GLASS, &ask) {
        Err(error) => return Err(no(error)),
        Ok(made) => made,
    };
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&made)?;
        return Ok(Exit::Good);
    }
    let whom = made.audience.as_deref().unwrap_or("everybody");
    let said = format!("{} passes for {whom} until {}, past {}.", made.purl, for_people(made.until), list_of(&made));
    screen.line(&screen.tone(&visible(&said), Tone::Wait))?;
    screen.line("Each use is recorded as an exception, and `fanlight status` shows it while it holds.")?;
    if made.audience.is_some() {
        screen.line("Callers without a token, whoever they are, are not meant: `fanlight use` makes one.")?;
    }
    screen.line(&visible(&format!("End it earlier with `fanlight break-glass --end {}`.", made.id)))?;
    Ok(Exit::Good)
}

/// An answer that is no.
fn no(error: ClientError) -> Failure {
    let is_no = matches!(&error, ClientError::Refused(problem) if [404, 409].contains(&problem.status));
    let failure = Failure::from(error);
    if is_no { failure.exit(Exit::No) } else { failure }
}

fn list_of(exception: &Exception) -> String {
    exception.policies.join(", ")
}

fn end(context: &mut Context, node: &Node, id: &str) -> Result<Exit, Failure> {
    let ended: Exception = node.delete(routes::END_EXCEPTION, id).map_err(no)?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&ended)?;
    } else {
        let said = format!("The exception for {} has ended; the policies count again.", ended.purl);
        screen.line(&screen.tone(&visible(&said), Tone::Bold))?;
    }
    Ok(Exit::Good)
}

fn list(context: &mut Context, node: &Node) -> Result<Exit, Failure> {
    let all: Exceptions = node.get(routes::EXCEPTIONS, &[])?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&all)?;
        return Ok(Exit::Good);
    }
    let now = Timestamp::now();
    let mut table = Table::new(["exception", "what", "for", "past", "state", "until", "by", "because"]);
    for one in &all.exceptions {
        let holds = one.ended.is_none() && one.until > now;
        table.row([
            Cell::from(&one.id),
            Cell::from(&one.purl),
            Cell::from(one.audience.as_deref().unwrap_or("everybody")),
            Cell::from(list_of(one)),
            if holds { Cell::toned("holds", Tone::Wait) } else { Cell::toned("ended", Tone::Faint) },
            Cell::from(if holds { for_people(one.until) } else { past_for_people(one.ended.unwrap_or(one.until)) }),
            Cell::from(one.by.as_deref().unwrap_or(&one.role)),
            Cell::from(&one.because),
        ]);
    }
    if table.is_empty() {
        screen.line("There is no exception, and there was none.")?;
    } else {
        table.write(screen)?;
    }
    Ok(Exit::Good)
}
