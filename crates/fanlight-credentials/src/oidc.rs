//! A login at somebody else's: OpenID Connect Core, the authorization code flow with PKCE (RFC 7636, S256 alone), as values.
//!
//! Owns what is sent and what of the answer is believed. Refuses to know HTTP and whose login it is. Invariants (RFC 9700): each
//! login has a state, a nonce and a verifier of its own, kept by the browser that began it; an answer counts for the issuer it
//! was asked of (RFC 9207); endpoints are reached by TLS, or on this machine.

use data_encoding::BASE64URL_NOPAD;
use fanlight_base::{Secret, Timestamp, limits};
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;
use url::Url;

use crate::json;
use crate::random::{self, NoRandom, sha256};

/// How deep what an issuer says of itself may be nested.
const DEPTH: usize = 8;
/// What is asked for beside the login itself: the name that its person goes by.
const SCOPES: &str = "openid profile email";

/// What an issuer says of itself (OpenID Connect Discovery, section 3), as far as it is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// Its name.
    pub issuer: String,
    /// Where people log in.
    pub authorization: Url,
    /// Where the code is exchanged.
    pub token: Url,
    /// Where its keys are.
    pub keys: Url,
    /// Whether every answer of it names it (RFC 9207).
    pub names_itself: bool,
    /// Whether it takes the client's secret by Basic; else in the form.
    pub takes_basic: bool,
}

/// Why what an issuer says of itself is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssuerFault {
    /// Not readable.
    #[error("it is no description of an issuer: {0} is missing or not usable")]
    Unreadable(&'static str),
    /// Another's.
    #[error("it describes another issuer than the settings name")]
    Other,
    /// In clear.
    #[error("its {0} would be reached in clear")]
    Clear(&'static str),
}

/// A login that was begun: kept by the browser, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The provider's name in the settings.
    pub provider: String,
    /// What the answer must bring along.
    pub state: String,
    /// What the ID token must hold.
    pub nonce: String,
    /// What the code is exchanged with.
    pub verifier: String,
    /// Until when an answer counts.
    pub until: Timestamp,
    /// Whose one more way to log in whoever answers is to be, where it was begun for that.
    pub links_to: Option<String>,
}

/// An answer to a login, as the browser brings it along.
#[derive(Debug, Clone, Default)]
pub struct Answered {
    /// `code`.
    pub code: Option<String>,
    /// `state`.
    pub state: Option<String>,
    /// `iss`.
    pub issuer: Option<String>,
    /// `error`.
    pub error: Option<String>,
}

/// Why an answer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFault {
    /// Nothing was begun in this browser, or something else, or too long ago.
    #[error("no such login was begun in this browser")]
    NotBegun,
    /// Of another issuer.
    #[error("the answer is another issuer's")]
    OtherIssuer,
    /// The provider lets nobody in.
    #[error("the provider refused")]
    Refused,
    /// It brings no code.
    #[error("the answer brings no code")]
    NoCode,
}

/// How a node is known to a provider.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its secret, where it has one.
    pub secret: Option<Secret<String>>,
    /// Where answers come, letter for letter as the provider knows it.
    pub redirect: String,
}

impl Issuer {
    /// Reads what an issuer says of itself.
    pub fn read(bytes: &[u8], issuer: &str) -> Result<Self, IssuerFault> {
        let unreadable = IssuerFault::Unreadable;
        let said = json::object(bytes, DEPTH).map_err(|_| unreadable("its JSON"))?;
        let text = |name: &'static str| said.get(name).and_then(Value::as_str).ok_or(unreadable(name));
        if text("issuer")? != issuer {
            return Err(IssuerFault::Other);
        }
        let endpoint = |name: &'static str| {
            let url = Url::parse(text(name)?).map_err(|_| unreadable(name))?;
            if is_safe(&url) { Ok(url) } else { Err(IssuerFault::Clear(name)) }
        };
        let methods = said.get("token_endpoint_auth_methods_supported").and_then(Value::as_array);
        Ok(Self {
            issuer: issuer.to_owned(),
            authorization: endpoint("authorization_endpoint")?,
            token: endpoint("token_endpoint")?,
            keys: endpoint("jwks_uri")?,
            names_itself: said.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true)),
            // Where nothing is said it is Basic (RFC 8414, section 2).
            takes_basic: methods.is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic")),
        })
    }

    /// Where the issuer describes itself (OpenID Connect Discovery, section 4).
    pub fn address(issuer: &Url) -> Url {
        let mut url = issuer.clone();
        url.set_path(&format!("{}/.well-known/openid-configuration", issuer.path().trim_end_matches('/')));
        url
    }

    /// Where an issuer has its keys, by what it says of itself: for those at which nobody logs in, such as a CI.
    pub fn keys_of(bytes: &[u8], issuer: &str) -> Result<Url, IssuerFault> {
        let unreadable = IssuerFault::Unreadable;
        let said = json::object(bytes, DEPTH).map_err(|_| unreadable("its JSON"))?;
        let text = |name: &'static str| said.get(name).and_then(Value::as_str).ok_or(unreadable(name));
        if text("issuer")? != issuer {
            return Err(IssuerFault::Other);
        }
        let url = Url::parse(text("jwks_uri")?).map_err(|_| unreadable("jwks_uri"))?;
        if is_safe(&url) { Ok(url) } else { Err(IssuerFault::Clear("jwks_uri")) }
    }

    /// Where the browser goes to log in. `again`: its person has to show anew who they are.
    pub fn login(&self, client: &Client, begun: &Begun, again: bool) -> Url {
        let mut url = self.authorization.clone();
        let challenge = BASE64URL_NOPAD.encode(&sha256(begun.verifier.as_bytes()));
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("response_type", "code")
                .append_pair("client_id", &client.id)
                .append_pair("redirect_uri", &client.redirect)
                .append_pair("scope", SCOPES)
                .append_pair("state", &begun.state)
                .append_pair("nonce", &begun.nonce)
                .append_pair("code_challenge", &challenge)
                .append_pair("code_challenge_method", "S256");
            if again {
                query.append_pair("prompt", "login").append_pair("max_age", "0");
            }
        }
        url
    }

    /// The form by which a code is exchanged, and the value of `Authorization` beside it.
    pub fn exchange(&self, client: &Client, begun: &Begun, code: &str) -> (String, Option<Secret<String>>) {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &client.redirect)
            .append_pair("code_verifier", &begun.verifier);
        let basic = match &client.secret {
            Some(secret) if self.takes_basic => {
                // Each is form-encoded first (RFC 6749, section 2.3.1).
                let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let both = format!("{}:{}", encoded(&client.id), encoded(secret.expose_secret()));
                Some(Secret::new(format!("Basic {}", data_encoding::BASE64.encode(both.as_bytes()))))
            }
            Some(secret) => {
                form.append_pair("client_id", &client.id).append_pair("client_secret", secret.expose_secret());
                None
            }
            None => {
                form.append_pair("client_id", &client.id);
                None
            }
        };
        (form.finish(), basic)
    }

    /// The ID token in the answer to an exchange.
    pub fn id_token(bytes: &[u8]) -> Option<Secret<String>> {
        let said = json::object(bytes, DEPTH).ok()?;
        said.get("id_token").and_then(Value::as_str).map(|token| Secret::new(token.to_owned()))
    }
}

impl Begun {
    /// Begins a login.
    pub fn now(provider: &str, links_to: Option<String>, now: Timestamp) -> Result<Self, NoRandom> {
        let secret = || random::bytes::<32>().map(|bytes| BASE64URL_NOPAD.encode(&bytes));
        let until = now.checked_add(limits::PROVIDER_LOGIN_TIME).unwrap_or(Timestamp::MAX);
        let (state, nonce, verifier) = (secret()?, secret()?, secret()?);
        Ok(Self { provider: provider.to_owned(), state, nonce, verifier, until, links_to })
    }

    /// What the browser keeps, to be sealed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { provider, state, nonce, verifier, until, links_to } = self;
        json!([provider, state, nonce, verifier, until.as_millisecond(), links_to]).to_string().into_bytes()
    }

    /// Takes what the browser kept and was opened.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (provider, state, nonce, verifier, until, links_to) = serde_json::from_slice(bytes).ok()?;
        let until = Timestamp::from_millisecond(until).ok()?;
        Some(Self { provider, state, nonce, verifier, until, links_to })
    }

    /// Whether an answer is one to this login. Gives its code.
    pub fn answered<'a>(&self, answer: &'a Answered, issuer: &Issuer, now: Timestamp) -> Result<&'a str, AnswerFault> {
        let state = answer.state.as_deref().unwrap_or_default();
        if now >= self.until || !bool::from(state.as_bytes().ct_eq(self.state.as_bytes())) {
            return Err(AnswerFault::NotBegun);
        }
        match &answer.issuer {
            Some(named) if *named != issuer.issuer => return Err(AnswerFault::OtherIssuer),
            None if issuer.names_itself => return Err(AnswerFault::OtherIssuer),
            _ => {}
        }
        if answer.error.is_some() {
            return Err(AnswerFault::Refused);
        }
        answer.code.as_deref().filter(|code| !code.is_empty()).ok_or(AnswerFault::NoCode)
    }
}

/// Whether what is sent there crosses no network in clear.
pub fn is_safe(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback)
}

#[cfg(test)]
mod tests;
