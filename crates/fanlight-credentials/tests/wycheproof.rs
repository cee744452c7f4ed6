//! Project Wycheproof's cases for signatures, keys and encryption in JSON, as `../shared/vectors` has them, or
//! `FANLIGHT_VECTORS`.
//!
//! Every case of every file is judged, and counted. An invalid one is refused without exception. A valid one is taken, or
//! stands below with its reason: symmetric algorithms, P-521 and encryption are not taken at all, and two cases want a key
//! to be used with another algorithm than it is for, which RFC 8725 forbids.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fanlight_credentials::jose::{Algorithm, Jws, JwsFault, KeySet, KeySetFault};
use serde_json::{Value, json};

/// The folder of the vectors; where it is absent, says so on one line.
fn vectors() -> Option<PathBuf> {
    let root = std::env::var_os("FANLIGHT_VECTORS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"), PathBuf::from);
    let folder = root.join("wycheproof");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no vectors in {} (set FANLIGHT_VECTORS to their folder)", folder.display());
    None
}

/// One case: its number, what is said of it, what it is, and its key set.
struct Case {
    id: u64,
    comment: String,
    valid: bool,
    text: String,
    keys: String,
}

fn cases(folder: &Path, file: &str) -> Vec<Case> {
    let read: Value = serde_json::from_slice(&std::fs::read(folder.join(file)).unwrap()).unwrap();
    let mut cases = Vec::new();
    for group in read["testGroups"].as_array().unwrap() {
        // Where there is a public half, that is what a checker is given.
        let key = group.get("public").unwrap_or(&group["private"]);
        let keys = if key.get("keys").is_some() { key.clone() } else { json!({ "keys": [key] }) };
        for case in group["tests"].as_array().unwrap() {
            let text = case.get("jws").or_else(|| case.get("jwe")).unwrap();
            let text = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
            let valid = match case["result"].as_str().unwrap() {
                "valid" => true,
                "invalid" => false,
                other => panic!("a case is {other:?}"),
            };
            let comment = case["comment"].as_str().unwrap().to_owned();
            cases.push(Case { id: case["tcId"].as_u64().unwrap(), comment, valid, text, keys: keys.to_string() });
        }
    }
    assert_eq!(read["numberOfTests"].as_u64().unwrap(), cases.len() as u64, "{file}: no case is left out");
    cases
}

/// Why a case is refused; `None` where it is taken.
fn refused(case: &Case) -> Option<&'static str> {
    let jws = match Jws::read(&case.text) {
        Ok(jws) => Some(jws),
        Err(JwsFault::Encrypted) => return Some("encrypted"),
        Err(JwsFault::Algorithm) => None,
        Err(_) => return Some("malformed"),
    };
    let keys = match KeySet::read(case.keys.as_bytes(), Algorithm::Rs256) {
        Ok(keys) => keys,
        Err(KeySetFault::Secret) => return Some("symmetric"),
        Err(KeySetFault::Empty(_)) => return Some("key"),
        Err(fault) => panic!("{}: {fault}", case.id),
    };
    let Some(jws) = jws else { return Some("algorithm") };
    let Some(key) = keys.key_of(jws.header()) else { return Some("other key") };
    jws.payload(key).err().map(|_| "signature")
}

/// Judges a file: how many valid ones are taken, how many invalid ones are refused, and which valid ones are not taken.
fn judged(folder: &Path, file: &str) -> (usize, usize, BTreeMap<&'static str, Vec<u64>>) {
    let (mut taken, mut invalid) = (0, 0);
    let mut not_taken: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for case in cases(folder, file) {
        match (case.valid, refused(&case)) {
            (true, None) => taken += 1,
            (true, Some(why)) => not_taken.entry(why).or_default().push(case.id),
            (false, Some(_)) => invalid += 1,
            (false, None) => panic!("{file} {}: {} is taken", case.id, case.comment),
        }
    }
    (taken, invalid, not_taken)
}

#[test]
fn every_case_about_signatures_is_judged_right() {
    let Some(folder) = vectors() else { return };
    let (taken, invalid, not_taken) = judged(&folder, "json_web_signature.json");
    let wanted = BTreeMap::from([
        // ES512 over P-521, which the library does not have.
        ("algorithm", vec![]),
        ("key", vec![347, 351]),
        // PS384 with keys that say PS256.
        ("other key", vec![346, 350]),
        // HS256; two of them are no base64url besides.
        ("malformed", vec![372, 373]),
        ("symmetric", vec![1, 348, 352, 357, 358, 359, 376, 377]),
    ]);
    let wanted: BTreeMap<_, _> = wanted.into_iter().filter(|(_, ids)| !ids.is_empty()).collect();
    assert_eq!(not_taken, wanted);
    assert_eq!((taken, invalid), (32, 355));
    assert_eq!(taken + invalid + 14, 401);
}

#[test]
fn every_case_about_keys_is_judged_right() {
    let Some(folder) = vectors() else { return };
    let (taken, invalid, not_taken) = judged(&folder, "json_web_key.json");
    assert_eq!(not_taken, BTreeMap::from([("symmetric", vec![2, 13, 14, 15])]));
    assert_eq!((taken, invalid), (1, 21));
    assert_eq!(taken + invalid + 4, 26);
}

#[test]
fn every_case_about_both_is_judged_right() {
    let Some(folder) = vectors() else { return };
    let (taken, invalid, not_taken) = judged(&folder, "json_web_crypto.json");
    assert_eq!(not_taken, BTreeMap::from([("encrypted", vec![50, 67]), ("symmetric", vec![1, 48])]));
    assert_eq!((taken, invalid), (2, 77));
    assert_eq!(taken + invalid + 4, 83);
}

#[test]
fn nothing_encrypted_is_taken() {
    let Some(folder) = vectors() else { return };
    let cases = cases(&folder, "json_web_encryption.json");
    for case in &cases {
        assert!(Jws::read(&case.text).is_err(), "{}: {}", case.id, case.comment);
    }
    assert_eq!((cases.len(), cases.iter().filter(|case| case.valid).count()), (139, 65));
}

#[test]
fn what_is_no_base64url_is_refused_before_anything_else() {
    let Some(folder) = vectors() else { return };
    let cases = cases(&folder, "json_web_signature.json");
    let malformed = cases.iter().filter(|case| (357..=377).contains(&case.id));
    let malformed = malformed.filter(|case| matches!(Jws::read(&case.text), Err(JwsFault::Malformed)));
    let ids: Vec<_> = malformed.map(|case| case.id).collect();
    // 367 and 370 are, letter for letter, the valid case 357: only their algorithm refuses them.
    let text = |id| &cases.iter().find(|case| case.id == id).unwrap().text;
    assert!(text(367) == text(357) && text(370) == text(357));
    assert_eq!(ids, [360, 361, 362, 363, 364, 365, 366, 368, 369, 371, 372, 373, 374, 375]);
}
