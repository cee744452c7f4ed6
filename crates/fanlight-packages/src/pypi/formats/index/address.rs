//! A file's addresses, kept small: a page lists up to 100,000 of them, and most of each is the same in all or stands in
//! the file's name already.
//!
//! Invariant: what was put together comes apart again to the byte.

use std::collections::HashSet;
use std::sync::Arc;

use url::Url;

/// What stands for the file's name. An address written by [`Url`] has no such character.
const NAME: char = '\0';

/// An absolute address of one file, in two parts. It is whole only together with the file's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Scheme, host and first folder; shared by the files of a page.
    base: Arc<str>,
    /// The rest, with [`NAME`] where the file's name stands.
    rest: Box<str>,
}

impl Address {
    /// The address `url` of the file `filename`. `bases` are those of the same page.
    pub(super) fn new(url: &Url, filename: &str, bases: &mut Bases) -> Self {
        let text = url.as_str();
        let (base, rest) = text.split_at(base_of(text));
        let mut mark = [0; 4];
        let rest = rest.replacen(filename, NAME.encode_utf8(&mut mark), usize::from(!filename.is_empty()));
        Self { base: bases.share(base), rest: rest.into() }
    }

    /// The same for one file alone.
    pub fn alone(url: &Url, filename: &str) -> Self {
        Self::new(url, filename, &mut Bases::default())
    }

    /// The whole text.
    pub(super) fn text(&self, filename: &str) -> String {
        let mut text = String::with_capacity(self.base.len() + self.rest.len() + filename.len());
        text.push_str(&self.base);
        match self.rest.split_once(NAME) {
            None => text.push_str(&self.rest),
            Some((before, after)) => {
                text.push_str(before);
                text.push_str(filename);
                text.push_str(after);
            }
        }
        text
    }

    /// Bytes of the part that is not shared.
    pub(super) fn own_bytes(&self) -> usize {
        self.rest.len()
    }
}

/// Texts that many files of a page have in common, each kept once.
#[derive(Debug, Default)]
pub(super) struct Bases(HashSet<Arc<str>, foldhash::fast::RandomState>);

impl Bases {
    /// The text, shared with who asked for it before.
    pub(super) fn share(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        let text: Arc<str> = text.into();
        self.0.insert(text.clone());
        text
    }
}

/// Where the part ends that the files of an index usually share: after the first folder, where there is one.
fn base_of(text: &str) -> usize {
    let host = text.find("://").map_or(0, |at| at + 3);
    let Some(root) = text[host..].find('/').map(|at| host + at + 1) else { return 0 };
    let path = text[root..].find('?').map_or(text.len(), |at| root + at);
    text[root..path].find('/').map_or(root, |at| root + at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_apart_and_together_to_the_byte() {
        for (text, name, own) in [
            ("https://files.example/packages/ab/cd/ef/foo-1.0.whl", "foo-1.0.whl", 10),
            ("https://files.example/integrity/foo/1.0/foo-1.0.whl/provenance", "foo-1.0.whl", 20),
            ("https://files.example/foo-1.0.whl", "foo-1.0.whl", 1),
            ("https://files.example/?a=b/c", "foo-1.0.whl", 6),
            ("https://files.example/x/foo-1.0.whl/foo-1.0.whl?foo-1.0.whl", "foo-1.0.whl", 25),
            ("https://files.example/x/foo%231.whl", "foo#1.whl", 11),
            ("http://[::1]:80/a/b", "b", 1),
        ] {
            let url: Url = text.parse().unwrap();
            let address = Address::alone(&url, name);
            assert_eq!(address.text(name), url.as_str());
            assert_eq!(address.own_bytes(), own, "{address:?}");
        }
    }
}
