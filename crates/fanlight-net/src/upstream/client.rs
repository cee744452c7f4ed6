//! HTTP clients that differ only in whether they obey the environment's proxy and which names they find, with one set of
//! trusted roots.

use std::sync::Arc;

use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

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

/// The variables that name a proxy, small or large.
const PROXIES: [&str; 3] = ["http_proxy", "https_proxy", "all_proxy"];

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
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let outward = match PROXIES.iter().any(|name| is_set(name) || is_set(&name.to_uppercase())) {
        // The proxy finds the names; its own may well be inside.
        true => through_proxy.clone(),
        false => client().no_proxy().dns_resolver(Outward::resolver(options.inward)).build()?,
    };
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
