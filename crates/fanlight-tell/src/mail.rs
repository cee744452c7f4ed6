//! Mail by SMTP: one letter to one address at a time.
//!
//! `smtps` is TLS from the start, `smtp` begins in clear and goes over to TLS, which it has to; only to this machine does it
//! stay in clear. The server's certificate is checked with the system's roots.

use fanlight_base::limits;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::error::{SetUpError, TellError};

/// A mail server, and as whom mail is sent.
pub struct Mail {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The message's id, the same for every try; of letters, digits, `-` and `_`.
    pub id: String,
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
}

/// RFC 3834: so that nobody's absence is answered to us.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Mail {
    /// Takes the settings: `smtp://HOST:PORT` or `smtps://USER:PASSWORD@HOST:PORT`, and the sender's address. Opens no
    /// connection.
    pub fn new(server: &Url, from: &str) -> Result<Self, SetUpError> {
        let host = server.host_str().ok_or(SetUpError::NoHost)?;
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let tls = TlsParameters::new(name.to_owned()).map_err(SetUpError::Server)?;
        let (tls, port) = match server.scheme() {
            "smtps" => (Tls::Wrapper(tls), 465),
            _ if is_loopback(server) => (Tls::None, 25),
            _ => (Tls::Required(tls), 587),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(name)
            .port(server.port().unwrap_or(port))
            .tls(tls)
            .timeout(Some(limits::MAIL_SILENCE_TIME));
        if let Some(password) = server.password() {
            let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
            builder = builder.credentials(Credentials::new(decoded(server.username()), decoded(password)));
        }
        let from =
            mailbox(from).map_err(|_| SetUpError::Address { setting: "tell.mail.from", address: from.to_owned() })?;
        Ok(Self { server: builder.build(), from })
    }

    /// Sends a letter once.
    pub async fn send(&self, letter: &Letter) -> Result<(), TellError> {
        let domain = self.from.email.domain();
        let message = Message::builder()
            .from(self.from.clone())
            .to(mailbox(&letter.to).map_err(TellError::Address)?)
            .subject(&letter.subject)
            .message_id(Some(format!("<{}@{domain}>", letter.id)))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())?;
        let limit = limits::MAIL_TIME;
        let sent = tokio::time::timeout(limit, self.server.send(message)).await;
        sent.map_err(|_| TellError::Late(limit.as_secs()))?.map_err(TellError::Server).map(drop)
    }
}

/// Whether a text is an address that mail can be sent to.
fn mailbox(text: &str) -> Result<Mailbox, lettre::address::AddressError> {
    Ok(Mailbox::new(None, text.parse::<Address>()?))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // Of a scheme that is none of the web's, the host is kept as it is written.
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests;
