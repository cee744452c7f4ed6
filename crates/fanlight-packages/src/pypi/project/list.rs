//! The list of all projects: large (the Python Package Index has over half a million) and seldom asked for. Held only
//! while somebody asks, as one text of names and the pages written from it.
//!
//! It is not kept on disk: clients that install do not ask for it, and it changes with every new project. So a restart,
//! or an upstream that goes down while nobody has asked for a while, leaves no list, and the door says so.

use std::sync::{Arc, OnceLock};

use fanlight_base::{Fault, limits};
use fanlight_net::{PageAnswer, PageRequest};
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::place::{Known, Look, Place};
use super::scale::{Load, Scale};
use super::{ACCEPT, Contact, LookError, Projects};
use crate::pypi::formats::index::list::{self, Names};
use crate::pypi::formats::negotiate::Format;
use crate::pypi::formats::render::{self, Page};

/// What errors call it.
const NAME: &str = "the list of all projects";

/// The names of all projects, as the upstream last had them.
pub struct Listing {
    names: Names,
    etag: Option<String>,
    last_modified: Option<String>,
    json: OnceLock<Page>,
    html: OnceLock<Page>,
    /// One writing at a time.
    turn: Semaphore,
    load: Load,
}

impl Listing {
    /// The page in one form, written once for all who ask.
    pub async fn page(&self, format: Format) -> &Page {
        let place = if format == Format::Json { &self.json } else { &self.html };
        if let Some(page) = place.get() {
            return page;
        }
        let _turn = self.turn.acquire().await;
        place.get_or_init(|| {
            let page = tokio::task::block_in_place(|| render::list(self.names.iter(), format));
            self.load.add(page.bytes.len());
            page
        })
    }
}

/// The list's place, and who still asks for it.
#[derive(Default)]
pub(super) struct ListPlace {
    place: Arc<Place<Listing>>,
    asked: Mutex<Asked>,
}

#[derive(Default)]
struct Asked {
    /// How often it was asked for.
    count: u64,
    /// Whether a task waits to release it.
    is_watched: bool,
}

impl ListPlace {
    /// Notes that it was asked for, and has it released when nobody asks for [`limits::PROJECT_LIST_IDLE_TIME`].
    fn is_used(self: &Arc<Self>) {
        let mut state = self.asked.lock();
        state.count += 1;
        if state.is_watched {
            return;
        }
        state.is_watched = true;
        let list = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                let Some(before) = list.upgrade().map(|list| list.asked.lock().count) else { return };
                tokio::time::sleep(limits::PROJECT_LIST_IDLE_TIME).await;
                let Some(list) = list.upgrade() else { return };
                let mut state = list.asked.lock();
                if state.count == before {
                    state.is_watched = false;
                    list.place.release();
                    return;
                }
            }
        });
    }
}

impl Projects {
    /// The list of all projects, looked at within the refresh time where the upstream can be asked.
    pub async fn list(self: &Arc<Self>) -> Look<Listing> {
        // Before the look and after it, so that one which takes long is not released while it is being made.
        self.list.is_used();
        let place = &self.list.place;
        let seen = match place.at_hand(self.clock.now(), self.refresh) {
            Some(look) => look,
            None => {
                let projects = self.clone();
                place.look_together(|place| async move { projects.look_at_list(&place).await }).await
            }
        };
        self.list.is_used();
        seen
    }

    async fn look_at_list(&self, place: &Place<Listing>) -> Look<Listing> {
        let kept = place.known();
        let looked = self.try_look_at_list(kept.clone()).await;
        let now = self.clock.now();
        let failure = looked.as_ref().err().filter(|error| error.fault() != Fault::NotFound).map(LookError::words);
        if let Some(failure) = &failure {
            tracing::warn!(failure, "the list of all projects could not be looked at");
        }
        *self.last_contact.lock() = Some(Contact { at: now, failure });
        place.settle(kept, looked, now)
    }

    async fn try_look_at_list(&self, kept: Option<Arc<Known<Listing>>>) -> Result<Arc<Known<Listing>>, LookError> {
        let base = self.base().ok_or(LookError::NoUpstream)?;
        let before = kept.as_ref().map(|known| &known.thing);
        let request = PageRequest {
            url: (*base).clone(),
            accept: ACCEPT,
            etag: before.and_then(|list| list.etag.clone()),
            last_modified: before.and_then(|list| list.last_modified.clone()),
            limit: limits::INDEX_PAGE_BYTES,
        };
        let answer = self.upstream.page(request).await.map_err(|source| LookError::of_upstream(NAME, source))?;
        let now = self.clock.now();
        let page = match (answer, &kept) {
            (PageAnswer::Absent { status }, _) => {
                return Err(LookError::Absent { project: NAME.to_owned(), status: status.as_u16() });
            }
            (PageAnswer::NotModified, None) => return Err(LookError::Lost),
            (PageAnswer::NotModified, Some(known)) => {
                known.confirmed(now);
                return Ok(known.clone());
            }
            (PageAnswer::Page(page), _) => page,
        };
        let read = tokio::task::block_in_place(|| list::parse(page.content_type.as_deref(), &page.body));
        let names = read.map_err(|source| LookError::Page { project: NAME.to_owned(), source })?.names;
        if let Some(known) = kept.filter(|known| known.thing.names == names) {
            // From an upstream without ETags: what is written stays written.
            known.confirmed(now);
            return Ok(known);
        }
        let load = Load::new(&Scale::on(self.scale.clone()), names.bytes());
        let listing = Listing {
            names,
            etag: page.etag,
            last_modified: page.last_modified,
            json: OnceLock::new(),
            html: OnceLock::new(),
            turn: Semaphore::new(1),
            load,
        };
        Ok(Known::new(Arc::new(listing), now))
    }
}

#[cfg(test)]
mod tests;
