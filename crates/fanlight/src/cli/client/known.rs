//! A node known by the certificate in its state folder.
//!
//! Who serves there is proved by that very certificate and its key, whatever names it has, whoever signed it and until when:
//! what the commands trust is the state folder, which is its owner's alone. Invariant: any other certificate is refused.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, OtherError, SignatureScheme};

/// The settings of a client that takes the certificate in `file` and no other.
pub fn by_certificate(file: PathBuf) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let known = Arc::new(Known { file, provider: provider.clone() });
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(known)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

#[derive(Debug)]
struct Known {
    file: PathBuf,
    provider: Arc<CryptoProvider>,
}

/// Somebody else serves there.
#[derive(Debug, thiserror::Error)]
#[error("its certificate is not the one in {file}, so it is not the node of this state folder", file = .0.display())]
struct Stranger(PathBuf);

impl ServerCertVerifier for Known {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // Read each time, because a node shows a renewed certificate from one connection to the next.
        let known = fs::read(&self.file).map_err(other)?;
        if known == shown.as_ref() {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(other(Stranger(self.file.clone())))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn other(cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Other(OtherError(Arc::new(cause)))
}
