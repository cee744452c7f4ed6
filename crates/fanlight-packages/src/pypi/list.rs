//! The list of all projects: large (the Python Package Index has over half a million) and seldom asked for. Held only
//! while somebody asks, as one text of names and the pages written from it.
//!
//! It is not kept on disk: clients that install do not ask for it, and it changes with every new project. So a restart,
//! or an upstream that goes down while nobody has asked for a while, leaves no list, and the door says so.

use std::sync::{Arc, OnceLock};

use fanlight_base::limits;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::Pypi;
use crate::ecosystem::Ecosystem;
use crate::page::Page;
use crate::project::{Aside, AsidePlace, AsideRequest, Load, Look, Projects, Scale};
use crate::pypi::formats::index::list::{self, Names};
use crate::pypi::formats::negotiate::Format;
use crate::pypi::formats::render;

/// What errors call it.
const NAME: &str = "the list of all projects";

/// The names of all projects, as the upstream last had them.
pub(super) struct Listing {
    names: Names,
    json: OnceLock<Page>,
    html: OnceLock<Page>,
    /// One writing at a time.
    turn: Semaphore,
    load: Load,
}

/// Lists are the same when they name the same.
impl PartialEq for Listing {
    fn eq(&self, other: &Self) -> bool {
        self.names == other.names
    }
}

impl Listing {
    fn new(names: Names, scale: &Arc<Scale>) -> Self {
        let load = Load::new(&Scale::on(scale.clone()), names.bytes());
        Self { names, json: OnceLock::new(), html: OnceLock::new(), turn: Semaphore::new(1), load }
    }

    /// The page in one form, written once for all who ask.
    pub(super) async fn page(&self, format: Format) -> &Page {
        let place = if format == Format::Json { &self.json } else { &self.html };
        if let Some(page) = place.get() {
            return page;
        }
        let _turn = self.turn.acquire().await;
        place.get_or_init(|| {
            let page = tokio::task::block_in_place(|| Page::of(render::list(self.names.iter(), format)));
            self.load.add(page.held());
            page
        })
    }
}

/// The list's place, and who still asks for it.
#[derive(Default)]
pub(super) struct ListPlace {
    place: Arc<AsidePlace<Listing>>,
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

    /// The list of all projects, looked at within the refresh time where the upstream can be asked.
    pub(super) async fn see(self: &Arc<Self>, projects: &Arc<Projects<Pypi>>) -> Look<Aside<Listing>> {
        // Before the look and after it, so that one which takes long is not released while it is being made.
        self.is_used();
        let scale = projects.memory().scale().clone();
        let request = AsideRequest {
            from: None,
            what: NAME,
            path: String::new(),
            accept: Pypi::ACCEPT,
            limit: limits::INDEX_PAGE_BYTES,
        };
        let read = move |page: &fanlight_net::Page| {
            let names = list::parse(page.content_type.as_deref(), &page.body).map_err(super::page_fault)?.names;
            Ok(Listing::new(names, &scale))
        };
        let seen = projects.aside(&self.place, request, read).await;
        self.is_used();
        seen
    }
}

#[cfg(test)]
mod tests;
