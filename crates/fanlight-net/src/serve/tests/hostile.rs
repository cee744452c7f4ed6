//! Clients that send too much, too slowly or nothing.

use super::*;

pub(super) fn quick() -> Limits {
    Limits { head: Duration::from_millis(200), silence: Duration::from_millis(200), ..Limits::default() }
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
