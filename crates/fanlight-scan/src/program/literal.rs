//! Texts as a language writes them, with their escapes resolved.

/// Resolves `\n`, `\x41`, `\101`, `\u0041`, `\u{41}` and `\U00000041`; anything else after a backslash stands for itself.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(first) = rest.chars().next() else { break };
        rest = &rest[first.len_utf8()..];
        let (value, used) = match first {
            'n' => (Some(10), 0),
            't' => (Some(9), 0),
            'r' => (Some(13), 0),
            '\n' => continue,
            'x' => digits(rest, 2, 16),
            'u' if rest.starts_with('{') => {
                let end = rest.find('}').unwrap_or(0).min(10);
                (u32::from_str_radix(rest.get(1..end).unwrap_or_default(), 16).ok(), end + 1)
            }
            'u' => digits(rest, 4, 16),
            'U' => digits(rest, 8, 16),
            '0'..='7' => {
                let length = 1 + rest.bytes().take(2).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
                let at = text.len() - rest.len() - 1;
                (u32::from_str_radix(&text[at..at + length], 8).ok(), length - 1)
            }
            _ => (None, 0),
        };
        match value.and_then(char::from_u32) {
            Some(c) => {
                out.push(c);
                rest = rest.get(used..).unwrap_or_default();
            }
            None => out.push(first),
        }
    }
    out.push_str(rest);
    out
}

fn digits(rest: &str, count: usize, radix: u32) -> (Option<u32>, usize) {
    (rest.get(..count).and_then(|digits| u32::from_str_radix(digits, radix).ok()), count)
}

/// A whole number as languages write it.
pub(super) fn number(text: &str) -> Option<u32> {
    let text = text.replace('_', "");
    match text.get(..2) {
        Some("0x" | "0X") => u32::from_str_radix(&text[2..], 16).ok(),
        Some("0o" | "0O") => u32::from_str_radix(&text[2..], 8).ok(),
        Some("0b" | "0B") => u32::from_str_radix(&text[2..], 2).ok(),
        _ => text.parse().ok(),
    }
}
