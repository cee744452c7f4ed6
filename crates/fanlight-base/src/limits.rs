//! Every limit on what comes from outside, by name. An error that meets one says the name's meaning and the number.

use std::time::Duration;

/// Bytes of one record in the ledger. An entry of a tlog-tiles bundle has a 16-bit length (C2SP tlog-tiles), so at most 65,535.
pub const RECORD_BYTES: usize = 32 * 1024;
/// Bytes of one text fact. Longer text is cut and marked with an ellipsis.
pub const FACT_TEXT_BYTES: usize = 1024;
/// Bytes of an HTTP/1.1 reason phrase: one line of visible ASCII, as clients show it.
pub const REASON_PHRASE_BYTES: usize = 200;
/// Bytes of a request's head (request line and headers).
pub const REQUEST_HEAD_BYTES: usize = 16 * 1024;
/// Headers in a request.
pub const REQUEST_HEADERS: usize = 100;
/// How long a client may take to send a request's head.
pub const REQUEST_HEAD_TIME: Duration = Duration::from_secs(10);
/// Bytes of a request's body on the admin API.
pub const REQUEST_BODY_BYTES: usize = 1024 * 1024;
/// How long a stopping node waits for requests in flight.
pub const DRAIN_TIME: Duration = Duration::from_secs(20);
/// How long the upstream may take to accept a connection.
pub const UPSTREAM_CONNECT_TIME: Duration = Duration::from_secs(10);
/// How long the upstream may stay silent while we read from it.
pub const UPSTREAM_SILENCE_TIME: Duration = Duration::from_secs(30);
/// How long an index page may take from the first byte asked to the last received.
pub const UPSTREAM_PAGE_TIME: Duration = Duration::from_secs(60);
/// Redirects followed for one request to an upstream.
pub const UPSTREAM_REDIRECTS: usize = 5;
/// Bytes of an index page, after decompression.
pub const INDEX_PAGE_BYTES: usize = 64 * 1024 * 1024;
/// Files listed on one index page.
pub const INDEX_PAGE_FILES: usize = 100_000;
/// Bytes of one file of a release.
pub const FILE_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// Bytes of one `.metadata` file (PEP 658).
pub const METADATA_BYTES: u64 = 8 * 1024 * 1024;
/// Bytes of a project's, version's or file's name.
pub const NAME_BYTES: usize = 255;
/// Bytes of a purl.
pub const PURL_BYTES: usize = 1024;
/// Bytes of one policy file.
pub const POLICY_FILE_BYTES: u64 = 1024 * 1024;
/// Policy files in one folder.
pub const POLICY_FILES: usize = 1000;
