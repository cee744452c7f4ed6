//! How people come in and go: `fanlight steward-link`, the links of invitations, sessions, `fanlight leaver`.

use fanlight_api::account::{EndLogin, Ended, Invited, Leaver, LoginEnded, Sessions, Whom};
use fanlight_api::people::Card;
use fanlight_api::routes;
use fanlight_base::clock::{for_people, past_for_people};

use super::Context;
use super::client::Node;
use super::outcome::{Exit, Failure};
use super::people::{no, roles};
use super::screen::{Screen, Tone, visible};
use super::table::{Cell, Table};
use super::thing::count;

/// `fanlight steward-link`.
pub fn steward_link(context: &mut Context) -> Result<Exit, Failure> {
    let node = Node::asked(&context.global)?;
    let made = node.post(routes::FIRST_LINK, &serde_json::json!({})).map_err(no)?;
    invited(context, None, &made)
}

/// A link that was just made.
pub fn invited(context: &mut Context, name: Option<&str>, made: &Invited) -> Result<Exit, Failure> {
    let screen = &mut context.screen;
    if screen.json {
        screen.document(made)?;
        return Ok(Exit::Good);
    }
    let who = name
        .map_or_else(|| "Whoever opens it becomes the first steward".to_owned(), |name| format!("It is for {name}"));
    screen.line(&screen.tone(&made.link, Tone::Bold))?;
    let said =
        format!("{who}. It works once, until {}. Give it by a way that nobody else reads.", for_people(made.until));
    screen.line(&visible(&said))?;
    Ok(Exit::Good)
}

/// `fanlight people sessions NAME`.
pub fn sessions(context: &mut Context, node: &Node, name: &str, end: bool) -> Result<Exit, Failure> {
    let whom = Whom { person: name.to_owned() };
    if end {
        let ended: Ended = node.post(routes::END_SESSIONS, &whom).map_err(no)?;
        let screen = &mut context.screen;
        if screen.json {
            screen.document(&ended)?;
        } else {
            let said = format!("{} of {name} ended.", count(ended.sessions, "session"));
            screen.line(&screen.tone(&visible(&said), Tone::Bold))?;
        }
        return Ok(Exit::Good);
    }
    let sessions: Sessions = node.post(routes::SESSIONS, &whom).map_err(no)?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&sessions)?;
        return Ok(Exit::Good);
    }
    let mut table = Table::new(["browser", "since", "last used", "ends"]);
    for session in &sessions.sessions {
        let new = if session.new_browser { ", new when it logged in" } else { "" };
        let browser = format!("{}{new}", session.browser);
        table.row([
            Cell::from(browser),
            Cell::from(past_for_people(session.begun)),
            Cell::from(past_for_people(session.seen)),
            Cell::from(for_people(session.ends)),
        ]);
    }
    if table.is_empty() {
        screen.line(&visible(&format!("{name} is not logged in anywhere.")))?;
    } else {
        table.write(screen)?;
    }
    Ok(Exit::Good)
}

/// `fanlight people logins NAME`.
pub fn logins(context: &mut Context, node: &Node, name: &str) -> Result<Exit, Failure> {
    let card: Card = node.post(routes::CARD, &Whom { person: name.to_owned() }).map_err(no)?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&card)?;
        return Ok(Exit::Good);
    }
    let mut table = Table::new(["way", "what", "since", "last used"]);
    if card.has_password {
        let codes = count(card.recovery_codes, "recovery code");
        table.row([
            Cell::from("password"),
            Cell::from(format!("password and authenticator app, {codes} left")),
            Cell::from(card.account_since.map(past_for_people).unwrap_or_default()),
            Cell::from(String::new()),
        ]);
    }
    for passkey in &card.passkeys {
        table.row([
            Cell::from(&passkey.passkey),
            Cell::from(format!("the passkey {}", passkey.name)),
            Cell::from(past_for_people(passkey.created)),
            Cell::from(passkey.used.map_or_else(|| "never".to_owned(), past_for_people)),
        ]);
    }
    for provider in &card.providers {
        let way = format!("provider:{provider}");
        table.row([
            Cell::from(way),
            Cell::from("at that provider"),
            Cell::from(String::new()),
            Cell::from(String::new()),
        ]);
    }
    if table.is_empty() {
        let said = format!("{name} cannot log in: `fanlight people invite {name}` makes a link by which they can.");
        screen.line(&visible(&said))?;
    } else {
        table.write(screen)?;
    }
    if let Some(invitation) = &card.invitation {
        let role = invitation.role.map(|role| format!(", as {},", role.as_str())).unwrap_or_default();
        let until = for_people(invitation.until);
        screen.line(&visible(&format!("An invitation to {name}{role} is open until {until}.")))?;
    }
    Ok(Exit::Good)
}

/// `fanlight people logins NAME --end WAY`.
pub fn end_login(context: &mut Context, node: &Node, name: &str, way: &str) -> Result<Exit, Failure> {
    let ask = EndLogin { person: name.to_owned(), way: way.to_owned() };
    let ended: LoginEnded = node.post(routes::END_LOGIN, &ask).map_err(no)?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&ended)?;
        return Ok(Exit::Good);
    }
    let said = format!("{name} logs in by {} no more, and {} ended.", ended.way, count(ended.sessions, "session"));
    screen.line(&screen.tone(&visible(&said), Tone::Bold))?;
    let rest = if ended.can_log_in {
        format!("They log in as they did otherwise: `fanlight people logins {name}`.")
    } else {
        format!("They have no other way: `fanlight people invite {name}` makes a link by which they get one.")
    };
    screen.line(&visible(&rest))?;
    let others =
        format!("Tokens on their machines and keys of theirs go on: `fanlight leaver {name} --dry-run` lists them.");
    screen.line(&visible(&others))?;
    Ok(Exit::Good)
}

/// `fanlight leaver NAME`.
pub fn leaver(context: &mut Context, name: &str, dry_run: bool) -> Result<Exit, Failure> {
    let node = Node::asked(&context.global)?;
    let route = if dry_run { routes::LEAVER } else { routes::LEAVE };
    let leaver: Leaver = node.post(route, &Whom { person: name.to_owned() }).map_err(no)?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&leaver)?;
    } else {
        tell(screen, name, &leaver, dry_run)?;
    }
    Ok(if dry_run && leaver.last_steward { Exit::No } else { Exit::Good })
}

fn tell(screen: &mut Screen, name: &str, leaver: &Leaver, dry_run: bool) -> std::io::Result<()> {
    let head =
        if dry_run { format!("If {name} leaves, this ends at once:") } else { format!("{name} has left. This ended:") };
    screen.line(&screen.tone(&visible(&head), Tone::Bold))?;
    let list = |words: &[String]| if words.is_empty() { "none".to_owned() } else { words.join(", ") };
    let mut table = Table::new(["", ""]);
    for (what, which) in [
        ("account", if leaver.account { "one, with password and second factor".to_owned() } else { "none".to_owned() }),
        ("sessions", leaver.sessions.to_string()),
        ("tokens on machines", list(&leaver.machines)),
        ("roles", roles(&leaver.roles)),
        ("groups", list(&leaver.groups)),
        ("keys of their own", list(&leaver.keys)),
        ("exceptions for them alone", list(&leaver.exceptions)),
    ] {
        table.row([Cell::from(what), Cell::from(which)]);
    }
    table.write(screen)?;
    if !leaver.apps.is_empty() {
        let head =
            if dry_run { "Their apps go on, for packages only:" } else { "Their apps went on, for packages only:" };
        screen.line(&screen.tone(head, Tone::Bold))?;
        let mut table = Table::new(["app", "goes to", "keys"]);
        for app in &leaver.apps {
            let to = match (&app.successor, &app.successor_name) {
                (_, Some(name)) => name.clone(),
                (Some(id), None) => id.to_string(),
                (None, None) => "nobody: who answers requests is told".to_owned(),
            };
            table.row([Cell::from(&app.title), Cell::from(to), Cell::from(app.keys.to_string())]);
        }
        table.write(screen)?;
    }
    screen.line("What they did stays in the record under a pseudonym; `fanlight ledger erase` forgets the name.")?;
    if dry_run && leaver.last_steward {
        let said = "They are the last steward, or the last who can log in: make somebody one first who can (`fanlight people invite NAME --role steward`), or this is refused.";
        screen.line(&screen.tone(said, Tone::Wait))?;
    }
    Ok(())
}
