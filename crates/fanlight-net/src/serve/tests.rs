//! A listener met by clients of all manners, over real sockets.

use bytes::Bytes;
use fanlight_base::SystemClock;
use http::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinHandle;

use super::*;
use crate::answer::Problem;
use crate::body::read_body;
use crate::tls::Tls;

mod bodies;
mod drain;
mod hostile;
mod http2;
mod tls;
mod unread;

/// Longer than anything here may take.
pub(super) const AGES: Duration = Duration::from_secs(20);

/// Bytes of a large answer that is at hand whole.
pub(super) const LARGE: usize = 1_000_000;

/// A door for tests: what it does is in the path.
pub(super) struct Door;

impl Handler for Door {
    fn call(&self, peer: Peer, request: Request<Incoming>) -> Answering<'_> {
        Box::pin(async move {
            match request.uri().path() {
                "/" => Response::new("hello".into()),
                "/peer" => Response::new(format!("{} {:?}", peer.tls, request.version()).into()),
                "/panic" => panic!("the door fell in"),
                "/held" => Problem::held("Too fresh.", Some("Use 1.0.".into()), None).answer(peer.request),
                "/slow" => {
                    tokio::time::sleep(Duration::from_millis(300)).await;
                    Response::new("late".into())
                }
                "/large" => Response::new(vec![b'x'; LARGE].into()),
                "/dawdling" => {
                    tokio::time::sleep(Duration::from_millis(800)).await;
                    let (sender, body) = Body::channel(1, None);
                    tokio::spawn(async move {
                        tokio::time::sleep(Duration::from_millis(800)).await;
                        let _ = sender.send(Bytes::from_static(b"at last")).await;
                        let _ = sender.finish().await;
                    });
                    Response::new(body)
                }
                "/forever" => std::future::pending().await,
                "/endless" => {
                    let (sender, body) = Body::channel(1, None);
                    let chunk = Bytes::from(vec![0; 64 * 1024]);
                    tokio::spawn(async move { while sender.send(chunk.clone()).await.is_ok() {} });
                    Response::new(body)
                }
                "/cut" => stream(None, |sender| sender.cut("the upstream broke")).await,
                "/dropped" => stream(None, drop).await,
                "/short" => stream(Some(10), drop).await,
                "/body" => match read_body(request.into_body(), 1000, Duration::from_millis(300)).await {
                    Ok(body) => Response::new(format!("{} bytes", body.len()).into()),
                    Err(error) => Problem::bad_request(error.to_string()).answer(peer.request),
                },
                "/to-http" => {
                    let mut response = Response::new(Body::Empty);
                    *response.status_mut() = StatusCode::FOUND;
                    response.headers_mut().insert("location", "http://127.0.0.1:1/".parse().unwrap());
                    response
                }
                other => Problem::not_found(format!("Nothing at {other}.")).answer(peer.request),
            }
        })
    }

    fn refuse(&self, peer: Peer, unread: Unread) -> Answering<'_> {
        Box::pin(async move {
            let status = match unread {
                Unread::TooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                Unread::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
                Unread::Malformed(_) | Unread::Plain => StatusCode::BAD_REQUEST,
            };
            Problem::new(status, "unread", "Unread", format!("{unread:?}")).answer(peer.request)
        })
    }
}

/// Five bytes, and when they are on the way this end.
async fn stream(length: Option<u64>, end: impl FnOnce(crate::BodySender) + Send + 'static) -> Response<Body> {
    let (sender, body) = Body::channel(2, length);
    sender.send(Bytes::from_static(b"12345")).await.unwrap();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        end(sender);
    });
    Response::new(body)
}

pub(super) struct Running {
    pub(super) address: SocketAddr,
    pub(super) stop: oneshot::Sender<()>,
    pub(super) ended: JoinHandle<Drained>,
}

/// A listener with that door, on any free port of loopback.
pub(super) async fn start(tls: Tls, bounds: Limits) -> Running {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), &tls, Arc::new(SystemClock)).await.unwrap();
    let listener = listener.check_certificates_every(Duration::from_millis(20));
    let address = listener.address();
    let (stop, stopped) = oneshot::channel();
    let shutdown = async {
        let _ = stopped.await;
    };
    let door = Arc::new(Door);
    let ended = tokio::spawn(serve_within(listener, door, bounds, shutdown));
    Running { address, stop, ended }
}

pub(super) async fn plain() -> Running {
    start(Tls::Off, Limits::default()).await
}

/// Sends bytes and reads to the end; a broken end counts as an end.
pub(super) async fn exchange(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The other side may have heard enough before all is sent.
    let _ = stream.write_all(bytes).await;
    rest(&mut stream).await
}

pub(super) async fn rest(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    let reading = async {
        while let Ok(read @ 1..) = stream.read(&mut buffer).await {
            all.extend_from_slice(&buffer[..read]);
        }
    };
    tokio::time::timeout(AGES, reading).await.expect("the connection stayed open");
    String::from_utf8_lossy(&all).into_owned()
}

/// Reads until this text has come.
pub(super) async fn until(stream: &mut TcpStream, text: &str) -> String {
    let mut all = Vec::new();
    let reading = async {
        while !String::from_utf8_lossy(&all).contains(text) {
            all.push(stream.read_u8().await.expect("the connection ended early"));
        }
    };
    tokio::time::timeout(AGES, reading).await.expect("the text did not come");
    String::from_utf8_lossy(&all).into_owned()
}

pub(super) fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").into_bytes()
}

pub(super) fn get_once(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").into_bytes()
}

#[tokio::test]
async fn each_answer_has_an_id_of_its_own() {
    let running = plain().await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    // Pipelined: both are asked before either is answered.
    stream.write_all(&[get("/"), get_once("/")].concat()).await.unwrap();
    let text = rest(&mut stream).await;
    let ids: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("x-request-id: ")).collect();
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2, "{text}");
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
    assert!(ids.iter().all(|id| id.len() == 16 && id.chars().all(|c| c.is_ascii_hexdigit())));
}

#[tokio::test]
async fn a_refusal_is_on_the_wire_as_reason_phrase_and_problem() {
    let running = plain().await;
    let text = exchange(running.address, &get_once("/held")).await;
    assert!(text.starts_with("HTTP/1.1 403 Too fresh. Use 1.0.\r\n"), "{text}");
    assert!(text.contains("content-type: application/problem+json\r\n"));
    let id = text.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap();
    assert!(text.contains(&format!("\"request\":\"{id}\"")), "{text}");
}

#[tokio::test]
async fn a_panic_is_one_requests_answer_and_nobody_elses() {
    let running = plain().await;
    let text = exchange(running.address, &[get("/panic"), get_once("/")].concat()).await;
    assert!(text.starts_with("HTTP/1.1 500 Something went wrong inside Fanlight;"), "{text}");
    assert!(text.ends_with("hello"), "{text}");
    assert!(!text.contains("fell in"), "the panic's text is for the log");
}

#[tokio::test]
async fn plain_http_beyond_loopback_is_refused() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let bound = Listener::bind(address.parse().unwrap(), &Tls::Off, Arc::new(SystemClock)).await;
        assert!(matches!(bound, Err(BindError::Plain(_))), "{address}");
    }
}

#[tokio::test]
async fn an_address_in_use_is_told() {
    let running = plain().await;
    let bound = Listener::bind(running.address, &Tls::Off, Arc::new(SystemClock)).await;
    let Err(error) = bound else { panic!("bound twice") };
    assert_eq!(error.to_string(), format!("cannot listen on {}", running.address));
}
