//! Where a node listens: the socket, and how TLS is spoken on it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use fanlight_base::clock::SharedClock;
use fanlight_base::listen::{PlainBeyondLoopback, may_listen};
use tokio::net::TcpListener;

use crate::tls::{AuthorityError, CertificateError, Speaks, Tls, TrustedClients, keeper::Keeper};

/// Why a node cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Plain HTTP beyond loopback.
    #[error(transparent)]
    Plain(#[from] PlainBeyondLoopback),
    /// The address cannot be had: in use, not this machine's, or not allowed.
    #[error("cannot listen on {address}")]
    Address {
        /// The address asked for.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The certificate or key is not usable.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The local authority is not usable.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// Client certificates without TLS.
    #[error("listen.client_authorities: certificates are shown over TLS, and this node speaks plain HTTP (listen.tls)")]
    ClientsInClear,
    /// Revocations of certificates that nobody takes.
    #[error(
        "listen.client_revocations: nobody's client certificates are taken that could be revoked (listen.client_authorities)"
    )]
    RevocationsOfNobody,
    /// TLS could not be set up.
    #[error("cannot set up TLS")]
    Tls(#[from] rustls::Error),
}

/// A bound socket on which one listener may serve after another, while clients find it all the time.
pub struct Socket {
    tcp: std::net::TcpListener,
    address: SocketAddr,
}

impl Socket {
    /// Listens on `address`; port 0 takes any free one. `tls` says only whether the address may be listened on.
    pub async fn bind(address: SocketAddr, tls: &Tls) -> Result<Self, BindError> {
        may_listen(address, *tls != Tls::Off)?;
        let failed = |source| BindError::Address { address, source };
        let tcp = TcpListener::bind(address).await.and_then(TcpListener::into_std).map_err(failed)?;
        let bound = tcp.local_addr().map_err(failed)?;
        Ok(Self { tcp, address: bound })
    }

    /// A listener on this socket, to which `clients` may show certificates. `clock` says when one of the local authority is due.
    pub fn listener(&self, tls: &Tls, clients: &TrustedClients, clock: SharedClock) -> Result<Listener, BindError> {
        let failed = |source| BindError::Address { address: self.address, source };
        let tcp = self.tcp.try_clone().and_then(TcpListener::from_std).map_err(failed)?;
        let keeper = Keeper::open(tls, clients, self.address, clock)?;
        let speaks = keeper.as_ref().map(|keeper| keeper.speaks.clone());
        Ok(Listener { tcp, speaks, keeper, address: self.address })
    }
}

/// A bound socket, ready to serve.
pub struct Listener {
    pub(super) tcp: TcpListener,
    pub(super) speaks: Option<Arc<Speaks>>,
    pub(super) keeper: Option<Keeper>,
    address: SocketAddr,
}

impl Listener {
    /// Listens on `address`; port 0 takes any free one. `clock` says when a certificate of the local authority is due.
    pub async fn bind(address: SocketAddr, tls: &Tls, clock: SharedClock) -> Result<Self, BindError> {
        Socket::bind(address, tls).await?.listener(tls, &TrustedClients::default(), clock)
    }

    /// The address that was bound, with its port.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether it speaks TLS.
    pub const fn is_tls(&self) -> bool {
        self.speaks.is_some()
    }

    /// `http://127.0.0.1:7070` or `https://...`: how a client on this machine reaches it.
    pub fn url(&self) -> String {
        let mut address = self.address;
        if self.is_everywhere() {
            address = SocketAddr::new(loopback(address), address.port());
        }
        format!("{}://{address}", self.scheme())
    }

    /// The same for clients that ask for `host`, a name.
    pub fn url_for(&self, host: &str) -> String {
        format!("{}://{host}:{}", self.scheme(), self.address.port())
    }

    const fn scheme(&self) -> &'static str {
        if self.is_tls() { "https" } else { "http" }
    }

    /// Whether it listens on every address of the machine, so that its own is none to connect to.
    pub fn is_everywhere(&self) -> bool {
        self.address.ip().to_canonical().is_unspecified()
    }

    /// Whether a client that asks for `host`, a name or an address, accepts the names in the certificate shown now.
    pub fn covers(&self, host: &str) -> bool {
        self.keeper.as_ref().is_none_or(|keeper| keeper.shown().covers(host))
    }

    /// The host names in the certificate shown now, without those that hold a `*`.
    pub fn certificate_names(&self) -> Vec<String> {
        self.keeper.as_ref().map(|keeper| keeper.shown().names()).unwrap_or_default()
    }

    /// How often certificate files are looked at for changes. For tests.
    #[must_use]
    pub fn check_certificates_every(mut self, interval: Duration) -> Self {
        if let Some(keeper) = &mut self.keeper {
            keeper.interval = interval;
        }
        self
    }
}

/// The loopback address by which a listener on every address is reached. A machine may have IPv6 and no loopback of it, as
/// containers do; a socket for IPv6 takes IPv4, too, unless it is told otherwise.
fn loopback(everywhere: SocketAddr) -> IpAddr {
    let six = IpAddr::V6(Ipv6Addr::LOCALHOST);
    let has_six = everywhere.ip().to_canonical().is_ipv6() && UdpSocket::bind((six, 0)).is_ok();
    if has_six { six } else { Ipv4Addr::LOCALHOST.into() }
}
