//! The providers at which people log in: what they say of themselves and their keys, fetched when needed and kept for an hour.
//!
//! Refuses to know whose login it is. Invariant: a provider that does not answer stops its own logins and nothing else.

use std::sync::Arc;
use std::time::Duration;

use fanlight_base::{Secret, Timestamp, limits};
use fanlight_identity::oidc::{
    Algorithm, Begun, Claims, Client, Expected, ForeignFault, ForeignIssuer, ForeignIssuers, Issuer, IssuerFault,
    KeySet, KeySetFault, Timing,
};
use fanlight_net::upstream::{PageRequest, Upstream, UpstreamError, Validators};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use url::Url;

use crate::kept::Kept;

/// How long what a provider says of itself is believed.
const KEPT: Duration = Duration::from_secs(3600);
/// How often its keys are asked for anew because one is not among them.
const ANEW: Duration = Duration::from_secs(60);
/// How long a login waits for it to answer.
const TURN: Duration = Duration::from_secs(10);

/// A provider, as the settings have it.
#[derive(Debug, Clone)]
pub struct Named {
    /// What it is called.
    pub name: String,
    /// Its issuer.
    pub issuer: Url,
    /// The same, letter for letter.
    pub issuer_text: String,
    /// The client's id.
    pub client: String,
    /// The client's secret.
    pub secret: Option<Secret<String>>,
    /// The claim with the name.
    pub name_claim: String,
    /// The claim with the groups.
    pub groups_claim: Option<String>,
    /// Whether it asks everybody for a second factor.
    pub second_factor: bool,
}

/// Why a provider cannot be used now. For the log.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// It does not answer.
    #[error("the provider does not answer")]
    Upstream(#[from] UpstreamError),
    /// It did not answer a moment ago, or does not in time.
    #[error("the provider does not say what it is; why stands in the log, and it is not asked again at once")]
    Silent,
    /// It answers with something else.
    #[error("the provider answers {0}")]
    Status(StatusCode),
    /// What it says of itself.
    #[error("what the provider says of itself is not believed")]
    Issuer(#[from] IssuerFault),
    /// Its keys.
    #[error("the provider's keys are not taken")]
    Keys(#[from] KeySetFault),
    /// It gives no ID token.
    #[error("the provider's answer has no ID token")]
    NoToken,
    /// The token.
    #[error("the provider's ID token is not taken")]
    Token(#[from] ForeignFault),
}

struct Fetched {
    issuer: Issuer,
    keys: Arc<KeySet>,
}

/// One provider.
pub struct Provider {
    /// As the settings have it.
    pub named: Named,
    upstream: Upstream,
    known: Arc<Kept<Fetched>>,
}

/// All of them.
#[derive(Default)]
pub struct Providers(Vec<Provider>);

impl Providers {
    /// Those of the settings. Opens no connection.
    pub fn new(named: impl IntoIterator<Item = Named>, upstream: &Upstream) -> Self {
        let of = |named: Named| {
            let known = Kept::new(format!("the provider {}", named.name), TURN);
            Provider { named, upstream: upstream.clone(), known }
        };
        Self(named.into_iter().map(of).collect())
    }

    /// The one of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&Provider> {
        self.0.iter().find(|provider| provider.named.name == name)
    }

    /// Their names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|provider| provider.named.name.as_str())
    }
}

impl Provider {
    /// How this node is known to it.
    pub(crate) fn client(&self, redirect: String) -> Client {
        Client { id: self.named.client.clone(), secret: self.named.secret.clone(), redirect }
    }

    /// What it says of itself.
    pub(crate) async fn issuer(&self, now: Timestamp) -> Result<Issuer, ProviderError> {
        Ok(self.fetched(now, KEPT).await?.issuer.clone())
    }

    async fn fetched(&self, now: Timestamp, kept: Duration) -> Result<Arc<Fetched>, ProviderError> {
        let fetch = || fetch(self.upstream.clone(), self.named.clone());
        self.known.get(now, kept, fetch).await.ok_or(ProviderError::Silent)
    }

    /// Exchanges a code, and gives what the ID token claims.
    pub(crate) async fn exchange(
        &self,
        client: &Client,
        begun: &Begun,
        code: &str,
        now: Timestamp,
    ) -> Result<Claims, ProviderError> {
        let fetched = self.fetched(now, KEPT).await?;
        let (form, authorization) = fetched.issuer.exchange(client, begun, code);
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(value) = authorization.and_then(|text| HeaderValue::from_str(text.expose_secret()).ok()) {
            headers.insert(header::AUTHORIZATION, value);
        }
        let sent =
            self.upstream.exchange(&fetched.issuer.token, headers, form.into(), limits::PROVIDER_ANSWER_BYTES).await?;
        let (status, body) = sent;
        if status != StatusCode::OK {
            return Err(ProviderError::Status(status));
        }
        let token = Issuer::id_token(&body).ok_or(ProviderError::NoToken)?;
        match self.check(&fetched, token.expose_secret(), begun, now) {
            // It may have changed its keys since.
            Err(ForeignFault::UnknownKey) => {
                let anew = self.fetched(now, ANEW).await?;
                Ok(self.check(&anew, token.expose_secret(), begun, now)?)
            }
            checked => Ok(checked?),
        }
    }

    fn check(&self, fetched: &Fetched, token: &str, begun: &Begun, now: Timestamp) -> Result<Claims, ForeignFault> {
        let issuer = ForeignIssuer {
            issuer: fetched.issuer.issuer.clone(),
            audiences: vec![self.named.client.clone()],
            keys: fetched.keys.clone(),
            algorithms: Algorithm::ALL.to_vec(),
            timing: Timing::default(),
        };
        let issuers = ForeignIssuers::new(vec![issuer]);
        issuers.check(token, Expected::IdToken { nonce: &begun.nonce }, now).map(|(_, claims)| claims)
    }
}

async fn fetch(upstream: Upstream, named: Named) -> Result<Fetched, ProviderError> {
    let page = async |url: Url| {
        let limit = limits::PROVIDER_ANSWER_BYTES;
        let request = PageRequest { url, accept: "application/json", at_hand: Validators::default(), limit };
        upstream.page_there(&request, &named.issuer).await
    };
    let issuer = Issuer::read(&page(Issuer::address(&named.issuer)).await?, &named.issuer_text)?;
    let keys = KeySet::read(&page(issuer.keys.clone()).await?, Algorithm::Rs256)?;
    Ok(Fetched { issuer, keys: Arc::new(keys) })
}
