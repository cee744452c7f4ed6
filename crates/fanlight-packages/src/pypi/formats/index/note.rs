//! Notes: what was wrong in part of a page. They name the file, cleaned and cut, and never show other content.

use std::fmt;
use std::sync::Arc;

use super::super::name::RefusedName;

/// Something wrong in one part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The file's name, cleaned and cut; `None` where it has none or the note is about the page.
    pub file: Option<Arc<str>>,
    /// What was wrong.
    pub problem: Problem,
}

/// What was wrong, and so what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The file is no JSON object: left out.
    NotAnObject,
    /// The file has no name: left out.
    NoFileName,
    /// The file's name is not safe: left out.
    RefusedName(RefusedName),
    /// A second file of one name: the first stays.
    Duplicate,
    /// No address, or one that is not absolute `http` or `https`: left out.
    BadUrl,
    /// This field has a wrong type or value and is treated as not stated; a wrong `yanked` counts as yanked.
    BadField(&'static str),
    /// A version in the page's list that is no text, empty, too long or holds control characters: left out.
    BadVersion,
    /// The page says it is about another project. Its files are judged by their own names.
    OtherProject,
    /// The page's version of the form is newer than what is understood.
    NewerForm,
    /// The page's status marker is not one of those known.
    UnknownStatus,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{file:?}: {}", self.problem),
            None => self.problem.fmt(f),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject => f.write_str("left out: the file's entry is no JSON object"),
            Self::NoFileName => f.write_str("left out: the file's entry has no name"),
            Self::RefusedName(why) => write!(f, "left out: {why}"),
            Self::Duplicate => f.write_str("left out: the page has a file of that name already"),
            Self::BadUrl => f.write_str("left out: its address is missing or not absolute http or https"),
            Self::BadField("yanked") => f.write_str("its yanked is neither true or false nor a text: taken as yanked"),
            Self::BadField(field) => write!(f, "its {field} has a wrong type or value: taken as not stated"),
            Self::BadVersion => f.write_str("left out of the list of versions: not a version's text"),
            Self::OtherProject => f.write_str("the page says it is about another project"),
            Self::NewerForm => f.write_str("the page's form is newer than what is understood, 1.4"),
            Self::UnknownStatus => {
                f.write_str("the project's status is a word that is not known: policies see it as it is")
            }
        }
    }
}

/// Outside text that may be shown: cut to 120 characters, control and direction-changing characters as `?`.
pub(super) fn cleaned(text: &str) -> String {
    text.chars().take(120).map(|c| if super::super::name::is_unshowable(c) { '?' } else { c }).collect()
}
