//! How long a directory of 50,000 people takes by SCIM: each is looked for by name and then sent, as directories do, over a few
//! connections; then all are put into one group, some are switched off, and all are read back: by SCIM, and by the admin API's pages.
//!
//! `cargo run --release -p fanlight-tests --example directory-bench [PEOPLE] [CONNECTIONS]`, beside a `fanlight` that was built alike.

#![expect(clippy::print_stdout, reason = "figures are its output")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use fanlight_testkit::State;
use serde_json::{Value, json};

/// People on one page of the admin API.
const PAGE: usize = 100;

/// One connection that is kept.
struct Connection {
    stream: BufReader<TcpStream>,
    secret: String,
}

impl Connection {
    fn to(address: &str, secret: &str) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("an option");
        Self { stream: BufReader::new(stream), secret: secret.to_owned() }
    }

    /// Asks the directory's interface.
    fn send(&mut self, method: &str, path: &str, body: &str) -> (u16, Vec<u8>) {
        self.ask(method, &format!("/scim/v2/{path}"), body)
    }

    fn ask(&mut self, method: &str, path: &str, body: &str) -> (u16, Vec<u8>) {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n",
            self.secret,
            body.len()
        );
        self.stream.get_mut().write_all(format!("{head}{body}").as_bytes()).expect("a request");
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("a status");
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line).expect("a header");
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse().expect("a length");
            }
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer).expect("a body");
        (status, answer)
    }
}

/// Does a share of the work on each connection, and says how long all of it took.
fn on_each(
    connections: usize,
    of: usize,
    address: &str,
    secret: &str,
    work: impl Fn(&mut Connection, usize) + Sync,
) -> Duration {
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for share in 0..connections {
            let work = &work;
            scope.spawn(move || {
                let mut connection = Connection::to(address, secret);
                (share..of).step_by(connections).for_each(|n| work(&mut connection, n));
            });
        }
    });
    begin.elapsed()
}

fn told(what: &str, number: usize, took: Duration) {
    let seconds = took.as_secs_f64();
    println!(
        "{what}: {number} in {seconds:.1} s, {:.0} a second",
        f64::from(u32::try_from(number).unwrap_or(u32::MAX)) / seconds
    );
}

fn main() {
    let mut args = std::env::args().skip(1).map(|number| number.parse::<usize>().expect("a number"));
    let (people, connections) = (args.next().unwrap_or(50_000), args.next().unwrap_or(8));
    let state = State::with_config("");
    let node = state.start();
    let secret = std::fs::read_to_string(state.path().join("run/operator.token")).expect("the operator's secret");
    let (address, secret) = (node.address(), secret.trim());
    let ids = std::sync::Mutex::new(Vec::new());
    let took = on_each(connections, people, address, secret, |connection, n| {
        let name = format!("person{n}@corp.example");
        let (status, found) = connection.send("GET", &format!("Users?filter=userName%20eq%20%22{name}%22"), "");
        let found: Value = serde_json::from_slice(&found).expect("JSON");
        assert_eq!((status, &found["totalResults"]), (200, &json!(0)));
        let person = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "externalId": format!("ext-{n}"),
            "name": { "givenName": "Person", "familyName": n.to_string() }, "active": true,
            "emails": [{ "value": name, "type": "work", "primary": true }],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "Sales" },
        });
        let (status, made) = connection.send("POST", "Users", &person.to_string());
        assert_eq!(status, 201, "{}", String::from_utf8_lossy(&made));
        let made: Value = serde_json::from_slice(&made).expect("JSON");
        ids.lock().expect("a lock").push(made["id"].as_str().expect("an id").to_owned());
    });
    told("looked for and sent", people, took);
    let ids = ids.into_inner().expect("a lock");
    let mut connection = Connection::to(address, secret);
    let (status, made) = connection.send("POST", "Groups", &json!({ "displayName": "Everybody" }).to_string());
    assert_eq!(status, 201);
    let made: Value = serde_json::from_slice(&made).expect("JSON");
    let group = format!("Groups/{}", made["id"].as_str().expect("an id"));
    let patch = |operations: Value| {
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations }).to_string()
    };
    let begin = Instant::now();
    for some in ids.chunks(100) {
        let members: Vec<Value> = some.iter().map(|id| json!({ "value": id })).collect();
        let add = patch(json!([{ "op": "Add", "path": "members", "value": members }]));
        assert_eq!(connection.send("PATCH", &group, &add).0, 204);
    }
    told("put into one group, a hundred at a time", people, begin.elapsed());
    let some = people.min(1000);
    let off = patch(json!([{ "op": "Replace", "path": "active", "value": "False" }]));
    let took = on_each(connections, some, address, secret, |connection, n| {
        assert_eq!(connection.send("PATCH", &format!("Users/{}", ids[n]), &off).0, 200);
    });
    told("switched off", some, took);
    let begin = Instant::now();
    let mut seen = 0;
    while seen < people {
        let (status, page) = connection.send("GET", &format!("Users?startIndex={}&count=1000", seen + 1), "");
        assert_eq!(status, 200);
        let page: Value = serde_json::from_slice(&page).expect("JSON");
        seen += page["Resources"].as_array().map_or(0, Vec::len);
    }
    told("read back, a thousand on a page", seen, begin.elapsed());
    pages(&mut connection, people);
}

/// Goes through the admin API's list of people by its cursors, and says how long its pages took.
fn pages(connection: &mut Connection, people: usize) {
    let (mut after, mut took, mut seen) = (String::new(), Vec::new(), 0);
    loop {
        let begin = Instant::now();
        let (status, page) = connection.ask("GET", &format!("/v1/people?limit={PAGE}{after}"), "");
        took.push(begin.elapsed());
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&page));
        let page: Value = serde_json::from_slice(&page).expect("JSON");
        seen += page["people"].as_array().map_or(0, Vec::len);
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert!(seen >= people, "{seen} of {people} people are listed");
    took.sort();
    let (p50, p99) = (took[took.len() / 2], took[took.len() * 99 / 100]);
    println!("people a page of {PAGE} at a time: {} pages, p50 {p50:?}, p99 {p99:?}", took.len());
}
