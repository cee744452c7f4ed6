//! From a file, whole or still coming, to a response, and how that response differs from the whole file.

use std::fs::File;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use fanlight_net::{Body, BodySender};
use fanlight_store::{BlobFile, Digest};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use tokio::sync::watch;

use super::flight::{FileFault, Flight, Progress};
use super::range::{Span, span};
use super::read::{at_hand, read};
use fanlight_net::conditional::has_it;

/// Bytes read from disk at once.
const CHUNK: u64 = 256 * 1024;
/// Chunks read ahead of the client.
const READ_AHEAD: usize = 2;
/// A file up to this size is read at once and sent with its head in one go.
const SMALL: u64 = 128 * 1024;
/// The last bytes of a file that no client gets before the whole is verified, so that a wrong file always ends cut off.
const HELD_BACK: u64 = 64 * 1024;

/// The unit of ranges.
const BYTES: HeaderValue = HeaderValue::from_static("bytes");
/// How long a request for a part waits for the whole file to be here; then it gets the whole as it comes.
const PATIENCE_FOR_A_PART: Duration = Duration::from_secs(10);

/// Asked with the whole, verified file and its length before its last bytes go; a fault cuts it off there.
pub type BeforeEnd =
    Box<dyn FnOnce(Arc<File>, u64) -> Pin<Box<dyn Future<Output = Result<(), Arc<FileFault>>> + Send>> + Send>;

/// A response about a file that was let through.
pub struct Served {
    /// The response.
    pub response: Response<Body>,
    /// What of the file it carries.
    pub carries: Carries,
    /// The whole file's size in bytes, where known.
    pub of: Option<u64>,
}

/// What of a file a response carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carries {
    /// All of it.
    Whole,
    /// So many of its bytes.
    Part(u64),
    /// Nothing, because the client has this very content.
    Unchanged,
    /// Nothing, because the client asked about it and not for it.
    Head,
    /// Nothing, because the bytes asked for are not in it.
    Unsatisfiable,
}

/// What a file's response says about it.
pub struct FileHeaders {
    /// The media type.
    pub content_type: &'static str,
    /// Its content's digest, which is its ETag.
    pub digest: Digest,
}

impl FileHeaders {
    fn etag(&self) -> String {
        format!("\"{}\"", self.digest)
    }

    /// The answer to a client that has this very content, which needs no look at the file: the address's content never
    /// changes. None to all others.
    pub fn unchanged(&self, request: &HeaderMap, of: Option<u64>) -> Option<Served> {
        let etag = self.etag();
        if !has_it(request, &etag) {
            return None;
        }
        let builder = self.common(Response::builder().status(StatusCode::NOT_MODIFIED), &etag);
        Some(Served { response: finish(builder, Body::Empty), carries: Carries::Unchanged, of })
    }

    /// The answer to `HEAD`: what a `GET` would say, from what is known without fetching the file. Where its size is not
    /// known, ranges are not offered either: clients that build on ranges need both.
    pub fn head(&self, of: Option<u64>) -> Served {
        let builder = self.described(Response::builder(), &self.etag());
        let builder = match of {
            Some(length) => builder.header(header::ACCEPT_RANGES, BYTES).header(header::CONTENT_LENGTH, length),
            None => builder,
        };
        Served { response: finish(builder, Body::Empty), carries: Carries::Head, of }
    }

    fn response(&self, request: &HeaderMap, length: u64) -> (http::response::Builder, Span) {
        let etag = self.etag();
        // A range is only good for the same content (RFC 9110, section 13.1.5).
        let same = request.get(header::IF_RANGE).is_none_or(|value| value.as_bytes() == etag.as_bytes());
        let wanted = request.get(header::RANGE).filter(|_| same).and_then(|value| value.to_str().ok());
        let span = span(wanted, length);
        let builder = self.common(Response::builder(), &etag);
        let builder = match span {
            Span::Whole => builder.header(header::CONTENT_LENGTH, length),
            Span::Part { start, end } => builder
                .status(StatusCode::PARTIAL_CONTENT)
                .header(header::CONTENT_RANGE, format!("bytes {start}-{}/{length}", end - 1))
                .header(header::CONTENT_LENGTH, end - start),
            Span::Outside => builder
                .status(StatusCode::RANGE_NOT_SATISFIABLE)
                .header(header::CONTENT_RANGE, format!("bytes */{length}"))
                .header(header::CONTENT_LENGTH, 0),
        };
        (builder, span)
    }

    fn common(&self, builder: http::response::Builder, etag: &str) -> http::response::Builder {
        self.described(builder, etag).header(header::ACCEPT_RANGES, BYTES)
    }

    fn described(&self, builder: http::response::Builder, etag: &str) -> http::response::Builder {
        builder
            .header(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type))
            .header(header::ETAG, etag)
            // A decision stands behind each answer, so no cache may answer for us.
            .header(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))
    }
}

fn finish(builder: http::response::Builder, body: Body) -> Response<Body> {
    builder.body(body).unwrap_or_else(|_| {
        let mut response = Response::new(Body::Empty);
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

/// The response for a file that is here.
pub async fn cached(blob: BlobFile, headers: &FileHeaders, request: &HeaderMap) -> std::io::Result<Served> {
    let of = Some(blob.len);
    let (builder, span) = headers.response(request, blob.len);
    let (start, end, carries) = match span {
        Span::Whole => (0, blob.len, Carries::Whole),
        Span::Part { start, end } => (start, end, Carries::Part(end - start)),
        Span::Outside => {
            return Ok(Served { response: finish(builder, Body::Empty), carries: Carries::Unsatisfiable, of });
        }
    };
    let file = Arc::new(blob.file);
    if end - start <= SMALL {
        let bytes = match at_hand(&file, start, end - start) {
            Some(bytes) => bytes,
            None => read(file, start, end - start).await?,
        };
        return Ok(Served { response: finish(builder, Body::Full(bytes)), carries, of });
    }
    let (send, body) = Body::channel(READ_AHEAD, Some(end - start));
    tokio::spawn(async move {
        match send_span(&file, start, end, &send).await {
            Ok(()) => drop(send.finish().await),
            Err(Stopped::ClientGone) => {}
            Err(Stopped::Unreadable(error)) => send.cut(error),
        }
    });
    Ok(Served { response: finish(builder, body), carries, of })
}

/// The response for a file on its way. Small files, and faults that show before the first byte leaves, are answered
/// when they are known; larger files flow while they come, all but their last bytes.
/// Before the last bytes of a verified file go, `before_end` is asked.
pub async fn streamed(
    flight: &Flight,
    headers: &FileHeaders,
    request: &HeaderMap,
    before_end: Option<BeforeEnd>,
) -> Result<Served, Arc<FileFault>> {
    let mut progress = flight.watch();
    if request.contains_key(header::RANGE) {
        // A part could end before the end, where alone a wrong file is given away: it is sent of verified files only.
        let over = |p: &Progress| matches!(p, Progress::Verified { .. } | Progress::Failed(_));
        let _ = tokio::time::timeout(PATIENCE_FOR_A_PART, progress.wait_for(over)).await;
    }
    let first = progress
        .wait_for(|p| match p {
            Progress::Asked => false,
            Progress::Writing { written, .. } => *written > HELD_BACK,
            Progress::Verified { .. } | Progress::Failed(_) => true,
        })
        .await
        .map_err(|_| Arc::new(FileFault::Lost))?
        .clone();
    match first {
        Progress::Failed(fault) => Err(fault),
        Progress::Verified { length, file } => {
            if let Some(ask) = before_end {
                ask(file.clone(), length).await?;
            }
            let file = file.try_clone().map_err(|_| Arc::new(FileFault::Lost))?;
            cached(BlobFile { file, len: length }, headers, request).await.map_err(|_| Arc::new(FileFault::Lost))
        }
        // The whole, whatever range was asked for, which HTTP allows (RFC 9110, section 14.2). Without a length, HTTP's
        // chunked coding carries the end.
        Progress::Writing { length, file, .. } => {
            let builder = headers.common(Response::builder(), &headers.etag());
            let response = finish(builder, follow(progress, file, length, before_end));
            Ok(Served { response, carries: Carries::Whole, of: length })
        }
        Progress::Asked => Err(Arc::new(FileFault::Lost)),
    }
}

/// Sends what is written as it is written; holds the end back until the whole is verified.
fn follow(
    progress: watch::Receiver<Progress>,
    file: Arc<File>,
    length: Option<u64>,
    before_end: Option<BeforeEnd>,
) -> Body {
    let (send, body) = Body::channel(READ_AHEAD, length);
    tokio::spawn(async move {
        match follow_to_the_end(progress, &file, length, &send, before_end).await {
            Ok(()) => drop(send.finish().await),
            Err(Stopped::ClientGone) => {}
            Err(Stopped::Unreadable(error)) => send.cut(error),
        }
    });
    body
}

async fn follow_to_the_end(
    mut progress: watch::Receiver<Progress>,
    file: &Arc<File>,
    end: Option<u64>,
    send: &BodySender,
    mut before_end: Option<BeforeEnd>,
) -> Result<(), Stopped> {
    let mut at = 0;
    loop {
        let now = progress.borrow_and_update().clone();
        let (ready, done) = match now {
            Progress::Asked => (0, false),
            Progress::Writing { written, length, .. } => {
                (length.unwrap_or(written).saturating_sub(HELD_BACK).min(written), false)
            }
            Progress::Verified { length, .. } => (length, true),
            Progress::Failed(fault) => return Err(Stopped::Unreadable(std::io::Error::other(fault.to_string()))),
        };
        if done && let Some(ask) = before_end.take() {
            // What may go without a verdict goes first: the end alone waits for it.
            let most = ready.saturating_sub(HELD_BACK);
            if most > at {
                send_span(file, at, most, send).await?;
                at = most;
            }
            let stopped = |fault: Arc<FileFault>| Stopped::Unreadable(std::io::Error::other(fault.to_string()));
            ask(file.clone(), ready).await.map_err(stopped)?;
        }
        let to = end.map_or(ready, |end| end.min(ready));
        if to > at {
            send_span(file, at, to, send).await?;
            at = to;
        }
        if done || end.is_some_and(|end| at >= end) {
            return Ok(());
        }
        if progress.changed().await.is_err() {
            return Err(Stopped::Unreadable(std::io::Error::other(FileFault::Lost)));
        }
    }
}

/// Why sending ended early.
enum Stopped {
    ClientGone,
    Unreadable(std::io::Error),
}

async fn send_span(file: &Arc<File>, mut at: u64, end: u64, send: &BodySender) -> Result<(), Stopped> {
    while at < end {
        let bytes = read(file.clone(), at, (end - at).min(CHUNK)).await.map_err(Stopped::Unreadable)?;
        at += bytes.len() as u64;
        send.send(bytes).await.map_err(|_| Stopped::ClientGone)?;
    }
    Ok(())
}
