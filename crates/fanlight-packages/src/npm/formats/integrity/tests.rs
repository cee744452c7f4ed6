use super::*;

fn stated(algorithm: &str, bytes: &[u8]) -> String {
    format!("{algorithm}-{}", STANDARD.encode(bytes))
}

#[test]
fn the_strongest_stated_hash_counts() {
    let text =
        format!("{} {}?opt {}", stated("sha1", &[1; 20]), stated("sha512", &[2; 64]), stated("sha256", &[3; 32]));
    assert_eq!(read(Some(&text), Some("abc")), Content::Known(Digest::Sha512([2; 64])));
    assert_eq!(read(Some(&stated("sha384", &[4; 48])), None), Content::Known(Digest::Sha384([4; 48])));
}

#[test]
fn of_two_of_one_algorithm_the_first_counts() {
    let text = format!("{} {}", stated("sha512", &[1; 64]), stated("sha512", &[2; 64]));
    assert_eq!(read(Some(&text), None), Content::Known(Digest::Sha512([1; 64])));
}

#[test]
fn what_can_be_forged_or_not_be_read_is_weak() {
    for text in ["sha1-AAAA", "md5-AAAA", "sha512-short", "sha512-", "sha512", "nonsense", &stated("sha512", &[1; 63])]
    {
        assert_eq!(read(Some(text), None), Content::Weak, "{text}");
    }
    assert_eq!(read(None, Some("da39a3ee")), Content::Weak);
}

#[test]
fn nothing_stated_is_none() {
    assert_eq!(read(None, None), Content::Unstated);
    assert_eq!(read(Some("  "), Some("")), Content::Unstated);
}
