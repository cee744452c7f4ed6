//! One project as the upstream has it: looked at when somebody asks, confirmed every `packages.refresh`, kept on disk so
//! that a restart or a dead upstream loses nothing.
//!
//! Invariants: however many ask, one look at a time is under way for a project; a look that fails never takes away what
//! is known; what this node saw before is what tells a backdated release from an old one.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use fanlight_base::clock::SharedClock;
use fanlight_base::{Fault, Timestamp, limits};
use fanlight_net::upstream::{UpstreamErrorKind, without_credentials};
use fanlight_net::{PageAnswer, PageRequest, Upstream, UpstreamError};
use fanlight_store::{Look, Store, StoreError};
use parking_lot::Mutex;
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use url::Url;

use super::formats::index::{self, Index, IndexError};
use super::judge::Judgements;
use crate::cooldown::Sightings;
use crate::files::OnDrop;

/// The purl type, and this ecosystem's name in facts and in the store.
pub const ECOSYSTEM: &str = "pypi";
/// Projects kept in memory; others are read again from the store.
const PROJECTS_IN_MEMORY: usize = 1024;
/// After a failed look the upstream is left alone this long, so that a dead upstream does not slow every request.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);
/// What we ask the upstream for.
const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/// How a page was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpstreamState {
    /// Looked at within the refresh time, changed or not.
    Fresh,
    /// The upstream could not be asked; this is what it last said.
    Stale,
}

impl UpstreamState {
    /// The word in facts and records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
        }
    }
}

/// What is known of a project: one version of its upstream page.
pub struct Project {
    /// The page's content.
    pub index: Index,
    /// When this node saw what.
    pub sightings: Sightings,
    /// What the guard says of its files, by epoch and audience.
    pub judgements: Judgements,
    page: Url,
    etag: Option<String>,
    last_modified: Option<String>,
}

/// Why a project could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The upstream has no such project.
    #[error("the upstream has no project {project:?} (it answered {status})")]
    Absent {
        /// The project asked for.
        project: String,
        /// The upstream's status.
        status: u16,
    },
    /// The upstream answered, and will not give it: a mirror that blocks a project does so.
    #[error("the upstream refuses the project {project:?} (it answered {status})")]
    Refused {
        /// The project asked for.
        project: String,
        /// The upstream's status.
        status: u16,
    },
    /// The upstream could not be asked.
    #[error("the upstream could not be asked for {project:?}")]
    Upstream {
        /// The project asked for.
        project: String,
        /// What went wrong.
        #[source]
        source: UpstreamError,
    },
    /// The upstream's page is no index page.
    #[error("the upstream's page for {project:?} cannot be read")]
    Page {
        /// The project asked for.
        project: String,
        /// What is wrong with it.
        #[source]
        source: IndexError,
    },
    /// No upstream is set and none was found.
    #[error("no upstream is known: set packages.pypi.upstream in fanlight.toml to the address of your package index")]
    NoUpstream,
    /// What is known could not be read or kept.
    #[error("what is known of {project:?} could not be read or kept")]
    Store {
        /// The project asked for.
        project: String,
        /// What went wrong.
        #[source]
        source: StoreError,
    },
    /// The look ended without a word, which is a fault of the program.
    #[error("the look at the upstream ended unexpectedly")]
    Lost,
}

impl LookError {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Absent { .. } | Self::Refused { .. } => Fault::NotFound,
            Self::Upstream { source, .. } => source.fault(),
            Self::Page { .. } => Fault::Upstream,
            Self::NoUpstream | Self::Store { .. } | Self::Lost => Fault::Node,
        }
    }

    /// An upstream's error. Statuses that say "not you" or "not now" are faults, over which what is known lives on; every
    /// other refusal is an answer, and ends it.
    fn of_upstream(project: &str, source: UpstreamError) -> Self {
        const NOT_NOW: [u16; 5] = [401, 407, 408, 425, 429];
        let project = project.to_owned();
        match source.kind {
            UpstreamErrorKind::Status(status) if status.is_client_error() && !NOT_NOW.contains(&status.as_u16()) => {
                Self::Refused { project, status: status.as_u16() }
            }
            _ => Self::Upstream { project, source },
        }
    }

    /// The words for outside: what failed and its cause; they name the input and the limit and show no data.
    pub fn words(&self) -> String {
        use std::error::Error as _;
        match self {
            Self::Store { .. } => self.to_string(),
            _ => self.source().map_or_else(|| self.to_string(), |cause| format!("{self}: {cause}")),
        }
    }
}

/// A project at hand, and what to say of it.
#[derive(Clone)]
pub struct Seen {
    /// The project.
    pub project: Arc<Project>,
    /// How it was come by.
    pub state: UpstreamState,
    /// When the upstream was last heard.
    pub looked_at: Timestamp,
    /// Why it is stale.
    pub failure: Option<Arc<LookError>>,
}

/// The last time the upstream was asked.
#[derive(Debug, Clone)]
pub struct Contact {
    /// When.
    pub at: Timestamp,
    /// What went wrong, in words; nothing where it answered.
    pub failure: Option<String>,
}

type LookResult = Result<Seen, Arc<LookError>>;

/// A project's place: what is known now, and the look under way.
#[derive(Default)]
struct Place {
    known: ArcSwapOption<Known>,
    under_way: Mutex<Option<watch::Receiver<Option<LookResult>>>>,
    failed: Mutex<Option<(Timestamp, Arc<LookError>)>>,
}

struct Known {
    project: Arc<Project>,
    looked_at_ms: AtomicI64,
}

/// What the store keeps beside the page, so that the page can be read again.
#[derive(Serialize, Deserialize)]
struct Kept {
    page: String,
    sightings: Sightings,
}

impl Kept {
    fn read(bytes: &[u8]) -> Option<(Url, Sightings)> {
        let kept: Self = serde_json::from_slice(bytes).ok()?;
        Some((Url::parse(&kept.page).ok()?, kept.sightings))
    }
}

/// All projects of the Python door.
pub struct Projects {
    upstream: Upstream,
    store: Store,
    clock: SharedClock,
    refresh: Duration,
    base: ArcSwapOption<Url>,
    places: Cache<Arc<str>, Arc<Place>>,
    last_contact: Mutex<Option<Contact>>,
}

impl Projects {
    /// Projects of one upstream, confirmed every `refresh`.
    pub fn new(upstream: Upstream, store: Store, clock: SharedClock, refresh: Duration) -> Arc<Self> {
        Arc::new(Self {
            upstream,
            store,
            clock,
            refresh,
            base: ArcSwapOption::empty(),
            places: Cache::new(PROJECTS_IN_MEMORY),
            last_contact: Mutex::default(),
        })
    }

    /// Says where the index is; its path ends in a slash.
    pub fn set_base(&self, base: Url) {
        self.base.store(Some(Arc::new(base)));
    }

    /// Where the index is.
    pub fn base(&self) -> Option<Arc<Url>> {
        self.base.load_full()
    }

    /// The last time the upstream was asked, if it ever was.
    pub fn last_contact(&self) -> Option<Contact> {
        self.last_contact.lock().clone()
    }

    /// The client for the upstream.
    pub const fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// The project, looked at within the refresh time where the upstream can be asked. `name` is in normal form.
    pub async fn see(self: &Arc<Self>, name: &str) -> LookResult {
        let place = self.place(name);
        let now = self.clock.now();
        if let Some(known) = &*place.known.load() {
            let looked_at = known.looked_at();
            if within(looked_at, now, self.refresh) {
                return Ok(known.seen(UpstreamState::Fresh, looked_at, None));
            }
        }
        // After a failure: what is known, or the failure again, without asking.
        let failed = place.failed.lock().clone();
        if let Some((at, error)) = failed
            // Only an upstream is spared; a fault of our own may be over already.
            && error.fault() != Fault::Node
            && within(at, now, PAUSE_AFTER_FAILURE.min(self.refresh))
        {
            return match &*place.known.load() {
                Some(known) if error.fault() != Fault::NotFound => {
                    Ok(known.seen(UpstreamState::Stale, known.looked_at(), Some(error)))
                }
                _ => Err(error),
            };
        }
        self.look_together(place, name).await
    }

    /// The names of all projects, asked of the upstream now.
    pub async fn list(&self) -> Result<Vec<String>, LookError> {
        let base = self.base().ok_or(LookError::NoUpstream)?;
        let project = || "the list of all projects".to_owned();
        let request = PageRequest {
            url: Url::clone(&base),
            accept: ACCEPT,
            etag: None,
            last_modified: None,
            limit: limits::INDEX_PAGE_BYTES,
        };
        let answer = self.upstream.page(request).await;
        match answer.map_err(|source| LookError::of_upstream(&project(), source))? {
            PageAnswer::Page(page) => {
                tokio::task::block_in_place(|| index::list::parse(page.content_type.as_deref(), &page.body))
                    .map(|list| list.normalized().collect())
                    .map_err(|source| LookError::Page { project: project(), source })
            }
            PageAnswer::Absent { status } => Err(LookError::Absent { project: project(), status: status.as_u16() }),
            PageAnswer::NotModified => Err(LookError::Lost),
        }
    }

    fn place(&self, name: &str) -> Arc<Place> {
        if let Some(place) = self.places.get(name) {
            return place;
        }
        self.places
            .get_or_insert_with::<Arc<str>, std::convert::Infallible>(&name.into(), || {
                Ok::<_, std::convert::Infallible>(Arc::default())
            })
            .unwrap_or_default()
    }

    /// Joins the look under way, or starts one. It is a task of its own, so a client that goes away does not end it.
    async fn look_together(self: &Arc<Self>, place: Arc<Place>, name: &str) -> LookResult {
        let mut result = {
            let mut under_way = place.under_way.lock();
            if let Some(result) = &*under_way {
                result.clone()
            } else {
                let (tell, result) = watch::channel(None);
                *under_way = Some(result.clone());
                let (projects, name, place) = (self.clone(), name.to_owned(), place.clone());
                tokio::spawn(async move {
                    // Also when the look panics: the next request then starts another.
                    let over = OnDrop(|| *place.under_way.lock() = None);
                    let result = projects.look(&place, &name).await;
                    drop(over);
                    tell.send_replace(Some(result));
                });
                result
            }
        };
        let told = result.wait_for(Option::is_some).await.map_err(|_| Arc::new(LookError::Lost))?;
        told.clone().unwrap_or_else(|| Err(Arc::new(LookError::Lost)))
    }

    async fn look(&self, place: &Place, name: &str) -> LookResult {
        // What an earlier run knew is only lent for this look: it is served if the upstream cannot be asked, and not if
        // the upstream says that it is gone.
        let (kept, looked) = match self.base().ok_or(LookError::NoUpstream) {
            Err(error) => (None, Err(error)),
            Ok(base) => match self.known_or_kept(place, &base, name).await {
                Err(error) => (None, Err(error)),
                Ok(kept) => (kept.clone(), self.try_look(&base, kept, name).await),
            },
        };
        let failure = looked.as_ref().err().filter(|error| error.fault() != Fault::NotFound).map(LookError::words);
        *self.last_contact.lock() = Some(Contact { at: self.clock.now(), failure });
        let failure = match looked {
            Ok(known) => {
                *place.failed.lock() = None;
                let seen = known.seen(UpstreamState::Fresh, known.looked_at(), None);
                place.known.store(Some(known));
                return Ok(seen);
            }
            Err(failure) => Arc::new(failure),
        };
        tracing::warn!(project = name, failure = failure.words(), "a project could not be looked at");
        *place.failed.lock() = Some((self.clock.now(), failure.clone()));
        if failure.fault() == Fault::NotFound {
            // The upstream answered, and the answer is that it is gone: from memory, and from disk, or it would come back
            // with the upstream's next failure.
            place.known.store(None);
            if kept.is_some() {
                self.forget(name).await.map_err(Arc::new)?;
            }
            return Err(failure);
        }
        match kept {
            Some(known) => {
                let seen = known.seen(UpstreamState::Stale, known.looked_at(), Some(failure));
                place.known.store(Some(known));
                Ok(seen)
            }
            None => Err(failure),
        }
    }

    async fn known_or_kept(&self, place: &Place, base: &Url, name: &str) -> Result<Option<Arc<Known>>, LookError> {
        match place.known.load_full() {
            Some(known) => Ok(Some(known)),
            None => self.restore(base, name).await,
        }
    }

    /// Drops the kept page of a project that is gone; what was seen of it, and when, stays.
    async fn forget(&self, name: &str) -> Result<(), LookError> {
        let store_error = |source| LookError::Store { project: name.to_owned(), source };
        let Some(look) = self.store.look(ECOSYSTEM, name).await.map_err(store_error)? else { return Ok(()) };
        let look = Look { etag: None, last_modified: None, body: Vec::new(), looked_at: self.clock.now(), ..look };
        self.store.save_look(&look).await.map_err(store_error)
    }

    async fn try_look(&self, base: &Url, kept: Option<Arc<Known>>, name: &str) -> Result<Arc<Known>, LookError> {
        let url = base.join(&format!("{name}/")).map_err(|_| LookError::NoUpstream)?;
        let before = kept.as_ref().map(|known| &known.project);
        let request = PageRequest {
            url,
            accept: ACCEPT,
            etag: before.and_then(|p| p.etag.clone()),
            last_modified: before.and_then(|p| p.last_modified.clone()),
            limit: limits::INDEX_PAGE_BYTES,
        };
        let answer = self.upstream.page(request).await.map_err(|source| LookError::of_upstream(name, source))?;
        let now = self.clock.now();
        match answer {
            PageAnswer::Absent { status } => {
                Err(LookError::Absent { project: name.to_owned(), status: status.as_u16() })
            }
            PageAnswer::NotModified => {
                let Some(known) = kept else { return Err(LookError::Lost) };
                self.touch(name, now).await?;
                known.looked_at_ms.store(now.as_millisecond(), Ordering::Relaxed);
                Ok(known)
            }
            PageAnswer::Page(page) => {
                let content_type = page.content_type.clone();
                let index = read(name, content_type.as_deref(), &page.final_url, &page.body)?;
                if let Some(known) = kept.as_ref().filter(|known| known.project.index == index) {
                    // The same page under another ETag, or an upstream without ETags: what is judged stays judged.
                    self.touch(name, now).await?;
                    known.looked_at_ms.store(now.as_millisecond(), Ordering::Relaxed);
                    return Ok(known.clone());
                }
                let sightings = match &kept {
                    Some(known) => Sightings::observe(Some((&known.project.sightings, known.looked_at())), &index, now),
                    None => {
                        let earlier = self.sightings(name).await?;
                        Sightings::observe(earlier.as_ref().map(|(sightings, at)| (sightings, *at)), &index, now)
                    }
                };
                let project = Arc::new(Project {
                    index,
                    sightings,
                    judgements: Judgements::default(),
                    page: page.final_url,
                    etag: page.etag,
                    last_modified: page.last_modified,
                });
                self.keep(name, base, &project, content_type.unwrap_or_default(), &page.body, now).await?;
                Ok(Arc::new(Known { project, looked_at_ms: AtomicI64::new(now.as_millisecond()) }))
            }
        }
    }

    /// What an earlier run of this node knew, where it is of the same upstream and its page is still kept.
    async fn restore(&self, base: &Url, name: &str) -> Result<Option<Arc<Known>>, LookError> {
        let store_error = |source| LookError::Store { project: name.to_owned(), source };
        let Some(look) = self.store.look(ECOSYSTEM, name).await.map_err(store_error)? else { return Ok(None) };
        if look.upstream != without_credentials(base).to_string() || look.body.is_empty() {
            return Ok(None);
        }
        let Some((page, sightings)) = Kept::read(&look.sightings) else { return Ok(None) };
        let Ok(index) = read(name, Some(&look.content_type), &page, &look.body) else { return Ok(None) };
        let known = Arc::new(Known {
            project: Arc::new(Project {
                index,
                sightings,
                judgements: Judgements::default(),
                page,
                etag: look.etag,
                last_modified: look.last_modified,
            }),
            looked_at_ms: AtomicI64::new(look.looked_at.as_millisecond()),
        });
        Ok(Some(known))
    }

    /// What this node saw of the project before, even where the page itself is no longer kept: first sights are for good.
    async fn sightings(&self, name: &str) -> Result<Option<(Sightings, Timestamp)>, LookError> {
        let look = self
            .store
            .look(ECOSYSTEM, name)
            .await
            .map_err(|source| LookError::Store { project: name.to_owned(), source })?;
        Ok(look.and_then(|look| Some((Kept::read(&look.sightings)?.1, look.looked_at))))
    }

    async fn touch(&self, name: &str, now: Timestamp) -> Result<(), LookError> {
        self.store
            .touch_look(ECOSYSTEM, name, now)
            .await
            .map(drop)
            .map_err(|source| LookError::Store { project: name.to_owned(), source })
    }

    async fn keep(
        &self,
        name: &str,
        base: &Url,
        project: &Project,
        content_type: String,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), LookError> {
        let kept = Kept { page: project.page.to_string(), sightings: project.sightings.clone() };
        let look = Look {
            ecosystem: ECOSYSTEM.to_owned(),
            project: name.to_owned(),
            upstream: without_credentials(base).to_string(),
            looked_at: now,
            etag: project.etag.clone(),
            last_modified: project.last_modified.clone(),
            content_type,
            body: body.to_vec(),
            sightings: serde_json::to_vec(&kept).unwrap_or_default(),
        };
        self.store.save_look(&look).await.map_err(|source| LookError::Store { project: name.to_owned(), source })
    }
}

impl Known {
    fn looked_at(&self) -> Timestamp {
        Timestamp::from_millisecond(self.looked_at_ms.load(Ordering::Relaxed)).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn seen(&self, state: UpstreamState, looked_at: Timestamp, failure: Option<Arc<LookError>>) -> Seen {
        Seen { project: self.project.clone(), state, looked_at, failure }
    }
}

/// Reading a large page takes milliseconds of pure computing, so other requests of this thread are moved away.
fn read(name: &str, content_type: Option<&str>, page: &Url, body: &[u8]) -> Result<Index, LookError> {
    tokio::task::block_in_place(|| index::parse(name, content_type, page, body))
        .map_err(|source| LookError::Page { project: name.to_owned(), source })
}

/// Whether `span` has not passed since `at`. A clock that went back counts as passed.
fn within(at: Timestamp, now: Timestamp, span: Duration) -> bool {
    let passed = now.as_millisecond() - at.as_millisecond();
    passed >= 0 && u128::try_from(passed).is_ok_and(|passed| passed < span.as_millis())
}
