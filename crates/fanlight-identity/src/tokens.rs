//! Access tokens of our own: issued to apps for minutes, bound to a key of theirs where they show one (DPoP, RFC 9449).
//!
//! Owns the node's signing key, the nonces, and which tokens ended early. Refuses to know HTTP. Invariants: a token never may
//! more than the key that it was issued for may now, and ends with it; what is bound is worth nothing without a proof.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use fanlight_base::{Scopes, Secret, Strength, Timestamp, limits};
use fanlight_credentials::jose::{Algorithm, Jwk, KeySet, SigningKey};
use fanlight_credentials::json::{self, Object};
use fanlight_credentials::random::{self, sha256};
use fanlight_credentials::token::{Access, AccessTokens, ClientAssertions, Grant, Nonces, Proof, ProofFault, Proofs};
use fanlight_store::{CallerKeyRow, KeyHolder, StoreError};
use url::Url;

use crate::caller::{Caller, ShownKey};
use crate::error::{IdentifyError, KeyError, TokenError};
use crate::identity::Identity;
use crate::seal::{Month, Personal};

/// Where in the settings the seed of the signing key is kept, sealed.
const KEY: &str = "tokens.key";
/// Before what is used once, so that no token's id is mistaken for it.
const ASSERTION: &[u8] = b"assertion ";

/// What issues tokens and checks them.
pub(crate) struct Tokens {
    issuer: String,
    access: AccessTokens,
    proofs: Proofs,
    assertions: ClientAssertions,
}

/// A client that has shown who it is at the token endpoint.
#[derive(Debug)]
pub struct Client {
    /// The key that it showed.
    pub(crate) row: CallerKeyRow,
    /// Who it is, for the guard.
    pub caller: Arc<Caller>,
}

impl Client {
    /// The client's id: its key's name.
    pub fn id(&self) -> &str {
        &self.row.id
    }

    /// What its tokens may be for.
    pub const fn scopes(&self) -> Scopes {
        self.row.scopes
    }

    /// Whether it is that app.
    pub fn is_app(&self, id: &str) -> bool {
        matches!(&self.row.holder, KeyHolder::App(app) if app.as_str() == id)
    }
}

/// A token that was issued.
#[derive(Debug)]
pub struct IssuedToken {
    /// The token.
    pub token: Secret<String>,
    /// What it is for.
    pub scopes: Scopes,
    /// For how long.
    pub lives: Duration,
    /// Whether it is bound to a key of the client's.
    pub is_bound: bool,
}

/// What is known of a token that is good (RFC 7662).
#[derive(Debug)]
pub struct KnownToken {
    /// What it says.
    pub access: Access,
    /// What it may now.
    pub scopes: Scopes,
}

/// What a request shows beside a token: a proof, and what it is a proof for.
#[derive(Debug, Clone, Copy)]
pub struct ShownProof<'a> {
    /// The header `DPoP`, if there is one; or that there is more than one.
    pub proof: Option<Result<&'a str, ()>>,
    /// Whether the token came with the scheme `DPoP`.
    pub by_scheme: bool,
    /// The request's method.
    pub method: &'a str,
    /// The request's address, as it may be named: a proxy may have spoken TLS.
    pub addresses: &'a [Url],
}

impl Identity {
    /// Begins to issue tokens and to take them, in the name of that address: once, as soon as the node knows it.
    pub async fn with_tokens(&self, issuer: &str) -> Result<(), TokenError> {
        let key = SigningKey::from_seed(&self.seed(KEY).await?).map_err(TokenError::Key)?;
        // Anew at each start: which proofs were used is not known any more, so those from before are worth nothing.
        let nonces = Nonces::new(&random::bytes()?);
        let issuer = issuer.trim_end_matches('/').to_owned();
        let assertions = ClientAssertions::new(vec![issuer.clone(), format!("{issuer}/oauth/token")]);
        let access = AccessTokens::new(&issuer, key, Vec::new());
        self.set_tokens(Tokens { issuer, access, proofs: Proofs::new(nonces, true), assertions });
        Ok(())
    }

    /// Random bytes that are kept sealed under that name, made where there are none.
    async fn seed(&self, name: &'static str) -> Result<[u8; 32], TokenError> {
        if let Some(sealed) = self.store().setting(name).await? {
            let clear = self.open_secret(name, &sealed)?;
            return <[u8; 32]>::try_from(clear.expose_secret().as_slice()).map_err(|_| TokenError::Kept(name));
        }
        let seed = random::bytes::<32>()?;
        self.store().save_setting(name, &self.seal_secret(name, &seed)?).await?;
        Ok(seed)
    }

    /// In whose name tokens are issued. Nothing before the node knows its address.
    pub fn issuer(&self) -> Option<&str> {
        self.tokens().map(|tokens| tokens.issuer.as_str())
    }

    /// The key set to publish.
    pub fn token_keys(&self) -> Option<&KeySet> {
        self.tokens().map(|tokens| tokens.access.keys())
    }

    /// The nonce to make proofs with now.
    pub fn nonce(&self) -> Option<String> {
        self.tokens().map(|tokens| tokens.proofs.nonce(self.now()))
    }

    /// The client whose assertion this is (RFC 7523). Nothing where it is nobody's, for whatever reason.
    pub async fn client_by_assertion(&self, shown: &str, peer: IpAddr) -> Result<Option<Client>, IdentifyError> {
        let Some(tokens) = self.tokens() else { return Ok(None) };
        // The keys of the one client it names are looked up first: what is not believed only says whose.
        let Some(named) = ClientAssertions::named(shown) else { return Ok(None) };
        let row = self.store().caller_key(&named).await?;
        let keys = row.as_ref().and_then(|row| row.public_key.as_deref()).and_then(public_key);
        let checked = tokens.assertions.check(shown, |client| keys.filter(|_| client == named), self.now());
        let (Ok(asserted), Some(row)) = (checked, row) else { return Ok(None) };
        // Kept, because a start must not make it good again.
        let (used, now) = (sha256(&[ASSERTION, asserted.used.as_slice()].concat()), self.now());
        let until = now.checked_add(limits::ASSERTION_TIME * 2).unwrap_or(Timestamp::MAX);
        if !self.store().end_token(&used, until, now).await? {
            return Ok(None);
        }
        self.client(row, peer).await
    }

    /// The client that showed its key as a secret, known by the gate already.
    pub async fn client_by_key(&self, id: &str, peer: IpAddr) -> Result<Option<Client>, IdentifyError> {
        match self.store().caller_key(id).await? {
            Some(row) => self.client(row, peer).await,
            None => Ok(None),
        }
    }

    async fn client(&self, row: CallerKeyRow, peer: IpAddr) -> Result<Option<Client>, IdentifyError> {
        let now = self.now();
        if row.revoked.is_some() || row.until <= now || !matches!(row.holder, KeyHolder::App(_)) {
            return Ok(None);
        }
        let key = ShownKey { id: row.id.clone(), scopes: row.scopes, until: row.until, access: None };
        let principal = match self.holder_of(row.holder.clone()).await {
            Ok((principal, _)) => principal,
            Err(IdentifyError::Revoked) => return Ok(None),
            Err(error) => return Err(error),
        };
        let personal = Personal { address: Some(peer.to_canonical().to_string()), ..Personal::default() };
        let caller = self.caller_by(key, (principal, Strength::ApiKey), Month::of(now), personal).await?;
        Ok(Some(Client { row, caller: Arc::new(caller) }))
    }

    /// Issues a token to a client, for these scopes, bound to the key of that proof.
    pub fn issue_token(
        &self,
        client: &Client,
        scopes: Scopes,
        proof: Option<&Proof>,
    ) -> Result<IssuedToken, TokenError> {
        let tokens = self.tokens().ok_or(TokenError::NotReady)?;
        let KeyHolder::App(app) = &client.row.holder else { return Err(TokenError::NotReady) };
        let now = self.now();
        let left = Duration::try_from(client.row.until.duration_since(now)).unwrap_or_default();
        let lives = limits::ACCESS_TOKEN_TIME.min(left);
        let scope = scopes.to_string();
        let grant = Grant {
            subject: app.as_str(),
            client: &client.row.id,
            audience: &tokens.issuer,
            scope: &scope,
            bound_to: proof.map(|proof| proof.key),
            lives,
        };
        let token = tokens.access.issue(&grant, now)?;
        Ok(IssuedToken { token, scopes, lives, is_bound: proof.is_some() })
    }

    /// Checks the proof that a request shows: at the token endpoint, where there is no token yet.
    pub fn check_proof(&self, shown: &ShownProof<'_>, token: Option<&str>) -> Result<Option<Proof>, IdentifyError> {
        let tokens = self.tokens().ok_or(IdentifyError::Unknown)?;
        let proof = match shown.proof {
            None => return Ok(None),
            Some(Err(())) => return Err(IdentifyError::NotProved("there are two proofs")),
            Some(Ok(proof)) => proof,
        };
        for address in shown.addresses {
            match tokens.proofs.check(proof, (shown.method, address), token, self.now()) {
                Ok(proof) => return Ok(Some(proof)),
                Err(ProofFault::UseNonce(nonce)) => return Err(IdentifyError::UseNonce(nonce)),
                Err(_) => {}
            }
        }
        Err(IdentifyError::NotProved("the proof is not one for this request"))
    }

    /// Holds what a request proves against what the caller's token asks for. Asked for every request, remembered or not.
    pub fn proved(&self, caller: &Caller, shown: &ShownProof<'_>, token: Option<&str>) -> Result<(), IdentifyError> {
        let access = caller.key.as_ref().and_then(|key| key.access.as_deref());
        let Some(access) = access else {
            return match shown.by_scheme || shown.proof.is_some() {
                true => Err(IdentifyError::NotProved("a proof belongs to a token that is bound to a key")),
                false => Ok(()),
            };
        };
        let proof = self.check_proof(shown, token)?;
        // A bound token is not shown as Bearer: whoever took it so would take it from a thief (RFC 9449, section 7.1).
        if shown.by_scheme != proof.is_some() {
            return Err(IdentifyError::NotProved(
                "the scheme is DPoP where a proof is shown, and Bearer where none is",
            ));
        }
        access.proved_by(proof.as_ref()).map_err(|_| IdentifyError::NotProved("the token and the proof do not fit"))
    }

    /// Whom an access token of ours stands for, if it is good.
    pub(crate) async fn by_access_token(
        &self,
        text: &str,
        month: Month,
        address: Option<String>,
    ) -> Result<Caller, IdentifyError> {
        let known = self.known_token(text).await?.ok_or(IdentifyError::Unknown)?;
        let row = self.store().caller_key(&known.access.client).await?.ok_or(IdentifyError::Revoked)?;
        let (principal, _) = self.holder_of(row.holder).await?;
        let scopes = known.scopes.and(self.scopes_now(&row.id).await?);
        let until = known.access.until.min(row.until);
        let key = ShownKey { id: row.id, scopes, until, access: Some(Arc::new(known.access)) };
        let personal = Personal { address, ..Personal::default() };
        self.caller_by(key, (principal, Strength::AccessToken), month, personal).await
    }

    /// What is known of a token, where it is one of ours and good.
    ///
    /// # Errors
    /// What it is that is not good any more; [`IdentifyError::Unknown`] for what was never ours.
    pub async fn known_token(&self, text: &str) -> Result<Option<KnownToken>, IdentifyError> {
        let Some(tokens) = self.tokens() else { return Ok(None) };
        let now = self.now();
        let access = tokens.access.check(text, &tokens.issuer, now);
        let access =
            access.map_err(|fault| if fault.is_over() { IdentifyError::Over } else { IdentifyError::Unknown })?;
        if self.store().token_ended(&sha256(access.id.as_bytes())).await? {
            return Err(IdentifyError::Revoked);
        }
        let row = self.store().caller_key(&access.client).await?.ok_or(IdentifyError::Revoked)?;
        if row.revoked.is_some() || row.holder != KeyHolder::App(fanlight_base::AppId::new(access.subject.as_str())) {
            return Err(IdentifyError::Revoked);
        }
        if row.until <= now {
            return Err(IdentifyError::Over);
        }
        // What the key lost since, the token lost, too.
        let scopes = Scopes::parse(&access.scope).unwrap_or_default().and(row.scopes);
        Ok(Some(KnownToken { access, scopes }))
    }

    /// Ends a token before its time: refused from the moment this returns.
    pub async fn end_token(&self, known: &KnownToken) -> Result<bool, StoreError> {
        let ended = self.store().end_token(&sha256(known.access.id.as_bytes()), known.access.until, self.now()).await;
        self.forget_callers();
        ended
    }
}

/// The one public key that is kept as text.
fn public_key(text: &str) -> Option<KeySet> {
    let key = json::object(text.as_bytes(), 3).ok()?;
    let key = Jwk::read(&key, Algorithm::Rs256).ok()?;
    Some([key].into_iter().collect())
}

/// A public key as it is kept, or why it is none that may be.
pub(crate) fn checked_public_key(key: &Object) -> Result<String, KeyError> {
    let key = Jwk::read(key, Algorithm::Rs256).map_err(KeyError::PublicKey)?;
    Ok(serde_json::Value::Object(key.to_json()).to_string())
}
