//! Evidence that can be shown: one bounded line, invisible characters as escapes, secrets taken out.
//!
//! A scan reads other people's files; what it quotes ends in logs and on screens, so a quote must not carry a key along.

use fanlight_base::limits::SCAN_EVIDENCE_BYTES;

#[cfg(test)]
mod tests;

/// How tokens of well-known services begin.
const TOKENS: &[&str] = &[
    "AKIA",
    "ASIA",
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "npm_",
    "pypi-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "sk-",
    "sk_live_",
    "rk_live_",
    "AIza",
    "eyJ",
    "SG.",
    "dop_v1_",
    "shpat_",
    "hf_",
];

/// Words before `=` or `:` whose value is a secret.
const SECRET_NAMES: &[&str] =
    &["password", "passwd", "secret", "token", "apikey", "api_key", "authorization", "private_key"];

/// Characters of one run that may be a key: longer ones are cut.
const RUN: usize = 24;

/// Text as one line of bounded length in which nothing is invisible and nothing is secret.
pub fn evidence(text: &str) -> String {
    // Far more than is shown is never looked at: evidence may be a line of megabytes.
    let head = head(text, SCAN_EVIDENCE_BYTES * 8);
    let mut out = visible(&without_secrets(head.trim()));
    if out.len() > SCAN_EVIDENCE_BYTES {
        let mut end = SCAN_EVIDENCE_BYTES - '…'.len_utf8();
        while !out.is_char_boundary(end) {
            end -= 1;
        }
        out.truncate(end);
        out.push('…');
    }
    out
}

/// The longest head of a text of at most `bytes`.
pub fn head(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Text in which line breaks and tabs are spaces, and other characters without a shape are escapes.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() || is_invisible(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// Characters that take no room or turn the order of reading (Unicode TR 36 and 39; "Trojan Source").
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

fn without_secrets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Whether the word before the last `=` or `:` names a secret.
    let mut named = false;
    let mut word = String::new();
    while let Some(first) = rest.chars().next() {
        let run = rest.find(|c: char| !in_run(c)).unwrap_or(rest.len());
        if run == 0 {
            match first {
                '=' | ':' => named = named || is_secret_name(&word),
                ' ' | '"' | '\'' | '`' | '[' | ']' => {}
                _ => named = false,
            }
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (piece, after) = rest.split_at(run);
        rest = after;
        let scheme_of_a_header = named && matches!(piece.to_ascii_lowercase().as_str(), "bearer" | "basic" | "token");
        if (named && !scheme_of_a_header && piece.len() > 3) || is_token(piece) || is_random(piece) {
            out.push_str(&format!("[{} characters taken out]", piece.chars().count()));
            named = false;
        } else {
            out.push_str(piece);
            named &= scheme_of_a_header;
        }
        word = piece.to_ascii_lowercase();
    }
    out
}

fn in_run(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | '$' | '%' | '!')
}

fn is_secret_name(word: &str) -> bool {
    let word = word.replace('-', "_");
    SECRET_NAMES.iter().any(|name| word.ends_with(name))
}

fn is_token(piece: &str) -> bool {
    piece.len() >= 16 && TOKENS.iter().any(|start| piece.starts_with(start))
}

/// A run that is long and mixes letters and digits as keys, digests and packed payloads do.
fn is_random(piece: &str) -> bool {
    let digits = piece.bytes().filter(u8::is_ascii_digit).count();
    let changes = piece.as_bytes().windows(2).filter(|pair| kind(pair[0]) != kind(pair[1])).count();
    piece.len() >= RUN && !piece.contains('.') && digits >= 3 && changes * 4 >= piece.len()
        || piece.len() >= 64 && !piece.contains(['.', '_', '-'])
}

fn kind(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        b'a'..=b'z' => 2,
        _ => 3,
    }
}
