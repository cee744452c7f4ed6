//! A body is whole or broken, never silently short.

use std::convert::Infallible;

use http_body::Body as _;
use http_body_util::BodyExt as _;

use super::*;

async fn collected(body: Body) -> Result<Bytes, String> {
    body.collect().await.map(http_body_util::Collected::to_bytes).map_err(|error| error.to_string())
}

fn chunks(parts: &'static [&'static str]) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    futures_util::stream::iter(parts.iter().map(|part| Ok(Bytes::from_static(part.as_bytes()))))
}

#[tokio::test]
async fn bytes_at_hand_come_once() {
    assert_eq!(collected(Body::Empty).await.unwrap(), "");
    assert_eq!(collected("abc".into()).await.unwrap(), "abc");
    assert_eq!(Body::from("abc").size_hint().exact(), Some(3));
    assert!(Body::Full(Bytes::new()).is_end_stream());
}

#[tokio::test]
async fn a_finished_channel_is_whole() {
    let (sender, body) = Body::channel(1, None);
    let fed = tokio::spawn(async move {
        for _ in 0..100 {
            sender.send(Bytes::from_static(b"x")).await?;
        }
        sender.finish().await
    });
    assert_eq!(collected(body).await.unwrap().len(), 100);
    assert_eq!(fed.await.unwrap(), Ok(()));
}

#[tokio::test]
async fn a_dropped_sender_breaks_the_body() {
    let (sender, body) = Body::channel(2, None);
    sender.send(Bytes::from_static(b"x")).await.unwrap();
    drop(sender);
    assert_eq!(
        collected(body).await.unwrap_err(),
        "the source of the answer ended without saying that it was complete"
    );
}

#[tokio::test]
async fn a_cut_breaks_the_body_with_its_cause() {
    let (sender, body) = Body::channel(2, None);
    sender.cut("the hash differs");
    let error = body.collect().await.unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "the hash differs");
}

#[tokio::test]
async fn a_promised_length_is_held_to() {
    assert_eq!(collected(Body::from_stream(Some(4), chunks(&["ab", "cd"]))).await.unwrap(), "abcd");
    let short = collected(Body::from_stream(Some(5), chunks(&["ab", "cd"]))).await.unwrap_err();
    assert_eq!(short, "the answer ended after 4 of 5 bytes");
    let long = collected(Body::from_stream(Some(3), chunks(&["ab", "cd"]))).await.unwrap_err();
    assert_eq!(long, "the answer has more than the 3 bytes promised");
}

#[tokio::test]
async fn a_sender_learns_that_the_client_has_gone() {
    let (sender, body) = Body::channel(1, None);
    drop(body);
    assert!(sender.is_closed());
    assert_eq!(sender.send(Bytes::new()).await, Err(ClientGone));
}

/// What a watched body tells after `take` was done with it.
async fn told<F: Future<Output = ()>>(body: Body, take: impl FnOnce(Body) -> F) -> Taken {
    let (send, receive) = tokio::sync::oneshot::channel();
    take(body.watched(move |taken| send.send(taken).expect("somebody waits"))).await;
    receive.await.expect("the end is told")
}

async fn one_frame(mut body: Body) {
    body.frame().await.expect("a frame").expect("no error");
}

async fn to_the_end(body: Body) {
    let _ = body.collect().await;
}

async fn nothing(_: Body) {}

#[tokio::test]
async fn a_watched_body_tells_how_much_of_it_was_taken() {
    let four = || Body::from_stream(Some(4), chunks(&["ab", "cd"]));
    let taken = |bytes, whole| Taken { bytes, whole };
    assert_eq!(told(four(), nothing).await, taken(0, false));
    assert_eq!(told(four(), one_frame).await, taken(2, false));
    assert_eq!(told(four(), to_the_end).await, taken(4, true));
    // A connection that has all the bytes promised does not ask for the end.
    assert_eq!(told(Body::from_stream(Some(2), chunks(&["ab"])), one_frame).await, taken(2, true));
    assert_eq!(told(Body::from_stream(None, chunks(&["ab"])), one_frame).await, taken(2, false));
    assert_eq!(told(Body::from_stream(None, chunks(&["ab"])), to_the_end).await, taken(2, true));
    assert_eq!(told("abc".into(), nothing).await, taken(0, false));
    assert_eq!(told("abc".into(), one_frame).await, taken(3, true));
    assert_eq!(told(Body::Empty, nothing).await, taken(0, true));
}

#[tokio::test]
async fn a_watched_body_that_breaks_is_not_whole() {
    let (sender, body) = Body::channel(2, None);
    sender.send(Bytes::from_static(b"x")).await.unwrap();
    drop(sender);
    assert_eq!(told(body, to_the_end).await, Taken { bytes: 1, whole: false });
    assert!(!told(Body::from_stream(Some(2), chunks(&["abc"])), to_the_end).await.whole);
}

#[test]
fn a_packed_request_is_unpacked_within_its_limit() {
    use std::io::Write as _;
    let packed = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    assert_eq!(request::unpacked(&packed(&[b'x'; 1000]), 1000).unwrap(), vec![b'x'; 1000]);
    let told = |packed: &[u8]| request::unpacked(packed, 1000).unwrap_err().to_string();
    // A thousand times as large as it comes.
    let bomb = packed(&[0; 1_000_000]);
    assert!(bomb.len() < 2000, "{}", bomb.len());
    assert_eq!(told(&bomb), "the request's body may have at most 1000 bytes, this one has more");
    let cut = packed(&[b'x'; 900]);
    assert_eq!(told(&cut[..cut.len() - 4]), "the request's body is not the gzip that it says it is");
    assert_eq!(told(b"plain"), "the request's body is not the gzip that it says it is");
}
