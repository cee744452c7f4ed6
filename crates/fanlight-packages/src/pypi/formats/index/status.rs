//! A project's status (PEP 792).

use std::sync::Arc;

use crate::pypi::formats::name::is_unshowable;

/// The project's status and the maintainers' or the upstream's reason for it (PEP 792).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectStatus {
    /// The marker.
    pub status: Status,
    /// Free text, bounded.
    pub reason: Option<Arc<str>>,
}

/// PEP 792's markers. A page without one has `Active`, as the PEP says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Status {
    /// Nothing special.
    #[default]
    Active,
    /// No further releases are expected.
    Archived,
    /// Something else should be used.
    Deprecated,
    /// The upstream thinks it unsafe; it must not be offered for installation.
    Quarantined,
    /// A word that is none of these. The PEP leaves open what it means and says that more markers may come, so it is never
    /// taken for one of those known: policies see the word, and the page passes it on.
    Unknown(Arc<str>),
}

/// Characters of a marker that is not known; a longer one is cut.
const CHARACTERS: usize = 64;
/// What stands for a marker without a character that can be shown, or that is no text.
const NO_WORD: &str = "unknown";

impl Status {
    /// The marker's text, never empty, on one line.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
            Self::Deprecated => "deprecated",
            Self::Quarantined => "quarantined",
            Self::Unknown(word) => word,
        }
    }

    /// Whether the page of a project with this status may list none of the files there are: a quarantined one lists none,
    /// and of one that is not known nobody can say.
    pub const fn may_hide_files(&self) -> bool {
        matches!(self, Self::Quarantined | Self::Unknown(_))
    }

    /// Reads a marker. Case and surrounding white space are not looked at, so that `Quarantined` is not let through as a
    /// word nobody knows.
    pub(super) fn read(text: &str) -> Self {
        let shown: String = text.chars().filter(|c| !is_unshowable(*c)).collect();
        let word: String = shown.trim().chars().take(CHARACTERS).collect();
        let word = word.trim_end().to_ascii_lowercase();
        match word.as_str() {
            "active" => Self::Active,
            "archived" => Self::Archived,
            "deprecated" => Self::Deprecated,
            "quarantined" => Self::Quarantined,
            "" => Self::Unknown(NO_WORD.into()),
            _ => Self::Unknown(word.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_never_taken_for_active() {
        for (text, word) in
            [("suspended", "suspended"), ("", "unknown"), ("\u{202e}", "unknown"), (" Under Review\n", "under review")]
        {
            let status = Status::read(text);
            assert_eq!(status, Status::Unknown(word.into()), "{text:?}");
            assert_eq!(status.as_str(), word);
            assert!(status.may_hide_files());
        }
        assert_eq!(Status::read(&"x".repeat(5000)).as_str().len(), CHARACTERS);
    }

    #[test]
    fn case_and_white_space_do_not_hide_a_known_marker() {
        for text in ["quarantined", " Quarantined ", "QUARANTINED", "\tquarantined\r\n", "quaran\u{200b}tined"] {
            assert_eq!(Status::read(text), Status::Quarantined, "{text:?}");
        }
        assert_eq!(Status::default(), Status::Active, "a page that states none");
    }
}
