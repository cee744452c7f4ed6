//! What is told of how tokens are asked for (RFC 8414) and checked.

use fanlight_base::Scope;
use fanlight_identity::Identity;
use fanlight_net::Body;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::{INTROSPECT, KEYS, REVOKE, TOKEN, response};

/// Before the node knows its address there is nothing to tell.
fn told(value: Option<Value>) -> Response<Body> {
    match value {
        Some(value) => response(StatusCode::OK, &value),
        None => response(StatusCode::SERVICE_UNAVAILABLE, &json!({ "error": "temporarily_unavailable" })),
    }
}

/// The keys by which tokens are checked.
pub(super) fn keys(identity: &Identity) -> Response<Body> {
    told(identity.token_keys().map(|keys| Value::Object(keys.to_json())))
}

/// All else.
pub(super) fn metadata(identity: &Identity) -> Response<Body> {
    let methods = json!(["client_secret_basic", "client_secret_post", "private_key_jwt"]);
    let signing = json!(["EdDSA", "ES256", "ES384", "RS256", "PS256"]);
    told(identity.issuer().map(|issuer| {
        json!({
            "issuer": issuer,
            "token_endpoint": format!("{issuer}{TOKEN}"),
            "token_endpoint_auth_methods_supported": methods,
            "token_endpoint_auth_signing_alg_values_supported": signing,
            "introspection_endpoint": format!("{issuer}{INTROSPECT}"),
            "introspection_endpoint_auth_methods_supported": methods,
            "introspection_endpoint_auth_signing_alg_values_supported": signing,
            "revocation_endpoint": format!("{issuer}{REVOKE}"),
            "revocation_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_signing_alg_values_supported": signing,
            "jwks_uri": format!("{issuer}{KEYS}"),
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "scopes_supported": Scope::ALL.map(Scope::as_str),
            "dpop_signing_alg_values_supported": signing,
        })
    }))
}
