//! A receiver of webhooks, which answers as a test wants it to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use parking_lot::Mutex;

/// A webhook that came.
#[derive(Debug, Clone)]
pub struct Hook {
    /// Its headers, names in small letters.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}

impl Hook {
    /// A header's value.
    ///
    /// # Panics
    /// When it has none of that name.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("no {name} among {:?}", self.headers)).1
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.body))
    }
}

/// A receiver of webhooks on this machine.
#[derive(Debug)]
pub struct Hooks {
    address: SocketAddr,
    came: Arc<Mutex<Vec<Hook>>>,
    answers: Arc<Mutex<Vec<String>>>,
}

impl Hooks {
    /// One that takes whatever comes.
    ///
    /// # Panics
    /// When no port is free.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let (came, answers) = (Arc::<Mutex<Vec<Hook>>>::default(), Arc::<Mutex<Vec<String>>>::default());
        let (came_there, answers_there) = (came.clone(), answers.clone());
        // The thread ends with the process; it holds nothing but its port.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = serve(stream, &came_there, &answers_there);
            }
        });
        Self { address, came, answers }
    }

    /// Where it takes them.
    pub fn url(&self) -> String {
        format!("http://{}/hooks/fanlight", self.address)
    }

    /// Answers the next ones with these heads, `503 Busy` or `302 Found\r\nLocation: ...`, before it takes them again.
    pub fn answer_with(&self, heads: &[&str]) {
        self.answers.lock().extend(heads.iter().rev().map(|head| (*head).to_owned()));
    }

    /// All that came, whatever was answered.
    pub fn came(&self) -> Vec<Hook> {
        self.came.lock().clone()
    }
}

fn serve(mut stream: TcpStream, came: &Mutex<Vec<Hook>>, answers: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut headers = Vec::new();
    let mut line = String::new();
    reader.read_line(&mut line)?;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let head = answers.lock().pop().unwrap_or_else(|| "204 No Content".to_owned());
    came.lock().push(Hook { headers, body: String::from_utf8_lossy(&body).into_owned() });
    write!(stream, "HTTP/1.1 {head}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}
