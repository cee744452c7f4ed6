//! Addresses inside the network a node stands in, and who may lead there.
//!
//! A steward may name any upstream. What an upstream names (a redirect, a file's address) is from outside: where the
//! upstream itself is outside, it must not send the node to its own machine, its neighbours or the address at which a
//! cloud hands out secrets. Names are resolved before that is decided, and the connection goes to what was checked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Whether an address is not one of the public internet (IANA's special-purpose address registries).
pub fn is_inward(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_inward_v4(v4),
        IpAddr::V6(v6) => match v6.to_canonical() {
            IpAddr::V4(v4) => is_inward_v4(v4),
            IpAddr::V6(v6) => is_inward_v6(v6),
        },
    }
}

fn is_inward_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    let is_shared = a == 100 && b & 0xc0 == 64;
    let is_protocols = (a, b, c) == (192, 0, 0);
    let is_benchmarking = a == 198 && b & 0xfe == 18;
    v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || a == 0
        || a >= 224
        || is_shared
        || is_protocols
        || is_benchmarking
}

fn is_inward_v6(v6: Ipv6Addr) -> bool {
    let segments = v6.segments();
    // 64:ff9b::/96 has an IPv4 address at its end (RFC 6052), 64:ff9b:1::/48 is for local use (RFC 8215).
    if segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        let [.., a, b, c, d] = v6.octets();
        return is_inward_v4(Ipv4Addr::new(a, b, c, d));
    }
    let is_site_local = segments[0] & 0xffc0 == 0xfec0;
    v6.is_loopback()
        || v6.is_unspecified()
        || v6.is_multicast()
        || v6.is_unicast_link_local()
        || v6.is_unique_local()
        || is_site_local
        || segments[..3] == [0x64, 0xff9b, 1]
}

/// The address that stands in a URL, where it is not a name that must be asked for.
pub(super) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(v4) => Some(v4.into()),
        Host::Ipv6(v6) => Some(v6.into()),
        Host::Domain(_) => super::address::is_loopback(url).then_some(Ipv4Addr::LOCALHOST.into()),
    }
}

/// Whether a URL leads inward. A name that cannot be resolved does not.
pub(super) async fn leads_inward(url: &Url, inward: fn(IpAddr) -> bool) -> bool {
    if let Some(address) = literal(url) {
        return inward(address);
    }
    let Some(name) = url.host_str() else { return false };
    tokio::net::lookup_host((name, 0)).await.is_ok_and(|mut found| found.any(|address| inward(address.ip())))
}

/// A name has no address outside.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to addresses inside this network only")]
pub(super) struct OnlyInward;

/// Resolves names to what they have outside; the proxies' own names to all they have.
pub(super) struct Outward {
    pub(super) inward: fn(IpAddr) -> bool,
    pub(super) proxies: Vec<String>,
}

impl Resolve for Outward {
    fn resolve(&self, name: Name) -> Resolving {
        let (inward, is_proxy) =
            (self.inward, self.proxies.iter().any(|proxy| proxy.eq_ignore_ascii_case(name.as_str())));
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let had_any = !found.is_empty();
            let outside: Vec<_> = found.into_iter().filter(|address| is_proxy || !inward(address.ip())).collect();
            if outside.is_empty() && had_any {
                Err(OnlyInward.into())
            } else {
                Ok(Box::new(outside.into_iter()) as Addrs)
            }
        })
    }
}
