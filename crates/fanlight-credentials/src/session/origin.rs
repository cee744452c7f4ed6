//! Whether a change asked for with a cookie comes from our own pages: the defence against cross-site request forgery.
//!
//! Browsers say where a request comes from, in `Origin` and `Sec-Fetch-Site`, and no page can change either. Invariant: a
//! change that says nothing is refused; whoever is no browser shows a token instead of a cookie and is not asked.

use url::Url;

/// The origins under which the node's own pages are reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origins(Vec<String>);

/// What a request says of where it comes from: its headers as they came, `None` where there is none.
#[derive(Debug, Clone, Copy, Default)]
pub struct Change<'a> {
    /// `Origin`.
    pub origin: Option<&'a [u8]>,
    /// `Sec-Fetch-Site`.
    pub fetch_site: Option<&'a [u8]>,
}

/// Why a change is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OriginFault {
    /// From another site, or another port of this host.
    #[error("the change was asked for by a page that is not this node's: open the console itself and do it there")]
    Foreign,
    /// Nothing is said.
    #[error(
        "the change does not say which page asked for it: use a current browser, or a token instead of the session's cookie"
    )]
    Silent,
}

impl Origins {
    /// The origins of these addresses, as browsers write them. Addresses without one (`data:`) are left out.
    pub fn of<'a>(addresses: impl IntoIterator<Item = &'a Url>) -> Self {
        let origins = addresses.into_iter().map(Url::origin).filter(url::Origin::is_tuple);
        Self(origins.map(|origin| origin.ascii_serialization()).collect())
    }

    /// Judges a change. Both headers count where both are there.
    pub fn judge(&self, change: Change<'_>) -> Result<(), OriginFault> {
        // `same-site` is another host or port of the same domain, and `none` is typed by hand, as no change is.
        if change.fetch_site.is_some_and(|site| site != b"same-origin") {
            return Err(OriginFault::Foreign);
        }
        match change.origin {
            // `null` is what a sandboxed page or a redirect sends, and is no origin of ours.
            Some(origin) if self.0.iter().any(|own| own.as_bytes() == origin) => Ok(()),
            Some(_) => Err(OriginFault::Foreign),
            None if change.fetch_site.is_some() => Ok(()),
            None => Err(OriginFault::Silent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(origin: Option<&str>, fetch_site: Option<&str>) -> Result<(), OriginFault> {
        let own = ["https://Fanlight.Example:443/console", "http://127.0.0.1:4873/", "data:,x"];
        let own: Vec<_> = own.iter().map(|url| Url::parse(url).unwrap()).collect();
        let change = Change { origin: origin.map(str::as_bytes), fetch_site: fetch_site.map(str::as_bytes) };
        Origins::of(&own).judge(change)
    }

    #[test]
    fn our_own_pages_may_change_things() {
        for own in ["https://fanlight.example", "http://127.0.0.1:4873"] {
            assert_eq!(judge(Some(own), Some("same-origin")), Ok(()));
            assert_eq!(judge(Some(own), None), Ok(()), "browsers of before 2023 send no Sec-Fetch-Site");
        }
        assert_eq!(judge(None, Some("same-origin")), Ok(()), "a form of some browsers sends no Origin");
    }

    #[test]
    fn other_pages_may_not() {
        for foreign in [
            "https://evil.example",
            "http://fanlight.example",
            "https://fanlight.example:8443",
            "https://fanlight.example.evil.example",
            "https://fanlight.example/",
            "https://FANLIGHT.example",
            "http://127.0.0.1:4874",
            "http://localhost:4873",
            "null",
            "",
        ] {
            assert_eq!(judge(Some(foreign), None), Err(OriginFault::Foreign), "{foreign}");
            assert_eq!(judge(Some(foreign), Some("same-origin")), Err(OriginFault::Foreign), "{foreign}");
        }
        for site in ["cross-site", "same-site", "none", "", "same-origin, same-origin", "Same-Origin"] {
            assert_eq!(judge(None, Some(site)), Err(OriginFault::Foreign), "{site}");
            assert_eq!(judge(Some("https://fanlight.example"), Some(site)), Err(OriginFault::Foreign), "{site}");
        }
    }

    #[test]
    fn who_says_nothing_may_not() {
        assert_eq!(judge(None, None), Err(OriginFault::Silent));
        assert_eq!(Origins::of([]).judge(Change::default()), Err(OriginFault::Silent));
    }
}
