//! One connection: its handshake, its requests, its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fanlight_base::{RequestId, limits};
use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use ring::rand::SecureRandom as _;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tracing::Instrument as _;

use super::steady::Steady;
use super::{Handler, Limits, Peer};
use crate::answer::Problem;
use crate::body::Body;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 128;
/// How often an HTTP/2 client is asked whether it is there.
const PING: Duration = Duration::from_secs(20);
/// How long and how much of a refused client's bytes are read away, so that it gets to read why (RFC 9112, section 9.6).
const LINGER: (Duration, usize) = (Duration::from_secs(1), 1024 * 1024);
/// What a client hears that speaks plain HTTP to a TLS listener.
const SPEAK_TLS: &[u8] = b"HTTP/1.1 400 This address speaks HTTPS: use https://\r\n\
    content-type: text/plain\r\ncontent-length: 42\r\nconnection: close\r\n\r\n\
    This address speaks HTTPS: use https:// .\n";
/// What a client hears that does not get its request's head sent in time.
const HEAD_TOO_SLOW: &[u8] = b"HTTP/1.1 408 The request's head did not arrive in time\r\n\
    content-length: 0\r\nconnection: close\r\n\r\n";

/// What all connections of a listener share.
pub(super) struct Server {
    handler: Arc<dyn Handler>,
    acceptor: Option<TlsAcceptor>,
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    bounds: Limits,
    next_request: AtomicU64,
}

impl Server {
    pub(super) fn new(handler: Arc<dyn Handler>, acceptor: Option<TlsAcceptor>, bounds: Limits) -> Self {
        let mut http1 = http1::Builder::new();
        http1
            .timer(TokioTimer::new())
            .header_read_timeout(bounds.head)
            .max_header_size(limits::REQUEST_HEAD_BYTES)
            .max_buf_size(limits::REQUEST_HEAD_BYTES);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_header_list_size(u32::try_from(limits::REQUEST_HEAD_BYTES).unwrap_or(u32::MAX))
            .max_concurrent_streams(STREAMS)
            .keep_alive_interval(PING)
            .keep_alive_timeout(bounds.head);
        let mut start = [0; 8];
        // Without randomness ids start at zero: they are no secret, only less distinct between runs.
        let _ = ring::rand::SystemRandom::new().fill(&mut start);
        Self { handler, acceptor, http1, http2, bounds, next_request: AtomicU64::new(u64::from_ne_bytes(start)) }
    }

    /// Answers one request: gives it an id, keeps a panic to itself, marks the answer with the id.
    async fn answer(
        self: Arc<Self>,
        address: SocketAddr,
        tls: bool,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Infallible> {
        let number = self.next_request.fetch_add(1, Ordering::Relaxed);
        let (id, shown) = (RequestId::new(number), hexadecimal(number));
        let shown = std::str::from_utf8(&shown).unwrap_or_default();
        let peer = Peer { address, tls, request: id };
        // In the error level, so that a line of any level has its request's id whatever is filtered out.
        let span = tracing::error_span!("request", id = shown);
        let called = async { self.handler.call(peer, request).await }.instrument(span.clone());
        let mut response = match AssertUnwindSafe(called).catch_unwind().await {
            Ok(response) => response,
            Err(panic) => {
                span.in_scope(|| tracing::error!(panic = panic_text(&*panic), "a request ended in a panic"));
                Problem::internal().answer(id)
            }
        };
        if let Ok(id) = HeaderValue::from_str(shown) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        Ok(response)
    }
}

/// A request's id as [`RequestId`] shows it, without the cost of formatting on the hot path.
fn hexadecimal(number: u64) -> [u8; 16] {
    let mut digits = [0; 16];
    for (place, byte) in number.to_be_bytes().into_iter().enumerate() {
        digits[2 * place] = b"0123456789abcdef"[usize::from(byte >> 4)];
        digits[2 * place + 1] = b"0123456789abcdef"[usize::from(byte & 0xf)];
    }
    digits
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("(no text)")
}

/// Serves a connection until it ends; `stopped` asks it to end after the request in flight.
pub(super) async fn run(
    server: Arc<Server>,
    stream: TcpStream,
    address: SocketAddr,
    mut stopped: oneshot::Receiver<()>,
) {
    // Without it a small answer waits for the acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let Some(acceptor) = server.acceptor.clone() else {
        return run_http1(&server, stream, address, false, stopped).await;
    };
    let handshake = tokio::time::timeout(server.bounds.head, handshake(acceptor, stream, address));
    // Whoever has not even shaken hands has no request in flight that a stop would have to wait for.
    let shaken = tokio::select! {
        biased;
        _ = &mut stopped => return,
        shaken = handshake => shaken,
    };
    let Ok(Some(stream)) = shaken else { return };
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        run_http2(&server, stream, address, stopped).await;
    } else {
        run_http1(&server, stream, address, true, stopped).await;
    }
}

async fn handshake(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    address: SocketAddr,
) -> Option<tokio_rustls::server::TlsStream<TcpStream>> {
    let mut first = [0];
    // A TLS connection begins with a handshake record, type 22 (RFC 8446, section 5.1).
    if stream.peek(&mut first).await.is_ok_and(|n| n == 1) && first[0].is_ascii_alphabetic() {
        say_and_close(stream, SPEAK_TLS).await;
        return None;
    }
    acceptor.accept(stream).await.inspect_err(|cause| tracing::debug!(%address, %cause, "a TLS handshake failed")).ok()
}

async fn run_http1<T>(server: &Arc<Server>, io: T, address: SocketAddr, tls: bool, mut stopped: oneshot::Receiver<()>)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(|request| server.clone().answer(address, tls, request));
    let mut connection = server.http1.serve_connection(Steady::new(io, server.bounds.silence), service);
    let mut told = false;
    let ended = std::future::poll_fn(|context| {
        if !told && Pin::new(&mut stopped).poll(context).is_ready() {
            told = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        Pin::new(&mut connection).poll(context)
    })
    .await;
    let Err(cause) = ended else { return };
    tracing::debug!(%address, %cause, "a connection ended in an error");
    let parts = connection.into_parts();
    if cause.is_timeout() && !parts.read_buf.is_empty() {
        say_and_close(parts.io.into_inner(), HEAD_TOO_SLOW).await;
    } else if cause.is_parse() {
        say_and_close(parts.io.into_inner(), b"").await;
    }
}

async fn run_http2<T>(server: &Arc<Server>, io: T, address: SocketAddr, mut stopped: oneshot::Receiver<()>)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let shared = server.clone();
    let service = service_fn(move |request| shared.clone().answer(address, true, request));
    let mut connection = server.http2.serve_connection(Steady::new(io, server.bounds.silence), service);
    let mut told = false;
    let ended = std::future::poll_fn(|context| {
        if !told && Pin::new(&mut stopped).poll(context).is_ready() {
            told = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        Pin::new(&mut connection).poll(context)
    })
    .await;
    if let Err(cause) = ended {
        tracing::debug!(%address, %cause, "a connection ended in an error");
    }
}

/// Sends last words, then reads what the client still sends for a moment: closing on unread bytes makes the system
/// reset the connection, and a reset takes the words with it.
async fn say_and_close<T: AsyncRead + AsyncWrite + Unpin>(mut io: T, words: &[u8]) {
    let linger = async {
        io.write_all(words).await?;
        io.shutdown().await?;
        let mut away = vec![0; 16 * 1024];
        let mut left = LINGER.1;
        while left > 0 {
            match io.read(&mut away).await? {
                0 => break,
                read => left = left.saturating_sub(read),
            }
        }
        Ok::<_, std::io::Error>(())
    };
    // The client is being refused: whether it hears the words is its own loss.
    let _ = tokio::time::timeout(LINGER.0, linger).await;
}
