//! What is asked of the feeds of advisories: how they are, that they be read now, and who has what an advisory is about.

use fanlight_api::advisories::FeedState;
use fanlight_api::who::OfAdvisory;
use fanlight_api::{status, why};
use fanlight_base::{Facts, Purl, limits};
use fanlight_feeds::AffectedReleases;
use fanlight_gate::{Answer, CannotRecord, Context, Recorded};
use fanlight_net::Problem;
use fanlight_store::StoreError;
use http::StatusCode;

use crate::Console;
use crate::reads::{self, Rows, admit_with, node, store_problem};
use crate::reply::json;

impl Console {
    /// How the feeds are.
    pub(crate) async fn advisories(&self, context: &Context) -> Result<Answer, CannotRecord> {
        match reads::admit(context, node())? {
            Ok(recorded) => Ok(self.answer_advisories(recorded).await),
            Err(refused) => Ok(refused),
        }
    }

    /// Looks at every feed now.
    pub(crate) async fn refresh_advisories(&self, context: &Context) -> Result<Answer, CannotRecord> {
        let recorded = match reads::admit(context, node())? {
            Ok(recorded) => recorded,
            Err(refused) => return Ok(refused),
        };
        // A task of its own, so that a caller who goes away does not leave a reading half done.
        let feeds = self.parts.feeds.clone();
        if tokio::spawn(async move { feeds.refresh().await }).await.is_err() {
            return Ok(recorded.problem(Problem::internal()));
        }
        Ok(self.answer_advisories(recorded).await)
    }

    async fn answer_advisories(&self, recorded: Recorded) -> Answer {
        match self.parts.feeds.shown().await {
            Ok(shown) => json(recorded, StatusCode::OK, &shown),
            Err(error) => store_problem(recorded, &error),
        }
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
            hits: shown.hits.len() as u64,
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
    pub(crate) async fn who_of_advisory(&self, context: &Context, id: &str) -> Result<Answer, CannotRecord> {
        // An id is recorded where it can be one; what else was typed there may be anything.
        let is_id = !id.is_empty()
            && id.len() <= limits::NAME_BYTES
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':'));
        self.parts.projection.catch_up(reads::PATIENCE).await;
        let behind = self.parts.projection.behind();
        let facts = if is_id { Facts::new().with("advisory", id) } else { Facts::new() };
        let recorded = match admit_with(context, node(), facts)? {
            Ok(recorded) => recorded,
            Err(refused) => return Ok(refused),
        };
        if !is_id {
            return Ok(recorded.problem(Problem::bad_request(
                "That is no id of an advisory: one is like GHSA-9w6g-w8r4-7mq8, CVE-2026-1234 or MAL-2026-1234.",
            )));
        }
        let affected = match self.parts.feeds.affected_by(id).await {
            Ok(Some(affected)) => affected,
            Ok(None) => {
                return Ok(recorded.problem(
                    Problem::not_found(format!("No feed of advisories here knows {id}."))
                        .advice(Some("`fanlight advisories status` shows the feeds, and how they are.".to_owned())),
                ));
            }
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        let AffectedReleases { ids, summary, withdrawn, releases, truncated } = affected;
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
        answer.truncated |= truncated;
        answer.advisory =
            Some(OfAdvisory { ids, summary, withdrawn, releases: releases.iter().map(ToString::to_string).collect() });
        Ok(json(recorded, StatusCode::OK, &answer))
    }
}
