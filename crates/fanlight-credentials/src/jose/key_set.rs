//! A set of public keys as an issuer publishes it (JWKS, RFC 7517).
//!
//! A key that is not usable is left out, as the RFC asks; one that should never have been published, or an id that two
//! have, makes the whole set worth nothing.

use fanlight_base::limits;
use serde_json::Value;

use super::algorithm::Algorithm;
use super::jws::Header;
use super::key::{Jwk, KeyFault};
use crate::json::{self, JsonFault, Object};

/// Keys, each with its algorithm.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeySet {
    keys: Vec<Jwk>,
    left_out: usize,
}

/// Why a set is not taken.
#[derive(Debug, thiserror::Error)]
pub enum KeySetFault {
    /// Too long.
    #[error("the key set is longer than {} bytes", limits::KEY_SET_BYTES)]
    TooLong,
    /// No JSON.
    #[error("the key set is not readable")]
    Json(#[from] JsonFault),
    /// Not of the form.
    #[error("the key set has no list `keys` of objects, or more than {} of them", limits::KEY_SET_KEYS)]
    Malformed,
    /// One of the keys is a secret.
    #[error("the key set publishes a private or symmetric key: its issuer must make new ones before any is believed")]
    Secret,
    /// An id is there twice.
    #[error("two keys of the set have the same id")]
    SameId,
    /// Nothing is left.
    #[error("none of the set's {0} keys can be used: they are for another use, of unknown kinds, broken or weak")]
    Empty(
        /// How many there were.
        usize,
    ),
}

impl KeySet {
    /// Reads a set. `rsa` is the algorithm of RSA keys that do not name theirs: `RS256` unless the issuer says otherwise.
    pub fn read(bytes: &[u8], rsa: Algorithm) -> Result<Self, KeySetFault> {
        if bytes.len() > limits::KEY_SET_BYTES {
            return Err(KeySetFault::TooLong);
        }
        let set = json::object(bytes, 6)?;
        let Some(Value::Array(listed)) = set.get("keys") else { return Err(KeySetFault::Malformed) };
        if listed.len() > limits::KEY_SET_KEYS {
            return Err(KeySetFault::Malformed);
        }
        let mut keys: Vec<Jwk> = Vec::new();
        for key in listed {
            let Value::Object(key) = key else { return Err(KeySetFault::Malformed) };
            match Jwk::read(key, rsa) {
                Ok(key) if key.id().is_some() && keys.iter().any(|other| other.id() == key.id()) => {
                    return Err(KeySetFault::SameId);
                }
                Ok(key) => keys.push(key),
                Err(KeyFault::Secret) => return Err(KeySetFault::Secret),
                Err(KeyFault::Unknown | KeyFault::OtherUse | KeyFault::Broken(_)) => {}
            }
        }
        if keys.is_empty() {
            return Err(KeySetFault::Empty(listed.len()));
        }
        Ok(Self { left_out: listed.len() - keys.len(), keys })
    }

    /// The key a header means: by its id, or without one the only key of that algorithm. Never another algorithm's.
    pub fn key_of(&self, header: &Header) -> Option<&Jwk> {
        let mut fitting = self.keys.iter().filter(|key| key.algorithm() == header.algorithm);
        match &header.key_id {
            Some(id) => fitting.find(|key| key.id() == Some(id)),
            None => fitting.next().filter(|_| fitting.next().is_none()),
        }
    }

    /// All keys.
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// How many were left out as not usable.
    pub const fn left_out(&self) -> usize {
        self.left_out
    }

    /// The set as it is published.
    pub fn to_json(&self) -> Object {
        let keys = self.keys.iter().map(|key| Value::Object(key.to_json())).collect();
        Object::from_iter([("keys".to_owned(), Value::Array(keys))])
    }
}

impl FromIterator<Jwk> for KeySet {
    fn from_iter<T: IntoIterator<Item = Jwk>>(keys: T) -> Self {
        Self { keys: keys.into_iter().collect(), left_out: 0 }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::jose::SigningKey;

    fn header(algorithm: Algorithm, key_id: Option<&str>) -> Header {
        Header { algorithm, key_id: key_id.map(str::to_owned), kind: None, key: None }
    }

    fn key(id: Option<&str>) -> Value {
        let mut key = Value::Object(SigningKey::make().unwrap().public().to_json());
        match id {
            Some(id) => key["kid"] = id.into(),
            None => drop(key.as_object_mut().unwrap().remove("kid")),
        }
        key
    }

    #[expect(clippy::needless_pass_by_value, reason = "each case reads as one literal")]
    fn read(keys: Value) -> Result<KeySet, KeySetFault> {
        KeySet::read(json!({ "keys": keys }).to_string().as_bytes(), Algorithm::Rs256)
    }

    #[test]
    fn a_key_is_found_by_its_id_and_algorithm() {
        let set = read(json!([key(Some("a")), key(Some("b"))])).unwrap();
        assert_eq!(set.key_of(&header(Algorithm::EdDsa, Some("b"))), Some(&set.keys()[1]));
        assert_eq!(set.key_of(&header(Algorithm::EdDsa, Some("c"))), None);
        assert_eq!(set.key_of(&header(Algorithm::Es256, Some("b"))), None);
        assert_eq!(set.key_of(&header(Algorithm::EdDsa, None)), None, "two could be meant");
        let one = read(json!([key(None)])).unwrap();
        assert_eq!(one.key_of(&header(Algorithm::EdDsa, None)), Some(&one.keys()[0]));
        assert_eq!(one.key_of(&header(Algorithm::EdDsa, Some("a"))), None, "a key without an id is not any id's");
    }

    #[test]
    fn what_is_not_usable_is_left_out() {
        let set = read(json!([{"kty": "AKP"}, {"kty": "EC", "crv": "P-256", "use": "enc"}, key(None)])).unwrap();
        assert_eq!((set.keys().len(), set.left_out()), (1, 2));
        assert!(matches!(read(json!([{"kty": "AKP"}])), Err(KeySetFault::Empty(1))));
        assert!(matches!(read(json!([])), Err(KeySetFault::Empty(0))));
    }

    #[test]
    fn a_set_that_cannot_be_believed_is_refused_whole() {
        assert!(matches!(read(json!([key(Some("a")), key(Some("a"))])), Err(KeySetFault::SameId)));
        assert!(matches!(read(json!([key(Some("a")), {"kty": "oct", "k": "AA"}])), Err(KeySetFault::Secret)));
        assert!(read(json!([key(None), key(None)])).is_ok(), "keys without an id are not the same");
        assert!(matches!(read(json!({})), Err(KeySetFault::Malformed)));
        assert!(matches!(read(json!([5])), Err(KeySetFault::Malformed)));
        let many = vec![json!({"kty": "AKP"}); limits::KEY_SET_KEYS + 1];
        assert!(matches!(read(many.into()), Err(KeySetFault::Malformed)));
        let long = vec![b' '; limits::KEY_SET_BYTES + 1];
        assert!(matches!(KeySet::read(&long, Algorithm::Rs256), Err(KeySetFault::TooLong)));
        let twice = br#"{"keys": [], "keys": []}"#;
        assert!(matches!(KeySet::read(twice, Algorithm::Rs256), Err(KeySetFault::Json(_))));
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = KeySet::read(&bytes, Algorithm::Rs256);
        }
    }
}
