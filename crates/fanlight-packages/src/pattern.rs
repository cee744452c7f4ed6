//! Patterns of projects' names, as settings have them: `*` for any text, `?` for any character.

use fanlight_base::purl::normalized_pypi_name;

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

/// The pattern in the form that names and purls are compared in.
pub(crate) fn canonical(pattern: &str) -> Option<String> {
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
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
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
