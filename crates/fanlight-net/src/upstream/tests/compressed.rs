//! Compressed pages, honest and not.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

const GZIP: &str = "content-encoding: gzip\r\n";

fn gzip(parts: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for part in parts {
        encoder.write_all(&part).unwrap();
    }
    encoder.finish().unwrap()
}

async fn page(server: &Server) -> Result<Bytes, UpstreamErrorKind> {
    match patient().page(request(server.url("/"))).await {
        Ok(PageAnswer::Page(page)) => Ok(page.body),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.kind),
    }
}

#[tokio::test]
async fn a_compressed_page_comes_out_plain() {
    let body = gzip([b"hello".to_vec()]);
    assert_eq!(page(&Server::saying(answer("200 OK", GZIP, &body)).await).await.unwrap(), "hello");
    // Two members are one text (RFC 1952, section 2.2).
    let twice = [body.clone(), body].concat();
    let server = Server::saying(answer("200 OK", "content-encoding: X-GZIP\r\n", &twice)).await;
    assert_eq!(page(&server).await.unwrap(), "hellohello");
}

#[tokio::test]
async fn a_bomb_stops_at_the_limit() {
    // 200 MB of blanks in some 900 KB.
    let bomb = gzip(std::iter::repeat_n(vec![b' '; 1024 * 1024], 200));
    assert!(bomb.len() < limits::INDEX_PAGE_BYTES / 10);
    let server = Server::saying(answer("200 OK", GZIP, &bomb)).await;
    let mut request = request(server.url("/"));
    request.limit = limits::INDEX_PAGE_BYTES;
    let error = patient().page(request).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{}/: the upstream's answer has more than the 67108864 bytes allowed once decompressed",
            server.address
        )
    );
}

#[tokio::test]
async fn a_page_of_exactly_the_limit_is_taken() {
    for (length, taken) in [(1000, true), (1001, false)] {
        let server = Server::saying(answer("200 OK", GZIP, &gzip([vec![b'x'; length]]))).await;
        assert_eq!(page(&server).await.is_ok(), taken, "{length}");
        let server = Server::saying(answer("200 OK", "", &vec![b'x'; length])).await;
        assert_eq!(page(&server).await.is_ok(), taken, "{length}");
    }
}

#[tokio::test]
async fn compressed_bytes_that_are_not_whole_are_refused() {
    let body = gzip([b"hello, hello, hello, hello".to_vec()]);
    let refused = UpstreamErrorKind::Decode("it is not whole or not gzip");
    for bad in [&body[..body.len() - 1], &body[..12], &body[..3], b"plain text, no gzip"] {
        let server = Server::saying(answer("200 OK", GZIP, bad)).await;
        assert_eq!(page(&server).await.unwrap_err(), refused, "{} bytes", bad.len());
    }
    let mut wrong = body;
    let checksum = wrong.len() - 8;
    wrong[checksum] ^= 1;
    assert_eq!(page(&Server::saying(answer("200 OK", GZIP, &wrong)).await).await.unwrap_err(), refused);
}

#[tokio::test]
async fn an_encoding_that_was_not_asked_for_is_refused() {
    for other in ["br", "gzip, gzip", "deflate"] {
        let headers = format!("content-encoding: {other}\r\n");
        let server = Server::saying(answer("200 OK", &headers, b"x")).await;
        let refused = UpstreamErrorKind::Decode("it is in an encoding that was not asked for");
        assert_eq!(page(&server).await.unwrap_err(), refused, "{other}");
    }
}
