//! Links of chains that a file's text names, found in one search before anybody reads it as a program.
//!
//! A syntax tree costs a thousand times what the search does, and a chain has at least two links: a file that names one
//! alone holds none, unless it hides the names. So a tree is made only of files that name two links that can meet, or one
//! that counts alone, or that put names together while running. Refuses to know what the links do with one another
//! ([`crate::follow`]).

use std::ops::{BitOr, BitOrAssign};
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::program::Language;

mod checks;
mod imports;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use imports::imports;
use words::Word;
#[cfg(feature = "yara")]
pub(crate) use words::{PATTERNS, SCRIPT_PATTERNS};

/// A set of links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Links(u32);

macro_rules! links {
    ($($name:ident = $bit:literal, $doc:literal;)*) => {
        impl Links {
            $(#[doc = $doc] pub const $name: Self = Self(1 << $bit);)*
        }
    };
}

links! {
    EVALUATE = 0, "Runs text as code.";
    RUN = 1, "Starts programs.";
    NETWORK = 2, "Talks to the network.";
    ENVIRONMENT = 3, "Reads all of the environment, or variables that are named as secrets or as the user.";
    IDENTITY = 4, "Asks for the machine's or user's name.";
    PLACE = 5, "Names a place of keys, wallets or a browser's data.";
    DEVICE = 6, "Reads the clipboard, the screen or a store of passwords.";
    DECODE = 7, "Unpacks something.";
    COMMAND = 8, "Holds a part of a command that fetches, decodes or hands over.";
    NATIVE = 9, "Loads machine code.";
    HIDES = 10, "Puts a name together that it then uses.";
    DYNAMIC = 11, "Uses a name that only running the code tells.";
    PIECES = 12, "Puts a text together from short ones, or writes letters as escapes.";
    JOINS = 13, "Joins a list to a text.";
    ALONE = 14, "Is a chain by itself: keys being typed, machine code in memory, a place that programs start from.";
    RENAMED = 15, "Has names as tools make them that hide what code does.";
    WRITES = 16, "Writes files.";
    MACROS = 17, "Is of a procedural macro.";
    PATTERN = 18, "Has a word of a built-in pattern over bytes.";
}

impl BitOr for Links {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Links {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl Links {
    pub fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }

    /// Whether two of them can meet in one chain.
    pub fn can_chain(self) -> bool {
        let private = Self::ENVIRONMENT | Self::IDENTITY | Self::PLACE | Self::DEVICE;
        let acts = Self::EVALUATE | Self::RUN | Self::NATIVE;
        let both = |one: Self, other: Self| self.has(one) && self.has(other);
        self.has(Self::ALONE | Self::HIDES)
            || both(Self::NETWORK, private)
            || both(Self::NETWORK | Self::DECODE, acts)
            || both(Self::RUN, Self::COMMAND | Self::PLACE)
            || both(Self::PIECES, acts | Self::NETWORK | Self::DYNAMIC)
            || both(Self::JOINS | Self::DECODE, Self::EVALUATE | Self::DYNAMIC)
    }
}

/// What was found in a file's text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Named {
    pub links: Links,
    /// Where they stand, in order, as far as places were asked for: the same ones that stand close together once.
    pub places: Vec<(usize, Links)>,
    /// Whether there are more places than are kept.
    pub cut: bool,
}

impl Named {
    /// The places of links that can meet: they stand no further apart than parts of one chain do.
    pub fn meeting(&self) -> Vec<usize> {
        let (mut from, mut to) = (0, 0);
        let mut near = |at: usize| {
            while self.places.get(from).is_some_and(|(place, _)| place + NEAR + SAME < at) {
                from += 1;
            }
            while self.places.get(to).is_some_and(|(place, _)| *place <= at + NEAR + SAME) {
                to += 1;
            }
            self.places[from..to].iter().fold(Links::default(), |all, (_, links)| all | *links)
        };
        self.places.iter().map(|(at, _)| *at).filter(|at| near(*at).can_chain()).collect()
    }
}

/// Bytes between links of one chain, in files that are not read whole.
const NEAR: usize = 8 * 1024;

/// Bytes from a link within which the same one again says nothing new of the place.
pub(crate) const SAME: usize = 512;

/// Places that are kept of one file.
pub(crate) const PLACES: usize = 20_000;

/// The words of one language, and the search for all of them at once.
struct Search {
    automaton: Option<AhoCorasick>,
    words: Vec<Word>,
}

impl Search {
    fn new(words: Vec<Word>) -> Self {
        let texts = words.iter().map(|word| word.text);
        let mut builder = AhoCorasick::builder();
        let automaton = builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(texts);
        Self { automaton: automaton.ok(), words }
    }
}

static PYTHON: LazyLock<Search> = LazyLock::new(|| Search::new(words::python()));
static JAVASCRIPT: LazyLock<Search> = LazyLock::new(|| Search::new(words::javascript()));
static RUST: LazyLock<Search> = LazyLock::new(|| Search::new(words::rust()));

/// Searches a text for links. `with_places` asks for where they stand.
pub(crate) fn named(language: Language, text: &str, with_places: bool) -> Named {
    let search = match language {
        Language::Python => &*PYTHON,
        Language::JavaScript => &*JAVASCRIPT,
        Language::Rust => &*RUST,
    };
    let mut out = Named::default();
    let Some(automaton) = &search.automaton else {
        // Without a search, everything may be there.
        return Named { links: Links(u32::MAX), places: Vec::new(), cut: false };
    };
    // The last places of links that were kept; a word has few links, so there are few of these.
    let mut last: Vec<(Links, usize)> = Vec::new();
    for found in automaton.find_overlapping_iter(text) {
        let word = &search.words[found.pattern().as_usize()];
        if !with_places && out.links.has(word.links) {
            continue;
        }
        let links = checks::links_of(word, text, found.range());
        if links == Links::default() {
            continue;
        }
        out.links |= links;
        if !with_places || links.has(Links::RENAMED) {
            continue;
        }
        let at = found.start();
        match last.iter_mut().find(|(own, _)| *own == links) {
            Some((_, kept)) if at < *kept + SAME => continue,
            Some((_, kept)) => *kept = at,
            None => last.push((links, at)),
        }
        if out.places.len() < PLACES {
            out.places.push((at, links));
        } else {
            out.cut = true;
        }
    }
    out
}
