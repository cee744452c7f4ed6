//! A company's list of people as CSV (RFC 4180): what stands in it, and which lines mean nothing.
//!
//! Refuses to know who is known here. Invariant: bytes, lines, names and groups are bounded before anything is looked up.

use std::collections::{BTreeSet, HashMap};

use fanlight_api::import::Refused;
use fanlight_base::{is_group_name, limits};
use fanlight_identity::Identity;

/// A list, read.
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) lines: Vec<Line>,
    pub(super) refused: Vec<Refused>,
    pub(super) left_out: Vec<String>,
}

/// A line that means something.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) name: String,
    /// The groups they are to be in; nothing where the list has no such column.
    pub(super) groups: Option<BTreeSet<String>>,
    /// Whether they are here.
    pub(super) active: bool,
}

/// Where the columns stand.
struct Columns {
    name: usize,
    groups: Option<usize>,
    active: Option<usize>,
}

impl List {
    /// Reads a list; says in a sentence why it is none.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        // A mark that spreadsheets write before the heading.
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let headings = reader.headers().map_err(|error| format!("The list cannot be read: {error}."))?.clone();
        let column = |name: &str| headings.iter().position(|heading| heading.eq_ignore_ascii_case(name));
        let Some(name) = column("name") else {
            return Err("The list has no column `name`: its first line must name the columns, for example \
                        `name,groups,active`."
                .to_owned());
        };
        let columns = Columns { name, groups: column("groups"), active: column("active") };
        let known = [Some(name), columns.groups, columns.active];
        let others = headings.iter().enumerate().filter(|(at, _)| !known.contains(&Some(*at)));
        let mut list = Self { left_out: others.map(|(_, heading)| heading.to_owned()).collect(), ..Self::default() };
        let mut seen: HashMap<String, u64> = HashMap::new();
        // Counted here: the reader counts no line that ends with carriage return and line feed right.
        for (number, record) in (2..).zip(reader.records()) {
            let record = record.map_err(|error| format!("The list cannot be read: {error}."))?;
            if list.lines.len() + list.refused.len() >= limits::IMPORT_PEOPLE {
                return Err(format!("The list has more than {} people: take it over in parts.", limits::IMPORT_PEOPLE));
            }
            let line =
                columns.line(&record, number).and_then(|line| match seen.insert(line.name.to_lowercase(), number) {
                    Some(before) => Err(format!("The name stands on line {before} already.")),
                    None => Ok(line),
                });
            match line {
                Ok(line) => list.lines.push(line),
                Err(why) => list.refused.push(Refused { line: number, why }),
            }
        }
        Ok(list)
    }
}

impl Columns {
    fn line(&self, record: &csv::StringRecord, number: u64) -> Result<Line, String> {
        let field = |at: Option<usize>| at.and_then(|at| record.get(at));
        let name = field(Some(self.name)).unwrap_or_default();
        Identity::may_be_called(name).map_err(|error| fanlight_base::words::sentence(&error.to_string()))?;
        let groups = match self.groups {
            None => None,
            Some(_) => {
                let words =
                    field(self.groups).unwrap_or_default().split([' ', ';', ',']).filter(|word| !word.is_empty());
                let groups: BTreeSet<String> = words.map(str::to_owned).collect();
                if let Some(wrong) = groups.iter().find(|group| !is_group_name(group)) {
                    let most = limits::GROUP_BYTES;
                    let words = "small letters, digits and hyphens, and begins with no hyphen";
                    return Err(format!("{wrong:?} is no group: a group's name is 1 to {most} {words}."));
                }
                Some(groups)
            }
        };
        let active = match field(self.active).unwrap_or_default().to_ascii_lowercase().as_str() {
            "" | "yes" | "true" | "1" => true,
            "no" | "false" | "0" => false,
            other => return Err(format!("`active` is yes or no, not {other:?}.")),
        };
        Ok(Line { number, name: name.to_owned(), groups, active })
    }
}

#[cfg(test)]
mod tests;
