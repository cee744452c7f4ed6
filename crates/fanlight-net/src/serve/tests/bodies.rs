//! Bodies on the wire: requests read within bounds, answers whole or visibly broken.

use super::*;

#[tokio::test]
async fn a_cut_answer_never_looks_whole() {
    let running = plain().await;
    for path in ["/cut", "/dropped"] {
        let text = exchange(running.address, &get(path)).await;
        assert!(text.contains("transfer-encoding: chunked\r\n"), "{text}");
        // The last chunk, which says that all has come (RFC 9112, section 7.1), is missing.
        assert!(text.ends_with("12345\r\n"), "{path}: {text:?}");
    }
    let text = exchange(running.address, &get("/short")).await;
    assert!(text.contains("content-length: 10\r\n") && text.ends_with("\r\n\r\n12345"), "{text:?}");
}

#[tokio::test]
async fn an_answer_to_head_has_no_body() {
    let running = plain().await;
    let text = exchange(running.address, b"HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(text.contains("content-length: 5\r\n") && text.ends_with("\r\n\r\n"), "{text}");
}

fn post(framing: &str, body: &str) -> Vec<u8> {
    format!("POST /body HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{framing}\r\n\r\n{body}").into_bytes()
}

#[tokio::test]
async fn a_requests_body_is_read_whole() {
    let running = plain().await;
    let text = exchange(running.address, &post("content-length: 1000", &"x".repeat(1000))).await;
    assert!(text.ends_with("1000 bytes"), "{text}");
    let text = exchange(running.address, &post("transfer-encoding: chunked", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")).await;
    assert!(text.ends_with("5 bytes"), "{text}");
    let text = exchange(running.address, &post("content-length: 0", "")).await;
    assert!(text.ends_with("0 bytes"), "{text}");
}

#[tokio::test]
async fn a_requests_body_over_its_limit_is_refused() {
    let running = plain().await;
    let told = "the request's body may have at most 1000 bytes, this one has more";
    // Refused on its word alone: not a byte is sent.
    let text = exchange(running.address, &post("content-length: 1001", "")).await;
    assert!(text.contains(told), "{text}");
    let chunk = format!("3e9\r\n{}\r\n0\r\n\r\n", "x".repeat(1001));
    let text = exchange(running.address, &post("transfer-encoding: chunked", &chunk)).await;
    assert!(text.contains(told), "{text}");
}

#[tokio::test]
async fn a_requests_body_that_stays_away_is_told() {
    let running = plain().await;
    let text = exchange(running.address, &post("content-length: 10", "12345")).await;
    assert!(text.contains("the request's body did not arrive within 0.3 seconds"), "{text}");
}
