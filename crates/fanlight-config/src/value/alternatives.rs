//! What a company uses instead of projects.

use std::path::Path;

use fanlight_base::limits;

use super::{Setting, Value, Wrong, cooldown_for};

/// Patterns of projects and what to use instead, in the order written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Alternatives(pub Vec<(String, String)>);

impl Setting for Alternatives {
    const ALLOWED: &'static str = "a table of project patterns and what to use instead, a few words each without , and =, as in \
        { \"pkg:npm/left-pad\" = \"String.padStart\" }; in text left-pad=String.padStart";

    fn read(value: &Value, _folder: &Path) -> Result<Self, Wrong> {
        let mut all: Vec<(String, String)> = Vec::new();
        for (pattern, instead, at) in value.entries()? {
            let wrong = |why: String| Wrong { why, at: at.clone().or_else(|| value.at.clone()) };
            cooldown_for::check(&pattern).map_err(|why| wrong(format!("the pattern {pattern:?} {why}")))?;
            if all.iter().any(|(known, _)| *known == pattern) {
                return Err(wrong(format!("the pattern {pattern:?} stands there twice")));
            }
            let text = instead.as_text()?.to_owned();
            let most = limits::ALTERNATIVE_BYTES;
            if text.is_empty() || text.len() > most || text.chars().any(|c| c.is_control() || ",={}".contains(c)) {
                let why = "clients show it within one line";
                return Err(instead.wrong(format!("this has to be 1 to {most} bytes without , = {{ and }}: {why}")));
            }
            all.push((pattern, text));
        }
        Ok(Self(all))
    }

    fn shown(&self) -> String {
        self.0.iter().map(|(pattern, instead)| format!("{pattern}={instead}")).collect::<Vec<_>>().join(", ")
    }
}
