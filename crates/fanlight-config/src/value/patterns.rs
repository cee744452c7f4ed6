//! Patterns of projects' names: those of a company's own.

use std::path::Path;

use fanlight_base::limits;

use super::{Kind, Setting, Value, Wrong};

/// Patterns in the order written, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patterns(pub Vec<String>);

impl Setting for Patterns {
    const ALLOWED: &'static str =
        "a list of patterns, as in [\"acme-*\", \"@acme/*\", \"pkg:cargo/acme-*\"]; in text one, two";

    fn read(value: &Value, _folder: &Path) -> Result<Self, Wrong> {
        let mut all: Vec<String> = Vec::new();
        let read = match &value.kind {
            Kind::List(items) => {
                items.iter().map(|item| Ok((item.as_text()?.to_owned(), item))).collect::<Result<_, _>>()?
            }
            Kind::Text(text) => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                parts.map(|part| (part.to_owned(), value)).collect::<Vec<_>>()
            }
            Kind::Table(_) => return Err(value.wrong("a table cannot stand here")),
        };
        for (pattern, at) in read {
            check(&pattern).map_err(|why| at.wrong(format!("the pattern {pattern:?} {why}")))?;
            if all.contains(&pattern) {
                return Err(at.wrong(format!("the pattern {pattern:?} stands there twice")));
            }
            all.push(pattern);
        }
        if all.len() > limits::PRIVATE_PATTERNS {
            return Err(value.wrong(format!("there are more than {} patterns", limits::PRIVATE_PATTERNS)));
        }
        Ok(Self(all))
    }

    fn shown(&self) -> String {
        self.0.join(", ")
    }
}

/// Whether a text is a pattern of names: a name, a purl without version, and here also an npm scope with its names.
fn check(pattern: &str) -> Result<(), &'static str> {
    match pattern.strip_prefix('@') {
        None => super::cooldown_for::check(pattern),
        Some(scoped) => match scoped.split_once('/') {
            Some((scope, name)) if !scope.is_empty() && !name.is_empty() && !scoped.contains('@') => {
                super::cooldown_for::check(&scoped.replacen('/', "-", 1))
            }
            _ => Err("is no npm scope with a name, such as @acme/*"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_scopes_and_purls_are_patterns() {
        let read = |text: &str| Patterns::read(&Value::text(text), Path::new("/")).map_err(|wrong| wrong.why);
        let all = "acme-*, @acme/*, pkg:cargo/acme_*";
        assert_eq!(read(all).map(|patterns| patterns.shown()), Ok(all.to_owned()));
        for bad in ["@acme", "@/x", "a b", "pkg:npm", "x:y", "@acme/x@1", "acme-*, acme-*"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
