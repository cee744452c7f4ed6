//! Pages by example: what is read, what is left out, what stops the page.

use std::fmt::Write as _;

use super::*;
use crate::pypi::formats::name::RefusedName;

mod hostile;
mod html;
mod json;
mod posing;

pub(super) const JSON: &str = "application/vnd.pypi.simple.v1+json";
pub(super) const HTML: &str = "text/html; charset=UTF-8";
pub(super) const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
pub(super) const OTHER_HASH: &str = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";

pub(super) fn page_url() -> Url {
    Url::parse("https://upstream.example/simple/foo/").unwrap()
}

pub(super) fn json(body: &str) -> Result<Index, IndexError> {
    parse("Foo", Some(JSON), &page_url(), body.as_bytes())
}

pub(super) fn html(body: &str) -> Index {
    parse("foo", Some(HTML), &page_url(), body.as_bytes()).unwrap()
}

/// A page with these files, each the inside of a JSON object.
pub(super) fn with_files(files: &[&str]) -> Index {
    let files: Vec<_> = files.iter().map(|file| format!("{{{file}}}")).collect();
    json(&format!(r#"{{"meta":{{"api-version":"1.4"}},"name":"foo","files":[{}]}}"#, files.join(","))).unwrap()
}

pub(super) fn notes(index: &Index) -> String {
    let mut out = String::new();
    for note in &index.notes {
        let _ = writeln!(out, "{note}");
    }
    out
}
