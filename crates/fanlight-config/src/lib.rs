//! Settings read once into valid types: built-in defaults, `fanlight.toml`, the environment and flags, in that order of
//! rising strength.
//!
//! Refuses to know what a setting is for. Invariants: a key nobody knows or a value that cannot be used stops the start
//! and says where it stands; each value remembers where it came from; each setting is defined, documented and given its
//! default in one place, [`settings`], from which `docs/configuration.md` is made.

mod docs;
mod fault;
mod load;
mod rules;
pub mod settings;
mod value;

pub use docs::reference;
pub use fault::{ConfigFault, Spot};
pub use load::{Effective, Origin, Sources};
pub use settings::{Config, Known};
pub use value::{
    Alternatives, ByteSize, CooldownFor, Feed, Feeds, HostNames, LogFormat, LogLevel, MailAddress, MailDomain,
    MailServer, Paths, Patterns, ProviderAt, Providers, Tls, UpstreamAt, Upstreams, Webhook, parse_span,
};
