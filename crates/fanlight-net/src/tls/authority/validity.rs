//! When a certificate ends. Verification does not look at a trusted root's own dates, clients do.

use fanlight_base::Timestamp;

/// The instant after which a certificate is not valid (RFC 5280, section 4.1.2.5); `None` where it cannot be read.
pub(super) fn ends(der: &[u8]) -> Option<Timestamp> {
    const SEQUENCE: u8 = 0x30;
    let (tag, certificate, _) = element(der)?;
    let (SEQUENCE, true) = (tag, !certificate.is_empty()) else { return None };
    let (_, mut rest, _) = element(certificate)?;
    // Version [0] where it is given, serial number, signature's algorithm, issuer: then the two dates.
    if rest.first() == Some(&0xa0) {
        rest = element(rest)?.2;
    }
    for _ in 0..3 {
        rest = element(rest)?.2;
    }
    let (_, dates, _) = element(rest)?;
    let (_, _, second) = element(dates)?;
    let (kind, text, _) = element(second)?;
    let text = std::str::from_utf8(text).ok()?;
    let (year, rest) = match kind {
        // UTCTime has two digits of the year: up to 49 they are of this century.
        0x17 => (format!("20{}", text.get(..2)?), text.get(2..)?),
        0x18 => (text.get(..4)?.to_owned(), text.get(4..)?),
        _ => return None,
    };
    let part = |at: usize| rest.get(at..at + 2);
    let date = format!("{year}-{}-{}", part(0)?, part(2)?);
    format!("{date}T{}:{}:{}Z", part(4)?, part(6)?, part(8)?).parse().ok()
}

/// The first element of DER: its tag, its content, what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        // The long form: so many bytes of length follow. Four are more than any certificate has.
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f)).filter(|(bytes, _)| bytes.len() <= 4)?;
        (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}
