//! Every setting: its words, its type, its key, its default. A new setting is one entry here.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use crate::fault::ConfigFault;
use crate::load::{Effective, Given, Sources};
use crate::value::{
    Alternatives, ByteSize, CooldownFor, Feeds, HostNames, Issuers, LogFormat, LogLevel, MailAddress, MailDomain,
    MailServer, Paths, Patterns, Providers, Setting, Tls, Upstreams, Webhook,
};

/// What is known of a setting before any value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Its key, levels separated by dots.
    pub key: &'static str,
    /// Its default, as it would be written in text; empty means none.
    pub default: &'static str,
    /// What is allowed.
    pub allowed: &'static str,
    /// An example of a value, as TOML.
    pub example: &'static str,
    pub(crate) doc: &'static [&'static str],
}

impl Known {
    /// What it is for.
    pub fn doc(&self) -> String {
        self.doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
    }

    /// The environment variable that sets it.
    pub fn variable(&self) -> String {
        format!("FANLIGHT_{}", self.key.to_uppercase().replace('.', "__"))
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.effective().iter().map(|setting| (setting.key, &setting.value))).finish()
    }
}

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $field:ident: $type:ty = $key:literal, default $default:literal, example $example:literal;)+) => {
        /// All settings, valid. Its `Debug` shows what [`Config::effective`] shows: no secrets.
        #[derive(Clone)]
        pub struct Config {
            /// The state folder. From `--state`, `FANLIGHT_STATE`, or the user's state directory.
            pub state: PathBuf,
            /// The settings file that was read, where there was one.
            pub file: Option<PathBuf>,
            $($(#[doc = $doc])+ pub $field: $type,)+
            effective: Vec<Effective>,
        }

        /// Every setting there is, in the order of the documentation.
        pub const KNOWN: &[Known] = &[$(Known {
            key: $key,
            default: $default,
            allowed: <$type as Setting>::ALLOWED,
            example: $example,
            doc: &[$($doc),+],
        },)+];

        impl Config {
            /// Reads and checks all settings.
            pub fn load(sources: Sources) -> Result<Self, ConfigFault> {
                let mut given = Given::gather(sources)?;
                $(let $field = given.take::<$type>($key)?;)+
                let Given { state, file, effective, .. } = given;
                let config = Self { state, file, $($field,)+ effective };
                given.spots.check(&config)?;
                Ok(config)
            }

            /// Each setting's value and where it came from; secrets hidden.
            pub fn effective(&self) -> &[Effective] {
                &self.effective
            }
        }
    };
}

settings! {
    /// Where the node listens. Port 0 takes any free port. An address that other machines can reach needs `listen.tls`.
    listen_address: SocketAddr = "listen.address", default "127.0.0.1:7070", example "\"127.0.0.1:7070\"";
    /// How the node speaks: plain HTTP (loopback only), TLS with a certificate from Fanlight's own local authority in
    /// the state folder, or TLS with a certificate and key of yours. These are looked at every 3 seconds; new ones are
    /// shown to the next connection, and broken ones are told in the log and never replace those that work.
    listen_tls: Tls = "listen.tls", default "off",
        example "{ cert = \"/etc/ssl/fanlight.pem\", key = \"/etc/ssl/fanlight.key\" }";
    /// The authorities whose client certificates are taken (mutual TLS), as files in PEM form. A client may show one and need not;
    /// one that none of these vouches for is turned away in the handshake. Which app a certificate stands for says a key of that
    /// app: `fanlight keys make --certificate`. Looked at every 3 seconds; for `listen.tls` only.
    listen_client_authorities: Paths = "listen.client_authorities", default "", example "[\"/etc/fanlight/clients.pem\"]";
    /// Lists of client certificates that are revoked (CRL), as files, PEM or DER. One that is over stops all certificates of its
    /// issuer. Looked at every 3 seconds, and in force for connections that are open, too.
    listen_client_revocations: Paths = "listen.client_revocations", default "", example "[\"/etc/fanlight/clients.crl\"]";
    /// Host names under which the node answers, beside `localhost`, this machine's own name and every address: the names
    /// of a proxy or container before it. A request for another host is refused with 421, so that no web page can make
    /// its own name lead here. With a certificate of yours and no names here, every name is answered: no browser speaks
    /// over TLS to a name that the certificate does not have. Where the node listens on every address, or its certificate
    /// is not for the one it has, the first name here that the certificate is for is the one clients are given.
    listen_names: HostNames = "listen.names", default "", example "[\"fanlight.acme.example\"]";
    /// How long somebody stays logged in without doing anything.
    session_idle: Duration = "session.idle", default "12h", example "\"12h\"";
    /// How long somebody stays logged in at most.
    session_absolute: Duration = "session.absolute", default "7d", example "\"7d\"";
    /// The address at which people open this node's pages, where it is not the one that it listens at: that of a proxy before
    /// it. Links that are given to people lead there, and passkeys are bound to its host name: at another one they open
    /// nothing. Without it the node's own address; on this machine alone `localhost`.
    login_address: Option<Url> = "login.address", default "", example "\"https://fanlight.acme.example\"";
    /// A list of passwords that were in breaches elsewhere and are not taken as new ones here: SHA-1 in hexadecimal digits,
    /// sorted, one a line, with or without `:COUNT` behind it, as such lists are published. It is searched where it lies, and
    /// nothing is sent anywhere.
    login_breached_passwords: Option<PathBuf> = "login.breached_passwords", default "",
        example "\"/srv/passwords/breached.txt\"";
    /// Providers at which people log in (OpenID Connect: the code flow with PKCE), beside or instead of accounts of this node's own. At
    /// the provider the node is a web client whose answers go to the address of its pages and `/login/answer`. Who is new
    /// is known from then on under the name in `name_claim` (`preferred_username` where nothing is said), so name a claim that
    /// people cannot change themselves; both claims stand in the ID token. `groups_claim` holds the groups they are in: they
    /// join and leave them at each login. With `second_factor = true` each login that is not older than 10 minutes counts as
    /// one with a second factor, else only one whose `amr` says `mfa`.
    login_providers: Providers = "login.providers", default "",
        example "[{ name = \"acme\", issuer = \"https://login.acme.example\", client = \"fanlight\", groups_claim = \"groups\" }]";
    /// Issuers whose tokens apps may call with, so that a CI's job or another program needs no secret of this node: each by a `name`
    /// of yours, its `issuer` and the `audience` that its tokens must be for, both letter for letter. Its keys are those that it
    /// publishes: where it describes itself (OpenID Connect Discovery), or at the address in `keys`. `algorithms` are those by
    /// which it may sign, with spaces between them: all that are not symmetric where nothing is said. `tokens` is `workload`,
    /// what a platform gives to a job to show who it is, or `access`, access tokens by RFC 9068. Which app a token stands for
    /// says a key of that app: `fanlight keys make --issuer`.
    apps_issuers: Issuers = "apps.issuers", default "",
        example "[{ name = \"ci\", issuer = \"https://ci.acme.example\", audience = \"https://fanlight.acme.example\" }]";
    /// How long a release waits after it was published before people get it.
    packages_cooldown: Duration = "packages.cooldown", default "7d", example "\"7d\"";
    /// Other cool-downs for some projects. A pattern is a project's name or, beginning with `pkg:`, a purl without
    /// version; `*` stands for any text, `?` for any character. The longest pattern that matches wins.
    packages_cooldown_for: CooldownFor = "packages.cooldown_for", default "",
        example "{ \"pkg:pypi/acme-*\" = \"0\", numpy = \"36h\" }";
    /// What your company uses instead of some projects, in a few words. Refusals say it, `fanlight why` and requests too; it
    /// stops nothing by itself. Patterns as for `packages.cooldown_for`.
    packages_alternatives: Alternatives = "packages.alternatives", default "",
        example "{ \"pkg:pypi/left-pad\" = \"str.ljust\", \"pkg:npm/moment\" = \"date-fns\" }";
    /// How old what is known of a project may be before the upstream is asked again.
    packages_refresh: Duration = "packages.refresh", default "60s", example "\"60s\"";
    /// Names of the company's own projects. They are asked only of upstreams that are private, and where there is none they
    /// are refused: never of a public one, where anybody may register them. A pattern is a project's name, an npm scope with
    /// its names, or a purl without version; `*` stands for any text, `?` for any character; case and `-`, `_`, `.` are one.
    packages_private: Patterns = "packages.private", default "", example "[\"acme-*\", \"@acme/*\"]";
    /// The Python package index to stand in front of: the address of its simple index. Several are a list, in the order in
    /// which they are asked, the company's own as `{ url = "...", private = true }`. Without it, the one that pip on
    /// this machine uses. A user and password in an address are sent to that host and shown nowhere.
    packages_pypi_upstream: Upstreams = "packages.pypi.upstream", default "",
        example "\"https://index.upstream.example/simple/\"";
    /// The npm registry to stand in front of, or several as for Python. Without it, the one that npm on this machine uses.
    packages_npm_upstream: Upstreams = "packages.npm.upstream", default "",
        example "\"https://registry.upstream.example/\"";
    /// The sparse index of crates to stand in front of, or several as for Python. Without it, the one that cargo on this
    /// machine has used, where it is one.
    packages_cargo_upstream: Upstreams = "packages.cargo.upstream", default "",
        example "\"https://index.upstream.example/\"";
    /// How much room the files of releases may take in the state folder. The least recently used go first.
    packages_cache_size: ByteSize = "packages.cache_size", default "10GB", example "\"10GB\"";
    /// How much memory index pages may take, as read and as written, roughly. Projects asked for longest ago are let go
    /// of first and read from the state folder when somebody asks again. An ordinary project takes 50 to 100 KB.
    packages_memory: ByteSize = "packages.memory", default "256MiB", example "\"1GiB\"";
    /// Lists of names that others imitate, beside those that people here use and the built-in ones: files with a purl
    /// without version a line, `#` for comments. Read every hour.
    packages_popular: Paths = "packages.popular", default "", example "[\"/etc/fanlight/popular.txt\"]";
    /// The folder of the company's own rules for the scan: ast-grep's YAML and YARA. A relative path is taken from the
    /// settings file's folder; the default lies in the state folder. Changes are taken up within seconds.
    scan_rules: PathBuf = "scan.rules", default "scan", example "\"/etc/fanlight/scan\"";
    /// The folder of the company's own policies, `*.cedar`. A relative path is taken from the settings file's folder; the
    /// default lies in the state folder.
    policies_folder: PathBuf = "policies.folder", default "policies", example "\"/etc/fanlight/policies\"";
    /// Built-in policies to leave out, by id.
    policies_disable: Vec<String> = "policies.disable", default "", example "[\"wait-and-see-first-seen\"]";
    /// Feeds of advisories, in OSV form: folders of records, zip archives of them, and addresses of such archives. Each is
    /// another database than the publishers' own: a release that one of them calls a fix of a flaw passes the cool-down. A
    /// feed that is taken out here is forgotten at the next start. A user and password in an address are sent to that host
    /// and shown nowhere.
    advisories_sources: Feeds = "advisories.sources", default "",
        example "[\"/srv/advisories/pypi\", \"https://mirror.acme.example/osv/npm.zip\"]";
    /// How often the feeds and the VEX documents are looked at, at least 1s. A feed at an address is asked whether it has
    /// changed, and comes again only then.
    advisories_refresh: Duration = "advisories.refresh", default "1h", example "\"1h\"";
    /// VEX documents (OpenVEX, or CSAF of the category `csaf_vex`), as files or folders of files, that say which flaws do
    /// not affect which releases. They are believed by the built-in policies, so name none but your own and those of
    /// people you trust.
    advisories_vex: Paths = "advisories.vex", default "", example "[\"/srv/vex\"]";
    /// Where it is told that somebody asks for a release, and what was answered: an address that takes webhooks, signed with
    /// the secret in `webhook.secret` in the state folder ([asking](asking.md#webhooks)). `https`, except on this machine. A
    /// user and password in it are sent to that host and shown nowhere.
    tell_webhook: Option<Webhook> = "tell.webhook", default "", example "\"https://chat.acme.example/hooks/fanlight\"";
    /// The mail server by which reviewers are told that somebody asks, and who asked what was answered. A user and password
    /// in it are sent to that host and shown nowhere.
    tell_mail_server: Option<MailServer> = "tell.mail.server", default "",
        example "\"smtps://fanlight:PASSWORD@mail.acme.example\"";
    /// The address that mail comes from.
    tell_mail_from: Option<MailAddress> = "tell.mail.from", default "", example "\"fanlight@acme.example\"";
    /// The address that is told when somebody asks: that of a reviewer, or of a list of them.
    tell_mail_reviewers: Option<MailAddress> = "tell.mail.reviewers", default "", example "\"security@acme.example\"";
    /// The domain of people's addresses: with it, `asha` is told at `asha@` and the domain. A person whose name is an
    /// address is told there.
    tell_mail_domain: Option<MailDomain> = "tell.mail.domain", default "", example "\"acme.example\"";
    /// How often the ledger signs a new checkpoint over what has come in. What is durable does not wait for it;
    /// what is under no checkpoint yet can be cut off the files unnoticed, so at most 1m and at least 10ms.
    ledger_publish_every: Duration = "ledger.publish_every", default "1s", example "\"1s\"";
    /// How log lines are written: for people, or one JSON object a line.
    log_format: LogFormat = "log.format", default "human", example "\"json\"";
    /// Which log lines are written.
    log_level: LogLevel = "log.level", default "info", example "\"debug\"";
    /// Where traces and metrics are sent by OTLP over HTTP. Without it, nowhere.
    telemetry_otlp_endpoint: Option<Url> = "telemetry.otlp_endpoint", default "",
        example "\"http://127.0.0.1:4318\"";
}
