//! The client for upstreams, met by servers of all manners. Each server is bytes written by hand on loopback.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;

mod compressed;
mod files;
mod inward;
mod pages;
mod proxied;
mod redirects;
mod trouble;

/// A server that answers each connection's one request as told, and remembers what it was asked.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// `answer` gets the stream and the request's head.
    pub(super) async fn start<F, R>(answer: F) -> Self
    where
        F: Fn(TcpStream, String) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = asked.clone();
        tokio::spawn(async move {
            let answer = Arc::new(answer);
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, seen) = (answer.clone(), seen.clone());
                tokio::spawn(async move {
                    let mut head = String::new();
                    while !head.ends_with("\r\n\r\n") {
                        let Ok(byte) = stream.read_u8().await else { return };
                        head.push(char::from(byte));
                    }
                    seen.lock().unwrap().push(head.clone());
                    answer(stream, head).await;
                });
            }
        });
        Self { address, asked }
    }

    /// A server that answers everything with these bytes and closes.
    pub(super) async fn saying(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes: Arc<[u8]> = bytes.into().into();
        Self::start(move |mut stream, _| {
            let bytes = bytes.clone();
            async move {
                // The client may have had enough.
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
            }
        })
        .await
    }

    pub(super) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// An answer with a status line's end, headers and a body, its length stated.
pub(super) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A client with short times, so that tests are short.
pub(super) fn quick() -> Upstream {
    let ms = Duration::from_millis;
    let options = Options { connect: ms(2000), silence: ms(300), page: ms(900), ..Options::default() };
    Upstream::new(options).unwrap()
}

/// A client with the times that a node has.
pub(super) fn patient() -> Upstream {
    Upstream::new(Options::default()).unwrap()
}

pub(super) fn request(url: Url) -> PageRequest {
    PageRequest { url, accept: "text/html", at_hand: Validators::default(), limit: 1000 }
}

pub(super) async fn fault(upstream: &Upstream, url: Url) -> UpstreamErrorKind {
    upstream.page(request(url)).await.expect_err("this answer was taken").kind
}
