//! An advisory as a database writes it: an OSV record, made up to the letter. And feeds of them, as a zip archive.
//!
//! Knows the form of a record and nothing of what the product makes of it.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::archive;

/// Severity critical, 9.8, as CVSS 3.1 has it.
const CRITICAL: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
/// Severity medium, 5.3.
const MEDIUM: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L";

/// One record about one project of Python, or of npm. Unless told otherwise: every version of it is affected.
#[derive(Debug, Clone)]
pub struct Advisory {
    id: String,
    ecosystem: &'static str,
    project: String,
    introduced: String,
    fixed: Option<String>,
    aliases: Vec<String>,
    summary: String,
    vector: Option<&'static str>,
    modified: String,
    withdrawn: bool,
    reviewed: Option<bool>,
}

impl Advisory {
    /// A record about a package of npm.
    pub fn npm(id: &str, package: &str) -> Self {
        Self { ecosystem: "npm", ..Self::new(id, package) }
    }

    /// A record about a crate.
    pub fn cargo(id: &str, name: &str) -> Self {
        Self { ecosystem: "crates.io", ..Self::new(id, name) }
    }

    /// A record about a Python project.
    pub fn new(id: &str, project: &str) -> Self {
        Self {
            id: id.to_owned(),
            ecosystem: "PyPI",
            project: project.to_owned(),
            introduced: "0".to_owned(),
            fixed: None,
            aliases: Vec::new(),
            summary: format!("something is wrong with {project}"),
            vector: None,
            modified: "2026-01-01T00:00:00Z".to_owned(),
            withdrawn: false,
            reviewed: None,
        }
    }

    /// Affected from that version on.
    #[must_use]
    pub fn since(mut self, version: &str) -> Self {
        version.clone_into(&mut self.introduced);
        self
    }

    /// Fixed in that version.
    #[must_use]
    pub fn fixed(mut self, version: &str) -> Self {
        self.fixed = Some(version.to_owned());
        self
    }

    /// Also known under that id.
    #[must_use]
    pub fn alias(mut self, id: &str) -> Self {
        self.aliases.push(id.to_owned());
        self
    }

    /// With that line about it.
    #[must_use]
    pub fn summary(mut self, summary: &str) -> Self {
        summary.clone_into(&mut self.summary);
        self
    }

    /// Of critical severity.
    #[must_use]
    pub const fn critical(mut self) -> Self {
        self.vector = Some(CRITICAL);
        self
    }

    /// Of medium severity.
    #[must_use]
    pub const fn medium(mut self) -> Self {
        self.vector = Some(MEDIUM);
        self
    }

    /// Changed last on that day of 2026-02.
    #[must_use]
    pub fn changed_on(mut self, day: u8) -> Self {
        self.modified = format!("2026-02-{day:02}T00:00:00Z");
        self
    }

    /// Taken back by its database.
    #[must_use]
    pub const fn withdrawn(mut self) -> Self {
        self.withdrawn = true;
        self
    }

    /// Its database says whether anybody but its author has looked at it.
    #[must_use]
    pub const fn reviewed(mut self, reviewed: bool) -> Self {
        self.reviewed = Some(reviewed);
        self
    }

    /// The name of the file that it stands in.
    pub fn file(&self) -> String {
        format!("{}.json", self.id)
    }

    /// The record.
    pub fn json(&self) -> String {
        let mut events = vec![json!({"introduced": self.introduced})];
        events.extend(self.fixed.as_ref().map(|fixed| json!({"fixed": fixed})));
        let mut record = json!({
            "schema_version": "1.6.0", "id": self.id, "modified": self.modified, "summary": self.summary,
            "aliases": self.aliases,
            "affected": [{
                "package": {"ecosystem": self.ecosystem, "name": self.project},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
            }],
            "references": [{"type": "ADVISORY", "url": format!("https://advisories.example/{}", self.id)}],
        });
        let mut set = |name: &str, value: Value| record[name] = value;
        if let Some(vector) = self.vector {
            set("severity", json!([{"type": "CVSS_V3", "score": vector}]));
        }
        if self.withdrawn {
            set("withdrawn", json!(self.modified));
        }
        if let Some(reviewed) = self.reviewed {
            set("database_specific", json!({"github_reviewed": reviewed}));
        }
        record.to_string()
    }
}

/// A feed of these records, as a zip archive.
pub fn feed<'a>(records: impl IntoIterator<Item = &'a Advisory>) -> Bytes {
    let entries: Vec<_> = records.into_iter().map(|record| (record.file(), record.json().into_bytes())).collect();
    archive::zip(&entries).into()
}

/// An OpenVEX document in which somebody says that a flaw does not affect a release.
pub fn not_affected(flaw: &str, purl: &str) -> String {
    json!({
        "@context": "https://openvex.dev/ns/v0.2.0", "@id": format!("https://vex.acme.example/{flaw}"),
        "author": "security@acme.example", "timestamp": "2026-01-01T00:00:00Z", "version": 1,
        "statements": [{
            "vulnerability": {"name": flaw}, "products": [{"@id": purl}], "status": "not_affected",
            "justification": "vulnerable_code_not_in_execute_path",
        }],
    })
    .to_string()
}
