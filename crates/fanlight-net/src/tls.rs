//! TLS of a listener: a certificate and key from files, read again when they change, or one from Fanlight's own local
//! authority, renewed before it ends.
//!
//! Invariant: a broken new certificate never replaces a working one.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::RwLock;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::{CertificateDer, ServerName};

pub mod authority;
pub mod clients;
pub mod files;
pub(crate) mod keeper;

pub use authority::AuthorityError;
use clients::Clients;
pub use clients::{ClientCertificate, TrustedClients, certificate_sha256};
pub use files::CertificateError;

/// How a listener speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// Plain HTTP: loopback only.
    Off,
    /// A certificate chain and its key, both PEM.
    Files {
        /// The chain, the server's own certificate first.
        certificate: PathBuf,
        /// The private key.
        key: PathBuf,
        /// Where the server's certificate that is shown now is kept (DER), whatever stands in the file it came from: by it
        /// the programs of this machine know the server.
        shown: PathBuf,
    },
    /// A certificate from Fanlight's own authority, kept in `folder` (`STATE/tls`): `ca.pem` and `ca.key`.
    Auto {
        /// The authority's folder.
        folder: PathBuf,
        /// Names that the certificate is for, beside this machine's own.
        names: Vec<String>,
    },
}

/// The provider of cryptography, named so that no process-wide default is needed.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The certificate a listener shows, replaceable while it listens.
#[derive(Debug)]
pub(crate) struct Shown(RwLock<Arc<CertifiedKey>>);

impl Shown {
    pub(crate) fn new(first: CertifiedKey) -> Arc<Self> {
        Arc::new(Self(RwLock::new(Arc::new(first))))
    }

    pub(crate) fn replace(&self, next: CertifiedKey) {
        *self.0.write() = Arc::new(next);
    }

    /// The server's own certificate, without its chain.
    pub(crate) fn certificate(&self) -> Option<CertificateDer<'static>> {
        self.0.read().cert.first().cloned()
    }

    /// Whether a client that asks for this host accepts the certificate's names.
    pub(crate) fn covers(&self, host: &str) -> bool {
        let (Some(der), Ok(name)) = (self.certificate(), ServerName::try_from(host)) else { return false };
        webpki::EndEntityCert::try_from(&der)
            .is_ok_and(|certificate| certificate.verify_is_valid_for_subject_name(&name).is_ok())
    }

    /// The host names in the certificate, those with a `*` left out.
    pub(crate) fn names(&self) -> Vec<String> {
        let Some(der) = self.certificate() else { return Vec::new() };
        let Ok(certificate) = webpki::EndEntityCert::try_from(&der) else { return Vec::new() };
        certificate.valid_dns_names().filter(|name| !name.contains('*')).map(str::to_ascii_lowercase).collect()
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().clone())
    }
}

/// How a listener speaks, replaceable while it listens: each connection begins with what is there then.
pub(crate) struct Speaks {
    shown: Arc<Shown>,
    pub(crate) clients: Option<Arc<Clients>>,
    config: RwLock<Arc<ServerConfig>>,
}

impl Speaks {
    pub(crate) fn new(shown: Arc<Shown>, clients: Option<Arc<Clients>>) -> Result<Arc<Self>, rustls::Error> {
        let config = RwLock::new(Arc::new(server_config(shown.clone(), clients.as_deref())?));
        Ok(Arc::new(Self { shown, clients, config }))
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        self.config.read().clone()
    }

    /// Reads again whose certificates clients may show.
    pub(crate) fn look(&self) {
        let Some(clients) = self.clients.as_ref().filter(|clients| clients.look()) else { return };
        match server_config(self.shown.clone(), Some(clients)) {
            Ok(next) => *self.config.write() = Arc::new(next),
            Err(cause) => tracing::warn!(%cause, "TLS stays as it was"),
        }
    }
}

/// The settings of a listener that shows `shown`: TLS 1.2 and 1.3, HTTP/2 preferred. With `clients` each may show a certificate
/// of its own, and need not.
fn server_config(shown: Arc<Shown>, clients: Option<&Clients>) -> Result<ServerConfig, rustls::Error> {
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    let mut config = match clients {
        None => builder.with_no_client_auth().with_cert_resolver(shown),
        Some(clients) => {
            let mut config = builder.with_client_cert_verifier(clients.verifier()).with_cert_resolver(shown);
            // A session that is resumed brings a certificate along that nobody verifies again.
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.send_tls13_tickets = 0;
            config
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Writes a file under another name, syncs it and puts it in place, so a crash leaves the old one or the new one.
fn write_aside(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let aside = path.with_extension("new");
    let _ = fs::remove_file(&aside);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&aside, path)
}
