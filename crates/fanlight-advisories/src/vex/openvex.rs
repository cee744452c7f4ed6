//! OpenVEX to 0.2.0: the specification's data, with what statements inherit from their document.
//!
//! The first drafts wrote vulnerabilities and products as plain texts; both forms are read.

use std::sync::Arc;

use fanlight_base::limits;
use serde::Deserialize;

use super::{Document, Justification, Said, Status, VexError, ids, time};
use crate::advisory::Reading;
use crate::json::{Many, Text, list};
use crate::text;

const CONTEXT: &str = "https://openvex.dev/ns";

#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow, rename = "@id")]
    id: Text<'a>,
    #[serde(borrow)]
    author: Text<'a>,
    #[serde(borrow)]
    timestamp: Text<'a>,
    #[serde(borrow)]
    last_updated: Option<Text<'a>>,
    #[serde(borrow)]
    statements: Many<WrittenStatement<'a>, { limits::VEX_ENTRIES }>,
}

#[derive(Deserialize)]
struct WrittenStatement<'a> {
    #[serde(borrow)]
    vulnerability: Flaw<'a>,
    #[serde(borrow)]
    timestamp: Option<Text<'a>>,
    #[serde(borrow)]
    last_updated: Option<Text<'a>>,
    #[serde(borrow)]
    products: Option<Many<Product<'a>, { limits::VEX_ENTRIES }>>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    justification: Option<Text<'a>>,
    #[serde(borrow)]
    impact_statement: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Flaw<'a> {
    Plain(#[serde(borrow)] Text<'a>),
    Whole {
        #[serde(borrow)]
        name: Text<'a>,
        #[serde(borrow)]
        aliases: Option<Many<Text<'a>, { limits::ADVISORY_ALIASES }>>,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Product<'a> {
    Plain(#[serde(borrow)] Text<'a>),
    Whole {
        #[serde(borrow, rename = "@id")]
        id: Option<Text<'a>>,
        #[serde(borrow)]
        identifiers: Option<Identifiers<'a>>,
    },
}

#[derive(Deserialize)]
struct Identifiers<'a> {
    #[serde(borrow)]
    purl: Option<Text<'a>>,
}

impl Product<'_> {
    /// Its purls: the identifier, and the id where that is one and another.
    fn purls(&self) -> impl Iterator<Item = &str> {
        let (id, purl) = match self {
            Self::Plain(id) => (Some(id), None),
            Self::Whole { id, identifiers } => (id.as_ref(), identifiers.as_ref().and_then(|all| all.purl.as_ref())),
        };
        let purl = purl.map(|purl| purl.0.as_ref());
        let id = id.map(|id| id.0.as_ref()).filter(|id| id.starts_with("pkg:") && Some(*id) != purl);
        purl.into_iter().chain(id)
    }
}

/// Reads a document. [`VexError::Unknown`] where it is not OpenVEX at all.
pub fn read(bytes: &[u8], reading: &Arc<Reading>) -> Result<Document, VexError> {
    #[derive(Deserialize)]
    struct Head<'a> {
        #[serde(borrow, rename = "@context")]
        context: Option<Text<'a>>,
    }
    let head: Head<'_> = serde_json::from_slice(bytes).map_err(VexError::Malformed)?;
    let context = head.context.ok_or(VexError::Unknown)?.0;
    let version = context.strip_prefix(CONTEXT).ok_or(VexError::Unknown)?;
    if !matches!(version.trim_matches('/'), "" | "v0.0.1" | "v0.0.2" | "v0.1.0" | "v0.2.0") {
        return Err(VexError::Version(text::one_line(&context).into()));
    }
    let written: Written<'_> = serde_json::from_slice(bytes).map_err(VexError::Malformed)?;
    let issued = time(&written.timestamp.0)?;
    let changed = written.last_updated.as_ref().map(|text| time(&text.0)).transpose()?;
    let mut document = Document::new(&written.id.0, &written.author.0, changed.unwrap_or(issued).max(issued), reading)?;
    for statement in &written.statements.0 {
        let times = [&statement.timestamp, &statement.last_updated].into_iter().flatten();
        let times = times.map(|text| time(&text.0)).collect::<Result<Vec<_>, _>>()?;
        let at = times.into_iter().max().unwrap_or(issued);
        let flaws = match &statement.vulnerability {
            Flaw::Plain(name) => ids([&*name.0]),
            Flaw::Whole { name, aliases } => ids([&*name.0].into_iter().chain(list(aliases).iter().map(|a| &*a.0))),
        };
        let Some(said) = said(statement, flaws, at, &mut document) else { continue };
        for product in list(&statement.products) {
            for purl in product.purls() {
                if let Some(product) = document.product(purl) {
                    document.state(&product, &said)?;
                }
            }
        }
    }
    Ok(document)
}

/// The statement's words. `None`, with a note, for one that the specification does not take for whole.
fn said(
    statement: &WrittenStatement<'_>,
    flaws: Arc<[Box<str>]>,
    at: fanlight_base::Timestamp,
    document: &mut Document,
) -> Option<Said> {
    let status = match &*statement.status.0 {
        "not_affected" => Status::NotAffected,
        "affected" => Status::Affected,
        "fixed" => Status::Fixed,
        "under_investigation" => Status::UnderInvestigation,
        other => {
            document.note(|| format!("{:?} is no status", text::one_line(other)));
            return None;
        }
    };
    let justification = statement.justification.as_ref().and_then(|label| Justification::of_label(&label.0));
    let reason = statement.impact_statement.as_ref().map(|prose| text::one_line(&prose.0));
    let reason = reason.filter(|reason| !reason.is_empty());
    if flaws.is_empty() {
        document.note(|| "a statement that names no vulnerability".to_owned());
        return None;
    }
    if status == Status::NotAffected && justification.is_none() && reason.is_none() {
        document.note(|| format!("{}: not affected, and no reason why", flaws[0]));
        return None;
    }
    Some(Said { flaws, status, justification, reason, at })
}
