//! One look at a project's page: asked with the validators of the last one, read, compared with what was seen before, kept.
//!
//! Invariant: what this node saw before is what tells a backdated release from an old one, so first sights are for good,
//! even where the page itself is no longer kept.

use std::sync::Arc;

use bytes::Bytes;
use fanlight_base::{Timestamp, limits};
use fanlight_net::upstream::without_credentials;
use fanlight_net::{PageAnswer, PageRequest};
use fanlight_store::{Look as Row, StoreError};
use serde::{Deserialize, Serialize};
use url::Url;

use super::place::{Known, Look, Place};
use super::scale::{Load, Scale};
use super::spelling::Spelling;
use super::{LookError, Project, Projects};
use crate::cooldown::Sightings;
use crate::ecosystem::{Ecosystem, Index as _, Name as _};
use crate::judge::Judgements;

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

/// What the next look asks with.
struct Validators {
    etag: Option<String>,
    last_modified: Option<String>,
}

impl<E: Ecosystem> Projects<E> {
    /// Looks, whatever is known; one at a time for a place.
    pub(super) async fn look(&self, place: &Place<Project<E>>, name: &E::Name) -> Look<Project<E>> {
        let (kept, looked) = match self.known_base() {
            Err(error) => (None, Err(error)),
            Ok(base) => match self.known_or_kept(place, &base, name).await {
                Err(error) => (None, Err(error)),
                // Let go of for want of room, or of an earlier run: confirmed just now all the same.
                Ok(Some(kept)) if kept.is_fresh(self.now(), self.parts.refresh) => {
                    return place.settle(None, Ok(kept), self.now());
                }
                Ok(kept) => {
                    if let Some(kept) = &kept {
                        place.lend(kept);
                    }
                    (kept.clone(), self.try_look(&base, kept, name).await)
                }
            },
        };
        let now = self.now();
        self.noted(&looked, now);
        if let Err(failure) = &looked {
            let (project, failure, is_absence) = (&*name.text(), failure.words(), failure.is_absence());
            match is_absence {
                // A name that is none is the business of who asked for it, and they are told.
                true => tracing::debug!(project, failure, "the upstream has no such project"),
                false => tracing::warn!(project, failure, "a project could not be looked at"),
            }
        }
        let look = place.settle(kept, looked, now);
        if look.as_ref().is_err_and(|failure| failure.is_absence()) {
            self.note_absence(&name.text(), now).await.map_err(Arc::new)?;
        }
        look
    }

    async fn known_or_kept(
        &self,
        place: &Place<Project<E>>,
        base: &Url,
        name: &E::Name,
    ) -> Result<Option<Arc<Known<Project<E>>>>, LookError> {
        match place.known() {
            Some(known) => Ok(Some(known)),
            None => self.restore(base, name).await,
        }
    }

    async fn try_look(
        &self,
        base: &Url,
        kept: Option<Arc<Known<Project<E>>>>,
        project: &E::Name,
    ) -> Result<Arc<Known<Project<E>>>, LookError> {
        let text = project.text();
        let name = &*text;
        let unset = LookError::NoUpstream { setting: E::SETTING, upstream: E::UPSTREAM };
        let url = E::page_address(base, project).ok_or(unset)?;
        let before = kept.as_ref().map(|known| &known.thing);
        let request = PageRequest {
            url,
            accept: E::ACCEPT,
            etag: before.and_then(|p| p.etag.clone()),
            last_modified: before.and_then(|p| p.last_modified.clone()),
            limit: limits::INDEX_PAGE_BYTES,
        };
        let answer = self.parts.upstream.page(request).await.map_err(|source| LookError::of_upstream(name, source))?;
        let mut now = self.now();
        let page = match (answer, &kept) {
            (PageAnswer::Absent { status }, _) => {
                return Err(LookError::Absent { project: name.to_owned(), status: status.as_u16() });
            }
            (PageAnswer::NotModified, None) => return Err(LookError::Lost),
            (PageAnswer::NotModified, Some(known)) => {
                self.touch(name, now).await?;
                known.confirmed(now);
                return Ok(known.clone());
            }
            (PageAnswer::Page(page), _) => page,
        };
        let content_type = page.content_type.unwrap_or_default();
        let index = read::<E>(project, &content_type, &page.final_url, page.body.clone())?;
        if let Some(known) = kept.as_ref().filter(|known| known.thing.index == index) {
            // The same page under another ETag, or an upstream without ETags: what is judged stays judged.
            self.touch(name, now).await?;
            known.confirmed(now);
            return Ok(known.clone());
        }
        let from_row;
        let earlier = match &kept {
            Some(known) => Some((&known.thing.sightings, known.looked_at())),
            None => {
                let row = self.row(name).await?.and_then(|row| Some((Kept::read(&row.sightings)?.1, row.looked_at)));
                from_row = match row {
                    Some(row) => Some(row),
                    None => self.absence(base, name).await?.map(|at| (Sightings::default(), at)),
                };
                from_row.as_ref().map(|(sightings, at)| (sightings, *at))
            }
        };
        // Where the clock went back, the last look does not: what comes later may not claim to be older than it.
        now = earlier.as_ref().map_or(now, |(_, at)| now.max(*at));
        let sightings = Sightings::observe(earlier, &index, now);
        let validators = Validators { etag: page.etag, last_modified: page.last_modified };
        let kept = Kept { page: page.final_url.to_string(), sightings };
        let row = Row {
            ecosystem: E::TYPE.to_owned(),
            project: name.to_owned(),
            upstream: without_credentials(base).to_string(),
            looked_at: now,
            etag: validators.etag.clone(),
            last_modified: validators.last_modified.clone(),
            content_type,
            // Without a copy where the index did not keep the page's bytes.
            body: page.body.into(),
            sightings: serde_json::to_vec(&kept).unwrap_or_default(),
        };
        self.parts.store.save_look(&row).await.map_err(store_error(name))?;
        Ok(Known::new(self.project(project, index, kept.sightings, validators), now))
    }

    /// What this node knew before, where it is of the same upstream and its page is still kept.
    async fn restore(&self, base: &Url, name: &E::Name) -> Result<Option<Arc<Known<Project<E>>>>, LookError> {
        let Some(row) = self.row(&name.text()).await? else { return Ok(None) };
        if row.upstream != without_credentials(base).to_string() || row.body.is_empty() {
            return Ok(None);
        }
        let Some((page, mut sightings)) = Kept::read(&row.sightings) else { return Ok(None) };
        let Ok(index) = read::<E>(name, &row.content_type, &page, row.body.into()) else { return Ok(None) };
        sightings.share_names(&index);
        let validators = Validators { etag: row.etag, last_modified: row.last_modified };
        Ok(Some(Known::new(self.project(name, index, sightings, validators), row.looked_at)))
    }

    fn project(
        &self,
        name: &E::Name,
        index: E::Index,
        sightings: Sightings,
        validators: Validators,
    ) -> Arc<Project<E>> {
        let scale = Scale::on(self.parts.memory.scale().clone());
        let bytes = size_of::<Project<E>>() + index.bytes() + sightings.bytes(&index);
        Arc::new(Project {
            name: name.clone(),
            spelling: Spelling::of::<E>(name, &index),
            judgements: Judgements::on(&scale),
            index,
            sightings,
            etag: validators.etag,
            last_modified: validators.last_modified,
            _load: Load::new(&scale, bytes),
            scale,
        })
    }

    async fn row(&self, name: &str) -> Result<Option<Row>, LookError> {
        self.parts.store.look(E::TYPE, name).await.map_err(store_error(name))
    }

    /// The upstream answered, and the answer is that there is no such project: a look like any other, so what turns up
    /// later cannot be older. A kept page goes from disk, too, or it would come back with the upstream's next failure; what
    /// was seen of it, and when, stays.
    async fn note_absence(&self, name: &str, now: Timestamp) -> Result<(), LookError> {
        if let Some(row) = self.row(name).await? {
            let looked_at = now.max(row.looked_at);
            let row = Row { etag: None, last_modified: None, body: Vec::new(), looked_at, ..row };
            return self.parts.store.save_look(&row).await.map_err(store_error(name));
        }
        let Some(base) = self.base() else { return Ok(()) };
        let upstream = without_credentials(&base).to_string();
        self.parts.store.note_absence(E::TYPE, name, &upstream, now).await.map_err(store_error(name))
    }

    /// When a project of which nothing else is kept was last looked for at this upstream and not there. Another upstream's
    /// having none says nothing.
    async fn absence(&self, base: &Url, name: &str) -> Result<Option<Timestamp>, LookError> {
        let upstream = without_credentials(base).to_string();
        self.parts.store.absence(E::TYPE, name, &upstream).await.map_err(store_error(name))
    }

    async fn touch(&self, name: &str, now: Timestamp) -> Result<(), LookError> {
        self.parts.store.touch_look(E::TYPE, name, now).await.map(drop).map_err(store_error(name))
    }
}

fn store_error(name: &str) -> impl FnOnce(StoreError) -> LookError {
    let project = name.to_owned();
    move |source| LookError::Store { project, source }
}

/// Reading a large page takes milliseconds of pure computing, so other requests of this thread are moved away.
fn read<E: Ecosystem>(name: &E::Name, content_type: &str, page: &Url, body: Bytes) -> Result<E::Index, LookError> {
    let content_type = Some(content_type).filter(|text| !text.is_empty());
    tokio::task::block_in_place(|| E::read(name, content_type, page, body))
        .map_err(|fault| LookError::of_page(&name.text(), fault))
}
