//! The room in which clients wait while the node goes over to another state: every request is told to come back.
//!
//! Nothing is served here, so nothing is recorded. Invariant: whoever looks after the node sees it alive and not ready.

use std::sync::Arc;
use std::time::Duration;

use fanlight_base::clock::SharedClock;
use fanlight_net::serve::{Answering, BindError, Limits, Socket, serve_within};
use fanlight_net::tls::TrustedClients;
use fanlight_net::{Body, Handler, Peer, Problem, Tls, Unread};
use http::{Request, Response, StatusCode};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::health::text;

/// Seconds after which to ask again.
const AGAIN: u32 = 5;
/// How long clients may take to read that they have to wait.
const LEAVE: Duration = Duration::from_millis(500);

/// Open until it is closed.
pub struct Room {
    close: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

struct Wait;

impl Handler for Wait {
    fn call(&self, peer: Peer, request: Request<hyper::body::Incoming>) -> Answering<'_> {
        let answer = match request.uri().path() {
            "/healthz" => text(StatusCode::OK, "ok\n".to_owned()),
            "/readyz" => {
                text(StatusCode::SERVICE_UNAVAILABLE, "not ready: going over to a restored state\n".to_owned())
            }
            _ => closed(&peer),
        };
        Box::pin(std::future::ready(answer))
    }

    fn refuse(&self, peer: Peer, _unread: Unread) -> Answering<'_> {
        Box::pin(std::future::ready(closed(&peer)))
    }
}

fn closed(peer: &Peer) -> Response<Body> {
    let words = "This node is being taken back to a backup, and serves nothing until that is done.";
    Problem::unavailable(words, AGAIN).answer(peer.request)
}

impl Room {
    /// Opens it on the node's own socket.
    pub fn open(socket: &Socket, tls: &Tls, clock: SharedClock) -> Result<Self, BindError> {
        let listener = socket.listener(tls, &TrustedClients::default(), clock)?;
        let (close, closed) = oneshot::channel::<()>();
        let bounds = Limits { drain: LEAVE, ..Limits::default() };
        let serving = tokio::spawn(async move {
            serve_within(listener, Arc::new(Wait), bounds, async { drop(closed.await) }).await;
        });
        Ok(Self { close, serving })
    }

    /// Sends everybody off, so that they come back to the node itself.
    pub async fn close(self) {
        // Either way it has ended.
        let _ = self.close.send(());
        let _ = self.serving.await;
    }
}
