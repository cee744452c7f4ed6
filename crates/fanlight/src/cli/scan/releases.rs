//! Releases, looked into by the running node: it fetches them through its door, with its upstreams and their logins, and sends what
//! was found. No archive comes to this machine.

use std::time::Instant;

use fanlight_api::routes;
use fanlight_api::scan::{Ask, Head, Scanned};
use fanlight_base::{Outcome, Purl};
use fanlight_scan::Report;

use super::Looked;
use super::bar::Bar;
use crate::cli::client::{ClientError, Node};
use crate::cli::outcome::{Exit, Failure};
use crate::cli::{Global, thing};

/// What the node found.
pub(super) struct Found {
    /// The rules it was found by.
    pub rules: String,
    /// Each file.
    pub looked: Vec<Looked>,
    /// What is to be said beside.
    pub notes: Vec<String>,
}

/// Whether a text means a release and not a place in the file system.
pub(super) fn is_release(what: &str) -> bool {
    let is_purl = what.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("pkg:"));
    (is_purl || what.contains("==")) && !std::path::Path::new(what).exists()
}

/// Has the node look into each of these.
pub(super) fn all(global: &Global, what: &[String], file: Option<&str>) -> Result<Found, Failure> {
    let purls = what.iter().map(|one| thing::purl(one)).collect::<Result<Vec<Purl>, _>>()?;
    let node = Node::asked(global)?;
    let mut found = Found { rules: String::new(), looked: Vec::new(), notes: Vec::new() };
    for purl in purls {
        one(&node, &purl, file, &mut found).map_err(|error| {
            let is_none = matches!(&error, ClientError::Refused(problem) if problem.status == 404);
            let failure = Failure::from(error);
            if is_none { failure.exit(Exit::No) } else { failure }
        })?;
    }
    Ok(found)
}

fn one(node: &Node, purl: &Purl, file: Option<&str>, found: &mut Found) -> Result<(), ClientError> {
    let ask = Ask { purl: purl.to_string(), file: file.map(str::to_owned) };
    let mut lines = node.lines(routes::SCAN, &ask)?;
    let head = lines.next_line()?.unwrap_or_default();
    let head: Head = lines.read(&head)?;
    if let (Outcome::Hold | Outcome::Deny, Some(reason)) = (head.judged.outcome, &head.judged.reason) {
        let (state, _) = thing::state(head.judged.outcome);
        found.notes.push(format!("{} is {state} here: {reason}", head.purl));
    }
    if !head.left_out.is_empty() && file.is_none() {
        let left = head.left_out.join(", ");
        found.notes.push(format!("not looked into, name one with --file: {left}"));
    }
    found.rules = head.rules;
    let bar = Bar::new(head.files.len());
    let mut since = Instant::now();
    while let Some(line) = lines.next_line()? {
        // An empty one says that the node is still there.
        if line.is_empty() {
            continue;
        }
        let Scanned { file, report, error, judged, .. } = lines.read(&line)?;
        // What was allowed by all that was known may be stopped by what was just found.
        if let Some(judged) = judged
            && head.judged.outcome <= Outcome::Mask
            && judged.outcome > Outcome::Mask
        {
            let (state, _) = thing::state(judged.outcome);
            let reason = judged.reason.unwrap_or_default();
            found.notes.push(format!("{file} of {} is {state} here, now that it was scanned: {reason}", head.purl));
        }
        let report = match report {
            Some(report) => serde_json::from_value::<Report>(report)
                .map_err(|source| ClientError::NotUnderstood { route: routes::SCAN, source })
                .map_err(Failure::from),
            None => Err(Failure::new(error.unwrap_or_else(|| "the node does not say why".to_owned()))),
        };
        bar.one_more(&file);
        let milliseconds = since.elapsed().as_secs_f64() * 1000.0;
        since = Instant::now();
        found.looked.push(Looked { path: format!("{}#{file}", head.purl), milliseconds, report });
    }
    Ok(())
}
