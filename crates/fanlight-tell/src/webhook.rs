//! A webhook as Standard Webhooks has it: a POST with an id, the time, and a signature over both and the body.
//!
//! A receiver checks it with any library for that specification and the secret of the settings; the id is the same for every
//! try, so that what comes twice is known.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fanlight_base::{Secret, Timestamp};
use fanlight_net::Upstream;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};
use url::Url;

use crate::error::{SetUpError, TellError};

/// What a secret begins with.
const PREFIX: &str = "whsec_";
const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIME: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// Where webhooks go, and the key that signs them.
pub struct Webhook {
    client: Upstream,
    url: Url,
    key: hmac::Key,
}

impl Webhook {
    /// Takes the address of the settings, and the secret.
    pub fn new(client: Upstream, url: Url, secret: &Secret<String>) -> Result<Self, SetUpError> {
        Ok(Self { client, url, key: key(secret.expose_secret())? })
    }

    /// Sends JSON once. `id` is the message's, of visible ASCII without a dot.
    pub async fn send(&self, id: &str, now: Timestamp, body: Vec<u8>) -> Result<(), TellError> {
        let time = now.as_second().to_string();
        let signature = signature(&self.key, id, &time, &body);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in [(ID, id), (TIME, &time), (SIGNATURE, &signature)] {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
        let status = self.client.post(&self.url, headers, body.into()).await?;
        if status.is_success() { Ok(()) } else { Err(TellError::NotTaken(status)) }
    }
}

/// A new secret.
pub fn new_secret() -> Result<Secret<String>, SetUpError> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| SetUpError::NoRandom)?;
    Ok(Secret::new(format!("{PREFIX}{}", STANDARD.encode(bytes))))
}

fn key(secret: &str) -> Result<hmac::Key, SetUpError> {
    let bytes = secret.trim().strip_prefix(PREFIX).and_then(|encoded| STANDARD.decode(encoded).ok());
    let bytes = bytes.filter(|bytes| (24..=64).contains(&bytes.len())).ok_or(SetUpError::Secret)?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

/// `v1,` and the base64 of HMAC-SHA-256 over `ID.TIME.BODY`.
fn signature(key: &hmac::Key, id: &str, time: &str, body: &[u8]) -> String {
    let mut context = hmac::Context::with_key(key);
    for part in [id.as_bytes(), b".", time.as_bytes(), b".", body] {
        context.update(part);
    }
    format!("v1,{}", STANDARD.encode(context.sign()))
}

#[cfg(test)]
mod tests;
