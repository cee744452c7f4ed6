//! Opening a ledger: making a new one, or checking and replaying one that is there.
//!
//! Order of creation: checkpoint over nothing, public key, first segment, private key last. So a private key without any
//! of the others means that something was taken away.

use std::path::Path;
use std::sync::Arc;

use super::Options;
use super::writer::begin_segment;
use crate::checkpoint::{Checkpoint, Signed};
use crate::disk::{Access, Appending, Disk};
use crate::edge::Edge;
use crate::error::{FileError, OpenError};
use crate::files::{KEY_FILE, PUBLIC_KEY_FILE};
use crate::known::Known;
use crate::merkle;
use crate::note::{SigningKey, VerifierKey};
use crate::publish::{CHECKPOINT, Durable, Publisher, sign_and_place};
use crate::tail::{self, Header, Replayed};
use crate::tile::{self, Kind, Tile};

mod inventory;

/// A ledger ready for its threads. Everything in it is published and the tail is one fresh segment.
pub(super) struct Opened {
    pub(super) disk: Arc<Disk>,
    pub(super) key: VerifierKey,
    pub(super) publisher: Publisher,
    pub(super) published: Checkpoint,
    pub(super) sequence: u64,
    pub(super) segment: Appending,
}

pub(super) fn open(dir: &Path, options: &Options, known: &Known) -> Result<Opened, OpenError> {
    let disk = Arc::new(Disk::open(dir)?);
    disk.sweep()?;
    disk.ensure_folder(tail::FOLDER)?;
    let key = match disk.read_if_there(KEY_FILE)? {
        Some(bytes) => SigningKey::parse(&String::from_utf8_lossy(&bytes))
            .map_err(|source| OpenError::Key { file: KEY_FILE, source })?,
        None => create(&disk, &options.origin, known)?,
    };
    check_public_key(&disk, &key)?;
    let checkpoint = read_checkpoint(&disk, &key)?;
    let tail = read_tail(&disk, key.verifier(), &checkpoint)?;
    let (edge, bundle) = read_edge(&disk, &checkpoint)?;
    let stale = inventory::check(&disk, checkpoint.size)?;
    known.check(dir, &checkpoint, &edge, tail.end())?;
    let mut publisher = Publisher::new(Arc::clone(&disk), key, edge, bundle);
    stale.into_iter().for_each(|tile| publisher.forget(tile));
    settle_tail(disk, publisher, checkpoint, tail)
}

/// Makes a new ledger. What a creation that was cut short left behind is overwritten; it never held a record.
fn create(disk: &Disk, origin: &str, known: &Known) -> Result<SigningKey, OpenError> {
    let missing = || OpenError::Missing { file: KEY_FILE.to_owned() };
    if !disk.list("tile")?.is_empty() {
        return Err(missing());
    }
    for name in disk.list(tail::FOLDER)? {
        let path = format!("{}/{name}", tail::FOLDER);
        if name != tail::name(1) || disk.read(&path)?.len() > Header::BYTES {
            return Err(missing());
        }
    }
    if let Some(bytes) = disk.read_if_there(CHECKPOINT)? {
        let text = String::from_utf8_lossy(&bytes);
        let unverified = Signed::parse(&text).map(|signed| signed.note().danger_unverified_text().to_owned());
        if unverified.and_then(|text| Checkpoint::parse(&text)).map_or(true, |checkpoint| checkpoint.size > 0) {
            return Err(missing());
        }
    }
    known.check_new()?;
    let (key, text) = SigningKey::generate(origin).map_err(OpenError::Origin)?;
    let checkpoint = Checkpoint::new(origin, 0, merkle::empty_root());
    sign_and_place(disk, &key, &checkpoint)?;
    disk.replace(PUBLIC_KEY_FILE, format!("{}\n", key.verifier()).as_bytes(), Access::Shared)?;
    begin_segment(disk, &Header::after(&checkpoint, 1, key.verifier()), &[], 0)?;
    disk.replace(KEY_FILE, text.as_bytes(), Access::Owner)?;
    Ok(key)
}

fn check_public_key(disk: &Disk, key: &SigningKey) -> Result<(), OpenError> {
    let missing = || OpenError::Missing { file: PUBLIC_KEY_FILE.to_owned() };
    let bytes = disk.read_if_there(PUBLIC_KEY_FILE)?.ok_or_else(missing)?;
    let of_file = |source| OpenError::Key { file: PUBLIC_KEY_FILE, source };
    let public = VerifierKey::parse(&String::from_utf8_lossy(&bytes)).map_err(of_file)?;
    if public == *key.verifier() {
        return Ok(());
    }
    Err(of_file(crate::note::NoteError::Key("it is another key than the private one beside it belongs to")))
}

fn read_checkpoint(disk: &Disk, key: &SigningKey) -> Result<Checkpoint, OpenError> {
    let missing = || OpenError::Missing { file: CHECKPOINT.to_owned() };
    let bytes = disk.read_if_there(CHECKPOINT)?.ok_or_else(missing)?;
    Ok(Signed::parse(&String::from_utf8_lossy(&bytes))?.verify(key.verifier())?)
}

/// Replays the tail and checks that it goes with the checkpoint.
fn read_tail(disk: &Disk, key: &VerifierKey, checkpoint: &Checkpoint) -> Result<Replayed, OpenError> {
    let mut segments = Vec::new();
    for name in disk.list(tail::FOLDER)? {
        let bytes = disk.read(&format!("{}/{name}", tail::FOLDER))?;
        segments.push((name, bytes));
    }
    let replayed = tail::replay(&segments, &tail::log_id(key))?;
    let replayed = replayed.ok_or_else(|| OpenError::Missing { file: format!("{}/", tail::FOLDER) })?;
    check_against(&replayed, checkpoint)?;
    if let Some(cut) = &replayed.cut {
        tracing::warn!(
            segment = cut.segment,
            at = cut.at,
            bytes = cut.bytes,
            "the tail's end is incomplete and is cut: a write that was under way when the process or the machine stopped, or \
             one that was cut afterwards"
        );
    }
    Ok(replayed)
}

fn check_against(tail: &Replayed, checkpoint: &Checkpoint) -> Result<(), OpenError> {
    let (published, root) = tail.published;
    let size = checkpoint.size;
    if published > size {
        return Err(OpenError::WentBack { found: size, published });
    }
    if published == size && root != checkpoint.root {
        return Err(OpenError::Disagrees { what: format!("{}/", tail::FOLDER), size });
    }
    Ok(tail.check_covers(size)?)
}

/// Reads the tiles at the tree's right edge and checks that they lead to the checkpoint's root.
fn read_edge(disk: &Disk, checkpoint: &Checkpoint) -> Result<(Edge, Vec<u8>), OpenError> {
    let size = checkpoint.size;
    let disagrees = |tile: Tile| OpenError::Disagrees { what: tile.path(), size };
    let read = |tile: Tile| -> Result<Vec<u8>, OpenError> {
        let path = tile.path();
        disk.read_if_there(&path)?.ok_or(OpenError::Missing { file: path })
    };
    let edge = Edge::load(size, |tile| tile::decode_hashes(&read(tile)?, tile.width).ok_or_else(|| disagrees(tile)))?;
    if edge.root() != checkpoint.root {
        return Err(OpenError::Disagrees { what: "the root hash over the partial tiles".to_owned(), size });
    }
    let mut bundle = Vec::new();
    if let Some(tile) = tile::partials(size).into_iter().find(|tile| tile.kind == Kind::Entries) {
        bundle = read(tile)?;
        let entries = tile::decode_entries(&bundle, tile.width).ok_or_else(|| disagrees(tile))?;
        let hashes: Vec<_> = entries.into_iter().map(merkle::leaf_hash).collect();
        if hashes != edge.level(0) {
            return Err(disagrees(tile));
        }
    }
    Ok((edge, bundle))
}

/// Publishes what the tail holds and begins a fresh segment.
///
/// The records are first written to a new segment and synced: a sync that failed in an earlier process may have left
/// them in the system's memory and not on the disk, and only what is synced in the tail may go into bundles.
fn settle_tail(
    disk: Arc<Disk>,
    mut publisher: Publisher,
    checkpoint: Checkpoint,
    mut tail: Replayed,
) -> Result<Opened, OpenError> {
    let mut sequence = tail.sequence;
    let mut published = checkpoint;
    let skip = (published.size - tail.first).min(tail.entries.len() as u64) as usize;
    let entries = tail.entries.split_off(skip);
    if !entries.is_empty() {
        let mut frame = Vec::new();
        tail::encode_frame(&mut frame, published.size, &entries);
        sequence += 1;
        begin_segment(&disk, &publisher.tail_header(sequence, &published), &frame, 0)?;
        let bytes = entries.iter().map(Vec::len).sum();
        published = publisher.publish(&[Arc::new(Durable { first: published.size, entries, bytes })])?;
    }
    publisher.remove_stale()?;
    sequence += 1;
    let segment = begin_segment(&disk, &publisher.tail_header(sequence, &published), &[], 0)?;
    remove_older_segments(&disk, sequence)?;
    let key = publisher.key().clone();
    Ok(Opened { disk, key, publisher, published, sequence, segment })
}

/// Oldest first, so that a crash leaves no gap.
fn remove_older_segments(disk: &Disk, newest: u64) -> Result<(), FileError> {
    let newest = tail::name(newest);
    let older = disk.list(tail::FOLDER)?.into_iter().filter(|name| *name < newest);
    older.map(|name| format!("{}/{name}", tail::FOLDER)).try_for_each(|path| disk.remove(&path))
}
