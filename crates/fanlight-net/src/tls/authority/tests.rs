//! The local authority lasts while it can serve, and is replaced when it cannot.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn authority(folder: &Path, listen: &str) -> Authority {
    Authority::new(folder, listen.parse().unwrap(), &[])
}

fn root(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("ca.pem")).unwrap()
}

const LOOPBACK: &str = "127.0.0.1:7070";

#[test]
fn an_authority_is_made_once_and_its_key_is_the_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tls");
    let now = at("2026-11-22T01:00:00Z");
    let (first, renew) = authority(&path, LOOPBACK).issue(now).unwrap();
    let kept = root(&path);
    let (second, _) = authority(&path, LOOPBACK).issue(now).unwrap();
    assert_eq!(root(&path), kept);
    assert_ne!(first.cert[0], second.cert[0], "each start has a certificate of its own");
    assert_eq!(first.cert[1], second.cert[1]);
    assert_eq!(renew, now + DAY * 60);
    assert_eq!(fs::metadata(path.join("ca.key")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_certificate_is_renewed_under_the_same_authority() {
    let folder = tempfile::tempdir().unwrap();
    let authority = authority(folder.path(), LOOPBACK);
    let (_, renew) = authority.issue(at("2026-11-22T01:00:00Z")).unwrap();
    let kept = root(folder.path());
    let (_, next) = authority.issue(renew).unwrap();
    assert_eq!(root(folder.path()), kept);
    assert_eq!(next, renew + DAY * 60);
}

#[test]
fn an_authority_at_its_end_is_replaced_before_a_client_notices() {
    let folder = tempfile::tempdir().unwrap();
    let authority = authority(folder.path(), LOOPBACK);
    authority.issue(at("2026-11-22T01:00:00Z")).unwrap();
    let kept = root(folder.path());
    authority.issue(at("2036-08-01T00:00:00Z")).unwrap();
    assert_eq!(root(folder.path()), kept, "the authority lasts beyond the next renewal for a certificate");
    authority.issue(at("2036-10-01T00:00:00Z")).unwrap();
    assert_ne!(root(folder.path()), kept, "the certificate would have outlived its authority");
}

#[test]
fn an_authority_signs_for_this_machine_only_so_a_new_address_needs_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let now = at("2026-11-22T01:00:00Z");
    authority(folder.path(), LOOPBACK).issue(now).unwrap();
    let kept = root(folder.path());
    authority(folder.path(), "[::1]:7070").issue(now).unwrap();
    authority(folder.path(), "0.0.0.0:7070").issue(now).unwrap();
    assert_eq!(root(folder.path()), kept);
    authority(folder.path(), "192.0.2.7:7070").issue(now).unwrap();
    assert_ne!(root(folder.path()), kept);
}

#[test]
fn a_name_that_was_added_is_signed_for_by_a_new_authority() {
    let folder = tempfile::tempdir().unwrap();
    let now = at("2026-11-22T01:00:00Z");
    let named = |names: &[&str]| {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        Authority::new(folder.path(), LOOPBACK.parse().unwrap(), &names).issue(now).unwrap();
        root(folder.path())
    };
    let plain = named(&[]);
    let with = named(&["fanlight.acme.example"]);
    assert_ne!(with, plain);
    assert_eq!(named(&["fanlight.acme.example", "localhost"]), with);
    assert_eq!(named(&[]), with, "an authority that may sign for more is kept");
}

#[test]
fn a_key_that_was_lost_or_exchanged_makes_a_new_authority() {
    let folder = tempfile::tempdir().unwrap();
    let now = at("2026-11-22T01:00:00Z");
    authority(folder.path(), LOOPBACK).issue(now).unwrap();
    let kept = root(folder.path());
    fs::write(folder.path().join("ca.key"), KeyPair::generate().unwrap().serialize_pem()).unwrap();
    authority(folder.path(), LOOPBACK).issue(now).unwrap();
    let second = root(folder.path());
    assert_ne!(second, kept);
    fs::remove_file(folder.path().join("ca.key")).unwrap();
    authority(folder.path(), LOOPBACK).issue(now).unwrap();
    assert_ne!(root(folder.path()), second);
}

#[test]
fn a_key_that_is_no_key_stops_with_words() {
    let folder = tempfile::tempdir().unwrap();
    let now = at("2026-11-22T01:00:00Z");
    authority(folder.path(), LOOPBACK).issue(now).unwrap();
    fs::write(folder.path().join("ca.key"), "nonsense").unwrap();
    let told = authority(folder.path(), LOOPBACK).issue(now).err().unwrap().to_string();
    assert!(told.contains("ca.key does not hold a private key of the local authority: restore it"), "{told}");
}

#[test]
fn the_end_of_a_certificate_is_read() {
    let end = |year| {
        let mut params = CertificateParams::default();
        params.not_after = rcgen::date_time_ymd(year, 3, 4);
        let key = KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    };
    assert_eq!(validity::ends(&end(2036)), Some(at("2036-03-04T00:00:00Z")));
    assert_eq!(validity::ends(&end(2051)), Some(at("2051-03-04T00:00:00Z")), "from 2050 on in another form");
    let der = end(2036);
    for cut in 0..der.len() {
        assert_eq!(validity::ends(&der[..cut]), None);
    }
}
