//! Whether the node lives, whether it serves, and its counts, for machines that look after machines.

use std::fmt::Write as _;
use std::sync::Arc;

use fanlight_console::{Board, Projection};
use fanlight_gate::{Gate, Routes, meters::BUCKETS};
use fanlight_net::Body;
use fanlight_packages::{Doors, Memory, Shared};
use http::{HeaderValue, Response, StatusCode, header};

/// What the package doors show of themselves.
#[derive(Clone)]
pub struct Packages {
    /// The doors.
    pub doors: Doors,
    /// What they have in common.
    pub shared: Arc<Shared>,
    /// The memory that their pages take.
    pub memory: Arc<Memory>,
}

/// The open routes.
pub fn routes(gate: Arc<Gate>, board: Arc<Board>, packages: Packages, projection: Arc<Projection>) -> Routes {
    let (gate_of_ready, projection_of_ready) = (gate.clone(), projection.clone());
    Routes::new()
        .open("/healthz", "says that the process answers, and nothing else", || text(StatusCode::OK, "ok\n".to_owned()))
        .open("/readyz", "says whether requests are served, for load balancers", move || {
            ready(&gate_of_ready, &board, &projection_of_ready)
        })
        .open("/metrics", "counts without names of people, packages or policies", move || {
            text(StatusCode::OK, metrics(&gate, &packages, &projection))
        })
}

fn ready(gate: &Gate, board: &Board, projection: &Projection) -> Response<Body> {
    let not_ready = |why: String| text(StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n"));
    if let Some(why) = gate.ledger().status().failing {
        return not_ready(format!("the ledger cannot be written ({why}), and nothing is answered unrecorded"));
    }
    if let Some(why) = projection.failing() {
        return not_ready(format!("the database cannot be written ({why})"));
    }
    if !board.is_serving() {
        // Only on a connection from before: who comes new is turned away by the system.
        return not_ready("stopping, or going over to a restored state".to_owned());
    }
    text(StatusCode::OK, "ready\n".to_owned())
}

/// A short answer for machines.
pub fn text(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The counts in Prometheus' text format 0.0.4.
fn metrics(gate: &Gate, packages: &Packages, projection: &Projection) -> String {
    let mut out = String::with_capacity(8 * 1024);
    out.push_str("# HELP fanlight_requests_seconds Time from a request's head to its answer's head.\n");
    out.push_str("# TYPE fanlight_requests_seconds histogram\n");
    for sample in gate.meters().samples() {
        let labels = format!("action=\"{}\",status=\"{}\"", sample.action, sample.status);
        let mut below = 0;
        for (bound, count) in BUCKETS.iter().zip(sample.buckets) {
            below += count;
            let _ = writeln!(out, "fanlight_requests_seconds_bucket{{{labels},le=\"{bound}\"}} {below}");
        }
        let count = sample.count();
        let _ = writeln!(out, "fanlight_requests_seconds_bucket{{{labels},le=\"+Inf\"}} {count}");
        #[expect(clippy::cast_precision_loss, reason = "a sum of microseconds as seconds is for reading")]
        let seconds = sample.micros as f64 / 1e6;
        let _ = writeln!(out, "fanlight_requests_seconds_sum{{{labels}}} {seconds}");
        let _ = writeln!(out, "fanlight_requests_seconds_count{{{labels}}} {count}");
    }
    for (name, kind, help, value) in gauges(gate, packages, projection) {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    }
    out
}

/// What is read off the parts: name, kind, help, value.
pub fn gauges(
    gate: &Gate,
    packages: &Packages,
    projection: &Projection,
) -> [(&'static str, &'static str, &'static str, u64); 11] {
    let ledger = gate.ledger().status();
    let cache = packages.shared.files.blobs().usage();
    let projects: usize = packages.doors.iter().map(|door| door.in_memory()).sum();
    let projects_bytes = packages.memory.bytes();
    [
        ("fanlight_ledger_appended_records", "counter", "Records taken by the ledger.", ledger.appended),
        ("fanlight_ledger_durable_records", "counter", "Records synced to disk.", ledger.durable),
        ("fanlight_ledger_published_records", "counter", "Records under the newest checkpoint.", ledger.published),
        ("fanlight_ledger_failing", "gauge", "1 while the ledger cannot be written.", ledger.failing.is_some().into()),
        ("fanlight_projection_behind_records", "gauge", "Records not yet seen by who and why.", projection.behind()),
        (
            "fanlight_policy_epoch",
            "gauge",
            "The number of the policy set in force.",
            gate.guard().snapshot().epoch().number,
        ),
        ("fanlight_projects_in_memory", "gauge", "Projects whose pages are in memory.", projects as u64),
        ("fanlight_projects_memory_bytes", "gauge", "Bytes that index pages take in memory, roughly.", projects_bytes),
        ("fanlight_cache_bytes", "gauge", "Bytes of cached files.", cache.bytes),
        ("fanlight_cache_files", "gauge", "Cached files.", cache.files),
        ("fanlight_cache_limit_bytes", "gauge", "The cache's limit.", cache.limit_bytes),
    ]
}
