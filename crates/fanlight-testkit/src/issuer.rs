//! An issuer of tokens on this machine: it describes itself, publishes its keys, and misbehaves when a test wants it to.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::own_key::{OwnKey, fresh};

/// How an issuer answers who asks for its keys.
#[derive(Debug, Clone)]
pub enum Manner {
    /// With its keys.
    Well,
    /// With that status and nothing else.
    Status(u16),
    /// With a redirect to that address.
    Redirect(String),
    /// With so many bytes of spaces before the keys.
    Huge(usize),
    /// Never.
    Silent,
    /// With exactly this.
    Says(String),
}

/// An issuer.
#[derive(Debug)]
pub struct Issuer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    keys: Vec<Value>,
    manner: Manner,
    asked: usize,
}

impl Issuer {
    /// One that publishes the key of number 1 under the id `k1`.
    ///
    /// # Panics
    /// When no port is free.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let state = State { keys: vec![named(1)], manner: Manner::Well, asked: 0 };
        let state = Arc::new(Mutex::new(state));
        let there = state.clone();
        // The threads end with the process; they hold nothing but the port.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let there = there.clone();
                std::thread::spawn(move || serve(&stream, address, &there));
            }
        });
        Self { address, state }
    }

    /// Its name.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The setting that trusts it as `ci`, with more members where there are any, for tokens to `audience`.
    pub fn setting(&self, audience: &str, more: &str) -> String {
        let url = self.url();
        format!("[apps]\nissuers = [{{ name = \"ci\", issuer = \"{url}\", audience = \"{audience}\"{more} }}]\n")
    }

    /// Publishes the keys of these numbers, with the ids `k1` and so on, and no others.
    pub fn publishes(&self, numbers: &[u8]) {
        self.state.lock().keys = numbers.iter().map(|number| named(*number)).collect();
    }

    /// Publishes exactly these.
    pub fn publishes_keys(&self, keys: Vec<Value>) {
        self.state.lock().keys = keys;
    }

    /// Answers so from now on.
    pub fn behaves(&self, manner: Manner) {
        self.state.lock().manner = manner;
    }

    /// How often its keys were asked for.
    pub fn asked(&self) -> usize {
        self.state.lock().asked
    }

    /// The claims of a job's token, good for five minutes.
    pub fn claims(&self, subject: &str, audience: &str) -> Value {
        let now = jiff::Timestamp::now().as_second();
        json!({
            "iss": self.url(), "sub": subject, "aud": audience, "jti": fresh(), "iat": now, "nbf": now, "exp": now + 300,
        })
    }

    /// Claims signed by the key of that number.
    pub fn sign(&self, number: u8, claims: &Value) -> String {
        OwnKey::new(number).sign(&json!({ "alg": "EdDSA", "typ": "JWT", "kid": format!("k{number}") }), claims)
    }

    /// A job's token.
    pub fn token(&self, subject: &str, audience: &str) -> String {
        self.sign(1, &self.claims(subject, audience))
    }
}

fn named(number: u8) -> Value {
    let mut key = OwnKey::new(number).public();
    key["kid"] = format!("k{number}").into();
    key
}

fn serve(mut stream: &TcpStream, address: SocketAddr, state: &Mutex<State>) {
    let mut head = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let first = head.next().unwrap_or_default();
    head.for_each(drop);
    let is_description = first.contains("/.well-known/openid-configuration");
    let (manner, keys) = {
        let mut state = state.lock();
        state.asked += usize::from(!is_description);
        (state.manner.clone(), json!({ "keys": state.keys }).to_string())
    };
    let answer = |status: &str, body: &str| {
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{body}"
        )
    };
    let url = format!("http://{address}");
    let described = json!({ "issuer": url, "jwks_uri": format!("{url}/keys") }).to_string();
    let whole = match manner {
        _ if is_description => answer("200 OK", &described),
        Manner::Well => answer("200 OK", &keys),
        Manner::Status(status) => answer(&format!("{status} No"), ""),
        Manner::Redirect(to) => {
            format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        }
        Manner::Huge(bytes) => answer("200 OK", &format!("{}{keys}", " ".repeat(bytes))),
        Manner::Says(what) => answer("200 OK", &what),
        Manner::Silent => {
            // Longer than anybody may wait for it.
            std::thread::sleep(Duration::from_secs(30));
            return;
        }
    };
    let _ = stream.write_all(whole.as_bytes());
}
