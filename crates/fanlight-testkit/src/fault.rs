//! What can go wrong at an upstream, on demand and by path.

use std::time::Duration;

use bytes::Bytes;

/// One way to fail. Stands until it is taken away.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Waits that long before the answer.
    Delay(Duration),
    /// States the whole length, sends that many bytes, closes the connection.
    CutAfter(usize),
    /// Sends that many bytes, then nothing more, and keeps the connection open.
    StallAfter(usize),
    /// Sends the answer in pieces of that many bytes with a pause after each.
    Slow(usize, Duration),
    /// Answers with that status and a short text.
    Status(u16),
    /// Refuses with that status and these words, as reason phrase and as `application/problem+json` (RFC 9457).
    Refused(u16, &'static str),
    /// Redirects to a path that redirects back.
    Circle,
    /// Redirects there.
    Redirect(String),
    /// The right bytes under another content type.
    ContentType(&'static str),
    /// Other bytes under the right headers: invalid JSON, a file that does not match its hash.
    Bytes(Bytes),
    /// A JSON page that goes on for that many megabytes, without a stated length.
    Giant(usize),
    /// A JSON page under gzip, small on the wire, that many megabytes unpacked.
    Bomb(usize),
}
