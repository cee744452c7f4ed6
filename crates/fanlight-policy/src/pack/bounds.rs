//! How deep a policy may go, checked before Cedar sees it.
//!
//! Cedar takes a policy apart by recursion, and a text of some kilobytes of brackets or operators would end the process
//! by overflowing its stack. Knows just enough of the language for that: strings, comments, brackets, operators.
//! Invariant: what passes is taken apart within [`STACK_BYTES`].

use fanlight_base::limits;

use super::fault::PolicyFault;
use super::source::Source;

/// The stack on which policies are taken apart. At the limits a debug build needs less than half of it.
pub(super) const STACK_BYTES: usize = 64 * 1024 * 1024;

/// What is too deep, if anything.
pub(super) fn check(source: &Source) -> Option<PolicyFault> {
    let text = source.text.as_bytes();
    let (mut at, mut depth, mut operators) = (0, 0_usize, 0_usize);
    while let Some(&byte) = text.get(at) {
        let next = text.get(at + 1).copied();
        match byte {
            b'"' => at = end_of_string(text, at),
            b'/' if next == Some(b'/') => at = end_of_line(text, at),
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b';' => (depth, operators) = (0, 0),
            b'&' | b'|' | b'=' | b'!' | b'<' | b'>' | b'+' | b'-' | b'*' | b'.' => operators += 1,
            b'i' if word(text, at) == b"if" || word(text, at) == b"in" || word(text, at) == b"is" => operators += 1,
            _ => {}
        }
        if depth > limits::POLICY_DEPTH {
            let message = format!("brackets stand in more than {} others", limits::POLICY_DEPTH);
            return Some(source.fault(at, None, message, Some("split this policy into several".into())));
        }
        if operators > limits::POLICY_OPERATORS {
            let message = format!("one policy has more than {} operator signs", limits::POLICY_OPERATORS);
            let hint =
                "ask for a set, such as [\"a\", \"b\"].contains(context.project), or split it into several policies";
            return Some(source.fault(at, None, message, Some(hint.into())));
        }
        at += 1;
    }
    None
}

/// Where a string that starts at `at` ends; the text's end if it does not.
fn end_of_string(text: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at,
            _ => at += 1,
        }
    }
    at
}

fn end_of_line(text: &[u8], at: usize) -> usize {
    text[at..].iter().position(|byte| *byte == b'\n' || *byte == b'\r').map_or(text.len(), |length| at + length)
}

/// The word that starts at `at`; nothing where `at` is inside one.
fn word(text: &[u8], at: usize) -> &[u8] {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    if at > 0 && part(&text[at - 1]) {
        return &[];
    }
    let length = text[at..].iter().position(|byte| !part(byte)).unwrap_or(text.len() - at);
    &text[at..at + length]
}

#[cfg(test)]
mod tests;
