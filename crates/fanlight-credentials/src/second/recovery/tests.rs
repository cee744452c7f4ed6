//! Recovery codes: each once, however it was copied.

use proptest::prelude::*;

use super::*;

#[test]
fn each_code_is_good_once() {
    let RecoveryCodes { clear, mut kept } = RecoveryCodes::make().unwrap();
    assert_eq!((clear.len(), kept.left()), (10, 10));
    for (number, code) in clear.iter().enumerate() {
        assert_eq!(kept.use_up(code.expose_secret()), Ok(()));
        assert_eq!(kept.use_up(code.expose_secret()), Err(RecoveryFault::Wrong));
        assert_eq!(kept.left(), 9 - number);
    }
}

#[test]
fn a_code_of_another_person_or_of_before_is_wrong() {
    let (mine, theirs) = (RecoveryCodes::make().unwrap(), RecoveryCodes::make().unwrap());
    let mut kept = KeptCodes::new(mine.kept.hashes().to_vec());
    assert_eq!(kept, mine.kept);
    assert_eq!(kept.use_up(theirs.clear[0].expose_secret()), Err(RecoveryFault::Wrong));
    assert_eq!(kept.left(), 10);
}

#[test]
fn a_code_read_from_paper_is_taken_as_it_was_meant() {
    let code = "01o1-iLab-CDEF-00zz";
    let mut kept = KeptCodes::new(vec![random::sha256(b"010111abcdef00zz")]);
    assert_eq!(kept.clone().use_up(code), Ok(()));
    assert_eq!(kept.clone().use_up(" 0101 11ABCDEF 00ZZ "), Ok(()));
    for shown in ["", "0101-11ab-cdef-00z", "0101-11ab-cdef-00zzz", "0101-11ab-cdef-00zu", "ä101-11ab-cdef-00z"] {
        assert_eq!(kept.use_up(shown), Err(RecoveryFault::Malformed), "{shown}");
    }
    assert_eq!(kept.use_up(&"-".repeat(1000)), Err(RecoveryFault::Malformed));
}

#[test]
fn codes_do_not_print() {
    let codes = RecoveryCodes::make().unwrap();
    assert!(!format!("{codes:?}").contains(codes.clear[0].expose_secret().as_str()));
}

proptest! {
    #[test]
    fn any_text_is_judged_without_panic(shown in ".{0,80}") {
        let mut kept = KeptCodes::new(vec![[7; 32]]);
        prop_assert!(kept.use_up(&shown).is_err());
    }
}
