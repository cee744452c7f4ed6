//! Sentences for people out of templates and facts.

use std::fmt::Write as _;

use crate::clock::{Timestamp, for_people};
use crate::facts::{Fact, Facts};

/// Fills `{name}` places with facts. `{age_minutes}` and other names ending in `_minutes` read as a span ("3 days"),
/// times to the minute. A place without its fact reads "unknown", because a refusal must never fail over its words.
pub fn fill(template: &str, facts: &Facts) -> String {
    let mut out = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let Some(close) = rest[open..].find('}') else {
            out.push_str(&rest[open..]);
            return out;
        };
        let name = &rest[open + 1..open + close];
        match facts.get(name) {
            Some(Fact::Long(minutes)) if name.ends_with("_minutes") => out.push_str(&span(*minutes)),
            Some(Fact::Long(number)) => {
                let _ = write!(out, "{number}");
            }
            Some(Fact::Bool(yes)) => out.push_str(if *yes { "yes" } else { "no" }),
            Some(Fact::Text(text)) => out.push_str(text),
            Some(Fact::Time(at)) => out.push_str(&for_people(*at)),
            None => out.push_str("unknown"),
        }
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
    out
}

/// The names between braces in a template, in order.
pub fn places(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

/// Minutes as people say them: "7 days", "3 hours", "1 minute".
pub fn span(minutes: i64) -> String {
    let minutes = minutes.max(0);
    let (number, unit) = match minutes {
        0..=119 => (minutes, "minute"),
        120..=2879 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

/// The whole minutes from `from` to `to`, never negative.
pub fn minutes_between(from: Timestamp, to: Timestamp) -> i64 {
    (to.as_second() - from.as_second()).max(0) / 60
}

/// Text as one line of visible ASCII of at most `limit` bytes, for an HTTP reason phrase (RFC 9112, section 4).
pub fn one_line_ascii(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit));
    for part in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        for c in part.chars() {
            out.push(match c {
                '\u{21}'..='\u{7e}' => c,
                '\u{2018}' | '\u{2019}' => '\'',
                '\u{201c}' | '\u{201d}' => '"',
                '\u{2013}' | '\u{2014}' => '-',
                _ => '?',
            });
        }
    }
    if out.len() > limit {
        out.truncate(limit.saturating_sub(3));
        out.push_str("...");
    }
    out
}

/// Words of a policy as a sentence: a capital letter before, unless they begin with an id or a purl, and a full stop behind.
pub fn sentence(words: &str) -> String {
    let words = words.trim_end_matches('.');
    let mut letters = words.chars();
    let is_word =
        words.split(' ').next().is_some_and(|first| first.chars().all(|c| c.is_alphabetic() || "',;-".contains(c)));
    match letters.next() {
        Some(first) if is_word => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        Some(_) => format!("{words}."),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_fill_their_places() {
        let facts = Facts::new().with("age_minutes", 4320).with("release", "pkg:pypi/a@1").with("yanked", true);
        assert_eq!(
            fill("{release} is {age_minutes} old, {yanked}, {nothing}", &facts),
            "pkg:pypi/a@1 is 3 days old, yes, unknown"
        );
        assert_eq!(fill("an open { stays", &facts), "an open { stays");
    }

    #[test]
    fn spans_read_as_people_say_them() {
        let said: Vec<_> = [0, 1, 90, 180, 1440, 10080].map(span).into();
        assert_eq!(said, ["0 minutes", "1 minute", "90 minutes", "3 hours", "24 hours", "7 days"]);
    }

    #[test]
    fn a_sentence_begins_with_a_capital_letter_or_with_an_id_as_it_is() {
        for (words, told) in [
            ("nobody knows who asks", "Nobody knows who asks."),
            ("this needs it.", "This needs it."),
            ("req_7k2m is your own request", "req_7k2m is your own request."),
            ("pkg:pypi/a@1 is held", "pkg:pypi/a@1 is held."),
            ("", ""),
        ] {
            assert_eq!(sentence(words), told);
        }
    }

    #[test]
    fn a_reason_phrase_is_one_bounded_ascii_line() {
        assert_eq!(one_line_ascii("held\r\nX: y \u{2014} “ok” ü", 200), "held X: y - \"ok\" ?");
        let cut = one_line_ascii(&"x".repeat(500), 200);
        assert_eq!(cut.len(), 200);
        assert!(cut.ends_with("..."));
    }
}
