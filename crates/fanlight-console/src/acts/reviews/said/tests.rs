//! Reviews as text, and whose word is taken for whose.

use fanlight_ledger::note::SigningKey;

use super::*;

fn said() -> Said {
    let at = "2026-11-22T10:00:00.000Z".parse().unwrap();
    Said::of("pkg:pypi/demo@1.0".parse().unwrap(), "unsafe", at, "it reads tokens").unwrap()
}

fn handed(key: &SigningKey, note: &Note) -> Handed {
    Handed { key: key.verifier().to_string(), notes: vec![note.to_string()] }
}

#[test]
fn a_review_reads_back_as_it_was_written_and_nothing_else_does() {
    assert_eq!(Said::parse(&said().text()), Some(said()));
    let text = said().text();
    for wrong in [
        text.replace("unsafe", "lovely"),
        text.replace("@1.0", ""),
        text.replace("v1", "v2"),
        format!("{text}more\n"),
        text.replace("it reads tokens", " it reads tokens"),
    ] {
        assert_eq!(Said::parse(&wrong), None, "{wrong}");
    }
}

#[test]
fn what_is_kept_of_a_review_gives_its_text_again() {
    let (key, _) = SigningKey::generate("fanlight/here").unwrap();
    let row = said().own(&key.sign(&said().text()).unwrap());
    assert_eq!(Said::kept(&row).map(|said| said.text()), Some(said().text()));
}

#[test]
fn reviews_are_taken_over_only_with_the_key_that_signed_them() {
    let (acme, _) = SigningKey::generate("fanlight/acme").unwrap();
    let (other, _) = SigningKey::generate("fanlight/acme").unwrap();
    let note = acme.sign(&said().text()).unwrap();
    let (key, rows) = checked_reviews(&handed(&acme, &note)).unwrap();
    assert_eq!((key.name(), &*rows[0].verdict, rows[0].own), ("fanlight/acme", "unsafe", false));
    assert!(checked_reviews(&handed(&other, &note)).is_err(), "another key of that name");
    let changed = Note::parse(&note.to_string().replace("unsafe", "safe")).unwrap();
    assert!(checked_reviews(&handed(&acme, &changed)).is_err(), "a changed verdict");
    let statement = acme.sign("some other statement\n").unwrap();
    assert!(checked_reviews(&handed(&acme, &statement)).is_err(), "signed, and no review");
}

#[test]
fn no_key_makes_reviews_of_another_company_ones_own() {
    let (this, _) = SigningKey::generate("this").unwrap();
    let error = checked_reviews(&handed(&this, &this.sign(&said().text()).unwrap())).unwrap_err();
    assert!(matches!(error, HandedError::Named), "{error}");
}

#[test]
fn two_keys_of_one_name_are_two_nodes() {
    let of = || {
        let (key, _) = SigningKey::generate("fanlight/acme").unwrap();
        checked_reviews(&handed(&key, &key.sign(&said().text()).unwrap())).unwrap().1.remove(0).node
    };
    let (one, other) = (of(), of());
    assert!(one.starts_with("fanlight/acme+") && one != other, "{one} {other}");
}
