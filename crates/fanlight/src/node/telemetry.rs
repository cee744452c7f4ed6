//! Logs on standard error, traces and metrics by OTLP where they are asked for. Every log line of a request stands in its
//! span, which carries the request's id.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use fanlight_config::{Config, LogFormat};
use fanlight_gate::Gate;
use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{MetricExporter, Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{BatchSpanProcessor, SdkTracerProvider};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use super::error::NodeError;

/// How often metrics are sent.
const SEND_EVERY: Duration = Duration::from_secs(30);
/// How long one sending may take.
const SEND_TIME: Duration = Duration::from_secs(5);

/// What is sent where; ended before the process ends.
#[derive(Default)]
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
    metrics: Option<SdkMeterProvider>,
    /// The gate whose counts are sent, once there is one.
    counted: OnceLock<Counted>,
}

/// The present gate; another one after a restore.
type Counted = Arc<Mutex<Arc<Gate>>>;

/// Starts logging, and sending where an endpoint is set.
pub fn start(config: &Config) -> Result<Telemetry, NodeError> {
    let level = config.log_level.as_str();
    // The libraries' own chatter begins one level below ours.
    let directives = format!("warn,fanlight={level},{}", ours(level));
    let filter = EnvFilter::try_new(&directives).map_err(|error| NodeError::Telemetry(error.to_string()))?;
    let to_stderr = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match config.log_format {
        LogFormat::Json => to_stderr.json().flatten_event(true).boxed(),
        LogFormat::Human => {
            use std::io::IsTerminal as _;
            to_stderr.with_target(false).with_ansi(std::io::stderr().is_terminal()).boxed()
        }
    };
    let mut telemetry = Telemetry::default();
    let spans = match &config.telemetry_otlp_endpoint {
        None => None,
        Some(endpoint) => {
            // The exporter's client has its own TLS, and finds the provider by this.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let resource = Resource::builder().with_service_name("fanlight").build();
            let failed = |error: opentelemetry_otlp::ExporterBuildError| NodeError::Telemetry(error.to_string());
            let base = endpoint.as_str().trim_end_matches('/');
            let exporter = SpanExporter::builder()
                .with_http()
                .with_protocol(Protocol::HttpJson)
                .with_timeout(SEND_TIME)
                .with_endpoint(format!("{base}/v1/traces"))
                .build()
                .map_err(failed)?;
            let traces = SdkTracerProvider::builder()
                .with_resource(resource.clone())
                .with_span_processor(BatchSpanProcessor::builder(exporter).build())
                .build();
            let exporter = MetricExporter::builder()
                .with_http()
                .with_protocol(Protocol::HttpJson)
                .with_timeout(SEND_TIME)
                .with_endpoint(format!("{base}/v1/metrics"))
                .build()
                .map_err(failed)?;
            let reader = PeriodicReader::builder(exporter).with_interval(SEND_EVERY).build();
            telemetry.metrics = Some(SdkMeterProvider::builder().with_resource(resource).with_reader(reader).build());
            let layer = tracing_opentelemetry::layer().with_tracer(traces.tracer("fanlight"));
            telemetry.traces = Some(traces);
            Some(layer)
        }
    };
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .with(spans)
        .try_init()
        .map_err(|error| NodeError::Telemetry(error.to_string()))?;
    Ok(telemetry)
}

/// The level for each of Fanlight's crates.
fn ours(level: &str) -> String {
    const CRATES: [&str; 9] = ["console", "feeds", "gate", "identity", "ledger", "net", "packages", "policy", "store"];
    CRATES.map(|name| format!("fanlight_{name}={level}")).join(",")
}

impl Telemetry {
    /// Begins to send the counts of `gate`, in the place of the one before.
    pub fn count(&self, gate: &Arc<Gate>) {
        let Some(metrics) = &self.metrics else { return };
        let present = gate.clone();
        if let Some(counted) = self.counted.get() {
            *counted.lock().unwrap_or_else(PoisonError::into_inner) = present;
            return;
        }
        let counted = self.counted.get_or_init(|| Arc::new(Mutex::new(present))).clone();
        let now = move || counted.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let meter = metrics.meter("fanlight");
        let present = now.clone();
        meter
            .u64_observable_counter("fanlight.requests")
            .with_description("Requests answered")
            .with_callback(move |observer| {
                for sample in present().meters().samples() {
                    let labels =
                        [KeyValue::new("action", sample.action), KeyValue::new("status", i64::from(sample.status))];
                    observer.observe(sample.count(), &labels);
                }
            })
            .build();
        meter
            .u64_observable_counter("fanlight.ledger.durable")
            .with_description("Records synced to disk")
            .with_callback(move |observer| observer.observe(now().ledger().status().durable, &[]))
            .build();
    }

    /// Sends what is left, within a few seconds.
    pub fn end(self) {
        let failed =
            |error: opentelemetry_sdk::error::OTelSdkError| tracing::warn!(%error, "telemetry could not be sent");
        if let Some(traces) = self.traces {
            let _ = traces.shutdown_with_timeout(SEND_TIME).map_err(failed);
        }
        if let Some(metrics) = self.metrics {
            let _ = metrics.shutdown_with_timeout(SEND_TIME).map_err(failed);
        }
    }
}
