//! Judging proofs. The input may come from anybody: each function either shows that the claim holds or fails.

use super::{Hash, empty_root, is_subtree, node_hash};

/// Why a proof shows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The entry is not within the tree.
    #[error("entry {index} is outside of the entries {start} to {end}")]
    OutOfRange {
        /// The entry.
        index: u64,
        /// The first entry of the tree.
        start: u64,
        /// The entry after the last.
        end: u64,
    },
    /// These entries are not a subtree of any tree.
    #[error("the entries {start} to {end} are no subtree")]
    NoSubtree {
        /// The first entry.
        start: u64,
        /// The entry after the last.
        end: u64,
    },
    /// The later tree is the smaller one, or the earlier one is empty, of which nothing can be proved.
    #[error("a tree of {later} entries cannot be shown to continue one of {earlier}")]
    Sizes {
        /// The earlier tree's size.
        earlier: u64,
        /// The later tree's size.
        later: u64,
    },
    /// The proof has too few or too many hashes.
    #[error("the proof has {found} hashes, which is not the number these sizes need")]
    Length {
        /// How many there are.
        found: usize,
    },
    /// The proof's hashes lead to another root.
    #[error("the proof leads to another root hash")]
    OtherRoot,
}

/// Checks that the entry with `leaf` as its hash stands at `index` in the tree of `size` with `root`.
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &Hash) -> Result<(), ProofError> {
    verify_subtree_inclusion(index, 0, size, leaf, proof, root)
}

/// Checks that the entry with `leaf` as its hash stands at `index` in the subtree `[start, end)` with `root`
/// (draft, section 4.3.2; RFC 9162, section 2.1.3.2).
pub fn verify_subtree_inclusion(
    index: u64,
    start: u64,
    end: u64,
    leaf: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if !is_subtree(start, end) {
        return Err(ProofError::NoSubtree { start, end });
    }
    if index < start || index >= end {
        return Err(ProofError::OutOfRange { index, start, end });
    }
    let length = || ProofError::Length { found: proof.len() };
    let (mut position, mut last) = (index - start, end - start - 1);
    let mut hash = *leaf;
    for step in proof {
        if last == 0 {
            return Err(length());
        }
        if position & 1 == 1 || position == last {
            hash = node_hash(step, &hash);
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, step);
        }
        position >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(length());
    }
    if hash == *root { Ok(()) } else { Err(ProofError::OtherRoot) }
}

/// Checks that the tree of `later` entries with `later_root` begins with the tree of `earlier` entries.
pub fn verify_consistency(
    earlier: u64,
    later: u64,
    proof: &[Hash],
    earlier_root: &Hash,
    later_root: &Hash,
) -> Result<(), ProofError> {
    if earlier == 0 || earlier > later {
        return Err(ProofError::Sizes { earlier, later });
    }
    verify_subtree_consistency(0, earlier, later, proof, earlier_root, later_root)
}

/// Checks that the tree of `size` entries with `root` has the subtree `[start, end)` with `subtree_root`
/// (draft, section 4.4.3).
pub fn verify_subtree_consistency(
    start: u64,
    end: u64,
    size: u64,
    proof: &[Hash],
    subtree_root: &Hash,
    root: &Hash,
) -> Result<(), ProofError> {
    if !is_subtree(start, end) {
        return Err(ProofError::NoSubtree { start, end });
    }
    if end > size {
        return Err(ProofError::Sizes { earlier: end, later: size });
    }
    let length = || ProofError::Length { found: proof.len() };
    if start == end {
        // The empty subtree is part of every tree, whatever its root.
        return match (proof.is_empty(), *subtree_root == empty_root()) {
            (true, true) => Ok(()),
            (true, false) => Err(ProofError::OtherRoot),
            (false, _) => Err(length()),
        };
    }
    // `first` and `second` are the subtree's first and last node, `third` the tree's last node, at the height reached.
    let (mut first, mut second, mut third) = (start, end - 1, size - 1);
    while first != second && (second == third || second & 1 == 1) {
        (first, second, third) = (first >> 1, second >> 1, third >> 1);
    }
    let mut steps = proof.iter();
    let known = if first == second { *subtree_root } else { *steps.next().ok_or_else(length)? };
    let (mut of_subtree, mut of_tree) = (known, known);
    for step in steps {
        if third == 0 {
            return Err(length());
        }
        if second & 1 == 1 || second == third {
            if first < second {
                of_subtree = node_hash(step, &of_subtree);
            }
            of_tree = node_hash(step, &of_tree);
            // Ends: `second` is not zero here, since it would be `third`, and `third` is not zero.
            while second & 1 == 0 && second != 0 {
                (first, second, third) = (first >> 1, second >> 1, third >> 1);
            }
        } else {
            of_tree = node_hash(&of_tree, step);
        }
        (first, second, third) = (first >> 1, second >> 1, third >> 1);
    }
    if third != 0 {
        return Err(length());
    }
    if of_subtree == *subtree_root && of_tree == *root { Ok(()) } else { Err(ProofError::OtherRoot) }
}
