use std::convert::Infallible;

use proptest::prelude::*;

use super::*;
use crate::merkle::Hashes;
use crate::note::SigningKey;

struct Leaves(Vec<Hash>);

impl Hashes for Leaves {
    type Error = Infallible;

    fn hash(&mut self, height: u32, index: u64) -> Result<Hash, Infallible> {
        let (start, size) = ((index << height) as usize, 1 << height);
        Ok(merkle::root_of(&self.0[start..start + size]))
    }
}

fn entry(i: u64) -> Vec<u8> {
    format!("entry {i}").into_bytes()
}

fn proof_of(index: u64, size: u64) -> (Proof, SigningKey) {
    let mut leaves = Leaves((0..size).map(|i| merkle::leaf_hash(&entry(i))).collect());
    let (key, _) = SigningKey::generate("fanlight/test/1").unwrap();
    let checkpoint = Checkpoint::new("fanlight/test/1", size, merkle::root_of(&leaves.0)).sign(&key).unwrap();
    let Ok(hashes) = merkle::inclusion_proof(&mut leaves, index, size);
    (Proof { extra: Some(entry(index)), index, hashes: hashes.unwrap(), checkpoint }, key)
}

#[test]
fn a_proof_has_the_form_of_the_specification() {
    let (proof, key) = proof_of(2, 3);
    let text = proof.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..3], ["c2sp.org/tlog-proof@v1", "extra ZW50cnkgMg==", "index 2"]);
    assert_eq!(lines[3].len(), 44, "the one hash beside a last leaf of three");
    assert_eq!(lines[4..7], ["", "fanlight/test/1", "3"]);
    assert_eq!(Proof::parse(&text).unwrap(), proof);
    assert_eq!(check_proof(&text, key.verifier()).unwrap().entry, entry(2));
}

#[test]
fn a_proof_of_a_log_of_one_entry_has_no_hashes() {
    let (proof, key) = proof_of(0, 1);
    assert!(proof.hashes.is_empty());
    assert_eq!(check_proof(&proof.to_string(), key.verifier()).unwrap().index, 0);
}

#[test]
fn a_proof_without_its_entry_is_no_proof_of_anything() {
    let (mut proof, key) = proof_of(0, 2);
    proof.extra = None;
    assert_eq!(check_proof(&proof.to_string(), key.verifier()), Err(CheckError::NoEntry));
    assert!(proof.verify(&merkle::leaf_hash(&entry(0)), key.verifier()).is_ok(), "the entry may come from elsewhere");
}

#[test]
fn another_entry_another_index_and_another_key_are_refused() {
    let (proof, key) = proof_of(5, 9);
    let mut other = proof.clone();
    other.extra = Some(entry(6));
    assert!(matches!(check_proof(&other.to_string(), key.verifier()), Err(CheckError::NotIncluded { .. })));
    let mut other = proof.clone();
    other.index = 4;
    assert!(matches!(check_proof(&other.to_string(), key.verifier()), Err(CheckError::NotIncluded { .. })));
    let (_, stranger) = proof_of(5, 9);
    assert!(matches!(check_proof(&proof.to_string(), stranger.verifier()), Err(CheckError::Checkpoint(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_changed_proof_never_gives_out_another_entry(
        index in 0_u64..40, place in any::<prop::sample::Index>(), to in any::<char>(), is_cut in any::<bool>(),
    ) {
        let (proof, key) = proof_of(index, 40);
        let mut chars: Vec<char> = proof.to_string().chars().collect();
        let at = place.index(chars.len());
        if is_cut { let _ = chars.remove(at); } else { chars[at] = to; }
        let changed: String = chars.into_iter().collect();
        if let Ok(proved) = check_proof(&changed, key.verifier()) {
            prop_assert_eq!((proved.index, proved.entry), (index, entry(index)));
        }
    }

    #[test]
    fn any_text_is_judged_without_panic(text in "(c2sp.org/tlog-proof@v1\n)?(extra |index )?[A-Za-z0-9=\n]{0,80}") {
        let _ = Proof::parse(&text);
    }
}
