//! Signed notes (C2SP signed-note): a text, an empty line, signature lines; and the keys that sign and verify them, in
//! the text forms other implementations read.
//!
//! No I/O. Ed25519 only (type 0x01), as the specification asks of an implementation: pick one. Invariant: a note's text
//! counts for nothing until [`Note::verify`] has passed, and a signature line of an unknown key is kept as it came.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use fanlight_base::limits;

const ED25519_TYPE: u8 = 1;
const SEED_BYTES: usize = 32;
const PRIVATE_PREFIX: &str = "PRIVATE+KEY+";

/// Why a note, or a key's text, is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It has not the form of a signed note.
    #[error("this is no signed note: {0}")]
    Malformed(&'static str),
    /// It carries no signature of this key.
    #[error("the note is not signed by {name} with key {id:08x}")]
    NotSigned {
        /// The key's name.
        name: String,
        /// The key's id.
        id: u32,
    },
    /// It carries a signature of this key which is not over this text.
    #[error("the signature of {name} with key {id:08x} is not over this text: the text or the signature was changed")]
    WrongSignature {
        /// The key's name.
        name: String,
        /// The key's id.
        id: u32,
    },
    /// It is no key's text, or the text of a key of another kind.
    #[error("this is no Ed25519 note key: {0}")]
    Key(&'static str),
    /// The name cannot name a key.
    #[error(
        "{0:?} cannot name a log: a name has 1 to {limit} bytes without spaces, plus signs or control characters",
        limit = limits::NAME_BYTES
    )]
    Name(String),
    /// The machine's source of randomness failed.
    #[error("the machine gave no random bytes to make a key of")]
    NoRandomness,
}

/// Checks that a name can stand in a signature line.
pub fn check_name(name: &str) -> Result<(), NoteError> {
    let bad = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    if name.is_empty() || name.len() > limits::NAME_BYTES || name.contains(bad) {
        return Err(NoteError::Name(name.chars().filter(|c| !c.is_control()).take(80).collect()));
    }
    Ok(())
}

fn key_id(name: &str, public: &[u8]) -> u32 {
    let mut bytes = Vec::with_capacity(name.len() + 2 + public.len());
    bytes.extend_from_slice(name.as_bytes());
    bytes.extend_from_slice(&[b'\n', ED25519_TYPE]);
    bytes.extend_from_slice(public);
    let hash = digest(&SHA256, &bytes);
    hash.as_ref().first_chunk().map_or(0, |id| u32::from_be_bytes(*id))
}

/// A public key, by its name. Its text form is `name+id+base64(type || key)`, as `key.pub` holds it.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: u32,
    public: [u8; 32],
}

impl VerifierKey {
    /// Reads the text form. The id is computed again, so a mangled name or key does not pass.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let (name, id, data) = key_parts(text.trim_end_matches('\n'))?;
        let Some((&ED25519_TYPE, public)) = data.split_first() else {
            return Err(NoteError::Key("its type is not Ed25519"));
        };
        let public: [u8; 32] = public.try_into().map_err(|_| NoteError::Key("it has not 32 bytes"))?;
        if key_id(name, &public) != id {
            return Err(NoteError::Key("its id does not belong to its name and bytes"));
        }
        Ok(Self { name: name.to_owned(), id, public })
    }

    /// The name: for a log, its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id that stands in signature lines beside the name.
    pub const fn id(&self) -> u32 {
        self.id
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut data = vec![ED25519_TYPE];
        data.extend_from_slice(&self.public);
        write!(f, "{}+{:08x}+{}", self.name, self.id, BASE64.encode(data))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

/// A private key, by its name. Does not print.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    verifier: VerifierKey,
}

impl SigningKey {
    /// Makes a key of 32 random bytes, and its text form, which is the only form that is kept.
    pub fn generate(name: &str) -> Result<(Self, String), NoteError> {
        let mut seed = [0; SEED_BYTES];
        SystemRandom::new().fill(&mut seed).map_err(|_| NoteError::NoRandomness)?;
        let key = Self::from_seed(name, &seed)?;
        let mut data = vec![ED25519_TYPE];
        data.extend_from_slice(&seed);
        let text = format!("{PRIVATE_PREFIX}{}+{:08x}+{}\n", name, key.verifier.id, BASE64.encode(data));
        Ok((key, text))
    }

    /// Reads the text form `PRIVATE+KEY+name+id+base64(type || seed)`.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let text = text.trim_end_matches('\n');
        let rest = text.strip_prefix(PRIVATE_PREFIX).ok_or(NoteError::Key("it is not a private key"))?;
        let (name, id, data) = key_parts(rest)?;
        let Some((&ED25519_TYPE, seed)) = data.split_first() else {
            return Err(NoteError::Key("its type is not Ed25519"));
        };
        let key = Self::from_seed(name, seed)?;
        if key.verifier.id != id {
            return Err(NoteError::Key("its id does not belong to its name and bytes"));
        }
        Ok(key)
    }

    fn from_seed(name: &str, seed: &[u8]) -> Result<Self, NoteError> {
        check_name(name)?;
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| NoteError::Key("it has not 32 bytes"))?;
        let public: [u8; 32] =
            pair.public_key().as_ref().try_into().map_err(|_| NoteError::Key("it has not 32 bytes"))?;
        let verifier = VerifierKey { name: name.to_owned(), id: key_id(name, &public), public };
        Ok(Self { pair, verifier })
    }

    /// The key others check with.
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs a text, which must end in a newline.
    pub fn sign(&self, text: &str) -> Result<Note, NoteError> {
        let mut note = Note { text: text.to_owned(), signatures: Vec::new() };
        note.check_text()?;
        let bytes = self.pair.sign(text.as_bytes()).as_ref().to_vec();
        note.signatures.push(Signature { name: self.verifier.name.clone(), id: self.verifier.id, bytes });
        Ok(note)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(for {})", self.verifier)
    }
}

fn key_parts(text: &str) -> Result<(&str, u32, Vec<u8>), NoteError> {
    // The base64 part may itself contain plus signs, the name may not.
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(data)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(NoteError::Key("it has not the parts name, id and key"));
    };
    check_name(name)?;
    let is_hex = id.len() == 8 && id.bytes().all(|b| b.is_ascii_hexdigit());
    let id = u32::from_str_radix(id, 16).ok().filter(|_| is_hex).ok_or(NoteError::Key("its id is not 8 hex digits"))?;
    let data = BASE64.decode(data).map_err(|_| NoteError::Key("its last part is not base64"))?;
    Ok((name, id, data))
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The key's name.
    pub name: String,
    /// The key's id.
    pub id: u32,
    /// What follows the id: for Ed25519 the 64 bytes of the signature, for a cosignature a time and more.
    pub bytes: Vec<u8>,
}

/// A text and its signatures. Prints as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

impl Note {
    /// Reads a note. At most [`limits::NOTE_BYTES`] and [`limits::NOTE_SIGNATURES`].
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        if note.len() > limits::NOTE_BYTES {
            return Err(NoteError::Malformed("it is longer than a note may be"));
        }
        let split = note.rfind("\n\n").ok_or(NoteError::Malformed("no empty line stands before the signatures"))?;
        let (text, lines) = (&note[..=split], &note[split + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Malformed("it does not end with a signature line"))?;
        let mut parsed = Self { text: text.to_owned(), signatures: Vec::new() };
        parsed.check_text()?;
        for line in lines.split('\n') {
            if parsed.signatures.len() == limits::NOTE_SIGNATURES {
                return Err(NoteError::Malformed("it has more signatures than a note may have"));
            }
            parsed.signatures.push(Self::signature(line).ok_or(NoteError::Malformed("a signature line is not one"))?);
        }
        Ok(parsed)
    }

    fn check_text(&self) -> Result<(), NoteError> {
        if !self.text.ends_with('\n') {
            return Err(NoteError::Malformed("its text does not end in a newline"));
        }
        if self.text.bytes().any(|b| b < 0x20 && b != b'\n') {
            return Err(NoteError::Malformed("it has a control character"));
        }
        Ok(())
    }

    fn signature(line: &str) -> Option<Signature> {
        let (name, data) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
        check_name(name).ok()?;
        let data = BASE64.decode(data).ok()?;
        let (id, bytes) = data.split_first_chunk::<4>()?;
        (!bytes.is_empty()).then(|| Signature {
            name: name.to_owned(),
            id: u32::from_be_bytes(*id),
            bytes: bytes.to_vec(),
        })
    }

    /// Checks the signature of `key` and gives out the text. Lines of other keys are left alone; a line of this key
    /// whose signature is wrong fails the note.
    pub fn verify(&self, key: &VerifierKey) -> Result<&str, NoteError> {
        let mut is_signed = false;
        for signature in self.signatures.iter().filter(|s| s.name == key.name && s.id == key.id) {
            UnparsedPublicKey::new(&ED25519, &key.public)
                .verify(self.text.as_bytes(), &signature.bytes)
                .map_err(|_| NoteError::WrongSignature { name: key.name.clone(), id: key.id })?;
            is_signed = true;
        }
        if is_signed { Ok(&self.text) } else { Err(NoteError::NotSigned { name: key.name.clone(), id: key.id }) }
    }

    /// The text, signed by whom it may be: show it, do not believe it.
    pub fn danger_unverified_text(&self) -> &str {
        &self.text
    }

    /// The signature lines in order.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds a signature another party made over the same text, a witness for example. Doubles are left out.
    pub fn add_signature(&mut self, signature: Signature) {
        if !self.signatures.contains(&signature) {
            self.signatures.push(signature);
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for signature in &self.signatures {
            let mut data = signature.id.to_be_bytes().to_vec();
            data.extend_from_slice(&signature.bytes);
            writeln!(f, "\u{2014} {} {}", signature.name, BASE64.encode(data))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
