//! Merkle trees as RFC 6962, section 2.1, has them, and the subtrees of the "Merkle Tree Certificates" draft
//! (draft-ietf-plants-merkle-tree-certs, section 4), of which a whole tree is the subtree that starts at 0.
//!
//! Owns hashing, proving and verifying; refuses to know where hashes are kept: a prover reads them through [`Hashes`].
//! Invariant: verifying never trusts a length, an index or a hash it was given; it fails, it does not panic.

use ring::digest::{Context, SHA256, digest};

mod prove;
mod verify;

pub use prove::{
    consistency_proof, inclusion_proof, range_root, root, subtree_consistency_proof, subtree_inclusion_proof,
};
pub use verify::{
    ProofError, verify_consistency, verify_inclusion, verify_subtree_consistency, verify_subtree_inclusion,
};

/// A SHA-256 hash.
pub type Hash = [u8; HASH_BYTES];

/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;

/// Where a prover reads the hashes of complete, aligned subtrees.
pub trait Hashes {
    /// What can go wrong while reading one.
    type Error;

    /// The hash of the `index`-th complete subtree of `2^height` leaves: `MTH(D[index * 2^height : (index + 1) * 2^height])`.
    fn hash(&mut self, height: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// The hash of an entry: `SHA-256(0x00 || entry)`.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let mut context = Context::new(&SHA256);
    context.update(&[0]);
    context.update(entry);
    taken(context.finish().as_ref())
}

/// The hash of a node: `SHA-256(0x01 || left || right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 1 + 2 * HASH_BYTES];
    bytes[1..=HASH_BYTES].copy_from_slice(left);
    bytes[1 + HASH_BYTES..].copy_from_slice(right);
    taken(digest(&SHA256, &bytes).as_ref())
}

/// The root of a tree without entries: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    taken(digest(&SHA256, &[]).as_ref())
}

/// The root over `hashes` as if they were leaf hashes. Also right where each is the root of a complete subtree of one
/// size and only the last of a smaller one, because RFC 6962 splits at powers of two.
pub fn root_of(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => empty_root(),
        [one] => *one,
        _ if hashes.len().is_power_of_two() => {
            // Level by level in one buffer: a full tile is the common case, and it is on the path of every verification.
            let mut level: Vec<Hash> = hashes.chunks_exact(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
            while level.len() > 1 {
                let half = level.len() / 2;
                for i in 0..half {
                    level[i] = node_hash(&level[2 * i], &level[2 * i + 1]);
                }
                level.truncate(half);
            }
            level[0]
        }
        _ => {
            let (left, right) = hashes.split_at(1 << (hashes.len() - 1).ilog2());
            node_hash(&root_of(left), &root_of(right))
        }
    }
}

/// Whether `[start, end)` is a subtree: `start` is a multiple of the smallest power of two that is at least its size.
pub fn is_subtree(start: u64, end: u64) -> bool {
    if start > end {
        return false;
    }
    // A size above 2^63 has no such power in 64 bits; only zero is a multiple of it.
    start == 0 || (end - start).checked_next_power_of_two().is_some_and(|size| start.is_multiple_of(size))
}

fn taken(bytes: &[u8]) -> Hash {
    let mut hash = [0; HASH_BYTES];
    hash.copy_from_slice(bytes);
    hash
}

#[cfg(test)]
mod tests;
