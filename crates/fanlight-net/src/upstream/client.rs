//! HTTP clients that differ only in whether they obey the environment's proxy and which names they find, with one set of
//! trusted roots.

use std::sync::Arc;

use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use url::Url;

use super::Options;
use super::inward::Outward;
use crate::tls::{CertificateError, files, provider};

/// A client for upstreams that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The extra root cannot be read.
    #[error(transparent)]
    ExtraRoot(#[from] CertificateError),
    /// The extra root is not a certificate that can be trusted, or TLS cannot be set up.
    #[error("cannot set up TLS for upstreams")]
    Tls(#[from] rustls::Error),
    /// The client itself cannot be made.
    #[error("cannot set up the client for upstreams")]
    Client(#[from] reqwest::Error),
}

/// The hosts of the proxies that the environment names, in small letters or large.
fn proxies() -> Vec<String> {
    let names = ["http_proxy", "https_proxy", "all_proxy"];
    let values = names.iter().flat_map(|name| [std::env::var(name), std::env::var(name.to_uppercase())]);
    let host = |text: String| {
        let url = Url::parse(&text).or_else(|_| Url::parse(&format!("http://{text}"))).ok()?;
        Some(url.host_str()?.to_ascii_lowercase())
    };
    values.flatten().filter_map(host).collect()
}

/// The clients; see [`super::Inner`].
pub(super) struct Clients {
    pub(super) through_proxy: reqwest::Client,
    pub(super) direct: reqwest::Client,
    pub(super) outward: reqwest::Client,
}

/// Makes them.
pub(super) fn build(options: &Options) -> Result<Clients, BuildError> {
    let tls = tls(options)?;
    let client = || {
        reqwest::Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .user_agent(concat!("fanlight/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(options.connect)
            // Redirects and decoding are ours: each has rules and limits of its own.
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_gzip()
            .referer(false)
            .http2_adaptive_window(true)
    };
    let through_proxy = client().build()?;
    // What goes through a proxy is found by it, and its own name may well be inside; what does not is found here.
    let resolver = Outward { inward: options.inward, proxies: proxies() };
    let outward = client().dns_resolver(Arc::new(resolver)).build()?;
    Ok(Clients { through_proxy, direct: client().no_proxy().build()?, outward })
}

/// The system's roots (on Linux as `SSL_CERT_FILE` and `SSL_CERT_DIR` say) and the extra one.
fn tls(options: &Options) -> Result<ClientConfig, BuildError> {
    let extra = match &options.extra_root {
        Some(path) => files::read_roots(path)?,
        None => Vec::new(),
    };
    let had_extra = !extra.is_empty();
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    let mut config = match Verifier::new_with_extra_roots(extra, provider()) {
        Ok(verifier) => builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth(),
        Err(cause) if had_extra => return Err(cause.into()),
        Err(cause) => {
            // A machine without any roots can still reach plain upstreams on loopback; https fails with words.
            tracing::warn!(%cause, "no trusted roots on this machine: no https upstream can be reached");
            builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
