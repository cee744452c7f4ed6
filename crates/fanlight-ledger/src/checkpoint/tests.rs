use proptest::prelude::*;

use super::*;

#[test]
fn a_checkpoint_reads_back() {
    let mut checkpoint = Checkpoint::new("fanlight/test/1", 20_852_163, [7; 32]);
    checkpoint.extensions.push("extension".to_owned());
    assert_eq!(Checkpoint::parse(&checkpoint.to_string()).unwrap(), checkpoint);
    let (key, _) = SigningKey::generate("fanlight/test/1").unwrap();
    let signed = checkpoint.sign(&key).unwrap();
    assert_eq!(Signed::parse(&signed.to_string()).unwrap(), signed);
    assert_eq!(signed.verify(key.verifier()).unwrap(), checkpoint);
}

#[test]
fn a_checkpoint_of_another_log_is_refused_though_the_signature_is_right() {
    let (key, _) = SigningKey::generate("fanlight/test/1").unwrap();
    let signed = Checkpoint::new("fanlight/test/2", 1, [0; 32]).sign(&key).unwrap();
    assert!(matches!(signed.verify(key.verifier()), Err(CheckpointError::OtherOrigin { .. })));
}

#[test]
fn what_is_no_checkpoint_says_so() {
    let root = BASE64.encode([1; 32]);
    let short = BASE64.encode([1; 31]);
    for bad in [
        String::new(),
        "a\n".to_owned(),
        "a\n1\n".to_owned(),
        format!("a\n1\n{root}"),
        format!("\n1\n{root}\n"),
        format!("a\n01\n{root}\n"),
        format!("a\n+1\n{root}\n"),
        format!("a\n-1\n{root}\n"),
        format!("a\n18446744073709551616\n{root}\n"),
        format!("a\n1\n{short}\n"),
        format!("a\n1\n{root}=\n"),
        format!("a\n1\n{root}\n\n"),
        format!("a\n1\n{root}\n\nx\n"),
    ] {
        assert!(matches!(Checkpoint::parse(&bad), Err(CheckpointError::Malformed(_))), "{bad:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_judged_without_panic(text in "[a-z0-9=+\n]{0,100}") {
        let _ = Checkpoint::parse(&text);
    }

    #[test]
    fn what_reads_prints_as_it_was(size in any::<u64>(), root in any::<[u8; 32]>(), origin in "[!-~]{1,30}") {
        let text = format!("{origin}\n{size}\n{}\n", BASE64.encode(root));
        prop_assert_eq!(Checkpoint::parse(&text).unwrap().to_string(), text);
    }
}
