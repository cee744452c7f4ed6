//! Passkeys: to log in by one, to show one as a second factor, one's own.
//!
//! Invariant: nobody learns from a question whether anybody has a passkey; each question is the same for everybody.

use fanlight_api::passkeys::{Made, Offer, Passkey, Question, Removed, Shown};
use fanlight_base::PersonId;
use fanlight_gate::{Context, Handled};
use fanlight_identity::passkeys::{
    ALGORITHMS, Gone, PasskeyFor, PasskeyMade, PasskeyQuestion, PasskeyRow, PasskeyShown, RelyingParty,
};
use fanlight_identity::{LogInFault, Tried};
use fanlight_net::{Problem, RequestBody};
use http::{Request, StatusCode};

use super::account::{At, account_problem, address, not_taken, own};
use crate::admit::{admit, asked, node, only_who_may, turned_down};
use crate::reply::{json, read};
use crate::{Board, Console};

/// The node as passkeys know it. None where it is reached by an address alone, to which no passkey can be bound.
pub(super) fn party_of(board: &Board) -> Option<RelyingParty> {
    let origin = board.address_for_people()?;
    let url = url::Url::parse(&origin).ok()?;
    let id = url.domain()?.to_owned();
    Some(RelyingParty { id, origin: url.origin().ascii_serialization() })
}

/// What is said where there can be no passkeys.
pub(super) fn no_name() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "no-host-name",
        "No passkeys here",
        "Passkeys are bound to a host name, and this node is reached by an address alone: a steward gives it a name by the \
         setting `login.address`.",
    )
}

/// A question as it is told.
pub(super) fn question(party: &RelyingParty, asked: PasskeyQuestion) -> Question {
    Question { party: party.id.clone(), challenge: asked.challenge, ticket: asked.ticket }
}

/// The same with what a new passkey needs.
pub(super) fn offer(party: &RelyingParty, asked: PasskeyQuestion, known: Vec<String>) -> Offer {
    let handle = asked.handle.clone();
    Offer { question: question(party, asked), handle, algorithms: ALGORITHMS.to_vec(), known }
}

/// A new passkey as the identity reads it.
pub(super) fn made(answer: &Made) -> PasskeyMade<'_> {
    PasskeyMade {
        ticket: &answer.ticket,
        client_data: &answer.client_data,
        attestation: &answer.attestation,
        name: &answer.name,
    }
}

/// One that is shown.
pub(super) fn shown(answer: &Shown) -> PasskeyShown<'_> {
    PasskeyShown {
        ticket: &answer.ticket,
        credential: &answer.credential,
        client_data: &answer.client_data,
        authenticator_data: &answer.authenticator_data,
        signature: &answer.signature,
        handle: answer.handle.as_deref(),
    }
}

/// A passkey as lists show it.
pub(crate) fn listed(row: PasskeyRow) -> Passkey {
    Passkey { passkey: row.id, name: row.name, created: row.created, used: row.used }
}

impl Console {
    pub(crate) async fn ask_for_passkey(&self, context: &Context) -> Handled {
        let Some(party) = party_of(&self.parts.board) else { return turned_down(context, no_name()) };
        let asked = self.parts.gate.identity().ask_for_passkey(PasskeyFor::Showing);
        match asked {
            Ok(asked) => Ok(json(admit(context, node())?, StatusCode::OK, &question(&party, asked))),
            Err(error) => turned_down(context, account_problem(&error)),
        }
    }

    pub(crate) async fn log_in_by_passkey(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let browser = At::of(context, &request);
        let ask: Shown = asked(context, request).await?;
        let Some(party) = party_of(&self.parts.board) else { return turned_down(context, no_name()) };
        match self.parts.gate.identity().try_passkey(&party, &shown(&ask), address(context)).await {
            Ok(tried) => self.let_in(context, tried, &browser, "passkey").await,
            Err(error) => turned_down(context, account_problem(&error)),
        }
    }

    /// A passkey as the second factor of whoever is logged in: it has to be theirs.
    pub(super) async fn try_own_passkey(
        &self,
        context: &Context,
        person: &PersonId,
        answer: &Shown,
    ) -> Result<Option<LogInFault>, fanlight_identity::AccountError> {
        let Some(party) = party_of(&self.parts.board) else { return Ok(Some(LogInFault::Wrong)) };
        let tried = self.parts.gate.identity().try_passkey(&party, &shown(answer), address(context)).await?;
        Ok(match tried {
            Tried { fault: None, person: Some(theirs), .. } if theirs == *person => None,
            Tried { fault: None, .. } => Some(LogInFault::Wrong),
            Tried { fault, .. } => fault,
        })
    }

    pub(crate) async fn offer_passkey(&self, context: &Context) -> Handled {
        let Some(person) = context.caller.principal.person().cloned() else {
            return Ok(admit(context, node())?.problem(Problem::internal()));
        };
        let recorded = admit(context, own(&person))?;
        let Some(party) = party_of(&self.parts.board) else { return Ok(recorded.problem(no_name())) };
        let identity = self.parts.gate.identity();
        let known = match identity.credentials_of(&person).await {
            Ok(known) => known,
            Err(error) => return Ok(recorded.problem(account_problem(&error))),
        };
        Ok(match identity.ask_for_passkey(PasskeyFor::Adding(&person)) {
            Ok(asked) => json(recorded, StatusCode::OK, &offer(&party, asked, known)),
            Err(error) => recorded.problem(account_problem(&error)),
        })
    }

    pub(crate) async fn add_passkey(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let Some(session) = context.caller.session.clone() else {
            return Ok(admit(context, node())?.problem(Problem::internal()));
        };
        let person = session.person.clone();
        let thing = own(&person);
        only_who_may(context, &thing)?;
        let ask = match read::<Made>(request).await {
            Ok(ask) => ask,
            Err(problem) => return Ok(admit(context, thing)?.problem(problem)),
        };
        let Some(party) = party_of(&self.parts.board) else { return Ok(admit(context, thing)?.problem(no_name())) };
        let identity = self.parts.gate.identity();
        let drawn = match identity.draw_up_passkey(PasskeyFor::Adding(&person), &person, &party, &made(&ask)) {
            Ok(Ok(drawn)) => drawn,
            Ok(Err(other)) => return Ok(admit(context, thing)?.problem(not_taken(&other))),
            Err(error) => return Ok(admit(context, thing)?.problem(account_problem(&error))),
        };
        let recorded = admit(context, thing)?.durable().await?;
        Ok(match identity.keep_passkey(&drawn, &session).await {
            Ok(Ok(())) => json(recorded, StatusCode::CREATED, &listed(drawn)),
            Ok(Err(other)) => recorded.problem(not_taken(&other)),
            Err(error) => recorded.problem(account_problem(&error)),
        })
    }

    pub(crate) async fn remove_passkey(&self, context: &Context, id: &str) -> Handled {
        let Some(person) = context.caller.principal.person().cloned() else {
            return Ok(admit(context, node())?.problem(Problem::internal()));
        };
        let recorded = admit(context, own(&person))?.durable().await?;
        Ok(match self.parts.gate.identity().remove_passkey(&person, id).await {
            Ok(Gone::Gone) => json(recorded, StatusCode::OK, &Removed { passkey: id.to_owned() }),
            Ok(Gone::Unknown) => recorded.problem(Problem::not_found("You have no passkey of that id.")),
            Ok(Gone::Last) => recorded.problem(Problem::new(
                StatusCode::CONFLICT,
                "last-passkey",
                "Not removed",
                "It is your only way to log in: add another passkey first.",
            )),
            Err(error) => recorded.problem(account_problem(&error)),
        })
    }
}
