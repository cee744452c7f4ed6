//! One OSV record (schema 1.x) as it is written: the fields that matter here, borrowed from the bytes, and bounded.
//!
//! Knows the form and nothing of what it means. Fields that are not used are passed over without being built, however
//! deep or large; `null` stands for an empty list, as the schema allows.

use std::borrow::Cow;

use fanlight_base::limits;
use serde_json::value::RawValue;

use crate::json::{Many, Text};

#[derive(Debug, serde::Deserialize)]
pub struct Record<'a> {
    #[serde(borrow)]
    pub schema_version: Option<Text<'a>>,
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow)]
    pub modified: Text<'a>,
    #[serde(borrow)]
    pub published: Option<Text<'a>>,
    #[serde(borrow)]
    pub withdrawn: Option<Text<'a>>,
    #[serde(borrow)]
    pub aliases: Option<Many<Text<'a>, { limits::ADVISORY_ALIASES }>>,
    #[serde(borrow)]
    pub summary: Option<Text<'a>>,
    #[serde(borrow)]
    pub details: Option<Text<'a>>,
    #[serde(borrow)]
    pub severity: Option<Many<Score<'a>, { limits::ADVISORY_SEVERITIES }>>,
    #[serde(borrow)]
    pub affected: Option<Many<Affected<'a>, { limits::ADVISORY_AFFECTED }>>,
    #[serde(borrow)]
    pub references: Option<&'a RawValue>,
    #[serde(borrow)]
    pub database_specific: Option<&'a RawValue>,
}

#[derive(Debug, serde::Deserialize)]
pub struct Affected<'a> {
    #[serde(borrow)]
    pub package: Option<Package<'a>>,
    #[serde(borrow)]
    pub severity: Option<Many<Score<'a>, { limits::ADVISORY_SEVERITIES }>>,
    #[serde(borrow)]
    pub ranges: Option<Many<Range<'a>, { limits::ADVISORY_RANGES }>>,
    #[serde(borrow)]
    pub versions: Option<Many<Text<'a>, { limits::ADVISORY_VERSIONS }>>,
    #[serde(borrow)]
    pub ecosystem_specific: Option<&'a RawValue>,
    #[serde(borrow)]
    pub database_specific: Option<&'a RawValue>,
}

#[derive(Debug, serde::Deserialize)]
pub struct Package<'a> {
    #[serde(borrow)]
    pub ecosystem: Text<'a>,
    #[serde(borrow)]
    pub name: Text<'a>,
}

#[derive(Debug, serde::Deserialize)]
pub struct Score<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    #[serde(borrow)]
    pub score: Text<'a>,
}

#[derive(Debug, serde::Deserialize)]
pub struct Range<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    #[serde(borrow)]
    pub events: Many<Event<'a>, { limits::ADVISORY_EVENTS }>,
}

#[derive(Debug, serde::Deserialize)]
pub struct Event<'a> {
    #[serde(borrow)]
    pub introduced: Option<Text<'a>>,
    #[serde(borrow)]
    pub fixed: Option<Text<'a>>,
    #[serde(borrow)]
    pub last_affected: Option<Text<'a>>,
    #[serde(borrow)]
    pub limit: Option<Text<'a>>,
}

/// What is read of a block whose form its database chose. A value of another type than expected is passed over.
#[derive(Debug, Default)]
pub struct Specific<'a> {
    /// `severity`: a word.
    pub severity: Option<Cow<'a, str>>,
    /// `cvss`: a vector, as RustSec has it.
    pub cvss: Option<Cow<'a, str>>,
    /// `informational`: what kind of notice this is if it is no vulnerability, as RustSec has it.
    pub informational: Option<Cow<'a, str>>,
    /// `cwe_ids` and `categories`.
    pub labels: Vec<Cow<'a, str>>,
    /// `github_reviewed`: whether somebody other than its author has looked at the record, where it says.
    pub reviewed: Option<bool>,
}

/// Where a record says there is more to read: what it calls an advisory before any other page. Records differ much in
/// what they list, so what is no reference is passed over.
pub fn more(block: Option<&RawValue>) -> Option<Cow<'_, str>> {
    #[derive(serde::Deserialize)]
    struct Reference<'a> {
        #[serde(borrow, rename = "type")]
        kind: Option<Text<'a>>,
        #[serde(borrow)]
        url: Option<Text<'a>>,
    }
    let list = block.and_then(|block| serde_json::from_str(block.get()).ok());
    let Many(references): Many<Reference<'_>, { limits::ADVISORY_REFERENCES }> = list?;
    let rank = |kind: &Option<Text<'_>>| match kind.as_ref().map(|kind| kind.0.as_ref()) {
        Some("ADVISORY") => 0,
        Some("REPORT") => 1,
        Some("WEB" | "ARTICLE") => 2,
        _ => 3,
    };
    let addresses = references.into_iter().filter_map(|one| Some((rank(&one.kind), one.url?.0)));
    addresses.filter(|(_, url)| is_address(url)).min_by_key(|(rank, _)| *rank).map(|(_, url)| url)
}

/// Whether a text is an address that may be shown to people.
fn is_address(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://"))
        && text.len() <= limits::ADVISORY_TEXT_BYTES
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b'<' | b'>'))
}

impl<'a> Specific<'a> {
    /// What is known in a block.
    pub fn of(block: Option<&'a RawValue>) -> Self {
        #[derive(serde::Deserialize)]
        struct Fields<'a> {
            #[serde(borrow)]
            severity: Option<&'a RawValue>,
            #[serde(borrow)]
            cvss: Option<&'a RawValue>,
            #[serde(borrow)]
            informational: Option<&'a RawValue>,
            #[serde(borrow)]
            cwe_ids: Option<&'a RawValue>,
            #[serde(borrow)]
            categories: Option<&'a RawValue>,
            #[serde(borrow)]
            github_reviewed: Option<&'a RawValue>,
        }
        let fields = block.and_then(|block| serde_json::from_str::<Fields<'a>>(block.get()).ok());
        let Some(fields) = fields else { return Self::default() };
        let list = |value: Option<&'a RawValue>| {
            let list = value.and_then(|value| serde_json::from_str(value.get()).ok());
            let Many(texts): Many<Text<'a>, { limits::ADVISORY_LABELS }> = list.unwrap_or(Many(Vec::new()));
            texts
        };
        let labels = list(fields.cwe_ids).into_iter().chain(list(fields.categories));
        Self {
            severity: text(fields.severity),
            cvss: text(fields.cvss),
            informational: text(fields.informational),
            labels: labels.map(|Text(label)| label).collect(),
            reviewed: fields.github_reviewed.and_then(|value| serde_json::from_str(value.get()).ok()),
        }
    }
}

fn text(value: Option<&RawValue>) -> Option<Cow<'_, str>> {
    value.and_then(|value| serde_json::from_str::<Text<'_>>(value.get()).ok()).map(|Text(text)| text)
}
