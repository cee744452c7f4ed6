//! Archives and source text in, findings out: safe readers, syntax trees, rules that score chains of behaviour.
//!
//! Refuses to know registries and decisions: it gets bytes and a name, and gives a [`Report`]. Nothing is unpacked to
//! disk and nothing of an archive is ever run. Invariant: whatever the bytes are, a scan ends in bounded time and memory,
//! and what it did not look at stands in [`Report::limits`].

mod archive;
mod binary;
mod chains;
pub mod change;
#[cfg(feature = "company-rules")]
pub mod company;
pub mod contents;
mod deadline;
mod excerpt;
pub mod finding;
pub mod folder;
mod follow;
mod links;
pub mod lookalike;
mod manifest;
#[cfg(feature = "yara")]
pub mod patterns;
mod program;
mod redact;
pub mod report;
pub mod rules;
mod scan;
mod text;
mod wheel;

pub use archive::Source;
pub use change::changes;
pub use contents::{Contents, contents};
pub use finding::{Confidence, Finding, Place, Severity};
pub use folder::FolderError;
pub use lookalike::Popular;
pub use report::{Ability, Counts, LimitMet, Report, Verdict, When};
pub use scan::{RuleSet, ScanError, scan};
