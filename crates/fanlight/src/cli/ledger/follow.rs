//! `fanlight ledger show --follow`: shows what comes until Ctrl-C, over every end and start of the node.
//!
//! Invariant: a record is shown once, in order. After a cut it asks for what follows the last record shown; a ledger
//! under another origin (after a restore) is shown from its beginning, and that is said.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use fanlight_api::ledger::{Ask, Head, Line, SoFar};
use fanlight_api::routes;
use fanlight_console::ledger::SHOW;
use tokio::signal::unix::{SignalKind, signal};

use super::desk::{self, Desk};
use super::show::{nothing, of_files, write};
use crate::cli::Context;
use crate::cli::client::{ClientError, Next, Node};
use crate::cli::outcome::{Exit, Failure};
use crate::cli::screen::{Screen, visible};

/// How long nothing is looked at but Ctrl-C.
const MOMENT: Duration = Duration::from_millis(250);

/// How far the reader is: in which ledger, and the number of the next record.
struct Place {
    origin: String,
    next: u64,
}

/// How a stay at the node ended.
enum Left {
    /// By Ctrl-C.
    Told,
    /// The node went away.
    NodeGone,
    /// Its ledger is another one now; it is to be read from the beginning.
    OtherLedger,
}

/// Shows, and goes on showing.
pub(super) fn run(context: &mut Context, state: &Path, ask: &Ask) -> Result<Exit, Failure> {
    let told = Told::listen()?;
    let mut place = None;
    let mut at = match desk::open(context, state, None, SHOW)? {
        Desk::Node(node) => Some(*node),
        Desk::Recorded(files, own) => {
            let Head { origin, size } = of_files(&mut context.screen, *files, own, Some(state), ask)?;
            place = Some(Place { origin, next: size });
            None
        }
        // A copy does not grow; the grammar lets nobody ask for it.
        Desk::Bare(_) => None,
    };
    let screen = &mut context.screen;
    let mut first = true;
    loop {
        if let Some(node) = at.take() {
            match stay(screen, &node, ask, &mut place, &told) {
                Ok(Left::Told) => return Ok(Exit::Good),
                Ok(Left::OtherLedger) => {
                    at = Some(node);
                    continue;
                }
                Ok(Left::NodeGone) => say(screen, "The node ended"),
                // Where it was never reached, that is the answer; afterwards it is between its end and its start.
                Err(Cut::Node(error)) if error.is_gone() && !first => {}
                Err(Cut::Node(error)) => return Err(error.into()),
                Err(Cut::Screen(failure)) => return Err(failure),
            }
        } else if first {
            say(screen, &format!("No node runs on {}, so nothing comes", state.display()));
        }
        first = false;
        screen.flush()?;
        loop {
            if told.within(MOMENT) {
                return Ok(Exit::Good);
            }
            match Node::find(state) {
                Ok(node) => break at = Some(node),
                Err(error) if error.is_not_running() => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn say(screen: &mut Screen, what: &str) {
    screen.aside(&visible(&format!("{what}; waiting for one to start. Ctrl-C ends this.")));
}

/// Why the showing cannot go on.
enum Cut {
    Node(ClientError),
    Screen(Failure),
}

impl From<ClientError> for Cut {
    fn from(error: ClientError) -> Self {
        Self::Node(error)
    }
}

impl From<Failure> for Cut {
    fn from(failure: Failure) -> Self {
        Self::Screen(failure)
    }
}

/// Reads at one node until it ends.
fn stay(screen: &mut Screen, node: &Node, ask: &Ask, place: &mut Option<Place>, told: &Told) -> Result<Left, Cut> {
    let from = place.as_ref().map(|place| place.next);
    let mut lines = node.lines(routes::SHOW_RECORDS, &Ask { from, ..ask.clone() })?;
    let mut head: Option<Head> = None;
    let mut come: Vec<Line> = Vec::new();
    loop {
        if told.within(Duration::ZERO) {
            return Ok(Left::Told);
        }
        let line = match lines.next(MOMENT) {
            Ok(Next::Line(line)) => line,
            Ok(Next::Nothing) => continue,
            Ok(Next::End) => return Ok(Left::NodeGone),
            Err(error) if error.is_gone() => return Ok(Left::NodeGone),
            Err(error) => return Err(error.into()),
        };
        let Some(head) = &head else {
            let read: Head = lines.read(&line)?;
            if place.as_ref().is_some_and(|place| place.origin != read.origin) {
                screen.aside(&visible(&format!("The ledger goes on as {}.", read.origin)));
                *place = Some(Place { origin: read.origin, next: 0 });
                return Ok(Left::OtherLedger);
            }
            head = Some(read);
            continue;
        };
        if let Ok(SoFar { so_far }) = lines.read(&line) {
            if place.is_none() {
                nothing(screen, come.is_empty(), head.size);
            }
            *place = Some(Place { origin: head.origin.clone(), next: so_far });
            write(screen, &come)?;
            come.clear();
            screen.flush().map_err(Failure::from)?;
        } else if !line.is_empty() {
            come.push(lines.read(&line)?);
        }
    }
}

/// Whether Ctrl-C was pressed.
struct Told(Receiver<()>);

impl Told {
    /// From here on Ctrl-C ends nothing by itself.
    fn listen() -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::new)?;
        let mut pressed = {
            let _within = runtime.enter();
            signal(SignalKind::interrupt()).map_err(Failure::new)?
        };
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            runtime.block_on(pressed.recv());
            // Nobody waits for it where the command has ended otherwise.
            let _ = sender.send(());
        });
        Ok(Self(receiver))
    }

    fn within(&self, time: Duration) -> bool {
        !matches!(self.0.recv_timeout(time), Err(RecvTimeoutError::Timeout))
    }
}
