//! A refresh: every feed looked at, what is new recorded, put in force and kept, and whoever has what is malicious told of.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fanlight_advisories::index::{Import, ImportError};
use fanlight_advisories::{Advisories, Reading as From};
use fanlight_base::fault::with_causes;
use fanlight_base::{Action, Facts, Resource, Timestamp};
use fanlight_net::Validators;

use crate::action;
use crate::feeds::{Feeds, Snapshot};
use crate::keep::{Aside, keep, keep_state};
use crate::reading::{self, ReadingError};
use crate::source::{Fingerprint, Place, Source};
use crate::state::{Fault, FaultKind, Reading};

/// How long a start waits for the feeds. What was kept counts meanwhile.
const START_WAIT: Duration = Duration::from_secs(3);

/// What came of looking at a feed, as far as it has to be told.
enum Came {
    /// It is as it was read last.
    Same,
    /// It was read.
    Read { import: Box<Import>, aside: Aside, validators: Validators, fingerprint: Option<Fingerprint> },
}

impl Feeds {
    /// Begins to look at the feeds: once now, waited for a moment, and then as often as the settings say.
    pub async fn begin(self: &Arc<Self>) -> tokio::task::JoinHandle<()> {
        let (feeds, first) = (self.clone(), tokio::sync::oneshot::channel());
        let watching = tokio::spawn(async move {
            feeds.refresh().await;
            // Nobody waits for it any more where it took too long.
            let _ = first.0.send(());
            let mut every = tokio::time::interval(feeds.refresh);
            every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            every.tick().await;
            loop {
                every.tick().await;
                feeds.refresh().await;
            }
        });
        if tokio::time::timeout(START_WAIT, first.1).await.is_err() {
            tracing::info!("the feeds of advisories are still being read; what was kept of them counts meanwhile");
        }
        watching
    }

    /// Looks at every feed and every VEX document now.
    pub async fn refresh(self: &Arc<Self>) {
        if self.is_none() {
            return;
        }
        let _turn = self.turn.lock().await;
        for source in &self.sources {
            self.refresh_one(source).await;
        }
        self.refresh_vex().await;
        self.tell_hits().await;
    }

    async fn refresh_one(&self, source: &Source) {
        let now = self.now();
        self.note(source, |state| state.tried = Some(now));
        match self.look(source).await {
            Ok(Came::Same) => {
                self.note(source, |state| (state.good, state.fault) = (Some(now), None));
                self.keep_state_of(source).await;
            }
            Ok(Came::Read { import, aside, validators, fingerprint }) => {
                let Import { advisories, report } = *import;
                let reading = Reading::from(&report);
                let records =
                    advisories.sources().find(|(name, _)| **name == *source.name).map_or(0, |of| of.1.records);
                let is_new = report.new + report.changed > 0;
                if is_new {
                    let facts = Facts::new()
                        .with("source", &*source.name)
                        .with("records", number(records))
                        .with("new", number(report.new))
                        .with("changed", number(report.changed))
                        .with("withdrawn", number(report.withdrawn))
                        .with("refused", number(report.refused));
                    if let Err(why) = self.record(action::CHANGED, facts).await {
                        let words = format!("what is new does not count until its record can be kept: {why}");
                        return self.refuse(source, FaultKind::NotTaken, words).await;
                    }
                    self.put_in_force(|snapshot| snapshot.advisories = advisories);
                    let (new, changed) = (report.new, report.changed);
                    tracing::info!(feed = &*source.name, records, new, changed, "advisories from a feed");
                }
                for example in &reading.examples {
                    tracing::warn!(feed = &*source.name, "a record was refused: {example}");
                }
                let not_kept = self.keep(source, now, aside).await.err();
                let not_kept =
                    not_kept.map(|words| format!("what is new counts, and cannot be kept for the next start: {words}"));
                if let Some(words) = &not_kept {
                    tracing::warn!(feed = &*source.name, "{words}");
                }
                self.note(source, |state| {
                    (state.good, state.fault, state.last) = (Some(now), None, Some(reading));
                    state.changed = if is_new { Some(now) } else { state.changed };
                    // Read whole again where not all of it is kept.
                    let whole = not_kept.is_none();
                    state.validators = if whole { validators } else { Validators::default() };
                    state.fingerprint = fingerprint.filter(|_| whole);
                    state.not_kept = not_kept;
                });
                self.keep_state_of(source).await;
            }
            Err((kind, words)) => self.refuse(source, kind, words).await,
        }
    }

    /// Puts what changed in force: the snapshot first, so that the new epoch takes nothing in from before it.
    pub(crate) fn put_in_force(&self, change: impl FnOnce(&mut Snapshot)) {
        let mut next = Snapshot::clone(&self.snapshot.load());
        change(&mut next);
        self.snapshot.store(Arc::new(next));
        self.gate.guard().renew();
    }

    async fn look(&self, source: &Source) -> Result<Came, (FaultKind, String)> {
        let known = self.snapshot.load().advisories.clone();
        match &source.place {
            Place::Path(path) => {
                let (path, before) = (path.clone(), self.note(source, |state| state.fingerprint));
                let seen = tokio::task::spawn_blocking({
                    let path = path.clone();
                    move || Fingerprint::of(&path)
                });
                let seen = seen.await.ok().flatten();
                if seen.is_some() && seen == before {
                    return Ok(Came::Same);
                }
                self.read(source, known, path, Validators::default(), seen).await
            }
            Place::Url(url) => {
                let has_some = known.sources().any(|(name, of)| *name == *source.name && of.records > 0);
                let validators = self.note(source, |state| state.validators.clone());
                // Without its records a copy is not at hand, whatever is kept of its state.
                let validators = if has_some { validators } else { Validators::default() };
                match reading::fetch(&self.upstream, url, &validators, &self.folder).await {
                    Ok(None) => Ok(Came::Same),
                    Ok(Some(fetched)) => {
                        let validators = fetched.validators.clone();
                        self.read(source, known, fetched.path.clone(), validators, None).await
                    }
                    Err(error @ ReadingError::TooLarge) => Err((FaultKind::Malformed, with_causes(&error))),
                    Err(error) => Err((FaultKind::Unreachable, with_causes(&error))),
                }
            }
        }
    }

    /// Reads an archive or a folder into what is known, and sets what is new aside: it is kept once that is recorded.
    async fn read(
        &self,
        source: &Source,
        known: Arc<Advisories>,
        path: PathBuf,
        validators: Validators,
        fingerprint: Option<Fingerprint>,
    ) -> Result<Came, (FaultKind, String)> {
        let from = From { source: source.name.clone(), at: self.now() };
        let folder = self.folder.clone();
        let read = tokio::task::spawn_blocking(move || {
            let entries = reading::entries(&path).map_err(|error| {
                use fanlight_advisories::feed::FeedError;
                let kind =
                    if matches!(error, FeedError::Io(..)) { FaultKind::Unreachable } else { FaultKind::Malformed };
                (kind, with_causes(&error))
            })?;
            let mut aside = Aside::new(&folder);
            let import = known.import_and_keep(from, entries, |id, record| aside.put(id, &record));
            let import = import.map_err(|error| match &error {
                ImportError::Nothing(_, report) => {
                    let first = report.faults.first().map(|fault| format!(": {}", with_causes(fault)));
                    (FaultKind::Malformed, format!("{error}{}", first.unwrap_or_default()))
                }
                ImportError::Sources => (FaultKind::NotTaken, error.to_string()),
            })?;
            Ok((import, aside))
        });
        let ended = |_| (FaultKind::NotTaken, "the reading ended unexpectedly".to_owned());
        let (import, aside) = read.await.map_err(ended)??;
        Ok(Came::Read { import: Box::new(import), aside, validators, fingerprint })
    }

    /// Keeps what was set aside; gives words where not all could be.
    async fn keep(&self, source: &Source, read: Timestamp, aside: Aside) -> Result<(), String> {
        let (store, source) = (self.store.clone(), source.name.clone());
        let kept = tokio::task::spawn_blocking(move || keep(&store, &source, read, aside));
        kept.await.map_err(|error| error.to_string())?.map_err(|error| with_causes(&error))
    }

    /// Notes that a feed cannot be read, and tells it where that is news.
    async fn refuse(&self, source: &Source, kind: FaultKind, words: String) {
        let fault = Fault { kind, words };
        let news = self.note(source, |state| {
            let news = state.fault.as_ref() != Some(&fault);
            state.fault = Some(fault.clone());
            news
        });
        if news {
            tracing::warn!(feed = &*source.name, "the feed cannot be read; what is known stays: {}", fault.words);
            let facts = Facts::new().with("source", &*source.name).with("fault", fault.words.as_str());
            if let Err(why) = self.record(action::REFUSED, facts).await {
                tracing::error!("a feed that cannot be read could not be recorded: {why}");
            }
        }
    }

    /// Records what the feeds did; when this returns well, it is on disk.
    pub(crate) async fn record(&self, action: Action, facts: Facts) -> Result<(), String> {
        let receipt = self.gate.record_own(action, &Resource::new("Node", "this"), facts);
        let receipt = receipt.map_err(|error| with_causes(&error))?;
        receipt.durable().await.map(drop).map_err(|error| with_causes(&error))
    }

    async fn keep_state_of(&self, source: &Source) {
        let kept = self.note(source, |state| state.kept());
        if let Err(error) = keep_state(&self.store, source, &kept).await {
            tracing::warn!(feed = &*source.name, %error, "how the feed is could not be kept");
        }
    }
}

pub(crate) fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
