//! What a person sees who starts a node: on standard output one line for programs, on standard error what is where and
//! what to do next.

use std::io::{self, Write as _};

use fanlight_base::Secret;
use fanlight_config::Config;
use fanlight_console::Board;
use fanlight_packages::AnyDoor;

use super::error::NodeError;

/// The doors as people are told of them: ecosystem, name, path.
const DOORS: [(&str, &str, &str); 3] =
    [("pypi", "Python door", "/pypi/simple/"), ("npm", "npm door", "/npm/"), ("cargo", "cargo door", "/cargo/")];

/// Says that the node serves.
///
/// `first_link`: how somebody becomes the first steward, where there is none.
pub fn ready(board: &Board, config: &Config, first_link: Option<&Secret<String>>) -> Result<(), NodeError> {
    let url = board.url.get().map_or("", String::as_str);
    let doors: String = DOORS
        .iter()
        .map(|(ecosystem, name, path)| {
            let upstream = board.upstream(ecosystem);
            let found = &upstream.found;
            let from =
                upstream.url.as_deref().map_or_else(|| format!("none: {found}"), |url| format!("{url} ({found})"));
            format!("\n  {name:<12}  {url}{path}\n  its upstream  {from}")
        })
        .collect();
    let state = config.state.display();
    let lines = format!(
        "Fanlight {version} is up.\n\
         {doors}\
         \n  state         {state}\
         \n  policies      {policies}\
         \n  ledger        {state}/ledger\n\
         \nNext: run `{program} use pip{at}` (or uv, npm, yarn, cargo), then install as always; `{program} why NAME{at}` explains.\
         \nCtrl-C stops it.\n",
        version = env!("CARGO_PKG_VERSION"),
        program = program(),
        at = state_flag(config),
        policies = config.policies_folder.display(),
    );
    say(&lines);
    if let Some(link) = first_link {
        say(&format!(
            "\nNobody is steward here yet. Open this link within 24 hours; it works once, and whoever opens it is the first:\
             \n  {}\n\n`{} steward-link{}` makes another.\n",
            link.expose_secret(),
            program(),
            state_flag(config)
        ));
    }
    let mut out = io::stdout().lock();
    writeln!(out, "ready {url}").and_then(|()| out.flush()).map_err(NodeError::state("writing to", "standard output"))
}

/// What other commands are told the state folder by, where this one was.
fn state_flag(config: &Config) -> String {
    let is_said = std::env::args().any(|argument| argument == "--state" || argument.starts_with("--state="));
    if is_said { format!(" --state {}", config.state.display()) } else { String::new() }
}

/// How this program was started: a freshly built one is not on the path.
fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "fanlight".to_owned())
}

/// Says that the node serves again, on another state. Standard output has its one line already.
pub fn again(board: &Board, origin: &str) {
    let url = board.url.get().map_or("", String::as_str);
    say(&format!("Fanlight is up again at {url}; its ledger is {origin}.\n"));
}

/// Says that the node leaves its state for another.
pub fn going_over() {
    say("Going over to a restored state: requests under way are finished first.\n");
}

/// Says that a client is asked for what the setting would say, where that takes a moment.
pub fn asking(door: &dyn AnyDoor) {
    // The client of an ecosystem has its name, but for Python's, which has several.
    let client = if door.ecosystem() == "pypi" { "pip" } else { door.ecosystem() };
    let setting = door.setting();
    say(&format!(
        "Asking {client} on this machine which index it uses, because none is set. This takes a few seconds, at the first \
         start only;\nset {setting} to spare it.\n"
    ));
}

/// Says that the node drains.
pub fn stopping() {
    say("Stopping: requests under way are finished first.\n");
}

/// Says that the node has ended.
pub fn stopped() {
    say("Stopped. Everything recorded is on disk.\n");
}

fn say(text: &str) {
    // Nobody reads it, or the terminal is gone: the node goes on.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
