//! The record a page at a time, the newest first: chosen by who, what, when and how it was decided.
//!
//! Chunks of records that cannot fit are passed over by their marks; those that can are read and looked at record by record.
//! Invariant: a page never takes longer than its search may, however large the ledger is, and says where the next begins.

mod marks;

pub use marks::Marks;

use std::ops::Range;
use std::time::Instant;

use fanlight_api::activity::{Ask, MAX_ROWS, Page, ROWS};
use fanlight_base::{PersonId, Timestamp, limits};
use fanlight_gate::{Context, Handled};
use fanlight_ledger::Ledger;
use fanlight_net::{Problem, RequestBody};
use fanlight_store::{Store, StoreError};
use http::{Request, StatusCode};

use crate::Console;
use crate::ledger::PAGE;
use crate::reads::store_problem;
use crate::records::{Reader, Source};
use crate::reply::json;
use marks::{CHUNK, Kind, Seen, Word, may_have};

/// Chunks whose marks are read at once.
const MARKS: u64 = 512;
/// Chunks that one question to the database is about.
const SPAN: u64 = 4096;

/// What is looked for: of each group of words one at least, within the times.
#[derive(Default)]
struct Wanted {
    groups: Vec<Vec<Word>>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Wanted {
    fn fits(&self, entry: &[u8]) -> bool {
        if self.groups.is_empty() && self.since.is_none() && self.until.is_none() {
            return true;
        }
        let Some(seen) = Seen::of(entry) else { return false };
        if self.since.is_some_and(|since| seen.time < since) || self.until.is_some_and(|until| seen.time >= until) {
            return false;
        }
        let words = seen.words();
        self.groups.iter().all(|group| group.iter().any(|word| words.contains(word)))
    }

    fn may_be_in(&self, marks: &[u8]) -> bool {
        self.groups.iter().all(|group| group.iter().any(|word| may_have(marks, word)))
    }
}

/// A search back through the record.
struct Search {
    wanted: Wanted,
    rows: usize,
    ends: Instant,
    found: Vec<(u64, Vec<u8>)>,
    /// Records before this one were not looked at.
    reached: u64,
}

/// Why a search gave up.
enum Stopped {
    Store(StoreError),
    Ledger(String),
}

impl Search {
    fn is_over(&self) -> bool {
        self.reached == 0 || self.found.len() >= self.rows || Instant::now() >= self.ends
    }

    /// Looks at a range of records that ends where the search is.
    async fn look(&mut self, ledger: &Ledger, range: Range<u64>) -> Result<(), Stopped> {
        let (ledger, read) = (ledger.clone(), range.clone());
        let entries = tokio::task::spawn_blocking(move || marks::read(&ledger, read)).await;
        let entries = entries.map_err(|error| Stopped::Ledger(error.to_string()))?.map_err(Stopped::Ledger)?;
        for (index, entry) in range.rev().zip(entries.into_iter().rev()) {
            if self.found.len() >= self.rows {
                return Ok(());
            }
            self.reached = index;
            if self.wanted.fits(&entry) {
                self.found.push((index, entry));
            }
        }
        Ok(())
    }

    async fn run(&mut self, ledger: &Ledger, store: &Store, marked: u64) -> Result<(), Stopped> {
        // What is not marked yet: the newest records, or all of them on a node that has just begun to mark.
        while self.reached > marked * CHUNK && !self.is_over() {
            let start = ((self.reached - 1) / CHUNK * CHUNK).max(marked * CHUNK);
            self.look(ledger, start..self.reached).await?;
        }
        // The rest of a chunk that a page before ended in.
        if !self.is_over() && !self.reached.is_multiple_of(CHUNK) {
            let start = self.reached / CHUNK * CHUNK;
            self.look(ledger, start..self.reached).await?;
        }
        while !self.is_over() {
            let before = self.reached / CHUNK;
            // Where nothing is of that time, one question looks at no more than these.
            let chunks = before.saturating_sub(SPAN)..before;
            let (since, until) = (self.wanted.since, self.wanted.until);
            let rows = store.marks_of(chunks.clone(), since, until, MARKS).await.map_err(Stopped::Store)?;
            let is_last = (rows.len() as u64) < MARKS;
            for row in rows {
                if self.is_over() {
                    return Ok(());
                }
                // Whatever lies between cannot have records of that time.
                self.reached = (row.chunk + 1) * CHUNK;
                if self.wanted.may_be_in(&row.marks) {
                    self.look(ledger, row.chunk * CHUNK..(row.chunk + 1) * CHUNK).await?;
                } else {
                    self.reached = row.chunk * CHUNK;
                }
            }
            if is_last && !self.is_over() {
                self.reached = chunks.start * CHUNK;
            }
        }
        Ok(())
    }
}

impl Console {
    pub(crate) async fn page_records(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let (recorded, size, ask) = self.reading::<Ask>(context, PAGE, request).await?;
        let rows = ask.limit.unwrap_or(ROWS);
        if !(1..=MAX_ROWS).contains(&rows) {
            return Ok(recorded.problem(Problem::bad_request(format!("A page has 1 to {MAX_ROWS} records."))));
        }
        let reached = ask.before.unwrap_or(size).min(size);
        let wanted = match self.wanted(ask).await {
            Ok(Ok(wanted)) => wanted,
            Ok(Err(problem)) => return Ok(recorded.problem(*problem)),
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        let rows = usize::try_from(rows).unwrap_or(0);
        let ends = Instant::now() + limits::PAGE_SEARCH_TIME;
        let mut search = Search { wanted, rows, ends, found: Vec::new(), reached };
        let ledger = self.parts.gate.ledger();
        match search.run(ledger, &self.parts.store, self.parts.marks.marked()).await {
            Ok(()) => {}
            Err(Stopped::Store(error)) => return Ok(store_problem(recorded, &error)),
            Err(Stopped::Ledger(error)) => {
                tracing::error!(error, "the ledger could not be read for a page of it");
                let problem = Problem::unavailable("The ledger's files cannot be read.", 60);
                let advice = "`fanlight ledger verify` says which file is wrong.".to_owned();
                return Ok(recorded.problem(problem.advice(Some(advice))));
            }
        }
        let keys = self.parts.gate.identity().sealed_reader();
        let mut reader = Reader::new(Source::Live(ledger.clone()), Some(keys));
        let mut lines = Vec::with_capacity(search.found.len());
        for (index, entry) in &search.found {
            lines.push(reader.shown(*index, entry).await);
        }
        let next = Some(search.reached).filter(|reached| *reached > 0);
        Ok(json(recorded, StatusCode::OK, &Page { origin: ledger.status().origin, size, lines, next }))
    }

    /// What is looked for, in the words of records; or what is wrong with it.
    async fn wanted(&self, ask: Ask) -> Result<Result<Wanted, Box<Problem>>, StoreError> {
        let texts = [&ask.action, &ask.who, &ask.on, &ask.policy];
        if texts.into_iter().flatten().any(|text| text.is_empty() || text.chars().count() > limits::SEARCHED_CHARACTERS)
        {
            let words = format!("What is looked for has 1 to {} characters.", limits::SEARCHED_CHARACTERS);
            return Ok(Err(Box::new(Problem::bad_request(words))));
        }
        let mut groups = Vec::new();
        groups.extend(ask.action.map(|action| vec![(Kind::Action, action)]));
        groups.extend(ask.outcome.map(|outcome| vec![(Kind::Outcome, outcome.as_str().to_owned())]));
        groups.extend(ask.on.map(|on| vec![(Kind::On, on)]));
        groups.extend(ask.policy.map(|policy| vec![(Kind::Policy, policy)]));
        if let Some(who) = ask.who {
            groups.push(self.called(who).await?);
        }
        Ok(Ok(Wanted { groups, since: ask.since, until: ask.until }))
    }

    /// The words under which records have whoever or whatever is called so.
    async fn called(&self, name: String) -> Result<Vec<Word>, StoreError> {
        let store = &self.parts.store;
        let person = store.person_by_name(&name).await?.map(|person| person.id);
        let devices = store.devices().await?.into_iter().filter(|device| device.machine.as_deref() == Some(&name));
        let mut words: Vec<Word> = devices.map(|device| (Kind::Who, device.id.as_str().to_owned())).collect();
        words.extend(person.as_ref().map(PersonId::as_str).map(|id| (Kind::Who, id.to_owned())));
        words.push((Kind::Who, name));
        Ok(words)
    }
}

#[cfg(test)]
mod tests;
