//! `fanlight review`: says of a release whether it is safe, signed by the node; hands reviews to other companies, and takes
//! theirs over.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use fanlight_api::reviews::{Ask, Handed, Review, Reviews, Taken};
use fanlight_api::routes;
use fanlight_base::clock::past_for_people;
use fanlight_console::checked_reviews;

use super::client::{ClientError, Node};
use super::outcome::{Exit, Failure};
use super::screen::{Tone, visible};
use super::table::{Cell, Table};
use super::thing::count;
use super::{Context, new_file, thing};

/// Reviews sent in one piece: a request's body is bounded.
const PIECE: usize = 500;

/// The arguments of `fanlight review`.
#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// A release: a purl, or PROJECT==VERSION
    #[arg(value_name = "RELEASE", required_unless_present_any = ["list", "export", "import"], requires_all = ["verdict", "because"])]
    what: Option<String>,
    /// What the review says
    #[arg(long, value_enum)]
    verdict: Option<Said>,
    /// Why, and by which evidence, in one line; it names nobody, as other companies may read it
    #[arg(long, value_name = "WORDS")]
    because: Option<String>,
    /// List every review
    #[arg(long, conflicts_with_all = ["what", "export", "import"])]
    list: bool,
    /// Write the reviews made here into a file, for another company
    #[arg(long, value_name = "FILE", conflicts_with_all = ["what", "import"])]
    export: Option<PathBuf>,
    /// Take over the reviews of another company's file, if all are signed by the key
    #[arg(long, value_name = "FILE", conflicts_with = "what", requires = "key")]
    import: Option<PathBuf>,
    /// The other node's public key: its file `ledger/key.pub`, come by a way that you trust
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

/// What a review says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Said {
    /// It was looked at, and nothing is against it
    Safe,
    /// It should not be used
    Unsafe,
    /// It may be used by who minds what the review says
    NeedsCare,
    /// No review any more
    Withdrawn,
}

impl Said {
    const fn word(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::NeedsCare => "needs-care",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Asks the running node.
pub fn run(context: &mut Context, arguments: &ReviewArgs) -> Result<Exit, Failure> {
    let node = Node::asked(&context.global)?;
    match (arguments, &arguments.import, &arguments.key) {
        (ReviewArgs { what: Some(what), verdict: Some(verdict), because: Some(because), .. }, ..) => {
            let ask = Ask {
                purl: thing::purl(what)?.to_string(),
                verdict: verdict.word().to_owned(),
                because: because.clone(),
            };
            let made: Review = node.post(routes::REVIEW, &ask).map_err(no)?;
            if context.screen.json {
                context.screen.document(&made)?;
            } else {
                let said = format!("{} is reviewed as {}, signed by this node.", made.purl, made.verdict);
                context.screen.line(&visible(&said))?;
            }
        }
        (_, Some(file), Some(key)) => import(context, &node, file, key)?,
        (ReviewArgs { export: Some(file), .. }, ..) => export(context, &node, file)?,
        _ => list(context, &node.get(routes::REVIEWS, &[])?)?,
    }
    Ok(Exit::Good)
}

/// An answer that is no.
fn no(error: ClientError) -> Failure {
    let is_no = matches!(&error, ClientError::Refused(problem) if problem.status == 409);
    let failure = Failure::from(error);
    if is_no { failure.exit(Exit::No) } else { failure }
}

fn export(context: &mut Context, node: &Node, file: &Path) -> Result<(), Failure> {
    let all: Reviews = node.get(routes::REVIEWS, &[])?;
    let notes: Vec<String> = all.reviews.into_iter().filter(|review| review.own).map(|review| review.note).collect();
    let written = count(notes.len() as u64, "review");
    new_file::write(file, |out| {
        let handed = Handed { key: all.key, notes };
        serde_json::to_writer_pretty(out, &handed).map_err(|error| new_file::failed(file, &error.into()))
    })?;
    let said =
        format!("Wrote {written} to {}. Who takes them over needs this node's ledger/key.pub as well.", file.display());
    Ok(context.screen.line(&visible(&said))?)
}

fn import(context: &mut Context, node: &Node, file: &Path, key: &Path) -> Result<(), Failure> {
    let read = |path: &Path| {
        let failed = |error: std::io::Error| Failure::new(format!("could not read {}: {error}", path.display()));
        let size = std::fs::metadata(path).map_err(failed)?.len();
        if size > fanlight_base::limits::REVIEWS_FILE_BYTES {
            let limit = fanlight_base::limits::REVIEWS_FILE_BYTES;
            return Err(Failure::new(format!("{} has over {limit} bytes", path.display())));
        }
        std::fs::read_to_string(path).map_err(failed)
    };
    let handed: Handed = serde_json::from_str(&read(file)?)
        .map_err(|error| Failure::new(format!("{} is no file of reviews: {error}", file.display())))?;
    let handed = Handed { key: read(key)?.trim().to_owned(), ..handed };
    // All or nothing: the node takes them over in pieces, so all of them are looked at before the first is sent.
    checked_reviews(&handed).map_err(Failure::new)?;
    let mut all = Taken { node: String::new(), reviews: 0, new: 0 };
    for notes in handed.notes.chunks(PIECE) {
        let taken: Taken =
            node.post(routes::IMPORT_REVIEWS, &Handed { key: handed.key.clone(), notes: notes.to_vec() })?;
        all = Taken { node: taken.node, reviews: all.reviews + taken.reviews, new: all.new + taken.new };
    }
    if context.screen.json {
        return Ok(context.screen.document(&all)?);
    }
    let said = match all.reviews {
        0 => format!("There is no review in {}.", file.display()),
        number => format!("Took over {} of {}, {} of them new.", count(number, "review"), all.node, all.new),
    };
    Ok(context.screen.line(&visible(&said))?)
}

fn list(context: &mut Context, all: &Reviews) -> Result<(), Failure> {
    let screen = &mut context.screen;
    if screen.json {
        return Ok(screen.document(all)?);
    }
    let mut table = Table::new(["when", "release", "verdict", "by", "because"]);
    for review in &all.reviews {
        let tone = match review.verdict.as_str() {
            "safe" => Tone::Good,
            "unsafe" => Tone::Bad,
            "needs-care" => Tone::Wait,
            _ => Tone::Faint,
        };
        table.row([
            Cell::from(past_for_people(review.at)),
            Cell::from(&review.purl),
            Cell::toned(&review.verdict, tone),
            Cell::from(if review.own { "this node" } else { &review.node }),
            Cell::from(&review.because),
        ]);
    }
    if table.is_empty() {
        screen.line("There is no review yet.")?;
    } else {
        table.write(screen)?;
    }
    Ok(())
}
