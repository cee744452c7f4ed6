//! Who calls with somebody else's token: the app that trusts whom the token is about.
//!
//! Owns which issuers are trusted and what a token has to be (RFC 8725). Refuses to know HTTP: where an issuer's keys come from
//! is [`IssuerKeySource`]'s. Invariants: an issuer's own keys alone are asked, and none that is not believed any more; a token
//! stands for one app or for none; what is remembered of it ends with the token, the key and the issuer's keys.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use fanlight_base::{Strength, Timestamp, limits};
use fanlight_credentials::jose::{Algorithm, KeySet};
use fanlight_credentials::token::{Claims, Expected, ForeignFault, ForeignIssuer, ForeignIssuers, Timing};
use fanlight_store::{CallerKeyRow, Trust, TrustedBy};

use crate::caller::{Caller, ShownKey};
use crate::error::{IdentifyError, KeyError};
use crate::identity::Identity;
use crate::seal::{Month, Personal};

/// What an issuer's tokens are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokensAre {
    /// What a platform gives to a job to show who it is.
    Workload,
    /// Access tokens by RFC 9068.
    Access,
}

/// An issuer that a steward trusts.
#[derive(Debug, Clone)]
pub struct TrustedIssuer {
    /// What it is called here.
    pub name: String,
    /// Its name as its tokens have it, letter for letter.
    pub issuer: String,
    /// Whom its tokens must be for.
    pub audience: String,
    /// What they are.
    pub tokens: TokensAre,
    /// The algorithms by which it signs.
    pub algorithms: Vec<Algorithm>,
}

/// An issuer's keys, as they are known now.
#[derive(Debug, Clone)]
pub struct IssuerKeys {
    /// The keys.
    pub keys: Arc<KeySet>,
    /// Until when they are believed.
    pub until: Timestamp,
}

/// The keys to come; nothing where the issuer cannot be asked and what it said last is not believed any more.
pub type AskedKeys<'a> = Pin<Box<dyn Future<Output = Option<IssuerKeys>> + Send + 'a>>;

/// Where issuers' keys come from.
pub trait IssuerKeySource: Send + Sync {
    /// The keys of the issuer of that name. `lacking`: a key was shown that was not among them, so it is asked again, unless that
    /// was done a moment ago.
    fn keys<'a>(&'a self, name: &'a str, lacking: bool, now: Timestamp) -> AskedKeys<'a>;
}

/// A client's certificate, verified.
#[derive(Debug, Clone, Copy)]
pub struct ShownCertificate<'a> {
    /// SHA-256 of it.
    pub sha256: &'a [u8; 32],
    /// The names in it, `dns:`, `uri:` or `email:` before each.
    pub names: &'a [String],
    /// When it ends.
    pub until: Timestamp,
}

/// All of it.
pub(crate) struct Issuers {
    all: Vec<TrustedIssuer>,
    keys: Arc<dyn IssuerKeySource>,
}

impl Identity {
    /// Takes tokens of these issuers, too. The first that are given stay.
    #[must_use]
    pub fn with_issuers(self, all: Vec<TrustedIssuer>, keys: Arc<dyn IssuerKeySource>) -> Self {
        self.set_issuers(Issuers { all, keys });
        self
    }

    /// The issuer that a token names, where it is one of those trusted.
    pub(crate) fn issuer_named_in(&self, text: &str) -> Option<&TrustedIssuer> {
        let issuers = self.issuers().filter(|issuers| !issuers.all.is_empty())?;
        let named = ForeignIssuers::named(text)?;
        issuers.all.iter().find(|issuer| issuer.issuer == named)
    }

    /// Whom a token of that issuer stands for.
    pub(crate) async fn by_foreign_token(
        &self,
        issuer: &TrustedIssuer,
        text: &str,
        month: Month,
        address: Option<String>,
    ) -> Result<Caller, IdentifyError> {
        let (claims, keys_until) = self.foreign_claims(issuer, text).await?;
        let taken = |error: fanlight_credentials::token::ClaimFault| IdentifyError::Foreign(error.to_string());
        let over = claims.time("exp").map_err(taken)?.unwrap_or(Timestamp::MIN);
        let subject = claims.needed("sub").map_err(taken)?;
        let by = TrustedBy::Token { issuer: issuer.name.clone(), subject: subject.to_owned() };
        let now = self.now();
        let keys = self.store().keys_trusting(&by, now).await?;
        let row = meant(keys.into_iter().filter(|key| key.trust.as_ref().is_some_and(|trust| fits(trust, &claims))));
        let until = over.min(keys_until);
        self.by_trust(row, until, Strength::AccessToken, month, address).await
    }

    async fn foreign_claims(&self, issuer: &TrustedIssuer, text: &str) -> Result<(Claims, Timestamp), IdentifyError> {
        let issuers = self.issuers().ok_or(IdentifyError::Unknown)?;
        let now = self.now();
        let mut lacking = false;
        loop {
            let known = issuers.keys.keys(&issuer.name, lacking, now).await;
            let IssuerKeys { keys, until } = known.ok_or(IdentifyError::IssuerSilent)?;
            let one = ForeignIssuer {
                issuer: issuer.issuer.clone(),
                audiences: vec![issuer.audience.clone()],
                keys,
                algorithms: issuer.algorithms.clone(),
                timing: Timing::default(),
            };
            let expected = match issuer.tokens {
                TokensAre::Workload => Expected::Workload,
                TokensAre::Access => Expected::AccessToken,
            };
            match ForeignIssuers::new(vec![one]).check(text, expected, now) {
                Ok((_, claims)) => return Ok((claims, until)),
                // It may have changed its keys since.
                Err(ForeignFault::UnknownKey) if !lacking => lacking = true,
                Err(fault) => return Err(IdentifyError::Foreign(fault.to_string())),
            }
        }
    }

    /// Whom a certificate stands for: by itself, else by a name in it.
    pub(crate) async fn by_certificate(
        &self,
        shown: &ShownCertificate<'_>,
        month: Month,
        address: Option<String>,
    ) -> Result<Caller, IdentifyError> {
        let now = self.now();
        let whole = TrustedBy::Certificate(data_encoding::HEXLOWER.encode(shown.sha256));
        let mut keys = self.store().keys_trusting(&whole, now).await?;
        // Who trusts this one certificate means it, and who revoked it, too; a name may be in many.
        let turned_away: Vec<_> =
            keys.iter().filter(|key| key.revoked.is_some()).map(|key| key.holder.clone()).collect();
        if keys.iter().all(|key| key.revoked.is_some()) {
            for name in shown.names {
                keys.extend(self.store().keys_trusting(&TrustedBy::CertificateName(name.clone()), now).await?);
            }
        }
        let is_by_name = |key: &CallerKeyRow| key.trust.as_ref().is_some_and(|trust| trust.by != whole);
        keys.retain(|key| !(is_by_name(key) && turned_away.contains(&key.holder)));
        self.by_trust(meant(keys.into_iter()), shown.until, Strength::Certificate, month, address).await
    }

    /// Who acts by a key that trusts what was shown, until then at the latest.
    pub(crate) async fn by_trust(
        &self,
        row: Option<CallerKeyRow>,
        until: Timestamp,
        strength: Strength,
        month: Month,
        address: Option<String>,
    ) -> Result<Caller, IdentifyError> {
        let row = row.ok_or(IdentifyError::NotTrusted)?;
        let (principal, _) = self.holder_of(row.holder).await?;
        let scopes = self.scopes_now(&row.id).await?;
        let key = ShownKey { id: row.id, scopes, until: row.until.min(until), access: None };
        let personal = Personal { address, ..Personal::default() };
        self.caller_by(key, (principal, strength), month, personal).await
    }

    /// Whether a key may trust that.
    pub(crate) fn check_trust(&self, trust: &Trust) -> Result<(), KeyError> {
        let is_line = |text: &str, most: usize| (1..=most).contains(&text.len()) && !text.chars().any(char::is_control);
        let (issuer, subject) = match &trust.by {
            TrustedBy::Token { issuer, subject } => (issuer, subject),
            by => return check_certificate(by, trust),
        };
        if !self.issuers().is_some_and(|issuers| issuers.all.iter().any(|known| known.name == *issuer)) {
            return Err(KeyError::UnknownIssuer);
        }
        if !is_line(subject, limits::CLAIM_TEXT_BYTES) {
            return Err(KeyError::BadTrust("a subject is one line, not empty, exactly as the tokens have it in `sub`"));
        }
        let may_stand = |name: &str| !["iss", "sub", "aud", "exp", "nbf", "iat", "jti"].contains(&name);
        let fits = |(name, value): (&String, &String)| {
            is_line(name, limits::KEY_ID_BYTES) && may_stand(name) && is_line(value, limits::CLAIM_TEXT_BYTES)
        };
        if trust.claims.len() > limits::TRUSTED_CLAIMS || !trust.claims.iter().all(fits) {
            return Err(KeyError::BadTrust(
                "claims are at most 10 names with one line each, beside those that every token has",
            ));
        }
        Ok(())
    }
}

fn check_certificate(by: &TrustedBy, trust: &Trust) -> Result<(), KeyError> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_name = |name: &str| {
        let (kind, rest) = name.split_once(':').unwrap_or_default();
        let may = match kind {
            "dns" => !rest.contains('*') && rest == rest.to_ascii_lowercase(),
            "uri" | "email" => true,
            _ => false,
        };
        may && (1..=limits::CLAIM_TEXT_BYTES).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match by {
        _ if !trust.claims.is_empty() => Err(KeyError::BadTrust("claims are a token's, and a certificate has none")),
        TrustedBy::Certificate(sha256) if sha256.len() == 64 && sha256.bytes().all(is_digit) => Ok(()),
        TrustedBy::Certificate(_) => Err(KeyError::BadTrust(
            "a certificate is named by SHA-256 of it, as 64 hexadecimal digits in small letters",
        )),
        TrustedBy::CertificateName(name) if is_name(name) => Ok(()),
        TrustedBy::CertificateName(_) | TrustedBy::Token { .. } => Err(KeyError::BadTrust(
            "a name in a certificate is dns:HOST in small letters and without *, uri:ADDRESS or email:ADDRESS",
        )),
    }
}

/// HMAC-SHA256 over whom a key trusts, in hexadecimal digits: of the subject, and for each claim that is asked for a line feed, its
/// name, `=` and its value. Nobody who has not the salt can tell by it whether a guess is right.
pub fn subject_hmac(salt: &[u8; 32], trust: &Trust) -> String {
    let mut text = trust.by.subject().to_owned();
    for (name, value) in &trust.claims {
        text.push_str(&format!("\n{name}={value}"));
    }
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, salt);
    data_encoding::HEXLOWER.encode(ring::hmac::sign(&key, text.as_bytes()).as_ref())
}

/// Whether a token has all claims that a key asks for, each exactly, as a text.
fn fits(trust: &Trust, claims: &Claims) -> bool {
    trust.claims.iter().all(|(name, value)| claims.all().get(name).and_then(|said| said.as_str()) == Some(value))
}

/// The newest, since an app's key is renewed by another beside it; none where they are several apps', since nobody could say which
/// is meant. Whoever revokes the newest means that what it trusted opens nothing: no older one, maybe wider, comes in its place.
pub(crate) fn meant(keys: impl Iterator<Item = CallerKeyRow>) -> Option<CallerKeyRow> {
    let (revoked, good): (Vec<_>, Vec<_>) = keys.partition(|key| key.revoked.is_some());
    let holder = good.first()?.holder.clone();
    if good.iter().any(|key| key.holder != holder) {
        return None;
    }
    let age = |key: &CallerKeyRow| (key.made, key.id.clone());
    let newest = good.into_iter().max_by_key(age)?;
    let is_revoked = revoked.iter().any(|key| key.holder == holder && age(key) > age(&newest));
    (!is_revoked).then_some(newest)
}

#[cfg(test)]
mod tests;
