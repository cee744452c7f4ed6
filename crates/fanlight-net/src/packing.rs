//! Answers packed with gzip, for who takes it: made once beside the plain bytes and kept with them, never while somebody waits.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, header};

/// Fewer bytes than these fit into one packet as they are.
const WORTHWHILE: usize = 1400;

/// Whether gzip is taken.
pub fn takes_gzip(asked: &HeaderMap) -> bool {
    takes(asked, "gzip")
}

/// Whether a coding is named, and not with a weight of nought (RFC 9110, section 12.5.3).
pub fn takes(asked: &HeaderMap, coding: &str) -> bool {
    let values = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|codings| codings.split(',')).any(|named| {
        let (name, weight) = named.split_once(';').unwrap_or((named, "q=1"));
        let weight = weight.trim().trim_start_matches("q=");
        name.trim().eq_ignore_ascii_case(coding) && weight.parse::<f32>().is_ok_and(|weight| weight > 0.0)
    })
}

/// The bytes packed, where that spares more than a tenth of them. Fast before small: megabytes are packed in a moment.
pub fn gzip(plain: &[u8]) -> Option<Vec<u8>> {
    if plain.len() < WORTHWHILE {
        return None;
    }
    let mut packer = GzEncoder::new(Vec::with_capacity(plain.len() / 8), Compression::fast());
    // Writing into memory does not fail; if it did, the plain bytes would do.
    packer.write_all(plain).ok()?;
    let packed = packer.finish().ok()?;
    (packed.len() < plain.len() / 10 * 9).then_some(packed)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;
    use http::HeaderValue;

    use super::*;

    #[test]
    fn gzip_is_taken_by_who_names_it_with_some_weight() {
        let takes = |values: &[&'static str]| {
            let all = values.iter().map(|value| (header::ACCEPT_ENCODING, HeaderValue::from_static(value)));
            takes_gzip(&all.collect())
        };
        for yes in
            [&["gzip"][..], &["gzip, deflate, br"], &["br", "deflate;q=0.5, GZIP ; q=0.1"], &["identity, gzip;q=1.0"]]
        {
            assert!(takes(yes), "{yes:?}");
        }
        for no in [&[][..], &[""], &["br"], &["gzip;q=0"], &["gzip; q=0.0, br"], &["gzip;q=much"], &["x-gzipped"]] {
            assert!(!takes(no), "{no:?}");
        }
    }

    #[test]
    fn what_gets_smaller_is_packed_and_comes_out_as_it_was() {
        let plain = br#"{"name": "demo", "version": "1.0.0"},"#.repeat(200);
        let packed = gzip(&plain).expect("smaller");
        assert!(packed.len() < plain.len() / 10, "{} bytes", packed.len());
        let mut out = Vec::new();
        GzDecoder::new(&packed[..]).read_to_end(&mut out).expect("gzip");
        assert_eq!(out, plain);
        assert_eq!(gzip(&plain[..1000]), None, "small already");
        let noise: Vec<u8> = (0..5000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
        assert!(gzip(&noise).is_none_or(|packed| packed.len() < noise.len() / 10 * 9));
    }
}
