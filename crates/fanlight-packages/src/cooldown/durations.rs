//! How long a project's releases wait: the default, and per-project exceptions by pattern.

use std::time::Duration;

use fanlight_base::Purl;
use fanlight_base::purl::normalized_pypi_name;

use crate::pattern::{PatternError, canonical, matches};

/// The cool-down for each project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cooldowns {
    default: Duration,
    /// The longest pattern first; of two equally long ones the longer wait, so that a tie is never the milder one.
    overrides: Vec<(String, Duration)>,
}

impl Cooldowns {
    /// The default for all, and exceptions by pattern. A pattern is matched against the project's name, or, where it
    /// starts with `pkg:`, against its purl. `*` stands for any text, `?` for any character. The longest matching pattern
    /// wins.
    pub fn new(
        default: Duration,
        overrides: impl IntoIterator<Item = (String, Duration)>,
    ) -> Result<Self, PatternError> {
        let mut overrides = overrides
            .into_iter()
            .map(|(pattern, wait)| match canonical(&pattern) {
                Some(canonical) => Ok((canonical, wait)),
                None => Err(PatternError { pattern }),
            })
            .collect::<Result<Vec<_>, _>>()?;
        overrides.sort_by(|(a, a_wait), (b, b_wait)| b.len().cmp(&a.len()).then(b_wait.cmp(a_wait)).then(a.cmp(b)));
        Ok(Self { default, overrides })
    }

    /// The cool-down for a project, named by its purl. A version in the purl plays no part.
    pub fn for_project(&self, project: &Purl) -> Duration {
        find(&self.overrides, project).map_or(self.default, |wait| *wait)
    }

    /// The default.
    pub const fn default_wait(&self) -> Duration {
        self.default
    }
}

/// What stands beside the first of the patterns that matches a project, named by its purl. A version in the purl plays no part.
pub(crate) fn find<'p, T>(patterns: &'p [(String, T)], project: &Purl) -> Option<&'p T> {
    let text = project.as_str();
    let purl = match project.version() {
        // In a purl an @ that is not the version's is percent-encoded.
        Some(_) => text.rsplit_once('@').map_or(text, |(purl, _)| purl),
        None => text,
    };
    // Names are compared in one form for all ecosystems, so that foo_bar and foo-bar are one to whoever writes a pattern.
    let name = normalized_pypi_name(project.name());
    let found =
        patterns.iter().find(|(pattern, _)| matches(pattern, if pattern.starts_with("pkg:") { purl } else { &name }));
    found.map(|(_, beside)| beside)
}
