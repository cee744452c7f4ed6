//! Pages of the upstream that are of no project: the list of all projects, its keys, its settings. Looked at and
//! remembered like the others, and not kept on disk.

use std::sync::Arc;

use fanlight_net::{Page, PageAnswer, PageRequest, Validators};
use url::Url;

use super::place::{Known, Look, Place};
use super::{LookError, Projects};
use crate::ecosystem::{Ecosystem, PageFault};
use crate::upstreams::Source;

/// Such a page as read, and what the next look asks with.
pub(crate) struct Aside<T> {
    /// What it says.
    pub(crate) thing: T,
    validators: Validators,
}

impl<T> Aside<T> {
    /// One that was asked for without validators.
    #[cfg(test)]
    pub(crate) const fn of(thing: T) -> Self {
        Self { thing, validators: Validators { etag: None, last_modified: None } }
    }
}

/// Where such a page is in memory.
pub(crate) type AsidePlace<T> = Place<Aside<T>>;

/// What is asked for.
#[derive(Clone)]
pub(crate) struct AsideRequest {
    /// Of which upstream; of the main one where none is said. A place belongs to one upstream.
    pub(crate) from: Option<Arc<Source>>,
    /// What errors call it.
    pub(crate) what: &'static str,
    /// Where it is, relative to the upstream's address.
    pub(crate) path: String,
    /// The media types wanted.
    pub(crate) accept: &'static str,
    /// The most bytes it may have.
    pub(crate) limit: usize,
}

impl<E: Ecosystem> Projects<E> {
    /// The page, looked at within the refresh time where the upstream can be asked. `read` is given the page.
    pub(crate) async fn aside<T>(
        self: &Arc<Self>,
        place: &Arc<AsidePlace<T>>,
        request: AsideRequest,
        read: impl FnOnce(&Page) -> Result<T, PageFault> + Send + 'static,
    ) -> Look<Aside<T>>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        if let Some(look) = place.at_hand(self.now(), self.parts.refresh) {
            return look;
        }
        let projects = self.clone();
        place.look_together(|place| async move { projects.look_aside(&place, request, read).await }).await
    }

    async fn look_aside<T>(
        &self,
        place: &AsidePlace<T>,
        request: AsideRequest,
        read: impl FnOnce(&Page) -> Result<T, PageFault> + Send,
    ) -> Look<Aside<T>>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        let (what, kept) = (request.what, place.known());
        let looked = self.try_look_aside(kept.clone(), request, read).await;
        let now = self.now();
        if let Some(failure) = self.noted(&looked, now) {
            tracing::warn!(failure, "{what} could not be looked at");
        }
        place.settle(kept, looked, now)
    }

    async fn try_look_aside<T>(
        &self,
        kept: Option<Arc<Known<Aside<T>>>>,
        request: AsideRequest,
        read: impl FnOnce(&Page) -> Result<T, PageFault> + Send,
    ) -> Result<Arc<Known<Aside<T>>>, LookError>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        let AsideRequest { from, what, path, accept, limit } = request;
        let from = from.map_or_else(|| self.main(), Ok)?;
        let url: Url = from.url().join(&path).map_err(|_| Self::no_upstream())?;
        let before = kept.as_ref().map(|known| &known.thing);
        let request =
            PageRequest { url, accept, at_hand: before.map(|page| page.validators.clone()).unwrap_or_default(), limit };
        let answer = self.parts.upstream.page(request).await.map_err(|source| LookError::of_upstream(what, source))?;
        let now = self.now();
        let page = match (answer, &kept) {
            (PageAnswer::Absent { status }, _) => {
                return Err(LookError::Absent { project: what.to_owned(), status: status.as_u16(), asked: 1 });
            }
            (PageAnswer::NotModified, None) => return Err(LookError::Lost),
            (PageAnswer::NotModified, Some(known)) => {
                known.confirmed(now);
                return Ok(known.clone());
            }
            (PageAnswer::Page(page), _) => page,
        };
        let thing = tokio::task::block_in_place(|| read(&page)).map_err(|fault| LookError::of_page(what, fault))?;
        if let Some(known) = kept.filter(|known| known.thing.thing == thing) {
            // From an upstream without ETags: what is made from it stays.
            known.confirmed(now);
            return Ok(known);
        }
        Ok(Known::new(Arc::new(Aside { thing, validators: page.validators }), now))
    }
}
