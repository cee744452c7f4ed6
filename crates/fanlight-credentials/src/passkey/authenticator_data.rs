//! What the authenticator says and signs: for which host, who was there, how often, and with a new passkey its id and public key
//! (WebAuthn, section 6.1).

use fanlight_base::limits;

use super::{PasskeyFault, cbor};
use crate::random::sha256;

const UNREADABLE: PasskeyFault = PasskeyFault::Unreadable("the authenticator's data");

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKUP_STATE: u8 = 1 << 4;
const ATTESTED: u8 = 1 << 6;
const EXTENSIONS: u8 = 1 << 7;

/// It, taken apart.
pub(super) struct AuthenticatorData<'a> {
    party_sha256: &'a [u8],
    flags: u8,
    /// How often the passkey was used; 0 where the authenticator does not count.
    pub(super) count: u32,
    /// A new passkey's id, and its key as a COSE map.
    pub(super) attested: Option<(&'a [u8], cbor::Map)>,
}

impl<'a> AuthenticatorData<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, PasskeyFault> {
        let (party_sha256, rest) = bytes.split_at_checked(32).ok_or(UNREADABLE)?;
        let (flags, rest) = rest.split_first().ok_or(UNREADABLE)?;
        let (count, mut rest) = rest.split_first_chunk::<4>().ok_or(UNREADABLE)?;
        let attested = if flags & ATTESTED == 0 {
            None
        } else {
            let (_model, after) = rest.split_at_checked(16).ok_or(UNREADABLE)?;
            let (length, after) = after.split_first_chunk::<2>().ok_or(UNREADABLE)?;
            let length = usize::from(u16::from_be_bytes(*length));
            if length > limits::PASSKEY_ID_BYTES {
                return Err(PasskeyFault::TooLong);
            }
            let (id, after) = after.split_at_checked(length).ok_or(UNREADABLE)?;
            let (key, after) = cbor::map_before(after).ok_or(UNREADABLE)?;
            rest = after;
            Some((id, key))
        };
        if flags & EXTENSIONS != 0 {
            (_, rest) = cbor::map_before(rest).ok_or(UNREADABLE)?;
        }
        let is_whole = rest.is_empty() && attested.as_ref().is_none_or(|(id, _)| !id.is_empty());
        // What cannot be copied to another device was not copied there.
        let is_possible = flags & BACKUP_STATE == 0 || flags & BACKUP_ELIGIBLE != 0;
        if !is_whole || !is_possible {
            return Err(UNREADABLE);
        }
        Ok(Self { party_sha256, flags: *flags, count: u32::from_be_bytes(*count), attested })
    }

    /// That it is for the host of that name.
    pub(super) fn is_for(&self, party: &str) -> Result<(), PasskeyFault> {
        if self.party_sha256 == sha256(party.as_bytes()) { Ok(()) } else { Err(PasskeyFault::OtherParty) }
    }

    /// That somebody was there, and showed the authenticator who they are.
    pub(super) const fn is_by_a_verified_person(&self) -> Result<(), PasskeyFault> {
        if self.flags & USER_PRESENT == 0 {
            return Err(PasskeyFault::NobodyThere);
        }
        if self.flags & USER_VERIFIED == 0 {
            return Err(PasskeyFault::NotVerified);
        }
        Ok(())
    }
}
