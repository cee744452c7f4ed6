//! The `Range` header (RFC 9110, section 14): one range of bytes. Several ranges, other units and malformed values are
//! ignored, as section 14.2 allows; a range outside the file is told so.

/// Which bytes of a file to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// All of it, status 200.
    Whole,
    /// From `start` up to and without `end`, status 206.
    Part {
        /// The first byte's offset.
        start: u64,
        /// The offset behind the last byte.
        end: u64,
    },
    /// Nothing of the range is in the file, status 416.
    Outside,
}

/// Reads a `Range` header's value for a file of `length` bytes.
pub fn span(value: Option<&str>, length: u64) -> Span {
    let Some((first, last)) = value
        .and_then(|value| value.trim().strip_prefix("bytes="))
        .filter(|set| !set.contains(','))
        .and_then(|set| set.trim().split_once('-'))
    else {
        return Span::Whole;
    };
    let (start, end) = match (number(first), number(last)) {
        // The last `count` bytes.
        (Digits::None, Digits::Some(count)) => {
            if count == 0 {
                return Span::Outside;
            }
            (length.saturating_sub(count), length)
        }
        (Digits::Some(start), Digits::None) => (start, length),
        (Digits::Some(start), Digits::Some(last)) if last >= start => (start, length.min(last.saturating_add(1))),
        _ => return Span::Whole,
    };
    if start >= length { Span::Outside } else { Span::Part { start, end } }
}

enum Digits {
    None,
    Some(u64),
    Bad,
}

fn number(text: &str) -> Digits {
    match text.trim() {
        "" => Digits::None,
        text if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().map_or(Digits::Bad, Digits::Some),
        _ => Digits::Bad,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_range_is_understood_and_the_rest_ignored() {
        let part = |start, end| Span::Part { start, end };
        assert_eq!(span(None, 10), Span::Whole);
        assert_eq!(span(Some("bytes=0-3"), 10), part(0, 4));
        assert_eq!(span(Some("bytes=4-"), 10), part(4, 10));
        assert_eq!(span(Some("bytes=-3"), 10), part(7, 10));
        assert_eq!(span(Some("bytes=-30"), 10), part(0, 10));
        assert_eq!(span(Some("bytes=8-99"), 10), part(8, 10));
        assert_eq!(span(Some("bytes=10-"), 10), Span::Outside);
        assert_eq!(span(Some("bytes=-0"), 10), Span::Outside);
        for ignored in
            ["bytes=0-1,3-4", "lines=0-1", "bytes=5-2", "bytes=a-b", "bytes=+1-2", "bytes=99999999999999999999-"]
        {
            assert_eq!(span(Some(ignored), 10), Span::Whole, "{ignored}");
        }
    }

    proptest! {
        #[test]
        fn a_part_is_never_empty_nor_outside(value in "bytes=[0-9]{0,4}-[0-9]{0,4}", length in 0u64..3000) {
            if let Span::Part { start, end } = span(Some(&value), length) {
                prop_assert!(start < end && end <= length);
            }
        }
    }
}
