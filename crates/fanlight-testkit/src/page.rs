//! Index pages as a good upstream writes them: JSON 1.4 (PEP 691, 700, 714, 740, 792) and HTML (PEP 503, 592, 658).
//!
//! JSON names files by absolute address, HTML by a relative one: readers must take both.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::catalogue::{Catalogue, Project};

/// The JSON form's media type.
pub const JSON: &str = "application/vnd.pypi.simple.v1+json";
/// The HTML form's media type, as old servers send it.
pub const HTML: &str = "text/html; charset=utf-8";

/// A project's page as JSON.
pub fn project_json(name: &str, project: &Project, base: &str) -> String {
    let files = project.files.iter().map(|file| {
        let hashes = file.sha256.as_ref().map_or_else(|| json!({}), |hash| json!({"sha256": hash}));
        let metadata = file.metadata.as_ref().map(|bytes| json!({"sha256": crate::release::sha256(bytes)}));
        let metadata = metadata.unwrap_or(Value::Bool(false));
        let mut entry = json!({
            "filename": file.name,
            "url": format!("{base}/files/{name}/{}", escaped(&file.name)),
            "hashes": hashes,
            "size": file.size,
            "yanked": file.yanked.clone().map_or(Value::Bool(false), Value::String),
            "core-metadata": metadata,
            "data-dist-info-metadata": metadata,
        });
        if let Some(at) = file.published {
            entry["upload-time"] = json!(format!("{at:.6}"));
        }
        if let Some(specifier) = &file.requires_python {
            entry["requires-python"] = json!(specifier);
        }
        entry
    });
    let files = files.collect::<Vec<_>>();
    let mut versions: Vec<_> = project.files.iter().map(|file| file.version.clone()).collect();
    versions.dedup();
    let mut page = json!({"meta": {"api-version": "1.4"}, "name": name, "versions": versions, "files": files});
    if let Some(status) = &project.status {
        page["project-status"] = json!({"status": status.status});
        if let Some(reason) = &status.reason {
            page["project-status"]["reason"] = json!(reason);
        }
    }
    page.to_string()
}

/// A project's page as HTML.
pub fn project_html(name: &str, project: &Project) -> String {
    let mut page = format!(
        "<!DOCTYPE html>\n<html><head><meta name=\"pypi:repository-version\" content=\"1.0\"><title>Links for {name}</title></head><body>\n"
    );
    for file in &project.files {
        let hash = file.sha256.as_ref().map(|hash| format!("#sha256={hash}")).unwrap_or_default();
        let _ = write!(page, "<a href=\"../../files/{name}/{}{hash}\"", escaped(&file.name));
        if let Some(specifier) = &file.requires_python {
            let _ = write!(page, " data-requires-python=\"{}\"", attribute(specifier));
        }
        if let Some(reason) = &file.yanked {
            let _ = write!(page, " data-yanked=\"{}\"", attribute(reason));
        }
        if let Some(bytes) = &file.metadata {
            let _ = write!(page, " data-core-metadata=\"sha256={}\"", crate::release::sha256(bytes));
        }
        let _ = writeln!(page, ">{}</a><br>", attribute(&file.name));
    }
    page + "</body></html>\n"
}

/// The list of projects as JSON.
pub fn list_json(catalogue: &Catalogue) -> String {
    let projects: Vec<_> = catalogue.projects.keys().map(|name| json!({"name": name})).collect();
    json!({"meta": {"api-version": "1.4"}, "projects": projects}).to_string()
}

/// The list of projects as HTML.
pub fn list_html(catalogue: &Catalogue) -> String {
    let mut page = "<!DOCTYPE html>\n<html><body>\n".to_owned();
    for name in catalogue.projects.keys() {
        let _ = writeln!(page, "<a href=\"/simple/{name}/\">{name}</a>");
    }
    page + "</body></html>\n"
}

fn attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A file's name as one segment of a path (RFC 3986).
pub fn escaped(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~+!".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// What [`escaped`] made, back again; what is no valid escape stays as it is.
pub fn unescaped(segment: &str) -> String {
    let bytes = segment.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let escape = (bytes[at] == b'%').then(|| segment.get(at + 1..at + 3)).flatten();
        if let Some(byte) = escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
