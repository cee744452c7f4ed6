//! Device tokens: a key's text ([`fanlight_credentials::key`]) that stands for a person's device, `dev_` and the key's id.

use fanlight_base::{DeviceId, Secret};
use fanlight_credentials::key::NewKey;
use fanlight_credentials::random::NoRandom;

pub use fanlight_credentials::key::TextFault as TokenFault;

/// A token that was just made, and what the store keeps of it.
pub(crate) struct NewToken {
    pub(crate) clear: Secret<String>,
    pub(crate) device: DeviceId,
    pub(crate) secret_sha256: [u8; 32],
}

impl NewToken {
    pub(crate) fn make() -> Result<Self, NoRandom> {
        let NewKey { clear, id, secret_sha256 } = NewKey::make()?;
        Ok(Self { clear, device: device_id(&id), secret_sha256 })
    }
}

/// The device that the key with that id stands for, if any does.
pub(crate) fn device_id(id: &str) -> DeviceId {
    DeviceId::new(format!("dev_{id}"))
}

#[cfg(test)]
mod tests {
    use fanlight_credentials::key::KeyText;

    use super::*;

    #[test]
    fn a_token_stands_for_the_device_of_its_key() {
        let made = NewToken::make().unwrap();
        let token = KeyText::parse(made.clear.expose_secret()).unwrap();
        assert_eq!(device_id(token.id()), made.device);
        assert!(made.device.as_str().starts_with("dev_") && made.device.as_str().len() == 20);
        assert!(token.proves(&made.secret_sha256) && !token.proves(&NewToken::make().unwrap().secret_sha256));
    }
}
