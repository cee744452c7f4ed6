//! A package door: what all of them do between an ecosystem's protocol and the rest of the node. The way of a request
//! (facts, decide, record, act) stands in [`pages`] for what tells of files, and in [`files`] for the files themselves.
//!
//! Each ecosystem adds its routes, which read what is asked for and come here.

mod files;
mod looking;
mod pages;

pub use looking::{LookedInto, NotLookedInto};
pub(crate) use pages::{Opened, VARY, VARY_BY_CLIENT, address, joined};

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use fanlight_base::{Facts, Fault, Purl, Resource};
use fanlight_gate::{CannotRecord, Context, Handled, Recorded, Routes, Stop};
use fanlight_net::Problem;
use http::{HeaderMap, StatusCode};

use crate::action;
use crate::audit::Auditor;
use crate::client::Client;
use crate::cooldown::Cooldowns;
use crate::ecosystem::{Ecosystem, Name as _};
use crate::files::Files;
use crate::knowledge::Known;
use crate::project::{Contact, LookError, Projects};
use crate::scanning::Scanning;
use crate::upstreams::Upstreams;
use crate::view::ProjectView;

/// What all doors of a node have in common.
pub struct Shared {
    /// The cache of files.
    pub files: Arc<Files>,
    /// How long which project's releases wait.
    pub cooldowns: Cooldowns,
    /// What is known of releases beside their index.
    pub known: Known,
    /// Looks into archives before anybody has them whole.
    pub scanning: Option<Arc<Scanning>>,
    /// Answers audits of what is installed.
    pub auditor: Arc<dyn Auditor>,
}

/// The door of one ecosystem.
pub struct Door<E: Ecosystem> {
    pub(crate) ecosystem: E,
    pub(crate) projects: Arc<Projects<E>>,
    pub(crate) shared: Arc<Shared>,
}

/// A door, whichever ecosystem it is of.
pub trait AnyDoor: Send + Sync + 'static {
    /// The purl type.
    fn ecosystem(&self) -> &'static str;
    /// The setting that names the upstream.
    fn setting(&self) -> &'static str;
    /// The door's routes.
    fn routes(self: Arc<Self>) -> Routes;
    /// Says where the upstreams are.
    fn set_upstreams(&self, upstreams: Upstreams);
    /// The last time the upstream was asked, if it ever was.
    fn last_contact(&self) -> Option<Contact>;
    /// How many projects are in memory.
    fn in_memory(&self) -> usize;
    /// The project of `purl` as it is judged for the caller of `context`.
    fn view<'a>(&'a self, context: &'a Context, purl: &'a Purl) -> Viewing<'a>;
    /// Has a file of the project of `purl` scanned, fetched where it is not here, whatever policies say of fetching it.
    fn look_into<'a>(&'a self, context: &'a Context, purl: &'a Purl, file: &'a str) -> LookingInto<'a>;
}

/// A view to come.
pub type Viewing<'a> = Pin<Box<dyn Future<Output = Result<ProjectView, Arc<LookError>>> + Send + 'a>>;

/// A look into a file to come.
pub type LookingInto<'a> = Pin<Box<dyn Future<Output = Result<LookedInto, NotLookedInto>> + Send + 'a>>;

/// The doors of a node.
#[derive(Clone, Default)]
pub struct Doors(Vec<Arc<dyn AnyDoor>>);

impl Doors {
    /// These doors.
    pub fn new(doors: impl IntoIterator<Item = Arc<dyn AnyDoor>>) -> Self {
        Self(doors.into_iter().collect())
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn AnyDoor>> {
        self.0.iter()
    }

    /// The door of an ecosystem.
    pub fn of(&self, ecosystem: &str) -> Option<&Arc<dyn AnyDoor>> {
        self.iter().find(|door| door.ecosystem() == ecosystem)
    }

    /// The routes of all of them.
    pub fn routes(&self) -> Routes {
        self.iter().fold(Routes::new(), |routes, door| routes.with(door.clone().routes()))
    }
}

impl<E: Ecosystem> AnyDoor for Door<E> {
    fn ecosystem(&self) -> &'static str {
        E::TYPE
    }

    fn setting(&self) -> &'static str {
        E::SETTING
    }

    fn routes(self: Arc<Self>) -> Routes {
        E::routes(&self)
    }

    fn set_upstreams(&self, upstreams: Upstreams) {
        self.projects.set_upstreams(upstreams);
    }

    fn last_contact(&self) -> Option<Contact> {
        self.projects.last_contact()
    }

    fn in_memory(&self) -> usize {
        self.projects.in_memory()
    }

    fn view<'a>(&'a self, context: &'a Context, purl: &'a Purl) -> Viewing<'a> {
        Box::pin(async move { self.view_of(context, &named::<E>(purl)?).await })
    }

    fn look_into<'a>(&'a self, context: &'a Context, purl: &'a Purl, file: &'a str) -> LookingInto<'a> {
        Box::pin(async move { self.looked_into(context, &named::<E>(purl)?, file).await })
    }
}

impl<E: Ecosystem> Door<E> {
    /// Builds the door.
    pub fn new(ecosystem: E, projects: Arc<Projects<E>>, shared: Arc<Shared>) -> Arc<Self> {
        Arc::new(Self { ecosystem, projects, shared })
    }

    /// Reads a project's name, or answers that it is none.
    pub(crate) fn name(context: &Context, text: &str) -> Result<E::Name, Stop> {
        // A token pasted in the wrong place must not end in the log and the ledger.
        let has_mark = ["flk_", "flo_"].iter().any(|mark| text.to_ascii_lowercase().starts_with(mark));
        let is_token = has_mark && text.len() >= TOKEN_BYTES;
        let why = match E::name(text) {
            Ok(name) if !is_token => return Ok(name),
            Ok(_) => "it begins like a Fanlight token".to_owned(),
            Err(why) => why,
        };
        Err(bad_name::<E>(context, "project", text, &why)?.into())
    }
}

/// The least bytes of what is taken for a token: theirs have 68 and more, and projects are called `flo_curves`.
const TOKEN_BYTES: usize = 40;

/// The name of the project that a purl is about.
fn named<E: Ecosystem>(purl: &Purl) -> Result<E::Name, Arc<LookError>> {
    let text = E::name_in(purl);
    E::name(&text).map_err(|why| Arc::new(LookError::NotAName { name: text, why }))
}

/// All projects of an ecosystem.
fn everything<E: Ecosystem>() -> Resource {
    Resource::new("Project", format!("pkg:{}/", E::TYPE))
}

fn project<E: Ecosystem>(name: &E::Name) -> Resource {
    Resource::new("Project", name.purl(None).text())
}

fn facts_of<E: Ecosystem>(name: &E::Name) -> Facts {
    Facts::new().with("ecosystem", E::TYPE).with("project", name.text())
}

/// The facts of what is about no project.
pub(crate) fn facts_of_all<E: Ecosystem>() -> Facts {
    Facts::new().with("ecosystem", E::TYPE).with("project", "")
}

/// A name that cannot be one: recorded under the door's root, because the name itself is not fit to be kept.
pub(crate) fn bad_name<E: Ecosystem>(context: &Context, what: &str, name: &str, why: &str) -> Handled {
    let facts = facts_of_all::<E>().with("upstream_state", "unasked");
    let judged = context.decide_as(action::READ_INDEX, everything::<E>(), facts);
    let recorded = context.record(judged)?;
    let shown: String = name.chars().take(80).map(|c| if c.is_control() { '?' } else { c }).collect();
    Ok(recorded.problem(Problem::bad_request(format!("{shown:?} cannot be the name of a {what}: {why}."))))
}

/// What was looked at is not there, or nothing is known of it and the upstream cannot be asked or refuses it. `about` is the
/// thing and its facts.
pub(crate) fn not_seen(
    context: &Context,
    (resource, facts): (Resource, Facts),
    headers: &HeaderMap,
    error: &Arc<LookError>,
) -> Handled {
    let state = if error.is_absence() { "absent" } else { "failed" };
    let judged = context.decide_as(action::READ_INDEX, resource, facts.clone().with("upstream_state", state));
    let mut recorded = context.record(judged)?;
    if error.fault() == Fault::Upstream {
        record_fault(context, &mut recorded, facts, error)?;
    }
    let client = Client::of(headers);
    Ok(recorded.problem(client.say(look_problem(context, client, error))))
}

pub(crate) fn look_problem(context: &Context, client: Client, error: &LookError) -> Problem {
    let words = error.words();
    let advice = error.advice();
    if matches!(error, LookError::Reserved { .. }) {
        // No 404, after which some clients go on to another index: the very thing that the reservation is there against.
        let status = client.refusal_status();
        return Problem::new(status, "reserved", "A private name", sentence(&words)).advice(advice);
    }
    match error.fault() {
        Fault::NotFound => Problem::not_found(sentence(&words)).advice(advice),
        Fault::Upstream => {
            let (status, title) = match error {
                // No 5xx, after which clients ask again, and no 404, after which some go on to another index.
                LookError::Refused { .. } => (client.refusal_status(), "The upstream refuses"),
                LookError::Upstream { source, .. } => (failed_status(source.is_late()), "The upstream failed"),
                _ => (failed_status(false), "The upstream failed"),
            };
            Problem::new(status, "upstream", title, sentence(&words)).advice(advice)
        }
        Fault::Caller | Fault::Node => {
            tracing::error!(request = %context.peer.request, error = words, "the upstream's index could not be looked at");
            Problem::unavailable(sentence(&words), 5)
        }
    }
}

/// 504 where it was a matter of time (RFC 9110, section 15.6.5), else 502.
const fn failed_status(late: bool) -> StatusCode {
    if late { StatusCode::GATEWAY_TIMEOUT } else { StatusCode::BAD_GATEWAY }
}

fn record_fault(
    context: &Context,
    recorded: &mut Recorded,
    facts: Facts,
    error: &LookError,
) -> Result<(), CannotRecord> {
    context.record_event(recorded, action::UPSTREAM_FAULT, &facts.with("fault", error.words().as_str()))
}

pub(crate) fn sentence(words: &str) -> String {
    let mut letters = words.trim_end_matches('.').chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
