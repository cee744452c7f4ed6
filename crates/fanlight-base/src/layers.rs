//! The three layers of words that every app has: a title, a headline, and at most three sentences about it.
//!
//! Owns what each may be, so that everybody who looks at a list of apps can read it. Invariant: a [`Layers`] that was checked
//! has something in each layer, each on one line and within its length.

use crate::limits;

/// The three layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layers {
    /// What it is called.
    pub title: String,
    /// What it does, on one line.
    pub headline: String,
    /// What else is worth knowing, in at most three sentences.
    pub about: String,
}

/// What is wrong with one of the layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LayersFault {
    /// Empty, too long, or more than a line.
    #[error("the {layer} is one line of 1 to {limit} characters")]
    Line {
        /// Which layer.
        layer: &'static str,
        /// How many it may have.
        limit: usize,
    },
    /// More sentences than three.
    #[error(
        "what is said about an app is at most {limit} sentences, this is {found}: say what it does, for whom, and with which data",
        limit = limits::APP_SENTENCES
    )]
    Sentences {
        /// How many there are.
        found: usize,
    },
}

impl Layers {
    /// Takes the spaces around each away, and checks them.
    pub fn checked(self) -> Result<Self, LayersFault> {
        let line = |layer, text: &str, limit| {
            let text = text.trim();
            let fits = !text.is_empty() && text.chars().count() <= limit && !text.chars().any(char::is_control);
            if fits { Ok(text.to_owned()) } else { Err(LayersFault::Line { layer, limit }) }
        };
        let title = line("title", &self.title, limits::APP_TITLE_CHARACTERS)?;
        let headline = line("headline", &self.headline, limits::APP_HEADLINE_CHARACTERS)?;
        let about = line("text about it", &self.about, limits::APP_ABOUT_CHARACTERS)?;
        let found = sentences(&about);
        if found > limits::APP_SENTENCES {
            return Err(LayersFault::Sentences { found });
        }
        Ok(Self { title, headline, about })
    }
}

/// How many sentences a text has: one ends with a full stop, a question mark or an exclamation mark and a space behind it.
fn sentences(text: &str) -> usize {
    let mut ends = 0;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_end = matches!(letter, '.' | '!' | '?') && letters.peek().is_some_and(|next| next.is_whitespace());
        ends += usize::from(is_end);
    }
    usize::from(!text.is_empty()) + ends
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(text: &str) -> Result<Layers, LayersFault> {
        Layers { title: "Price list".into(), headline: "Makes the price list".into(), about: text.into() }.checked()
    }

    #[test]
    fn three_sentences_are_enough_and_four_are_too_many() {
        assert_eq!(about("  One. Two! Three? ").unwrap().about, "One. Two! Three?");
        assert!(about("Version 1.2.3 reads prices.csv and writes prices.pdf.").is_ok());
        assert_eq!(about("One. Two. Three. Four"), Err(LayersFault::Sentences { found: 4 }));
    }

    #[test]
    fn each_layer_is_one_line_with_something_on_it() {
        for bad in ["", "   ", "two\nlines", &"x".repeat(limits::APP_ABOUT_CHARACTERS + 1)] {
            assert!(matches!(about(bad), Err(LayersFault::Line { layer: "text about it", .. })), "{bad:?}");
        }
        let long = Layers { title: "t".repeat(limits::APP_TITLE_CHARACTERS + 1), ..about("One.").unwrap() };
        let words = long.checked().unwrap_err().to_string();
        assert_eq!(words, format!("the title is one line of 1 to {} characters", limits::APP_TITLE_CHARACTERS));
    }
}
