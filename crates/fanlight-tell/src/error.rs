//! Why somebody was not told.

use http::StatusCode;

/// A way of telling that cannot be used as it is set.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The secret is not one.
    #[error("the secret of the webhook is not whsec_ and the base64 of 24 to 64 bytes")]
    Secret,
    /// The system gave no randomness.
    #[error("the system gives no random numbers for the secret of the webhook")]
    NoRandom,
    /// An address is not one.
    #[error("{setting}: {address:?} is no mail address")]
    Address {
        /// The setting.
        setting: &'static str,
        /// What stands there.
        address: String,
    },
    /// The server cannot be used.
    #[error("tell.mail.server cannot be used")]
    Server(#[source] lettre::transport::smtp::Error),
    /// Mail comes from nobody.
    #[error("tell.mail.server is set and tell.mail.from is not: mail needs an address that it comes from")]
    NoSender,
    /// The server's address names no host.
    #[error("tell.mail.server names no host")]
    NoHost,
}

/// Why one try did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum TellError {
    /// The webhook could not be sent.
    #[error("the webhook could not be sent")]
    Webhook(#[from] fanlight_net::upstream::UpstreamError),
    /// Its receiver answered that it did not take it.
    #[error("the webhook was answered with status {0}, which is not yes")]
    NotTaken(StatusCode),
    /// The mail could not be written.
    #[error("the mail could not be written")]
    Unwritable(#[from] lettre::error::Error),
    /// The address it should go to is none.
    #[error("the address of whom it is for is none")]
    Address(#[source] lettre::address::AddressError),
    /// The server did not take it.
    #[error("the mail server did not take the mail")]
    Server(#[source] lettre::transport::smtp::Error),
    /// It took too long.
    #[error("the mail server took over {0} s")]
    Late(u64),
}

impl TellError {
    /// What went wrong, with a mail server's code and without its words, in which addresses stand.
    pub fn without_data(&self) -> String {
        match self {
            Self::Server(source) => match source.status() {
                Some(code) => format!("{self}: it answered {code}"),
                None if source.is_response() => format!("{self}: it did not answer as a mail server does"),
                // Of the network, of TLS, or of what it cannot do: none of the server's words.
                None => fanlight_base::fault::with_causes(self),
            },
            Self::Address(_) => self.to_string(),
            other => fanlight_base::fault::with_causes(other),
        }
    }

    /// Whether another try would end the same.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Unwritable(_) | Self::Address(_) => true,
            Self::Server(error) => error.is_permanent(),
            // 410: the receiver wants no more of it.
            Self::NotTaken(status) => *status == StatusCode::GONE,
            Self::Webhook(_) | Self::Late(_) => false,
        }
    }
}
