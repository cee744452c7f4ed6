//! The writer: the one thread that writes the tail. It takes whatever was gathered while its last sync ran, writes it as
//! one frame, syncs once, and tells all who wait.
//!
//! Invariant: after a failed write or sync the segment is given up, since nobody knows what of it is on disk. A new
//! segment that begins at the last acknowledged record takes its place before any record is taken again.

use std::sync::Arc;

use super::shared::{Part, Shared};
use crate::disk::{Access, Appending, Disk};
use crate::error::FileError;
use crate::merkle::Hash;
use crate::note::VerifierKey;
use crate::publish::Durable;
use crate::receipt::Batch;
use crate::tail::{self, Header};

/// Room that a disk must have before a failed ledger takes records again, so that it does not go back and forth.
const ROOM_BYTES: u64 = 4 * 1024 * 1024;

/// Bytes after which a new segment no longer waits for a quiet moment.
const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

pub(super) struct Writer {
    disk: Arc<Disk>,
    log: Hash,
    sequence: u64,
    segment: Appending,
    /// Bytes written to the segment.
    written: u64,
}

enum Work {
    Write(Batch, u64),
    Segment,
    Probe,
    End,
}

/// Begins a segment: aside, synced, renamed, the folder synced. `frame` is what it holds from the start.
pub(super) fn begin_segment(disk: &Disk, header: &Header, frame: &[u8], room: u64) -> Result<Appending, FileError> {
    let path = tail::path(header.sequence);
    let mut bytes = header.encode();
    bytes.extend_from_slice(frame);
    let aside = disk.write_aside(&bytes, Access::Shared, &path)?;
    if room > 0 {
        aside.reserve(room, &path)?;
    }
    let segment = aside.place(&path)?;
    disk.sync_folder(tail::FOLDER)?;
    Ok(segment)
}

impl Writer {
    pub(super) fn new(disk: Arc<Disk>, key: &VerifierKey, sequence: u64, segment: Appending) -> Self {
        Self { disk, log: tail::log_id(key), sequence, segment, written: 0 }
    }

    pub(super) fn run(mut self, shared: &Shared) {
        let mut frame = Vec::new();
        loop {
            match next(shared, self.written) {
                Work::Write(batch, first) => self.write(shared, batch, first, &mut frame),
                Work::Segment => {
                    if let Err(error) = self.new_segment(shared, 0) {
                        shared.fail(Part::Tail, &error);
                    }
                }
                Work::Probe => match self.new_segment(shared, ROOM_BYTES) {
                    Ok(()) => shared.recovered(Part::Tail),
                    Err(error) => drop(shared.fail(Part::Tail, &error)),
                },
                Work::End => return,
            }
        }
    }

    fn write(&mut self, shared: &Shared, mut batch: Batch, first: u64, frame: &mut Vec<u8>) {
        tail::encode_frame(frame, first, batch.entries());
        if let Err(error) = self.segment.append(&self.disk, frame) {
            let error = shared.fail(Part::Tail, &error);
            batch.settle(Err(error));
            return;
        }
        self.written += frame.len() as u64;
        let bytes = batch.bytes();
        let durable = Arc::new(Durable { first, entries: batch.take_entries(), bytes });
        let end = durable.end();
        let mut state = shared.lock();
        state.durable = end;
        state.in_flight = 0;
        state.unpublished_bytes += bytes;
        state.unpublished.push_back(durable);
        drop(state);
        // Before the receipts: who has been told that a record is durable must find it counted.
        shared.durable.send_replace(end);
        batch.settle(Ok(first));
        shared.to_publish.notify_one();
    }

    /// Nothing is in flight here, so the new segment begins at the last acknowledged record.
    fn new_segment(&mut self, shared: &Shared, room: u64) -> Result<(), FileError> {
        let state = shared.lock();
        let header = Header {
            sequence: self.sequence + 1,
            first: state.durable,
            published: state.published.size,
            root: state.published.root,
            log: self.log,
        };
        drop(state);
        self.segment = begin_segment(&self.disk, &header, &[], room)?;
        self.sequence = header.sequence;
        self.written = 0;
        let mut state = shared.lock();
        state.segments.push_back((header.sequence, header.first));
        // A checkpoint may have come while the segment was made; the publisher asks again then.
        state.wants_segment &= state.published.size != header.published;
        shared.to_publish.notify_one();
        Ok(())
    }
}

fn next(shared: &Shared, written: u64) -> Work {
    let mut state = shared.lock();
    loop {
        if state.failure(Part::Tail).is_some() {
            if state.is_closing {
                return Work::End;
            }
            shared.to_write.wait_for(&mut state, shared.probe_every());
            if state.is_closing {
                return Work::End;
            }
            return Work::Probe;
        }
        // Nobody waits for a new segment, but everybody behind it does: it comes when nothing else is to be written.
        if state.wants_segment && (state.gathering.entries().is_empty() || written > SEGMENT_BYTES) {
            return Work::Segment;
        }
        if !state.gathering.entries().is_empty() {
            let batch = std::mem::take(&mut state.gathering);
            state.in_flight = batch.entries().len() as u64;
            return Work::Write(batch, state.durable);
        }
        if state.is_closing {
            return Work::End;
        }
        shared.to_write.wait(&mut state);
    }
}
