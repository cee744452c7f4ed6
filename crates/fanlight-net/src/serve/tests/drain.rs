//! How a listener stops.

use super::*;

#[tokio::test]
async fn requests_in_flight_end_and_idle_connections_close() {
    let running = plain().await;
    let mut idle = TcpStream::connect(running.address).await.unwrap();
    idle.write_all(&get("/")).await.unwrap();
    until(&mut idle, "hello").await;
    let mut busy = TcpStream::connect(running.address).await.unwrap();
    busy.write_all(&get("/slow")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.stop.send(()).unwrap();
    assert_eq!(rest(&mut idle).await, "");
    let text = rest(&mut busy).await;
    assert!(text.contains("connection: close\r\n") && text.ends_with("late"), "{text}");
    assert_eq!(running.ended.await.unwrap(), Drained { cut: 0 });
    assert!(TcpStream::connect(running.address).await.is_err(), "still listening");
}

#[tokio::test]
async fn what_does_not_end_in_time_is_cut() {
    let running = start(Tls::Off, Limits { drain: Duration::from_millis(200), ..Limits::default() }).await;
    let mut stuck = TcpStream::connect(running.address).await.unwrap();
    stuck.write_all(&get("/forever")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.stop.send(()).unwrap();
    assert_eq!(running.ended.await.unwrap(), Drained { cut: 1 });
    assert_eq!(rest(&mut stuck).await, "");
}

#[tokio::test]
async fn a_listener_that_is_dropped_takes_its_connections_along() {
    let running = plain().await;
    let mut stuck = TcpStream::connect(running.address).await.unwrap();
    stuck.write_all(&get("/forever")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.ended.abort();
    assert_eq!(rest(&mut stuck).await, "");
}
