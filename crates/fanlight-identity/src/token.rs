//! Device tokens: a key's text ([`fanlight_credentials::key`]) that stands for a person's device, `dev_` and the key's id.

use fanlight_base::{DeviceId, Secret};
use fanlight_credentials::key::{KeyText, NewKey};
use fanlight_credentials::random::NoRandom;

pub use fanlight_credentials::key::TextFault as TokenFault;

/// A device token, taken apart. Its checksum is right; whether anybody has it is for the store to say.
#[derive(Debug, Clone, Copy)]
pub struct DeviceToken<'a>(KeyText<'a>);

/// A token that was just made, and what the store keeps of it.
pub(crate) struct NewToken {
    pub(crate) clear: Secret<String>,
    pub(crate) device: DeviceId,
    pub(crate) secret_sha256: [u8; 32],
}

impl<'a> DeviceToken<'a> {
    /// Takes a token apart. Costs a pass over 94 bytes, so that nonsense never reaches the store.
    pub fn parse(text: &'a str) -> Result<Self, TokenFault> {
        KeyText::parse(text).map(Self)
    }

    /// The device it is for.
    pub fn device(&self) -> DeviceId {
        device_id(self.0.id())
    }

    /// Whether its secret is the one kept, compared in constant time.
    pub fn proves(&self, kept_sha256: &[u8; 32]) -> bool {
        self.0.proves(kept_sha256)
    }
}

impl NewToken {
    pub(crate) fn make() -> Result<Self, NoRandom> {
        let NewKey { clear, id, secret_sha256 } = NewKey::make()?;
        Ok(Self { clear, device: device_id(&id), secret_sha256 })
    }
}

fn device_id(id: &str) -> DeviceId {
    DeviceId::new(format!("dev_{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stands_for_the_device_of_its_key() {
        let made = NewToken::make().unwrap();
        let token = DeviceToken::parse(made.clear.expose_secret()).unwrap();
        assert_eq!(token.device(), made.device);
        assert!(made.device.as_str().starts_with("dev_") && made.device.as_str().len() == 20);
        assert!(token.proves(&made.secret_sha256) && !token.proves(&NewToken::make().unwrap().secret_sha256));
    }
}
