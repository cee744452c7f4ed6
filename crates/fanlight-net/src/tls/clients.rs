//! Certificates that clients show (mutual TLS): whose authorities are trusted, which are revoked, and what of a certificate counts.
//!
//! Refuses to know who anybody is. Invariants: a certificate is only ever told of that an authority of the settings vouches for; one
//! that was believed once is held against the authorities and revocations of now before it counts again; broken new files never
//! replace working ones.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use fanlight_base::clock::SharedClock;
use fanlight_base::{Timestamp, limits};
use parking_lot::{Mutex, RwLock};
use rustls::RootCertStore;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::files::{CertificateError, read, read_roots};

/// Whose certificates clients may show. Nobody's where no authority is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedClients {
    /// Files with the certificates of authorities, in PEM form.
    pub authorities: Vec<PathBuf>,
    /// Files with lists of revoked certificates, in PEM form or DER.
    pub revocations: Vec<PathBuf>,
}

/// The authorities and revocations as they are now.
pub(crate) struct Clients {
    settings: TrustedClients,
    clock: SharedClock,
    /// Grows with every change.
    epoch: AtomicU64,
    verifier: RwLock<Arc<dyn ClientCertVerifier>>,
    /// The bytes of all files as they were looked at last.
    seen: Mutex<Vec<Option<[u8; 32]>>>,
}

/// A client's certificate, which an authority of the settings vouches for.
pub struct ClientCertificate {
    chain: Vec<CertificateDer<'static>>,
    clients: Arc<Clients>,
    /// The epoch in which it was last found good.
    good_in: AtomicU64,
    /// The minute in which that was.
    good_at: AtomicI64,
    /// SHA-256 of the certificate.
    pub sha256: [u8; 32],
    /// The names in it: `dns:`, `uri:` and `email:` before each. Host names are in small letters.
    pub names: Vec<String>,
    /// When it ends.
    pub until: Timestamp,
}

impl Clients {
    /// Reads the files. `None` where no authority is named.
    pub(crate) fn open(settings: &TrustedClients, clock: SharedClock) -> Result<Option<Arc<Self>>, CertificateError> {
        if settings.authorities.is_empty() {
            return Ok(None);
        }
        let verifier = RwLock::new(verifier(settings)?);
        let seen = Mutex::new(digests_of(settings));
        Ok(Some(Arc::new(Self { settings: settings.clone(), clock, epoch: AtomicU64::new(1), verifier, seen })))
    }

    pub(crate) fn verifier(&self) -> Arc<dyn ClientCertVerifier> {
        self.verifier.read().clone()
    }

    /// Reads the files again where they changed. Says whether others are trusted now.
    pub(crate) fn look(&self) -> bool {
        let now = digests_of(&self.settings);
        if *self.seen.lock() == now {
            return false;
        }
        *self.seen.lock() = now;
        match verifier(&self.settings) {
            Ok(next) => {
                *self.verifier.write() = next;
                self.epoch.fetch_add(1, Ordering::SeqCst);
                tracing::info!("loaded the new authorities and revocations of client certificates");
                true
            }
            Err(cause) => {
                let cause = fanlight_base::fault::with_causes(&cause);
                tracing::warn!(cause, "the authorities and revocations of client certificates stay as they were");
                false
            }
        }
    }
}

impl ClientCertificate {
    /// What a chain says that was verified in the handshake. `None` where it cannot be read, or has too many names.
    pub(crate) fn of(chain: &[CertificateDer<'_>], clients: &Arc<Clients>) -> Option<Self> {
        let leaf = chain.first()?;
        let (_, parsed) = X509Certificate::from_der(leaf).ok()?;
        let until = Timestamp::from_second(parsed.validity().not_after.timestamp()).ok()?;
        let mut names = Vec::new();
        if let Some(found) = parsed.subject_alternative_name().ok()? {
            for name in &found.value.general_names {
                names.extend(match name {
                    GeneralName::DNSName(name) => Some(format!("dns:{}", name.to_ascii_lowercase())),
                    GeneralName::URI(name) => Some(format!("uri:{name}")),
                    GeneralName::RFC822Name(name) => Some(format!("email:{name}")),
                    _ => None,
                });
            }
        }
        if names.len() > limits::CERTIFICATE_NAMES {
            return None;
        }
        names.sort_unstable();
        names.dedup();
        Some(Self {
            sha256: sha256(leaf),
            names,
            until,
            chain: chain.iter().map(|der| der.clone().into_owned()).collect(),
            good_in: AtomicU64::new(0),
            good_at: AtomicI64::new(0),
            clients: clients.clone(),
        })
    }

    /// Whether it counts now: asked for each request, and worked out anew where authorities or revocations changed, and each minute.
    pub fn is_trusted(&self) -> bool {
        let (now, epoch) = (self.clients.clock.now(), self.clients.epoch.load(Ordering::SeqCst));
        if now >= self.until {
            return false;
        }
        // A list, or a certificate between, may have come to its end since.
        let minute = now.as_second() / 60;
        if self.good_in.load(Ordering::SeqCst) == epoch && self.good_at.load(Ordering::SeqCst) == minute {
            return true;
        }
        let Some((leaf, rest)) = self.chain.split_first() else { return false };
        let since = std::time::Duration::from_secs(u64::try_from(now.as_second()).unwrap_or_default());
        let verified = self.clients.verifier().verify_client_cert(leaf, rest, UnixTime::since_unix_epoch(since));
        if verified.is_ok() {
            self.good_at.store(minute, Ordering::SeqCst);
            self.good_in.store(epoch, Ordering::SeqCst);
        }
        verified.is_ok()
    }
}

impl std::fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientCertificate").field("until", &self.until).finish_non_exhaustive()
    }
}

/// SHA-256 of the one certificate in a file, PEM or DER, by which a key may trust it.
///
/// # Errors
/// [`CertificateError`] where it cannot be read, or holds none.
pub fn certificate_sha256(path: &Path) -> Result<[u8; 32], CertificateError> {
    let bytes = read(path)?;
    let der = match CertificateDer::from_pem_slice(&bytes) {
        Ok(der) => der,
        Err(_) => CertificateDer::from(bytes.to_vec()),
    };
    match X509Certificate::from_der(&der) {
        Ok(([], _)) => Ok(sha256(&der)),
        _ => Err(CertificateError::NoCertificate { path: path.into() }),
    }
}

fn sha256(der: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, der).as_ref());
    out
}

/// What stands in each file; nothing where it cannot be read.
fn digests_of(settings: &TrustedClients) -> Vec<Option<[u8; 32]>> {
    let authorities = settings.authorities.iter().map(|path| read(path).ok().map(|bytes| sha256(&bytes)));
    let revocations = settings.revocations.iter().map(|path| read_revocations(path).ok().map(|bytes| sha256(&bytes)));
    authorities.chain(revocations).collect()
}

fn verifier(settings: &TrustedClients) -> Result<Arc<dyn ClientCertVerifier>, CertificateError> {
    let mut roots = RootCertStore::empty();
    for path in &settings.authorities {
        for der in read_roots(path)? {
            roots.add(der).map_err(|_| CertificateError::NoCertificate { path: path.clone() })?;
        }
    }
    let mut revoked = Vec::new();
    for path in &settings.revocations {
        revoked.extend(revocations(path)?);
    }
    // Which issuers have a list is the steward's choice; one that is there and over stops its issuer's certificates.
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), super::provider())
        .with_crls(revoked)
        .allow_unknown_revocation_status()
        .enforce_revocation_expiration()
        .allow_unauthenticated()
        .build()
        .map_err(|source| CertificateError::Clients { source: Box::new(source) })
}

fn revocations(path: &Path) -> Result<Vec<CertificateRevocationListDer<'static>>, CertificateError> {
    let bytes = read_revocations(path)?;
    let lists: Vec<_> = CertificateRevocationListDer::pem_slice_iter(&bytes).filter_map(Result::ok).collect();
    Ok(if lists.is_empty() { vec![CertificateRevocationListDer::from(bytes)] } else { lists })
}

fn read_revocations(path: &Path) -> Result<Vec<u8>, CertificateError> {
    let failed = |source| CertificateError::Read { path: path.into(), source };
    let (most, mut bytes) = (limits::REVOCATIONS_BYTES, Vec::new());
    let file = fs::File::open(path).map_err(failed)?;
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > most {
        return Err(CertificateError::TooManyRevocations { path: path.into() });
    }
    Ok(bytes)
}
