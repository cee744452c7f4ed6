//! An append-only, tamper-evident log: append, prove, verify. Its files are a C2SP tlog-tiles log with signed
//! checkpoints, so any other implementation of that format can check them; `docs/ledger.md` tells how.
//!
//! Owns the ledger's folder and nothing else. Refuses to know what an entry means: an entry is bytes.
//!
//! Two invariants carry the rest: an index is given out only after its bytes are synced in the tail, and a checkpoint
//! is signed only over entries whose bundles and tiles are synced, never smaller than one signed before.
//!
//! Pure parts, no I/O: [`merkle`], [`tile`], [`note`], [`checkpoint`], [`proof`]. Writing: [`Ledger`]. Reading what
//! another process may be writing, and checking it without trusting anybody: [`files`], [`verify`].

pub mod checkpoint;
mod disk;
mod edge;
pub mod error;
pub mod files;
pub mod known;
pub mod ledger;
pub mod merkle;
pub mod note;
pub mod proof;
mod publish;
mod receipt;
mod tail;
pub mod tile;
pub mod verify;

pub use error::{AppendError, CloseError, OpenError, ReadError, SignError};
pub use files::LogFiles;
pub use known::Known;
pub use ledger::{Continuation, Ledger, Options, Status};
pub use note::VerifierKey;
pub use receipt::Receipt;
