//! A page's bytes put together and decompressed within a limit: a bomb stops at the limit, not at the end of memory.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use http::HeaderValue;

use super::error::UpstreamErrorKind;

/// The most that is reserved on the word of an upstream alone.
const FIRST_RESERVE: usize = 1024 * 1024;

/// Takes a page's bytes as they come.
pub(super) enum Decoder {
    Plain(Bounded),
    Gzip(Box<MultiGzDecoder<Bounded>>),
}

/// Bytes up to a limit.
pub(super) struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    over: bool,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.limit - self.bytes.len() {
            self.over = true;
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Decoder {
    /// For a body in this encoding, of `expected` bytes on the wire where that is known, and at most `limit` in the end.
    pub(super) fn new(
        encoding: Option<&HeaderValue>,
        expected: Option<u64>,
        limit: usize,
    ) -> Result<Self, UpstreamErrorKind> {
        // gzip of these sizes never needs more than the plain bytes and a little, so this is refused unread either way.
        if expected.is_some_and(|expected| expected > limit as u64) {
            return Err(UpstreamErrorKind::TooLarge { limit: limit as u64, compressed: false });
        }
        let reserve = expected.and_then(|n| usize::try_from(n).ok()).unwrap_or_default().min(FIRST_RESERVE);
        let bounded = Bounded { bytes: Vec::with_capacity(reserve), limit, over: false };
        let encoding = encoding.map_or(b"identity".as_slice(), HeaderValue::as_bytes).trim_ascii();
        if encoding.eq_ignore_ascii_case(b"identity") || encoding.is_empty() {
            Ok(Self::Plain(bounded))
        } else if encoding.eq_ignore_ascii_case(b"gzip") || encoding.eq_ignore_ascii_case(b"x-gzip") {
            Ok(Self::Gzip(Box::new(MultiGzDecoder::new(bounded))))
        } else {
            Err(UpstreamErrorKind::Decode("it is in an encoding that was not asked for"))
        }
    }

    /// Takes the next bytes from the wire.
    pub(super) fn take(&mut self, chunk: &[u8]) -> Result<(), UpstreamErrorKind> {
        let taken = match self {
            Self::Plain(bounded) => bounded.write_all(chunk),
            Self::Gzip(decoder) => decoder.write_all(chunk),
        };
        taken.map_err(|_| self.refusal())
    }

    /// The whole page.
    pub(super) fn finish(mut self) -> Result<Bytes, UpstreamErrorKind> {
        if let Self::Gzip(decoder) = &mut self
            && decoder.try_finish().is_err()
        {
            return Err(self.refusal());
        }
        Ok(match self {
            Self::Plain(bounded) => bounded.bytes,
            Self::Gzip(mut decoder) => std::mem::take(&mut decoder.get_mut().bytes),
        }
        .into())
    }

    fn refusal(&self) -> UpstreamErrorKind {
        let (bounded, compressed) = match self {
            Self::Plain(bounded) => (bounded, false),
            Self::Gzip(decoder) => (decoder.get_ref(), true),
        };
        if bounded.over {
            UpstreamErrorKind::TooLarge { limit: bounded.limit as u64, compressed }
        } else {
            UpstreamErrorKind::Decode("it is not whole or not gzip")
        }
    }
}
