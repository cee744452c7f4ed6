//! A certificate chain and key from PEM files.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use fanlight_base::limits;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;

/// A certificate or key that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Which certificate is shown cannot be kept.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is too large to be what it should be.
    #[error("{} has more than {} bytes, too many for a certificate or key", path.display(), limits::TLS_FILE_BYTES)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// No certificate in the file.
    #[error("{} holds no certificate in PEM form (a block that begins with -----BEGIN CERTIFICATE-----)", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// No key in the file.
    #[error("{} holds no private key in PEM form (PKCS #8, PKCS #1 or SEC 1, without a password)", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// A list of revoked certificates is too long.
    #[error("{} has more than {} bytes, too many for a list of revoked certificates", path.display(), limits::REVOCATIONS_BYTES)]
    TooManyRevocations {
        /// The file.
        path: PathBuf,
    },
    /// Authorities and revocations of clients' certificates cannot be used together.
    #[error("the authorities and revocations of client certificates cannot be used")]
    Clients {
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Certificate and key do not belong together, or one of them is of a kind that is not supported.
    #[error("the certificate in {} and the key in {} cannot be used together", certificate.display(), key.display())]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why.
        #[source]
        source: rustls::Error,
    },
}

/// The bytes of both files: what is compared to see whether they changed.
#[derive(PartialEq, Eq)]
pub(crate) struct Pair {
    certificate: Zeroizing<Vec<u8>>,
    key: Zeroizing<Vec<u8>>,
}

impl Pair {
    /// Reads both files, each at most [`limits::TLS_FILE_BYTES`].
    pub(crate) fn read(certificate: &Path, key: &Path) -> Result<Self, CertificateError> {
        Ok(Self { certificate: read(certificate)?, key: read(key)? })
    }

    /// The usable form: parsed, and proved to belong together.
    pub(crate) fn certified(&self, certificate: &Path, key: &Path) -> Result<CertifiedKey, CertificateError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<_, _>>()
            .map_err(|_| CertificateError::NoCertificate { path: certificate.into() })?;
        if chain.is_empty() {
            return Err(CertificateError::NoCertificate { path: certificate.into() });
        }
        let der = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| CertificateError::NoKey { path: key.into() })?;
        CertifiedKey::from_der(chain, der, &super::provider()).map_err(|source| CertificateError::Mismatch {
            certificate: certificate.into(),
            key: key.into(),
            source,
        })
    }
}

/// Certificates out of a PEM file, for use as roots.
pub(crate) fn read_roots(path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let bytes = read(path)?;
    let roots: Vec<_> = CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok).collect();
    if roots.is_empty() { Err(CertificateError::NoCertificate { path: path.into() }) } else { Ok(roots) }
}

pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, CertificateError> {
    let failed = |source| CertificateError::Read { path: path.into(), source };
    let mut bytes = Zeroizing::new(Vec::new());
    let file = File::open(path).map_err(failed)?;
    file.take(limits::TLS_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limits::TLS_FILE_BYTES {
        return Err(CertificateError::TooLarge { path: path.into() });
    }
    Ok(bytes)
}
