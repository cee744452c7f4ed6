//! The last words to a client of which no request could be read.

use std::time::Duration;

use fanlight_base::limits;
use http::{HeaderValue, Response, header};
use http_body_util::BodyExt as _;
use hyper::ext::ReasonPhrase;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::body::Body;

/// How long and how much of a refused client's bytes are read away, so that it gets to read why (RFC 9112, section 9.6).
const LINGER: (Duration, usize) = (Duration::from_secs(1), 1024 * 1024);

/// Why there is no request to hand over, though a client began one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// The head has more than [`limits::REQUEST_HEAD_BYTES`] bytes or [`limits::REQUEST_HEADERS`] headers.
    TooLarge,
    /// The head did not come within this time.
    TooSlow(Duration),
    /// What came is not HTTP/1.1. The words say which part of it, and hold nothing of what came.
    Malformed(String),
    /// Plain HTTP came where TLS is spoken.
    Plain,
}

impl Unread {
    /// What hyper's error says about a head; `began` is whether any of it has come. None where nobody waits for words.
    pub(super) fn of(error: &hyper::Error, began: bool, time: Duration) -> Option<Self> {
        if error.is_parse_too_large() {
            return Some(Self::TooLarge);
        }
        if error.is_parse() {
            // hyper's own words for the place of the fault; they never quote.
            return Some(Self::Malformed(error.to_string()));
        }
        (error.is_timeout() && began).then_some(Self::TooSlow(time))
    }
}

/// Says `answer` as HTTP/1.1, then closes. What the client still sends is read for a moment: closing on unread bytes makes
/// the system reset the connection, and a reset takes the words with it.
pub(super) async fn say_and_close<T: AsyncRead + AsyncWrite + Unpin>(mut io: T, answer: Option<Response<Body>>) {
    let linger = async {
        if let Some(answer) = answer {
            io.write_all(&wire(answer).await).await?;
        }
        io.shutdown().await?;
        let mut away = vec![0; 16 * 1024];
        let mut left = LINGER.1;
        while left > 0 {
            match io.read(&mut away).await? {
                0 => break,
                read => left = left.saturating_sub(read),
            }
        }
        Ok::<_, std::io::Error>(())
    };
    // The client is being refused: whether it hears the words is its own loss.
    let _ = tokio::time::timeout(LINGER.0, linger).await;
}

/// An answer's bytes (RFC 9112, section 4). hyper cannot be asked for them: it has given the connection up.
async fn wire(answer: Response<Body>) -> Vec<u8> {
    let (mut head, body) = answer.into_parts();
    // A body that fails is cut short, and its length says so.
    let length = http_body::Body::size_hint(&body).exact();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length.unwrap_or(body.len() as u64)));
    head.headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&jiff::Timestamp::now());
    if let Some(date) = date.ok().and_then(|date| HeaderValue::try_from(date).ok()) {
        head.headers.insert(header::DATE, date);
    }
    let standard = head.status.canonical_reason().unwrap_or_default().as_bytes();
    let phrase = head.extensions.get::<ReasonPhrase>().map_or(standard, ReasonPhrase::as_bytes);
    let mut bytes = Vec::with_capacity(limits::REASON_PHRASE_BYTES + 1024 + body.len());
    bytes.extend_from_slice(b"HTTP/1.1 ");
    for part in [head.status.as_str().as_bytes(), b" ", phrase, b"\r\n"] {
        bytes.extend_from_slice(part);
    }
    for (name, value) in &head.headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            bytes.extend_from_slice(part);
        }
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&body);
    bytes
}
