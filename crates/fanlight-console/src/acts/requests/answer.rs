//! Requests granted and refused.
//!
//! Invariants: whoever granted is in a record before the exception begins, and the record names the request; a request has one
//! answer; what stops the release for another reason than when it was granted goes on doing so.

use std::time::Duration;

use fanlight_api::requests::{Answered, For, Grant, Refuse, State};
use fanlight_base::{Facts, PersonId, Principal, Purl, Whom, limits};
use fanlight_gate::{Context, Handled};
use fanlight_net::{Problem, RequestBody};
use fanlight_store::{AnswerRow, ExceptionRow, RequestRow, StoreError, WAITING};
use http::{Request, StatusCode};

use super::evidence::not_known;
use super::stopped::as_who_asked;
use super::{conflict, words};
use crate::Console;
use crate::acts::exceptions::group_there;
use crate::admit::{admit_with, or_turned_down, turned_down};
use crate::reads::store_problem;
use crate::reply::{json, read};
use crate::standing::thing;

impl Console {
    pub(crate) async fn grant_request(&self, context: &Context, id: &str, request: Request<RequestBody>) -> Handled {
        let grant = read::<Grant>(request).await.map_err(Box::new).and_then(|grant| {
            if grant.seconds == 0 || grant.seconds > limits::GRANTED_TIME.as_secs() {
                let days = limits::GRANTED_TIME.as_secs() / 86_400;
                let words = format!("An exception that is asked for lasts from 1 second to {days} days.");
                return Err(Box::new(Problem::bad_request(words)));
            }
            let because = grant.because.as_deref().map(|text| words(text, "The reason for a grant")).transpose()?;
            Ok(Grant { because, ..grant })
        });
        let grant = or_turned_down(context, grant)?;
        let _order = self.requests_in_order.lock().await;
        let (row, same) = match self.with_same(id).await {
            Ok(Some(found)) => found,
            Ok(None) => return turned_down(context, not_known()),
            Err(error) => return turned_down(context, unavailable(&error)),
        };
        let whom = match &grant.audience {
            For::Person => Whom::person(&row.person),
            For::Everybody => Whom::Everybody,
            For::Group(group) => Whom::Group(group.as_str().into()),
            For::App(id) => Whom::One(id.as_str().into()),
        };
        let caller = context.caller.principal.answerable();
        // A grant is the answer to all who wait for it and are meant.
        let meant = |other: &&RequestRow| row.state == WAITING && is_meant(context, &whom, &other.person);
        let answered: Vec<&RequestRow> = std::iter::once(&row).chain(same.iter().filter(meant)).collect();
        // One for everybody takes two people all the same: who asked, and who grants.
        let gains = match &whom {
            Whom::Everybody => false,
            whom => match self.is_own(context, whom).await {
                Ok(gains) => gains,
                Err(problem) => return turned_down(context, problem),
            },
        };
        let own = gains || answered.iter().any(|row| caller == Some(&row.person));
        let facts = Facts::new().with("request", row.id.as_str()).with("own", own);
        let drawn = if context.preview(context.action, &thing(&row.thing), facts.clone()).0.is_allowed() {
            self.draw_up_grant(context, &row, grant, whom.clone()).await
        } else {
            // The refusal is recorded and told below.
            Err(Problem::internal())
        };
        let exception = match drawn {
            Ok(exception) => exception,
            Err(problem) => return Ok(admit_with(context, thing(&row.thing), facts)?.problem(problem)),
        };
        let facts = facts
            .with("exception", exception.id.as_str())
            .with("because", exception.because.as_str())
            .with("until", exception.until)
            .with("audience", exception.audience.to_word().as_str())
            .with("policies", exception.policies.join(" ").as_str());
        // An exception without its record must not even begin.
        let recorded = admit_with(context, thing(&row.thing), facts)?.durable().await?;
        let ids: Vec<String> = answered.iter().map(|row| row.id.clone()).collect();
        let answer = AnswerRow {
            state: State::Granted.as_str(),
            at: context.now,
            by: caller.cloned(),
            words: exception.because.clone(),
        };
        let ways = self.parts.telling.ways(answer.state);
        let done = self.parts.standing.grant_asked(self.parts.gate.guard(), exception, &ids, &answer, &ways).await;
        self.answered(context, recorded, done).await
    }

    /// What the exception will be, or why there can be none.
    async fn draw_up_grant(
        &self,
        context: &Context,
        row: &RequestRow,
        grant: Grant,
        whom: Whom,
    ) -> Result<ExceptionRow, Problem> {
        if let Some(problem) = is_answered(row) {
            return Err(problem);
        }
        if let For::App(id) = &grant.audience
            && self.app_there(id).await?.owner.as_ref() != Some(&row.person)
        {
            let words = "The app is not one of who asked.";
            return Err(conflict(
                words,
                Some("Grant it to who asked; they say for which app they need it.".to_owned()),
            ));
        }
        if let Whom::Group(group) = &whom {
            group_there(context, group).map_err(|problem| *problem)?;
            if !is_meant(context, &whom, &row.person) {
                let words = format!("Who asked is not in the group {group}, so the grant would not reach them.");
                return Err(conflict(
                    words,
                    Some("Grant it to who asked, or put them into the group first.".to_owned()),
                ));
            }
        }
        let person = self.parts.store.person(&row.person).await.map_err(|error| unavailable(&error))?;
        if person.is_none_or(|person| person.erased.is_some()) {
            return Err(conflict("Who asked is not known here any more.", None));
        }
        if self.parts.standing.exceptions(context.now).await.len() >= limits::EXCEPTIONS {
            let words = format!("{} exceptions hold, as many as can at once.", limits::EXCEPTIONS);
            return Err(conflict(words, Some("End those that are not needed any more.".to_owned())));
        }
        let purl: Purl = row.thing.parse().map_err(|_| Problem::internal())?;
        let stopped = self.stopped(&as_who_asked(context, row), &purl).await;
        let stopped = stopped.map_err(|no| no.told_who_answers(&purl))?;
        let id = fanlight_identity::pseudonym("exc_")
            .map_err(|_| Problem::unavailable("The system gives no random numbers.", 5))?;
        Ok(ExceptionRow {
            id,
            thing: stopped.purl.to_string(),
            audience: whom,
            policies: stopped.policies,
            because: grant.because.unwrap_or_else(|| row.because.clone()),
            role: Self::role_of(context).to_owned(),
            person: context.caller.principal.answerable().cloned(),
            granted: context.now,
            until: context.now.checked_add(Duration::from_secs(grant.seconds)).map_err(|_| Problem::internal())?,
            ended: None,
        })
    }

    pub(crate) async fn refuse_request(&self, context: &Context, id: &str, request: Request<RequestBody>) -> Handled {
        let refuse = read::<Refuse>(request).await.map_err(Box::new);
        let because =
            or_turned_down(context, refuse.and_then(|refuse| words(&refuse.because, "The reason for a refusal")))?;
        let _order = self.requests_in_order.lock().await;
        let row = match self.with_same(id).await {
            Ok(Some((row, _))) => row,
            Ok(None) => return turned_down(context, not_known()),
            Err(error) => return turned_down(context, unavailable(&error)),
        };
        let caller = context.caller.principal.answerable();
        let facts = Facts::new().with("request", row.id.as_str()).with("because", because.as_str());
        let recorded = admit_with(context, thing(&row.thing), facts)?.durable().await?;
        if let Some(problem) = is_answered(&row) {
            return Ok(recorded.problem(problem));
        }
        let answer = AnswerRow { state: State::Refused.as_str(), at: context.now, by: caller.cloned(), words: because };
        let ways = self.parts.telling.ways(answer.state);
        let done = self.parts.store.answer_requests(&[row.id], &answer, &ways).await;
        self.answered(context, recorded, done).await
    }

    /// What was answered, as it stands now.
    async fn answered(
        &self,
        context: &Context,
        recorded: fanlight_gate::Recorded,
        done: Result<Vec<String>, StoreError>,
    ) -> Handled {
        self.parts.telling.wake();
        let mut requests = Vec::new();
        let ids = match done {
            Ok(ids) => ids,
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        for id in ids {
            match self.one(context, &id).await {
                Ok(request) => requests.extend(request),
                Err(error) => return Ok(store_problem(recorded, &error)),
            }
        }
        if requests.is_empty() {
            return Ok(recorded.problem(conflict("The request does not wait any more.", None)));
        }
        Ok(json(recorded, StatusCode::OK, &Answered { requests }))
    }

    /// The request of that id, and the others that wait for the same release.
    async fn with_same(&self, id: &str) -> Result<Option<(RequestRow, Vec<RequestRow>)>, StoreError> {
        let Some(row) = self.parts.store.request(id).await? else { return Ok(None) };
        let mut same = self.waiting_for(&row.thing).await?;
        same.retain(|other| other.id != row.id);
        Ok(Some((row, same)))
    }
}

/// Whether what is granted so is for this person as well.
fn is_meant(context: &Context, whom: &Whom, person: &PersonId) -> bool {
    match whom {
        Whom::Everybody => true,
        Whom::One(id) => **id == *person.as_str(),
        Whom::Group(group) => {
            let person = Principal::Person { id: person.clone(), device: None };
            context.policies.directory().is_in_group(&person, group)
        }
    }
}

/// Why a request cannot be answered any more.
fn is_answered(row: &RequestRow) -> Option<Problem> {
    let what = match State::parse(&row.state) {
        Some(State::Waiting) => return None,
        Some(State::Granted) => "was granted already",
        Some(State::Refused) => "was refused already",
        Some(State::Withdrawn) => "was taken back by who asked",
        _ => "is over",
    };
    Some(conflict(format!("The request {what}."), Some(format!("`fanlight requests show {}` tells how.", row.id))))
}

fn unavailable(error: &StoreError) -> Problem {
    tracing::error!(%error, "the database did not answer");
    Problem::unavailable("The database does not answer.", 5)
}
