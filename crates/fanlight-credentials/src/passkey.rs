//! Passkeys (Web Authentication, Level 3): a key pair that an authenticator keeps, bound to this node's host name.
//!
//! Owns the two ceremonies: a passkey is made (section 7.1) and shown (section 7.2). Refuses to know whose it is and where
//! challenges are kept. Attestation is not looked at: what a company's people hold in their hands is not ours to choose.
//! Invariants: an answer counts only for the challenge, the origin and the host name it was asked for; only with the person
//! verified by the authenticator, so that a passkey alone is two factors; and not in a frame.

mod authenticator_data;
mod cbor;
mod client_data;
mod key;

use fanlight_base::limits;

use authenticator_data::AuthenticatorData;
use client_data::Ceremony;

pub use key::{ALGORITHMS, PasskeyKey};

/// The node as passkeys know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    /// Its host name: what passkeys are bound to.
    pub id: String,
    /// The origin of its pages, as browsers write it.
    pub origin: String,
}

/// What a browser answers when a passkey was made.
#[derive(Clone, Copy)]
pub struct Made<'a> {
    /// `clientDataJSON`.
    pub client_data: &'a [u8],
    /// `attestationObject`.
    pub attestation: &'a [u8],
}

/// What a browser answers when a passkey was shown.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// `clientDataJSON`.
    pub client_data: &'a [u8],
    /// `authenticatorData`.
    pub authenticator_data: &'a [u8],
    /// `signature`.
    pub signature: &'a [u8],
}

/// A passkey, to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// By which the authenticator knows it.
    pub id: Vec<u8>,
    /// Its public key.
    pub key: PasskeyKey,
    /// How often it was used, where the authenticator counts.
    pub count: u32,
}

/// Why an answer is not taken. No value from outside is repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyFault {
    /// Longer than any answer.
    #[error("the answer is longer than an authenticator's may be")]
    TooLong,
    /// Not what a browser answers.
    #[error("{0} is not readable")]
    Unreadable(
        /// Which part.
        &'static str,
    ),
    /// Of the other ceremony.
    #[error("the answer is for another question: to make a passkey is not to show one")]
    OtherCeremony,
    /// Of another challenge.
    #[error("the answer is for another question than this node's last")]
    OtherChallenge,
    /// Of another page.
    #[error("the answer was given to the page of another site")]
    OtherOrigin,
    /// In a frame of another site.
    #[error("the answer was given in a frame of another site")]
    Framed,
    /// For another host.
    #[error("the answer is for another host than this node's")]
    OtherParty,
    /// Nobody was there.
    #[error("the authenticator did not see that anybody was there")]
    NobodyThere,
    /// Whoever was there was not verified.
    #[error("the authenticator did not verify who was there: set up its fingerprint, face or PIN")]
    NotVerified,
    /// A key that is not taken.
    #[error("the passkey's algorithm is not among those taken: EdDSA, ES256 and RS256")]
    Algorithm,
    /// A key that is broken or weak.
    #[error("the passkey's public key is broken or weak")]
    Key,
    /// The signature is wrong.
    #[error("the passkey's signature is wrong")]
    Signature,
    /// The count went back.
    #[error("the passkey was used elsewhere in between: there is a copy of it")]
    Copied,
}

impl RelyingParty {
    /// Judges a passkey that was made for that challenge.
    pub fn made(&self, challenge: &[u8], answer: Made<'_>) -> Result<Passkey, PasskeyFault> {
        bounded([answer.client_data, answer.attestation])?;
        client_data::judge(answer.client_data, Ceremony::Make, challenge, &self.origin)?;
        let attestation = cbor::map(answer.attestation).ok_or(PasskeyFault::Unreadable("the attestation"))?;
        let data = cbor::bytes_of(&attestation, "authData").ok_or(PasskeyFault::Unreadable("the attestation"))?;
        let data = AuthenticatorData::read(data)?;
        data.is_for(&self.id)?;
        let (id, key) = data.attested.as_ref().ok_or(PasskeyFault::Unreadable("the authenticator's data"))?;
        let passkey = Passkey { id: id.to_vec(), key: PasskeyKey::read(key)?, count: data.count };
        data.is_by_a_verified_person()?;
        Ok(passkey)
    }

    /// Judges a passkey that was shown for that challenge. Gives the count to keep from now on, by which a copy is noticed.
    pub fn shown(
        &self,
        challenge: &[u8],
        key: &PasskeyKey,
        count: u32,
        answer: Shown<'_>,
    ) -> Result<u32, PasskeyFault> {
        bounded([answer.client_data, answer.authenticator_data, answer.signature])?;
        client_data::judge(answer.client_data, Ceremony::Show, challenge, &self.origin)?;
        let data = AuthenticatorData::read(answer.authenticator_data)?;
        data.is_for(&self.id)?;
        let digest = crate::random::sha256(answer.client_data);
        if !key.signed(&[answer.authenticator_data, &digest].concat(), answer.signature) {
            return Err(PasskeyFault::Signature);
        }
        data.is_by_a_verified_person()?;
        // Authenticators that do not count say 0, now and always.
        if (data.count > 0 || count > 0) && data.count <= count {
            return Err(PasskeyFault::Copied);
        }
        Ok(data.count)
    }
}

fn bounded<const N: usize>(parts: [&[u8]; N]) -> Result<(), PasskeyFault> {
    let fits = parts.iter().all(|part| part.len() <= limits::PASSKEY_PART_BYTES);
    if fits { Ok(()) } else { Err(PasskeyFault::TooLong) }
}

#[cfg(test)]
mod tests;
