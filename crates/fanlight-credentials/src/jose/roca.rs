//! RSA keys of the ROCA weakness (CVE-2017-15361): made by a library whose primes can be told from the modulus, so that
//! their private halves can be computed.
//!
//! Such a modulus is, modulo each of a list of small primes, a power of 65537; for another one that is so by chance once
//! in 2^27.

/// The primes of the published test: those modulo which 65537 does not generate everything.
const PRIMES: [u32; 17] = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

/// Whether a modulus is of that kind.
pub(super) fn is_roca(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|prime| {
        let rest = modulus.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime);
        is_power(rest, *prime)
    })
}

/// Whether 65537 to some power is `rest`, modulo a prime.
fn is_power(rest: u32, prime: u32) -> bool {
    let mut power = 1;
    (0..prime).any(|_| {
        let found = power == rest;
        power = power * (65537 % prime) % prime;
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_65537_are_told_from_others() {
        // 65537 is 10 modulo 11, whose powers are 1 and 10.
        let powers: Vec<_> = (0..11).filter(|rest| is_power(*rest, 11)).collect();
        assert_eq!(powers, [1, 10]);
        assert!(is_roca(&[1]), "the power 0");
        assert!(is_roca(&[1, 0, 1]), "the power 1");
        assert!(is_roca(&[1, 0, 2, 0, 1]), "the power 2");
        assert!(!is_roca(&[1, 0, 3]));
    }
}
