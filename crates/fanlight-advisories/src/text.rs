//! Text from outside as it is kept: one line, bounded, without signs that a terminal or a reader would be misled by.

use fanlight_base::limits;

#[cfg(test)]
mod tests;

/// One line of prose: white space and control characters become single spaces, signs that change the direction of
/// writing or show nothing are left out, and what is longer than [`limits::ADVISORY_TEXT_BYTES`] is cut with an ellipsis.
pub fn one_line(text: &str) -> Box<str> {
    let mut out = String::with_capacity(text.len().min(limits::ADVISORY_TEXT_BYTES));
    let room = limits::ADVISORY_TEXT_BYTES - '…'.len_utf8();
    let mut gap = false;
    for c in text.chars().filter(|c| !is_unseen(*c)) {
        if c.is_whitespace() || c.is_control() {
            gap = !out.is_empty();
            continue;
        }
        if out.len() + usize::from(gap) + c.len_utf8() > room {
            out.push('…');
            break;
        }
        if std::mem::take(&mut gap) {
            out.push(' ');
        }
        out.push(c);
    }
    out.into()
}

/// Whether a text may be an advisory's or a document's id: short, visible ASCII without spaces or quotes.
pub fn is_id(text: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b'<' | b'>');
    !text.is_empty() && text.len() <= limits::NAME_BYTES && text.bytes().all(good)
}

/// Whether a text may be a project's name.
pub fn is_name(text: &str) -> bool {
    let bad = |c: char| c.is_control() || c.is_whitespace() || is_unseen(c);
    !text.is_empty() && text.len() <= limits::NAME_BYTES && !text.chars().any(bad)
}

const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
