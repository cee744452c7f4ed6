//! Making proofs from the hashes of complete subtrees. Every function reads O(log n) hashes.

use super::{Hash, Hashes, empty_root, node_hash};

/// The root of the tree of `size` entries.
pub fn root<S: Hashes>(source: &mut S, size: u64) -> Result<Hash, S::Error> {
    if size == 0 { Ok(empty_root()) } else { range_root(source, 0, size) }
}

/// The hash of the subtree `[start, end)`, which must be one ([`super::is_subtree`]) and not empty.
pub fn range_root<S: Hashes>(source: &mut S, start: u64, end: u64) -> Result<Hash, S::Error> {
    let size = end - start;
    if size.is_power_of_two() {
        let height = size.trailing_zeros();
        return source.hash(height, start >> height);
    }
    let split = start + split_of(size);
    let left = range_root(source, start, split)?;
    let right = range_root(source, split, end)?;
    Ok(node_hash(&left, &right))
}

/// The proof that entry `index` is in the tree of `size` entries (RFC 6962, section 2.1.1). `None` where it is not.
pub fn inclusion_proof<S: Hashes>(source: &mut S, index: u64, size: u64) -> Result<Option<Vec<Hash>>, S::Error> {
    subtree_inclusion_proof(source, index, 0, size)
}

/// The proof that entry `index` is in the subtree `[start, end)` (draft, section 4.3). `None` where it is not.
pub fn subtree_inclusion_proof<S: Hashes>(
    source: &mut S,
    index: u64,
    start: u64,
    end: u64,
) -> Result<Option<Vec<Hash>>, S::Error> {
    if !super::is_subtree(start, end) || index < start || index >= end {
        return Ok(None);
    }
    let mut proof = Vec::new();
    let (mut low, mut high) = (start, end);
    while high - low > 1 {
        let split = low + split_of(high - low);
        if index < split {
            proof.push(range_root(source, split, high)?);
            high = split;
        } else {
            proof.push(range_root(source, low, split)?);
            low = split;
        }
    }
    proof.reverse();
    Ok(Some(proof))
}

/// The proof that the tree of `size` begins with the tree of `earlier` (RFC 6962, section 2.1.2). `None` where
/// `earlier` is 0 (nothing can be proved about it) or above `size`.
pub fn consistency_proof<S: Hashes>(source: &mut S, earlier: u64, size: u64) -> Result<Option<Vec<Hash>>, S::Error> {
    if earlier == 0 { Ok(None) } else { subtree_consistency_proof(source, 0, earlier, size) }
}

/// The proof that the subtree `[start, end)` is part of the tree of `size` (draft, section 4.4). `None` where it
/// cannot be.
pub fn subtree_consistency_proof<S: Hashes>(
    source: &mut S,
    start: u64,
    end: u64,
    size: u64,
) -> Result<Option<Vec<Hash>>, S::Error> {
    if !super::is_subtree(start, end) || end > size {
        return Ok(None);
    }
    let mut proof = Vec::new();
    if start == end {
        return Ok(Some(proof));
    }
    // (low, high) is the subtree walked through, (start, end) what of the asked one lies in it; the verifier knows
    // the asked one's hash as long as it has not been split.
    let (mut start, mut low, mut high, mut is_known) = (start, 0, size, true);
    while (start, end) != (low, high) {
        let split = low + split_of(high - low);
        if end <= split {
            proof.push(range_root(source, split, high)?);
            high = split;
        } else {
            proof.push(range_root(source, low, split)?);
            low = split;
            if start < split {
                start = split;
                is_known = false;
            }
        }
    }
    if !is_known {
        proof.push(range_root(source, low, high)?);
    }
    proof.reverse();
    Ok(Some(proof))
}

/// The largest power of two below `size`, which is at least 2.
fn split_of(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}
