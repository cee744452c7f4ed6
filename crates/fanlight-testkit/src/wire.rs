//! HTTP/1.1 as bytes on a socket: what a client library hides (the reason phrase, a short body) and what none would
//! send (a path with `..`, a head without end).

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use base64::Engine as _;

/// A request about to be sent.
#[derive(Debug, Clone)]
pub struct Request {
    method: String,
    address: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    limit: Duration,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The reason phrase.
    pub reason: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, as far as it came.
    pub body: Vec<u8>,
    /// Whether the body came whole.
    pub complete: bool,
}

/// Gets an address of the form `http://HOST:PORT/PATH`.
///
/// # Panics
/// When no answer comes.
#[track_caller]
pub fn get(url: &str) -> Answer {
    Request::get(url).send()
}

impl Request {
    /// A `GET`.
    pub fn get(url: &str) -> Self {
        Self::new("GET", url)
    }

    /// Any method. The path is sent as written.
    pub fn new(method: &str, url: &str) -> Self {
        let rest = url.strip_prefix("http://").unwrap_or(url);
        let slash = rest.find('/').unwrap_or(rest.len());
        let target = if slash == rest.len() { "/" } else { &rest[slash..] };
        Self {
            method: method.to_owned(),
            address: rest[..slash].to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            limit: Duration::from_secs(40),
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Names a user by Basic (RFC 7617).
    #[must_use]
    pub fn basic(self, user: &str, password: &str) -> Self {
        let pair = base64::prelude::BASE64_STANDARD.encode(format!("{user}:{password}"));
        self.header("Authorization", &format!("Basic {pair}"))
    }

    /// Adds a body.
    #[must_use]
    pub fn body(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = bytes.into();
        self
    }

    /// How long a silence of the server may last; 40 seconds unless told otherwise.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Sends it.
    ///
    /// # Panics
    /// When no answer comes.
    #[track_caller]
    pub fn send(&self) -> Answer {
        self.try_send().unwrap_or_else(|error| panic!("{} {}: no answer: {error}", self.method, self.target))
    }

    /// Sends it; an error when no whole head of an answer comes.
    pub fn try_send(&self) -> io::Result<Answer> {
        let mut head =
            format!("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.method, self.target, self.address);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !self.body.is_empty() {
            head += &format!("Content-Length: {}\r\n", self.body.len());
        }
        let mut bytes = (head + "\r\n").into_bytes();
        bytes.extend_from_slice(&self.body);
        raw(&self.address, &bytes, self.limit, self.method == "HEAD")
    }
}

/// Sends bytes as they are to `HOST:PORT` and reads one answer.
pub fn raw(address: &str, bytes: &[u8], limit: Duration, bodiless: bool) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(limit))?;
    stream.set_write_timeout(Some(limit))?;
    // A server that refuses early may close its side while we still write; its answer is what counts.
    let sent = stream.write_all(bytes);
    read_answer(&mut stream, bodiless).map_err(|error| sent.err().unwrap_or(error))
}

/// Reads one answer from a stream.
pub fn read_answer(stream: &mut impl Read, bodiless: bool) -> io::Result<Answer> {
    let mut data = Vec::new();
    let end = loop {
        if let Some(at) = data.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if more(stream, &mut data)? == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the connection ended before an answer's head"));
        }
    };
    let head = String::from_utf8_lossy(&data[..end]).into_owned();
    let mut rest = data.split_off(end + 4);
    let mut lines = head.split("\r\n");
    let mut status_line = lines.next().unwrap_or("").splitn(3, ' ').skip(1);
    let status = status_line.next().and_then(|code| code.parse().ok()).unwrap_or(0);
    let reason = status_line.next().unwrap_or("").to_owned();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let mut answer = Answer { status, reason, headers, body: Vec::new(), complete: true };
    if bodiless || status == 304 || status == 204 {
        return Ok(answer);
    }
    // A break in the middle of a body is something tests look for, so it is a field and no error.
    let wanted: Option<usize> = answer.header("content-length").and_then(|length| length.parse().ok());
    let ended = loop {
        if wanted.is_some_and(|wanted| rest.len() >= wanted) {
            break true;
        }
        match more(stream, &mut rest) {
            Ok(0) => break true,
            Ok(_) => {}
            Err(_) => break false,
        }
    };
    if answer.header("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
        (answer.body, answer.complete) = dechunked(&rest);
    } else {
        answer.complete = wanted.map_or(ended, |wanted| rest.len() == wanted);
        answer.body = rest;
    }
    Ok(answer)
}

fn more(stream: &mut impl Read, into: &mut Vec<u8>) -> io::Result<usize> {
    let mut piece = [0; 65536];
    let read = stream.read(&mut piece)?;
    into.extend_from_slice(&piece[..read]);
    Ok(read)
}

fn dechunked(mut data: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    loop {
        let Some(line) = data.windows(2).position(|two| two == b"\r\n") else { return (out, false) };
        let size = std::str::from_utf8(&data[..line]).ok().and_then(|size| usize::from_str_radix(size.trim(), 16).ok());
        let Some(size) = size else { return (out, false) };
        data = &data[line + 2..];
        if size == 0 {
            return (out, true);
        }
        out.extend_from_slice(&data[..size.min(data.len())]);
        let Some(rest) = data.get(size + 2..) else { return (out, false) };
        data = rest;
    }
}

impl Answer {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The request's id, which names its record.
    pub fn request_id(&self) -> Option<&str> {
        self.header("x-request-id")
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text()))
    }

    /// It has that status.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "another status was expected: {} {:?}", self.reason, self.text());
        self
    }

    /// Its reason phrase or body says that, letter case aside.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        let all = format!("{} {}", self.reason, self.text());
        assert!(all.to_lowercase().contains(&words.to_lowercase()), "{} does not say {words:?}: {all}", self.status);
        self
    }
}
