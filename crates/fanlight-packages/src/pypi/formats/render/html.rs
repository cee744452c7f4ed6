//! The HTML form, frozen by PEP 833: what the PEPs name and nothing else.

use std::fmt::{self, Write as _};

use super::{Hex, NEWEST_VERSION, Verdict, file_address, yanked};
use crate::pypi::formats::index::{FRAGMENT_ALGORITHMS, Index, Status};

/// A project's page.
pub(super) fn project(index: &Index, verdicts: &[Verdict]) -> Vec<u8> {
    let mut out = String::with_capacity(index.files.len() * 768 + 512);
    head(&mut out);
    if index.project_status.status != Status::Active {
        let status = Escaped(index.project_status.status.as_str());
        let _ = writeln!(out, r#"<meta name="pypi:project-status" content="{status}">"#);
    }
    if let Some(reason) = &index.project_status.reason {
        let _ = writeln!(out, r#"<meta name="pypi:project-status-reason" content="{}">"#, Escaped(reason));
    }
    let name = Escaped(&index.name);
    let _ = writeln!(out, "<title>Links for {name}</title>\n</head>\n<body>\n<h1>Links for {name}</h1>");
    for (file, verdict) in index.files.iter().zip(verdicts) {
        let address = file_address(&index.name, &file.filename);
        let _ = write!(out, r#"<a href="{}"#, Escaped(&address));
        if let Some(sha256) = file.hashes.sha256 {
            let _ = write!(out, "#sha256={}", Hex::of(sha256).as_str());
        } else if let Some((algorithm, value)) =
            file.hashes.others.iter().find(|(name, _)| FRAGMENT_ALGORITHMS.contains(&&**name))
        {
            let _ = write!(out, "#{}={}", Escaped(algorithm), Escaped(value));
        }
        out.push('"');
        if let Some(requires) = &file.requires_python {
            let _ = write!(out, r#" data-requires-python="{}""#, Escaped(requires));
        }
        if let Some(reason) = yanked(verdict, file) {
            let _ = write!(out, r#" data-yanked="{}""#, Escaped(reason));
        }
        if let Some(sha256) = file.core_metadata.sha256() {
            let sha256 = Hex::of(sha256);
            let sha256 = sha256.as_str();
            let _ = write!(out, r#" data-core-metadata="sha256={sha256}" data-dist-info-metadata="sha256={sha256}""#);
        }
        if let Some(provenance) = file.attested_at() {
            let _ = write!(out, r#" data-provenance="{}""#, Escaped(&provenance));
        }
        let _ = writeln!(out, ">{}</a><br>", Escaped(&file.filename));
    }
    out.push_str("</body>\n</html>\n");
    out.into_bytes()
}

/// The list of all projects.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let mut out = String::new();
    head(&mut out);
    out.push_str("<title>Simple index</title>\n</head>\n<body>\n");
    for name in names {
        let name = Escaped(name);
        let _ = writeln!(out, r#"<a href="{name}/">{name}</a><br>"#);
    }
    out.push_str("</body>\n</html>\n");
    out.into_bytes()
}

/// Nothing that a newer version asks for is missing here: sizes and times have no place in HTML.
fn head(out: &mut String) {
    out.push_str("<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n");
    let _ = writeln!(out, r#"<meta name="pypi:repository-version" content="{NEWEST_VERSION}">"#);
}

/// Text that is safe in an element and in a quoted attribute.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            f.write_str(&rest[..at])?;
            f.write_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            })?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)
    }
}
