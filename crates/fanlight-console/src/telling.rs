//! Who is told of requests and of proposals of policies: reviewers that one waits, and whose it is what was answered; and of a new
//! browser whoever logged in there.
//!
//! Owns the queue of what is still to be told, the words, and who they go to. Invariants: what is to be told is put down in the
//! same change as what it is about, so that no kill loses it; it is tried until it is told or for too long, and which of both
//! is a record; nothing personal stands in the queue.

mod browser;
mod orphans;
mod proposals;
mod words;

use std::sync::Arc;
use std::time::Duration;

use fanlight_base::fault::with_causes;
use fanlight_base::{Action, AppId, Facts, PersonId, Resource, Timestamp, limits};
use fanlight_gate::Gate;
use fanlight_store::{AppRow, ProposalRow, RequestRow, Store, TellingRow};
use fanlight_tell::{Letter, Mail, TellError, Webhook};
use tokio::sync::Notify;

use crate::acts::publishing::company;
use crate::acts::requests::over;
use crate::standing::thing;

/// Somebody was told of a request, as the policy schema names it.
const TOLD: Action = Action::new("node:told");
/// Nobody could be.
const NOT_TOLD: Action = Action::new("node:not-told");

/// The ways in the queue.
const WEBHOOK: &str = "webhook";
const MAIL: &str = "mail";

/// What reviewers are told; everything else goes to whoever asked or proposed.
const WAITS: [&str; 3] = ["asked", "proposed", ORPHANED];
/// An app has nobody any more.
const ORPHANED: &str = "orphaned";

/// How often it is looked whether something is to be told, where nobody says so.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// What is tried at one look.
const AT_ONCE: u64 = 20;
/// The shortest and the longest time between two tries.
const TRY_AGAIN: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(3600));

/// Mail, and to whom it goes.
pub struct Post {
    /// The server.
    pub mail: Mail,
    /// Who is told that a request waits.
    pub reviewers: Option<String>,
    /// The domain of the addresses of people whose name is none.
    pub domain: Option<String>,
}

/// The ways by which people are told.
#[derive(Default)]
pub struct Telling {
    webhook: Option<Webhook>,
    post: Option<Post>,
    wake: Notify,
}

/// Why nobody was told at one try.
#[derive(Debug, thiserror::Error)]
enum NotTold {
    /// It could not be sent.
    #[error(transparent)]
    Tell(#[from] TellError),
    /// There is nobody to tell.
    #[error("{0}")]
    Nobody(&'static str),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] fanlight_store::StoreError),
}

impl NotTold {
    /// What went wrong, for a record, which is for ever: a server's reply has addresses in it.
    fn without_data(&self) -> String {
        match self {
            Self::Tell(error) => error.without_data(),
            other => with_causes(other),
        }
    }

    fn is_final(&self) -> bool {
        match self {
            Self::Tell(error) => error.is_final(),
            Self::Nobody(_) => true,
            Self::Store(_) => false,
        }
    }
}

impl Telling {
    /// These ways.
    pub fn new(webhook: Option<Webhook>, post: Option<Post>) -> Self {
        Self { webhook, post, wake: Notify::new() }
    }

    /// The ways by which somebody is told of what became of a request.
    pub(crate) fn ways(&self, about: &str) -> Vec<&'static str> {
        // Who takes a request back need not be told that they did.
        let webhook = self.webhook.is_some().then_some(WEBHOOK);
        let is_mailed = |post: &&Post| !WAITS.contains(&about) || post.reviewers.is_some();
        webhook.into_iter().chain(self.post.as_ref().filter(is_mailed).map(|_| MAIL)).collect()
    }

    /// Says that there is something to tell.
    pub(crate) fn wake(&self) {
        self.wake.notify_waiters();
    }

    /// One try.
    async fn tell(&self, store: &Store, row: &TellingRow, subject: &Subject, now: Timestamp) -> Result<(), NotTold> {
        let message = subject.message(store, row).await?;
        match (&*row.way, &self.webhook, &self.post) {
            (WEBHOOK, Some(webhook), _) => Ok(webhook.send(&row.id, now, message.json).await?),
            (MAIL, _, Some(post)) => {
                let is_for_reviewers = WAITS.contains(&&*row.about);
                let to =
                    if is_for_reviewers { post.reviewers.clone() } else { address(post, message.of_whom.as_deref()) };
                let to = to.ok_or(NotTold::Nobody("no address is known of whom it is for"))?;
                let letter = Letter { id: row.id.clone(), to, subject: message.subject, text: message.text };
                Ok(post.mail.send(&letter).await?)
            }
            _ => Err(NotTold::Nobody("this way of telling is not set any more")),
        }
    }
}

/// What somebody is told about.
enum Subject {
    Request(RequestRow),
    Proposal(ProposalRow),
    App(AppRow),
}

/// One telling in words.
struct Message {
    /// The name of whoever asked or proposed, where they are not erased.
    of_whom: Option<String>,
    json: Vec<u8>,
    subject: String,
    text: String,
}

impl Subject {
    async fn of(store: &Store, row: &TellingRow) -> Result<Option<Self>, fanlight_store::StoreError> {
        if row.about == ORPHANED {
            // Whoever has taken it over meanwhile need not be looked for.
            let app = store.app(&AppId::new(row.subject.as_str())).await?;
            return Ok(app.filter(|app| app.owner.is_none() && app.ended.is_none()).map(Self::App));
        }
        Ok(match store.request(&row.subject).await? {
            Some(request) => Some(Self::Request(request)),
            None => store.proposal(&row.subject).await?.map(Self::Proposal),
        })
    }

    /// What it is called in the facts of a record, and its id.
    fn fact(&self) -> (&'static str, &str) {
        match self {
            Self::Request(row) => ("request", &row.id),
            Self::Proposal(row) => ("proposal", &row.id),
            Self::App(row) => ("app", row.id.as_str()),
        }
    }

    fn resource(&self) -> Resource {
        match self {
            Self::Request(row) => thing(&row.thing),
            Self::Proposal(_) => company(),
            Self::App(row) => Resource::new("App", row.id.as_str()),
        }
    }

    async fn message(&self, store: &Store, row: &TellingRow) -> Result<Message, fanlight_store::StoreError> {
        match self {
            Self::Request(request) => {
                let told = words::Told::of(store, row, request).await?;
                let (json, subject, text) = (told.json(row), told.subject(), told.text());
                Ok(Message { of_whom: told.asker, json, subject, text })
            }
            Self::Proposal(proposal) => proposals::message(store, row, proposal).await,
            Self::App(app) => Ok(orphans::message(row, app)),
        }
    }
}

/// Where a person is told: at their name, where it is an address, else at their name in the company's domain.
fn address(post: &Post, name: Option<&str>) -> Option<String> {
    let name = name?;
    match &post.domain {
        _ if name.contains('@') => Some(name.to_owned()),
        Some(domain) => Some(format!("{name}@{domain}")),
        None => None,
    }
}

/// When the next try is, after so many.
fn pause(tries: u64) -> Duration {
    let doubled = TRY_AGAIN.0.saturating_mul(1 << tries.min(20));
    doubled.min(TRY_AGAIN.1)
}

/// Tells what is to be told, and closes requests that are over, for as long as the node runs; each way by itself, so that none
/// waits for another.
pub async fn follow(telling: Arc<Telling>, store: Store, gate: Arc<Gate>) {
    tokio::join!(
        follow_way(WEBHOOK, &telling, &store, &gate),
        follow_way(MAIL, &telling, &store, &gate),
        over::follow(&telling, &store, &gate),
    );
}

async fn follow_way(way: &'static str, telling: &Telling, store: &Store, gate: &Gate) {
    loop {
        let woken = telling.wake.notified();
        let due = store.tellings_due(way, gate.now(), AT_ONCE).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "it cannot be looked who is to be told");
            Vec::new()
        });
        for row in &due {
            if let Err(why) = one(telling, store, gate, row).await {
                tracing::warn!(
                    why,
                    telling = row.id,
                    "that somebody was told, or not, is not kept yet; it may be told again"
                );
            }
        }
        let new = browser::tell(telling, store, gate, way).await;
        if (due.len() as u64) < AT_ONCE && new < AT_ONCE {
            let _ = tokio::time::timeout(LOOK_EVERY, woken).await;
        }
    }
}

async fn one(telling: &Telling, store: &Store, gate: &Gate, row: &TellingRow) -> Result<(), String> {
    let words = |error: fanlight_store::StoreError| with_causes(&error);
    let subject = Subject::of(store, row).await.map_err(words)?;
    // An orphan is put down for every way, because whoever ends somebody does not know which are set.
    let Some(subject) = subject.filter(|_| row.about != ORPHANED || telling.ways(ORPHANED).contains(&row.way.as_str()))
    else {
        return store.forget_telling(&row.id).await.map_err(words);
    };
    let now = gate.now();
    let tries = row.tries + 1;
    let (kind, id) = subject.fact();
    let facts = Facts::new()
        .with(kind, id)
        .with("about", row.about.as_str())
        .with("by", row.way.as_str())
        .with("tries", i64::try_from(tries).unwrap_or(i64::MAX));
    let (action, facts) = match telling.tell(store, row, &subject, now).await {
        Ok(()) => (TOLD, facts),
        Err(error) => {
            let why = error.without_data();
            let is_late = now.duration_since(row.since).unsigned_abs() >= limits::TELLING_TIME;
            if !error.is_final() && !is_late {
                tracing::info!(why, telling = row.id, tries, "somebody could not be told; it is tried again");
                let due = now.checked_add(pause(row.tries)).unwrap_or(now);
                return store.put_telling_off(&row.id, due).await.map_err(words);
            }
            tracing::warn!(why, telling = row.id, tries, "somebody could not be told, and it is given up");
            (NOT_TOLD, facts.with("fault", why.as_str()))
        }
    };
    let recorded = gate.record_own(action, &subject.resource(), facts).map_err(|error| with_causes(&error))?;
    recorded.durable().await.map_err(|error| with_causes(&error))?;
    store.forget_telling(&row.id).await.map_err(words)
}

/// The name of a person that is not erased.
async fn name_of(store: &Store, person: &PersonId) -> Result<Option<String>, fanlight_store::StoreError> {
    Ok(store.person(person).await?.and_then(|row| row.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_come_further_apart_and_never_stop_before_their_time() {
        let pauses: Vec<u64> = [0, 1, 2, 10, 11, 63, u64::MAX].map(|tries| pause(tries).as_secs()).into();
        assert_eq!(pauses, [2, 4, 8, 2048, 3600, 3600, 3600]);
    }
}
