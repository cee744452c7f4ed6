use proptest::prelude::*;

use super::*;

const TEXT: &str = "first\n\nlast\n";

fn key() -> SigningKey {
    SigningKey::generate("fanlight/test/1").unwrap().0
}

#[test]
fn a_key_reads_back_from_its_text() {
    let (key, text) = SigningKey::generate("fanlight/test/1").unwrap();
    let again = SigningKey::parse(&text).unwrap();
    assert_eq!(again.verifier(), key.verifier());
    assert_eq!(VerifierKey::parse(&key.verifier().to_string()).unwrap(), *key.verifier());
    again.sign(TEXT).unwrap().verify(key.verifier()).unwrap();
    assert!(!format!("{key:?}").contains(text.trim().splitn(5, '+').last().unwrap()), "a private key does not print");
}

/// The example of golang.org/x/mod/sumdb/note, which wrote these forms first.
#[test]
fn keys_and_notes_of_the_first_implementation_are_read() {
    let key = VerifierKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
    let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    let note = format!(
        "{text}\n\u{2014} PeterNeumann \
         x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    );
    assert_eq!(Note::parse(&note).unwrap().verify(&key).unwrap(), text);
    let private = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    let signed = SigningKey::parse(private).unwrap().sign(text).unwrap();
    assert_eq!(signed.to_string(), note, "Ed25519 signatures are the same whoever makes them");
}

#[test]
fn signature_lines_of_others_are_kept_and_do_not_count() {
    let (ours, witness) = (key(), SigningKey::generate("witness.example/w1").unwrap().0);
    let mut note = ours.sign(TEXT).unwrap();
    let cosigned = witness.sign(TEXT).unwrap();
    note.add_signature(cosigned.signatures()[0].clone());
    note.add_signature(cosigned.signatures()[0].clone());
    let read = Note::parse(&note.to_string()).unwrap();
    assert_eq!(read, note);
    assert_eq!(read.signatures().len(), 2);
    assert_eq!(read.verify(ours.verifier()), Ok(TEXT));
    assert_eq!(read.verify(witness.verifier()), Ok(TEXT));
    assert!(matches!(cosigned.verify(ours.verifier()), Err(NoteError::NotSigned { .. })));
}

#[test]
fn a_known_key_with_a_wrong_signature_fails_the_note_even_beside_a_right_one() {
    let key = key();
    let mut note = key.sign(TEXT).unwrap();
    let other = key.sign("another\n").unwrap();
    note.add_signature(other.signatures()[0].clone());
    assert!(matches!(note.verify(key.verifier()), Err(NoteError::WrongSignature { .. })));
}

#[test]
fn what_is_no_note_says_so() {
    let note = key().sign(TEXT).unwrap().to_string();
    let line = note.rsplit_once("\n\n").unwrap().1;
    let bad = [
        String::new(),
        TEXT.to_owned(),
        note.trim_end().to_owned(),
        format!("{note}\n"),
        note.replace('\u{2014}', "-"),
        note.replace("first", "fi\trst"),
        format!("{TEXT}\n\u{2014} a b\n"),
        format!("{TEXT}\n\u{2014} a+b {}\n", BASE64.encode([0; 70])),
        format!("{TEXT}\n\u{2014} a {}\n", BASE64.encode([0; 4])),
        format!("{TEXT}\n{}", line.repeat(limits::NOTE_SIGNATURES + 1)),
        format!("{}\n{line}", "x".repeat(limits::NOTE_BYTES)),
    ];
    for bad in bad {
        assert!(matches!(Note::parse(&bad), Err(NoteError::Malformed(_))), "{bad:?}");
    }
    assert!(key().sign("no newline").is_err());
}

#[test]
fn a_name_that_cannot_stand_in_a_line_is_refused() {
    for name in ["", "a b", "a+b", "a\u{a0}b", "a\nb", "a\u{0}", &"x".repeat(limits::NAME_BYTES + 1)] {
        assert!(matches!(SigningKey::generate(name), Err(NoteError::Name(_))), "{name:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_judged_without_panic(text in "(\u{2014} |[a-z+/= \n]){0,80}") {
        let _ = Note::parse(&text);
        let _ = VerifierKey::parse(&text);
        let _ = SigningKey::parse(&text);
    }

    #[test]
    fn a_changed_key_text_is_refused(place in any::<prop::sample::Index>(), to in "[A-Za-z0-9+/]") {
        let text = key().verifier().to_string();
        let at = place.index(text.len());
        let mut changed = text.clone();
        changed.replace_range(at..=at, &to);
        prop_assume!(!changed.eq_ignore_ascii_case(&text));
        // The id is a hash over name and key, so a change in any of the three shows.
        prop_assert!(VerifierKey::parse(&changed).is_err());
    }
}
