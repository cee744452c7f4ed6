//! What is asked of the feeds of advisories: how they are, that they be read now, and who has what an advisory is about.

use fanlight_api::advisories::{Acknowledge, FeedState};
use fanlight_api::who::OfAdvisory;
use fanlight_api::{status, why};
use fanlight_base::{Facts, PersonId, Purl, limits};
use fanlight_feeds::AffectedReleases;
use fanlight_gate::{Answer, Context, Handled, Recorded};
use fanlight_net::{Problem, RequestBody};
use fanlight_store::{SeenTo, StoreError};
use http::{Request, StatusCode};

use crate::Console;
use crate::acts::quarantine::{because, name_of};
use crate::admit::{admit, admit_with, node, or_turned_down};
use crate::reads::{self, Rows, store_problem};
use crate::reply::{json, read};

/// Whether a text can be the id of an advisory.
pub(crate) fn is_id(text: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    !text.is_empty() && text.len() <= limits::NAME_BYTES && text.bytes().all(is_sign)
}

pub(crate) fn no_id() -> Problem {
    Problem::bad_request(
        "That is no id of an advisory: one is like GHSA-9w6g-w8r4-7mq8, CVE-2026-1234 or MAL-2026-1234.",
    )
}

/// No feed knows that id.
pub(crate) fn unknown(id: &str) -> Problem {
    Problem::not_found(format!("No feed of advisories here knows {id}."))
        .advice(Some("`fanlight advisories status` shows the feeds, and how they are.".to_owned()))
}

impl Console {
    /// How the feeds are.
    pub(crate) async fn advisories(&self, context: &Context) -> Handled {
        let recorded = admit(context, node())?;
        Ok(self.answer_advisories(context, recorded).await)
    }

    /// Looks at every feed now.
    pub(crate) async fn refresh_advisories(&self, context: &Context) -> Handled {
        let recorded = admit(context, node())?;
        // A task of its own, so that a caller who goes away does not leave a reading half done.
        let feeds = self.parts.feeds.clone();
        if tokio::spawn(async move { feeds.refresh().await }).await.is_err() {
            return Ok(recorded.problem(Problem::internal()));
        }
        Ok(self.answer_advisories(context, recorded).await)
    }

    /// Says that somebody has seen to what an advisory calls malicious and was received here.
    pub(crate) async fn acknowledge(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let asked = read::<Acknowledge>(request).await.map_err(Box::new).and_then(|ask| {
            let id = Some(ask.advisory).filter(|id| is_id(id)).ok_or_else(|| Box::new(no_id()))?;
            Ok((id, because(&ask.because)?))
        });
        let (id, because) = or_turned_down(context, asked)?;
        let facts = Facts::new().with("advisory", id.as_str()).with("because", because.as_str());
        let recorded = admit_with(context, node(), facts)?.durable().await?;
        let seen = SeenTo { at: context.now, by: context.caller.principal.answerable().cloned(), because };
        Ok(match self.parts.feeds.see_to(&id, &seen).await {
            Ok(0) => {
                let words = format!("Nothing that {id} calls malicious was received here, as far as is known.");
                let advice = format!("`fanlight who {id}` lists who has what it is about.");
                recorded.problem(Problem::not_found(words).advice(Some(advice)))
            }
            Ok(_) => self.answer_advisories(context, recorded).await,
            Err(error) => store_problem(recorded, &error),
        })
    }

    async fn answer_advisories(&self, context: &Context, recorded: Recorded) -> Answer {
        let mut shown = match self.parts.feeds.shown().await {
            Ok(shown) => shown,
            Err(error) => return store_problem(recorded, &error),
        };
        let by = shown.hits.iter().filter_map(|hit| hit.seen.as_ref()?.by.as_deref().map(PersonId::new));
        let people: Vec<_> = by.collect();
        let names = match self.names_to(context, &people.iter().collect::<Vec<_>>()).await {
            Ok(names) => names,
            Err(error) => return store_problem(recorded, &error),
        };
        for seen in shown.hits.iter_mut().filter_map(|hit| hit.seen.as_mut()) {
            seen.by = name_of(&names, seen.by.take().map(PersonId::new).as_ref());
        }
        json(recorded, StatusCode::OK, &shown)
    }

    /// The feeds in brief.
    pub(crate) async fn advisories_in_brief(&self) -> Result<Option<status::Advisories>, StoreError> {
        if self.parts.feeds.is_none() {
            return Ok(None);
        }
        let shown = self.parts.feeds.shown().await?;
        let unwell = shown.feeds.iter().filter_map(|feed| {
            let state = match feed.state {
                FeedState::Good => return None,
                FeedState::InPart => "read in part",
                FeedState::NotRead => "not read yet",
                FeedState::Stale => "stale",
                FeedState::Unreachable => "unreachable",
                FeedState::Malformed => "malformed",
                FeedState::NotTaken => "not taken in",
            };
            Some(format!("{} is {state}", feed.source))
        });
        Ok(Some(status::Advisories {
            records: shown.records,
            feeds: shown.feeds.len() as u64,
            unwell: unwell.collect(),
            hits: shown.hits.iter().filter(|hit| hit.seen.is_none()).count() as u64,
        }))
    }

    /// What the feeds say of each release.
    pub(crate) fn say_advisories(&self, project: &Purl, releases: &mut [why::Release]) {
        for release in releases {
            let purl = project.release(&release.version);
            (release.advisories, release.fixes) = self.parts.feeds.about(&purl);
        }
    }

    /// Who received or was refused any release that an advisory is about.
    pub(crate) async fn who_of_advisory(&self, context: &Context, id: &str) -> Handled {
        // An id is recorded where it can be one; what else was typed there may be anything.
        let is_id = is_id(id);
        self.parts.projection.catch_up(reads::PATIENCE).await;
        let behind = self.parts.projection.behind();
        let facts = if is_id { Facts::new().with("advisory", id) } else { Facts::new() };
        let recorded = admit_with(context, node(), facts)?;
        if !is_id {
            return Ok(recorded.problem(no_id()));
        }
        let affected = match self.parts.feeds.affected_by(id).await {
            Ok(Some(affected)) => affected,
            Ok(None) => {
                return Ok(recorded.problem(unknown(id)));
            }
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        let AffectedReleases { ids, summary, withdrawn, mut releases } = affected;
        let is_cut = releases.len() > limits::ADVISORY_RELEASES_SHOWN;
        releases.truncate(limits::ADVISORY_RELEASES_SHOWN);
        let mut all = Rows::default();
        for release in &releases {
            // Every spelling in the records is among them.
            match self.rows_as_written(release).await {
                Ok(rows) => all.add(rows),
                Err(error) => return Ok(store_problem(recorded, &error)),
            }
        }
        all.newest_first();
        let mut answer = reads::who_of(id, all, behind);
        answer.truncated |= is_cut;
        answer.advisory =
            Some(OfAdvisory { ids, summary, withdrawn, releases: releases.iter().map(ToString::to_string).collect() });
        Ok(json(recorded, StatusCode::OK, &answer))
    }
}
