//! Other people's receivers, installed once for all tests: a mail server, and the check of a webhook's signature. What is sent
//! is never judged by our own reading of a protocol.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use serde_json::Value;

use crate::clients::python_tools;
use crate::hooks::Hook;
use crate::process::Run;

/// Changing this installs anew.
const WANTED: &[&str] = &["aiosmtpd>=1.4", "standardwebhooks>=1.0"];

/// Takes mail and prints each as a line of JSON; those to `nobody@` never, and those to `later@` not at the first try.
const MAIL: &str = "
import email, email.policy, json, socket, ssl, sys, time
from aiosmtpd.controller import Controller

class Handler:
    later = set()
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith('nobody@'):
            return '550 no such person'
        if address.startswith('later@') and address not in self.later:
            self.later.add(address)
            return '451 try again later'
        envelope.rcpt_tos.append(address)
        return '250 OK'
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        print(json.dumps({'from': envelope.mail_from, 'to': envelope.rcpt_tos, 'head': dict(mail.items()),
                          'text': mail.get_content()}), flush=True)
        return '250 taken'

with socket.socket() as free:
    free.bind(('127.0.0.1', 0))
    port = free.getsockname()[1]
how = {}
if len(sys.argv) > 1:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(sys.argv[2], sys.argv[3])
    how = {'ssl_context': tls} if sys.argv[1] == 'implicit' else {'tls_context': tls, 'require_starttls': True}
Controller(Handler(), hostname='127.0.0.1', port=port, **how).start()
print(port, flush=True)
while True:
    time.sleep(3600)
";

const WEBHOOK: &str = "
import json, sys
from standardwebhooks.webhooks import Webhook
given = json.load(sys.stdin)
Webhook(given['secret']).verify(given['body'], given['headers'])
print('valid')
";

/// The receivers.
#[derive(Debug)]
pub struct Receivers {
    python: PathBuf,
}

/// A mail server on this machine. Ended when dropped.
#[derive(Debug)]
pub struct MailServer {
    child: Child,
    port: u16,
    letters: Arc<Mutex<Vec<Value>>>,
}

/// How a mail server speaks TLS: by the certificate and the key in these files.
#[derive(Debug, Clone, Copy)]
pub enum MailTls<'a> {
    /// From the start.
    Implicit(&'a str, &'a str),
    /// Begun in clear, and nothing is taken before it goes over (RFC 3207).
    Starttls(&'a str, &'a str),
}

impl Receivers {
    /// Finds them, installing them once. Nothing where they cannot be installed, which is said in one line.
    ///
    /// # Panics
    /// When they are missing and `CI=true`.
    pub fn get() -> Option<&'static Self> {
        static FOUND: OnceLock<Option<Receivers>> = OnceLock::new();
        let found = FOUND
            .get_or_init(|| python_tools("receivers", WANTED).map(|folder| Self { python: folder.join("bin/python") }));
        found.as_ref()
    }

    /// Starts a mail server on a free port.
    ///
    /// # Panics
    /// When it does not start.
    pub fn mail_server(&self) -> MailServer {
        self.mail_server_with(None)
    }

    /// The same that speaks TLS.
    ///
    /// # Panics
    /// When it does not start.
    pub fn mail_server_with(&self, tls: Option<MailTls<'_>>) -> MailServer {
        let tls: &[&str] = match &tls {
            None => &[],
            Some(MailTls::Implicit(certificate, key)) => &["implicit", certificate, key],
            Some(MailTls::Starttls(certificate, key)) => &["starttls", certificate, key],
        };
        let mut command = Run::new(&self.python).args(["-c", MAIL]).args(tls).command();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("python starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
        let port = lines.next().and_then(|line| line.parse().ok()).expect("the mail server's port");
        let letters = Arc::<Mutex<Vec<Value>>>::default();
        let there = letters.clone();
        std::thread::spawn(move || {
            for line in lines {
                there.lock().extend(serde_json::from_str::<Value>(&line));
            }
        });
        MailServer { child, port, letters }
    }

    /// Checks a webhook with the secret of who receives it.
    ///
    /// # Panics
    /// When it is not signed with it.
    #[track_caller]
    pub fn verify(&self, secret: &str, hook: &Hook) {
        let headers: serde_json::Map<_, _> =
            hook.headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        let given = serde_json::json!({"secret": secret, "body": hook.body, "headers": headers}).to_string();
        Run::new(&self.python).args(["-c", WEBHOOK]).input(&given).output().ok().says("valid");
    }
}

impl MailServer {
    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The letters it took: `from`, `to`, `head`, `text`.
    pub fn letters(&self) -> Vec<Value> {
        self.letters.lock().clone()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
