//! Clients that send too much, too slowly or nothing.

use super::*;

fn quick() -> Limits {
    Limits { head: Duration::from_millis(200), silence: Duration::from_millis(200), ..Limits::default() }
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
    assert!(text.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"), "{text}");
}

#[tokio::test]
async fn a_whole_head_over_the_limit_is_refused_and_one_below_is_not() {
    let running = plain().await;
    let head = |bytes: usize| {
        let start = "GET / HTTP/1.1\r\nconnection: close\r\nx: ";
        format!("{start}{}\r\n\r\n", "a".repeat(bytes - start.len() - 4)).into_bytes()
    };
    let over = exchange(running.address, &head(fanlight_base::limits::REQUEST_HEAD_BYTES + 1)).await;
    assert!(over.starts_with("HTTP/1.1 431 "), "{over}");
    let below = exchange(running.address, &head(fanlight_base::limits::REQUEST_HEAD_BYTES - 1)).await;
    assert!(below.starts_with("HTTP/1.1 200 "), "{below}");
}

#[tokio::test]
async fn too_many_headers_are_refused() {
    let running = plain().await;
    let with = |count: usize| {
        let lines: String = (0..count - 2).map(|n| format!("h{n}: v\r\n")).collect();
        format!("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{lines}\r\n").into_bytes()
    };
    let most = fanlight_base::limits::REQUEST_HEADERS;
    assert!(exchange(running.address, &with(most)).await.starts_with("HTTP/1.1 200 "));
    assert!(exchange(running.address, &with(most + 1)).await.starts_with("HTTP/1.1 431 "));
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    let running = plain().await;
    let text = exchange(running.address, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n").await;
    assert!(text.is_empty() || text.starts_with("HTTP/1.1 400 "), "{text}");
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
    assert!(text.starts_with("HTTP/1.1 408 The request's head did not arrive in time\r\n"), "{text}");
}

#[tokio::test]
async fn an_idle_connection_is_closed_without_words() {
    let running = start(Tls::Off, quick()).await;
    assert_eq!(exchange(running.address, b"").await, "");
    let text = exchange(running.address, &get("/")).await;
    assert_eq!(text.matches("HTTP/1.1").count(), 1, "{text}");
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_cut_off() {
    let running = start(Tls::Off, quick()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(&get("/endless")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(900)).await;
    // The listener has gone: what was buffered comes, then the end, though the body is endless.
    let text = rest(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn a_client_that_takes_slowly_but_steadily_is_served() {
    let running = start(Tls::Off, quick()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(&get("/endless")).await.unwrap();
    let mut buffer = vec![0; 512 * 1024];
    for _ in 0..20 {
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "cut off while taking");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

#[tokio::test]
async fn connections_beyond_the_bound_wait_their_turn() {
    let running = start(Tls::Off, Limits { connections: 2, ..Limits::default() }).await;
    let mut first = TcpStream::connect(running.address).await.unwrap();
    let mut second = TcpStream::connect(running.address).await.unwrap();
    for stream in [&mut first, &mut second] {
        stream.write_all(&get("/")).await.unwrap();
        until(stream, "hello").await;
    }
    let mut third = TcpStream::connect(running.address).await.unwrap();
    third.write_all(&get("/")).await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(200), third.read_u8()).await;
    assert!(early.is_err(), "a third connection was served");
    drop(first);
    until(&mut third, "hello").await;
}
