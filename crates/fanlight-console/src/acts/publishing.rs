//! Policies proposed: checked, kept, listed, taken back. The answers are in [`answer`].
//!
//! Refuses to know who may propose and who may approve: policies do. Invariants: a proposal never changes once it is made, so
//! that what is approved is what was read; what has a fault, or would lock everybody out, is no proposal.

mod answer;
mod lockout;
mod shown;

use std::time::Duration;

use fanlight_api::publishing::{Check, Checked, File, Propose, State, Which};
use fanlight_base::{Facts, PersonId, Resource, limits};
use fanlight_gate::{Context, Handled, Stop};
use fanlight_net::{Problem, RequestBody};
use fanlight_policy::{Pack, PolicyFault, PolicyFiles};
use fanlight_store::{AnswerRow, ProposalCounts, ProposalRow, StoreError};
use http::{HeaderValue, Request, StatusCode, header};

use super::requests::{conflict, words};
use crate::Console;
use crate::admit::{admit, admit_with, only_who_may, or_turned_down, turned_down};
use crate::in_force::history::row_of;
use crate::reads::store_problem;
use crate::reply::{json, part, read_within};
use crate::simulate::fault;

/// How long the proposals of one person are counted.
const HOUR: Duration = Duration::from_secs(3600);
/// The state of a proposal that nobody has answered.
const WAITING: &str = State::Waiting.as_str();

/// What is asked about where it is the policies.
pub(crate) fn company() -> Resource {
    Resource::new("Policies", "company")
}

/// Stops with a problem that is about the policies, judged and recorded.
fn stopped(context: &Context, problem: Problem) -> Stop {
    admit(context, company()).map_or_else(|stop| stop, |recorded| recorded.problem(problem).into())
}

fn no_database(context: &Context, error: &StoreError) -> Stop {
    admit(context, company()).map_or_else(|stop| stop, |recorded| store_problem(recorded, error).into())
}

/// A set as it was sent, or what is wrong with its names and sizes.
pub(crate) fn set_of(files: Vec<File>) -> Result<PolicyFiles, Box<Problem>> {
    let files = PolicyFiles::of(files.into_iter().map(|file| (file.name, file.text)));
    files.map_err(|error| Box::new(Problem::bad_request(fanlight_base::words::sentence(&error.to_string()))))
}

/// That a set has faults: the first of them in words.
pub(crate) fn faulty(faults: &[PolicyFault]) -> Problem {
    let first = faults.first().map(fault);
    let place = first
        .map_or_else(String::new, |first| format!("{}:{}:{}: {}", first.file, first.line, first.column, first.message));
    let more = match faults.len() {
        0 | 1 => String::new(),
        2 => " There is one more fault.".to_owned(),
        all => format!(" There are {} more faults.", all - 1),
    };
    let detail = format!("{}{more}", fanlight_base::words::sentence(&place));
    let advice = "All of them: `fanlight policy check DIR`, or POST /v1/policy-check.".to_owned();
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "faulty-policies", "The policies have faults", detail)
        .advice(Some(advice))
}

/// What was found out about a set, as it is told.
fn checked(found: &Result<Pack, Vec<PolicyFault>>) -> Checked {
    let (faults, warnings) = match found {
        Ok(pack) => (&[][..], pack.warnings()),
        Err(faults) => (&faults[..], &[][..]),
    };
    let own = found.as_ref().map_or(0, |pack| pack.policies().iter().filter(|policy| !policy.built_in).count());
    Checked {
        good: found.is_ok(),
        faults: faults.iter().map(fault).collect(),
        warnings: warnings.iter().map(fault).collect(),
        policies: own as u64,
    }
}

impl Console {
    pub(crate) async fn check_policies(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        only_who_may(context, &company())?;
        let asked = read_within::<Check>(request, limits::PROPOSED_BODY_BYTES).await.map_err(Box::new);
        let files = or_turned_down(context, asked.and_then(|ask| set_of(ask.files)))?;
        let recorded = admit(context, company())?;
        Ok(json(recorded, StatusCode::OK, &checked(&self.parts.in_force.check(files).await)))
    }

    pub(crate) async fn propose_policies(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        only_who_may(context, &company())?;
        let own_id = crate::idempotency::id_under_key(context, request.headers(), "prp_");
        let asked = read_within::<Propose>(request, limits::PROPOSED_BODY_BYTES).await.map_err(Box::new);
        let ask = or_turned_down(context, asked)?;
        let because = or_turned_down(context, words(&ask.because, "The reason for a change"))?;
        let files = match (ask.files, ask.restores) {
            (Some(files), None) => or_turned_down(context, set_of(files))?,
            (None, Some(version)) => self.files_of(context, version).await?,
            _ => return turned_down(context, Problem::bad_request("Either `files` or `restores` has to be there.")),
        };
        let Some(person) = context.caller.principal.answerable().cloned() else {
            let words = "It is not known who proposes it, so nobody could be told the answer.";
            return turned_down(context, Problem::bad_request(words));
        };
        let _order = self.proposals_in_order.lock().await;
        let set = row_of(&files);
        if let Some(id) = &own_id
            && let Some(made) = self.parts.store.proposal(id).await.map_err(|error| no_database(context, &error))?
        {
            return self.made_before(context, made, (&set.digest, &because, &person)).await;
        }
        let current = self.parts.in_force.current().await.map_err(|error| no_database(context, &error))?;
        if current.version != ask.base {
            return Err(stopped(context, outdated(ask.base, current.version)));
        }
        if current.files == files {
            let words = format!("That is what is in force as version {}, file by file.", current.version);
            return Err(stopped(context, conflict(words, None)));
        }
        match self.parts.in_force.check(files.clone()).await {
            Ok(pack) => self.only_unlocking(context, pack).await?,
            Err(faults) => return Err(stopped(context, faulty(&faults))),
        }
        self.only_so_many(context, &person, new_bytes(&files, &current.files)).await?;
        let Some(id) = own_id.or_else(|| fanlight_identity::pseudonym("prp_").ok()) else {
            return Err(stopped(context, Problem::unavailable("The system gives no random numbers.", 5)));
        };
        let row = ProposalRow {
            id,
            base: ask.base,
            restores: ask.restores,
            digest: set.digest.clone(),
            files: files.len() as u64,
            person,
            because,
            proposed: context.now,
            state: WAITING.to_owned(),
            answered: None,
            answered_by: None,
            answer: None,
            version: None,
        };
        let facts = facts_of(&row).with("because", row.because.as_str());
        // A proposal without its record must not even begin.
        let recorded = admit_with(context, company(), facts)?.durable().await?;
        let ways = self.parts.telling.ways("proposed");
        if let Err(error) = self.parts.store.insert_proposal(&row, &set, &ways).await {
            return Ok(store_problem(recorded, &error));
        }
        self.parts.telling.wake();
        self.shown_proposal(context, recorded, StatusCode::CREATED, &row.id).await
    }

    /// The proposal that the same call made before, and whose answer was lost.
    async fn made_before(
        &self,
        context: &Context,
        made: ProposalRow,
        (set, because, person): (&str, &str, &PersonId),
    ) -> Handled {
        if made.digest != set || made.because != because || made.person != *person {
            let words =
                "Something else was proposed under this Idempotency-Key before; each proposal needs a key of its own.";
            return Err(stopped(context, conflict(words, None)));
        }
        let recorded = admit_with(context, company(), facts_of(&made).with("because", because))?;
        self.shown_proposal(context, recorded, StatusCode::CREATED, &made.id).await
    }

    /// Stops with what stands in the way where a set would leave nobody who could change it again.
    async fn only_unlocking(&self, context: &Context, pack: Pack) -> Result<(), Stop> {
        match self.lockout(context, pack).await {
            Ok(None) => Ok(()),
            Ok(Some(problem)) => Err(stopped(context, problem)),
            Err(error) => Err(no_database(context, &error)),
        }
    }

    /// The files of a version that somebody wants back.
    async fn files_of(&self, context: &Context, version: u64) -> Result<PolicyFiles, Stop> {
        match self.version_files(version).await {
            Ok(Some((_, files))) => Ok(files),
            Ok(None) => Err(stopped(context, unknown_version())),
            Err(error) => Err(no_database(context, &error)),
        }
    }

    async fn only_so_many(&self, context: &Context, person: &PersonId, bytes: u64) -> Result<(), Stop> {
        let since = context.now.checked_sub(HOUR).unwrap_or(context.now);
        let theirs = "Withdraw one of yours, or have it answered: `fanlight policy proposals`.";
        let (words, advice) = match self.parts.store.count_proposals(person, since).await {
            Ok(ProposalCounts { proposed, .. }) if proposed >= limits::PROPOSALS_AN_HOUR => (
                format!("You have made {proposed} proposals within an hour, as many as may be."),
                "Propose it later, as one change.",
            ),
            Ok(ProposalCounts { own, .. }) if own >= limits::PROPOSALS_WAITING_OF_ONE => {
                (format!("{own} proposals of yours wait, as many as can of one person at once."), theirs)
            }
            Ok(ProposalCounts { own_bytes, .. }) if own_bytes + bytes > limits::PROPOSED_BYTES_OF_ONE => {
                let most = limits::PROPOSED_BYTES_OF_ONE / (1024 * 1024);
                (
                    format!("The proposals of yours that wait would have more than {most} MiB of new text together."),
                    theirs,
                )
            }
            Ok(ProposalCounts { waiting, .. }) if waiting >= limits::PROPOSALS_WAITING => (
                format!("{waiting} proposals wait, as many as can at once."),
                "Have those answered that wait: `fanlight policy proposals`.",
            ),
            Ok(_) => return Ok(()),
            Err(error) => return Err(no_database(context, &error)),
        };
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many", "Too many proposals", words)
            .advice(Some(advice.to_owned()))
            .header(header::RETRY_AFTER, HeaderValue::from_static("600"));
        Err(stopped(context, problem))
    }

    pub(crate) async fn proposals(&self, context: &Context, query: Option<&str>) -> Handled {
        let recorded = admit(context, company())?;
        let which = Which { state: part(query, "state") };
        let state = match which.state.as_deref() {
            None => Some(WAITING),
            Some("all") => None,
            Some(word) => match State::parse(word) {
                Some(state) => Some(state.as_str()),
                None => {
                    let words = "A state is waiting, approved, published, refused, withdrawn, or all for every one.";
                    return Ok(recorded.problem(Problem::bad_request(words)));
                }
            },
        };
        Ok(match self.listed_proposals(context, state).await {
            Ok(proposals) => json(recorded, StatusCode::OK, &proposals),
            Err(error) => store_problem(recorded, &error),
        })
    }

    pub(crate) async fn withdraw_proposal(&self, context: &Context, id: &str) -> Handled {
        let _order = self.proposals_in_order.lock().await;
        let caller = context.caller.principal.answerable();
        let row = self.parts.store.proposal(id).await.map_err(|error| no_database(context, &error))?;
        let Some(row) = row.filter(|row| Some(&row.person) == caller && row.state == WAITING) else {
            let advice = "`fanlight policy proposals` lists those that wait.".to_owned();
            let problem = Problem::not_found("No proposal of yours with that id waits.").advice(Some(advice));
            return Err(stopped(context, problem));
        };
        let recorded = admit_with(context, company(), facts_of(&row))?.durable().await?;
        let answer = AnswerRow {
            state: State::Withdrawn.as_str(),
            at: context.now,
            by: caller.cloned(),
            words: "taken back by who proposed it".to_owned(),
        };
        match self.parts.store.answer_proposal(&row.id, &answer, &[]).await {
            Ok(_) => self.shown_proposal(context, recorded, StatusCode::OK, &row.id).await,
            Err(error) => Ok(store_problem(recorded, &error)),
        }
    }
}

/// Bytes of the texts that are not in force under that name.
fn new_bytes(files: &PolicyFiles, in_force: &PolicyFiles) -> u64 {
    let new = files.iter().filter(|(name, text)| in_force.get(name) != Some(*text));
    new.map(|(_, text)| text.len() as u64).sum()
}

/// What every record about a proposal says of it: enough to hold its files against.
fn facts_of(row: &ProposalRow) -> Facts {
    let number = |version: u64| i64::try_from(version).unwrap_or(i64::MAX);
    let facts = Facts::new().with("proposal", row.id.as_str()).with("base", number(row.base));
    let facts = facts.with("set", row.digest.as_str());
    match row.restores {
        Some(version) => facts.with("restores", number(version)),
        None => facts,
    }
}

/// That another version is in force than a change was made on.
fn outdated(base: u64, now: u64) -> Problem {
    let words = format!("The change was made on version {base}, and version {now} is in force.");
    let advice = format!("See what has changed, `fanlight policy diff {base} {now}`, and propose it on top of that.");
    conflict(words, Some(advice))
}

fn unknown_version() -> Problem {
    let advice = "`fanlight policy history` lists those that are.".to_owned();
    Problem::not_found("No version of that number is kept here.").advice(Some(advice))
}

fn unknown_proposal() -> Problem {
    let advice = "`fanlight policy proposals --all` lists those that are.".to_owned();
    Problem::not_found("No proposal of that id is known here.").advice(Some(advice))
}
