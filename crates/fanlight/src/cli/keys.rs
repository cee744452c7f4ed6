//! `fanlight keys`: the keys by which apps and people call; each is shown once.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use fanlight_api::keys::{Ask, Key, Keys, Made, Revoked};
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

/// Asks the running node.
pub fn run(context: &mut Context, command: KeysCommand) -> Result<Exit, Failure> {
    let node = Node::asked(&context.global)?;
    match command {
        KeysCommand::List { all } => {
            let route = if all { routes::KEYS } else { routes::OWN_KEYS };
            list(context, &node.get(route, &[]).map_err(no)?)
        }
        KeysCommand::Make { app, scopes, label, public_key, days } => {
            let public_key = public_key.map(|file| read(&file)).transpose()?;
            made(context, &node.post(routes::MAKE_KEY, &Ask { app, label, public_key, scopes, days }).map_err(no)?)
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
    let mut table = Table::new(["of", "where it is used", "for", "last used", "ends", "id"]);
    for key in &keys.keys {
        table.row([
            Cell::from(whose(key)),
            Cell::from(&key.label),
            Cell::from(words(&key.scopes)),
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
