//! How many logins one core checks in a second: by password at the cost that is kept, and by passkey.
//!
//! `cargo run --release -p fanlight-credentials --example login-bench`.
#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use fanlight_credentials::passkey::{PasskeyKey, RelyingParty, Shown};
use fanlight_credentials::password::{Check, Cost, Hasher, Password};
use serde_json::Value;

/// How long each is measured.
const MEASURED: Duration = Duration::from_secs(5);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let hasher = Hasher::new(Cost::RFC_9106_SECOND, 1)?;
    let password = Password::read("ochre tuba folding Tuesday")?;
    let kept = hasher.hash(&password)?;
    let rate = rate(|| matches!(hasher.check(&password, Some(&kept)), Ok(Check::Right { .. })));
    println!("passwords: {rate:.1} logins/s and core (Argon2id, 64 MiB, 3 passes, 4 lanes)");

    // A passkey that is shown right, out of the specification's own vectors.
    let all: Value = serde_json::from_str(include_str!("../tests/vectors/webauthn.json"))?;
    let all = all["vectors"].as_array().ok_or("no vectors")?;
    let vector = all.iter().find(|vector| vector["name"] == "tpm-es256").ok_or("no vector")?;
    let bytes = |of: &str, name: &str| HEXLOWER.decode(vector[of][name].as_str().unwrap_or_default().as_bytes());
    let party = RelyingParty { id: "example.org".into(), origin: "https://example.org".into() };
    let (challenge, client_data) = (bytes("registration", "challenge")?, bytes("registration", "clientDataJSON")?);
    let attestation = bytes("registration", "attestationObject")?;
    let made = fanlight_credentials::passkey::Made { client_data: &client_data, attestation: &attestation };
    let key: PasskeyKey = party.made(&challenge, made)?.key;
    let (challenge, client_data) = (bytes("authentication", "challenge")?, bytes("authentication", "clientDataJSON")?);
    let (data, signature) = (bytes("authentication", "authenticatorData")?, bytes("authentication", "signature")?);
    let shown = Shown { client_data: &client_data, authenticator_data: &data, signature: &signature };
    let rate = self::rate(|| party.shown(&challenge, &key, 0, shown).is_ok());
    println!("passkeys: {rate:.0} logins/s and core (ES256)");
    Ok(())
}

/// How often a second something goes well, on this thread alone.
fn rate(one: impl Fn() -> bool) -> f64 {
    let (began, mut times) = (Instant::now(), 0_u32);
    while began.elapsed() < MEASURED {
        assert!(one(), "what is measured has to be right");
        times += 1;
    }
    f64::from(times) / began.elapsed().as_secs_f64()
}
