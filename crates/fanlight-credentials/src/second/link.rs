//! A link that opens once: how the first steward comes in, where nobody is there yet who could let anybody in.
//!
//! The secret stands behind `#`: a browser does not send that part, so it is in no log of a proxy, and the page shows it
//! by itself. Invariant: there is no default password; without this link, or the state folder, nobody is a steward.

use fanlight_base::{Secret, Timestamp, limits};
use subtle::ConstantTimeEq as _;
use url::Url;

use crate::random::{self, NoRandom};

const PREFIX: &str = "flw_";

/// A link that was just made.
#[derive(Debug)]
pub struct OneTimeLink {
    /// The secret: `flw_` and 64 hexadecimal digits.
    pub clear: Secret<String>,
    /// What is kept.
    pub kept: KeptLink,
}

/// What is kept of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptLink {
    /// SHA-256 of the secret.
    pub sha256: [u8; 32],
    /// Until when it opens.
    pub until: Timestamp,
    /// When it was opened.
    pub used: Option<Timestamp>,
}

/// Why a link does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkFault {
    /// Not this one.
    #[error(
        "the link is not the one this node printed last: copy it whole, or have a new one made where the node runs"
    )]
    Unknown,
    /// Opened before.
    #[error(
        "the link was opened already, and opens once: if that was not you, have a new one made where the node runs, and look who is steward"
    )]
    Used,
    /// Too late.
    #[error("the link is over: have a new one made where the node runs")]
    Over,
}

impl OneTimeLink {
    /// Makes a link, good for [`limits::FIRST_LINK_TIME`].
    pub fn make(now: Timestamp) -> Result<Self, NoRandom> {
        let clear = Secret::new(format!("{PREFIX}{}", random::secret()?));
        let until = now.checked_add(limits::FIRST_LINK_TIME).unwrap_or(Timestamp::MAX);
        let sha256 = random::sha256(clear.expose_secret().as_bytes());
        Ok(Self { clear, kept: KeptLink { sha256, until, used: None } })
    }

    /// The whole address, to be printed: `page` with the secret behind `#`.
    pub fn address(&self, page: &Url) -> Secret<String> {
        let mut page = page.clone();
        page.set_fragment(Some(self.clear.expose_secret()));
        Secret::new(page.into())
    }
}

impl KeptLink {
    /// Opens it: from then on it is used, which is to be kept before anybody is let in.
    pub fn open(&mut self, shown: &str, now: Timestamp) -> Result<(), LinkFault> {
        // First the secret: nobody who does not have it learns whether the link was used.
        if !bool::from(random::sha256(shown.as_bytes()).ct_eq(&self.sha256)) {
            return Err(LinkFault::Unknown);
        }
        if self.used.is_some() {
            return Err(LinkFault::Used);
        }
        if now >= self.until {
            return Err(LinkFault::Over);
        }
        self.used = Some(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_link_opens_once() {
        let OneTimeLink { clear, mut kept } = OneTimeLink::make(now()).unwrap();
        assert_eq!(kept.open("flw_0", now()), Err(LinkFault::Unknown));
        assert_eq!(kept.open("", now()), Err(LinkFault::Unknown));
        assert_eq!(kept.open(clear.expose_secret(), now()), Ok(()));
        assert_eq!(kept.used, Some(now()));
        assert_eq!(kept.open(clear.expose_secret(), now()), Err(LinkFault::Used));
        assert_eq!(kept.open("flw_0", now()), Err(LinkFault::Unknown), "who does not have it learns nothing");
    }

    #[test]
    fn a_link_is_over_after_its_time() {
        let OneTimeLink { clear, mut kept } = OneTimeLink::make(now()).unwrap();
        assert_eq!(kept.until, "2026-11-23T00:00:00Z".parse().unwrap());
        assert_eq!(kept.open(clear.expose_secret(), kept.until), Err(LinkFault::Over));
        let before = kept.until - jiff::SignedDuration::from_millis(1);
        assert_eq!(kept.open(clear.expose_secret(), before), Ok(()));
    }

    #[test]
    fn the_secret_is_in_the_part_that_browsers_do_not_send() {
        let link = OneTimeLink::make(now()).unwrap();
        let page = Url::parse("http://127.0.0.1:4873/welcome").unwrap();
        let address = link.address(&page);
        let (sent, kept_back) = address.expose_secret().split_once('#').unwrap();
        assert_eq!((sent, kept_back), (page.as_str(), link.clear.expose_secret().as_str()));
        assert!(!format!("{link:?}").contains(kept_back));
    }
}
