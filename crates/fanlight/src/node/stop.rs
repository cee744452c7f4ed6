//! How a node is told to stop: SIGTERM, SIGINT or Ctrl-C. Listened for from the start to the end, so that a signal that
//! comes while the node goes over to another state is not lost.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that end a node.
pub struct Stop([Option<Signal>; 2]);

impl Stop {
    /// Begins to listen.
    pub fn listen() -> Self {
        Self([(SignalKind::terminate(), "SIGTERM"), (SignalKind::interrupt(), "SIGINT")].map(|(kind, name)| {
            signal(kind).inspect_err(|error| tracing::error!(%error, "{name} cannot be listened for")).ok()
        }))
    }

    /// Waits until the node is told to stop.
    pub async fn asked(&mut self) {
        let [terminate, interrupt] = &mut self.0;
        tokio::select! {
            () = came(terminate) => {}
            () = came(interrupt) => {}
        }
    }
}

async fn came(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}
