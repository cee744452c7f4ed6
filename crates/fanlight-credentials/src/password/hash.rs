//! Argon2id (RFC 9106): a password in, a PHC string out; and the check of one against the other.
//!
//! Owns the cost and its growth: who logs in with an older cost is hashed anew. Invariants: an unknown account costs as
//! much time as a known one; a kept string can never ask for more memory than [`Cost::LARGEST`]; and only so many hashes
//! are under way at once, since each takes its memory.

use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::BASE64_NOPAD;
use subtle::ConstantTimeEq as _;

use super::Password;
use crate::random::{self, NoRandom};

const SALT: usize = 16;
const OUT: usize = 32;

/// What one hash costs whoever computes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Kibibytes of memory.
    memory_kib: u32,
    /// Passes over it.
    passes: u32,
    /// Lanes, computed one after the other here, and at once by who has the cores.
    lanes: u32,
}

impl Cost {
    /// RFC 9106, section 4, the second recommended: 64 MiB, three passes, four lanes.
    pub const RFC_9106_SECOND: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };
    /// OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane. The least that is called safe.
    pub const OWASP_LEAST: Self = Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 };
    /// The most that a kept string may ask for.
    pub const LARGEST: Self = Self { memory_kib: 256 * 1024, passes: 10, lanes: 16 };

    /// As little as Argon2 can: for tests that are about something else.
    #[cfg(test)]
    pub(crate) const TINY: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };

    const fn within(self, most: Self) -> bool {
        self.memory_kib <= most.memory_kib && self.passes <= most.passes && self.lanes <= most.lanes
    }
}

/// Why a hash could not be made or checked.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// As many hashes are under way as may be.
    #[error("too many passwords are being checked at once: try again in a moment")]
    Busy,
    /// What was kept is no string of this kind, or asks for more than it may.
    #[error("the kept password is not readable as Argon2id within the largest cost")]
    Kept,
    /// The library refused: no memory, most likely.
    #[error("cannot compute Argon2id")]
    Argon2(#[source] argon2::Error),
    /// The system gave no randomness.
    #[error("cannot make a salt")]
    Random(#[from] NoRandom),
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// Another password, or an account that is not there: these are one answer.
    Wrong,
    /// The right one.
    Right {
        /// Where it was kept at another cost than today's: what to keep from now on.
        upgrade: Option<String>,
    },
}

/// Makes and checks hashes at one cost.
#[derive(Debug)]
pub struct Hasher {
    cost: Cost,
    /// What an account that is not there is checked against.
    nobody: String,
    at_once: usize,
    under_way: AtomicUsize,
}

impl Hasher {
    /// A hasher of which at most `at_once` hashes are under way: each takes the cost's memory and a core.
    pub fn new(cost: Cost, at_once: usize) -> Result<Self, HashError> {
        let nobody = phc(cost, &random::bytes()?, &random::bytes()?);
        Ok(Self { cost, nobody, at_once: at_once.max(1), under_way: AtomicUsize::new(0) })
    }

    /// The string to keep for a password. Takes tens of milliseconds: not on a thread that serves requests.
    pub fn hash(&self, password: &Password) -> Result<String, HashError> {
        let _turn = self.turn()?;
        let salt = random::bytes()?;
        Ok(phc(self.cost, &salt, &compute(self.cost, password, &salt)?))
    }

    /// Holds a password against what is kept for the account, or `None` where there is no such account: that takes as
    /// long. As slow as [`Hasher::hash`], twice where the cost is raised.
    pub fn check(&self, password: &Password, kept: Option<&str>) -> Result<Check, HashError> {
        let known = {
            let _turn = self.turn()?;
            let (cost, salt, wanted) = read(kept.unwrap_or(&self.nobody)).ok_or(HashError::Kept)?;
            let right: bool = compute(cost, password, &salt)?.ct_eq(&wanted).into();
            if !right || kept.is_none() {
                return Ok(Check::Wrong);
            }
            cost
        };
        let upgrade = if known == self.cost { None } else { Some(self.hash(password)?) };
        Ok(Check::Right { upgrade })
    }

    fn turn(&self) -> Result<Turn<'_>, HashError> {
        let turn = Turn(&self.under_way);
        if self.under_way.fetch_add(1, Ordering::AcqRel) < self.at_once { Ok(turn) } else { Err(HashError::Busy) }
    }
}

/// One of the hashes that may be under way; given back when dropped.
struct Turn<'a>(&'a AtomicUsize);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn compute(cost: Cost, password: &Password, salt: &[u8]) -> Result<[u8; OUT], HashError> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(OUT)).map_err(HashError::Argon2)?;
    let mut out = [0; OUT];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.clear().as_bytes(), salt, &mut out)
        .map_err(HashError::Argon2)?;
    Ok(out)
}

fn phc(cost: Cost, salt: &[u8; SALT], out: &[u8; OUT]) -> String {
    let Cost { memory_kib, passes, lanes } = cost;
    let (salt, out) = (BASE64_NOPAD.encode(salt), BASE64_NOPAD.encode(out));
    format!("$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${out}")
}

/// Reads what [`phc`] writes, and the same of other programs; nothing else.
fn read(kept: &str) -> Option<(Cost, Vec<u8>, Vec<u8>)> {
    if kept.len() > 256 {
        return None;
    }
    let mut parts = kept.strip_prefix("$argon2id$v=19$")?.split('$');
    let (cost, salt, out) = (parts.next()?, parts.next()?, parts.next()?);
    let mut numbers = cost.split(',');
    let mut number = |name: &str| numbers.next()?.strip_prefix(name)?.parse::<u32>().ok();
    let cost = Cost { memory_kib: number("m=")?, passes: number("t=")?, lanes: number("p=")? };
    let (salt, out) = (BASE64_NOPAD.decode(salt.as_bytes()).ok()?, BASE64_NOPAD.decode(out.as_bytes()).ok()?);
    let whole = numbers.next().is_none() && parts.next().is_none();
    (whole && cost.within(Cost::LARGEST) && salt.len() >= 8 && out.len() == OUT).then_some((cost, salt, out))
}

#[cfg(test)]
mod tests;
