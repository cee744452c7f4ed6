//! Names close to popular ones. The list of popular names is given: which those are depends on the registry.

use std::collections::HashMap;

use crate::finding::{Finding, Place};
use crate::rules;

#[cfg(test)]
mod tests;

/// Names shorter than this have too many honest neighbours.
const SHORT: usize = 5;

/// Names that others imitate, the most popular first.
#[derive(Debug, Default, Clone)]
pub struct Popular {
    by_form: HashMap<String, String>,
    by_length: HashMap<usize, Vec<String>>,
}

impl Popular {
    /// From a list of names as their registry writes them.
    pub fn new<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Self {
        let mut own = Self::default();
        for name in names {
            let plain = plain(name.as_ref());
            own.by_form.entry(form(&plain)).or_insert_with(|| name.as_ref().to_owned());
            own.by_length.entry(plain.chars().count()).or_default().push(plain);
        }
        own
    }

    /// What a name could be taken for; nothing if it is popular itself.
    pub fn near(&self, name: &str) -> Option<Finding> {
        let own = plain(name);
        let length = own.chars().count();
        if self.by_length.get(&length).is_some_and(|names| names.contains(&own)) {
            return None;
        }
        // The same but for separators, look-alike characters, or the order of its words.
        let alike = self.by_form.get(&form(&own)).cloned();
        let near = alike.or_else(|| {
            let lengths = length.saturating_sub(1)..=length + 1;
            let mut names =
                lengths.filter(|_| length >= SHORT).filter_map(|length| self.by_length.get(&length)).flatten();
            names.find(|known| known.chars().count() >= SHORT && strsim::osa_distance(known, &own) == 1).cloned()
        })?;
        Some(Finding::of(&rules::NAME_NEAR, Place::whole(), &format!("{name} is close to {near}")))
    }
}

/// A name in small letters, with one kind of separator.
fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', '.'], "-")
}

/// What stays of a name when look-alike characters, separators and the order of words are taken away.
fn form(plain: &str) -> String {
    let alike = |c: char| match c {
        '0' => 'o',
        '1' | 'i' | '|' => 'l',
        '5' => 's',
        c => c,
    };
    let mut words: Vec<String> = plain.split(['-', '/']).map(|word| word.chars().map(alike).collect()).collect();
    words.sort();
    words.concat().replace("rn", "m").replace("vv", "w")
}
