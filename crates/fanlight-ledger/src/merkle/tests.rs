use std::convert::Infallible;

use proptest::prelude::*;

use super::*;

/// A tree in memory, hashed the slow and obvious way.
struct Leaves(Vec<Hash>);

impl Hashes for Leaves {
    type Error = Infallible;

    fn hash(&mut self, height: u32, index: u64) -> Result<Hash, Infallible> {
        let size = 1_usize << height;
        let start = index as usize * size;
        Ok(by_definition(&self.0[start..start + size]))
    }
}

/// MTH as RFC 6962, section 2.1, defines it.
fn by_definition(leaves: &[Hash]) -> Hash {
    match leaves.len() {
        0 => empty_root(),
        1 => leaves[0],
        n => {
            let k = (1..n).rev().find(|k| k.is_power_of_two()).unwrap();
            node_hash(&by_definition(&leaves[..k]), &by_definition(&leaves[k..]))
        }
    }
}

fn leaves(size: u64) -> Leaves {
    Leaves((0..size).map(|i| leaf_hash(&i.to_be_bytes())).collect())
}

fn ok<T>(result: Result<T, Infallible>) -> T {
    result.unwrap()
}

/// The draft's definition of a subtree's size, without bit tricks.
fn is_subtree_by_definition(start: u64, end: u64) -> bool {
    let mut ceiling = 1;
    while ceiling < end - start {
        ceiling *= 2;
    }
    start.is_multiple_of(ceiling)
}

#[test]
fn known_hashes() {
    let hex = |hash: Hash| hash.iter().map(|b| format!("{b:02x}")).collect::<String>();
    assert_eq!(hex(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(hex(leaf_hash(b"")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

#[test]
fn every_proof_of_every_small_tree_verifies() {
    for size in 0..=40_u64 {
        let mut tree = leaves(size);
        let whole = by_definition(&tree.0);
        assert_eq!(ok(root(&mut tree, size)), whole);
        assert_eq!(root_of(&tree.0), whole);
        for start in 0..=size {
            for end in start..=size {
                let is_valid = is_subtree_by_definition(start, end);
                assert_eq!(is_subtree(start, end), is_valid, "[{start}, {end})");
                let consistency = ok(subtree_consistency_proof(&mut tree, start, end, size));
                assert_eq!(consistency.is_some(), is_valid);
                let Some(proof) = consistency else { continue };
                let subtree = by_definition(&tree.0[start as usize..end as usize]);
                verify_subtree_consistency(start, end, size, &proof, &subtree, &whole).unwrap();
                for index in start..end {
                    let proof = ok(subtree_inclusion_proof(&mut tree, index, start, end)).unwrap();
                    let leaf = tree.0[index as usize];
                    verify_subtree_inclusion(index, start, end, &leaf, &proof, &subtree).unwrap();
                }
            }
        }
        assert_eq!(ok(inclusion_proof(&mut tree, size, size)), None);
        assert_eq!(ok(consistency_proof(&mut tree, size + 1, size)), None);
        assert_eq!(ok(consistency_proof(&mut tree, 0, size)), None);
    }
}

/// How a proof is spoilt.
#[derive(Debug, Clone)]
enum Spoil {
    Flip(usize, u8),
    Drop(usize),
    Double(usize),
    Swap(usize),
    Add(Hash),
    Index(u64),
    Size(u64),
    Leaf,
    Root,
}

fn spoil() -> impl Strategy<Value = Spoil> {
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(place, bit)| Spoil::Flip(place, bit)),
        any::<usize>().prop_map(Spoil::Drop),
        any::<usize>().prop_map(Spoil::Double),
        any::<usize>().prop_map(Spoil::Swap),
        any::<Hash>().prop_map(Spoil::Add),
        any::<u64>().prop_map(Spoil::Index),
        any::<u64>().prop_map(Spoil::Size),
        Just(Spoil::Leaf),
        Just(Spoil::Root),
    ]
}

/// Spoils hashes; false where nothing changed.
fn spoil_hashes(proof: &mut Vec<Hash>, spoil: &Spoil) -> bool {
    let before = proof.clone();
    match *spoil {
        Spoil::Flip(place, bit) if !proof.is_empty() => {
            let place = place % proof.len();
            proof[place][usize::from(bit) / 8] ^= 1 << (bit % 8);
        }
        Spoil::Drop(place) if !proof.is_empty() => drop(proof.remove(place % proof.len())),
        Spoil::Double(place) if !proof.is_empty() => proof.insert(place % proof.len(), proof[place % before.len()]),
        Spoil::Swap(place) if proof.len() > 1 => {
            proof.swap(place % before.len(), (place % before.len() + 1) % before.len())
        }
        Spoil::Add(hash) => proof.push(hash),
        _ => {}
    }
    *proof != before
}

proptest! {
    #[test]
    fn what_is_appended_is_proved(size in 1_u64..3000, earlier in 0.0..1.0_f64, index in 0.0..1.0_f64) {
        let mut tree = leaves(size);
        let whole = root_of(&tree.0);
        prop_assert_eq!(whole, by_definition(&tree.0));
        let index = (index * size as f64) as u64;
        let proof = ok(inclusion_proof(&mut tree, index, size)).unwrap();
        prop_assert_eq!(verify_inclusion(index, size, &tree.0[index as usize], &proof, &whole), Ok(()));
        let earlier = 1 + (earlier * size as f64) as u64;
        let proof = ok(consistency_proof(&mut tree, earlier, size)).unwrap();
        let root = by_definition(&tree.0[..earlier as usize]);
        prop_assert_eq!(verify_consistency(earlier, size, &proof, &root, &whole), Ok(()));
    }

    #[test]
    fn a_spoilt_inclusion_proof_never_verifies(size in 1_u64..500, index in any::<u64>(), spoil in spoil()) {
        let mut tree = leaves(size);
        let index = index % size;
        let (mut root, mut leaf) = (root_of(&tree.0), tree.0[index as usize]);
        let mut proof = ok(inclusion_proof(&mut tree, index, size)).unwrap();
        let (mut claimed, mut claimed_size) = (index, size);
        let is_spoilt = match spoil {
            Spoil::Index(other) => { claimed = other; other != index }
            // Another size alone need not make the path another one; it must then claim the same place.
            Spoil::Size(other) => { claimed_size = other % (2 * size); claimed_size <= index }
            Spoil::Leaf => { leaf[0] ^= 1; true }
            Spoil::Root => { root[31] ^= 128; true }
            ref other => spoil_hashes(&mut proof, other),
        };
        let verdict = verify_inclusion(claimed, claimed_size, &leaf, &proof, &root);
        prop_assert!(!is_spoilt || verdict.is_err(), "{verdict:?}");
    }

    #[test]
    fn a_spoilt_consistency_proof_never_verifies(size in 2_u64..500, earlier in any::<u64>(), spoil in spoil()) {
        let mut tree = leaves(size);
        let earlier = 1 + earlier % (size - 1);
        let (mut old, whole) = (root_of(&tree.0[..earlier as usize]), root_of(&tree.0));
        let mut proof = ok(consistency_proof(&mut tree, earlier, size)).unwrap();
        let mut claimed = size;
        let is_spoilt = match spoil {
            Spoil::Leaf | Spoil::Root => { old[7] ^= 4; true }
            Spoil::Index(other) | Spoil::Size(other) => { claimed = other % earlier; true }
            ref other => spoil_hashes(&mut proof, other),
        };
        let verdict = verify_consistency(earlier, claimed, &proof, &old, &whole);
        prop_assert!(!is_spoilt || verdict.is_err(), "{verdict:?}");
    }

    #[test]
    fn any_claim_is_judged_without_panic(
        a in any::<u64>(), b in any::<u64>(), c in any::<u64>(),
        proof in prop::collection::vec(any::<Hash>(), 0..70), root in any::<Hash>(),
    ) {
        prop_assert!(verify_subtree_inclusion(a, b, c, &root, &proof, &[1; 32]).is_err());
        prop_assert!(a == b || verify_subtree_consistency(a, b, c, &proof, &root, &[1; 32]).is_err());
        let _ = is_subtree(a, b);
    }
}
