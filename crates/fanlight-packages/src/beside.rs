//! Tasks beside the request that began them: they go on when its client leaves, and what they log has its id.

use std::future::Future;

use tracing::Instrument as _;

/// Begins one.
pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task.in_current_span());
}
