//! One look at a project's page: asked with the validators of the last one, read, compared with what was seen before, kept.
//!
//! Where several upstreams may have a project, they are asked in order, once: from the first that has it it comes for as long
//! as that upstream is in the settings, and what it cannot say no other says for it. Otherwise whoever keeps it from
//! answering, or registers the name elsewhere, could put another project in its place.
//!
//! Invariant: what this node saw before is what tells a backdated release from an old one, so first sights are for good,
//! even where the page itself is no longer kept.

use std::sync::Arc;

use bytes::Bytes;
use fanlight_base::{Timestamp, limits};
use fanlight_net::{PageAnswer, PageRequest, Validators};
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
use crate::upstreams::{Candidates, Source};

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

impl<E: Ecosystem> Projects<E> {
    /// Looks, whatever is known; one at a time for a place.
    pub(super) async fn look(&self, place: &Place<Project<E>>, name: &E::Name) -> Look<Project<E>> {
        let candidates = match self.candidates(name) {
            Ok(candidates) => candidates,
            // Nobody may be asked, and so nothing that is known may be served either.
            Err(error) => return self.taken_in(place, name, None, Err(error)),
        };
        let (kept, looked) = match self.known_or_kept(place, &candidates, name).await {
            Err(error) => (None, Err(error)),
            // Let go of for want of room, or of an earlier run: confirmed just now all the same.
            Ok(Some(kept)) if kept.is_fresh(self.now(), self.parts.refresh) => {
                return place.settle(None, Ok(kept), self.now());
            }
            Ok(kept) => {
                if let Some(kept) = &kept {
                    place.lend(kept);
                }
                let looked = self.look_in_order(&candidates, kept.clone(), name).await;
                self.noted(&looked, self.now());
                (kept, looked)
            }
        };
        let look = self.taken_in(place, name, kept, looked);
        if look.as_ref().is_err_and(|failure| failure.is_absence()) {
            self.note_absence(&candidates, &name.text(), self.now()).await.map_err(Arc::new)?;
        }
        look
    }

    /// Tells the log what came of a look, and the place.
    fn taken_in(
        &self,
        place: &Place<Project<E>>,
        name: &E::Name,
        kept: Option<Arc<Known<Project<E>>>>,
        looked: Result<Arc<Known<Project<E>>>, LookError>,
    ) -> Look<Project<E>> {
        if let Err(failure) = &looked {
            let (project, failure, is_absence) = (&*name.text(), failure.words(), failure.is_absence());
            match is_absence {
                // A name that is none is the business of who asked for it, and they are told.
                true => tracing::debug!(project, failure, "the upstream has no such project"),
                false => tracing::warn!(project, failure, "a project could not be looked at"),
            }
        }
        place.settle(kept, looked, self.now())
    }

    async fn known_or_kept(
        &self,
        place: &Place<Project<E>>,
        candidates: &Candidates,
        name: &E::Name,
    ) -> Result<Option<Arc<Known<Project<E>>>>, LookError> {
        match place.known() {
            Some(known) => Ok(Some(known)),
            None => self.restore(candidates, name).await,
        }
    }

    /// Asks the upstream that the project comes from; where that is not known yet, one after the other.
    async fn look_in_order(
        &self,
        candidates: &Candidates,
        kept: Option<Arc<Known<Project<E>>>>,
        name: &E::Name,
    ) -> Result<Arc<Known<Project<E>>>, LookError> {
        let home = match &kept {
            Some(known) => Some(known.thing.from.clone()),
            None => {
                let row = self.row(&name.text()).await?;
                row.and_then(|row| candidates.named(&row.upstream).cloned())
            }
        };
        let asked = home.map_or_else(|| candidates.all.clone(), |home| vec![home]);
        let mut status = 0;
        for source in &asked {
            match self.try_look(source, candidates, kept.clone(), name).await {
                Err(LookError::Absent { status: told, .. }) => status = told,
                // Also where it failed: another is not to answer for it.
                looked => return looked,
            }
        }
        let project = name.text().to_string();
        Err(match &candidates.reserved {
            Some(pattern) => {
                LookError::Reserved { project, pattern: pattern.clone(), setting: E::SETTING, is_asked: true }
            }
            None => LookError::Absent { project, status, asked: asked.len() },
        })
    }

    async fn try_look(
        &self,
        from: &Arc<Source>,
        candidates: &Candidates,
        kept: Option<Arc<Known<Project<E>>>>,
        project: &E::Name,
    ) -> Result<Arc<Known<Project<E>>>, LookError> {
        let text = project.text();
        let name = &*text;
        let url = E::page_address(from.url(), project).ok_or_else(Self::no_upstream)?;
        let before = kept.as_ref().map(|known| &known.thing);
        let request = PageRequest {
            url,
            accept: E::ACCEPT,
            at_hand: before.map(|project| project.validators.clone()).unwrap_or_default(),
            limit: limits::INDEX_PAGE_BYTES,
        };
        let answer = self.parts.upstream.page(request).await.map_err(|source| LookError::of_upstream(name, source))?;
        let mut now = self.now();
        let page = match (answer, &kept) {
            (PageAnswer::Absent { status }, _) => {
                return Err(LookError::Absent { project: name.to_owned(), status: status.as_u16(), asked: 1 });
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
                    None => self.absence(candidates, name).await?.map(|at| (Sightings::default(), at)),
                };
                from_row.as_ref().map(|(sightings, at)| (sightings, *at))
            }
        };
        // Where the clock went back, the last look does not: what comes later may not claim to be older than it.
        now = earlier.as_ref().map_or(now, |(_, at)| now.max(*at));
        let sightings = Sightings::observe(earlier, &index, now);
        let validators = page.validators;
        let kept = Kept { page: page.final_url.to_string(), sightings };
        let row = Row {
            ecosystem: E::TYPE.to_owned(),
            project: name.to_owned(),
            upstream: from.shown().to_string(),
            looked_at: now,
            etag: validators.etag.clone(),
            last_modified: validators.last_modified.clone(),
            content_type,
            // Without a copy where the index did not keep the page's bytes.
            body: page.body.into(),
            sightings: serde_json::to_vec(&kept).unwrap_or_default(),
        };
        self.parts.store.save_look(&row).await.map_err(store_error(name))?;
        Ok(Known::new(self.project(from, project, index, kept.sightings, validators), now))
    }

    /// What this node knew before, where it is of an upstream that may be asked and its page is still kept.
    async fn restore(
        &self,
        candidates: &Candidates,
        name: &E::Name,
    ) -> Result<Option<Arc<Known<Project<E>>>>, LookError> {
        let Some(row) = self.row(&name.text()).await? else { return Ok(None) };
        let Some(from) = candidates.named(&row.upstream).filter(|_| !row.body.is_empty()) else { return Ok(None) };
        let Some((page, mut sightings)) = Kept::read(&row.sightings) else { return Ok(None) };
        let Ok(index) = read::<E>(name, &row.content_type, &page, row.body.into()) else { return Ok(None) };
        sightings.share_names(&index);
        let validators = Validators { etag: row.etag, last_modified: row.last_modified };
        Ok(Some(Known::new(self.project(from, name, index, sightings, validators), row.looked_at)))
    }

    fn project(
        &self,
        from: &Arc<Source>,
        name: &E::Name,
        index: E::Index,
        sightings: Sightings,
        validators: Validators,
    ) -> Arc<Project<E>> {
        let scale = Scale::on(self.parts.memory.scale().clone());
        let bytes = size_of::<Project<E>>() + index.bytes() + sightings.bytes(&index);
        Arc::new(Project {
            name: name.clone(),
            from: from.clone(),
            spelling: Spelling::of::<E>(name, &index),
            judgements: Judgements::on(&scale),
            index,
            sightings,
            validators,
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
    async fn note_absence(&self, candidates: &Candidates, name: &str, now: Timestamp) -> Result<(), LookError> {
        if let Some(row) = self.row(name).await?.filter(|row| candidates.named(&row.upstream).is_some()) {
            let looked_at = now.max(row.looked_at);
            let row = Row { etag: None, last_modified: None, body: Vec::new(), looked_at, ..row };
            return self.parts.store.save_look(&row).await.map_err(store_error(name));
        }
        let upstream = candidates.together();
        self.parts.store.note_absence(E::TYPE, name, &upstream, now).await.map_err(store_error(name))
    }

    /// When a project of which nothing else is kept was last looked for at these upstreams and not there. Others' having
    /// none says nothing.
    async fn absence(&self, candidates: &Candidates, name: &str) -> Result<Option<Timestamp>, LookError> {
        let upstream = candidates.together();
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
