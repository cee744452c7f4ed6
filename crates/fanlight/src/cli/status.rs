//! `fanlight status`: how the node is, on one screen.

use std::io;
use std::path::Path;

use fanlight_api::{Status, routes};
use fanlight_base::Timestamp;
use fanlight_base::clock::{for_people, past_for_people};

use serde::Serialize;

use super::Context;
use super::client::Node;
use super::outcome::{Exit, Failure};
use super::screen::{Screen, Tone, visible};
use super::thing::{bytes, count, grouped};
use crate::clients::saved::{Led, led_elsewhere};

/// Asks the running node; 1 where it cannot do its work now.
pub fn run(context: &mut Context) -> Result<Exit, Failure> {
    let state = super::settings::state_folder(&context.global)?;
    let node = Node::asked(&context.global)?;
    let status: Status = match node.get(routes::STATUS, &[]) {
        Ok(status) => status,
        // A node that cannot record answers nothing about itself, but that it is not ready, and why.
        Err(error) => match node.why_not_ready() {
            Some(why) => return not_ready(context, &node.about.url, &state, &why),
            None => return Err(error.into()),
        },
    };
    let here = status.address.split_once("://").map_or(status.address.as_str(), |(_, here)| here);
    let elsewhere = led_elsewhere(&state, here);
    if context.screen.json {
        #[derive(Serialize)]
        struct Shown<'a> {
            #[serde(flatten)]
            status: &'a Status,
            clients_led_elsewhere: &'a [Led],
        }
        context.screen.document(&Shown { status: &status, clients_led_elsewhere: &elsewhere })?;
    } else {
        show(&mut context.screen, &status, Timestamp::now())?;
        for led in &elsewhere {
            let Led { client, file, leads_to } = led;
            let file = file.display();
            let words = format!(
                "{client} is led to {leads_to}, where this node is not, by {file}; run `fanlight use {client}` again"
            );
            field(&mut context.screen, "clients", &words)?;
        }
    }
    Ok(if status.ready { Exit::Good } else { Exit::No })
}

/// All that a node says which cannot keep its record.
fn not_ready(context: &mut Context, url: &str, state: &Path, why: &str) -> Result<Exit, Failure> {
    if context.screen.json {
        #[derive(Serialize)]
        struct Shown<'a> {
            ready: bool,
            address: &'a str,
            state: &'a Path,
            why: &'a str,
        }
        context.screen.document(&Shown { ready: false, address: url, state, why })?;
        return Ok(Exit::No);
    }
    let screen = &mut context.screen;
    let head = format!("{} at {}: {}", screen.tone("Not ready", Tone::Bad), visible(url), state.display());
    screen.line(&head)?;
    screen.line("")?;
    field(screen, "why", why)?;
    field(
        screen,
        "",
        "it goes on by itself when that is over; until then it tells nothing else, as it could not record it",
    )?;
    Ok(Exit::No)
}

/// The words for people.
pub(super) fn show(screen: &mut Screen, status: &Status, now: Timestamp) -> io::Result<()> {
    let (word, tone) = if status.ready { ("Ready", Tone::Good) } else { ("Not ready", Tone::Bad) };
    let head = format!("{} at {}: {}", screen.tone(word, tone), visible(&status.address), visible(&status.state));
    screen.line(&head)?;
    screen.line("")?;
    let up = fanlight_base::words::span(fanlight_base::words::minutes_between(status.started, now));
    field(screen, "version", &format!("{}, up for {up}", status.version))?;
    if status.upstreams.is_empty() {
        field(screen, "upstreams", "none; set packages.pypi.upstream")?;
    }
    for upstream in &status.upstreams {
        let reach = match upstream.reachable {
            Some(true) => "reachable",
            Some(false) => "not reachable",
            None => "not asked yet",
        };
        let url = upstream.url.as_deref().unwrap_or("none found");
        field(screen, &upstream.ecosystem, &format!("{url} ({}), {reach}", upstream.found))?;
        if let (Some(error), false) = (&upstream.last_error, upstream.reachable == Some(true)) {
            let at = upstream.last_error_at.map(|at| format!(" at {}", past_for_people(at))).unwrap_or_default();
            field(screen, "", &format!("last error{at}: {error}"))?;
        }
    }
    for issuer in &status.issuers {
        let asked = match issuer.asked {
            Some(at) => format!("{}, told at {}", count(issuer.keys, "key"), past_for_people(at)),
            None => "no keys yet, so nobody calls with its tokens".to_owned(),
        };
        field(screen, "issuer", &format!("{} ({}), {asked}", issuer.name, issuer.issuer))?;
        if let Some(error) = &issuer.last_error {
            let at = issuer.last_error_at.map(|at| format!(" at {}", past_for_people(at))).unwrap_or_default();
            field(screen, "", &format!("last error{at}: {error}; its keys count an hour after they were told"))?;
        }
    }
    let policies = &status.policies;
    let own = format!(
        "{} in {}",
        count(policies.company, "company policy").replace("policys", "policies"),
        count(policies.files, "file")
    );
    field(
        screen,
        "policies",
        &format!("{} built in, {own}; epoch {}, digest {}", policies.built_in, policies.epoch, policies.digest),
    )?;
    if let Some(fault) = &policies.last_fault {
        // A fault of the folder as a whole has no line.
        let place = match fault.line {
            0 => fault.file.clone(),
            line => format!("{}:{line}:{}", fault.file, fault.column),
        };
        field(screen, "", &format!("the newest change was not taken: {place}: {}", fault.message))?;
    }
    if let Some(why) = &policies.waiting {
        field(screen, "", &format!("changed policies wait: {why}"))?;
    }
    if status.quarantines > 0 {
        let words = format!(
            "{} in quarantine; `fanlight quarantine --list`",
            match status.quarantines {
                1 => "1 release or project".to_owned(),
                more => format!("{} releases or projects", grouped(more)),
            }
        );
        field(screen, "stopped", &words)?;
    }
    for exception in &status.exceptions {
        let (whom, by) =
            (exception.audience.as_deref().unwrap_or("everybody"), exception.by.as_ref().unwrap_or(&exception.role));
        let words = format!(
            "{} passes for {whom} until {}, past {}, by {by}: {} ({})",
            exception.purl,
            for_people(exception.until),
            exception.policies.join(", "),
            exception.because,
            exception.id
        );
        let words = screen.tone(&visible(&words), Tone::Wait);
        screen.line(&format!("  {} {words}", screen.tone(&format!("{:<10}", "EXCEPTION"), Tone::Wait)))?;
    }
    let ledger = &status.ledger;
    field(
        screen,
        "ledger",
        &format!(
            "{}, {} published, origin {}",
            count(ledger.durable, "record"),
            grouped(ledger.published),
            status.origin
        ),
    )?;
    if let Some(failing) = &ledger.failing {
        let since = ledger.failing_since.map(|at| format!(" since {}", past_for_people(at))).unwrap_or_default();
        field(screen, "", &format!("cannot write{since}, so doors refuse: {failing}"))?;
    }
    if status.projection_behind > 0 {
        field(screen, "", &format!("`why` and `who` are {} behind", count(status.projection_behind, "record")))?;
    }
    let cache = &status.cache;
    field(
        screen,
        "files",
        &format!("{}, {} of {}", count(cache.files, "file"), bytes(cache.bytes), bytes(cache.limit)),
    )?;
    field(screen, "devices", &format!("{} with a token", count(status.devices, "device")))?;
    let Some(advisories) = &status.advisories else { return Ok(()) };
    let known = count(advisories.records, "advisory");
    field(screen, "advisories", &format!("{known} of {}", count(advisories.feeds, "feed")))?;
    for feed in &advisories.unwell {
        field(screen, "", feed)?;
    }
    if advisories.hits > 0 {
        let hits = count(advisories.hits, "malicious release");
        field(screen, "", &format!("{hits} received here; `fanlight advisories status` says which"))?;
    }
    Ok(())
}

fn field(screen: &mut Screen, name: &str, value: &str) -> io::Result<()> {
    let name = screen.tone(&format!("{:<10}", visible(name)), Tone::Faint);
    screen.line(&format!("  {name} {}", visible(value)))
}
