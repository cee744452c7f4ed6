//! A company's own names, as `packages.private` reserves them: whole names, and what names begin with (`acme-*`, `@acme/*`).
//!
//! Refuses to guess: of a pattern with a star before its end nothing is taken.

use std::sync::Arc;

use fanlight_base::Purl;
use fanlight_scan::Popular;

use super::named;
use crate::upstreams::Reserved;

/// The ecosystems that a pattern without one is about.
const ALL: [&str; 3] = ["pypi", "npm", "cargo"];

/// The names that a company reserved for itself.
#[derive(Debug, Default)]
pub(super) struct Own {
    reserved: Arc<Reserved>,
    whole: Vec<(String, String)>,
    beginnings: Vec<Beginning>,
}

/// What some of the names begin with.
#[derive(Debug)]
struct Beginning {
    /// `acme`, or `@acme`.
    text: String,
    words: usize,
    close: Popular,
}

impl Own {
    pub fn new(reserved: &Arc<Reserved>) -> Self {
        let mut own = Self { reserved: reserved.clone(), ..Self::default() };
        for (ecosystem, name) in reserved.names() {
            let ecosystems = ALL.into_iter().filter(|one| ecosystem.as_ref().is_none_or(|own| own == one));
            match name.strip_suffix('*') {
                None if !name.contains(['*', '?']) => {
                    own.whole.extend(ecosystems.map(|one| (one.to_owned(), name.clone())));
                }
                Some(begin) if !begin.contains(['*', '?']) => {
                    let text = begin.trim_end_matches(SEPARATORS).to_owned();
                    if text.chars().any(char::is_alphanumeric) {
                        let words = text.split(SEPARATORS).count();
                        let close = Popular::new(ecosystems.map(|one| (one, &text)));
                        own.beginnings.push(Beginning { words, close, text });
                    }
                }
                _ => {}
            }
        }
        own
    }

    /// Whether the project is one of them.
    pub fn is_one(&self, project: &Purl) -> bool {
        self.reserved.pattern_of(project).is_some()
    }

    /// Those that are reserved as a whole, with their ecosystems.
    pub fn whole(&self) -> impl Iterator<Item = (String, String)> {
        self.whole.iter().cloned()
    }

    /// The name of the company's own that a project could be taken for because it begins almost like it.
    pub fn near(&self, project: &Purl) -> Option<String> {
        let (ecosystem, name) = named(project);
        self.beginnings.iter().find_map(|beginning| {
            let is_alike = beginning.text.starts_with('@') == name.starts_with('@');
            let end = match name.match_indices(SEPARATORS).nth(beginning.words - 1) {
                Some((at, _)) if is_alike => at,
                _ => return None,
            };
            beginning.close.near(&ecosystem, &name[..end])?;
            Some(format!("{}{}", beginning.text, &name[end..]))
        })
    }
}

/// What stands between the words of a name.
const SEPARATORS: [char; 4] = ['-', '_', '.', '/'];
