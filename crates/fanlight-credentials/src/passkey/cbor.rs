//! CBOR (RFC 8949) as authenticators speak it: one map, nothing behind it, no key twice, nested no deeper than is said.

use ciborium::Value;
use fanlight_base::limits;

/// A map as it was read.
pub(super) type Map = Vec<(Value, Value)>;

/// Reads bytes that are one map.
pub(super) fn map(bytes: &[u8]) -> Option<Map> {
    let (map, rest) = map_before(bytes)?;
    rest.is_empty().then_some(map)
}

/// Reads a map, and gives what stands behind it.
pub(super) fn map_before(bytes: &[u8]) -> Option<(Map, &[u8])> {
    let mut rest = bytes;
    let value = ciborium::de::from_reader_with_recursion_limit(&mut rest, limits::PASSKEY_DEPTH).ok()?;
    let Value::Map(map) = value else { return None };
    let is_once = map.iter().enumerate().all(|(at, (key, _))| map[..at].iter().all(|(other, _)| other != key));
    is_once.then_some((map, rest))
}

/// The bytes under a name.
pub(super) fn bytes_of<'m>(map: &'m Map, name: &str) -> Option<&'m [u8]> {
    map.iter().find(|(key, _)| key.as_text() == Some(name))?.1.as_bytes().map(Vec::as_slice)
}

/// The value under a number.
pub(super) fn numbered(map: &Map, number: i64) -> Option<&Value> {
    map.iter().find(|(key, _)| key.as_integer() == Some(number.into())).map(|(_, value)| value)
}
