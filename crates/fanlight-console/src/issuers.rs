//! The keys of issuers whose tokens apps call with: fetched at the start and when needed, kept for a time that has an end.
//!
//! Refuses to know what a token is for. Invariants: nobody makes the node ask an issuer more often than once a minute (once in ten
//! seconds while it does not answer); a key that was taken out of an issuer's set counts ten minutes longer at most, an hour
//! where the issuer cannot be asked; no redirect is followed.

use std::sync::Arc;
use std::time::Duration;

use fanlight_api::status;
use fanlight_base::{Timestamp, limits};
use fanlight_identity::oidc::{Algorithm, Issuer, IssuerFault, KeySet, KeySetFault};
use fanlight_identity::{AskedKeys, IssuerKeySource, IssuerKeys};
use fanlight_net::upstream::{PageRequest, Upstream, UpstreamError, Validators};
use url::Url;

use crate::kept::{FAILED, Kept};

/// An issuer, as the settings have it.
#[derive(Debug, Clone)]
pub struct KeysAt {
    /// What it is called.
    pub name: String,
    /// Its issuer.
    pub issuer: Url,
    /// The same, letter for letter.
    pub issuer_text: String,
    /// Where its keys are, where it does not describe itself.
    pub keys: Option<Url>,
    /// The algorithm of RSA keys that do not name theirs.
    pub rsa: Algorithm,
}

/// Why an issuer's keys cannot be had.
#[derive(Debug, thiserror::Error)]
enum KeysError {
    #[error("it does not answer")]
    Upstream(#[from] UpstreamError),
    #[error("what it says of itself is not believed")]
    Issuer(#[from] IssuerFault),
    #[error("its keys are not taken")]
    Keys(#[from] KeySetFault),
}

struct One {
    at: KeysAt,
    known: Arc<Kept<KeySet>>,
}

/// All issuers.
pub struct Issuers {
    all: Vec<One>,
    upstream: Upstream,
}

impl Issuers {
    /// Those of the settings. Opens no connection.
    pub fn new(all: impl IntoIterator<Item = KeysAt>, upstream: &Upstream) -> Self {
        let of = |at: KeysAt| One { known: Kept::new(format!("the issuer {}", at.name), limits::ISSUER_TIME), at };
        Self { all: all.into_iter().map(of).collect(), upstream: upstream.clone() }
    }

    /// Asks each once, so that one that is not there is told from the start.
    pub fn begin(&self, now: Timestamp) {
        for one in &self.all {
            one.known.ask(now, Duration::ZERO, || fetch(self.upstream.clone(), one.at.clone()));
        }
    }

    /// How each is, for `status`.
    pub(crate) fn standing(&self) -> Vec<status::Issuer> {
        let of = |one: &One| {
            let standing = one.known.standing();
            let asked = standing.fetched.as_ref().map(|(_, at)| *at);
            let (last_error_at, last_error) = standing.failed.unzip();
            status::Issuer {
                name: one.at.name.clone(),
                issuer: one.at.issuer_text.clone(),
                keys: standing.fetched.map_or(0, |(keys, _)| keys.keys().len() as u64),
                asked,
                last_error,
                last_error_at,
            }
        };
        self.all.iter().map(of).collect()
    }
}

impl IssuerKeySource for Issuers {
    fn keys<'a>(&'a self, name: &'a str, lacking: bool, now: Timestamp) -> AskedKeys<'a> {
        Box::pin(async move {
            let one = self.all.iter().find(|one| one.at.name == name)?;
            let fetch = || fetch(self.upstream.clone(), one.at.clone());
            if lacking {
                let _ = one.known.get(now, limits::ISSUER_KEYS_ANEW, fetch).await;
            } else if one.known.get(now, limits::ISSUER_KEYS_TIME, fetch).await.is_some() {
                // Asked for before anybody has to wait for it.
                one.known.ask(now, limits::ISSUER_KEYS_RENEWED, fetch);
            }
            let (keys, at) = one.known.standing().fetched?;
            // What is remembered by these keys ends with them, so that nothing that was taken out lives on in memory.
            let ends = |time: Duration| at.checked_add(time).unwrap_or(at);
            let until = match ends(limits::ISSUER_KEYS_TIME) {
                renewed if renewed > now => renewed,
                _ if ends(limits::ISSUER_KEYS_BELIEVED) > now => now.checked_add(FAILED).unwrap_or(now),
                _ => return None,
            };
            Some(IssuerKeys { keys, until })
        })
    }
}

async fn fetch(upstream: Upstream, at: KeysAt) -> Result<KeySet, KeysError> {
    let page = async |url: Url, limit: usize| {
        let request = PageRequest { url, accept: "application/json", at_hand: Validators::default(), limit };
        upstream.page_there(&request, &at.issuer).await
    };
    let keys = match &at.keys {
        Some(keys) => keys.clone(),
        None => {
            let said = page(Issuer::address(&at.issuer), limits::PROVIDER_ANSWER_BYTES).await?;
            Issuer::keys_of(&said, &at.issuer_text)?
        }
    };
    Ok(KeySet::read(&page(keys, limits::KEY_SET_BYTES).await?, at.rsa)?)
}

#[cfg(test)]
mod tests;
