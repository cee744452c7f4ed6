//! Clients of which no request can be read hear the handler's words, with a request's id, and never hyper's.

use fanlight_base::limits;

use super::hostile::quick;
use super::*;

/// One whole refusal and nothing else; gives its id.
pub(super) fn refusal(text: &str, status: u16, words: &str) -> String {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {text:?}"));
    assert!(head.starts_with(&format!("HTTP/1.1 {status} {words}")), "{text}");
    assert!(head.contains(&format!("\r\ncontent-length: {}\r\n", body.len())), "{text}");
    assert!(head.contains("\r\nconnection: close") && head.contains("\r\ndate: "), "{text}");
    assert!(head.contains("\r\ncontent-type: application/problem+json"), "{text}");
    let id = head.lines().find_map(|line| line.strip_prefix("x-request-id: ")).expect("an id");
    assert!(body.ends_with(&format!("\"request\":\"{id}\"}}")), "{text}");
    id.to_owned()
}

#[tokio::test]
async fn an_endless_header_is_answered_and_closed() {
    let running = plain().await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nx-endless: ").await.unwrap();
    let mut sent = 0;
    // Goes on until the listener has had enough; 64 MB would be proof that it never does.
    while sent < 64 * 1024 * 1024 && stream.write_all(&[b'a'; 64 * 1024]).await.is_ok() {
        sent += 64 * 1024;
    }
    assert!(sent < 32 * 1024 * 1024, "{sent} bytes of one header were taken");
    let text = exchange(running.address, &[b"GET / HTTP/1.1\r\nx: ".as_slice(), &[b'a'; 20_000]].concat()).await;
    refusal(&text, 431, "TooLarge");
}

#[tokio::test]
async fn a_whole_head_over_the_limit_is_refused_and_one_below_is_not() {
    let running = plain().await;
    let head = |bytes: usize| {
        let start = "GET / HTTP/1.1\r\nconnection: close\r\nx: ";
        format!("{start}{}\r\n\r\n", "a".repeat(bytes - start.len() - 4)).into_bytes()
    };
    refusal(&exchange(running.address, &head(limits::REQUEST_HEAD_BYTES + 1)).await, 431, "TooLarge");
    let below = exchange(running.address, &head(limits::REQUEST_HEAD_BYTES - 1)).await;
    assert!(below.starts_with("HTTP/1.1 200 "), "{below}");
}

#[tokio::test]
async fn too_many_headers_are_refused() {
    let running = plain().await;
    let with = |count: usize| {
        let lines: String = (0..count - 2).map(|n| format!("h{n}: v\r\n")).collect();
        format!("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{lines}\r\n").into_bytes()
    };
    assert!(exchange(running.address, &with(limits::REQUEST_HEADERS)).await.starts_with("HTTP/1.1 200 "));
    refusal(&exchange(running.address, &with(limits::REQUEST_HEADERS + 1)).await, 431, "TooLarge");
}

#[tokio::test]
async fn what_is_no_http_is_told_which_part_of_it_is_not() {
    let running = plain().await;
    for (bytes, part) in [
        (&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"[..], "method"),
        (b"GET / HTTP/9.1\r\n\r\n", "version"),
        (b"GET /a b HTTP/1.1\r\n\r\n", "version"),
        (b"GET /\xff\x00 HTTP/1.1\r\n\r\n", "URI"),
        (b"GET / HTTP/1.1\r\nno colon here\r\n\r\n", "header"),
        (b"GET / HTTP/1.1\r\na\0b: c\r\n\r\n", "header"),
        (b"POST /body HTTP/1.1\r\ncontent-length: many\r\n\r\n", "content-length"),
        (b"POST /body HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", "content-length"),
        (b"POST /body HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n", "transfer-encoding"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP2 preface"),
    ] {
        let text = exchange(running.address, bytes).await;
        let shown = String::from_utf8_lossy(bytes).into_owned();
        refusal(&text, 400, "Malformed(");
        assert!(text.lines().next().unwrap_or_default().contains(part), "{shown:?} is answered {text}");
    }
}

#[tokio::test]
async fn what_follows_good_requests_is_refused_after_their_answers() {
    for tls in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let mode = if tls { tls::auto(folder.path()) } else { Tls::Off };
        let running = start(mode, Limits::default()).await;
        let post = b"POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n12345";
        // The second leaves its request's body unread.
        let unread = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n12345";
        let bytes = [&get("/")[..], post, unread, b"\x01nonsense\r\n\r\n"].concat();
        let text = if tls {
            tls::exchange(&running, folder.path(), &bytes).await
        } else {
            exchange(running.address, &bytes).await
        };
        let last = text.rfind("HTTP/1.1").unwrap();
        assert_eq!(text[..last].matches("HTTP/1.1 200 OK").count(), 3, "{text}");
        assert!(text[..last].ends_with("hello") && text.contains("5 bytes"), "{text}");
        let id = refusal(&text[last..], 400, "Malformed(");
        assert!(!text[..last].contains(&id), "an id of its own: {text}");
    }
}

#[tokio::test]
async fn a_head_that_dribbles_is_told_and_closed() {
    let running = start(Tls::Off, quick()).await;
    let stream = TcpStream::connect(running.address).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    let dribble = tokio::spawn(async move {
        let _ = write.write_all(b"GET / HTTP/1.1\r\nx: ").await;
        while write.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut text = String::new();
    let reading = read.read_to_string(&mut text);
    // A reset after the words is as good as a close.
    let _ = tokio::time::timeout(AGES, reading).await.expect("the listener waits for ever");
    dribble.abort();
    refusal(&text, 408, "TooSlow(200ms)");
}

#[tokio::test]
async fn a_client_that_leaves_in_the_midst_of_a_head_is_told_nothing() {
    let running = plain().await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(b"GET / HT").await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(rest(&mut stream).await, "");
}
