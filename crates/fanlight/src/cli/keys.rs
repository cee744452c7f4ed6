//! `fanlight keys`: the keys by which apps and people call; each is shown once.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use fanlight_api::keys::{Ask, Key, Keys, Made, Revoked, Trust, TrustedToken};
use fanlight_api::routes;
use fanlight_base::Scope;
use fanlight_base::clock::{for_people, past_for_people};

use serde_json::{Map, Value};

use super::Context;
use super::client::Node;
use super::outcome::{Exit, Failure};
use super::people::no;
use super::screen::{Tone, visible};
use super::table::{Cell, Table};

/// What can be asked about keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List your own keys and those of your apps
    #[command(after_help = "Examples:\n  fanlight keys list\n  fanlight keys list --all --json")]
    List {
        /// Everybody's, for who may see them: mentors, reviewers, auditors and stewards
        #[arg(long)]
        all: bool,
    },
    /// Make a key for an app of yours, or for yourself; it is shown once
    #[command(after_help = "What a key is for:\n  \
                            packages   fetch packages: the password in the settings of pip, npm, cargo\n  \
                            api:read   read over the API\n  \
                            api        read and change over the API, without what needs a second factor\n  \
                            directory  bring people and groups in from a directory (SCIM)\n\n\
                            It never may more than whose it is.\n\nExamples:\n  \
                            fanlight keys make --app app_0123456789abcdef --for packages --label \"the nightly build\"\n  \
                            fanlight keys make --app app_0123456789abcdef --for packages --issuer ci \\\n    \
                            --subject repo:acme/prices:ref:refs/heads/main --label \"the job that builds prices\"\n  \
                            fanlight keys make --for api:read --for packages --days 30 --label \"my laptop's scripts\"")]
    Make {
        /// The app it is for [default: none, it is your own]
        #[arg(long, value_name = "APP")]
        app: Option<String>,
        /// What it is for; may be given several times
        #[arg(long = "for", value_name = "SCOPE", required = true, value_parser = scope)]
        scopes: Vec<Scope>,
        /// Where it will be used, for whoever reads the list
        #[arg(long, value_name = "WORDS")]
        label: String,
        /// The public half of a key that the app has, a file of JSON (JWK): then there is no secret
        #[arg(long, value_name = "FILE", requires = "app")]
        public_key: Option<PathBuf>,
        /// No secret, but tokens of that issuer in the settings (`apps.issuers`) show that the app is calling
        #[arg(long, value_name = "NAME", requires = "app", requires = "subject", conflicts_with = "public_key")]
        issuer: Option<String>,
        /// Whom these tokens are about: `sub`, letter for letter
        #[arg(long, value_name = "SUB", requires = "issuer")]
        subject: Option<String>,
        /// A further claim that they must have, with exactly that value; may be given several times
        #[arg(long = "claim", value_name = "NAME=VALUE", requires = "issuer", value_parser = claim)]
        claims: Vec<(String, String)>,
        /// No secret, but that client certificate shows that the app is calling (mutual TLS): a file, PEM or DER
        #[arg(long, value_name = "FILE", requires = "app", conflicts_with_all = ["public_key", "issuer"])]
        certificate: Option<PathBuf>,
        /// The same for every client certificate with that name: dns:HOST, uri:ADDRESS or email:ADDRESS
        #[arg(long, value_name = "NAME", requires = "app", conflicts_with_all = ["public_key", "issuer", "certificate"])]
        certificate_name: Option<String>,
        /// How many days it lives
        #[arg(long, value_name = "DAYS", default_value_t = 90)]
        days: u64,
    },
    /// End a key; it is refused from then on
    #[command(after_help = "Example:\n  fanlight keys revoke key_0123456789abcdef")]
    Revoke {
        /// Which key
        #[arg(value_name = "KEY")]
        key: String,
    },
}

fn scope(word: &str) -> Result<Scope, String> {
    Scope::of(word).ok_or_else(|| "no scope; they are packages, api:read, api and directory".to_owned())
}

fn claim(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = parts.ok_or_else(|| "a claim is NAME=VALUE".to_owned())?;
    Ok((name.to_owned(), value.to_owned()))
}

/// What is shown in place of a secret, in a list.
fn shown(key: &Key) -> String {
    match &key.trust {
        Some(Trust::Token(token)) => {
            let claims = token.claims.iter().map(|(name, value)| format!(", {name}={value}")).collect::<String>();
            format!("tokens of {}: {}{claims}", token.issuer, token.subject)
        }
        Some(Trust::Certificate(sha256)) => format!("the certificate {}", &sha256.get(..16).unwrap_or(sha256)),
        Some(Trust::CertificateName(name)) => format!("certificates for {name}"),
        None if key.public => "a key of its own".to_owned(),
        None => "a secret".to_owned(),
    }
}

/// Asks the running node.
pub fn run(context: &mut Context, command: KeysCommand) -> Result<Exit, Failure> {
    let node = Node::asked(&context.global)?;
    match command {
        KeysCommand::List { all } => {
            let route = if all { routes::KEYS } else { routes::OWN_KEYS };
            list(context, &node.get(route, &[]).map_err(no)?)
        }
        KeysCommand::Make {
            app,
            scopes,
            label,
            public_key,
            issuer,
            subject,
            claims,
            certificate,
            certificate_name,
            days,
        } => {
            let public_key = public_key.map(|file| read(&file)).transpose()?;
            let token = issuer.zip(subject).map(|(issuer, subject)| {
                Trust::Token(TrustedToken { issuer, subject, claims: claims.into_iter().collect() })
            });
            let certificate = certificate.map(|file| sha256_of(&file)).transpose()?.map(Trust::Certificate);
            let trust = token.or(certificate).or(certificate_name.map(Trust::CertificateName));
            let ask = Ask { app, label, public_key, trust, scopes, days };
            made(context, &node.post(routes::MAKE_KEY, &ask).map_err(no)?)
        }
        KeysCommand::Revoke { key } => {
            let revoked: Revoked = node.delete(routes::REVOKE_KEY, &key).map_err(no)?;
            let screen = &mut context.screen;
            if screen.json {
                screen.document(&revoked)?;
                return Ok(Exit::Good);
            }
            let words = if revoked.already { "had ended before" } else { "has ended: it is refused from now on" };
            screen.line(&visible(&format!("{} {words}.", revoked.key)))?;
            Ok(Exit::Good)
        }
    }
}

/// By what a certificate in a file is known.
fn sha256_of(file: &Path) -> Result<String, Failure> {
    let digest = fanlight_net::tls::certificate_sha256(file);
    let digest = digest.map_err(|error| Failure::usage(fanlight_base::fault::with_causes(&error)))?;
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A public key in a file.
fn read(file: &Path) -> Result<Map<String, Value>, Failure> {
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| Failure::usage(format!("could not read {}: {error}", file.display())))?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::usage(format!("{} is no key in JSON: {error}", file.display())))
}

fn words(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

fn made(context: &mut Context, made: &Made) -> Result<Exit, Failure> {
    let screen = &mut context.screen;
    if screen.json {
        screen.document(made)?;
        return Ok(Exit::Good);
    }
    let about = format!("{} is for {}, until {}.", made.key, words(&made.scopes), for_people(made.until));
    match &made.secret {
        // Alone on its line, so that it is copied whole; what is about it goes beside.
        Some(secret) => {
            screen.line(secret)?;
            screen.aside(&format!("This is the only time it is shown. {about}"));
        }
        None => screen.line(&about)?,
    }
    Ok(Exit::Good)
}

/// Whose it is, in a list.
fn whose(key: &Key) -> &str {
    let person = || key.name.as_deref().or(key.person.as_ref().map(fanlight_base::PersonId::as_str));
    key.title.as_deref().or_else(person).unwrap_or("nobody")
}

fn list(context: &mut Context, keys: &Keys) -> Result<Exit, Failure> {
    let screen = &mut context.screen;
    if screen.json {
        screen.document(keys)?;
        return Ok(Exit::Good);
    }
    let mut table = Table::new(["of", "where it is used", "for", "shown by", "last used", "ends", "id"]);
    for key in &keys.keys {
        table.row([
            Cell::from(whose(key)),
            Cell::from(&key.label),
            Cell::from(words(&key.scopes)),
            Cell::from(shown(key)),
            Cell::from(key.used.map_or_else(|| "never".to_owned(), past_for_people)),
            match key.revoked {
                Some(_) => Cell::toned("revoked", Tone::Faint),
                None => Cell::from(for_people(key.until)),
            },
            Cell::from(&key.key),
        ]);
    }
    if table.is_empty() {
        screen.line("There is no key: `fanlight keys make` makes one.")?;
    } else {
        table.write(screen)?;
    }
    Ok(Exit::Good)
}
