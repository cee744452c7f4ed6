//! `fanlight sbom`: what a person, a machine, an app or everybody received here, as a bill of materials that other programs read.
//!
//! Owns what is put together; the two forms are in the files beside. Knows what was delivered by this node and claims no
//! more: how releases depend on one another, and what came by another way, it does not know, and says so.

mod cyclonedx;
mod spdx;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use fanlight_api::holdings::{Ask, Head, Holding};
use fanlight_api::routes;
use fanlight_api::who::Received;
use fanlight_base::{Purl, Timestamp};
use fanlight_store::Sha256;

use super::client::{ClientError, Node};
use super::outcome::{Exit, Failure};
use super::screen::visible;
use super::thing::count;
use super::{Context, new_file, thing};

/// The arguments of `fanlight sbom`.
#[derive(Debug, Args)]
pub struct SbomArgs {
    /// What this person received: a name, a pseudonym, or `unidentified`
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// What this app received: its id, or its title
    #[arg(long, value_name = "APP", conflicts_with_all = ["person", "machine"])]
    app: Option<String>,
    /// What was received on this machine: a name or a pseudonym
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,
    /// Only what was received since then: 2026-11-22T10:00Z, 2026-11-22, or a span back from now
    #[arg(long, value_name = "TIME", value_parser = thing::moment)]
    since: Option<Timestamp>,
    /// The form of the bill
    #[arg(long, value_enum, default_value_t = Form::Cyclonedx)]
    format: Form,
    /// The file to write, which must not exist yet [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The form of a bill of materials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// CycloneDX 1.6 (ECMA-424), JSON.
    Cyclonedx,
    /// SPDX 2.3 (ISO/IEC 5962), JSON.
    Spdx,
}

/// What a bill is made of.
struct Bill {
    /// Whose software it is, in words.
    subject: String,
    /// Whether the subject is a machine.
    is_machine: bool,
    /// The node that delivered it.
    node: String,
    /// When it was asked.
    at: Timestamp,
    /// Records that it cannot tell of yet.
    behind: u64,
    /// Releases by purl, and their files by name.
    releases: BTreeMap<String, BTreeMap<String, Delivered>>,
}

/// A file as it was delivered.
struct Delivered {
    /// Algorithm and hexadecimal digits, where the records say it.
    digest: Option<(String, String)>,
    received: Received,
    times: u64,
    first: Timestamp,
    last: Timestamp,
}

/// Asks the running node, and writes the bill.
pub fn run(context: &mut Context, arguments: &SbomArgs) -> Result<Exit, Failure> {
    let node = Node::asked(&context.global)?;
    let bill = gather(&node, arguments).map_err(|error| {
        let is_nobody = matches!(&error, ClientError::Refused(problem) if problem.status == 404);
        let failure = Failure::from(error);
        if is_nobody { failure.exit(Exit::No) } else { failure }
    })?;
    let document = match arguments.format {
        Form::Cyclonedx => cyclonedx::document(&bill),
        Form::Spdx => spdx::document(&bill),
    };
    let screen = &mut context.screen;
    let Some(path) = &arguments.output else {
        screen.document(&document)?;
        return Ok(Exit::Good);
    };
    new_file::write(path, |out| {
        let text = serde_json::to_vec_pretty(&document).map_err(Failure::new)?;
        out.write_all(&text).map_err(|error| new_file::failed(path, &error))
    })?;
    let releases = count(bill.releases.len() as u64, "release");
    screen.line(&visible(&format!("Wrote {releases} of the software of {} to {}.", bill.subject, path.display())))?;
    Ok(Exit::Good)
}

fn gather(node: &Node, arguments: &SbomArgs) -> Result<Bill, ClientError> {
    let SbomArgs { person, app, machine, since, .. } = arguments;
    let (of, by) = (person.clone(), app.clone());
    let ask = Ask { person: of, app: by, machine: machine.clone(), since: *since, ..Ask::default() };
    let mut lines = node.lines(routes::HOLDINGS, &ask)?;
    let head = lines.next_line()?.unwrap_or_default();
    let Head { origin, at, behind } = lines.read(&head)?;
    let subject = match (person.as_ref().or(app.as_ref()), machine) {
        (Some(person), Some(machine)) => format!("{person} on {machine}"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => "everybody".to_owned(),
    };
    let is_machine = machine.is_some();
    let mut bill = Bill { subject, is_machine, node: origin, at, behind, releases: BTreeMap::new() };
    while let Some(line) = lines.next_line()? {
        bill.take(lines.read(&line)?);
    }
    Ok(bill)
}

impl Bill {
    /// Adds what one caller received. Of a file that several did, the most is told.
    fn take(&mut self, one: Holding) {
        let digest = one.digest.as_deref().and_then(|digest| digest.split_once(':'));
        let digest = digest.map(|(algorithm, hex)| (algorithm.to_owned(), hex.to_owned()));
        let Holding { received, times, first, last, .. } = one;
        let files = self.releases.entry(one.release).or_default();
        match files.get_mut(&one.file) {
            Some(known) => {
                known.digest = known.digest.take().or(digest);
                known.received = most(known.received, received);
                known.times += times;
                known.first = known.first.min(first);
                known.last = known.last.max(last);
            }
            None => drop(files.insert(one.file, Delivered { digest, received, times, first, last })),
        }
    }

    /// Every release, as a purl and with its files.
    fn purls(&self) -> impl Iterator<Item = (Purl, &BTreeMap<String, Delivered>)> {
        self.releases.iter().filter_map(|(release, files)| Some((release.parse().ok()?, files)))
    }

    /// `urn:uuid:...`, made of what is in the bill and when it was asked: an RFC 9562 version 8.
    fn urn(&self) -> String {
        let mut text = format!("{}\n{}\n{}", self.node, self.subject, self.at);
        for (release, files) in &self.releases {
            for file in files.keys() {
                text.push_str(&format!("\n{release}\n{file}"));
            }
        }
        let mut hex = Sha256::of(text.as_bytes()).to_string();
        hex.replace_range(12..13, "8");
        hex.replace_range(16..17, "8");
        format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32])
    }
}

/// Which of two tells of more.
const fn most(one: Received, other: Received) -> Received {
    match (one, other) {
        (Received::Whole, _) | (_, Received::Whole) => Received::Whole,
        (Received::Already, _) | (_, Received::Already) => Received::Already,
        (one, _) => one,
    }
}

/// How a file was received, in a word.
const fn word(received: Received) -> &'static str {
    match received {
        Received::Whole => "whole",
        Received::Already => "already",
        Received::Part => "part",
        Received::AskedOnly => "asked-only",
        Received::Nothing => "nothing",
    }
}
