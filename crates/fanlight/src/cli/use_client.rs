//! `fanlight use`: leads a client to the door, shows what that writes, or puts back what was there.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use fanlight_api::tokens::{Ask, IndexParts, Made, Revoked};
use fanlight_api::{NodeFile, routes};
use fanlight_base::DeviceId;
use serde::Serialize;
use url::Url;

use super::client::Node;
use super::offline::Offline;
use super::outcome::{Exit, Failure};
use super::screen::{Screen, Tone, visible};
use super::{Context, Global, settings};
use crate::clients::installed::{How, Plan, undo};
use crate::clients::{Beside, Client, Setting, Surroundings, Turn, hide_tokens, index_url, owner};

mod elsewhere;
mod pending;

/// What stands in the place of a token that is not made.
const NO_TOKEN: &str = "flk_…";

/// The arguments of `fanlight use`.
#[derive(Debug, Args)]
pub struct UseArgs {
    /// The client
    client: Client,
    /// Show what would be written; make no token, write nothing
    #[arg(long, conflicts_with = "undo")]
    print: bool,
    /// Put back exactly what was there before, and end the token
    #[arg(long, conflicts_with = "person")]
    undo: bool,
    /// Whose machine this is [default: the name you are logged in with]
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// Lead it to the node at this address, https://HOST:PORT, by a key: from FANLIGHT_KEY or standard input
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["print", "undo", "person"])]
    at: Option<String>,
    /// The root certificate of that node's own authority, where it has one
    #[arg(long, value_name = "FILE", requires = "at")]
    ca: Option<PathBuf>,
}

/// What was done, for a program.
#[derive(Debug, Serialize)]
struct Done<'a> {
    client: &'a str,
    file: &'a Path,
    written: bool,
    person: Option<&'a str>,
    machine: Option<&'a str>,
    device: Option<&'a str>,
    beside: &'a [Beside],
}

/// Does it.
pub fn run(context: &mut Context, arguments: &UseArgs) -> Result<Exit, Failure> {
    let state = settings::state_folder(&context.global)?;
    match &arguments.at {
        Some(address) => elsewhere::lead(context, arguments, address, &state),
        None if arguments.undo => put_back(context, arguments.client, &state),
        None => lead(context, arguments, &state),
    }
}

fn lead(context: &mut Context, arguments: &UseArgs, state: &Path) -> Result<Exit, Failure> {
    let client = arguments.client;
    let around = Surroundings::of_this_process();
    let person = arguments.person.clone().or_else(|| owner::person(&around)).ok_or_else(|| {
        Failure::usage("your name is neither in the environment nor in the machine's list of users")
            .hint("say it: --person NAME")
    })?;
    if person.trim().is_empty() || person.chars().any(char::is_control) {
        return Err(Failure::usage(format!("{person:?} is no person's name")));
    }
    let machine = owner::machine();
    let node = Node::find(state)?;
    let _turn = (!arguments.print).then(|| Turn::take(state)).transpose()?;
    let plan = Plan::of(client, state, &around)?;
    let root = node.authority.clone();
    // All that can fail without a token fails before there is one.
    let draft = setting(&parts_of(&node.about)?, &person, NO_TOKEN, root.as_ref().map(|_| plan.root.as_path()));
    let draft =
        Shown { person: &person, machine: &machine, device: None, text: plan.text(&draft)?, has_root: root.is_some() };
    if arguments.print {
        let beside = plan.beside(&around, &draft.text, &parts_of(&node.about)?.host);
        return show(context, &plan, &draft, &beside, false);
    }

    pending::end_all(state, &node);
    let ask = Ask { person: person.clone(), machine: machine.clone(), client: Some(client.name().to_owned()) };
    let made: Made = node.post(routes::MAKE_TOKEN, &ask)?;
    let setting = setting(&made.index, &person, &made.token, root.as_ref().map(|_| plan.root.as_path()));
    let text = plan.text(&setting)?;
    let roots = root.as_deref().map(|own| plan.roots(&around, own));
    if let Err(error) = plan.write(state, &setting, roots.as_deref(), made.device.clone()) {
        // A token that stands nowhere is of no use to its owner, and of some to whoever finds it.
        let _ = node.delete::<Revoked>(routes::REVOKE_TOKEN, made.device.as_str());
        return Err(error.into());
    }
    let is_token = |earlier: &&DeviceId| **earlier != made.device && earlier.as_str().starts_with("dev_");
    if let Some(earlier) = plan.earlier_device().filter(is_token)
        && let Err(error) = node.delete::<Revoked>(routes::REVOKE_TOKEN, earlier.as_str())
        && !pending::is_settled(&error)
    {
        pending::keep(state, earlier)?;
        context.screen.aside("The token used until now could not be ended; the next `fanlight use` ends it.");
    }
    let beside = plan.beside(&around, &text, &made.index.host);
    let shown = Shown {
        person: &person,
        machine: &machine,
        device: Some(made.device.as_str()),
        text,
        has_root: root.is_some(),
    };
    let led = show(context, &plan, &shown, &beside, true)?;
    if let Some(why) = &made.no_upstream {
        let (screen, state) = (&mut context.screen, state.display());
        screen.aside(&format!(
            "The node has no upstream for {client} yet, so {client} gets an error for everything: {why}."
        ));
        screen.aside(&format!("  Set it in {state}/fanlight.toml and start the node again, or take this back: fanlight use {client} --undo"));
    }
    if plan.is_led_by_another() {
        context
            .screen
            .aside("Until now another state folder led it, or one that is gone. Its token is for that node to end:");
        context
            .screen
            .aside(&format!("  fanlight use {client} --undo --state ITS-FOLDER, which leaves this as it is."));
    }
    Ok(led)
}

fn setting(parts: &IndexParts, person: &str, token: &str, root: Option<&Path>) -> Setting {
    // The ellipsis of a token that is not shown is no part of an address; it is put in behind the encoding.
    let url = if token == NO_TOKEN {
        index_url(parts, person, "flk_").replacen(":flk_@", &format!(":{NO_TOKEN}@"), 1)
    } else {
        index_url(parts, person, token)
    };
    Setting { index_url: url, root: root.map(|path| path.display().to_string()) }
}

/// The parts of the index's address as they follow from where the node serves.
fn parts_of(about: &NodeFile) -> Result<IndexParts, Failure> {
    let url =
        Url::parse(&about.url).map_err(|error| Failure::new(format!("{:?} is no address: {error}", about.url)))?;
    let host = url.host_str().ok_or_else(|| Failure::new(format!("{:?} names no host", about.url)))?.to_owned();
    let port = url.port_or_known_default().unwrap_or_default();
    Ok(IndexParts { scheme: url.scheme().to_owned(), host, port, path: "/pypi/simple/".to_owned() })
}

struct Shown<'a> {
    person: &'a str,
    machine: &'a str,
    device: Option<&'a str>,
    text: String,
    has_root: bool,
}

fn show(
    context: &mut Context,
    plan: &Plan,
    shown: &Shown<'_>,
    beside: &[Beside],
    written: bool,
) -> Result<Exit, Failure> {
    let screen = &mut context.screen;
    if screen.json {
        let (person, machine) = (Some(shown.person), Some(shown.machine));
        let client = plan.client.name();
        screen.document(&Done { client, file: &plan.file, written, person, machine, device: shown.device, beside })?;
        return Ok(Exit::Good);
    }
    let head = if written {
        format!("{} goes through Fanlight now, as {} on {}.", plan.client, shown.person, shown.machine)
    } else {
        format!("`fanlight use {}` would write this; nothing was changed.", plan.client)
    };
    let head = screen.tone(&visible(&head), Tone::Bold);
    screen.line(&head)?;
    screen.line("")?;
    let file = visible(&plan.file.to_string_lossy()).into_owned();
    screen.line(&screen.tone(&file, Tone::Faint))?;
    for line in hide_tokens(&shown.text).lines() {
        screen.line(&format!("  {}", visible(line)))?;
    }
    warn(screen, beside)?;
    if shown.has_root && plan.client == Client::Uv {
        screen.line("")?;
        let root = plan.root.display();
        screen.line("uv has no setting for further roots; name them in the environment, beside those it has now:")?;
        screen.line(&format!("  export SSL_CERT_FILE={root}"))?;
    }
    if shown.has_root && plan.client == Client::Cargo {
        screen.line("")?;
        screen.line("cargo is told of roots by the environment:")?;
        screen.line(&format!("  export CARGO_HTTP_CAINFO={}", plan.root.display()))?;
    }
    if written {
        screen.line("")?;
        screen.line(&format!("Back to what was there before: fanlight use {} --undo", plan.client))?;
    }
    Ok(Exit::Good)
}

fn warn(screen: &mut Screen, beside: &[Beside]) -> io::Result<()> {
    if beside.is_empty() {
        return Ok(());
    }
    screen.line("")?;
    screen.line(&screen.tone("Beside the door", Tone::Wait))?;
    for way in beside {
        screen.line(&visible(&format!("  {}: {}.", way.what, way.effect)))?;
        screen.line(&visible(&format!("    to end that: {}", way.fix)))?;
    }
    Ok(())
}

fn put_back(context: &mut Context, client: Client, state: &Path) -> Result<Exit, Failure> {
    // Where nothing was ever led from here there is nobody to take turns with.
    let _turn = state.join("clients").is_dir().then(|| Turn::take(state)).transpose()?;
    let undone = undo(client, state, &Surroundings::of_this_process())?;
    let key = undone.device.clone().filter(|device| device.as_str().starts_with("key_"));
    let token = match (&undone.device, &key) {
        (_, Some(_)) | (None, _) => None,
        (Some(device), None) => Some(end_token(&context.global, state, device)?),
    };
    let screen = &mut context.screen;
    if screen.json {
        #[derive(Serialize)]
        struct Done<'a> {
            client: &'a str,
            file: &'a Path,
            how: &'a str,
            token_ended: bool,
        }
        let how = match undone.how {
            How::Restored => "restored",
            How::Removed => "removed",
            How::TakenOut => "taken-out",
            How::NothingLeft => "nothing-left",
            How::OfAnother => "of-another",
        };
        screen.document(&Done {
            client: client.name(),
            file: &undone.file,
            how,
            token_ended: token == Some(Token::Ended),
        })?;
        return Ok(Exit::Good);
    }
    let file = undone.file.display();
    let head = match undone.how {
        How::Restored => format!("{file} is again, byte for byte, what it was before."),
        How::Removed => format!("{file} is removed, as there was none before."),
        How::TakenOut => {
            format!("{file} was edited since; only what is Fanlight's was taken out, and your edits stay.")
        }
        How::NothingLeft => {
            format!("{file} holds nothing any more that this state folder wrote, so it was left as it is.")
        }
        How::OfAnother => {
            format!("What Fanlight had written into {file} is taken out; your own lines are as they were.")
        }
    };
    screen.line(&screen.tone(&visible(&head), Tone::Bold))?;
    if let Some(key) = key {
        screen.line(&visible(&format!("The key stays good until somebody ends it: fanlight keys revoke {key}")))?;
        return Ok(Exit::Good);
    }
    screen.line(match token {
        Some(Token::Ended) => "The token is ended.",
        Some(Token::Later) => {
            "No node runs, so the token is ended by the next `fanlight use`, or by `--undo`, while one does."
        }
        None => "It came from another state folder than this one, or from one that is gone.",
    })?;
    if token.is_none() {
        let here = state.display();
        screen.line(&visible(&format!(
            "  {here} knows nothing of its token. If its node is still there, that one ends it:"
        )))?;
        screen.line(&format!("  fanlight use {client} --undo --state ITS-FOLDER"))?;
    }
    Ok(Exit::Good)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Ended,
    Later,
}

/// Ends a token with the running node, without one under its locks, or remembers to.
fn end_token(global: &Global, state: &Path, device: &DeviceId) -> Result<Token, Failure> {
    pending::keep(state, device)?;
    let ended = match Node::find(state) {
        Ok(node) => pending::end_all(state, &node),
        Err(error) if error.is_not_running() && state.join("ledger").is_dir() => {
            let offline = Offline::open(global, state);
            let ended = offline.and_then(|offline| {
                let ended = offline.revoke(device);
                offline.close();
                ended
            });
            ended.is_ok() && pending::forget(state, device)
        }
        Err(_) => false,
    };
    Ok(if ended { Token::Ended } else { Token::Later })
}
