//! Releases that are stopped and that people ask for: asked, taken back, listed. The answers are in [`answer`].
//!
//! Refuses to know who may ask and who may answer: policies do. Invariants: a request is kept with how the release was judged
//! then; whoever asks is told of their own requests and of nobody else's.

mod answer;
mod evidence;
pub(crate) mod over;
mod shown;
mod stopped;

use std::time::Duration;

use fanlight_api::requests::{Ask, Asked, Requests, State};
use fanlight_base::{DeviceId, Facts, PersonId, Principal, limits};
use fanlight_gate::{CannotRecord, Context, Handled};
use fanlight_net::{Problem, RequestBody};
use fanlight_store::{AnswerRow, RequestRow, RequestsWanted, StoreError, WAITING};
use http::{HeaderValue, Request, StatusCode, header};

use super::quarantine::purl;
use crate::Console;
use crate::admit::{admit, admit_with, node, only_who_may, or_turned_down, turned_down};
use crate::listing::{Paging, no_such_place};
use crate::reads::store_problem;
use crate::reply::{json, part, read};
use crate::standing::thing;
use stopped::Stopped;

/// Requests of one list.
const LISTED: u64 = 500;
/// How long the asks of one person are counted.
const HOUR: Duration = Duration::from_secs(3600);

/// What somebody says of a request, as it may stand in records and messages: one line of bounded length.
pub(crate) fn words(text: &str, what: &str) -> Result<String, Box<Problem>> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > limits::BECAUSE_CHARACTERS || text.chars().any(char::is_control) {
        let words = format!("{what} is one line of 1 to {} characters.", limits::BECAUSE_CHARACTERS);
        return Err(Box::new(Problem::bad_request(words)));
    }
    Ok(text.to_owned())
}

pub(crate) fn conflict(words: impl Into<String>, advice: Option<String>) -> Problem {
    Problem::new(StatusCode::CONFLICT, "conflict", "Not possible now", words).advice(advice)
}

/// Who asks, as far as an answer can go to them.
fn asker(context: &Context) -> Result<(PersonId, Option<DeviceId>), Box<Problem>> {
    match &context.caller.principal {
        Principal::Person { id, device } => Ok((id.clone(), device.clone())),
        _ => Err(Box::new(Problem::bad_request("It is not known who asks, so nobody could be told the answer."))),
    }
}

impl Console {
    pub(crate) async fn ask(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let asked = read::<Ask>(request).await.map_err(Box::new).and_then(|ask| {
            let purl = purl(&ask.purl)?;
            if purl.version().is_none() {
                let advice = "`fanlight why` lists the releases of a project.".to_owned();
                let words = "A request is for one release: write its version.";
                return Err(Box::new(Problem::bad_request(words).advice(Some(advice))));
            }
            Ok((purl, words(&ask.because, "What it is needed for")?))
        });
        let (purl, because) = or_turned_down(context, asked)?;
        // Who may not is refused before anything is looked up for them.
        only_who_may(context, &thing(purl.as_str()))?;
        let drawn = match asker(context) {
            Ok(asker) => self.stopped(context, &purl).await.map_err(|no| no.told_who_asks(&purl)).map(|it| (asker, it)),
            Err(problem) => Err(*problem),
        };
        let ((person, device), stopped) = match drawn {
            Ok(drawn) => drawn,
            Err(problem) => return Ok(admit(context, thing(purl.as_str()))?.problem(problem)),
        };
        let _order = self.requests_in_order.lock().await;
        let waiting = match self.waiting_for(stopped.purl.as_str()).await {
            Ok(waiting) => waiting,
            Err(error) => return Ok(store_problem(admit_any(context, &stopped)?, &error)),
        };
        let others = waiting.iter().filter(|row| row.person != person).count() as u64;
        if let Some(row) = waiting.into_iter().find(|row| row.person == person) {
            return self.asked(context, row, stopped, true, others).await;
        }
        let since = context.now.checked_sub(HOUR).unwrap_or(context.now);
        let too_many = match self.parts.store.count_requests(&person, since).await {
            Ok((_, asked)) if asked >= limits::ASKS_AN_HOUR => {
                Some(format!("You have asked {asked} times within an hour, as often as may be."))
            }
            Ok((waiting, _)) if waiting >= limits::REQUESTS_WAITING => {
                Some(format!("{waiting} requests wait, as many as can at once."))
            }
            Ok(_) => None,
            Err(error) => return Ok(store_problem(admit_any(context, &stopped)?, &error)),
        };
        if let Some(words) = too_many {
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many", "Too many requests", words)
                .advice(Some("Ask again later, or speak to a reviewer.".to_owned()))
                .header(header::RETRY_AFTER, HeaderValue::from_static("600"));
            return Ok(admit_any(context, &stopped)?.problem(problem));
        }
        let Ok(id) = fanlight_identity::pseudonym("req_") else {
            return turned_down(context, Problem::unavailable("The system gives no random numbers.", 5));
        };
        let row = RequestRow {
            id,
            thing: stopped.purl.to_string(),
            person,
            device,
            because,
            asked: context.now,
            until: stopped.judged.until,
            evidence: serde_json::to_string(&stopped.judged).unwrap_or_default(),
            state: WAITING.to_owned(),
            answered: None,
            answered_by: None,
            answer: None,
            exception: None,
            seen: None,
        };
        self.asked(context, row, stopped, false, others).await
    }

    /// Records the ask and keeps the request, where it is new.
    async fn asked(&self, context: &Context, row: RequestRow, stopped: Stopped, already: bool, others: u64) -> Handled {
        let mut facts = Facts::new().with("request", row.id.as_str());
        if !already {
            facts.set("because", row.because.as_str()).set("policies", stopped.policies.join(" ").as_str());
        }
        // A request without its record must not even begin.
        let recorded = admit_with(context, thing(&row.thing), facts)?.durable().await?;
        let ways = self.parts.telling.ways("asked");
        if !already && let Err(error) = self.parts.store.insert_request(&row, &ways).await {
            return Ok(store_problem(recorded, &error));
        }
        self.parts.telling.wake();
        Ok(match self.shown(context, [row]).await {
            Ok(mut requests) => {
                let request = requests.remove(0);
                json(recorded, StatusCode::OK, &Asked { request, already, others, instead: stopped.instead })
            }
            Err(error) => store_problem(recorded, &error),
        })
    }

    pub(crate) async fn own_requests(&self, context: &Context, query: Option<&str>) -> Handled {
        let wanted = or_turned_down(context, wanted(query, None))?;
        let recorded = admit(context, node())?;
        let person = match asker(context) {
            Ok((person, _)) => person,
            Err(problem) => return Ok(recorded.problem(*problem)),
        };
        if let Some(problem) = self.no_such_request(&wanted).await {
            return Ok(recorded.problem(*problem));
        }
        let listed = self.listed(context, &RequestsWanted { person: Some(&person), ..wanted.of() }, &wanted).await;
        Ok(match (listed, self.parts.store.see_answers(&person, context.now).await) {
            (Ok(requests), Ok(())) => json(recorded, StatusCode::OK, &requests),
            (Err(error), _) | (_, Err(error)) => store_problem(recorded, &error),
        })
    }

    pub(crate) async fn requests(&self, context: &Context, query: Option<&str>) -> Handled {
        let wanted = or_turned_down(context, wanted(query, Some(WAITING)))?;
        let recorded = admit(context, node())?;
        if let Some(problem) = self.no_such_request(&wanted).await {
            return Ok(recorded.problem(*problem));
        }
        Ok(match self.listed(context, &wanted.of(), &wanted).await {
            Ok(requests) => json(recorded, StatusCode::OK, &requests),
            Err(error) => store_problem(recorded, &error),
        })
    }

    pub(crate) async fn withdraw_request(&self, context: &Context, id: &str) -> Handled {
        let person = match asker(context) {
            Ok((person, _)) => person,
            Err(problem) => return turned_down(context, *problem),
        };
        let _order = self.requests_in_order.lock().await;
        let row = match self.parts.store.request(id).await {
            Ok(row) => row.filter(|row| row.person == person && row.state == WAITING),
            Err(error) => {
                return Ok(store_problem(admit(context, node())?, &error));
            }
        };
        let Some(row) = row else {
            let advice = "`fanlight ask` lists what you have asked for.".to_owned();
            return turned_down(
                context,
                Problem::not_found("No request of yours with that id waits.").advice(Some(advice)),
            );
        };
        let facts = Facts::new().with("request", row.id.as_str());
        let recorded = admit_with(context, thing(&row.thing), facts)?.durable().await?;
        let words = "taken back by who asked".to_owned();
        let answer = AnswerRow { state: State::Withdrawn.as_str(), at: context.now, by: Some(person), words };
        let done = self.parts.store.answer_requests(std::slice::from_ref(&row.id), &answer, &[]).await;
        Ok(match (done, self.one(context, &row.id).await) {
            (Ok(_), Ok(Some(request))) => json(recorded, StatusCode::OK, &request),
            (Ok(_), Ok(None)) => recorded.problem(Problem::not_found("No such request is known here.")),
            (Err(error), _) | (_, Err(error)) => store_problem(recorded, &error),
        })
    }

    /// Requests for a thing that nobody has answered.
    async fn waiting_for(&self, thing: &str) -> Result<Vec<RequestRow>, StoreError> {
        let waiting = self
            .parts
            .store
            .requests(&RequestsWanted { state: Some(WAITING), ..RequestsWanted::default() }, limits::REQUESTS_WAITING)
            .await?;
        Ok(waiting.into_iter().filter(|row| row.thing == thing).collect())
    }

    /// What is wrong with a page that follows no request.
    async fn no_such_request(&self, wanted: &Wanted) -> Option<Box<Problem>> {
        let after = wanted.after.as_deref()?;
        // A database that does not answer says so when the list is asked of it.
        matches!(self.parts.store.request(after).await, Ok(None)).then(no_such_place)
    }

    async fn listed(
        &self,
        context: &Context,
        of: &RequestsWanted<'_>,
        wanted: &Wanted,
    ) -> Result<Requests, StoreError> {
        let mut rows = self.parts.store.requests(of, wanted.limit + 1).await?;
        let truncated = rows.len() as u64 > wanted.limit;
        rows.truncate(usize::try_from(wanted.limit).unwrap_or(usize::MAX));
        let next = rows.last().filter(|_| truncated).map(|row| row.id.clone());
        Ok(Requests { requests: self.shown(context, rows).await?, truncated, next })
    }
}

/// Which requests are asked for.
struct Wanted {
    state: Option<&'static str>,
    q: String,
    after: Option<String>,
    limit: u64,
}

impl Wanted {
    fn of(&self) -> RequestsWanted<'_> {
        RequestsWanted { state: self.state, person: None, part: &self.q, after: self.after.as_deref() }
    }
}

/// Reads `state`, `q`, `limit` and `after`. Without a state, those in this one, or in any.
fn wanted(query: Option<&str>, usual: Option<&'static str>) -> Result<Wanted, Box<Problem>> {
    let state = match part(query, "state").as_deref() {
        None => usual,
        Some("all") => None,
        Some(word) => match State::parse(word) {
            Some(state) => Some(state.as_str()),
            None => {
                let words = "A state is waiting, granted, refused, withdrawn, over, or all for every one.";
                return Err(Box::new(Problem::bad_request(words)));
            }
        },
    };
    let Paging { wanted, limit, after } = Paging::asked(query)?;
    Ok(Wanted { state, q: wanted, after, limit: limit.map_or(LISTED, |limit| limit as u64) })
}

/// The ask recorded, for an answer that is not about the policies; they let it pass before.
fn admit_any(context: &Context, stopped: &Stopped) -> Result<fanlight_gate::Recorded, CannotRecord> {
    context.record(context.decide(thing(stopped.purl.as_str()), Facts::new()))
}
