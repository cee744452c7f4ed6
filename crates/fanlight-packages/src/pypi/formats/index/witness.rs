//! Whether an HTML page is an index page at all. A proxy or an index that wants a login answers with a page for people,
//! often under status 200; read as an index page it would be a project without files.
//!
//! PEP 503 asks for links and nothing else, so an index page cannot be known by one mark. A page is taken for one that
//! says so (PEP 629, PEP 792), lists files, has the heading that indexes write, or says nothing at all; not one that asks
//! for a password or needs a browser. In doubt it is none: what is known of the project then lives on.

use std::fmt;

use fanlight_base::purl::normalized_pypi_name;
use html5gum::{StartTag, Token};

use super::html::attribute;

/// What a page is instead of an index page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posing {
    /// It asks for a password.
    Login,
    /// It has forms or scripts: a login in several steps, a check for robots, a captive portal.
    ForBrowsers,
    /// It says something, but lists nothing: maintenance, a refusal.
    ForPeople,
    /// No tag at all.
    NotHtml,
}

impl fmt::Display for Posing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Login => "what looks like a login page (it asks for a password and lists nothing)",
            Self::ForBrowsers => "a page for browsers (it has forms or scripts and lists nothing), perhaps a login",
            Self::ForPeople => "a page that lists nothing and does not say that it is an index",
            Self::NotHtml => "text that is no HTML",
        })
    }
}

/// What one link tells of the page it is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// A file of the project, or a link with what only indexes write.
    Sure,
    /// It could be one.
    Likely,
    /// A folder that the page is in.
    Above,
    /// Anything else.
    Elsewhere,
}

/// Elements that a page of links has no use for.
const ACTIVE: [&[u8]; 13] = [
    b"form",
    b"input",
    b"button",
    b"select",
    b"textarea",
    b"script",
    b"noscript",
    b"iframe",
    b"frame",
    b"frameset",
    b"object",
    b"embed",
    b"dialog",
];
/// What indexes and web servers write above a list of links.
const HEADINGS: [&str; 5] = ["links for", "index of", "simple index", "simple repository", "directory listing"];
/// Bytes of text that are looked at, of headings and of all other text each.
const TEXT_BYTES: usize = 512;

/// Looks on while a page is read, and says at its end what it was.
pub(super) struct Witness<'p> {
    /// In normal form; empty for the list of all projects.
    project: &'p str,
    sure: bool,
    likely: bool,
    elsewhere: bool,
    password: bool,
    active: bool,
    tags: bool,
    inside: Inside,
    headings: String,
    text: String,
}

/// Whose text is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Text,
    Heading,
    /// A link, which is judged by its address, or a script or style.
    Passed,
}

impl<'p> Witness<'p> {
    pub(super) fn new(project: &'p str) -> Self {
        Self {
            project,
            sure: false,
            likely: false,
            elsewhere: false,
            password: false,
            active: false,
            tags: false,
            inside: Inside::Text,
            headings: String::new(),
            text: String::new(),
        }
    }

    pub(super) const fn project(&self) -> &str {
        self.project
    }

    /// Whether nothing can change any more that it is an index page.
    pub(super) const fn is_sure(&self) -> bool {
        self.sure
    }

    /// Takes in what a link is.
    pub(super) fn link(&mut self, link: Link) {
        match link {
            Link::Sure => self.sure = true,
            Link::Likely => self.likely = true,
            Link::Above => {}
            Link::Elsewhere => self.elsewhere = true,
        }
    }

    /// Looks at a piece of the page.
    pub(super) fn see(&mut self, token: &Token<()>) {
        if self.sure {
            return;
        }
        match token {
            Token::StartTag(tag) => self.tag(tag),
            Token::EndTag(_) => self.inside = Inside::Text,
            Token::String(text) => {
                let into = match self.inside {
                    Inside::Text => &mut self.text,
                    Inside::Heading => &mut self.headings,
                    Inside::Passed => return,
                };
                let text = String::from_utf8_lossy(&text.value);
                for word in text.split_whitespace() {
                    if into.len() >= TEXT_BYTES {
                        break;
                    }
                    into.extend(word.chars().take(TEXT_BYTES).map(|c| c.to_ascii_lowercase()));
                    into.push(' ');
                }
            }
            _ => {}
        }
    }

    fn tag(&mut self, tag: &StartTag<()>) {
        self.tags = true;
        let is = |name: &str, value: &str| attribute(tag, name).is_some_and(|v| v.trim().eq_ignore_ascii_case(value));
        match tag.name.as_slice() {
            b"meta" => {
                self.sure |= is("name", "pypi:repository-version") || is("name", "pypi:project-status");
                self.active |= is("http-equiv", "refresh");
            }
            b"input" => self.password |= is("type", "password") || is("autocomplete", "current-password"),
            b"body" => self.active |= tag.attributes.contains_key(b"onload".as_slice()),
            b"title" | b"h1" | b"h2" | b"h3" => self.inside = Inside::Heading,
            b"a" | b"script" | b"style" => self.inside = Inside::Passed,
            _ => {}
        }
        self.active |= ACTIVE.contains(&tag.name.as_slice());
    }

    /// What the page was.
    pub(super) fn testify(self) -> Result<(), super::IndexError> {
        let listed = |text: &str| HEADINGS.iter().any(|heading| text.contains(heading));
        let posing = if self.sure {
            return Ok(());
        } else if self.password {
            Posing::Login
        } else if listed(&self.headings) {
            return Ok(());
        } else if self.active {
            Posing::ForBrowsers
        } else if self.likely || listed(&self.text) {
            return Ok(());
        } else if !self.tags {
            Posing::NotHtml
        } else if self.elsewhere || !self.says_nothing() {
            Posing::ForPeople
        } else {
            return Ok(());
        };
        Err(super::IndexError::NotAnIndex(posing))
    }

    /// Whether there is no text but perhaps the project's name.
    fn says_nothing(&self) -> bool {
        let mut words = self.headings.split(' ').chain(self.text.split(' ')).filter(|word| !word.is_empty());
        words.all(|word| normalized_pypi_name(word) == self.project)
    }
}
