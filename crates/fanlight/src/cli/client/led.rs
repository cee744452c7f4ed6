//! The node that a client of this person is led to, asked with the token in that client's settings: for commands on machines
//! without a state folder.

use std::fs;

use fanlight_api::NodeFile;
use fanlight_base::{Secret, Timestamp};

use super::{CONNECT_TIME, ClientError, Node};
use crate::cli::login::{self, Login};
use crate::cli::outcome::Failure;
use crate::cli::{Global, settings};
use crate::clients::Surroundings;
use crate::clients::led::{Led, for_ecosystem, led};

impl Node {
    /// The node that runs on the state folder; without one, and without a folder that was named, the one that a client for
    /// these packages is led to.
    pub fn at_hand(global: &Global, ecosystem: &str) -> Result<Self, Failure> {
        match Self::find(&settings::state_folder(global)?) {
            Err(error) if error.is_not_running() && global.state.is_none() => {
                match led(&for_ecosystem(ecosystem), &Surroundings::of_this_process()) {
                    Some(led) => Ok(Self::led(led)?),
                    None => Err(error.into()),
                }
            }
            found => Ok(found?),
        }
    }

    /// The node that runs on the state folder; without one, and without a folder that was named, the one that this person is
    /// logged in to.
    pub fn asked(global: &Global) -> Result<Self, Failure> {
        match Self::find(&settings::state_folder(global)?) {
            Err(error) if error.is_not_running() && global.state.is_none() => match login::kept()? {
                Some(login) => Ok(Self::logged_in(&login)?),
                None => Err(error.into()),
            },
            found => Ok(found?),
        }
    }

    /// The node that a login is for.
    pub fn logged_in(login: &Login) -> Result<Self, ClientError> {
        let roots = login.ca.as_ref().map(|pem| pem.clone().into_bytes());
        Self::elsewhere(&login.address, Secret::new(login.key.clone()), roots, "this command")
    }

    /// The node, asked in the name of whose token it is.
    pub fn led(led: Led) -> Result<Self, ClientError> {
        let Led { client, url, token, roots } = led;
        let roots = roots.map(|file| fs::read(&file).map_err(|source| ClientError::Unreadable { file, source }));
        Self::elsewhere(&url, token, roots.transpose()?, &client.to_string())
    }

    fn elsewhere(address: &str, token: Secret<String>, roots: Option<Vec<u8>>, who: &str) -> Result<Self, ClientError> {
        let url = address.to_owned();
        let is_loopback = url::Url::parse(&url).is_ok_and(|url| match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        });
        let is_closed = url.starts_with("https://") || (is_loopback && url.starts_with("http://"));
        if !is_closed {
            return Err(ClientError::InClear { url, client: who.to_owned() });
        }
        // A second installation is refused, and the first is what we want.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIME)
            .user_agent(concat!("fanlight/", env!("CARGO_PKG_VERSION")));
        if is_loopback {
            builder = builder.no_proxy();
        }
        if let Some(pem) = roots {
            let roots = reqwest::Certificate::from_pem_bundle(&pem).map_err(ClientError::Authority)?;
            builder = builder.tls_certs_only(roots);
        }
        let http = builder.build().map_err(ClientError::Authority)?;
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ClientError::Prepare)?;
        let started = Timestamp::UNIX_EPOCH;
        let about = NodeFile { local: url.clone(), url, pid: 0, started, ca: None, certificate: None };
        Ok(Self { about, authority: None, token, http, runtime })
    }
}
