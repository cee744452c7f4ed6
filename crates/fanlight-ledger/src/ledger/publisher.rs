//! The publisher: the thread that turns what is durable into bundles, tiles and checkpoints, at most once per
//! `publish_every`, and removes the tail's segments that are no longer needed. It never delays an append; when it cannot
//! work, appends are refused until it can, because a record that nobody can audit is not what was promised.

use std::sync::Arc;
use std::time::Instant;

use super::shared::{Part, Shared, State};
use super::writer::begin_segment;
use crate::disk::Disk;
use crate::error::{FileError, PublishError};
use crate::publish::{Durable, Publisher};
use crate::tail;

/// Records published in one step.
const STEP: usize = 65_536;

pub(super) fn run(mut publisher: Publisher, disk: &Arc<Disk>, shared: &Shared) {
    let mut last: Option<Instant> = None;
    while let Some(work) = next(shared, last) {
        last = Some(Instant::now());
        match step(&mut publisher, disk, shared, &work) {
            Ok(()) => shared.recovered(Part::Publisher),
            Err(error) => {
                shared.fail(Part::Publisher, &error);
                if shared.lock().is_closing {
                    // What is durable stays in the tail; the next start publishes it.
                    return;
                }
            }
        }
    }
    // A panicking writer leaves the rest to the next start too.
    if let Err(error) = last_segment(&publisher, disk, shared) {
        shared.fail(Part::Publisher, &error);
    }
}

/// When all is published and the writer has ended: leaves one empty segment that tells of the last checkpoint.
fn last_segment(publisher: &Publisher, disk: &Disk, shared: &Shared) -> Result<(), PublishError> {
    let mut state = shared.lock();
    let Some((newest, _)) = state.segments.back().copied().filter(|_| state.wants_segment) else { return Ok(()) };
    let header = publisher.tail_header(newest + 1, &state.published);
    state.wants_segment = false;
    drop(state);
    begin_segment(disk, &header, &[], 0)?;
    shared.lock().segments.push_back((header.sequence, header.first));
    remove_segments(disk, shared)?;
    Ok(())
}

fn has_work(state: &State) -> bool {
    !state.unpublished.is_empty() || state.has_segment_to_remove() || state.failure(Part::Publisher).is_some()
}

/// Waits for work, and until it is due. `None` when all is done and the writer has ended.
fn next(shared: &Shared, last: Option<Instant>) -> Option<Vec<Arc<Durable>>> {
    let mut state = shared.lock();
    loop {
        // While closing, the writer's last records come first.
        if state.is_closing && !state.writer_ended {
            shared.to_publish.wait(&mut state);
            continue;
        }
        if !has_work(&state) {
            if state.is_closing {
                return None;
            }
            shared.to_publish.wait(&mut state);
            continue;
        }
        let pause = if state.failure(Part::Publisher).is_some() { shared.probe_every() } else { shared.publish_every };
        let due = last.map(|last| last + pause).filter(|due| *due > Instant::now() && !state.is_closing);
        match due {
            Some(due) => drop(shared.to_publish.wait_until(&mut state, due)),
            None => break,
        }
    }
    let mut count = 0;
    let wanted = state.unpublished.iter().take_while(|durable| {
        let is_wanted = count < STEP;
        count += durable.entries.len();
        is_wanted
    });
    Some(wanted.cloned().collect())
}

fn step(publisher: &mut Publisher, disk: &Disk, shared: &Shared, work: &[Arc<Durable>]) -> Result<(), PublishError> {
    if !work.is_empty() {
        let checkpoint = publisher.publish(work)?;
        let mut state = shared.lock();
        for _ in work {
            if let Some(done) = state.unpublished.pop_front() {
                state.unpublished_bytes -= done.bytes;
            }
        }
        shared.checkpoint.send_replace(checkpoint.clone());
        state.published = checkpoint;
        state.wants_segment = true;
        shared.to_write.notify_one();
    }
    publisher.remove_stale()?;
    remove_segments(disk, shared)?;
    Ok(())
}

/// Removes segments from the oldest on, as long as all their records are published. At least one stays: it tells which
/// checkpoint is the newest.
fn remove_segments(disk: &Disk, shared: &Shared) -> Result<(), FileError> {
    loop {
        let state = shared.lock();
        let oldest = state.segments.front().copied().filter(|_| state.has_segment_to_remove());
        drop(state);
        let Some((sequence, _)) = oldest else { return Ok(()) };
        disk.remove(&tail::path(sequence))?;
        shared.lock().segments.pop_front();
    }
}
