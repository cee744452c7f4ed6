//! Keeps a listener's certificate fresh: reads files again when they changed, renews what the local authority signed.
//!
//! Files are compared by content every few seconds: a change of time alone means nothing, and a replacement by rename,
//! by symbolic link (as Kubernetes does) or in place all look the same. The certificate of files that is shown now is kept
//! in a file of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fanlight_base::Timestamp;
use fanlight_base::clock::SharedClock;
use fanlight_base::fault::with_causes;
use rustls::sign::CertifiedKey;

use super::authority::Authority;
use super::clients::{Clients, TrustedClients};
use super::files::{CertificateError, Pair};
use super::{Shown, Speaks, Tls, write_aside};
use crate::serve::BindError;

/// How often files are read again, and the time looked at.
const INTERVAL: Duration = Duration::from_secs(3);
/// How long after a renewal that failed the next is tried. A certificate is renewed weeks before its end.
const TRY_AGAIN: Duration = Duration::from_secs(600);

pub(crate) struct Keeper {
    shown: Arc<Shown>,
    pub(crate) speaks: Arc<Speaks>,
    source: Source,
    clock: SharedClock,
    pub(crate) interval: Duration,
}

enum Source {
    /// `seen` is the pair looked at last, and none where it could not be read; `told` says which one is shown.
    Files {
        certificate: PathBuf,
        key: PathBuf,
        seen: Option<Pair>,
        told: PathBuf,
    },
    Authority {
        authority: Authority,
        renew: Timestamp,
    },
}

impl Keeper {
    /// Reads or makes the first certificate. `None` without TLS.
    pub(crate) fn open(
        tls: &Tls,
        clients: &TrustedClients,
        address: SocketAddr,
        clock: SharedClock,
    ) -> Result<Option<Self>, BindError> {
        if clients.authorities.is_empty() && !clients.revocations.is_empty() {
            return Err(BindError::RevocationsOfNobody);
        }
        if *tls == Tls::Off && !clients.authorities.is_empty() {
            return Err(BindError::ClientsInClear);
        }
        let (first, source) = match tls {
            Tls::Off => return Ok(None),
            Tls::Files { certificate, key, shown } => {
                let seen = Pair::read(certificate, key)?;
                let first = seen.certified(certificate, key)?;
                tell(&first, shown)?;
                let (certificate, key, told) = (certificate.clone(), key.clone(), shown.clone());
                (first, Source::Files { certificate, key, seen: Some(seen), told })
            }
            Tls::Auto { folder, names } => {
                let authority = Authority::new(folder, address, names);
                let (first, renew) = authority.issue(clock.now())?;
                (first, Source::Authority { authority, renew })
            }
        };
        let shown = Shown::new(first);
        let speaks = Speaks::new(shown.clone(), Clients::open(clients, clock.clone())?)?;
        Ok(Some(Self { shown, speaks, source, clock, interval: INTERVAL }))
    }

    pub(crate) fn shown(&self) -> Arc<Shown> {
        self.shown.clone()
    }

    /// Looks after the certificate until dropped.
    pub(crate) async fn run(mut self) {
        loop {
            tokio::time::sleep(self.interval).await;
            // Reading files and making keys blocks, so it is not done on the threads that serve.
            match tokio::task::spawn_blocking(move || {
                self.look();
                self
            })
            .await
            {
                Ok(same) => self = same,
                Err(cause) => {
                    tracing::error!(%cause, "the certificate is no longer looked after: restart to load a new one");
                    return;
                }
            }
        }
    }

    fn look(&mut self) {
        self.speaks.look();
        match &mut self.source {
            Source::Files { certificate, key, seen, told } => {
                let read = Pair::read(certificate, key);
                if read.as_ref().ok() == seen.as_ref() {
                    return;
                }
                let next = read.as_ref().map_or_else(
                    |cause| Err(with_causes(cause)),
                    |read| read.certified(certificate, key).map_err(|cause| with_causes(&cause)),
                );
                match next {
                    Ok(next) => {
                        // Clients get the new one all the same: it is the commands on this machine that have to wait.
                        if let Err(cause) = tell(&next, told) {
                            tracing::warn!(
                                cause = with_causes(&cause),
                                "which certificate is shown could not be kept: commands on this machine do not reach the \
                                 node until it is restarted"
                            );
                        }
                        self.shown.replace(next);
                        tracing::info!(certificate = %certificate.display(), "loaded the new certificate");
                    }
                    Err(cause) => tracing::warn!(cause, "the certificate stays as it was"),
                }
                // Remembered even when broken or gone, so that it is told once and not every few seconds.
                *seen = read.ok();
            }
            Source::Authority { authority, renew } => {
                let now = self.clock.now();
                if now < *renew {
                    return;
                }
                match authority.issue(now) {
                    Ok((next, then)) => {
                        self.shown.replace(next);
                        *renew = then;
                        tracing::info!("renewed the certificate");
                    }
                    Err(cause) => {
                        tracing::warn!(cause = with_causes(&cause), "the certificate could not be renewed");
                        *renew = now + TRY_AGAIN;
                    }
                }
            }
        }
    }
}

/// Keeps which certificate is shown.
fn tell(shown: &CertifiedKey, path: &Path) -> Result<(), CertificateError> {
    let der = shown.cert.first().map_or(&[][..], AsRef::as_ref);
    write_aside(path, der, 0o600).map_err(|source| CertificateError::Write { path: path.into(), source })
}
