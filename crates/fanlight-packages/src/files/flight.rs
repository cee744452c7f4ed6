//! One fetch of one file from the upstream, watched by everybody who waits for it.
//!
//! The fetch is a task of its own: a client that goes away does not cut it off for the others, and what was begun is
//! there for the next. It always ends: it waits for its turn no longer than it may, the upstream client has a deadline on
//! silence, and an upstream that only drips is given up on.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fanlight_base::Fault;
use fanlight_net::UpstreamError;
use fanlight_net::upstream::Shown;
use fanlight_store::{Algorithm, BlobError, PartialBlob};
use tokio::sync::{SemaphorePermit, watch};
use tokio::time::{Instant, timeout};

use super::{Files, OnDrop, Wanted};
use crate::beside;

/// Told when a fetch fails, to record it.
pub type OnFault = Box<dyn FnOnce(&FileFault) + Send>;

/// Why a file could not be had.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// The upstream did not give it.
    #[error("the upstream did not give the file")]
    Upstream(#[source] UpstreamError),
    /// The upstream's answer has another size than its index says.
    #[error("the upstream sent {sent} bytes where its index says {stated}")]
    Size {
        /// Bytes announced or sent.
        sent: u64,
        /// Bytes by the index.
        stated: u64,
    },
    /// Larger than a file may be.
    #[error("the file is larger than {limit} bytes, the most a file may have here")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The content is not what the index's hash promises.
    #[error("the file's content does not match the {algorithm} in the index")]
    Hash {
        /// By which it was compared.
        algorithm: Algorithm,
    },
    /// It came too slowly to go on waiting for it.
    #[error("the upstream sent {sent} bytes in {seconds} seconds, where a file must come with at least {least}")]
    TooSlow {
        /// Bytes that came in the time.
        sent: u64,
        /// The time.
        seconds: u64,
        /// The bytes that must come in it.
        least: u64,
    },
    /// Too many others are on their way.
    #[error("{flights} other files are on their way from the upstream, as many as may be at once")]
    Busy {
        /// The limit.
        flights: usize,
    },
    /// What the scan found in it stops it. Who asks again is told what.
    #[error("what the scan found in it stops it; ask again to be told what it is")]
    Scan,
    /// It could not be kept.
    #[error("the file could not be written to the cache")]
    Cache(#[source] BlobError),
    /// The fetch ended without a word, which is a fault of the program.
    #[error("the fetch of the file ended unexpectedly")]
    Lost,
}

impl FileFault {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Upstream(error) => error.fault(),
            Self::Size { .. } | Self::TooLarge { .. } | Self::TooSlow { .. } | Self::Hash { .. } | Self::Scan => {
                Fault::Upstream
            }
            Self::Busy { .. } | Self::Cache(_) | Self::Lost => Fault::Node,
        }
    }

    /// Whether it was a matter of the upstream's time.
    pub const fn is_late(&self) -> bool {
        match self {
            Self::Upstream(error) => error.is_late(),
            Self::TooSlow { .. } => true,
            _ => false,
        }
    }

    /// Whether it will be the same in a moment: the upstream sent something else than its index promises, or too much.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Size { .. } | Self::TooLarge { .. } | Self::Hash { .. } | Self::Scan)
    }

    /// The words for outside: the fault and its cause, which name the input and the limit and show no data.
    pub fn words(&self) -> String {
        use std::error::Error as _;
        self.source().map_or_else(|| self.to_string(), |cause| format!("{self}: {cause}"))
    }
}

/// How far a fetch is.
#[derive(Debug, Clone)]
pub enum Progress {
    /// Nothing is known yet.
    Asked,
    /// So many bytes are written and can be read.
    Writing {
        /// Bytes written.
        written: u64,
        /// The size, where known.
        length: Option<u64>,
        /// What is written so far.
        file: Arc<File>,
    },
    /// All is there and verified.
    Verified {
        /// The size.
        length: u64,
        /// The content.
        file: Arc<File>,
    },
    /// It failed.
    Failed(Arc<FileFault>),
}

/// A fetch under way.
pub struct Flight {
    progress: watch::Receiver<Progress>,
}

impl Flight {
    pub(super) fn start(files: Arc<Files>, wanted: Wanted, on_fault: OnFault) -> Arc<Self> {
        let (tell, progress) = watch::channel(Progress::Asked);
        beside::spawn(async move {
            // First no longer a flight, also in a panic, then told: who is told must find the blob or start anew.
            let over = OnDrop(|| files.landed(&wanted));
            let done = match files.turn().await {
                Ok(_turn) => fetch(&files, &wanted, &tell).await,
                Err(busy) => Err(busy),
            };
            drop(over);
            match done {
                Ok(done) => tell.send_replace(done),
                Err(fault) => {
                    tracing::warn!(url = %Shown::of(&wanted.url), fault = fault.words(), "a file could not be had");
                    // What is this node's fault is none of the upstream's.
                    if fault.fault() != Fault::Node {
                        on_fault(&fault);
                    }
                    tell.send_replace(Progress::Failed(Arc::new(fault)))
                }
            };
        });
        Arc::new(Self { progress })
    }

    /// Waits until it is over, or until so much of it is written, or is known to come, that nobody waits for more.
    pub async fn over_or_beyond(&self, bytes: u64) -> Progress {
        let mut progress = self.watch();
        let settled = progress.wait_for(|p| match p {
            Progress::Asked => false,
            Progress::Writing { written, length, .. } => length.unwrap_or(*written) > bytes,
            Progress::Verified { .. } | Progress::Failed(_) => true,
        });
        settled.await.map_or_else(|_| Progress::Failed(Arc::new(FileFault::Lost)), |settled| settled.clone())
    }

    /// Its progress from now on.
    pub fn watch(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }
}

impl Files {
    /// Waits, no longer than may be, until another file may be on its way.
    async fn turn(&self) -> Result<SemaphorePermit<'_>, FileFault> {
        match timeout(self.bounds.wait, self.turns.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => Err(FileFault::Busy { flights: self.bounds.flights }),
        }
    }
}

/// Whether a file comes fast enough to go on waiting for it.
struct Pace {
    least: u64,
    time: Duration,
    since: Instant,
    sent: u64,
}

impl Pace {
    fn new((least, time): (u64, Duration)) -> Self {
        Self { least, time, since: Instant::now(), sent: 0 }
    }

    /// So many bytes came. Asked at each chunk, because a silence has a deadline of its own.
    fn came(&mut self, bytes: usize) -> Result<(), FileFault> {
        self.sent += bytes as u64;
        let passed = self.since.elapsed();
        if passed < self.time {
            return Ok(());
        }
        if self.sent < self.least {
            return Err(FileFault::TooSlow { sent: self.sent, seconds: passed.as_secs(), least: self.least });
        }
        *self = Self::new((self.least, self.time));
        Ok(())
    }
}

async fn fetch(files: &Files, wanted: &Wanted, tell: &watch::Sender<Progress>) -> Result<Progress, FileFault> {
    let mut stream = files.upstream.file(&wanted.url, &wanted.named_by).await.map_err(FileFault::Upstream)?;
    let length = stream.length();
    if let (Some(sent), Some(stated)) = (length, wanted.size)
        && sent != stated
    {
        return Err(FileFault::Size { sent, stated });
    }
    let known = wanted.size.or(length);
    if known.is_some_and(|known| known > wanted.limit) {
        return Err(FileFault::TooLarge { limit: wanted.limit });
    }
    let (blobs, expected) = (files.blobs.clone(), wanted.digest);
    let algorithm = expected.algorithm();
    let mut partial = blocking(move || blobs.begin_under(algorithm)).await?.map_err(FileFault::Cache)?;
    let file = partial.reader().file();
    let mut written = 0u64;
    let limit = wanted.size.unwrap_or(wanted.limit);
    let mut pace = Pace::new(files.bounds.pace);
    while let Some(chunk) = stream.chunk().await.map_err(FileFault::Upstream)? {
        pace.came(chunk.len())?;
        written += chunk.len() as u64;
        if written > limit {
            return Err(match wanted.size {
                Some(stated) => FileFault::Size { sent: written, stated },
                None => FileFault::TooLarge { limit },
            });
        }
        partial = write(partial, chunk).await?;
        tell.send_replace(Progress::Writing { written, length: known, file: file.clone() });
    }
    if let Some(stated) = wanted.size
        && written != stated
    {
        return Err(FileFault::Size { sent: written, stated });
    }
    blocking(move || partial.finish(expected)).await?.map_err(|error| match error {
        BlobError::WrongHash { .. } => FileFault::Hash { algorithm },
        other => FileFault::Cache(other),
    })?;
    Ok(Progress::Verified { length: written, file })
}

async fn write(mut partial: PartialBlob, chunk: Bytes) -> Result<PartialBlob, FileFault> {
    blocking(move || partial.write(&chunk).map(|()| partial)).await?.map_err(FileFault::Cache)
}

/// File work off the request threads: a slow disk must not stop other requests.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, FileFault> {
    tokio::task::spawn_blocking(work).await.map_err(|_| FileFault::Lost)
}
