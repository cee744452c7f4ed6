//! How long a project's releases wait: the default, and per-project exceptions by pattern.

use std::time::Duration;

use fanlight_base::Purl;
use fanlight_base::purl::normalized_pypi_name;

/// The cool-down for each project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cooldowns {
    default: Duration,
    /// The longest pattern first; of two equally long ones the longer wait, so that a tie is never the milder one.
    overrides: Vec<(String, Duration)>,
}

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{pattern:?} is no pattern for a project: use a name or a purl without version, with * for any text and ? for any \
         character, for example acme-* or pkg:pypi/acme-*"
)]
pub struct PatternError {
    /// The pattern as given.
    pub pattern: String,
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
        let text = project.as_str();
        let purl = match project.version() {
            // In a purl an @ that is not the version's is percent-encoded.
            Some(_) => text.rsplit_once('@').map_or(text, |(purl, _)| purl),
            None => text,
        };
        // Names are compared in one form for all ecosystems, so that foo_bar and foo-bar are one to whoever sets a wait.
        let name = normalized_pypi_name(project.name());
        self.overrides
            .iter()
            .find(|(pattern, _)| matches(pattern, if pattern.starts_with("pkg:") { purl } else { &name }))
            .map_or(self.default, |(_, wait)| *wait)
    }

    /// The default.
    pub const fn default_wait(&self) -> Duration {
        self.default
    }
}

/// The pattern in the form that names and purls are compared in.
fn canonical(pattern: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_graphic() && !matches!(c, '[' | ']' | '{' | '}' | '\\' | '"' | '\'');
    if pattern.is_empty() || pattern.len() > fanlight_base::limits::PURL_BYTES || !pattern.chars().all(allowed) {
        return None;
    }
    match pattern.strip_prefix("pkg:") {
        None if pattern.contains(['@', ':']) => None,
        None => Some(normalized_pypi_name(pattern)),
        Some(rest) => {
            let (ecosystem, name) = rest.split_once('/')?;
            if name.is_empty() || name.contains('@') {
                return None;
            }
            let name = if ecosystem == "pypi" { normalized_pypi_name(name) } else { name.to_owned() };
            Some(format!("pkg:{ecosystem}/{name}"))
        }
    }
}

/// Matches a pattern of `*` and `?`. When a text fails after a star, only the last star takes one more character, so the
/// time is at most the product of both lengths.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == b'?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                p = at + 1;
                t = taken + 1;
            }
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}
