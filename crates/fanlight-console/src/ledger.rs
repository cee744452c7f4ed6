//! The ledger over the admin API: records shown with their names, records as stored, the proof of one.
//!
//! A reading is judged and recorded like any act; what is read is sent as it is found, a bounded part at a time, and ends
//! when the reader leaves or the node does. Invariant: what is sent was in the ledger before the reading was.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use fanlight_api::ledger::{Ask, Head, Proof, Range, SoFar};
use fanlight_base::{Facts, Resource};
use fanlight_gate::{Answer, Context, Handled, Recorded, Stop};
use fanlight_ledger::files::FilesError;
use fanlight_ledger::{Ledger, LogFiles};
use fanlight_net::body::{BodySender, ClientGone};
use fanlight_net::{Body, Problem, RequestBody};
use http::{HeaderValue, Request, Response, StatusCode, header};
use serde::Serialize;

use crate::Console;
use crate::admit::admit_with;
use crate::board::Board;
use crate::records::{CHUNK, Reader, RecordsError, Search, Source, earlier};
use crate::reply::{json, read};

/// Parts of an answer that wait for a slow reader.
pub(crate) const QUEUE: usize = 4;
/// Bytes of one part.
const PART_BYTES: usize = 64 * 1024;
/// How long an answer may be silent, so that a reader can tell looking from gone.
const SILENCE: Duration = Duration::from_secs(5);
/// How soon one who follows notices that the node is ending.
const LOOK: Duration = Duration::from_millis(250);
/// How long a proof waits for the checkpoint over its record, which follows within a second.
const PATIENCE: Duration = Duration::from_secs(3);

/// The ledger as the policies know it.
pub fn resource() -> Resource {
    Resource::new("Ledger", "this")
}

/// The facts of a reading: which one, and whether it opens names.
pub fn facts(reading: &'static str) -> Facts {
    Facts::new().with("reading", reading).with("opens_names", [SHOW, PAGE].contains(&reading))
}

/// Records shown with their names.
pub const SHOW: &str = "show";
/// The same, a page at a time.
pub const PAGE: &str = "page";
/// Records as they are stored.
pub const EXPORT: &str = "export";
/// The proof of one record.
pub const PROOF: &str = "proof";

impl Console {
    pub(crate) async fn show_records(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let (recorded, size, ask) = self.reading::<Ask>(context, SHOW, request).await?;
        let ledger = self.parts.gate.ledger().clone();
        let keys = self.parts.gate.identity().sealed_reader();
        let reader = Reader::new(Source::Live(ledger.clone()), Some(keys));
        let (sender, body) = Body::channel(QUEUE, None);
        let (board, out) = (self.parts.board.clone(), Out::new(sender));
        tokio::spawn(async move { end(show(reader, ledger, board, ask, size, out).await) });
        Ok(lines(recorded, body))
    }

    pub(crate) async fn export_records(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let (recorded, size, range) = self.reading::<Range>(context, EXPORT, request).await?;
        let whole = range.from.is_none() && range.to.is_none();
        let before = if whole { earlier(&self.parts.earlier_ledgers) } else { Vec::new() };
        let ledger = self.parts.gate.ledger().clone();
        let (sender, body) = Body::channel(QUEUE, None);
        let range = range.from.unwrap_or(0)..range.to.unwrap_or(size).min(size);
        tokio::spawn(async move { end(export(before, ledger, range, size, Out::new(sender)).await) });
        Ok(lines(recorded, body))
    }

    pub(crate) async fn prove_record(&self, context: &Context, record: &str) -> Handled {
        let recorded = admit_with(context, resource(), facts(PROOF))?;
        let Ok(index) = record.parse::<u64>() else {
            return Ok(recorded.problem(Problem::bad_request("A record's number is a whole number, from 0.")));
        };
        let ledger = self.parts.gate.ledger();
        let asked = Instant::now();
        while (ledger.status().published..ledger.status().durable).contains(&index) && asked.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let dir = ledger.dir();
        let proved = tokio::task::spawn_blocking(move || {
            let files = LogFiles::open(&dir)?;
            let proof = files.prove(index)?;
            let checkpoint = files.checkpoint();
            Ok(Proof { index, origin: checkpoint.origin.clone(), size: checkpoint.size, proof })
        });
        Ok(match proved.await {
            Ok(Ok(proof)) => json(recorded, StatusCode::OK, &proof),
            Ok(Err(error @ FilesError::NoEntry { .. })) => recorded.problem(Problem::not_found(format!("{error}."))),
            Ok(Err(error @ FilesError::NotYetPublished { .. })) => {
                recorded.problem(Problem::unavailable(format!("{error}."), 1))
            }
            Ok(Err(error)) => {
                tracing::error!(%error, index, "a record could not be proved");
                let problem = Problem::unavailable(format!("The ledger's files do not prove it: {error}."), 60);
                recorded.problem(problem.advice(Some("`fanlight ledger verify` says which file is wrong.".to_owned())))
            }
            Err(_) => recorded.problem(Problem::internal()),
        })
    }

    /// Judges and records a reading; gives how many records there were before it, and what was asked.
    pub(crate) async fn reading<T: serde::de::DeserializeOwned>(
        &self,
        context: &Context,
        which: &'static str,
        request: Request<RequestBody>,
    ) -> Result<(Recorded, u64, T), Stop> {
        let ask = read::<T>(request).await;
        let size = self.parts.gate.ledger().status().durable;
        let recorded = admit_with(context, resource(), facts(which))?;
        match ask {
            Ok(ask) => Ok((recorded, size, ask)),
            Err(problem) => Err(recorded.problem(problem).into()),
        }
    }
}

/// JSON lines as the answer, which leaves when the reading's record is on disk.
pub(crate) fn lines(recorded: Recorded, body: Body) -> Answer {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/jsonl"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    recorded.answer(response)
}

async fn show(
    mut reader: Reader,
    ledger: Ledger,
    board: Arc<Board>,
    ask: Ask,
    size: u64,
    mut out: Out,
) -> Result<(), Ended> {
    out.line(&Head { origin: ledger.status().origin, size }).await?;
    out.send().await?;
    let mut next = match ask.from {
        Some(from) => from.min(size),
        None => {
            let mut search = Search::before(size, &ask);
            loop {
                match reader.back(&ask, &mut search).await? {
                    Some(first) => break first,
                    None => out.alive().await?,
                }
            }
        }
    };
    let mut durable = ledger.durable();
    let mut end = size;
    loop {
        while next < end {
            let to = end.min(next + CHUNK);
            for line in reader.fitting(&ask, next..to).await? {
                out.line(&line).await?;
            }
            out.alive().await?;
            next = to;
        }
        if !ask.follow {
            return out.finish().await;
        }
        out.line(&SoFar { so_far: next }).await?;
        out.send().await?;
        end = loop {
            // Looked at before it is waited for: records may have come since, this reading's own among them.
            let there = *durable.borrow_and_update();
            if there > next {
                break there;
            }
            if !board.is_serving() {
                return out.finish().await;
            }
            out.alive().await?;
            // Whether it changed or only time went by is seen above.
            let _ = tokio::time::timeout(LOOK, durable.changed()).await;
        };
    }
}

async fn export(
    before: Vec<PathBuf>,
    ledger: Ledger,
    range: std::ops::Range<u64>,
    size: u64,
    mut out: Out,
) -> Result<(), Ended> {
    out.line(&Head { origin: ledger.status().origin, size }).await?;
    for folder in before {
        let opened = tokio::task::spawn_blocking(move || LogFiles::open(&folder)).await;
        let opened = opened.map_err(|_| RecordsError::Ended).and_then(|files| Ok(files?));
        let source = Source::Files(Box::new(opened?));
        let all = 0..source.size();
        stored(&Reader::new(source, None), all, &mut out).await?;
    }
    stored(&Reader::new(Source::Live(ledger), None), range, &mut out).await?;
    out.finish().await
}

async fn stored(reader: &Reader, range: std::ops::Range<u64>, out: &mut Out) -> Result<(), Ended> {
    let mut next = range.start;
    while next < range.end {
        let to = range.end.min(next + CHUNK);
        for entry in reader.stored(next..to).await? {
            out.push(&entry).await?;
        }
        next = to;
    }
    Ok(())
}

/// Why an answer ended before its end.
pub(crate) enum Ended {
    /// Nobody reads it any more.
    Gone,
    /// The ledger could not be read on.
    Unreadable(RecordsError),
}

impl From<RecordsError> for Ended {
    fn from(error: RecordsError) -> Self {
        Self::Unreadable(error)
    }
}

impl From<ClientGone> for Ended {
    fn from(_: ClientGone) -> Self {
        Self::Gone
    }
}

fn end(ended: Result<(), Ended>) {
    if let Err(Ended::Unreadable(error)) = ended {
        tracing::error!(%error, "the ledger could not be read on for one who was reading it");
    }
}

/// Lines on their way, gathered into parts. Dropped unfinished it breaks the transfer, so that a part is never taken for
/// the whole.
pub(crate) struct Out {
    sender: BodySender,
    part: Vec<u8>,
    sent: Instant,
}

impl Out {
    pub(crate) fn new(sender: BodySender) -> Self {
        Self { sender, part: Vec::new(), sent: Instant::now() }
    }

    pub(crate) async fn line(&mut self, value: &(impl Serialize + Sync)) -> Result<(), ClientGone> {
        // None of the lines' types can fail to be written.
        let line = serde_json::to_vec(value).unwrap_or_default();
        self.push(&line).await
    }

    async fn push(&mut self, line: &[u8]) -> Result<(), ClientGone> {
        self.part.extend_from_slice(line);
        self.part.push(b'\n');
        if self.part.len() >= PART_BYTES { self.send().await } else { Ok(()) }
    }

    async fn send(&mut self) -> Result<(), ClientGone> {
        self.sent = Instant::now();
        self.sender.send(Bytes::from(std::mem::take(&mut self.part))).await
    }

    /// Says something where nothing was said for long; finds out that the reader left.
    pub(crate) async fn alive(&mut self) -> Result<(), ClientGone> {
        if self.sender.is_closed() {
            return Err(ClientGone);
        }
        if self.sent.elapsed() < SILENCE {
            return Ok(());
        }
        self.part.push(b'\n');
        self.send().await
    }

    pub(crate) async fn finish(mut self) -> Result<(), Ended> {
        if !self.part.is_empty() {
            self.send().await?;
        }
        Ok(self.sender.finish().await?)
    }
}
