//! The feeds of advisories out of the settings, joined to what a node has.

use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use fanlight_config::{Config, Feed};
use fanlight_console::Projection;
use fanlight_feeds::{CatchUp, Feeds, FeedsError, Parts, Place};
use fanlight_gate::Gate;
use fanlight_net::Upstream;
use fanlight_store::Store;

/// How long who received what is malicious waits for the newest records.
const PATIENCE: Duration = Duration::from_secs(5);

/// The feeds as they were kept.
pub async fn open(
    config: &Config,
    gate: &Arc<Gate>,
    store: &Store,
    upstream: &Upstream,
) -> Result<Arc<Feeds>, FeedsError> {
    let places = config.advisories_sources.0.iter().map(|feed| match feed {
        Feed::Path(path) => Place::Path(path.clone()),
        Feed::Url(url) => Place::Url(url.clone()),
    });
    let folder: PathBuf = config.state.join("advisories");
    Feeds::open(Parts {
        gate: gate.clone(),
        upstream: upstream.clone(),
        store: store.clone(),
        folder,
        places: places.collect(),
        vex: config.advisories_vex.0.clone(),
        refresh: config.advisories_refresh,
    })
    .await
}

/// How the feeds wait for the newest records.
pub fn catch_up(projection: &Arc<Projection>) -> CatchUp {
    // The projection ends when the node's life does, which the feeds do not keep from ending.
    let projection: Weak<Projection> = Arc::downgrade(projection);
    Arc::new(move || {
        let projection = projection.upgrade();
        Box::pin(async move {
            if let Some(projection) = projection {
                projection.catch_up(PATIENCE).await;
            }
        })
    })
}
