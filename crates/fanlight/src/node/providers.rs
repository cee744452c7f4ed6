//! The providers at which people log in, out of the settings.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use fanlight_base::Secret;
use fanlight_config::Config;
use fanlight_console::Providers;
use fanlight_console::providers::Named;
use fanlight_net::Upstream;

use super::error::NodeError;

/// Bytes of a client's secret.
const SECRET_BYTES: u64 = 4096;

/// Those that the settings name, with their secrets. Opens no connection.
pub fn open(config: &Config, client: &Upstream) -> Result<Arc<Providers>, NodeError> {
    let named = config.login_providers.0.iter().map(|one| {
        let secret = match &one.secret_file {
            Some(path) => Some(secret(path).map_err(NodeError::state("reading", path))?),
            None => None,
        };
        Ok(Named {
            name: one.name.clone(),
            issuer: one.issuer.clone(),
            issuer_text: one.issuer_text.clone(),
            client: one.client.clone(),
            secret,
            name_claim: one.name_claim.clone(),
            groups_claim: one.groups_claim.clone(),
            second_factor: one.second_factor,
        })
    });
    let named: Result<Vec<_>, NodeError> = named.collect();
    Ok(Arc::new(Providers::new(named?, client)))
}

fn secret(path: &Path) -> Result<Secret<String>, io::Error> {
    let mut text = String::new();
    let read = File::open(path)?.take(SECRET_BYTES + 1).read_to_string(&mut text)? as u64;
    let text = text.trim_end_matches(['\n', '\r']);
    if read > SECRET_BYTES || text.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is empty, or too long for a secret"));
    }
    Ok(Secret::new(text.to_owned()))
}
