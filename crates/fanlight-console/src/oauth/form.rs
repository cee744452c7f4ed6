//! What OAuth's endpoints are sent: a form, each member once (RFC 6749, section 3.2).

use fanlight_base::limits;
use fanlight_net::RequestBody;
use http::{Request, header};

use super::Wrong;

const FORM: &[u8] = b"application/x-www-form-urlencoded";

/// A form.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a request's body. Nothing in the address counts: it would be in logs.
    pub(super) async fn read(request: Request<RequestBody>) -> Result<Self, Wrong> {
        let kind = request.headers().get(header::CONTENT_TYPE).map(|kind| kind.as_bytes().to_ascii_lowercase());
        let is_form =
            kind.is_some_and(|kind| kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii() == FORM);
        if !is_form {
            return Err(Wrong::Request);
        }
        let time = limits::REQUEST_HEAD_TIME;
        let bytes = fanlight_net::body::read_body(request.into_body(), limits::OAUTH_FORM_BYTES, time).await;
        Self::of(&bytes.map_err(|_| Wrong::Request)?)
    }

    fn of(bytes: &[u8]) -> Result<Self, Wrong> {
        let members: Vec<(String, String)> = url::form_urlencoded::parse(bytes).into_owned().collect();
        let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Wrong::Request);
        }
        Ok(Self(members))
    }

    /// The member of that name; nothing where it is empty, as it is where it is left out.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        found.filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_is_there_twice_spoils_the_form() {
        let form = Form::of(b"grant_type=client_credentials&scope=packages%20api&empty=").ok().unwrap();
        assert_eq!((form.get("scope"), form.get("empty"), form.get("none")), (Some("packages api"), None, None));
        assert_eq!(Form::of(b"scope=api&scope=packages").err(), Some(Wrong::Request));
    }
}
