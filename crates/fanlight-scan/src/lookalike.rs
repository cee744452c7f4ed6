//! Names close to well-known ones. Which names those are is given: some are built in, a node adds what its own people use.
//!
//! The built-in lists were written by hand: projects that people who work with an ecosystem know by name. They are no
//! ranking, and nothing was taken from a registry for them.

use std::collections::{HashMap, HashSet};

#[cfg(test)]
mod tests;

/// Names shorter than this have too many honest neighbours.
const SHORT: usize = 5;

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
    all: Vec<String>,
    /// Whether names that differ in case or separators are different projects.
    is_exact: bool,
    known: HashSet<String>,
    by_form: HashMap<String, usize>,
    /// By each text that is left of a name when one letter is taken away, and by the name itself: two names that are one
    /// edit apart have one of these in common.
    by_rest: HashMap<String, Vec<usize>>,
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

    /// The name by which a project is one: npm's `chart-js` and `chart.js` are two.
    fn own(&self, name: &str) -> String {
        if self.is_exact { name.to_owned() } else { plain(name) }
    }

    fn add(&mut self, name: &str) {
        if !self.known.insert(self.own(name)) {
            return;
        }
        let plain = plain(name);
        let at = self.all.len();
        self.by_form.entry(form(&plain)).or_insert(at);
        for rest in rests(&plain) {
            self.by_rest.entry(rest).or_default().push(at);
        }
        self.all.push(name.to_owned());
    }

    fn near(&self, name: &str) -> Option<&str> {
        if self.known.contains(&self.own(name)) {
            return None;
        }
        let own = plain(name);
        // The same but for separators, look-alike characters, or the order of its words.
        let alike = self.by_form.get(&form(&own)).copied();
        let near = alike.or_else(|| {
            let candidates = rests(&own).filter_map(|rest| self.by_rest.get(&rest)).flatten().copied();
            candidates.filter(|at| strsim::osa_distance(&plain(&self.all[*at]), &own) == 1).min()
        })?;
        self.all.get(near).map(String::as_str)
    }
}

/// A name in small letters, with one kind of separator.
fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', '.'], "-")
}

/// The name, and what is left of it without one of its letters; nothing of a short one.
fn rests(plain: &str) -> impl Iterator<Item = String> {
    let is_long = plain.chars().count() >= SHORT;
    let without = move |at: usize| plain.chars().enumerate().filter(|(own, _)| *own != at).map(|(_, c)| c).collect();
    let letters = if is_long { plain.chars().count() } else { 0 };
    is_long.then(|| plain.to_owned()).into_iter().chain((0..letters).map(without))
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
