//! The rule where a node may listen: plain HTTP on loopback only. Both the settings and the listener ask it.

use std::net::SocketAddr;

/// A node was told to speak plain HTTP where others on the network could read along.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} can be reached from other machines, and without TLS what passes there could be read and changed on the way: \
     set listen.tls to \"auto\" or to a certificate and key, or listen on 127.0.0.1"
)]
pub struct PlainBeyondLoopback(pub SocketAddr);

/// Whether a node may listen on `address`, with or without TLS.
pub fn may_listen(address: SocketAddr, tls: bool) -> Result<(), PlainBeyondLoopback> {
    if tls || address.ip().to_canonical().is_loopback() { Ok(()) } else { Err(PlainBeyondLoopback(address)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_loopback() {
        for loopback in ["127.0.0.1:0", "127.8.0.1:7070", "[::1]:7070", "[::ffff:127.0.0.1]:1"] {
            assert!(may_listen(loopback.parse().unwrap(), false).is_ok(), "{loopback}");
        }
        for open in ["0.0.0.0:7070", "[::]:7070", "192.168.1.5:7070", "[::ffff:10.0.0.1]:1"] {
            assert!(may_listen(open.parse().unwrap(), false).is_err(), "{open}");
            assert!(may_listen(open.parse().unwrap(), true).is_ok(), "{open}");
        }
    }
}
