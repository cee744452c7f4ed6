//! Who has what a feed calls malicious: each release that somebody here received, told once in the log and the ledger, so
//! that an incident is seen without asking.

use std::collections::{BTreeSet, HashSet};

use fanlight_advisories::{Kind, Package, Version};
use fanlight_api::advisories as api;
use fanlight_base::fault::with_causes;
use fanlight_base::{Facts, Purl, Resource, limits};
use fanlight_store::{Accesses, AdvisoryHit, Person, Received, SeenTo, StoreError};

use crate::action;
use crate::feeds::Feeds;
use crate::history::summary;
use crate::refresh::number;

/// Rows asked for of those who received a release. Who is cut off is counted as one more row of those listed.
const ROWS: u32 = 1000;

/// A release that somebody received, and the advisory that calls it malicious.
struct Found {
    release: Purl,
    advisory: String,
    summary: String,
}

/// Those who received a release or may have it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Receivers {
    people: u64,
    machines: u64,
    unidentified: bool,
}

impl Feeds {
    /// Tells of every release that somebody received, that is called malicious, and that was not told of before.
    pub(crate) async fn tell_hits(&self) {
        let catch_up = self.catch_up.lock().clone();
        if let Some(catch_up) = catch_up {
            catch_up().await;
        }
        if let Err(error) = self.tell_new_hits().await {
            tracing::error!("it could not be told who received what is malicious: {error}");
        }
    }

    async fn tell_new_hits(&self) -> Result<(), String> {
        let words = |error: StoreError| with_causes(&error);
        let known = self.store.advisory_hits().await.map_err(words)?;
        let known: HashSet<_> = known.into_iter().map(|hit| (hit.advisory, hit.resource)).collect();
        for found in self.find_hits().await.map_err(words)? {
            let Found { release, advisory, summary } = found;
            if known.contains(&(advisory.clone(), release.to_string())) {
                continue;
            }
            let receivers = self.receivers(&release).await.map_err(words)?;
            let Receivers { people, machines, unidentified } = receivers;
            tracing::error!(
                release = %release, advisory, people, machines, unidentified,
                "a release that somebody here received is malicious; `fanlight who {advisory}` lists who has it"
            );
            let facts = Facts::new()
                .with("ecosystem", release.ecosystem())
                .with("project", release.name())
                .with("release", release.text())
                .with("advisory", advisory.as_str())
                .with("advisory_summary", summary.as_str())
                .with("people", number(usize::try_from(people).unwrap_or(usize::MAX)))
                .with("machines", number(usize::try_from(machines).unwrap_or(usize::MAX)))
                .with("unidentified", unidentified);
            let receipt = self.gate.record_own(action::HIT, &Resource::new("Release", release.text()), facts);
            receipt.map_err(|error| with_causes(&error))?.durable().await.map_err(|error| with_causes(&error))?;
            let hit = AdvisoryHit { advisory, resource: release.to_string(), noticed: self.now(), seen: None };
            self.store.note_advisory_hit(&hit).await.map_err(words)?;
        }
        Ok(())
    }

    async fn find_hits(&self) -> Result<Vec<Found>, StoreError> {
        let advisories = self.snapshot.load().advisories.clone();
        let mut found = Vec::new();
        for text in self.store.accessed_projects().await? {
            let Some(package) = text.parse().ok().and_then(|purl| Package::of_purl(&purl)) else { continue };
            let Some(project) = advisories.project(&package).filter(|project| project.has_malicious()) else {
                continue;
            };
            for text in self.store.released_to_somebody(&text).await? {
                let Ok(release) = text.parse::<Purl>() else { continue };
                let version = Version::new(package.ecosystem(), release.version().unwrap_or("unknown"));
                let malicious = project.affecting(&version).into_iter().filter(|flaw| flaw.kind() == Kind::Malicious);
                found.extend(malicious.map(|flaw| Found {
                    release: release.clone(),
                    advisory: flaw.id().to_owned(),
                    summary: flaw.summary().to_owned(),
                }));
            }
        }
        Ok(found)
    }

    async fn receivers(&self, release: &Purl) -> Result<Receivers, StoreError> {
        let asked = Accesses {
            of: Some(release),
            actions: &["packages:fetch-file"],
            outcomes: &["allow", "mask"],
            received: &Received::MAY_HAVE,
            ..Accesses::default()
        };
        let rows = self.store.who(asked, ROWS).await?;
        let is_nobody = |person: &Person| matches!(person, Person::Unidentified);
        let people: BTreeSet<_> = rows.iter().filter_map(|row| id(&row.person)).collect();
        let machines: BTreeSet<_> = rows.iter().filter_map(|row| row.device.as_ref()).map(|id| id.as_str()).collect();
        Ok(Receivers {
            people: people.len() as u64,
            machines: machines.len() as u64,
            unidentified: rows.iter().any(|row| is_nobody(&row.person)),
        })
    }

    /// What was told of, the newest first.
    pub(crate) async fn hits(&self) -> Result<Vec<api::Hit>, StoreError> {
        let advisories = self.snapshot.load().advisories.clone();
        let mut hits = Vec::new();
        for hit in self.store.advisory_hits().await?.into_iter().take(limits::ADVISORY_HITS_SHOWN) {
            let Ok(release) = hit.resource.parse::<Purl>() else { continue };
            let Receivers { people, machines, unidentified } = self.receivers(&release).await?;
            let records = advisories.named(&hit.advisory);
            hits.push(api::Hit {
                summary: summary(records.iter().copied()),
                withdrawn: !records.is_empty() && records.iter().all(|record| record.withdrawn().is_some()),
                advisory: hit.advisory,
                release: hit.resource,
                noticed: hit.noticed,
                people,
                machines,
                unidentified,
                seen: hit.seen.map(|seen| api::SeenTo {
                    at: seen.at,
                    by: seen.by.map(|person| person.to_string()),
                    because: seen.because,
                }),
            });
        }
        Ok(hits)
    }

    /// Notes that somebody has seen to the hits of an advisory, under any of its ids. Says how many there are, seen to before
    /// included.
    pub async fn see_to(&self, id: &str, seen: &SeenTo) -> Result<u64, StoreError> {
        let advisories = self.snapshot.load().advisories.clone();
        let records = advisories.named(id);
        let is_it = |hit: &AdvisoryHit| {
            let mut names = records.iter().flat_map(|record| std::iter::once(record.id()).chain(record.aliases()));
            hit.advisory.eq_ignore_ascii_case(id) || names.any(|name| name == hit.advisory)
        };
        let mut found = 0;
        for hit in self.store.advisory_hits().await?.into_iter().filter(is_it) {
            self.store.see_to_advisory_hit(&hit, seen).await?;
            found += 1;
        }
        Ok(found)
    }
}

fn id(person: &Person) -> Option<&str> {
    match person {
        Person::Named { id, .. } | Person::Erased { id } | Person::Unknown { id } => Some(id.as_str()),
        Person::Unidentified | Person::Node => None,
    }
}
