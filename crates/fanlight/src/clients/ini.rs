//! pip's configuration as lines: sections and options as Python's `configparser` reads them.
//!
//! Refuses to write: it says on which lines an option stands. The rules are those of `RawConfigParser` with its
//! defaults, which is what pip uses: `=` or `:` between key and value, whole-line comments with `#` or `;`, deeper
//! lines continue a value, keys without regard to case. pip itself reads `index_url` and `--index-url` as `index-url`.

use super::marks::{EditError, bare};

/// One option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionLines {
    /// The section it stands in.
    pub section: String,
    /// Its key as pip reads it.
    pub key: String,
    /// Its value, the lines of a long one joined by newlines.
    pub value: String,
    /// The first of its lines, from 0.
    pub first: usize,
    /// The last of its lines that is not empty, from 0.
    pub last: usize,
}

/// What stands in the file.
#[derive(Debug, Default)]
pub struct Ini {
    /// The sections with the line of their header, from 0.
    pub sections: Vec<(String, usize)>,
    /// The options in order.
    pub options: Vec<OptionLines>,
}

impl Ini {
    /// Reads a file's text. What `configparser` refuses is refused with the line.
    pub fn read(text: &str) -> Result<Self, EditError> {
        let mut ini = Self::default();
        let mut open: Option<usize> = None;
        for (number, line) in text.lines().enumerate() {
            let line = bare(line);
            let trimmed = line.trim();
            if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
                continue;
            }
            let indent = line.len() - line.trim_start().len();
            if let Some(option) = open.filter(|base| indent > *base).and_then(|_| ini.options.last_mut()) {
                option.value.push('\n');
                option.value.push_str(trimmed);
                option.last = number;
                continue;
            }
            let unreadable = |what: String| EditError::Unreadable { line: number + 1, what };
            if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.rsplit_once(']')).map(|(name, _)| name) {
                if ini.sections.iter().any(|(known, _)| known == name) {
                    return Err(unreadable(format!(
                        "the section [{name}] stands here a second time; pip reads no such file"
                    )));
                }
                ini.sections.push((name.to_owned(), number));
                open = None;
                continue;
            }
            let Some((section, _)) = ini.sections.last() else {
                return Err(unreadable("an option before the first [section]; pip reads no such file".to_owned()));
            };
            let Some(delimiter) = trimmed.find(['=', ':']) else {
                return Err(unreadable(format!("{trimmed:?} has no = or :; pip reads no such file")));
            };
            let key = normalized(&trimmed[..delimiter]);
            let value = trimmed[delimiter + 1..].trim().to_owned();
            ini.options.push(OptionLines { section: section.clone(), key, value, first: number, last: number });
            open = Some(indent);
        }
        Ok(ini)
    }

    /// Every place where a key is set, in any section.
    pub fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a OptionLines> {
        self.options.iter().filter(move |option| option.key == key)
    }
}

/// A key as pip compares it.
fn normalized(key: &str) -> String {
    let key = key.trim().to_lowercase().replace('_', "-");
    key.strip_prefix("--").map(str::to_owned).unwrap_or(key)
}
