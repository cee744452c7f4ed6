//! Other people's test vectors: every Merkle case of transparency-dev/merkle, and the log of transparency-dev/tessera.
//! Both are read from `../shared/vectors` beside the repository, or from `FANLIGHT_VECTORS`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fanlight_ledger::checkpoint::{Checkpoint, Signed};
use fanlight_ledger::merkle::{self, Hash, ProofError};
use fanlight_ledger::note::{SigningKey, VerifierKey};
use fanlight_ledger::tile::{self, Kind, Tile, WIDTH};
use ring::digest::{SHA256, digest};
use serde::Deserialize;

/// The folder of one set of vectors; where it is absent, says so on one line.
fn vectors(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("FANLIGHT_VECTORS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"), PathBuf::from);
    let folder = root.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no vectors in {} (set FANLIGHT_VECTORS to their folder)", folder.display());
    None
}

/// One kind of case.
trait Case: for<'de> Deserialize<'de> {
    /// Its folder, and how many there are.
    const SET: (&'static str, usize);

    /// Whether it is to be refused, and what we say.
    fn judged(&self) -> (bool, Result<(), ProofError>);
}

/// Judges every case of a kind.
fn judge_every<T: Case>() {
    let (name, count) = T::SET;
    let Some(folder) = vectors(&format!("merkle/{name}")) else { return };
    let all = cases::<T>(&folder);
    assert_eq!(all.len(), count, "{name}");
    for (path, case) in all {
        let (wants_error, got) = case.judged();
        assert_eq!(got.is_err(), wants_error, "{}: {got:?}", path.display());
    }
}

/// All cases below a folder, by path.
fn cases<T: for<'de> Deserialize<'de>>(folder: &Path) -> Vec<(PathBuf, T)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(cases(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            let case = serde_json::from_slice(&fs::read(&path).unwrap());
            found.push((path.clone(), case.unwrap_or_else(|error| panic!("{}: {error}", path.display()))));
        }
    }
    found
}

/// A leaf hash of the vectors. Some are not 32 bytes long on purpose: our type cannot hold those, they are refused before
/// any verification.
fn leaf(text: &str) -> Result<Hash, ProofError> {
    BASE64.decode(text).unwrap().try_into().map_err(|_| ProofError::OtherRoot)
}

/// A root hash of the vectors. Where one is not 32 bytes long, another hash stands in for it, equal exactly where they
/// are equal and equal to no real one: some cases only ask whether two roots are the same.
fn hash(text: &str) -> Hash {
    let bytes = BASE64.decode(text).unwrap();
    bytes.as_slice().try_into().unwrap_or_else(|_| {
        let mut marked = b"not 32 bytes: ".to_vec();
        marked.extend_from_slice(&bytes);
        digest(&SHA256, &marked).as_ref().try_into().unwrap()
    })
}

fn hashes(texts: Option<&[String]>) -> Vec<Hash> {
    texts.unwrap_or_default().iter().map(|text| hash(text)).collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Inclusion {
    leaf_idx: u64,
    tree_size: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    #[serde(rename = "desc")]
    _desc: String,
    want_err: bool,
}

impl Case for Inclusion {
    const SET: (&'static str, usize) = ("inclusion", 98);

    fn judged(&self) -> (bool, Result<(), ProofError>) {
        let (proof, root) = (hashes(self.proof.as_deref()), hash(&self.root));
        let verify = |leaf| merkle::verify_inclusion(self.leaf_idx, self.tree_size, &leaf, &proof, &root);
        (self.want_err, leaf(&self.leaf_hash).and_then(verify))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SubtreeInclusion {
    leaf_idx: u64,
    start: u64,
    end: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    #[serde(rename = "desc")]
    _desc: String,
    want_err: bool,
}

impl Case for SubtreeInclusion {
    const SET: (&'static str, usize) = ("subtreeinclusion", 204);

    fn judged(&self) -> (bool, Result<(), ProofError>) {
        let (proof, root) = (hashes(self.proof.as_deref()), hash(&self.root));
        let Self { leaf_idx, start, end, .. } = *self;
        let verify = |leaf| merkle::verify_subtree_inclusion(leaf_idx, start, end, &leaf, &proof, &root);
        (self.want_err, leaf(&self.leaf_hash).and_then(verify))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Consistency {
    size1: u64,
    size2: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
    #[serde(rename = "desc")]
    _desc: String,
    want_err: bool,
}

impl Case for Consistency {
    const SET: (&'static str, usize) = ("consistency", 98);

    fn judged(&self) -> (bool, Result<(), ProofError>) {
        let (proof, roots) = (hashes(self.proof.as_deref()), [&self.root1, &self.root2].map(|root| hash(root)));
        (self.want_err, merkle::verify_consistency(self.size1, self.size2, &proof, &roots[0], &roots[1]))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SubtreeConsistency {
    start: u64,
    end: u64,
    size: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
    #[serde(rename = "desc")]
    _desc: String,
    want_err: bool,
}

impl Case for SubtreeConsistency {
    const SET: (&'static str, usize) = ("subtreeconsistency", 118);

    fn judged(&self) -> (bool, Result<(), ProofError>) {
        let (proof, roots) = (hashes(self.proof.as_deref()), [&self.root1, &self.root2].map(|root| hash(root)));
        let Self { start, end, size, .. } = *self;
        (self.want_err, merkle::verify_subtree_consistency(start, end, size, &proof, &roots[0], &roots[1]))
    }
}

#[test]
fn every_inclusion_case_is_judged_as_it_says() {
    judge_every::<Inclusion>();
}

#[test]
fn every_subtree_inclusion_case_is_judged_as_it_says() {
    judge_every::<SubtreeInclusion>();
}

#[test]
fn every_consistency_case_is_judged_as_it_says() {
    judge_every::<Consistency>();
}

#[test]
fn every_subtree_consistency_case_is_judged_as_it_says() {
    judge_every::<SubtreeConsistency>();
}

const KEY: &str = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
const WORDS: [&str; 15] = [
    "one", "two", "three", "four", "five", "six", "seven", "eit", "nain", "ten", "ileven", "twelf", "threeten",
    "fourten", "fivten",
];

#[test]
fn the_published_log_is_made_again_from_its_entries() {
    let Some(folder) = vectors("tlog/log") else { return };
    let key = VerifierKey::parse(KEY).unwrap();
    assert_eq!(key.to_string(), KEY);
    let (mut bundle, mut leaves) = (Vec::new(), Vec::new());
    for size in 0..=WORDS.len() {
        if let Some(word) = size.checked_sub(1).map(|place| WORDS[place]) {
            assert!(tile::encode_entry(&mut bundle, word.as_bytes()));
            leaves.push(merkle::leaf_hash(word.as_bytes()));
            let width = size as u64;
            assert!(width < WIDTH);
            let file = |kind| fs::read(folder.join(Tile { kind, index: 0, width }.path())).unwrap();
            assert_eq!(file(Kind::Entries), bundle);
            assert_eq!(file(Kind::Level(0)), tile::encode_hashes(&leaves));
        }
        let text = fs::read_to_string(folder.join(format!("checkpoint.{size}"))).unwrap();
        let signed = Signed::parse(&text).unwrap();
        let ours = Checkpoint::new(key.name(), size as u64, merkle::root_of(&leaves));
        assert_eq!(signed.verify(&key).unwrap(), ours);
        assert_eq!(signed.note().verify(&key).unwrap(), ours.to_string(), "the body, byte for byte");
        assert_eq!(signed.to_string(), text, "the whole note, byte for byte");
    }
    let newest = fs::read_to_string(folder.join("checkpoint")).unwrap();
    assert_eq!(Signed::parse(&newest).unwrap().verify(&key).unwrap().size, 15);
}

#[test]
fn another_key_or_another_text_does_not_verify() {
    let Some(folder) = vectors("tlog/log") else { return };
    let key = VerifierKey::parse(KEY).unwrap();
    let (other, _) = SigningKey::generate(key.name()).unwrap();
    let text = fs::read_to_string(folder.join("checkpoint.15")).unwrap();
    assert!(Signed::parse(&text).unwrap().verify(other.verifier()).is_err());
    for (place, _) in text.char_indices() {
        let mut changed: Vec<char> = text.chars().collect();
        let at = text[..place].chars().count();
        changed[at] = if changed[at] == 'x' { 'y' } else { 'x' };
        let changed: String = changed.into_iter().collect();
        let verdict = Signed::parse(&changed).and_then(|signed| signed.verify(&key));
        assert!(verdict.is_err(), "changed at byte {place} it still verifies:\n{changed}");
    }
}
