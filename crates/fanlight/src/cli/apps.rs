//! `fanlight apps`: what people made or adopted, in three layers of words, each with an owner and a successor.

use clap::{Args, Subcommand};
use fanlight_api::apps::{App, Apps, Change, HandOver, Holder, Register};
use fanlight_api::routes;
use fanlight_base::clock::past_for_people;

use super::Context;
use super::client::Node;
use super::outcome::{Exit, Failure};
use super::people::no;
use super::screen::{Tone, visible};
use super::table::{Cell, Table};

/// What can be asked about apps.
#[derive(Debug, Subcommand)]
pub enum AppsCommand {
    /// List your own apps, and those that you have when their owner leaves
    #[command(
        after_help = "Examples:\n  fanlight apps list\n  fanlight apps list --all\n  fanlight apps list --orphans --json"
    )]
    List {
        /// Everybody's, for who may see them: mentors, reviewers, auditors and stewards
        #[arg(long)]
        all: bool,
        /// Only those that are nobody's, because their owner left without a successor
        #[arg(long)]
        orphans: bool,
    },
    /// Register an app: what it is called, what it does, and who has it when you leave
    #[command(
        after_help = "Example:\n  fanlight apps register --title \"Price list\" --headline \"Makes the weekly price list\" \\\n    \
                            --about \"For the sales team. It reads prices.csv and writes a PDF.\" --successor ben"
    )]
    Register(RegisterArgs),
    /// Change what is said about an app, or who has it next
    #[command(after_help = "Example:\n  fanlight apps change app_0123456789abcdef --successor cleo")]
    Change(ChangeArgs),
    /// Give an app to another owner
    #[command(
        after_help = "Its keys keep the scope packages; keys for something else end, because they would bring the new owner's \
                            rights.\n\nExample:\n  fanlight apps hand-over app_0123456789abcdef ben --successor cleo"
    )]
    HandOver {
        /// Which app
        #[arg(value_name = "APP")]
        app: String,
        /// Who has it from now on
        #[arg(value_name = "NAME")]
        owner: String,
        /// Who has it after them
        #[arg(long, value_name = "NAME")]
        successor: String,
    },
    /// End an app with its keys
    #[command(after_help = "Example:\n  fanlight apps end app_0123456789abcdef")]
    End {
        /// Which app
        #[arg(value_name = "APP")]
        app: String,
    },
}

/// A new app.
#[derive(Debug, Args)]
pub struct RegisterArgs {
    /// What it is called
    #[arg(long, value_name = "WORDS")]
    title: String,
    /// What it does, on one line
    #[arg(long, value_name = "WORDS")]
    headline: String,
    /// What else is worth knowing, in at most three sentences
    #[arg(long, value_name = "WORDS")]
    about: String,
    /// Who has it when its owner leaves
    #[arg(long, value_name = "NAME")]
    successor: String,
    /// Whose it is [default: yours]
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
}

/// What is changed of an app.
#[derive(Debug, Args)]
#[group(id = "changed", multiple = true, required = true)]
pub struct ChangeArgs {
    /// Which app
    #[arg(value_name = "APP", group = "which")]
    app: String,
    /// What it is called
    #[arg(long, value_name = "WORDS", group = "changed")]
    title: Option<String>,
    /// What it does, on one line
    #[arg(long, value_name = "WORDS", group = "changed")]
    headline: Option<String>,
    /// What else is worth knowing, in at most three sentences
    #[arg(long, value_name = "WORDS", group = "changed")]
    about: Option<String>,
    /// Who has it when its owner leaves
    #[arg(long, value_name = "NAME", group = "changed")]
    successor: Option<String>,
}

/// Asks the running node.
pub fn run(context: &mut Context, command: AppsCommand) -> Result<Exit, Failure> {
    let node = Node::asked(&context.global)?;
    match command {
        AppsCommand::List { all, orphans } => list(context, &node, all || orphans, orphans),
        AppsCommand::Register(RegisterArgs { title, headline, about, successor, owner }) => {
            let ask = Register { title, headline, about, successor, owner };
            let app = node.post(routes::REGISTER_APP, &ask).map_err(no)?;
            said(context, &app, "is registered")
        }
        AppsCommand::Change(ChangeArgs { app, title, headline, about, successor }) => {
            let ask = Change { title, headline, about, successor };
            let app = node.post_to(routes::CHANGE_APP, &app, &ask).map_err(no)?;
            said(context, &app, "is changed")
        }
        AppsCommand::HandOver { app, owner, successor } => {
            let app = node.post_to(routes::HAND_OVER_APP, &app, &HandOver { owner, successor }).map_err(no)?;
            said(context, &app, "is handed over")
        }
        AppsCommand::End { app } => {
            let app = node.delete(routes::END_APP, &app).map_err(no)?;
            said(context, &app, "has ended with its keys")
        }
    }
}

fn name(holder: &Holder) -> &str {
    holder.name.as_deref().unwrap_or(holder.person.as_str())
}

fn said(context: &mut Context, app: &App, done: &str) -> Result<Exit, Failure> {
    let screen = &mut context.screen;
    if screen.json {
        screen.document(app)?;
        return Ok(Exit::Good);
    }
    let owner = app.owner.as_ref().map_or("nobody", name);
    let next = app.successor.as_ref().map_or("nobody", name);
    screen.line(&screen.tone(&visible(&format!("{} {done}.", app.title)), Tone::Bold))?;
    screen.line(&visible(&format!("{}  owner {owner}, successor {next}", app.app)))?;
    Ok(Exit::Good)
}

fn list(context: &mut Context, node: &Node, all: bool, orphans: bool) -> Result<Exit, Failure> {
    let route = if all { routes::APPS } else { routes::OWN_APPS };
    let mut apps: Apps = node.get(route, &[]).map_err(no)?;
    if orphans {
        apps.apps.retain(|app| app.orphaned.is_some() && app.ended.is_none());
    }
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&apps)?;
        return Ok(Exit::Good);
    }
    let mut table = Table::new(["title", "headline", "owner", "successor", "keys", "since", "id"]);
    for app in &apps.apps {
        table.row([
            Cell::from(&app.title),
            Cell::from(&app.headline),
            match (&app.owner, app.ended) {
                (_, Some(_)) => Cell::toned("ended", Tone::Faint),
                (Some(owner), None) => Cell::from(name(owner)),
                (None, None) => Cell::toned("nobody", Tone::Bold),
            },
            Cell::from(app.successor.as_ref().map_or("nobody", name)),
            Cell::from(app.keys.to_string()),
            Cell::from(past_for_people(app.registered)),
            Cell::from(app.app.as_str()),
        ]);
    }
    if !table.is_empty() {
        table.write(screen)?;
    } else if orphans {
        screen.line("Every app has an owner.")?;
    } else {
        screen.line("There is no app yet: `fanlight apps register` makes one known.")?;
    }
    Ok(Exit::Good)
}
