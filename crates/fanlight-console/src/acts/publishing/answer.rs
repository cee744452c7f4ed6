//! Proposals approved, which puts them in force, and refused.
//!
//! Invariants: whoever approved is in a record before the policies change, and the record names the proposal and its files;
//! whether another person could approve is asked of the policies in force, for each who can log in.

use fanlight_api::publishing::{Approve, Held, Refuse, State};
use fanlight_base::fault::with_causes;
use fanlight_base::{Attempt, Facts, Principal, Strength};
use fanlight_gate::{Context, Handled, Stop};
use fanlight_net::{Problem, RequestBody};
use fanlight_policy::PolicyFiles;
use fanlight_policy::folder::publish::PublishError;
use fanlight_store::{AnswerRow, ProposalRow, StoreError};
use http::{Request, StatusCode};

use super::{WAITING, company, facts_of, faulty, no_database, outdated, stopped};
use crate::Console;
use crate::acts::requests::{conflict, words};
use crate::admit::{admit_with, asked, or_turned_down};
use crate::in_force::{NotPublished, Origin};
use crate::reads::store_problem;

impl Console {
    pub(crate) async fn approve_proposal(&self, context: &Context, id: &str, request: Request<RequestBody>) -> Handled {
        let ask: Approve = asked(context, request).await?;
        let because = ask.because.as_deref().map(|text| words(text, "What is said to a proposal")).transpose();
        let because = or_turned_down(context, because)?;
        let _order = self.proposals_in_order.lock().await;
        let row = self.proposal_asked(context, id).await?;
        let facts = self.facts_for(context, &row).await.map_err(|error| no_database(context, &error))?;
        // Who may not is told that and nothing else.
        let files = if context.preview(context.action, &company(), facts.clone()).0.is_allowed() {
            Some(self.ready(context, &row).await?)
        } else {
            None
        };
        let facts = match &because {
            Some(because) => facts.with("because", because.as_str()),
            None => facts,
        };
        // Policies without the record of who approved them must not even begin.
        let recorded = admit_with(context, company(), facts)?.durable().await?;
        let Some(files) = files else { return Ok(recorded.problem(Problem::internal())) };
        let approver = context.caller.principal.answerable().cloned();
        let answer = AnswerRow {
            state: State::Approved.as_str(),
            at: context.now,
            by: approver.clone(),
            words: because.unwrap_or_default(),
        };
        let origin = Origin {
            proposal: Some(row.id.clone()),
            person: Some(row.person.clone()),
            approver,
            because: Some(row.because.clone()),
        };
        let approve = self.parts.store.answer_proposal(&row.id, &answer, &[]);
        match self.parts.in_force.publish(files, row.base, origin, approve).await {
            Ok(_) => self.shown_proposal(context, recorded, StatusCode::OK, &row.id).await,
            Err(NotPublished::Store(error)) => Ok(store_problem(recorded, &error)),
            Err(why) => Ok(recorded.problem(self.not_published(&row, &why))),
        }
    }

    /// The files of a proposal that can be put in force now; stops with what stands in the way.
    async fn ready(&self, context: &Context, row: &ProposalRow) -> Result<PolicyFiles, Stop> {
        if let Some(problem) = is_answered(row) {
            return Err(stopped(context, problem));
        }
        let current = self.parts.in_force.current().await.map_err(|error| no_database(context, &error))?;
        if current.version != row.base {
            return Err(stopped(context, outdated(row.base, current.version)));
        }
        let files = self.parts.store.policy_files(&row.digest).await.map_err(|error| no_database(context, &error))?;
        let files = PolicyFiles::found(files);
        // Another version of Fanlight may know other words than the one it was proposed to.
        match self.parts.in_force.check(files.clone()).await {
            // People and their roles may have changed since, too.
            Ok(pack) => self.only_unlocking(context, pack).await?,
            Err(faults) => return Err(stopped(context, faulty(&faults))),
        }
        Ok(files)
    }

    fn not_published(&self, row: &ProposalRow, why: &NotPublished) -> Problem {
        let folder = self.parts.in_force.folder().display();
        let by_hand = format!(
            "Put its files into that folder, or into the Git that it comes from: `fanlight policy show {} --output DIR` \
             writes them. Once they are there, it counts as published.",
            row.id
        );
        match why {
            NotPublished::Outdated(now) => outdated(row.base, *now),
            NotPublished::Faults(faults) => faulty(faults),
            NotPublished::Answered => conflict("The proposal does not wait any more.", None),
            NotPublished::FolderChanged => {
                let words = format!("The folder {folder} holds something else than what is in force.");
                let advice = "`fanlight status` says what is wrong there. Mend it, or wait until it is taken up.";
                conflict(words, Some(advice.to_owned()))
            }
            NotPublished::Folder(error @ (PublishError::NotWritable { .. } | PublishError::Link { .. })) => {
                let words = format!("{}. Nothing was changed, and the proposal still waits.", with_causes(error));
                conflict(fanlight_base::words::sentence(&words), Some(by_hand))
            }
            NotPublished::Folder(error) => {
                tracing::error!(error = with_causes(error), "policies could not be put into their folder");
                Problem::unavailable(format!("The folder {folder} could not be written. Nothing was changed."), 5)
            }
            NotPublished::Waits => {
                let words = "The policies are in the folder, and in force as soon as their record can be kept.";
                Problem::unavailable(words, 5)
            }
            NotPublished::Store(_) | NotPublished::Broken => Problem::internal(),
        }
    }

    pub(crate) async fn refuse_proposal(&self, context: &Context, id: &str, request: Request<RequestBody>) -> Handled {
        let ask: Refuse = asked(context, request).await?;
        let because = or_turned_down(context, words(&ask.because, "The reason for a refusal"))?;
        let _order = self.proposals_in_order.lock().await;
        let row = self.proposal_asked(context, id).await?;
        let facts = self.facts_for(context, &row).await.map_err(|error| no_database(context, &error))?;
        let recorded = admit_with(context, company(), facts.with("because", because.as_str()))?.durable().await?;
        if let Some(problem) = is_answered(&row) {
            return Ok(recorded.problem(problem));
        }
        let by = context.caller.principal.answerable().cloned();
        let answer = AnswerRow { state: State::Refused.as_str(), at: context.now, by, words: because };
        let ways = self.parts.telling.ways(answer.state);
        match self.parts.store.answer_proposal(&row.id, &answer, &ways).await {
            Ok(_) => {
                self.parts.telling.wake();
                self.shown_proposal(context, recorded, StatusCode::OK, &row.id).await
            }
            Err(error) => Ok(store_problem(recorded, &error)),
        }
    }

    /// Why the caller may not approve it.
    pub(super) async fn held(&self, context: &Context, row: &ProposalRow) -> Result<Option<Held>, StoreError> {
        let facts = self.facts_for(context, row).await?;
        let (decision, facts) = context.preview(crate::action::PUBLISH_POLICIES, &company(), facts);
        Ok((!decision.is_allowed()).then(|| Held {
            reason: decision.reason(&facts),
            advice: decision.advice(&facts),
            policies: decision.policies.iter().map(ToString::to_string).collect(),
        }))
    }

    /// What the policies are told of an answer.
    async fn facts_for(&self, context: &Context, row: &ProposalRow) -> Result<Facts, StoreError> {
        let own = context.caller.principal.answerable() == Some(&row.person);
        let facts = facts_of(row).with("proposed_by_self", own);
        if !own {
            return Ok(facts);
        }
        let could = self.another_could(context, row).await?;
        Ok(facts.with("another_could", could))
    }

    /// Whether somebody who can log in, other than who proposed it, might approve it.
    async fn another_could(&self, context: &Context, row: &ProposalRow) -> Result<bool, StoreError> {
        let accounts = self.parts.store.accounts().await?;
        let facts = facts_of(row).with("proposed_by_self", false).with("strength", Strength::SteppedUp.as_str());
        let others = accounts.iter().filter(|account| account.ended.is_none() && account.person != row.person);
        Ok(others.into_iter().any(|account| {
            let principal = Principal::Person { id: account.person.clone(), device: None };
            let action = crate::action::PUBLISH_POLICIES;
            let attempt = Attempt { principal: &principal, action, resource: &company(), facts: &facts };
            context.policies.decide(&attempt).is_allowed()
        }))
    }

    async fn proposal_asked(&self, context: &Context, id: &str) -> Result<ProposalRow, Stop> {
        let found = self.parts.store.proposal(id).await.map_err(|error| no_database(context, &error))?;
        found.ok_or_else(|| stopped(context, super::unknown_proposal()))
    }
}

/// Why a proposal cannot be answered any more.
fn is_answered(row: &ProposalRow) -> Option<Problem> {
    if row.state == WAITING {
        return None;
    }
    let what = match State::parse(&row.state) {
        Some(State::Refused) => "was refused already",
        Some(State::Withdrawn) => "was taken back by who proposed it",
        _ => "was approved already",
    };
    Some(conflict(format!("The proposal {what}."), Some(format!("`fanlight policy show {}` tells how.", row.id))))
}
