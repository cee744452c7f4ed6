//! HTTP/2 clients that take nothing of their answers, by a client library that lets them.

use std::path::Path;

use h2::client::{Builder, Connection, SendRequest};
use tokio_rustls::client::TlsStream;

use super::*;

const SILENCE: Duration = Duration::from_millis(300);
const HEAD: Duration = Duration::from_millis(200);

/// A listener whose patience is short.
async fn impatient(folder: &Path) -> Running {
    start(tls::auto(folder), Limits { head: HEAD, silence: SILENCE, ..Limits::default() }).await
}

/// A connection whose streams may be sent `window` bytes until they grant more. Its pings are answered while it is driven.
async fn connect(
    running: &Running,
    folder: &Path,
    window: u32,
) -> (SendRequest<Bytes>, Connection<TlsStream<TcpStream>, Bytes>) {
    let stream = tls::connect(running.address, folder, b"h2").await;
    Builder::new().initial_window_size(window).handshake(stream).await.unwrap()
}

fn ask(sender: &mut SendRequest<Bytes>, path: &str) -> h2::client::ResponseFuture {
    let request = Request::get(format!("https://localhost{path}")).body(()).unwrap();
    sender.send_request(request, true).unwrap().0
}

#[tokio::test]
async fn a_client_that_stays_and_takes_nothing_is_reset_and_then_closed() {
    let folder = tempfile::tempdir().unwrap();
    let running = impatient(folder.path()).await;
    for (window, path) in [(0, "/"), (0, "/large"), (1, "/large"), (1000, "/endless")] {
        let (mut sender, mut connection) = connect(&running, folder.path(), window).await;
        let mut pings = connection.ping_pong().unwrap();
        let driven = tokio::spawn(connection);
        let began = tokio::time::Instant::now();
        let mut body = ask(&mut sender, path).await.unwrap().into_body();
        // Takes what its window lets through, and grants no more.
        let reset = async {
            loop {
                match body.data().await {
                    Some(Ok(_)) => {}
                    other => return other,
                }
            }
        };
        let reset = tokio::time::timeout(AGES, reset).await.expect("the stream stays for ever");
        assert!(reset.is_some_and(|end| end.is_err()), "{path}: an answer that was not taken ended well");
        assert!(began.elapsed() >= SILENCE, "cut early");
        // It is there all the time, as its pings show, until the connection is closed too.
        let _ = pings.ping(h2::Ping::opaque()).await;
        let ended = tokio::time::timeout(AGES, driven).await.expect("the connection stays for ever");
        assert!(ended.unwrap().is_ok(), "closed with a goodbye");
        drop(sender);
    }
}

#[tokio::test]
async fn the_last_piece_is_not_waited_for_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let running = impatient(folder.path()).await;
    let (mut sender, connection) = connect(&running, folder.path(), 3).await;
    let driven = tokio::spawn(connection);
    // Three of five bytes are taken; the rest is out of the door's hands.
    let body = ask(&mut sender, "/").await.unwrap().into_body();
    tokio::time::timeout(AGES, driven).await.expect("the connection stays for ever").unwrap().ok();
    drop((body, sender));
}

#[tokio::test]
async fn a_client_that_takes_slowly_but_steadily_gets_all() {
    let folder = tempfile::tempdir().unwrap();
    let patience = Duration::from_secs(1);
    let bounds = Limits { silence: patience, ..Limits::default() };
    let running = start(tls::auto(folder.path()), bounds).await;
    let (mut sender, connection) = connect(&running, folder.path(), 65_535).await;
    tokio::spawn(connection);
    let began = tokio::time::Instant::now();
    let mut body = ask(&mut sender, "/large").await.unwrap().into_body();
    let (mut got, mut rested) = (0, 0);
    while let Some(chunk) = body.data().await {
        got += chunk.expect("cut off while taking").len();
        // Rests by bytes and not by frames: how many frames there are is the sender's choice.
        if got - rested >= 32 * 1024 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            body.flow_control().release_capacity(got - rested).unwrap();
            rested = got;
        }
    }
    assert_eq!(got, LARGE);
    assert!(began.elapsed() > patience, "this client was not slow");
}

#[tokio::test]
async fn a_slow_door_is_not_the_client_s_fault() {
    let folder = tempfile::tempdir().unwrap();
    let running = impatient(folder.path()).await;
    let (mut sender, connection) = connect(&running, folder.path(), 65_535).await;
    tokio::spawn(connection);
    // Longer than either patience: before the answer's head, and in the midst of its body.
    let mut body = ask(&mut sender, "/dawdling").await.unwrap().into_body();
    let mut got = Vec::new();
    while let Some(chunk) = body.data().await {
        got.extend_from_slice(&chunk.expect("the client was blamed for the door's slowness"));
    }
    assert_eq!(got, b"at last");
}

#[tokio::test]
async fn an_idle_connection_that_answers_pings_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let running = impatient(folder.path()).await;
    let (sender, connection) = connect(&running, folder.path(), 65_535).await;
    let ended = tokio::time::timeout(AGES, connection).await.expect("an idle connection stays for ever");
    assert!(ended.is_ok(), "{ended:?}");
    drop(sender);
}
