//! Certificates and keys that can and cannot be used, and what is said.

use rcgen::{CertificateParams, KeyPair};

use super::*;

fn told(certificate: &str, key: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let (c, k) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&c, certificate).unwrap();
    std::fs::write(&k, key).unwrap();
    let read = Pair::read(&c, &k).and_then(|pair| pair.certified(&c, &k).map(drop));
    read.map_err(|error| error.to_string().replace(&format!("{}/", folder.path().display()), ""))
}

fn pair() -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    (certificate.pem(), key.serialize_pem())
}

#[test]
fn a_pair_must_belong_together() {
    let ((certificate, key), (_, other)) = (pair(), pair());
    assert_eq!(told(&certificate, &key), Ok(()));
    let mismatch = "the certificate in cert.pem and the key in key.pem cannot be used together";
    assert_eq!(told(&certificate, &other).unwrap_err(), mismatch);
}

#[test]
fn what_is_missing_is_named_with_its_file() {
    let (certificate, key) = pair();
    let no_certificate =
        "cert.pem holds no certificate in PEM form (a block that begins with -----BEGIN CERTIFICATE-----)";
    assert_eq!(told("", &key).unwrap_err(), no_certificate);
    assert_eq!(told(&key, &key).unwrap_err(), no_certificate);
    let no_key = "key.pem holds no private key in PEM form (PKCS #8, PKCS #1 or SEC 1, without a password)";
    assert_eq!(told(&certificate, "").unwrap_err(), no_key);
    assert_eq!(told(&certificate, &certificate).unwrap_err(), no_key);
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let long = "-".repeat(usize::try_from(limits::TLS_FILE_BYTES).unwrap() + 1);
    assert_eq!(told(&long, "").unwrap_err(), "cert.pem has more than 1048576 bytes, too many for a certificate or key");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Pair::read(Path::new("/nowhere/cert.pem"), Path::new("/nowhere/key.pem")).err().unwrap();
    assert_eq!(error.to_string(), "cannot read /nowhere/cert.pem");
}
