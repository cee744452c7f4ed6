//! Fanlight's own local authority: `ca.pem` (to be handed to clients) and `ca.key` (0600) in one folder, and the server
//! certificates it signs.
//!
//! The authority may sign for this node's names only (RFC 5280, section 4.2.1.10), so a client that trusts it opens no
//! more than this door. The server's own key never touches the disk: each start makes a new one.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fanlight_base::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, NameConstraints, SanType,
};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;
mod validity;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long an authority is good. Clients are told to trust it once, so it lasts.
const AUTHORITY_DAYS: u32 = 3650;
/// How long a server certificate is good; a client refuses more than 398.
const SERVER_DAYS: u32 = 90;
/// How long before its end a certificate is replaced.
const RENEW_DAYS: u32 = 30;

/// A local authority that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// A file of the authority cannot be read or written.
    #[error("cannot {what} {}", path.display())]
    File {
        /// `read`, `write`, `make the folder`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The key file does not hold a key.
    #[error(
        "{} does not hold a private key of the local authority: restore it from a backup, or delete the folder to get a \
         new authority, which clients must be told to trust again (fanlight use)", path.display()
    )]
    Key {
        /// The key's file.
        path: PathBuf,
        /// Why.
        #[source]
        source: rcgen::Error,
    },
    /// A certificate could not be made.
    #[error("cannot make a certificate for {names}")]
    Make {
        /// What it was to be for.
        names: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The authority of one state folder.
pub struct Authority {
    folder: PathBuf,
    names: Names,
}

/// What a server certificate is for: this machine, and the names that the node was given.
struct Names {
    dns: Vec<String>,
    addresses: Vec<IpAddr>,
}

impl Names {
    fn of(listen: IpAddr, more: &[String]) -> Self {
        let host = rustix::system::uname().nodename().to_string_lossy().to_ascii_lowercase();
        let mut dns = vec!["localhost".to_owned()];
        for name in more.iter().cloned().chain([host]) {
            let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
            let fits = ServerName::try_from(name.as_str()).is_ok_and(|name| !is_address(&name));
            if plain && fits && !dns.contains(&name) {
                dns.push(name);
            }
        }
        let mut addresses = vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        if !listen.is_unspecified() && !addresses.contains(&listen) {
            addresses.push(listen);
        }
        Self { dns, addresses }
    }

    fn all(&self) -> Vec<ServerName<'static>> {
        let dns = self.dns.iter().filter_map(|name| ServerName::try_from(name.clone()).ok());
        dns.chain(self.addresses.iter().map(|address| ServerName::IpAddress((*address).into()))).collect()
    }

    fn shown(&self) -> String {
        let addresses = self.addresses.iter().map(ToString::to_string);
        self.dns.iter().cloned().chain(addresses).collect::<Vec<_>>().join(", ")
    }
}

fn is_address(name: &ServerName<'_>) -> bool {
    matches!(name, ServerName::IpAddress(_))
}

impl Authority {
    /// The authority in `folder`, for a server that listens on `listen` and has these names beside this machine's own.
    /// Nothing is read or made yet.
    pub fn new(folder: &Path, listen: SocketAddr, names: &[String]) -> Self {
        Self { folder: folder.into(), names: Names::of(listen.ip(), names) }
    }

    /// Where the root stands that clients are to trust.
    pub fn root_path(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    fn key_path(&self) -> PathBuf {
        self.folder.join("ca.key")
    }

    /// A fresh server certificate, and when to replace it. Makes the authority where there is none, and a new one where
    /// the old has ended or may not sign for this machine's present names.
    pub(crate) fn issue(&self, now: Timestamp) -> Result<(CertifiedKey, Timestamp), AuthorityError> {
        let renew = now + DAY * (SERVER_DAYS - RENEW_DAYS);
        if let Some(root) = self.read_root()?
            && let Some(issuer) = self.read_issuer()?
        {
            let (chain, key) = self.sign(&issuer, now, &root)?;
            // The proof that all is well: a client that trusts the root accepts each name, now and to the next renewal.
            let checked = self.check(&root, &chain, now).and_then(|()| self.check(&root, &chain, renew));
            match checked {
                Ok(()) => return Ok((certified(chain, &key, &self.names)?, renew)),
                Err(cause) => tracing::warn!(
                    folder = %self.folder.display(), %cause, names = self.names.shown(),
                    "the local authority cannot serve this machine any more and is replaced: run `fanlight use` again",
                ),
            }
        }
        let (issuer, root) = self.found(now)?;
        let (chain, key) = self.sign(&issuer, now, &root)?;
        Ok((certified(chain, &key, &self.names)?, renew))
    }

    fn read_root(&self) -> Result<Option<CertificateDer<'static>>, AuthorityError> {
        let path = self.root_path();
        match fs::read(&path) {
            Ok(pem) => Ok(CertificateDer::from_pem_slice(&pem).ok()),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(AuthorityError::File { what: "read", path, source }),
        }
    }

    fn read_issuer(&self) -> Result<Option<Issuer<'static, KeyPair>>, AuthorityError> {
        let path = self.key_path();
        let pem = match fs::read_to_string(&path) {
            Ok(pem) => Zeroizing::new(pem),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(AuthorityError::File { what: "read", path, source }),
        };
        let key = KeyPair::from_pem(&pem).map_err(|source| AuthorityError::Key { path, source })?;
        Ok(Some(Issuer::new(self.authority_params(&key, None), key)))
    }

    /// Makes a new authority and writes it down.
    fn found(&self, now: Timestamp) -> Result<(Issuer<'static, KeyPair>, CertificateDer<'static>), AuthorityError> {
        let make = |source| self.not_made(source);
        let key = KeyPair::generate().map_err(make)?;
        let params = self.authority_params(&key, Some(now));
        let root = params.self_signed(&key).map_err(make)?;
        let folder = &self.folder;
        fs::create_dir_all(folder).map_err(|source| AuthorityError::File {
            what: "make the folder",
            path: folder.clone(),
            source,
        })?;
        // The key first: a root without its key would be trusted by clients and of no use.
        write_aside(&self.key_path(), Zeroizing::new(key.serialize_pem()).as_bytes(), 0o600)?;
        write_aside(&self.root_path(), root.pem().as_bytes(), 0o644)?;
        tracing::info!(root = %self.root_path().display(), names = self.names.shown(), "made a local authority");
        Ok((Issuer::new(params, key), root.into()))
    }

    /// The authority's certificate. Its name comes from its key, so an issuer is rebuilt from the key alone.
    fn authority_params(&self, key: &KeyPair, now: Option<Timestamp>) -> CertificateParams {
        let mut params = CertificateParams::default();
        let digest = ring::digest::digest(&ring::digest::SHA256, key.public_key_raw());
        let number: String = digest.as_ref()[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, "Fanlight");
        params.distinguished_name.push(DnType::CommonName, format!("Fanlight local authority {number}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let dns = self.names.dns.iter().cloned().map(GeneralSubtree::DnsName);
        let addresses = self.names.addresses.iter().map(|address| {
            let whole = if address.is_ipv4() { 32 } else { 128 };
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*address, whole))
        });
        params.name_constraints =
            Some(NameConstraints { permitted_subtrees: dns.chain(addresses).collect(), excluded_subtrees: Vec::new() });
        if let Some(now) = now {
            valid(&mut params, now, AUTHORITY_DAYS);
        }
        params
    }

    /// A server certificate with a key of its own, as a chain with the root.
    fn sign(
        &self,
        issuer: &Issuer<'_, KeyPair>,
        now: Timestamp,
        root: &CertificateDer<'static>,
    ) -> Result<(Vec<CertificateDer<'static>>, KeyPair), AuthorityError> {
        let make = |source| self.not_made(source);
        let key = KeyPair::generate().map_err(make)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "Fanlight");
        for name in &self.names.dns {
            let name = name.as_str().try_into().map_err(make)?;
            params.subject_alt_names.push(SanType::DnsName(name));
        }
        params.subject_alt_names.extend(self.names.addresses.iter().copied().map(SanType::IpAddress));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        valid(&mut params, now, SERVER_DAYS);
        let certificate = params.signed_by(&key, issuer).map_err(make)?;
        Ok((vec![certificate.into(), root.clone()], key))
    }

    fn check(
        &self,
        root: &CertificateDer<'static>,
        chain: &[CertificateDer<'static>],
        at: Timestamp,
    ) -> Result<(), rustls::Error> {
        if validity::ends(root).is_none_or(|end| end < at) {
            return Err(rustls::CertificateError::Expired.into());
        }
        let mut roots = RootCertStore::empty();
        roots.add(root.clone())?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), super::provider())
            .build()
            .map_err(|cause| rustls::Error::General(cause.to_string()))?;
        let at = UnixTime::since_unix_epoch(Duration::from_secs(at.as_second().unsigned_abs()));
        for name in self.names.all() {
            verifier.verify_server_cert(&chain[0], &chain[1..], &name, &[], at)?;
        }
        Ok(())
    }

    fn not_made(&self, source: rcgen::Error) -> AuthorityError {
        AuthorityError::Make { names: self.names.shown(), source: Box::new(source) }
    }
}

/// From yesterday, because clocks differ, for `days` from now.
fn valid(params: &mut CertificateParams, now: Timestamp, days: u32) {
    let date = |at: Timestamp| {
        let date = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        rcgen::date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    params.not_before = date(now - DAY);
    params.not_after = date(now + DAY * days);
}

fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: &KeyPair,
    names: &Names,
) -> Result<CertifiedKey, AuthorityError> {
    let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    CertifiedKey::from_der(chain, der, &super::provider())
        .map_err(|source| AuthorityError::Make { names: names.shown(), source: Box::new(source) })
}

fn write_aside(path: &Path, bytes: &[u8], mode: u32) -> Result<(), AuthorityError> {
    super::write_aside(path, bytes, mode).map_err(|source| AuthorityError::File {
        what: "write",
        path: path.into(),
        source,
    })
}
