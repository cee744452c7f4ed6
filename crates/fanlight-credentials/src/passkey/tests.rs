//! The test vectors of the specification, each as it is and with something changed; and any bytes.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// A passkey made and shown, as the specification has it.
struct Vector {
    name: String,
    made: [Vec<u8>; 4],
    shown: [Vec<u8>; 4],
}

fn party() -> RelyingParty {
    RelyingParty { id: "example.org".into(), origin: "https://example.org".into() }
}

fn vectors() -> Vec<Vector> {
    let text = include_str!("../../tests/vectors/webauthn.json");
    let all: Value = serde_json::from_str(text).unwrap();
    let bytes = |of: &Value, names: [&str; 4]| {
        names.map(|name| HEXLOWER.decode(of[name].as_str().unwrap().as_bytes()).unwrap())
    };
    let vectors = all["vectors"].as_array().unwrap().iter().map(|one| Vector {
        name: one["name"].as_str().unwrap().to_owned(),
        made: bytes(&one["registration"], ["challenge", "clientDataJSON", "attestationObject", "credential_id"]),
        shown: bytes(&one["authentication"], ["challenge", "clientDataJSON", "authenticatorData", "signature"]),
    });
    vectors.collect()
}

fn made(vector: &Vector) -> Result<Passkey, PasskeyFault> {
    let [challenge, client_data, attestation, _] = &vector.made;
    party().made(challenge, Made { client_data, attestation })
}

/// As [`made`], whoever made it: many vectors verify nobody.
fn key_of(vector: &Vector) -> Result<PasskeyKey, PasskeyFault> {
    let attestation = cbor::map(&vector.made[2]).unwrap();
    let data = AuthenticatorData::read(cbor::bytes_of(&attestation, "authData").unwrap())?;
    let (id, key) = data.attested.unwrap();
    assert_eq!(id, vector.made[3], "{}", vector.name);
    PasskeyKey::read(&key)
}

fn shown(vector: &Vector, key: &PasskeyKey, count: u32) -> Result<u32, PasskeyFault> {
    let [challenge, client_data, authenticator_data, signature] = &vector.shown;
    party().shown(challenge, key, count, Shown { client_data, authenticator_data, signature })
}

#[test]
fn the_specification_s_vectors_are_judged_as_it_says() {
    use PasskeyFault::{Algorithm, Framed, NotVerified};
    let expected = [
        ("none-es256", Some(NotVerified), Some(NotVerified)),
        ("packed-self-es256", None, Some(NotVerified)),
        ("none-es256-crossOrigin", Some(Framed), Some(Framed)),
        ("none-es256-topOrigin", Some(Framed), Some(Framed)),
        ("none-es256-long-credential-id", Some(NotVerified), None),
        ("packed-es256", None, None),
        ("packed-es384", Some(Algorithm), None),
        ("packed-es512", Some(Algorithm), None),
        ("packed-rs256", None, Some(NotVerified)),
        ("packed-eddsa", Some(NotVerified), Some(NotVerified)),
        ("packed-ed448", Some(Algorithm), None),
        ("tpm-es256", None, None),
        ("android-key-es256", None, Some(NotVerified)),
        ("apple-es256", Some(NotVerified), Some(NotVerified)),
        ("fido-u2f-es256", Some(NotVerified), Some(NotVerified)),
    ];
    let vectors = vectors();
    assert_eq!(vectors.len(), expected.len());
    for (vector, (name, at_making, at_showing)) in vectors.iter().zip(expected) {
        assert_eq!(vector.name, name);
        // That somebody was verified is looked at last: whatever is refused for that alone is right but for that.
        assert_eq!(made(vector).err(), at_making, "{name}");
        let Ok(key) = key_of(vector) else {
            assert_eq!(at_making, Some(Algorithm), "{name}");
            continue;
        };
        assert_eq!(shown(vector, &key, 0).err(), at_showing, "{name}");
        assert_eq!(PasskeyKey::from_text(&key.to_text()), Some(key), "{name}");
    }
}

fn tpm() -> (Vector, PasskeyKey) {
    let vector = vectors().into_iter().find(|vector| vector.name == "tpm-es256").unwrap();
    let key = made(&vector).unwrap().key;
    (vector, key)
}

#[test]
fn an_answer_counts_for_its_own_question_alone() {
    let (vector, key) = tpm();
    let [challenge, client_data, authenticator_data, signature] = &vector.shown;
    let answer = Shown { client_data, authenticator_data, signature };
    let ask = |party: RelyingParty, challenge: &[u8], answer: Shown<'_>| party.shown(challenge, &key, 0, answer);
    assert_eq!(ask(party(), challenge, answer), Ok(0));
    assert_eq!(ask(party(), &[0; 32], answer), Err(PasskeyFault::OtherChallenge));
    assert_eq!(ask(party(), &[], answer), Err(PasskeyFault::OtherChallenge));
    for origin in ["https://evil.example", "http://example.org", "https://example.org:8443", "https://a.example.org"] {
        let party = RelyingParty { origin: origin.into(), ..party() };
        assert_eq!(ask(party, challenge, answer), Err(PasskeyFault::OtherOrigin), "{origin}");
    }
    let elsewhere = RelyingParty { id: "org".into(), ..party() };
    assert_eq!(ask(elsewhere, challenge, answer), Err(PasskeyFault::OtherParty));
    let made = Made { client_data, attestation: &vector.made[2] };
    assert_eq!(party().made(challenge, made), Err(PasskeyFault::OtherCeremony));
    let long = vec![0; limits::PASSKEY_PART_BYTES + 1];
    assert_eq!(ask(party(), challenge, Shown { signature: &long, ..answer }), Err(PasskeyFault::TooLong));
    let other = vectors().into_iter().find(|vector| vector.name == "packed-es256").unwrap();
    let other = key_of(&other).unwrap();
    assert_eq!(party().shown(challenge, &other, 0, answer), Err(PasskeyFault::Signature));
    // Every bit of what is signed counts.
    for at in 0..authenticator_data.len() {
        let mut changed = authenticator_data.clone();
        changed[at] ^= 1;
        assert!(ask(party(), challenge, Shown { authenticator_data: &changed, ..answer }).is_err(), "{at}");
    }
}

/// An authenticator that counts, in a few lines: it signs whatever it is given.
struct Counting(ring::signature::Ed25519KeyPair);

impl Counting {
    fn answer(&self, flags: u8, count: u32) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
        let challenge = BASE64URL_NOPAD.encode(&[7; 32]);
        let said = format!(r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"https://example.org"}}"#);
        let mut data = crate::random::sha256(b"example.org").to_vec();
        data.push(flags);
        data.extend(count.to_be_bytes());
        let signed = [data.as_slice(), &crate::random::sha256(said.as_bytes())].concat();
        (said.into_bytes(), data, self.0.sign(&signed).as_ref().to_vec())
    }
}

#[test]
fn a_copy_is_noticed_by_its_count_and_flags_that_cannot_be_are_refused() {
    use ring::signature::KeyPair as _;
    let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
    let key = PasskeyKey::Ed25519(pair.public_key().as_ref().try_into().unwrap());
    let authenticator = Counting(pair);
    let show = |flags, kept, count| {
        let (client_data, authenticator_data, signature) = authenticator.answer(flags, count);
        let answer =
            Shown { client_data: &client_data, authenticator_data: &authenticator_data, signature: &signature };
        party().shown(&[7; 32], &key, kept, answer)
    };
    assert_eq!(show(5, 0, 0), Ok(0), "this one does not count");
    assert_eq!(show(5, 4, 5), Ok(5));
    assert_eq!(show(5, 0, u32::MAX), Ok(u32::MAX));
    for (kept, count) in [(5, 5), (5, 4), (5, 0), (u32::MAX, 1)] {
        assert_eq!(show(5, kept, count), Err(PasskeyFault::Copied), "{kept} {count}");
    }
    assert_eq!(show(4, 0, 0), Err(PasskeyFault::NobodyThere));
    assert_eq!(show(1, 0, 0), Err(PasskeyFault::NotVerified));
    assert_eq!(show(5 | 16, 0, 0), Err(PasskeyFault::Unreadable("the authenticator's data")));
    assert_eq!(show(5 | 64, 0, 0), Err(PasskeyFault::Unreadable("the authenticator's data")));
}

#[test]
fn what_a_browser_says_is_read_strictly() {
    let (challenge, origin) = ([7; 32], "https://example.org");
    let text = BASE64URL_NOPAD.encode(&challenge);
    let judge = |said: String| client_data::judge(said.as_bytes(), Ceremony::Show, &challenge, origin);
    let whole = format!(r#""type":"webauthn.get","challenge":"{text}","origin":"{origin}""#);
    assert_eq!(judge(format!("{{{whole}}}")), Ok(()));
    assert_eq!(judge(format!(r#"{{{whole},"crossOrigin":false,"other":[1]}}"#)), Ok(()));
    for framed in [r#""crossOrigin":true"#, r#""crossOrigin":"false""#, r#""topOrigin":"https://example.org""#] {
        assert_eq!(judge(format!("{{{whole},{framed}}}")), Err(PasskeyFault::Framed), "{framed}");
    }
    for unreadable in [
        String::new(),
        "[]".to_owned(),
        format!("{{{whole}}} x"),
        format!(r#"{{{whole},"type":"webauthn.get"}}"#),
        format!(r#"{{{whole},"a":[[[[[1]]]]]}}"#),
        whole.replace(&format!(r#","origin":"{origin}""#), ""),
    ] {
        assert!(matches!(judge(unreadable.clone()), Err(PasskeyFault::Unreadable(_))), "{unreadable}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_judged_without_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        at in 0_usize..1000,
        value in any::<u8>(),
    ) {
        let _ = AuthenticatorData::read(&bytes);
        let _ = cbor::map(&bytes);
        for vector in vectors().into_iter().take(3) {
            let mut attestation = vector.made[2].clone();
            let at = at % attestation.len();
            attestation[at] = value;
            let _ = party().made(&vector.made[0], Made { client_data: &vector.made[1], attestation: &attestation });
        }
    }

    #[test]
    fn what_says_it_is_long_takes_no_memory_for_it(kind in prop_oneof![Just(0x5b_u8), Just(0x7b), Just(0x9b), Just(0xbb)]) {
        let bytes = [&[0xa1, 0x01, kind][..], &[0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]].concat();
        prop_assert!(cbor::map(&bytes).is_none());
    }
}
