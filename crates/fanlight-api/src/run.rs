//! How a running node is found: the files it keeps under its state folder while it runs, and its own authority.

use fanlight_base::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where, under the state folder, a running node says where it is: one [`NodeFile`] as JSON, removed at its end.
pub const NODE_FILE: &str = "run/node.json";
/// Where, under the state folder, a running node keeps the certificate it shows now (DER), where that comes from files of
/// the steward's; mode 0600.
pub const CERTIFICATE_FILE: &str = "run/certificate.der";
/// Where, under the state folder, the operator's token stands: one line `flo_...`, mode 0600, new with every start.
pub const OPERATOR_TOKEN_FILE: &str = "run/operator.token";
/// What every operator's token begins with.
pub const OPERATOR_TOKEN_PREFIX: &str = "flo_";
/// What every device token begins with.
pub const DEVICE_TOKEN_PREFIX: &str = "flk_";

/// The running node, as it describes itself in [`NODE_FILE`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NodeFile {
    /// Where clients find it: `http://127.0.0.1:7070`, without a path or a slash at the end.
    pub url: String,
    /// Where the commands on its machine ask it, in the same form; the host is an address.
    pub local: String,
    /// Its process.
    pub pid: u32,
    /// When it started.
    pub started: Timestamp,
    /// The file under the state folder with the root certificate (PEM) of its own authority, where it made its certificate
    /// itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// The file under the state folder with the certificate (DER) that it shows now, where that comes from files of the steward's. The commands
    /// take that one and no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
}

/// The node's own certificate authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Authority {
    /// The root certificate, PEM.
    pub pem: String,
}
