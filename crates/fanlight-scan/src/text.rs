//! What source text looks like before anybody reads it as a program: characters that do not show, code pushed aside,
//! code that was made unreadable.

use crate::finding::{Confidence, Finding, Place, Severity};
use crate::program::Language;
use crate::redact;
use crate::rules;

#[cfg(test)]
mod tests;

/// Invisible characters in a row that carry something.
const HIDDEN_RUN: usize = 16;

/// Spaces before a statement that push it out of sight.
const ASIDE: usize = 160;

/// Bytes of a line that nobody writes by hand.
const LONG_LINE: usize = 5_000;

/// Findings of one rule in one file.
const OF_A_FILE: usize = 3;

/// Looks at one file of source text. `may_be_renamed` says whether names as tools make them can be in it.
pub(crate) fn look(path: &str, language: Language, text: &str, may_be_renamed: bool) -> Vec<Finding> {
    let mut out = Vec::new();
    let mut long = None;
    // Most files have short lines of plain letters: there is nothing to be seen in those.
    let lines = if text.is_ascii() && !has_line_over(ASIDE, text.as_bytes()) { "" } else { text };
    for (number, line) in lines.lines().enumerate() {
        let place = || Place::line(path, u32::try_from(number + 1).unwrap_or(u32::MAX));
        if line.len() > LONG_LINE && long.is_none() {
            long = Some((place(), line));
        }
        if let Some(at) = pushed_aside(line) {
            out.push(Finding::of(&rules::PUSHED_ASIDE, place(), &line[at..]));
        }
        if line.is_ascii() {
            continue;
        }
        if let Some((rule, evidence)) = unseen(line) {
            let finding = Finding::of(rule, place(), evidence);
            // In minified code, single ones are tables of a library for text.
            let table = line.len() > LONG_LINE && rule == &rules::BIDI;
            out.push(if table { finding.rated(Severity::Low, Confidence::Low) } else { finding });
        }
    }
    if let Some((place, line)) = long {
        let finding = Finding::of(&rules::LONG_LINE, place, line);
        // Bundlers and minifiers write such lines of JavaScript every day.
        let usual = language == Language::JavaScript || has_few_names(line);
        out.push(finding.rated(if usual { Severity::Info } else { Severity::Low }, Confidence::Medium));
    }
    if may_be_renamed && let Some((line, evidence)) = renamed(text) {
        out.push(Finding::of(&rules::OBFUSCATED, Place::line(path, line), &evidence));
    }
    let mut seen = std::collections::HashMap::new();
    out.retain(|finding| {
        let count = seen.entry(finding.rule.clone()).or_insert(0);
        *count += 1;
        *count <= OF_A_FILE
    });
    out
}

/// Characters that turn the order of reading, or many in a row that do not show.
fn unseen(line: &str) -> Option<(&'static rules::Rule, &str)> {
    let turned = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let (mut run, mut open) = (0, false);
    for c in line.chars() {
        // Emoji and ideographs use single selectors; only many in a row are a message.
        let hides = matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{e0000}'..='\u{e007f}' | '\u{3164}' | '\u{ffa0}');
        run = if hides { run + 1 } else { 0 };
        if run >= HIDDEN_RUN {
            return Some((&rules::INVISIBLE, line));
        }
        // Texts of two directions are written with isolates that end on their line; overrides are for no text.
        if matches!(c, '\u{202d}' | '\u{202e}') {
            return Some((&rules::BIDI, line));
        }
        if turned(c) {
            open = true;
        }
        if matches!(c, '\u{202c}' | '\u{2069}') {
            open = false;
        }
    }
    open.then_some((&rules::BIDI, line))
}

/// Whether a line is longer than so many bytes; looks at a few bytes of each line only.
fn has_line_over(limit: usize, mut text: &[u8]) -> bool {
    while let Some(window) = text.get(..=limit) {
        match window.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => text = &text[end + 1..],
            None => return true,
        }
    }
    false
}

/// Where a statement begins that stands behind a wall of spaces, after another one.
fn pushed_aside(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    if bytes.len() < ASIDE {
        return None;
    }
    let space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let mut from = 0;
    // A wall covers one of these places: the bytes between are not looked at.
    for at in (0..bytes.len()).step_by(ASIDE).filter(|at| space(&bytes[*at])) {
        if at < from {
            continue;
        }
        let start = bytes[..at].iter().rposition(|byte| !space(byte)).map_or(0, |before| before + 1);
        from = bytes[at..].iter().position(|byte| !space(byte)).map_or(bytes.len(), |length| at + length);
        if from - start >= ASIDE {
            let rest = redact::head(line.get(from..)?, 4096);
            let words = ["exec", "eval", "import", "require", "system", "Function", "global"];
            // Only the first wall counts: a line of many walls is a table.
            return (rest.contains('(') && words.iter().any(|word| rest.contains(word))).then_some(from);
        }
    }
    None
}

/// A line of data: numbers and texts, and hardly any names.
fn has_few_names(line: &str) -> bool {
    let head = redact::head(line, 4096);
    let letters = head.bytes().filter(u8::is_ascii_alphabetic).count();
    letters * 4 < head.len()
}

/// Names as tools make them that hide what code does: `_0x3fa2b1`, `__IlIlI`, `O0O0O`.
fn renamed(text: &str) -> Option<(u32, String)> {
    let mut count = 0;
    let mut first = None;
    let mut previous = b' ';
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !(bytes[at].is_ascii_alphabetic() || bytes[at] == b'_') || previous.is_ascii_alphanumeric() {
            previous = bytes[at];
            at += 1;
            continue;
        }
        let length = bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let name = &bytes[at..at + length];
        let hexadecimal =
            name.strip_prefix(b"_0x").is_some_and(|rest| rest.len() >= 4 && rest.iter().all(u8::is_ascii_hexdigit));
        let alike = name.len() >= 8
            && (name.iter().all(|b| b"Il1_".contains(b)) || name.iter().all(|b| b"O0o_".contains(b)))
            && name.iter().any(|b| b"IlO".contains(b));
        if hexadecimal || alike {
            count += 1;
            first.get_or_insert(at);
        }
        at += length;
        previous = b'a';
    }
    let first = first.filter(|_| count >= 20)?;
    let line = text[..first].bytes().filter(|byte| *byte == b'\n').count() + 1;
    let evidence = format!("{count} names like {}", redact::head(text.get(first..).unwrap_or_default(), 60));
    Some((u32::try_from(line).unwrap_or(u32::MAX), evidence))
}
