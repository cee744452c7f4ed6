//! Upstreams that are slow, cut, too large or not HTTP at all.

use super::*;

fn late(what: Waited, limit_ms: u64) -> UpstreamErrorKind {
    UpstreamErrorKind::Timeout { what, limit: Duration::from_millis(limit_ms) }
}

#[tokio::test]
async fn nobody_there_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = Url::parse(&format!("http://{address}/simple/?token=hush")).unwrap();
    let error = quick().page(request(url)).await.unwrap_err();
    assert_eq!(error.to_string(), format!("{address}/simple/: the upstream cannot be reached"));
    assert!(!format!("{error:?}").contains("hush"), "{error:?}");
}

#[tokio::test]
async fn silence_before_the_answer_has_a_deadline() {
    let server = Server::start(|stream, _| async move {
        tokio::time::sleep(Duration::from_secs(30)).await;
        drop(stream);
    })
    .await;
    let mut options = quick().0.options.clone();
    (options.connect, options.page) = (Duration::from_millis(100), Duration::from_secs(30));
    let upstream = Upstream::new(options).unwrap();
    let error = upstream.page(request(server.url("/"))).await.unwrap_err();
    assert_eq!(error.kind, late(Waited::Answer, 400));
    let told = format!("{}/: the upstream took too long: no answer within 0.4 seconds", server.address);
    assert_eq!(error.to_string(), told);
}

#[tokio::test]
async fn silence_within_the_answer_has_a_deadline() {
    let server = Server::start(|mut stream, _| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345").await.unwrap();
        tokio::time::sleep(Duration::from_secs(30)).await;
    })
    .await;
    assert_eq!(fault(&quick(), server.url("/")).await, late(Waited::Bytes, 300));
}

#[tokio::test]
async fn a_page_that_dribbles_has_a_deadline_as_a_whole() {
    let server = Server::start(|mut stream, _| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await.unwrap();
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    assert_eq!(fault(&quick(), server.url("/")).await, late(Waited::Page, 900));
}

#[tokio::test]
async fn a_cut_answer_is_never_taken_for_whole() {
    for cut in [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n12345\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n123",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "",
    ] {
        let server = Server::saying(cut).await;
        assert_eq!(fault(&quick(), server.url("/")).await, UpstreamErrorKind::Cut, "{cut:?}");
    }
}

#[tokio::test]
async fn what_is_no_http_is_told() {
    for nonsense in ["SSH-2.0-OpenSSH_9.9\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "\0\0\0\0\r\n\r\n"] {
        let server = Server::saying(nonsense).await;
        assert_eq!(fault(&quick(), server.url("/")).await, UpstreamErrorKind::Malformed, "{nonsense:?}");
    }
}

#[tokio::test]
async fn an_endless_head_is_not_read_for_ever() {
    let server = Server::start(|mut stream, _| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nx: ").await;
        while stream.write_all(&[b'a'; 16 * 1024]).await.is_ok() {}
    })
    .await;
    assert_eq!(fault(&patient(), server.url("/")).await, UpstreamErrorKind::Malformed);
}

#[tokio::test]
async fn a_page_of_200_mb_is_refused_unread() {
    let server = Server::start(|mut stream, _| async move {
        let length = 200 * 1024 * 1024;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
        let _ = stream.write_all(head.as_bytes()).await;
        let mut sent = 0;
        while sent < length && stream.write_all(&[b' '; 64 * 1024]).await.is_ok() {
            sent += 64 * 1024;
        }
        assert!(sent < length, "all of it was read");
    })
    .await;
    let mut request = request(server.url("/"));
    request.limit = limits::INDEX_PAGE_BYTES;
    let error = patient().page(request).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{}/: the upstream's answer has more than the 67108864 bytes allowed", server.address)
    );
}

#[tokio::test]
async fn a_page_without_end_stops_at_the_limit() {
    let server = Server::start(|mut stream, _| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
        let chunk = [b"1000\r\n".as_slice(), &[b' '; 0x1000], b"\r\n"].concat();
        while stream.write_all(&chunk).await.is_ok() {}
    })
    .await;
    let mut request = request(server.url("/"));
    request.limit = 1_000_000;
    let kind = patient().page(request).await.unwrap_err().kind;
    assert_eq!(kind, UpstreamErrorKind::TooLarge { limit: 1_000_000, compressed: false });
}

#[tokio::test]
async fn other_schemes_are_refused() {
    for bad in ["file:///etc/passwd", "ftp://a.example/", "data:text/html,x"] {
        let error = quick().page(request(Url::parse(bad).unwrap())).await.unwrap_err();
        assert_eq!(error.kind, UpstreamErrorKind::BadUrl { why: "it is neither http nor https" });
        assert_eq!(error.fault(), fanlight_base::Fault::Caller);
    }
}
