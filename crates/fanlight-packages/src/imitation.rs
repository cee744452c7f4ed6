//! What imitates: a project named almost like one that people here use or everybody knows, and a version with a number far
//! from those before it.
//!
//! Owns the names that are in use and how they are had. Gives facts and decides nothing: the policies `name-near` and
//! `version-far` do. Refuses to know what is in an archive ([`crate::scanning`]).

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use fanlight_base::{Facts, Purl, limits};
use fanlight_scan::Popular;
use fanlight_store::{Store, StoreError};
use parking_lot::Mutex;

use crate::knowledge::{Knowledge, Listed, ProjectKnowledge, Told};
use crate::upstreams::Reserved;

mod list;
mod number;
mod own;

#[cfg(test)]
mod tests;

pub use list::ListError;
use number::far_from;
use own::Own;

/// How often it is looked at what is in use.
const LOOK_EVERY: Duration = Duration::from_secs(3600);

/// So many people or machines make a name one that is in use: one alone may have been taken in.
const IN_USE: u32 = 3;

/// What it needs.
pub struct ImitationParts {
    /// Who received what.
    pub store: Store,
    /// Lists of names that the steward gives: one a line, as a purl without version.
    pub lists: Vec<PathBuf>,
    /// The names that the company reserved for itself.
    pub reserved: Arc<Reserved>,
    /// Told when other names count than before: whatever was judged is judged anew.
    pub changed: Box<dyn Fn() + Send + Sync>,
}

/// Why the names cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ImitationError {
    /// A list of the steward's.
    #[error("a list of known names cannot be used")]
    List(#[from] ListError),
    /// What is in use.
    #[error("the names in use here cannot be read")]
    Store(#[from] StoreError),
}

/// The names that others imitate.
pub struct Imitation {
    parts: ImitationParts,
    own: Own,
    popular: ArcSwap<Popular>,
    /// A hash of what they are made of, in its order.
    names: Mutex<Option<u64>>,
}

impl Imitation {
    /// The names as they are now.
    ///
    /// # Errors
    /// For a list that cannot be used, so that a steward's mistake is told at the start.
    pub async fn open(parts: ImitationParts) -> Result<Arc<Self>, ImitationError> {
        let own = Own::new(&parts.reserved);
        let imitation = Self { parts, own, popular: ArcSwap::default(), names: Mutex::default() };
        imitation.look().await?;
        Ok(Arc::new(imitation))
    }

    /// Follows what is in use, for as long as the node runs.
    pub async fn follow(self: Arc<Self>) {
        let mut every = tokio::time::interval(LOOK_EVERY);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        every.tick().await;
        loop {
            every.tick().await;
            match self.look().await {
                Ok(true) => (self.parts.changed)(),
                Ok(false) => {}
                Err(error) => tracing::error!(
                    error = fanlight_base::fault::with_causes(&error),
                    "the names in use here could not be looked at; those from before count"
                ),
            }
        }
    }

    /// The company's own names: those that it reserved as a whole, and every one that anybody fetched, which needs nobody else's word.
    async fn own_names(&self) -> Result<Vec<(String, String)>, StoreError> {
        let mut own: Vec<_> = self.own.whole().collect();
        let mut last = String::new();
        while !self.parts.reserved.is_empty() {
            let used = self.parts.store.projects_used_after(&last, limits::NAMES_AT_ONCE).await?;
            let Some(end) = used.last() else { break };
            let purls = used.iter().filter_map(|purl| purl.parse::<Purl>().ok());
            own.extend(purls.filter(|purl| self.own.is_one(purl)).map(|purl| named(&purl)));
            last.clone_from(end);
        }
        Ok(own)
    }

    /// Looks which names count; says whether others do than before.
    async fn look(&self) -> Result<bool, ImitationError> {
        let lists = self.parts.lists.clone();
        let listed = tokio::task::spawn_blocking(move || list::read(&lists));
        // Reading a list does not panic; if it did, none would count.
        let listed = listed.await.unwrap_or_else(|_| Ok(Vec::new()))?;
        let used_by = async |least| {
            let used = self.parts.store.projects_in_use(least, limits::NAMES_IN_USE).await?;
            Ok::<_, StoreError>(used.into_iter().filter_map(|purl| purl.parse::<Purl>().ok()))
        };
        let own = self.own_names().await?;
        let in_use = used_by(IN_USE).await?.map(|purl| named(&purl));
        let built_in = Popular::built_in().map(|(ecosystem, name)| (ecosystem.to_owned(), name.to_owned()));
        let names: Vec<_> = own.into_iter().chain(in_use).chain(listed).chain(built_in).collect();
        let mut hasher = DefaultHasher::new();
        names.hash(&mut hasher);
        let now = Some(hasher.finish());
        let mut before = self.names.lock();
        if *before == now {
            return Ok(false);
        }
        self.popular.store(Arc::new(Popular::new(names)));
        *before = now;
        Ok(true)
    }
}

/// A project's ecosystem and its name as its registry writes it: npm's scope is a part of it.
fn named(project: &Purl) -> (String, String) {
    let name = match project.namespace() {
        Some(scope) => format!("{scope}/{}", project.name()),
        None => project.name().to_owned(),
    };
    (project.ecosystem().to_owned(), name)
}

impl Knowledge for Imitation {
    fn project(&self, project: &Purl) -> Option<Arc<dyn ProjectKnowledge>> {
        let (ecosystem, name) = named(project);
        let near = if self.own.is_one(project) {
            None
        } else {
            let known = self.popular.load().near(&ecosystem, &name).map(Arc::from);
            known.or_else(|| self.own.near(project).map(Arc::from))
        };
        Some(Arc::new(OfProject { near, listing: Mutex::default() }))
    }
}

/// What is known of one project.
struct OfProject {
    /// What it could be taken for.
    near: Option<Arc<str>>,
    /// Worked out once for all its files.
    listing: Mutex<Option<Arc<[Listed]>>>,
}

impl ProjectKnowledge for OfProject {
    fn tell(&self, told: &Told<'_>, facts: &mut Facts) {
        let far = told.version.is_some_and(number::is_large);
        if !far && self.near.is_none() {
            return;
        }
        let listing = self.listing.lock().get_or_insert_with(|| (told.listing)().into()).clone();
        if let Some(near) = &self.near {
            let oldest = listing.iter().map(|listed| listed.age_minutes).max().unwrap_or_default();
            facts.set("name_near", near.clone()).set("project_age_minutes", oldest);
        }
        if let Some(from) = told.version.and_then(|version| far_from(version, &listing)) {
            facts.set("version_far_from", from.as_str());
        }
    }
}
