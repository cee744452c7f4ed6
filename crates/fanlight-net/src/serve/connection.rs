//! One connection: its handshake, its requests, its end.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fanlight_base::{RequestId, limits};
use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue, Response};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use hyper_util::server::graceful::GracefulConnection;
use ring::rand::SecureRandom as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tracing::Instrument as _;

use super::refusal::{Unread, say_and_close};
use super::steady::Steady;
use super::stream::{Open, Pieces, Streams};
use super::turn::{InTurn, Said, Turn};
use super::{Answering, Handler, Limits, Peer};
use crate::answer::Problem;
use crate::body::Body;
use crate::tls::{ClientCertificate, Speaks};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 128;
/// How often an HTTP/2 client is asked whether it is there.
const PING: Duration = Duration::from_secs(20);

/// What all connections of a listener share.
pub(super) struct Server {
    handler: Arc<dyn Handler>,
    speaks: Option<Arc<Speaks>>,
    http1: http1::Builder,
    http2: http2::Builder<Streams>,
    bounds: Limits,
    next_request: AtomicU64,
}

/// Whom a connection is with.
#[derive(Debug, Clone)]
struct Client {
    address: SocketAddr,
    tls: bool,
    certificate: Option<Arc<ClientCertificate>>,
}

impl Client {
    const fn plain(address: SocketAddr) -> Self {
        Self { address, tls: false, certificate: None }
    }

    /// With what was shown and verified in the handshake.
    fn of_tls(address: SocketAddr, stream: &TlsStream<TcpStream>, speaks: &Speaks) -> Self {
        let shown = stream.get_ref().1.peer_certificates().zip(speaks.clients.as_ref());
        let certificate = shown.and_then(|(chain, clients)| ClientCertificate::of(chain, clients)).map(Arc::new);
        Self { address, tls: true, certificate }
    }
}

impl Server {
    pub(super) fn new(handler: Arc<dyn Handler>, speaks: Option<Arc<Speaks>>, bounds: Limits) -> Self {
        // hyper's own limit of headers is that of `limits::REQUEST_HEADERS`; set, it would cost an allocation a request.
        let mut http1 = http1::Builder::new();
        http1
            .timer(TokioTimer::new())
            .header_read_timeout(bounds.head)
            .max_header_size(limits::REQUEST_HEAD_BYTES)
            .max_buf_size(limits::REQUEST_HEAD_BYTES);
        let mut http2 = http2::Builder::new(Streams { silence: bounds.silence });
        http2
            .timer(TokioTimer::new())
            .max_header_list_size(u32::try_from(limits::REQUEST_HEAD_BYTES).unwrap_or(u32::MAX))
            .max_concurrent_streams(STREAMS)
            .keep_alive_interval(PING)
            .keep_alive_timeout(bounds.head);
        let mut start = [0; 8];
        // Without randomness ids start at zero: they are no secret, only less distinct between runs.
        let _ = ring::rand::SystemRandom::new().fill(&mut start);
        Self { handler, speaks, http1, http2, bounds, next_request: AtomicU64::new(u64::from_ne_bytes(start)) }
    }

    /// Gets one answer: gives the request an id, keeps a panic to itself, marks the answer with the id.
    async fn answer<'a>(&'a self, client: Client, call: impl FnOnce(Peer) -> Answering<'a> + Send) -> Response<Body> {
        let number = self.next_request.fetch_add(1, Ordering::Relaxed);
        let (id, shown) = (RequestId::new(number), hexadecimal(number));
        let shown = std::str::from_utf8(&shown).unwrap_or_default();
        let Client { address, tls, certificate } = client;
        let peer = Peer { address, tls, certificate, request: id };
        // In the error level, so that a line of any level has its request's id whatever is filtered out.
        let span = tracing::error_span!("request", id = shown);
        let called = async { call(peer).await }.instrument(span.clone());
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
        response
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
    let Some(speaks) = server.speaks.clone() else {
        return run_http1(&server, stream, Client::plain(address), stopped).await;
    };
    let acceptor = TlsAcceptor::from(speaks.config());
    let handshake = tokio::time::timeout(server.bounds.head, handshake(acceptor, stream));
    // Whoever has not even shaken hands has no request in flight that a stop would have to wait for.
    let shaken = tokio::select! {
        biased;
        _ = &mut stopped => return,
        shaken = handshake => shaken,
    };
    match shaken {
        Ok(Shaken::Tls(stream)) => {
            let client = Client::of_tls(address, &stream, &speaks);
            match stream.get_ref().1.alpn_protocol() {
                Some(b"h2") => run_http2(&server, *stream, client, stopped).await,
                _ => run_http1(&server, *stream, client, stopped).await,
            }
        }
        Ok(Shaken::Plain(stream)) => refuse(&server, stream, Client::plain(address), Unread::Plain).await,
        Ok(Shaken::Failed(cause)) => tracing::debug!(%address, %cause, "a TLS handshake failed"),
        Err(_) => tracing::debug!(%address, "a TLS handshake did not end in time"),
    }
}

/// How a connection to a TLS listener began.
enum Shaken {
    Tls(Box<TlsStream<TcpStream>>),
    Plain(TcpStream),
    Failed(std::io::Error),
}

async fn handshake(acceptor: TlsAcceptor, stream: TcpStream) -> Shaken {
    let mut first = [0];
    // A TLS connection begins with a handshake record, type 22 (RFC 8446, section 5.1); a method begins with a letter.
    if stream.peek(&mut first).await.is_ok_and(|n| n == 1) && first[0].is_ascii_alphabetic() {
        return Shaken::Plain(stream);
    }
    acceptor.accept(stream).await.map_or_else(Shaken::Failed, |stream| Shaken::Tls(Box::new(stream)))
}

async fn run_http1<T>(server: &Arc<Server>, io: T, client: Client, stopped: oneshot::Receiver<()>)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let turn = Turn::new();
    let service = service_fn(|request| {
        turn.asked();
        let (server, turn, client) = (server.clone(), turn.clone(), client.clone());
        async move {
            let answer = server.answer(client, |peer| server.handler.call(peer, request)).await;
            Ok::<_, Infallible>(answer.map(|body| Said { body, turn }))
        }
    });
    let io = InTurn::new(Steady::new(io, server.bounds.silence), turn.clone());
    let mut connection = server.http1.serve_connection(io, service);
    let told = async { drop(stopped.await) };
    let Err(cause) = until_ended(Pin::new(&mut connection), told).await else { return };
    tracing::debug!(address = %client.address, %cause, "a connection ended in an error");
    let parts = connection.into_parts();
    let unread = Unread::of(&cause, !parts.read_buf.is_empty(), server.bounds.head);
    let io = parts.io.into_inner().into_inner();
    match unread {
        Some(unread) if turn.is_idle() => refuse(server, io, client, unread).await,
        // An answer is still on its way; words of ours in the midst of it would be taken for a part of it.
        Some(_) => say_and_close(io, None).await,
        None => {}
    }
}

/// Answers a client of which no request could be read, and closes.
async fn refuse<T>(server: &Arc<Server>, io: T, client: Client, unread: Unread)
where
    T: AsyncRead + AsyncWrite + Unpin,
{
    let answer = server.answer(client, |peer| server.handler.refuse(peer, unread)).await;
    say_and_close(io, Some(answer)).await;
}

async fn run_http2<T>(server: &Arc<Server>, io: T, client: Client, stopped: oneshot::Receiver<()>)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let open = Open::new();
    let service = service_fn(|request| {
        let (server, one, client) = (server.clone(), open.one(), client.clone());
        async move {
            let answer = server.answer(client, |peer| server.handler.call(peer, request)).await;
            Ok::<_, Infallible>(answer.map(|body| Pieces::new(body, one)))
        }
    });
    let connection = pin!(server.http2.serve_connection(Steady::new(io, server.bounds.silence), service));
    let told = async {
        tokio::select! {
            _ = stopped => {}
            () = open.none_for(server.bounds.head) => {}
        }
    };
    tokio::select! {
        ended = until_ended(connection, told) => if let Err(cause) = ended {
            tracing::debug!(address = %client.address, %cause, "a connection ended in an error");
        },
        // The last pieces of answers are with HTTP/2 alone, which waits for its client for ever.
        () = open.none_for(server.bounds.head + server.bounds.silence) => {
            tracing::debug!(address = %client.address, "a connection was cut: its client took nothing more");
        }
    }
}

/// Drives a connection to its end, of its own or, once `told` is ready, after the requests in flight.
async fn until_ended<C: GracefulConnection>(
    mut connection: Pin<&mut C>,
    told: impl Future<Output = ()>,
) -> Result<(), C::Error> {
    tokio::select! {
        ended = connection.as_mut() => return ended,
        () = told => {}
    }
    connection.as_mut().graceful_shutdown();
    connection.await
}
