//! Rows in columns for a terminal.

use std::io;

use super::screen::{Screen, Tone, visible};

/// A table: headings, then rows of as many cells.
#[derive(Debug)]
pub struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

/// One cell.
#[derive(Debug, Clone)]
pub struct Cell {
    text: String,
    tone: Option<Tone>,
}

impl Cell {
    /// A text in a tone.
    pub fn toned(text: impl AsRef<str>, tone: Tone) -> Self {
        Self { tone: Some(tone), ..Self::from(text.as_ref()) }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: visible(text.as_ref()).into_owned(), tone: None }
    }
}

impl Table {
    /// A table with these headings.
    pub fn new(headings: impl Into<Vec<&'static str>>) -> Self {
        Self { headings: headings.into(), rows: Vec::new() }
    }

    /// One more row.
    pub fn row(&mut self, cells: impl Into<Vec<Cell>>) {
        self.rows.push(cells.into());
    }

    /// Whether it has no rows.
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Writes it, indented by two; a column that is empty in every row is left out.
    pub fn write(&self, screen: &mut Screen) -> io::Result<()> {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.text.chars().count());
            cells.max().filter(|width| *width > 0).map(|width| width.max(self.headings[column].chars().count()))
        };
        let widths: Vec<Option<usize>> = (0..self.headings.len()).map(width).collect();
        let headings: Vec<Cell> = self.headings.iter().map(|heading| Cell::toned(heading, Tone::Faint)).collect();
        for row in std::iter::once(&headings).chain(&self.rows) {
            let mut line = String::new();
            let mut space = 2;
            for (cell, width) in row.iter().zip(&widths).filter_map(|(cell, width)| Some((cell, (*width)?))) {
                if !cell.text.is_empty() {
                    line.extend(std::iter::repeat_n(' ', space));
                    line.push_str(&cell.tone.map_or_else(|| cell.text.clone(), |tone| screen.tone(&cell.text, tone)));
                    space = 0;
                }
                space += 2 + width - cell.text.chars().count();
            }
            screen.line(&line)?;
        }
        Ok(())
    }
}
