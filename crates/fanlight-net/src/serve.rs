//! A listener: connections in, requests to the [`Handler`], answers out.
//!
//! Refuses to know what a request means. Invariants: at most `Limits::connections` at once; a client that dawdles over a
//! request's head or takes nothing of its answer is cut off; whoever began a request over HTTP/1 is answered by the
//! handler, whole request or not; a panic in the handler is that request's 500 and nobody else's; when told to stop,
//! requests in flight get `Limits::drain` to end.

use std::collections::HashMap;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use fanlight_base::{RequestId, limits};
use http::{Request, Response};
use hyper::body::Incoming;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::body::Body;
use crate::tls::ClientCertificate;

mod connection;
mod listener;
mod refusal;
mod steady;
mod stream;
#[cfg(test)]
mod tests;
mod turn;

use connection::Server;
pub use listener::{BindError, Listener, Socket};
pub use refusal::Unread;

/// How long the listener rests after it could not accept, for example because files have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Whom a request comes from.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The client's address.
    pub address: SocketAddr,
    /// Whether it came over TLS.
    pub tls: bool,
    /// The certificate that it showed, where an authority of the settings vouches for it.
    pub certificate: Option<Arc<ClientCertificate>>,
    /// The request's id: in every log line, in `x-request-id`, in every error shown.
    pub request: RequestId,
}

/// An answer to come.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Response<Body>> + Send + 'a>>;

/// What answers requests: the doors, joined behind one router.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request. A failure is an answer too: see [`crate::answer::Problem`].
    fn call(&self, peer: Peer, request: Request<Incoming>) -> Answering<'_>;

    /// Answers a client of which no request could be read, for the last time on this connection. HTTP/1 alone: in HTTP/2
    /// the protocol's own error codes do this.
    fn refuse(&self, peer: Peer, unread: Unread) -> Answering<'_>;
}

/// The bounds of a listener; the defaults are those of [`fanlight_base::limits`].
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections held at once.
    pub connections: usize,
    /// How long a client may take to send a request's head; also how long an idle connection is kept.
    pub head: Duration,
    /// How long a client may take nothing of an answer: an HTTP/1 connection is then cut, an HTTP/2 stream reset.
    pub silence: Duration,
    /// How long requests in flight may take once the listener is told to stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: limits::CONNECTIONS,
            head: limits::REQUEST_HEAD_TIME,
            silence: limits::CLIENT_SILENCE_TIME,
            drain: limits::DRAIN_TIME,
        }
    }
}

/// How a listener ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Connections cut off because they did not end in time.
    pub cut: usize,
}

/// Serves until `shutdown` is ready, then drains. Errors of single connections are logged, none ends the listener.
pub async fn serve(
    listener: Listener,
    handler: Arc<dyn Handler>,
    shutdown: impl Future<Output = ()> + Send,
) -> Drained {
    serve_within(listener, handler, Limits::default(), shutdown).await
}

/// [`serve`] with bounds of one's own.
pub async fn serve_within(
    listener: Listener,
    handler: Arc<dyn Handler>,
    bounds: Limits,
    shutdown: impl Future<Output = ()> + Send,
) -> Drained {
    let Listener { tcp, speaks, keeper, .. } = listener;
    // Ends with this function, in whatever way it ends.
    let mut keepers = JoinSet::new();
    if let Some(keeper) = keeper {
        keepers.spawn(keeper.run());
    }
    let server = Arc::new(Server::new(handler, speaks, bounds));
    let mut open = Open::default();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            () = open.reap(), if !open.tasks.is_empty() => {}
            accepted = tcp.accept(), if open.tasks.len() < bounds.connections => match accepted {
                Ok((stream, address)) => open.start(&server, stream, address, bounds.connections),
                Err(cause) => {
                    tracing::warn!(%cause, "could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(tcp);
    open.drain(bounds.drain).await
}

/// The connections now open, and for each the means to tell it to end.
#[derive(Default)]
struct Open {
    tasks: JoinSet<()>,
    stops: HashMap<tokio::task::Id, oneshot::Sender<()>>,
}

impl Open {
    fn start(&mut self, server: &Arc<Server>, stream: TcpStream, address: SocketAddr, most: usize) {
        let (stop, stopped) = oneshot::channel();
        let task = self.tasks.spawn(connection::run(server.clone(), stream, address, stopped));
        self.stops.insert(task.id(), stop);
        if self.tasks.len() == most {
            tracing::warn!(connections = most, "as many connections as allowed are open; further clients wait");
        }
    }

    /// Waits for a connection to end and forgets it.
    async fn reap(&mut self) {
        let id = match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(failed)) => {
                if failed.is_panic() {
                    tracing::error!("a connection ended in a panic");
                }
                failed.id()
            }
            None => return,
        };
        self.stops.remove(&id);
    }

    async fn drain(mut self, time: Duration) -> Drained {
        for (_, stop) in self.stops.drain() {
            // Whoever does not listen any more has ended already.
            let _ = stop.send(());
        }
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(time, all).await.is_ok() {
            return Drained { cut: 0 };
        }
        let cut = self.tasks.len();
        tracing::warn!(connections = cut, seconds = time.as_secs(), "cut connections that did not end in time");
        self.tasks.shutdown().await;
        Drained { cut }
    }
}
