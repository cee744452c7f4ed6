//! Names close to well-known ones. Which names those are is given: some are built in, a node adds what its own people use.
//!
//! The built-in lists were written by hand: projects that people who work with an ecosystem know by name. They are no
//! ranking, and nothing was taken from a registry for them.

use std::collections::{BTreeSet, HashMap, HashSet};

#[cfg(test)]
mod tests;

/// Names shorter than this have too many honest neighbours.
const SHORT: usize = 5;

/// Names longer than this are nobody's: npm's longest have 214 characters.
const NAME_CHARACTERS: usize = 256;

/// The built-in lists: one name a line, `#` begins a comment.
const BUILT_IN: [(&str, &str); 3] = [
    ("pypi", include_str!("lookalike/pypi.txt")),
    ("npm", include_str!("lookalike/npm.txt")),
    ("cargo", include_str!("lookalike/cargo.txt")),
];

/// Names that others imitate, by ecosystem as purls call it.
#[derive(Debug, Default, Clone)]
pub struct Popular(HashMap<String, Names>);

/// Those of one ecosystem.
#[derive(Debug, Default, Clone)]
struct Names {
    /// As their registry writes them.
    all: Vec<Box<str>>,
    /// Whether names that differ in case or separators are different projects.
    is_exact: bool,
    /// Those that are one project each, where that is more than `by_plain` tells.
    exact: HashSet<Box<str>>,
    by_form: HashMap<Box<str>, u32>,
    by_plain: HashMap<Box<str>, u32>,
    /// All characters that are in them: what a name could have in place of one of its own.
    letters: BTreeSet<char>,
}

impl Popular {
    /// From names with their ecosystems, the best known first: a name that is close to two is told to be close to the first.
    pub fn new<E: AsRef<str>, N: AsRef<str>>(names: impl IntoIterator<Item = (E, N)>) -> Self {
        let mut own = Self::default();
        for (ecosystem, name) in names {
            let ecosystem = ecosystem.as_ref();
            own.0.entry(ecosystem.to_owned()).or_insert_with(|| Names::of(ecosystem)).add(name.as_ref());
        }
        own
    }

    /// The built-in names, with their ecosystems.
    pub fn built_in() -> impl Iterator<Item = (&'static str, &'static str)> {
        BUILT_IN.into_iter().flat_map(|(ecosystem, list)| lines(list).map(move |name| (ecosystem, name)))
    }

    /// The known name that a name could be taken for; none if it is known itself.
    pub fn near(&self, ecosystem: &str, name: &str) -> Option<&str> {
        self.0.get(ecosystem)?.near(name)
    }

    /// How many names there are.
    pub fn count(&self) -> usize {
        self.0.values().map(|names| names.all.len()).sum()
    }
}

/// The names of a list: one a line, `#` begins a comment.
pub fn lines(list: &str) -> impl Iterator<Item = &str> {
    list.lines().map(|line| line.split('#').next().unwrap_or_default().trim()).filter(|line| !line.is_empty())
}

impl Names {
    fn of(ecosystem: &str) -> Self {
        Self { is_exact: ecosystem == "npm", ..Self::default() }
    }

    fn is_known(&self, name: &str, plain: &str) -> bool {
        if self.is_exact { self.exact.contains(name) } else { self.by_plain.contains_key(plain) }
    }

    fn add(&mut self, name: &str) {
        let plain = plain(name);
        let Ok(at) = u32::try_from(self.all.len()) else { return };
        if self.is_known(name, &plain) {
            return;
        }
        if self.is_exact {
            self.exact.insert(name.into());
        }
        self.letters.extend(plain.chars());
        self.by_form.entry(form(&plain).into()).or_insert(at);
        self.by_plain.entry(plain.into()).or_insert(at);
        self.all.push(name.into());
    }

    fn near(&self, name: &str) -> Option<&str> {
        let own = plain(name);
        if self.is_known(name, &own) {
            return None;
        }
        // The same but for separators, look-alike characters, or the order of its words.
        let near = self.by_form.get(&*form(&own)).copied().or_else(|| self.one_edit_away(&own))?;
        self.all.get(near as usize).map(|near| &**near)
    }

    /// The first of the names that is one letter more, less or other, or has two exchanged. Asks for every such name, so the cost is one of
    /// the name's length, however many names there are.
    fn one_edit_away(&self, plain: &str) -> Option<u32> {
        let own: Vec<char> = plain.chars().collect();
        if own.len() < SHORT || own.len() > NAME_CHARACTERS {
            return None;
        }
        let mut nearest = None;
        let mut other = String::with_capacity(plain.len() + 4);
        let mut ask = |before: &[char], between: &[char], after: &[char]| {
            if before.len() + between.len() + after.len() >= SHORT {
                other.clear();
                other.extend(before.iter().chain(between).chain(after));
                nearest = nearest.into_iter().chain(self.by_plain.get(&*other).copied()).min();
            }
        };
        for at in 0..=own.len() {
            let (before, after) = own.split_at(at);
            for letter in &self.letters {
                ask(before, &[*letter], after);
            }
            let [here, rest @ ..] = after else { continue };
            ask(before, &[], rest);
            for letter in self.letters.iter().filter(|letter| *letter != here) {
                ask(before, &[*letter], rest);
            }
            if let [next, rest @ ..] = rest
                && next != here
            {
                ask(before, &[*next, *here], rest);
            }
        }
        nearest
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
