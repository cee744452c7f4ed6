//! The ways by which people are told, out of the settings.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use fanlight_base::Secret;
use fanlight_config::Config;
use fanlight_console::{Post, Telling};
use fanlight_net::Upstream;
use fanlight_tell::{Mail, Webhook};

use super::error::NodeError;

/// Where, under the state folder, the secret stands that signs webhooks. Made with the first start that needs it.
const SECRET: &str = "webhook.secret";
/// Bytes that are read of it; a secret has at most 94.
const SECRET_BYTES: u64 = 256;

/// The ways that the settings name. Opens no connection.
pub fn open(config: &Config, client: &Upstream) -> Result<Arc<Telling>, NodeError> {
    let webhook = match &config.tell_webhook {
        Some(address) => Some(Webhook::new(client.clone(), address.0.clone(), &secret(&config.state.join(SECRET))?)?),
        None => None,
    };
    let post = match (&config.tell_mail_server, &config.tell_mail_from) {
        (Some(server), Some(from)) => Some(Post {
            mail: Mail::new(&server.0, &from.0)?,
            reviewers: config.tell_mail_reviewers.as_ref().map(|address| address.0.clone()),
            domain: config.tell_mail_domain.as_ref().map(|domain| domain.0.clone()),
        }),
        (Some(_), None) => return Err(fanlight_tell::SetUpError::NoSender.into()),
        (None, _) => None,
    };
    Ok(Arc::new(Telling::new(webhook, post)))
}

fn secret(path: &Path) -> Result<Secret<String>, NodeError> {
    let failed = |doing| move |source| NodeError::State { doing, path: path.to_owned(), source };
    match fs::metadata(path) {
        Ok(meta) if meta.len() > SECRET_BYTES => {
            Err(failed("reading")(io::Error::new(io::ErrorKind::InvalidData, "it is too long for a secret")))
        }
        Ok(_) => fs::read_to_string(path).map(Secret::new).map_err(failed("reading")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let secret = fanlight_tell::new_secret()?;
            let mut file = fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path)
                .map_err(failed("writing"))?;
            writeln!(file, "{}", secret.expose_secret()).and_then(|()| file.sync_all()).map_err(failed("writing"))?;
            Ok(secret)
        }
        Err(error) => Err(failed("reading")(error)),
    }
}
