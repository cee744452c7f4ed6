//! Parts of a text that are worth reading as a program, put together: what stands around the links of chains.
//!
//! A bundle of megabytes names its links at a few places; the syntax tree of the rest shows nothing and takes seconds.
//! Invariant: a part begins and ends where a line or a statement does if one is near, and every place in the parts leads
//! back to its place in the whole.

use std::borrow::Cow;
use std::ops::Range;

use crate::links::SAME;
use crate::program::Language;
use crate::redact;

mod python;

#[cfg(test)]
mod tests;

/// Bytes around a link that are read with it.
const AROUND: usize = 2 * 1024;

/// Bytes within which a part looks for a better beginning and end.
const EDGE: usize = 1024;

/// Parts of a text.
pub(crate) struct Excerpt<'t> {
    /// The parts, each on lines of its own.
    pub text: Cow<'t, str>,
    /// Where parts begin: in the excerpt, in the whole.
    starts: Vec<(usize, usize)>,
    /// Bytes of the whole text that are in it.
    pub read: usize,
    /// Whether some parts were left out because they were too many.
    pub cut: bool,
}

impl<'t> Excerpt<'t> {
    /// The whole text.
    pub fn whole(text: &'t str) -> Self {
        Self { text: Cow::Borrowed(text), starts: vec![(0, 0)], read: text.len(), cut: false }
    }

    /// What stands around `places`, which are in order, up to `limit` bytes in all: the part that goes beyond it is cut.
    pub fn around(language: Language, text: &'t str, places: &[usize], limit: usize) -> Self {
        let mut parts: Vec<Range<usize>> = Vec::new();
        for place in places {
            let part = place.saturating_sub(AROUND)..(place + SAME + AROUND).min(text.len());
            match parts.last_mut() {
                Some(last) if last.end + EDGE >= part.start => last.end = last.end.max(part.end),
                _ => parts.push(part),
            }
        }
        let (mut out, mut starts, mut read, mut cut, mut end) = (String::new(), Vec::new(), 0, false, 0);
        for part in parts {
            let better = settled(text, &part);
            let part = better.start.max(end)..better.end;
            let Some(shown) = text.get(part.clone()).filter(|shown| !shown.is_empty()) else { continue };
            let mut heads = String::new();
            if language == Language::Python {
                python::open_blocks(text, part.start, &mut heads);
            }
            // Parts that stand close together are one, which may be larger than all that is read.
            let room = limit.saturating_sub(out.len() + heads.len() + 1);
            let kept = redact::head(shown, room);
            if !kept.is_empty() {
                out.push_str(&heads);
                starts.push((out.len(), part.start));
                out.push_str(kept);
                out.push('\n');
                read += kept.len();
            }
            if kept.len() < shown.len() {
                cut = true;
                break;
            }
            end = part.end;
        }
        Self { text: Cow::Owned(out), starts, read, cut }
    }

    /// The place in the whole text of a place in the excerpt.
    pub fn place(&self, at: usize) -> usize {
        let part = self.starts.partition_point(|(start, _)| *start <= at).saturating_sub(1);
        self.starts.get(part).map_or(at, |(start, whole)| whole + (at - start))
    }
}

/// A part that begins and ends at a line's or a statement's end.
fn settled(text: &str, part: &Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let boundary = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at += 1;
        }
        at
    };
    let near = |from: usize, wanted: &[u8]| {
        let window = &bytes[from..(from + EDGE).min(bytes.len())];
        window.iter().position(|byte| wanted.contains(byte)).map(|at| from + at + 1)
    };
    let better = |from: usize| near(from, b"\n").or_else(|| near(from, b";")).unwrap_or(from);
    let start = if part.start == 0 { 0 } else { better(part.start) };
    let end = if part.end >= bytes.len() { bytes.len() } else { better(part.end) };
    boundary(start)..boundary(end)
}
