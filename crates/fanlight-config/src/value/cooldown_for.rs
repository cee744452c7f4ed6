//! Cool-downs by project.

use std::path::Path;
use std::time::Duration;

use fanlight_base::limits;

use super::{Setting, Value, Wrong, span};

/// Patterns of projects and their cool-downs, in the order written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CooldownFor(pub Vec<(String, Duration)>);

impl Setting for CooldownFor {
    const ALLOWED: &'static str = "a table of project patterns and spans of time, as in { \"pkg:pypi/acme-*\" = \"0\" }; \
        in text acme-*=0, numpy=36h";

    fn read(value: &Value, folder: &Path) -> Result<Self, Wrong> {
        let mut all: Vec<(String, Duration)> = Vec::new();
        for (pattern, wait, at) in value.entries()? {
            let wrong = |why: String| Wrong { why, at: at.clone().or_else(|| value.at.clone()) };
            check(&pattern).map_err(|why| wrong(format!("the pattern {pattern:?} {why}")))?;
            if all.iter().any(|(known, _)| *known == pattern) {
                return Err(wrong(format!("the pattern {pattern:?} stands there twice")));
            }
            all.push((pattern, Duration::read(&wait, folder)?));
        }
        Ok(Self(all))
    }

    fn shown(&self) -> String {
        let pairs = self.0.iter().map(|(pattern, wait)| format!("{pattern}={}", span::shown(*wait)));
        pairs.collect::<Vec<_>>().join(", ")
    }
}

/// Whether a text is a name or a purl without version, with wildcards.
pub(super) fn check(pattern: &str) -> Result<(), &'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._*?/%:+~@".contains(c);
    if pattern.is_empty() || pattern.len() > limits::PURL_BYTES {
        return Err("is empty or too long");
    }
    if !pattern.chars().all(allowed) {
        return Err("has characters that no project's name or purl has");
    }
    match pattern.strip_prefix("pkg:") {
        None if pattern.contains([':', '@']) => Err("is neither a project's name nor a purl without version"),
        None => Ok(()),
        Some(rest) => match rest.split_once('/') {
            Some((kind, name)) if !kind.is_empty() && !name.is_empty() && !name.contains('@') => Ok(()),
            _ => Err("is no purl without version, such as pkg:pypi/acme-*"),
        },
    }
}
