//! What must stand around a word for it to count as a link: most words also stand where they mean nothing.

use std::ops::Range;

use super::Links;
use super::words::{Check, Word};
use crate::follow::known;

/// The links of a word found at a place; none where what stands around it says otherwise.
pub(super) fn links_of(word: &Word, text: &str, at: Range<usize>) -> Links {
    let bytes = text.as_bytes();
    if word.exact && &bytes[at.clone()] != word.text.as_bytes() {
        return Links::default();
    }
    let before = at.start.checked_sub(1).map(|at| bytes[at]);
    let after = bytes.get(at.end).copied();
    let rest = || bytes.get(at.end..).unwrap_or_default();
    let counts = match word.check {
        Check::Any => true,
        Check::Begins => !before.is_some_and(in_name),
        Check::Whole => !before.is_some_and(in_name) && !after.is_some_and(in_name),
        Check::Bare => !before.is_some_and(|byte| in_name(byte) || byte == b'.'),
        Check::Then(texts) => any_follows(rest(), texts),
        Check::BareThen(texts) => {
            !before.is_some_and(|byte| in_name(byte) || byte == b'.')
                && !after.is_some_and(in_name)
                && any_follows(rest(), texts)
        }
        Check::Handed => {
            !before.is_some_and(|byte| in_name(byte) || byte == b'.')
                && !after.is_some_and(in_name)
                && (any_follows(rest(), &["(", ",", ")", "]", "}", ".__"])
                    || bytes[..at.start].trim_ascii_end().ends_with(b"="))
        }
        Check::Imported => {
            !before.is_some_and(in_name) && !after.is_some_and(in_name) && is_imported(&bytes[..at.start])
        }
        Check::Place => {
            !word.text.starts_with('.') || !before.is_some_and(|byte| in_name(byte) || b")]".contains(&byte))
        }
        Check::Urllib => !before.is_some_and(in_name) && !is_of_addresses(rest()),
        Check::Environment => tells(rest()),
        Check::Index => !before.is_some_and(in_name) && index(rest()),
        Check::CalledIndex => {
            let given = after_sign(rest(), b'(').and_then(|inner| after_sign(inner, b')'));
            !before.is_some_and(in_name) && given.is_some_and(index)
        }
        Check::Load => return load(&bytes[..at.start], word.text, rest()),
        Check::Constructor => {
            !before.is_some_and(in_name)
                && after_sign(rest(), b'(').is_some_and(|inner| {
                    !inner.trim_ascii_start().get(1..).is_some_and(|inner| inner.starts_with(b"return this"))
                })
        }
        Check::Module if before.is_some_and(in_name) || after.is_some_and(in_name) => return Links::default(),
        Check::Module => return module(rest()),
        Check::Member => !before.is_some_and(|byte| in_name(byte) || byte == b'.') && member(rest()),
        Check::Encoding => {
            let before = bytes[..at.start].trim_ascii_end();
            !before.ends_with(b"digest(") && !before.ends_with(b"toString(")
        }
        Check::Pieces => {
            let ends = |part: &[u8]| part.iter().any(|byte| b"'\"`".contains(byte));
            let back = &bytes[at.start.saturating_sub(SHORT)..at.start];
            let forth = &rest()[..rest().len().min(SHORT)];
            before.is_some_and(in_text) && after.is_some_and(in_text) && ends(back) && ends(forth)
        }
        Check::Escape => true,
    };
    if counts { word.links } else { Links::default() }
}

/// Bytes of comments between signs that are passed over.
const COMMENT: usize = 256;

/// What comes after white space, ends of lines that count as such, and short comments: nobody who hides a call gains by
/// putting any of it before the bracket.
fn spaced(mut rest: &[u8]) -> &[u8] {
    loop {
        rest = rest.trim_ascii_start();
        let near = &rest[..rest.len().min(COMMENT)];
        let passed = match rest {
            [b'\\', b'\n', ..] => Some(2),
            [b'\\', b'\r', b'\n', ..] => Some(3),
            [b'/', b'*', ..] => near.windows(2).skip(2).position(|end| end == b"*/").map(|end| end + 4),
            [b'/', b'/', ..] | [b'#', ..] => near.iter().position(|byte| *byte == b'\n').map(|end| end + 1),
            _ => None,
        };
        match passed.and_then(|passed| rest.get(passed..)) {
            Some(after) => rest = after,
            None => return rest,
        }
    }
}

/// What comes after a sign, where that is what follows.
fn after_sign(rest: &[u8], sign: u8) -> Option<&[u8]> {
    // Nearly always the sign follows at once, or something that is none.
    match rest.split_first() {
        Some((first, rest)) if *first == sign => Some(rest),
        Some((first, _)) if in_name(*first) => None,
        _ => spaced(rest).strip_prefix(&[sign]),
    }
}

/// Whether one of the texts follows, with any space before each of its signs and words.
fn any_follows(rest: &[u8], texts: &[&str]) -> bool {
    texts.iter().any(|text| follows(rest, text.as_bytes()))
}

fn follows(mut rest: &[u8], text: &[u8]) -> bool {
    let mut in_word = false;
    for byte in text {
        if !in_word && *byte != b'\n' && *byte != b'\r' {
            rest = spaced(rest);
        }
        let Some(after) = rest.strip_prefix(&[*byte]) else { return false };
        (rest, in_word) = (after, in_name(*byte));
    }
    true
}

/// Whether only the part of `urllib` is meant that takes addresses apart.
fn is_of_addresses(rest: &[u8]) -> bool {
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    rest.starts_with(b".parse") || rest.starts_with(b" import parse") && !line.contains(&b',')
}

/// Whether only names stand between here and the `import` before.
fn is_imported(before: &[u8]) -> bool {
    let near = &before[before.len().saturating_sub(COMMENT)..];
    let names = |byte: &u8| in_name(*byte) || byte.is_ascii_whitespace() || b",(\\".contains(byte);
    let from = near.iter().rposition(|byte| !names(byte)).map_or(0, |at| at + 1);
    near[from..].windows(6).any(|word| word == b"import")
}

/// A member by something else than a plain name.
fn index(rest: &[u8]) -> bool {
    after_sign(rest, b'[').is_some_and(|inner| !is_plain_text(inner.trim_ascii_start(), b']'))
}

/// Bytes of a text that is a part of a name.
const SHORT: usize = 14;

/// Modules and members of modules by which code reaches out of its process.
const REACHING: &[&str] = &[
    "os",
    "subprocess",
    "socket",
    "base64",
    "requests",
    "urllib",
    "urllib.request",
    "builtins",
    "marshal",
    "zlib",
    "ctypes",
    "pty",
    "http.client",
    "system",
    "popen",
    "environ",
    "exec",
    "eval",
    "execv",
    "spawn",
    "Popen",
    "run",
    "loads",
    "b64decode",
    "getenv",
    "compile",
    "__import__",
];

/// A text in quotes at the beginning, as far as it is plain and ends in `)` or `,`.
fn plain_text(rest: &[u8]) -> Option<&str> {
    if !is_plain_text(rest, b')') {
        return None;
    }
    let (quote, inner) = rest.split_first()?;
    std::str::from_utf8(inner.split(|byte| byte == quote).next()?).ok()
}

/// `__import__`: called by a plain name, by a variable, or by something put together; or handed on.
fn module(rest: &[u8]) -> Links {
    let Some(rest) = after_sign(rest, b'(') else { return Links::DYNAMIC };
    let rest = spaced(rest);
    match (plain_text(rest), rest.first()) {
        (Some(name), _) if REACHING.contains(&name) => Links::HIDES,
        (Some(_), _) => Links::default(),
        (None, Some(b'"' | b'\'')) => Links::HIDES,
        _ => Links::DYNAMIC,
    }
}

/// `getattr(`: whether the second argument is put together, or names something that reaches out.
fn member(rest: &[u8]) -> bool {
    let Some(rest) = after_sign(rest, b'(') else { return false };
    let line = &rest[..rest.len().min(200)];
    let Some(comma) = line.iter().position(|byte| *byte == b',') else { return false };
    let name = line[comma + 1..].trim_ascii_start();
    let of_a_module = REACHING.iter().any(|module| *line[..comma].trim_ascii() == *module.as_bytes());
    match (plain_text(name), name.first()) {
        (Some(name), _) => of_a_module && REACHING.contains(&name),
        // `"a" + "b"`, but not `"a" "b"` over lines or a text with a place for a value.
        (None, Some(quote @ (b'"' | b'\''))) => {
            let inner = &name[1..];
            let end = inner.iter().position(|byte| byte == quote);
            end.is_some_and(|end| {
                inner[end + 1..].trim_ascii_start().starts_with(b"+") || inner[..end].contains(&b'\\')
            })
        }
        // A variable, or a part of one.
        _ => of_a_module,
    }
}

fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// What stands in the names of modules, functions, commands and places.
fn in_text(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_./-\\:".contains(&byte)
}

/// Whether what is taken of the environment tells anything: only one variable with a harmless name does not.
fn tells(rest: &[u8]) -> bool {
    let name = match rest {
        [b'.', b'g', b'e', b't', b'(', rest @ ..] | [b'[' | b'(', rest @ ..]
            if rest.starts_with(b"\"") || rest.starts_with(b"'") =>
        {
            // One that is put together, or has escapes, is not known.
            let plain = is_plain_text(rest, b']') || is_plain_text(rest, b')');
            plain.then(|| rest[1..].split(|byte| *byte == rest[0]).next()).flatten()
        }
        [b'.', name @ ..] if name.first().is_some_and(u8::is_ascii_uppercase) => {
            name.split(|byte| !in_name(*byte)).next()
        }
        // A name of its own: `environment`, `environ_get`.
        [byte, ..] if in_name(*byte) => return false,
        _ => None,
    };
    let Some(name) = name.filter(|name| name.len() < 100).and_then(|name| std::str::from_utf8(name).ok()) else {
        return true;
    };
    known::is_secret_variable(name) || known::is_name_of_user(name)
}

/// `"name"` and then `end`, with nothing escaped or put together.
fn is_plain_text(rest: &[u8], end: u8) -> bool {
    let Some((quote @ (b'"' | b'\'' | b'`'), inner)) = rest.split_first() else {
        return rest.first().is_some_and(u8::is_ascii_digit);
    };
    let Some(length) = inner.iter().position(|byte| byte == quote) else { return false };
    let plain = inner[..length].iter().all(|byte| byte.is_ascii_graphic() && !b"\\$".contains(byte));
    plain && inner[length + 1..].trim_ascii_start().first().is_some_and(|byte| *byte == end || *byte == b',')
}

/// A module is loaded by a name that is no plain text, or the loader gets another name.
fn load(before: &[u8], word: &str, rest: &[u8]) -> Links {
    // `module.require` and `process.mainModule.require` load as well.
    let own = before.strip_suffix(b".").is_some_and(|of| of.ends_with(b"module") || of.ends_with(b"mainModule"));
    let is_part = before.last().is_some_and(|byte| in_name(*byte) || *byte == b'.' && !own);
    if is_part || rest.first().is_some_and(|byte| in_name(*byte)) {
        return Links::default();
    }
    let Some(inner) = after_sign(rest, b'(') else {
        // `const load = require;`: handed on.
        let handed = word == "require" && before.trim_ascii_end().ends_with(b"=");
        return if handed && any_follows(rest, &[";", ","]) { Links::DYNAMIC } else { Links::default() };
    };
    let inner = spaced(inner);
    if is_plain_text(inner, b')') {
        Links::default()
    } else if matches!(inner.first(), Some(b'"' | b'\'')) {
        // A part of a name, or a name in escapes.
        Links::HIDES
    } else {
        Links::DYNAMIC
    }
}
