//! From a file, whole or still coming, to a response.

use std::fs::File;
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use fanlight_net::{Body, BodySender};
use fanlight_store::{BlobFile, Sha256};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use tokio::sync::watch;

use super::flight::{FileFault, Flight, Progress};
use super::range::{Span, span};

/// Bytes read from disk at once.
const CHUNK: u64 = 256 * 1024;
/// Chunks read ahead of the client.
const READ_AHEAD: usize = 2;
/// A file up to this size is read at once and sent with its head in one go.
const SMALL: u64 = 128 * 1024;
/// The last bytes of a file that no client gets before the whole is verified, so that a wrong file always ends cut off.
const HELD_BACK: u64 = 64 * 1024;

/// How long a request for a part waits for the whole file to be here; then it gets the whole as it comes.
const PATIENCE_FOR_A_PART: Duration = Duration::from_secs(10);

/// What a file's response says about it.
pub struct FileHeaders {
    /// The media type.
    pub content_type: &'static str,
    /// Its content's SHA-256, which is its ETag.
    pub sha256: Sha256,
}

impl FileHeaders {
    fn etag(&self) -> String {
        format!("\"{}\"", self.sha256)
    }

    fn response(&self, request: &HeaderMap, length: u64) -> (http::response::Builder, Span) {
        let etag = self.etag();
        // A range is only good for the same content (RFC 9110, section 13.1.5); the address's content never changes.
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
        builder
            .header(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type))
            .header(header::ETAG, etag)
            .header(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"))
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
pub async fn cached(blob: BlobFile, headers: &FileHeaders, request: &HeaderMap) -> std::io::Result<Response<Body>> {
    let etag = headers.etag();
    if request.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == etag.as_bytes()) {
        return Ok(finish(headers.common(Response::builder().status(StatusCode::NOT_MODIFIED), &etag), Body::Empty));
    }
    let (builder, span) = headers.response(request, blob.len);
    let (start, end) = match span {
        Span::Whole => (0, blob.len),
        Span::Part { start, end } => (start, end),
        Span::Outside => return Ok(finish(builder, Body::Empty)),
    };
    let file = Arc::new(blob.file);
    if end - start <= SMALL {
        let bytes = match at_hand(&file, start, end - start) {
            Some(bytes) => bytes,
            None => read(file, start, end - start).await?,
        };
        return Ok(finish(builder, Body::Full(bytes)));
    }
    let (send, body) = Body::channel(READ_AHEAD, Some(end - start));
    tokio::spawn(async move {
        match send_span(&file, start, end, &send).await {
            Ok(()) => drop(send.finish().await),
            Err(Stopped::ClientGone) => {}
            Err(Stopped::Unreadable(error)) => send.cut(error),
        }
    });
    Ok(finish(builder, body))
}

/// The response for a file on its way. Small files, and faults that show before the first byte leaves, are answered
/// when they are known; larger files flow while they come, all but their last bytes.
pub async fn streamed(
    flight: &Flight,
    headers: &FileHeaders,
    request: &HeaderMap,
) -> Result<Response<Body>, Arc<FileFault>> {
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
            let file = file.try_clone().map_err(|_| Arc::new(FileFault::Lost))?;
            cached(BlobFile { file, len: length }, headers, request).await.map_err(|_| Arc::new(FileFault::Lost))
        }
        // The whole, whatever range was asked for, which HTTP allows (RFC 9110, section 14.2). Without a length, HTTP's
        // chunked coding carries the end.
        Progress::Writing { length, file, .. } => {
            let builder = headers.common(Response::builder(), &headers.etag());
            Ok(finish(builder, follow(progress, file, length)))
        }
        Progress::Asked => Err(Arc::new(FileFault::Lost)),
    }
}

/// Sends what is written as it is written; holds the end back until the whole is verified.
fn follow(progress: watch::Receiver<Progress>, file: Arc<File>, length: Option<u64>) -> Body {
    let (send, body) = Body::channel(READ_AHEAD, length);
    tokio::spawn(async move {
        match follow_to_the_end(progress, &file, length, &send).await {
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

/// Exactly `length` bytes at `offset` where the system has them all in memory: copying them takes less than handing the
/// work to another thread. Nothing where the disk would have to be waited for.
#[cfg(target_os = "linux")]
fn at_hand(file: &File, offset: u64, length: u64) -> Option<Bytes> {
    use rustix::io::{ReadWriteFlags, preadv2};
    let mut buffer = vec![0; usize::try_from(length).ok()?];
    let room = &mut [std::io::IoSliceMut::new(&mut buffer)];
    let filled = preadv2(file, room, offset, ReadWriteFlags::NOWAIT).ok()?;
    (filled == buffer.len()).then(|| buffer.into())
}

#[cfg(not(target_os = "linux"))]
const fn at_hand(_file: &File, _offset: u64, _length: u64) -> Option<Bytes> {
    None
}

/// Reads exactly `length` bytes at `offset`, off the request threads.
async fn read(file: Arc<File>, offset: u64, length: u64) -> std::io::Result<Bytes> {
    tokio::task::spawn_blocking(move || {
        let length = usize::try_from(length).map_err(std::io::Error::other)?;
        let mut buffer = BytesMut::with_capacity(length);
        while buffer.len() < length {
            let at = offset + buffer.len() as u64;
            let room = length - buffer.len();
            let got = {
                let spare: &mut [MaybeUninit<u8>] = buffer.spare_capacity_mut();
                let spare = &mut spare[..room];
                rustix::io::pread(&*file, spare, at)?.0.len()
            };
            if got == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            advance(&mut buffer, got);
        }
        Ok(buffer.freeze())
    })
    .await
    .map_err(std::io::Error::other)?
}

#[expect(unsafe_code, reason = "zeroing a buffer that the kernel fills costs a tenth of a large download")]
fn advance(buffer: &mut BytesMut, read: usize) {
    let length = buffer.len() + read;
    // SAFETY: `pread` has initialised these bytes of the spare capacity.
    unsafe { buffer.set_len(length) }
}
