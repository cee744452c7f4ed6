//! Reading one feed: its files where they are, or the archive at its address through a file of ours, bounded in bytes
//! and time.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use fanlight_advisories::feed::{self, Entry, EntryFault, FeedError};
use fanlight_base::limits;
use fanlight_net::{FileStream, Upstream, UpstreamError, Validators};
use tokio::io::AsyncWriteExt as _;
use url::Url;

/// Why a feed cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ReadingError {
    /// Its address does not give it.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// It is too large.
    #[error("a feed's archive has at most {limit} bytes, this one has more", limit = limits::ADVISORY_ARCHIVE_BYTES)]
    TooLarge,
    /// It takes too long.
    #[error("the archive did not come whole within {} minutes", limits::ADVISORY_FETCH_TIME.as_secs() / 60)]
    Late,
    /// There is no place to put it.
    #[error("the archive could not be put into {}", .0.display())]
    Place(PathBuf, #[source] std::io::Error),
}

/// An archive fetched for one reading. Removed when it is dropped.
pub struct Fetched {
    /// Where it is.
    pub path: PathBuf,
    /// By what its address knows it again.
    pub validators: Validators,
}

impl Drop for Fetched {
    fn drop(&mut self) {
        // A file that stays is replaced at the next reading.
        let _ = fs::remove_file(&self.path);
    }
}

/// Fetches an archive into `folder`; `None` where the one that was read last is still good.
pub async fn fetch(
    upstream: &Upstream,
    url: &Url,
    known: &Validators,
    folder: &Path,
) -> Result<Option<Fetched>, ReadingError> {
    let fetched = tokio::time::timeout(limits::ADVISORY_FETCH_TIME, fetch_in_time(upstream, url, known, folder)).await;
    fetched.unwrap_or(Err(ReadingError::Late))
}

async fn fetch_in_time(
    upstream: &Upstream,
    url: &Url,
    known: &Validators,
    folder: &Path,
) -> Result<Option<Fetched>, ReadingError> {
    let Some(stream) = upstream.changed_file(url, known).await? else { return Ok(None) };
    if stream.length().is_some_and(|length| length > limits::ADVISORY_ARCHIVE_BYTES) {
        return Err(ReadingError::TooLarge);
    }
    let fetched = Fetched { path: folder.join("feed.zip.part"), validators: stream.validators() };
    write(stream, &fetched.path).await?;
    Ok(Some(fetched))
}

async fn write(mut stream: FileStream, path: &Path) -> Result<(), ReadingError> {
    let failed = |error| ReadingError::Place(path.to_owned(), error);
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(failed)?;
    }
    let mut file = tokio::fs::File::create(path).await.map_err(failed)?;
    let mut bytes = 0;
    while let Some(chunk) = stream.chunk().await? {
        bytes += chunk.len() as u64;
        if bytes > limits::ADVISORY_ARCHIVE_BYTES {
            return Err(ReadingError::TooLarge);
        }
        file.write_all(&chunk).await.map_err(failed)?;
    }
    file.flush().await.map_err(failed)
}

/// The entries of a feed.
pub type Entries = Box<dyn Iterator<Item = Result<Entry, EntryFault>>>;

/// The records of a folder or of an archive. Blocks.
pub fn entries(path: &Path) -> Result<Entries, FeedError> {
    if path.is_dir() {
        return Ok(Box::new(feed::folder(path)?));
    }
    let file = File::open(path).map_err(|error| FeedError::Io(path.display().to_string(), error))?;
    Ok(Box::new(feed::zip(BufReader::new(file))?))
}
