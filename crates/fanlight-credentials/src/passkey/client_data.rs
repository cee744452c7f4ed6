//! What the browser says of an answer: `clientDataJSON` (WebAuthn, section 5.8.1). The authenticator signs its hash, so that a page
//! cannot change it.

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

use super::PasskeyFault;
use crate::json;

/// How deep it may be nested; today's has one level.
const DEPTH: usize = 4;

/// Which of the two is done.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ceremony {
    /// A passkey is made.
    Make,
    /// One is shown.
    Show,
}

/// Judges it (WebAuthn, sections 7.1 and 7.2).
pub(super) fn judge(bytes: &[u8], ceremony: Ceremony, challenge: &[u8], origin: &str) -> Result<(), PasskeyFault> {
    let unreadable = PasskeyFault::Unreadable("what the browser says");
    let said = json::object(bytes, DEPTH).map_err(|_| unreadable.clone())?;
    let text = |name: &str| said.get(name).and_then(Value::as_str).ok_or(unreadable.clone());
    let kind = match ceremony {
        Ceremony::Make => "webauthn.create",
        Ceremony::Show => "webauthn.get",
    };
    if text("type")? != kind {
        return Err(PasskeyFault::OtherCeremony);
    }
    // A challenge is no secret: whoever asks is given one.
    if BASE64URL_NOPAD.decode(text("challenge")?.as_bytes()).ok().as_deref() != Some(challenge) {
        return Err(PasskeyFault::OtherChallenge);
    }
    if text("origin")? != origin {
        return Err(PasskeyFault::OtherOrigin);
    }
    let is_framed =
        said.contains_key("topOrigin") || said.get("crossOrigin").is_some_and(|value| *value != Value::Bool(false));
    if is_framed { Err(PasskeyFault::Framed) } else { Ok(()) }
}
