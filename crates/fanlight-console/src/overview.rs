//! What passed and what was stopped over time, and the projects known here, in numbers that name nobody.

use fanlight_api::overview::{Counts, Overview, Project, Projects, Span, Stopped, Stops};
use fanlight_base::{Outcome, Timestamp, limits};
use fanlight_gate::{Context, Handled};
use fanlight_net::Problem;
use fanlight_store::{Counted, Having, Place, ProjectRow, StoreError};
use http::StatusCode;

use crate::Console;
use crate::admit::{admit, node, or_turned_down};
use crate::listing::{Paging, no_such_place, searched};
use crate::reads::{PATIENCE, store_problem};
use crate::reply::{json, part};

/// Hours back where nobody says.
const HOURS: u64 = 24;
/// Releases listed that were stopped most often.
const MOST_STOPPED: u32 = 10;
/// Projects of one page where nobody says.
const LISTED: usize = 50;

/// How long a span is, so that there are some thirty to fifty of them, and they begin where people's hours and days do.
fn span_seconds(hours: u64) -> u64 {
    match hours {
        0..=2 => 180,
        3..=26 => 1800,
        27..=200 => 4 * 3600,
        201..=800 => 24 * 3600,
        _ => 3 * 24 * 3600,
    }
}

impl Console {
    pub(crate) async fn overview(&self, context: &Context, query: Option<&str>) -> Handled {
        let hours = or_turned_down(context, hours(query))?;
        let wanted = or_turned_down(context, searched(query, "q"))?;
        self.parts.projection.catch_up(PATIENCE).await;
        let behind = self.parts.projection.behind();
        let recorded = admit(context, node())?;
        let span = span_seconds(hours);
        let now = context.now.as_second();
        let seconds = i64::try_from(span).unwrap_or(i64::MAX);
        let begin = (now - i64::try_from(hours * 3600).unwrap_or(0)).div_euclid(seconds) * seconds + seconds;
        Ok(match self.drawn(begin, context.now, span, behind, &wanted).await {
            Ok(overview) => json(recorded, StatusCode::OK, &overview),
            Err(error) => store_problem(recorded, &error),
        })
    }

    async fn drawn(
        &self,
        begin: i64,
        until: Timestamp,
        span_seconds: u64,
        behind: u64,
        wanted: &str,
    ) -> Result<Overview, StoreError> {
        let since = Timestamp::from_second(begin).unwrap_or(until);
        let store = &self.parts.store;
        let counted = store.counted(since, span_seconds * 1000).await?;
        let spans = spans(since, until, span_seconds, &counted);
        let total = spans.iter().fold(Counts::default(), |sum, span| Counts {
            allowed: sum.allowed + span.counts.allowed,
            masked: sum.masked + span.counts.masked,
            held: sum.held + span.counts.held,
            denied: sum.denied + span.counts.denied,
        });
        let stopped = store.most_stopped(since, wanted, MOST_STOPPED).await?.into_iter();
        let policies = store.policy_stops(since).await?.into_iter();
        Ok(Overview {
            since,
            until,
            span_seconds,
            total,
            spans,
            stopped: stopped
                .map(|one| Stopped {
                    purl: one.resource,
                    outcome: if one.outcome == "hold" { Outcome::Hold } else { Outcome::Deny },
                    policy: one.policy,
                    reason: one.reason,
                    until: one.until,
                    times: one.times,
                    callers: one.callers,
                    last: one.last,
                })
                .collect(),
            policies: policies
                .map(|one| Stops { policy: one.policy, held: one.held, denied: one.denied, last: one.last })
                .collect(),
            waiting: store.requests_waiting().await?,
            behind,
        })
    }

    pub(crate) async fn projects(&self, context: &Context, query: Option<&str>) -> Handled {
        let (paging, after, having) = or_turned_down(context, projects_asked(query))?;
        self.parts.projection.catch_up(PATIENCE).await;
        let recorded = admit(context, node())?;
        Ok(match self.found(&paging, after, having).await {
            Ok((projects, next)) => json(recorded, StatusCode::OK, &Projects { projects, next }),
            Err(error) => store_problem(recorded, &error),
        })
    }

    async fn found(
        &self,
        paging: &Paging,
        after: Option<Place>,
        having: Vec<Having>,
    ) -> Result<(Vec<Project>, Option<String>), StoreError> {
        let mut page = paging.begin_at(after);
        page.having(having);
        while let Some(part) = page.lacks() {
            let (places, rows): (Vec<_>, Vec<_>) =
                self.parts.store.listed(&fanlight_store::PROJECTS, &part).await?.into_iter().unzip();
            let shown = |ProjectRow { purl, allowed, stopped, last }| Project { purl, allowed, stopped, last };
            page.take(places, rows.into_iter().map(shown).collect());
        }
        Ok(page.done())
    }
}

/// What of the projects is asked for: a page, the place it begins after, and what must hold.
fn projects_asked(query: Option<&str>) -> Result<(Paging, Option<Place>, Vec<Having>), Box<Problem>> {
    let mut paging = Paging::asked(query)?;
    paging.limit = paging.limit.or(Some(LISTED));
    let place = |after: &String| {
        let (at, id) = after.split_once('~')?;
        Some(Place { at: Timestamp::from_millisecond(at.parse().ok()?).ok()?, id: id.to_owned() })
    };
    let after = paging.after.as_ref().map(|after| place(after).ok_or_else(no_such_place)).transpose()?;
    let mut having = Vec::new();
    if let Some(ecosystem) = part(query, "ecosystem") {
        if ecosystem.is_empty() || ecosystem.len() > 20 || !ecosystem.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Err(Box::new(Problem::bad_request("An ecosystem is pypi, npm or cargo.")));
        }
        having.push(Having::PurlsOf(format!("pkg:{ecosystem}/")));
    }
    match part(query, "stopped").as_deref() {
        None | Some("false") => {}
        Some("true") => having.push(Having::Stopped),
        Some(_) => return Err(Box::new(Problem::bad_request("`stopped` is true or false."))),
    }
    Ok((paging, after, having))
}

fn hours(query: Option<&str>) -> Result<u64, Box<Problem>> {
    let most = limits::OVERVIEW_TIME.as_secs() / 3600;
    let Some(said) = part(query, "hours") else { return Ok(HOURS) };
    let hours = said.parse().ok().filter(|hours| (1..=most).contains(hours));
    hours.ok_or_else(|| Box::new(Problem::bad_request(format!("`hours` is a whole number from 1 to {most}."))))
}

/// Every span up to `until`, also those without anything.
fn spans(since: Timestamp, until: Timestamp, seconds: u64, counted: &[Counted]) -> Vec<Span> {
    let whole = u64::try_from(until.as_second() - since.as_second()).unwrap_or(0);
    (0..=whole / seconds.max(1))
        .map(|number| {
            let times = |outcome: &str| {
                counted.iter().filter(|one| one.span == number && one.outcome == outcome).map(|one| one.times).sum()
            };
            let from = since.as_second() + i64::try_from(number * seconds).unwrap_or(0);
            Span {
                from: Timestamp::from_second(from).unwrap_or(until),
                counts: Counts {
                    allowed: times("allow"),
                    masked: times("mask"),
                    held: times("hold"),
                    denied: times("deny"),
                },
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_span_for_every_time_and_not_too_many() {
        for hours in [1, 24, 24 * 7, 24 * 30, 24 * 90] {
            let count = hours * 3600 / span_seconds(hours);
            assert!((20..=50).contains(&count), "{hours} hours are {count} spans");
        }
        let (since, until) = (Timestamp::from_second(1000).unwrap(), Timestamp::from_second(1250).unwrap());
        let counted = [
            Counted { span: 2, outcome: "hold".into(), times: 3 },
            Counted { span: 2, outcome: "allow".into(), times: 4 },
        ];
        let spans = spans(since, until, 100, &counted);
        let held: Vec<_> =
            spans.iter().map(|span| (span.from.as_second(), span.counts.held, span.counts.allowed)).collect();
        assert_eq!(held, [(1000, 0, 0), (1100, 0, 0), (1200, 3, 4)]);
    }

    #[test]
    fn hours_are_whole_and_bounded() {
        assert_eq!(hours(None).unwrap(), 24);
        assert_eq!(hours(Some("hours=168")).unwrap(), 168);
        for wrong in ["hours=", "hours=0", "hours=-1", "hours=2161", "hours=1.5", "hours=many"] {
            assert!(hours(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
