use super::*;

fn stated(algorithm: &str, bytes: &[u8]) -> String {
    format!("{algorithm}-{}", STANDARD.encode(bytes))
}

#[test]
fn the_strongest_stated_hash_counts() {
    let text =
        format!("{} {}?opt {}", stated("sha1", &[1; 20]), stated("sha512", &[2; 64]), stated("sha256", &[3; 32]));
    assert_eq!(Integrity::read(Some(&text), Some("abc")), Integrity::Sha512([2; 64]));
    assert_eq!(Integrity::read(Some(&stated("sha384", &[4; 48])), None), Integrity::Sha384([4; 48]));
}

#[test]
fn of_two_of_one_algorithm_the_first_counts() {
    let text = format!("{} {}", stated("sha512", &[1; 64]), stated("sha512", &[2; 64]));
    assert_eq!(Integrity::read(Some(&text), None), Integrity::Sha512([1; 64]));
}

#[test]
fn what_can_be_forged_or_not_be_read_is_weak() {
    for text in ["sha1-AAAA", "md5-AAAA", "sha512-short", "sha512-", "sha512", "nonsense", &stated("sha512", &[1; 63])]
    {
        assert_eq!(Integrity::read(Some(text), None), Integrity::Weak, "{text}");
    }
    assert_eq!(Integrity::read(None, Some("da39a3ee")), Integrity::Weak);
}

#[test]
fn nothing_stated_is_none() {
    assert_eq!(Integrity::read(None, None), Integrity::None);
    assert_eq!(Integrity::read(Some("  "), Some("")), Integrity::None);
}
