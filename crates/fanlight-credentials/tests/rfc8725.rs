//! The attacks of RFC 8725 (JSON Web Token Best Current Practices), each tried against tokens of others, and against our
//! own where they differ. The numbers are those of its sections.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use std::time::Duration;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use fanlight_base::Timestamp;
use fanlight_credentials::jose::{Algorithm, JwsFault, KeySet, KeySetFault};
use fanlight_credentials::token::{Claims, Expected, ForeignFault, ForeignIssuer, ForeignIssuers, Timing};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

const ISSUER: &str = "https://login.example";
const US: &str = "https://fanlight.example";

/// An issuer with two keys, and what an attacker has: its published set, and a key of their own.
struct Bench {
    curve: EcdsaKeyPair,
    edwards: Ed25519KeyPair,
    attacker: Ed25519KeyPair,
    set: Value,
}

fn part(bytes: impl AsRef<[u8]>) -> String {
    BASE64URL_NOPAD.encode(bytes.as_ref())
}

fn edwards(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn edwards_key(pair: &Ed25519KeyPair, id: &str) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "x": part(pair.public_key())})
}

impl Bench {
    fn new() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let curve = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
        let (x, y) = curve.public_key().as_ref()[1..].split_at(32);
        let point = json!({"kty": "EC", "crv": "P-256", "kid": "curve", "alg": "ES256", "x": part(x), "y": part(y)});
        let set = json!({"keys": [point, edwards_key(&edwards(1), "edwards")]});
        Self { curve, edwards: edwards(1), attacker: edwards(2), set }
    }

    fn check(&self, token: &str) -> Result<Claims, ForeignFault> {
        self.check_as(token, Expected::AccessToken)
    }

    fn check_as(&self, token: &str, expected: Expected<'_>) -> Result<Claims, ForeignFault> {
        let keys = KeySet::read(self.set.to_string().as_bytes(), Algorithm::Rs256).unwrap();
        let issuer = ForeignIssuer {
            issuer: ISSUER.to_owned(),
            audiences: vec![US.to_owned()],
            keys: std::sync::Arc::new(keys),
            algorithms: Algorithm::ALL.to_vec(),
            timing: Timing { leeway: Duration::from_secs(60), longest: Duration::from_secs(3600) },
        };
        ForeignIssuers::new(vec![issuer]).check(token, expected, now()).map(|(_, claims)| claims)
    }

    /// A token with that header, signed by the issuer's Edwards key whatever the header says.
    fn signed(&self, header: &Value, claims: &Value) -> String {
        signed_by(header, &claims.to_string(), |text| self.edwards.sign(text).as_ref().to_vec())
    }
}

fn signed_by(header: &Value, claims: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let text = format!("{}.{}", part(header.to_string()), part(claims));
    format!("{text}.{}", part(sign(text.as_bytes())))
}

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn header() -> Value {
    json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "edwards"})
}

fn with(mut value: Value, name: &str, to: Value) -> Value {
    value[name] = to;
    value
}

fn claims() -> Value {
    let exp = now().as_second() + 600;
    json!({"iss": ISSUER, "sub": "ada", "aud": US, "exp": exp, "client_id": "c", "jti": "1"})
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key), text).as_ref().to_vec()
}

#[test]
fn good_tokens_are_taken_or_the_rest_proves_nothing() {
    let bench = Bench::new();
    assert!(bench.check(&bench.signed(&header(), &claims())).is_ok());
    let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": "curve"});
    let sign = |text: &[u8]| bench.curve.sign(&SystemRandom::new(), text).unwrap().as_ref().to_vec();
    assert!(bench.check(&signed_by(&header, &claims().to_string(), sign)).is_ok());
}

#[test]
fn section_2_1_no_algorithm_at_all() {
    let bench = Bench::new();
    for none in ["none", "None", "nONE", "NONE"] {
        let header = with(header(), "alg", json!(none));
        for signature in ["", "AAAA"] {
            let token = format!("{}.{}.{signature}", part(header.to_string()), part(claims().to_string()));
            assert!(matches!(bench.check(&token), Err(ForeignFault::Jws(JwsFault::Unsigned))), "{none}");
        }
    }
}

#[test]
fn section_2_1_a_public_key_taken_for_a_shared_secret() {
    let bench = Bench::new();
    let point = bench.curve.public_key().as_ref();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", BASE64.encode(point));
    let secrets = [
        point.to_vec(),
        bench.edwards.public_key().as_ref().to_vec(),
        pem.into_bytes(),
        bench.set.to_string().into_bytes(),
        vec![],
    ];
    for secret in secrets {
        for algorithm in ["HS256", "HS384", "HS512", "hs256"] {
            let header = with(header(), "alg", json!(algorithm));
            let token = signed_by(&header, &claims().to_string(), |text| hmac(&secret, text));
            assert!(matches!(bench.check(&token), Err(ForeignFault::Jws(JwsFault::Algorithm))));
        }
    }
}

#[test]
fn section_3_1_an_algorithm_is_bound_to_its_key() {
    let bench = Bench::new();
    // The right signature of the Edwards key, under headers that name another algorithm or another key.
    for (algorithm, id) in
        [("ES256", "edwards"), ("EdDSA", "curve"), ("RS256", "edwards"), ("PS256", "curve"), ("ES384", "curve")]
    {
        let token = bench.signed(&json!({"alg": algorithm, "typ": "at+jwt", "kid": id}), &claims());
        assert!(matches!(bench.check(&token), Err(ForeignFault::UnknownKey)), "{algorithm} {id}");
    }
}

#[test]
fn section_2_2_weak_and_empty_shared_secrets() {
    // There is no algorithm that uses one, and a set that has one is not believed in anything.
    for secret in ["", "AAAA", "c2VjcmV0"] {
        let mut set = Bench::new().set;
        set["keys"].as_array_mut().unwrap().push(json!({"kty": "oct", "kid": "x", "alg": "HS256", "k": secret}));
        let read = KeySet::read(set.to_string().as_bytes(), Algorithm::Rs256);
        assert!(matches!(read, Err(KeySetFault::Secret)));
    }
}

#[test]
fn section_2_3_encrypted_and_nested_tokens() {
    let bench = Bench::new();
    let inner = bench.signed(&header(), &claims());
    let outer =
        signed_by(&with(header(), "cty", json!("JWT")), &inner, |text| bench.edwards.sign(text).as_ref().to_vec());
    assert!(matches!(bench.check(&outer), Err(ForeignFault::Jws(JwsFault::NotUnderstood("cty")))));
    let unsaid = signed_by(&header(), &inner, |text| bench.edwards.sign(text).as_ref().to_vec());
    assert!(matches!(bench.check(&unsaid), Err(ForeignFault::Claim(_))));
    let encrypted = format!("{}.AA.AA.AA.AA", part(r#"{"alg":"dir","enc":"A256GCM"}"#));
    assert!(matches!(bench.check(&encrypted), Err(ForeignFault::Jws(JwsFault::Encrypted))));
}

#[test]
fn section_3_6_nothing_is_decompressed() {
    let bench = Bench::new();
    let token = bench.signed(&with(header(), "zip", json!("DEF")), &claims());
    assert!(matches!(bench.check(&token), Err(ForeignFault::Jws(JwsFault::NotUnderstood("zip")))));
    let long = "x".repeat(1024 * 1024);
    assert!(matches!(bench.check(&long), Err(ForeignFault::Jws(JwsFault::TooLong))));
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(4000), "]".repeat(4000));
    let deep = signed_by(&header(), &deep, |text| bench.edwards.sign(text).as_ref().to_vec());
    assert!(matches!(bench.check(&deep), Err(ForeignFault::Claim(_))));
}

#[test]
fn section_3_4_points_beside_the_curve_and_empty_signatures() {
    let mut bench = Bench::new();
    let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": "curve"});
    // r and s of zero, of the group's order, and of nothing at all.
    let order =
        data_encoding::HEXLOWER.decode(b"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551").unwrap();
    for signature in [
        vec![0; 64],
        [order.clone(), order.clone()].concat(),
        [vec![0; 32], order].concat(),
        vec![],
        vec![1; 63],
        vec![1; 65],
    ] {
        let token = signed_by(&header, &claims().to_string(), |_| signature.clone());
        assert!(matches!(bench.check(&token), Err(ForeignFault::Jws(JwsFault::Signature))));
    }
    bench.set["keys"][0]["x"] = part([1; 32]).into();
    let sign = |text: &[u8]| bench.curve.sign(&SystemRandom::new(), text).unwrap().as_ref().to_vec();
    let token = signed_by(&header, &claims().to_string(), sign);
    assert!(matches!(bench.check(&token), Err(ForeignFault::Jws(JwsFault::Signature))));
    // A low-order point as an Edwards key, which some libraries take anything for.
    bench.set["keys"][1]["x"] = part([0; 32]).into();
    let token = signed_by(&self::header(), &claims().to_string(), |_| vec![0; 64]);
    assert!(bench.check(&token).is_err());
}

#[test]
fn section_2_6_one_reading_of_the_text() {
    let bench = Bench::new();
    let sign = |text: &[u8]| bench.edwards.sign(text).as_ref().to_vec();
    let exp = now().as_second() + 600;
    for claims in [
        format!(
            r#"{{"iss":"{ISSUER}","iss":"{ISSUER}","sub":"ada","aud":"{US}","exp":{exp},"client_id":"c","jti":"1"}}"#
        ),
        format!(
            r#"{{"iss":"{ISSUER}","sub":"ada","s\u0075b":"root","aud":"{US}","exp":{exp},"client_id":"c","jti":"1"}}"#
        ),
    ] {
        assert!(matches!(bench.check(&signed_by(&header(), &claims, sign)), Err(ForeignFault::Claim(_))));
    }
    // UTF-16, a byte order mark, and the JSON serialization.
    let utf16: Vec<u8> = claims().to_string().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let text = format!("{}.{}", part(header().to_string()), part(utf16));
    assert!(bench.check(&format!("{text}.{}", part(sign(text.as_bytes())))).is_err());
    assert!(bench.check(&signed_by(&header(), &format!("\u{feff}{}", claims()), sign)).is_err());
    let token = bench.signed(&header(), &claims());
    let parts: Vec<_> = token.split('.').collect();
    let json = json!({"protected": parts[0], "payload": parts[1], "signature": parts[2]}).to_string();
    assert!(matches!(bench.check(&json), Err(ForeignFault::Jws(JwsFault::Malformed))));
    for token in [format!("{token}="), format!(" {token}"), format!("{token}\n"), token.replace('.', ". ")] {
        assert!(matches!(bench.check(&token), Err(ForeignFault::Jws(JwsFault::Malformed))));
    }
}

#[test]
fn sections_2_7_and_3_9_tokens_for_others() {
    let bench = Bench::new();
    for audience in [
        json!("https://other.example"),
        json!([]),
        json!(null),
        json!([US, 5]),
        json!({}),
        json!(""),
        json!("*"),
        json!(format!("{US}/")),
    ] {
        let token = bench.signed(&header(), &with(claims(), "aud", audience.clone()));
        assert!(matches!(bench.check(&token), Err(ForeignFault::Claim(_))), "{audience}");
    }
    let mut without = claims();
    without.as_object_mut().unwrap().remove("aud");
    assert!(bench.check(&bench.signed(&header(), &without)).is_err());
}

#[test]
fn sections_2_8_and_3_11_one_kind_for_another() {
    let bench = Bench::new();
    // An ID token has the same issuer, keys and audience, and is no access token; and the other way round.
    let id_token = with(with(claims(), "nonce", json!("n")), "iat", json!(now().as_second()));
    for kind in [json!("JWT"), json!("dpop+jwt"), json!("at+jwt2")] {
        let token = bench.signed(&with(header(), "typ", kind.clone()), &id_token);
        assert!(matches!(bench.check(&token), Err(ForeignFault::OtherKind)), "{kind}");
    }
    let untyped = bench.signed(&json!({"alg": "EdDSA", "kid": "edwards"}), &id_token);
    assert!(matches!(bench.check(&untyped), Err(ForeignFault::OtherKind)));
    assert!(bench.check_as(&untyped, Expected::IdToken { nonce: "n" }).is_ok());
    let access = bench.signed(&header(), &id_token);
    assert!(matches!(bench.check_as(&access, Expected::IdToken { nonce: "n" }), Err(ForeignFault::OtherKind)));
}

#[test]
fn sections_2_9_and_3_10_headers_that_lead_elsewhere() {
    let bench = Bench::new();
    let attacker = edwards_key(&bench.attacker, "edwards");
    let by_attacker =
        |header: &Value| signed_by(header, &claims().to_string(), |text| bench.attacker.sign(text).as_ref().to_vec());
    for (name, value) in [
        ("jwk", attacker),
        ("jku", json!("https://evil.example/keys")),
        ("x5u", json!("https://evil.example/chain")),
        ("x5c", json!(["AAAA"])),
    ] {
        let header = with(header(), name, value);
        assert!(matches!(bench.check(&by_attacker(&header)), Err(ForeignFault::Jws(JwsFault::Signature))), "{name}");
        assert!(bench.check(&bench.signed(&header, &claims())).is_ok(), "{name} is not looked at");
    }
    for id in [
        "../../dev/null",
        "/dev/null",
        "' OR 1=1 --",
        "https://evil.example/key",
        "edwards\0",
        "",
        "EDWARDS",
        "curve' UNION SELECT 'x",
    ] {
        let header = with(header(), "kid", json!(id));
        let token = signed_by(&header, &claims().to_string(), |text| hmac(b"", text));
        assert!(matches!(bench.check(&token), Err(ForeignFault::UnknownKey)), "{id:?}");
    }
    for wrong in [json!(["edwards"]), json!({}), json!("x".repeat(10_000))] {
        let token = bench.signed(&with(header(), "kid", wrong), &claims());
        assert!(matches!(bench.check(&token), Err(ForeignFault::Jws(JwsFault::HeaderPart("kid")))));
    }
}

#[test]
fn section_3_8_an_issuer_s_name_and_its_keys_belong_together() {
    let bench = Bench::new();
    for issuer in [
        "https://evil.example",
        "https://login.example/",
        "HTTPS://LOGIN.EXAMPLE",
        "https://login.example#",
        "\u{ff4c}ogin.example",
    ] {
        let token = bench.signed(&header(), &with(claims(), "iss", json!(issuer)));
        assert!(matches!(bench.check(&token), Err(ForeignFault::UnknownIssuer)), "{issuer}");
    }
    for (name, value) in [("iss", json!([ISSUER])), ("iss", json!(null)), ("sub", json!(5)), ("sub", json!(""))] {
        let token = bench.signed(&header(), &with(claims(), name, value));
        assert!(matches!(bench.check(&token), Err(ForeignFault::Claim(_))), "{name}");
    }
}

#[test]
fn section_3_3_what_must_be_understood_and_is_not() {
    let bench = Bench::new();
    for (critical, extension) in [
        (json!(["exp"]), "exp"),
        (json!(["http://evil.example/x"]), "http://evil.example/x"),
        (json!([]), "x"),
        (json!("alg"), "y"),
        (json!(null), "z"),
    ] {
        let header = with(with(header(), "crit", critical), extension, json!(1));
        assert!(matches!(
            bench.check(&bench.signed(&header, &claims())),
            Err(ForeignFault::Jws(JwsFault::NotUnderstood("crit")))
        ));
    }
    let unencoded = with(with(header(), "b64", json!(false)), "crit", json!(["b64"]));
    assert!(bench.check(&bench.signed(&unencoded, &claims())).is_err());
}

#[test]
fn times_at_their_edges() {
    let bench = Bench::new();
    let second = now().as_second();
    for (name, value, good) in [
        ("exp", json!(second - 59), true),
        ("exp", json!(second - 60), false),
        ("exp", json!(u64::MAX), false),
        ("exp", json!(i64::MIN), false),
        ("exp", json!("never"), false),
        ("exp", json!(null), false),
        ("nbf", json!(second + 60), true),
        ("nbf", json!(second + 61), false),
        ("iat", json!(second + 61), false),
        ("iat", json!(second - 10_000), false),
    ] {
        let token = bench.signed(&header(), &with(claims(), name, value.clone()));
        assert_eq!(bench.check(&token).is_ok(), good, "{name} {value}");
    }
}
