//! Files: byte for byte, and broken where they break.

use futures_util::TryStreamExt as _;

use super::*;

#[tokio::test]
async fn a_file_comes_as_it_is_kept() {
    // An archive that a server calls gzip-encoded stays an archive: its hash is over these bytes.
    let server = Server::saying(answer("200 OK", "content-encoding: gzip\r\n", b"\x1f\x8bbytes")).await;
    let file = patient().file(&server.url("/a.tar.gz"), &server.url("/")).await.unwrap();
    assert_eq!(file.length(), Some(7));
    assert_eq!(file.final_url(), &server.url("/a.tar.gz"));
    let chunks: Vec<Bytes> = file.into_stream().try_collect().await.unwrap();
    assert_eq!(chunks.concat(), b"\x1f\x8bbytes");
    assert!(server.asked()[0].contains("accept-encoding: identity\r\n"));
}

#[tokio::test]
async fn a_cut_file_ends_in_an_error() {
    let server = Server::saying("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345").await;
    let mut file = patient().file(&server.url("/"), &server.url("/")).await.unwrap();
    let mut got = Vec::new();
    let error = loop {
        match file.chunk().await {
            Ok(Some(chunk)) => got.extend_from_slice(&chunk),
            Ok(None) => panic!("half a file looked whole"),
            Err(error) => break error,
        }
    };
    assert_eq!((got.as_slice(), error.kind), (b"12345".as_slice(), UpstreamErrorKind::Cut));
}

#[tokio::test]
async fn a_file_that_falls_silent_is_given_up() {
    let server = Server::start(|mut stream, _| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345").await.unwrap();
        tokio::time::sleep(Duration::from_secs(30)).await;
    })
    .await;
    let file = quick().file(&server.url("/"), &server.url("/")).await.unwrap();
    let error = file.into_stream().try_collect::<Vec<_>>().await.unwrap_err();
    assert!(matches!(error.kind, UpstreamErrorKind::Timeout { what: Waited::Bytes, .. }), "{error}");
}

#[tokio::test]
async fn a_file_may_take_longer_than_a_page_while_it_goes_on() {
    let server = Server::start(|mut stream, _| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n").await.unwrap();
        for _ in 0..12 {
            stream.write_all(b"x").await.unwrap();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await;
    let file = quick().file(&server.url("/"), &server.url("/")).await.unwrap();
    let chunks: Vec<Bytes> = file.into_stream().try_collect().await.unwrap();
    assert_eq!(chunks.concat(), b"xxxxxxxxxxxx");
}

#[tokio::test]
async fn a_file_that_is_not_there_is_a_status() {
    let server = Server::saying(answer("404 Not Found", "", b"no")).await;
    let error = patient().file(&server.url("/"), &server.url("/")).await.unwrap_err();
    assert_eq!(error.kind, UpstreamErrorKind::Status(StatusCode::NOT_FOUND));
}

#[tokio::test]
async fn a_file_over_the_limit_is_refused_unread() {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", limits::FILE_BYTES + 1);
    let server = Server::saying(head).await;
    let error = patient().file(&server.url("/"), &server.url("/")).await.unwrap_err();
    assert_eq!(error.kind, UpstreamErrorKind::TooLarge { limit: limits::FILE_BYTES, compressed: false });
}

#[tokio::test]
async fn a_file_that_is_known_comes_again_only_where_it_has_changed() {
    let server = Server::start(|mut stream, head| async move {
        let same = head.contains("if-none-match: \"one\"\r\n");
        let bytes = if same {
            answer("304 Not Modified", "", b"")
        } else {
            answer("200 OK", "etag: \"one\"\r\nlast-modified: Sun, 22 Nov 2026 01:02:03 GMT\r\n", b"zip")
        };
        stream.write_all(&bytes).await.unwrap();
    })
    .await;
    let url = server.url("/all.zip");
    let file = patient().changed_file(&url, &Validators::default()).await.unwrap().expect("a file");
    let validators = file.validators();
    assert_eq!(validators.etag.as_deref(), Some("\"one\""));
    assert!(patient().changed_file(&url, &validators).await.unwrap().is_none());
    assert!(server.asked()[1].contains("if-modified-since: Sun, 22 Nov 2026 01:02:03 GMT\r\n"), "{:?}", server.asked());
    let other = Validators { etag: Some("\"other\"".to_owned()), last_modified: None };
    assert!(patient().changed_file(&url, &other).await.unwrap().is_some());
}

#[tokio::test]
async fn a_304_that_nobody_asked_for_is_no_answer() {
    let server = Server::saying(answer("304 Not Modified", "", b"")).await;
    let error = patient().changed_file(&server.url("/"), &Validators::default()).await.unwrap_err();
    assert_eq!(error.kind, UpstreamErrorKind::Status(StatusCode::NOT_MODIFIED));
}
