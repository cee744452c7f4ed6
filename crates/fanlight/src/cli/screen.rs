//! Where a command's words go: standard output for the answer, standard error for what is only for people.
//!
//! Invariant: no control character from outside reaches the terminal; a package's name or a policy's text cannot move
//! the cursor or colour what follows.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _, Write};

use serde::Serialize;

/// How a word stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// The first line, a heading.
    Bold,
    /// What matters less.
    Faint,
    /// Allowed, in order.
    Good,
    /// Held, to be looked at.
    Wait,
    /// Denied, broken.
    Bad,
}

/// The two outputs of a command, and how to write on each.
pub struct Screen {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    colour: bool,
    err_colour: bool,
    /// Whether the answer is for a program.
    pub json: bool,
}

impl Screen {
    /// The process's own outputs. Colour only on a terminal, and not where `NO_COLOR` is set to anything
    /// (no-color.org) or `TERM` is `dumb`.
    pub fn of_this_process(json: bool) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            out: Box::new(io::BufWriter::new(io::stdout())),
            err: Box::new(io::stderr()),
            colour: !plain && io::stdout().is_terminal(),
            err_colour: !plain && io::stderr().is_terminal(),
            json,
        }
    }

    /// Outputs of a test's own, without colour.
    #[cfg(test)]
    pub fn of_test(out: impl Write + 'static, err: impl Write + 'static, json: bool) -> Self {
        Self { out: Box::new(out), err: Box::new(err), colour: false, err_colour: false, json }
    }

    /// A line of the answer.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// The answer as one JSON document, for a program.
    pub fn document(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut self.out, value)?;
        writeln!(self.out)
    }

    /// One line of JSON lines.
    pub fn json_line(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, value)?;
        writeln!(self.out)
    }

    /// Bytes of the answer as they are.
    pub fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }

    /// A line for people beside the answer, after what the answer has so far; lost words are no failure.
    pub fn aside(&mut self, text: &str) {
        let _ = self.out.flush();
        let _ = writeln!(self.err, "{text}");
    }

    /// What went wrong, and what to do.
    pub fn failure(&mut self, words: &str, hint: Option<&str>) {
        let (error, next) = ("error:", "  try:");
        let (error, next) = match self.err_colour {
            true => (coloured(error, Tone::Bad), coloured(next, Tone::Faint)),
            false => (error.to_owned(), next.to_owned()),
        };
        // Some words have lines of their own: a setting's place is shown as it stands in its file.
        let words: Vec<_> = words.lines().map(visible).collect();
        self.aside(&format!("{error} {}", words.join("\n")));
        if let Some(hint) = hint {
            self.aside(&format!("{next} {}", visible(hint)));
        }
    }

    /// A text in a tone, where the output shows tones.
    pub fn tone(&self, text: &str, tone: Tone) -> String {
        if self.colour { coloured(text, tone) } else { text.to_owned() }
    }

    /// Everything written goes out.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn coloured(text: &str, tone: Tone) -> String {
    let code = match tone {
        Tone::Bold => "1",
        Tone::Faint => "2",
        Tone::Good => "32",
        Tone::Wait => "33",
        Tone::Bad => "31",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

/// Text from outside as one line without control characters.
pub fn visible(text: &str) -> Cow<'_, str> {
    // Directional marks (Unicode TR 36) reorder what stands around them, and hide what it says.
    let hostile = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.contains(hostile) { Cow::Owned(text.replace(hostile, "?")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_cannot_steer_the_terminal() {
        assert_eq!(visible("a\u{1b}[31mb\nc\u{202e}d"), "a?[31mb?c?d");
        assert_eq!(visible("Grüße, 世界"), "Grüße, 世界");
    }
}
