//! Archives are looked into before any client has them whole, and what was found is known to every judging.
//!
//! Owns when an archive is scanned, by which rules, and what is kept of it. Refuses to decide: a verdict becomes the
//! facts `scan` and `scan_finding`, and policies judge them. Invariants: a content is scanned once at a time and only so
//! many at once; a scan that fails, panics or takes too long is a verdict too, never the lack of one.

mod earlier;
mod reader;
mod rules;
mod verdict;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fanlight_base::clock::SharedClock;
use fanlight_base::{Facts, Purl, limits};
use fanlight_scan::{Finding, FolderError, Report, RuleSet, scan};
use fanlight_store::{Blobs, Digest, Store, StoreError};
use parking_lot::{Mutex, RwLock};
use tokio::sync::{Semaphore, watch};

use crate::files::OnDrop;
use crate::knowledge::{Knowledge, ProjectKnowledge, Told};

pub(crate) use earlier::earlier;
use reader::At;
use rules::Watched;
pub use verdict::{Grade, Verdict};

/// How often the company's rules are looked at; looking costs a few system calls.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// After this long, what could not be read is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(600);

/// What scanning needs.
pub struct ScanningParts {
    /// Where verdicts are kept.
    pub store: Store,
    /// The clock.
    pub clock: SharedClock,
    /// The folder of the company's own rules, where there is one.
    pub rules: Option<PathBuf>,
    /// Told when a verdict says more than that nothing was found: whatever was judged before is judged anew.
    pub changed: Box<dyn Fn() + Send + Sync>,
}

/// A content to be looked into.
#[derive(Clone)]
pub struct Arrived<'a> {
    /// Its digest.
    pub digest: Digest,
    /// The name under which it was asked for.
    pub file: &'a str,
    /// The content.
    pub content: Arc<File>,
    /// Its bytes.
    pub length: u64,
    /// What the same file of earlier releases has for content, the latest first: what it does that those did not is found,
    /// as far as one of them was scanned here.
    pub earlier: &'a [Digest],
}

/// Why scanning could not begin.
#[derive(Debug, thiserror::Error)]
pub enum ScanningError {
    /// The company's rules cannot be used.
    #[error("the scan's own rules cannot be used")]
    Rules(#[from] FolderError),
    /// What was kept cannot be read.
    #[error("the scans from before cannot be read")]
    Kept(#[from] StoreError),
}

/// The scanner of a node's doors.
pub struct Scanning {
    parts: ScanningParts,
    rules: RwLock<Arc<RuleSet>>,
    verdicts: Mutex<HashMap<Digest, Arc<Verdict>>>,
    /// Contents that are being looked into; who comes meanwhile waits for the same verdict.
    running: Mutex<HashMap<Digest, watch::Receiver<Option<Arc<Verdict>>>>>,
    turns: Arc<Semaphore>,
    time: Duration,
}

impl Scanning {
    /// Reads the rules, and the verdicts from before.
    pub async fn open(parts: ScanningParts) -> Result<Arc<Self>, ScanningError> {
        Self::within(limits::SCAN_TIME, parts).await
    }

    /// The same with a time of one's own for one archive.
    pub async fn within(time: Duration, parts: ScanningParts) -> Result<Arc<Self>, ScanningError> {
        let rules = rules::read(parts.rules.clone()).await?;
        let kept = parts.store.scans(limits::SCAN_VERDICTS as u64).await?;
        let verdicts = kept.into_iter().map(|row| (row.digest, Arc::new(Verdict::of_row(row)))).collect();
        Ok(Arc::new(Self {
            parts,
            rules: RwLock::new(Arc::new(rules)),
            verdicts: Mutex::new(verdicts),
            running: Mutex::default(),
            turns: Arc::new(Semaphore::new(limits::SCANS)),
            time,
        }))
    }

    /// The rules that are in force now, by their version.
    pub fn rules(&self) -> String {
        self.rules.read().version()
    }

    /// What is known of a content.
    pub fn known(&self, digest: &Digest) -> Option<Arc<Verdict>> {
        self.verdicts.lock().get(digest).cloned()
    }

    /// The verdict on a content: known, being made, or made now.
    pub async fn verdict(self: &Arc<Self>, arrived: Arrived<'_>) -> Arc<Verdict> {
        match self.known(&arrived.digest) {
            Some(known) => known,
            None => self.look(arrived).await,
        }
    }

    /// Looks into a content, whatever is known of it. What was begun goes on where whoever asked has gone: the work is done then,
    /// too, and would only be done again for the next who asks.
    async fn look(self: &Arc<Self>, arrived: Arrived<'_>) -> Arc<Verdict> {
        let (digest, file) = (arrived.digest, arrived.file.to_owned());
        let mut made = {
            let mut running = self.running.lock();
            match running.get(&digest) {
                Some(made) => made.clone(),
                None => {
                    let (tell, made) = watch::channel(None);
                    running.insert(digest, made.clone());
                    let (own, content, length) = (self.clone(), arrived.content, arrived.length);
                    let (file, earlier) = (file.clone(), arrived.earlier.to_vec());
                    tokio::spawn(async move {
                        // Also where the scan of it fails, so that it can be looked into again.
                        let _over = OnDrop(|| drop(own.running.lock().remove(&digest)));
                        let arrived = Arrived { digest, file: &file, content, length, earlier: &earlier };
                        tell.send_replace(Some(own.scan(arrived).await));
                    });
                    made
                }
            }
        };
        let verdict = made.wait_for(Option::is_some).await.ok().and_then(|verdict| verdict.clone());
        verdict.unwrap_or_else(|| {
            let why = "the scan of it failed, which is a fault of this program".to_owned();
            Arc::new(Verdict::unread(&self.rules(), &file, why, self.parts.clock.now()))
        })
    }

    async fn scan(self: &Arc<Self>, arrived: Arrived<'_>) -> Arc<Verdict> {
        let Arrived { digest, file, content, length, earlier } = arrived;
        let rules = self.rules.read().clone();
        let version = rules.version();
        let (turn, name) = (self.turns.clone().acquire_owned().await, file.to_owned());
        // The time counts from the turn: that others are looked into says nothing of this one.
        let scanned = async {
            let turn = turn.map_err(|_| "the node is ending".to_owned())?;
            let looking = tokio::task::spawn_blocking(move || {
                // The turn ends with the work, also where nobody waits for it any more.
                let _turn = turn;
                scan(&mut At::new(content, length), &name, &rules).map_err(|error| error.to_string())
            });
            looking.await.map_err(|_| "the scan of it failed, which is a fault of this program".to_owned())?
        };
        let scanned = tokio::time::timeout(self.time, scanned).await;
        let scanned = scanned.unwrap_or_else(|_| Err(format!("looking into it took over {:?}", self.time)));
        let now = self.parts.clock.now();
        let (verdict, report) = match scanned {
            Ok(mut report) => {
                let changes = self.changes(&digest, &report, earlier).await;
                report.add(changes);
                (Verdict::of(&report, now), serde_json::to_string(&report).ok())
            }
            Err(why) => {
                tracing::error!(file, why, "an archive could not be scanned; it counts as one that nobody looked into");
                (Verdict::unread(&version, file, why, now), None)
            }
        };
        let verdict = Arc::new(verdict);
        let row = verdict.row(digest);
        // What could not be read is tried again after a start.
        if let Some(report) = report
            && let Err(error) = self.parts.store.keep_scan(&row, &report).await
        {
            tracing::warn!(%error, file, "a verdict could not be kept; the file is scanned again after the next start");
        }
        let before = self.remember(digest, verdict.clone());
        if before.map_or(verdict.grade != Grade::Clean, |before| before.grade != verdict.grade) {
            (self.parts.changed)();
        }
        verdict
    }

    /// What a file does that the one of the release before did not. Where none of those was scanned by these rules, what was
    /// found by others before.
    async fn changes(&self, digest: &Digest, report: &Report, earlier: &[Digest]) -> Vec<Finding> {
        for before in earlier {
            if self.known(before).is_some_and(|known| known.rules == report.rules)
                && let Some(before) = self.report(before).await
            {
                return fanlight_scan::changes(&before, report);
            }
        }
        let own = self.report(digest).await.map(|report| report.findings).unwrap_or_default();
        own.into_iter().filter(|finding| finding.rule == fanlight_scan::rules::CHANGED.id).collect()
    }

    /// The report of a scan from before.
    async fn report(&self, digest: &Digest) -> Option<Report> {
        let kept = self.parts.store.scan_report(digest).await;
        let kept = kept
            .inspect_err(|error| tracing::warn!(%error, "a kept report cannot be read; nothing is compared with it"));
        kept.ok().flatten().and_then(|text| serde_json::from_str(&text).ok())
    }

    /// Gives what was known before.
    fn remember(&self, digest: Digest, verdict: Arc<Verdict>) -> Option<Arc<Verdict>> {
        let mut verdicts = self.verdicts.lock();
        if verdicts.len() >= limits::SCAN_VERDICTS {
            // What is clean is scanned again when it is asked for; what is not must stay known.
            verdicts.retain(|_, known| known.grade != Grade::Clean);
        }
        verdicts.insert(digest, verdict)
    }

    /// Takes up changed rules, and looks again into what is cached and was judged by other rules, for as long as the node
    /// runs.
    pub async fn follow(self: Arc<Self>, blobs: Blobs) {
        let mut watched = Watched::new(self.parts.rules.clone());
        let mut every = tokio::time::interval(LOOK_EVERY);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            match watched.changed().await {
                Some(Ok(rules)) => {
                    tracing::info!(rules = rules.version(), "changed rules of the scan are in force");
                    *self.rules.write() = Arc::new(rules);
                }
                Some(Err(error)) => tracing::error!(
                    error = fanlight_base::fault::with_causes(&error),
                    "changed rules of the scan cannot be used; those from before stay in force"
                ),
                None => {}
            }
            self.look_again(&blobs).await;
        }
    }

    /// Looks again into what was judged by other rules or could not be read.
    async fn look_again(self: &Arc<Self>, blobs: &Blobs) {
        let (version, now) = (self.rules.read().version(), self.parts.clock.now());
        let is_old = |verdict: &Verdict| {
            let waited = now.duration_since(verdict.scanned).unsigned_abs() >= TRY_AGAIN;
            verdict.rules != version || verdict.grade == Grade::Unread && waited
        };
        let old: Vec<_> = {
            let verdicts = self.verdicts.lock();
            let old = verdicts.iter().filter(|(_, verdict)| is_old(verdict));
            old.map(|(digest, verdict)| (*digest, verdict.file.clone())).collect()
        };
        for (digest, file) in old {
            let blobs = blobs.clone();
            let found = tokio::task::spawn_blocking(move || blobs.get(digest)).await;
            match found {
                Ok(Ok(Some(blob))) => {
                    let (content, length) = (Arc::new(blob.file), blob.len);
                    self.look(Arrived { digest, file: &file, content, length, earlier: &[] }).await;
                }
                // It is scanned when it comes again, before anybody has it.
                Ok(Ok(None)) => self.forget(&digest),
                _ => {}
            }
        }
    }

    /// What was found by other rules in what is not here any more counts no longer.
    fn forget(&self, digest: &Digest) {
        let known = self.verdicts.lock().remove(digest);
        if known.is_some_and(|known| known.grade != Grade::Clean) {
            (self.parts.changed)();
        }
    }
}

/// What the scanner knows, as the doors ask for it.
#[derive(Clone)]
pub struct Scanned(pub Arc<Scanning>);

impl Knowledge for Scanned {
    fn project(&self, _: &Purl) -> Option<Arc<dyn ProjectKnowledge>> {
        Some(Arc::new(self.clone()))
    }
}

impl ProjectKnowledge for Scanned {
    fn tell(&self, told: &Told<'_>, facts: &mut Facts) {
        if let Some(verdict) = told.digest.and_then(|digest| self.0.known(&digest)) {
            facts.set("scan", verdict.grade.as_str());
            if !verdict.words.is_empty() {
                facts.set("scan_finding", verdict.words.as_str());
            }
        }
    }
}
