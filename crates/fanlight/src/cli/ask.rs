//! `fanlight ask`: asks for a release that is stopped, and tells what came of what was asked.

use clap::Args;
use fanlight_api::requests::{Ask, Asked, Request, Requests, State};
use fanlight_api::routes;
use fanlight_base::clock::{for_people, past_for_people};
use fanlight_base::{Outcome, Purl, Timestamp};

use super::client::{ClientError, Node};
use super::outcome::{Exit, Failure};
use super::screen::{Screen, Tone, visible};
use super::table::{Cell, Table};
use super::{Context, settings, thing};
use crate::clients::Surroundings;
use crate::clients::led::{for_ecosystem, led};

/// The arguments of `fanlight ask`.
#[derive(Debug, Args)]
pub struct AskArgs {
    /// A release: a purl, or PROJECT==VERSION [default: list what you have asked for]
    #[arg(value_name = "WHAT", requires = "because")]
    what: Option<String>,
    /// What you need it for, in one line: it stays in the record, so it names nobody
    #[arg(long, value_name = "WORDS", requires = "what")]
    because: Option<String>,
    /// Take a request of yours back
    #[arg(long, value_name = "REQUEST", conflicts_with = "what")]
    withdraw: Option<String>,
}

/// A node and in whose name it is asked.
struct Asking {
    node: Node,
    /// The client whose token it is; none where it is whoever runs the node.
    by: Option<&'static str>,
}

/// Asks in the name that the person's own client shows, because it is the client that was refused and the client that an
/// exception has to know.
fn find(context: &Context, ecosystem: &str) -> Result<Asking, Failure> {
    if context.global.state.is_none()
        && let Some(led) = led(&for_ecosystem(ecosystem), &Surroundings::of_this_process())
    {
        let by = Some(led.client.name());
        return Ok(Asking { node: Node::led(led)?, by });
    }
    let state = settings::state_folder(&context.global)?;
    match Node::find(&state) {
        Ok(node) => Ok(Asking { node, by: None }),
        Err(error) if error.is_not_running() => Err(Failure::from(error)
            .hint("`fanlight use pip`, or the like for your client, leads it to a node; then ask again")),
        Err(error) => Err(error.into()),
    }
}

/// Asks the node.
pub fn run(context: &mut Context, arguments: &AskArgs) -> Result<Exit, Failure> {
    if let Some(id) = &arguments.withdraw {
        return withdraw(context, id);
    }
    match (&arguments.what, &arguments.because) {
        (Some(what), Some(because)) => ask(context, &thing::purl(what)?, because),
        _ => list(context),
    }
}

fn ask(context: &mut Context, purl: &Purl, because: &str) -> Result<Exit, Failure> {
    let Asking { node, by } = find(context, purl.ecosystem())?;
    let ask = Ask { purl: purl.to_string(), because: because.to_owned() };
    let asked: Asked = node.post(routes::ASK, &ask).map_err(no)?;
    // What came of earlier ones is told, too; that it cannot be is no reason to say that this ask failed.
    let before = node.get::<Requests>(routes::OWN_REQUESTS, &[]).ok();
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&asked)?;
        return Ok(Exit::Good);
    }
    let request = &asked.request;
    let head = match asked.already {
        true => format!("{} is asked for already, since {}.", request.purl, past_for_people(request.asked)),
        false => format!("{} is asked for; a reviewer will answer.", request.purl),
    };
    screen.line(&screen.tone(&visible(&head), Tone::Bold))?;
    if let Some(reason) = &request.judged.reason {
        screen.line(&visible(&format!("It is {}: {reason}.", state_words(request))))?;
    }
    if asked.others > 0 {
        let others = if asked.others == 1 { "1 other person waits" } else { "others wait" };
        screen.line(&format!("{others} for it, too."))?;
    }
    if let Some(instead) = &asked.instead {
        screen.line(&visible(&format!("Meanwhile you can have {instead}.")))?;
    }
    if by.is_none() {
        screen.line(
            "If it is granted, it is for you by name: your client has to show it, which `fanlight use` sets up.",
        )?;
    }
    screen.line("`fanlight ask` tells what became of it.")?;
    let answered = before.map(|before| before.requests).unwrap_or_default();
    let news: Vec<_> = answered.into_iter().filter(is_news).collect();
    if !news.is_empty() {
        screen.line("")?;
        screen.line(&screen.tone("Answered since you asked last", Tone::Bold))?;
        table(&news).write(screen)?;
    }
    Ok(Exit::Good)
}

fn is_news(request: &Request) -> bool {
    request.answer.as_ref().is_some_and(|answer| !answer.seen) && request.state != State::Withdrawn
}

fn state_words(request: &Request) -> String {
    let (state, _) = thing::state(request.judged.outcome);
    let until = request.judged.until.filter(|_| request.judged.outcome == Outcome::Hold);
    until.map_or_else(|| state.to_owned(), |until| format!("{state} until {}", for_people(until)))
}

fn withdraw(context: &mut Context, id: &str) -> Result<Exit, Failure> {
    let node = find(context, "")?.node;
    let request: Request = node.delete(routes::WITHDRAW_REQUEST, id).map_err(no)?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&request)?;
    } else {
        let said = format!("{} is not asked for any more.", request.purl);
        screen.line(&screen.tone(&visible(&said), Tone::Bold))?;
    }
    Ok(Exit::Good)
}

fn list(context: &mut Context) -> Result<Exit, Failure> {
    let own: Requests = find(context, "")?.node.get(routes::OWN_REQUESTS, &[])?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&own)?;
        return Ok(Exit::Good);
    }
    if own.requests.is_empty() {
        screen.line("You have asked for nothing yet.")?;
        screen.line("Where a release is stopped that you need: fanlight ask PROJECT==VERSION --because \"...\"")?;
        return Ok(Exit::Good);
    }
    table(&own.requests).write(screen)?;
    if let Some(request) = own.requests.iter().find(|request| request.state == State::Waiting) {
        screen.line("")?;
        screen.line(&visible(&format!("Take it back with `fanlight ask --withdraw {}`.", request.id)))?;
    }
    Ok(Exit::Good)
}

fn table(requests: &[Request]) -> Table {
    let mut table = Table::new(["request", "what", "asked", "state", "until", "answer"]);
    for request in requests {
        let (state, tone) = state_of(request);
        table.row([
            Cell::from(&request.id),
            Cell::from(&request.purl),
            Cell::from(past_for_people(request.asked)),
            Cell::toned(state, tone),
            Cell::from(until(request)),
            Cell::from(request.answer.as_ref().map_or("", |answer| &answer.because)),
        ]);
    }
    table
}

/// Where a request stands, in a word.
pub(super) fn state_of(request: &Request) -> (&'static str, Tone) {
    let ended = |answer: &fanlight_api::requests::Answer| {
        answer.exception.as_ref().is_some_and(|one| one.ended.is_some() || one.until <= Timestamp::now())
    };
    match request.state {
        State::Waiting => ("waits", Tone::Wait),
        State::Granted if request.answer.as_ref().is_some_and(ended) => ("granted, ended", Tone::Faint),
        State::Granted => ("granted", Tone::Good),
        State::Refused => ("refused", Tone::Bad),
        State::Withdrawn => ("taken back", Tone::Faint),
        State::Over => ("not needed", Tone::Faint),
    }
}

/// When an exception that was granted ends or ended; for what waits, when the hold does.
pub(super) fn until(request: &Request) -> String {
    let granted = request.answer.as_ref().and_then(|answer| answer.exception.as_ref());
    match (granted, request.state) {
        (Some(one), _) => one.ended.map_or_else(|| for_people(one.until), past_for_people),
        (None, State::Waiting) => request.judged.until.map(for_people).unwrap_or_default(),
        (None, _) => String::new(),
    }
}

/// An answer that is no.
pub(super) fn no(error: ClientError) -> Failure {
    let is_no = matches!(&error, ClientError::Refused(problem) if [404, 409, 422, 429].contains(&problem.status));
    let failure = Failure::from(error);
    if is_no { failure.exit(Exit::No) } else { failure }
}

/// What the words of a screen need, for the commands beside.
pub(super) fn heading(screen: &mut Screen, title: &str) -> std::io::Result<()> {
    screen.line("")?;
    let title = screen.tone(title, Tone::Bold);
    screen.line(&title)
}
