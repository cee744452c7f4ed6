//! What is told of a proposal of policies: as JSON for a system, as a letter for a person.

use fanlight_base::clock::{for_people, rfc3339_millis};
use fanlight_store::{ProposalRow, Store, StoreError, TellingRow};
use serde::Serialize;

use super::{Message, name_of};

/// The body of a webhook.
#[derive(Serialize)]
struct Sent<'a> {
    /// `policies.proposed`, `policies.published`, `policies.refused`.
    #[serde(rename = "type")]
    kind: String,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    proposal: &'a str,
    by: Option<&'a str>,
    because: &'a str,
    proposed: String,
    base: u64,
    restores: Option<u64>,
    set: &'a str,
    answer: Option<&'a str>,
    version: Option<u64>,
    text: &'a str,
}

/// The telling in words.
pub(super) async fn message(store: &Store, row: &TellingRow, proposal: &ProposalRow) -> Result<Message, StoreError> {
    let of_whom = name_of(store, &proposal.person).await?;
    let who = of_whom.as_deref().unwrap_or("somebody");
    let answer = proposal.answer.as_deref().filter(|words| !words.is_empty());
    let said = answer.map(|words| format!(": {words}")).unwrap_or_default();
    let version = proposal.version.unwrap_or_default();
    let (subject, sentence, next) = match &*row.about {
        "proposed" => (
            format!("Proposed: {}", proposal.because),
            format!("{who} proposes to change the policies: {}", proposal.because),
            format!("What it changes, and the answer: fanlight policy show {}", proposal.id),
        ),
        "published" => (
            format!("In force: {}", proposal.because),
            format!("The change of the policies is in force as version {version}{said}"),
            "What was before can be brought back: fanlight policy history".to_owned(),
        ),
        _ => (
            format!("Refused: {}", proposal.because),
            format!("The change of the policies is refused{said}"),
            "Change it and propose it anew, or speak to who refused it.".to_owned(),
        ),
    };
    let sent = Sent {
        kind: format!("policies.{}", row.about),
        timestamp: rfc3339_millis(row.since),
        data: Data {
            proposal: &proposal.id,
            by: of_whom.as_deref(),
            because: &proposal.because,
            proposed: rfc3339_millis(proposal.proposed),
            base: proposal.base,
            restores: proposal.restores,
            set: &proposal.digest,
            answer: answer.filter(|_| row.about != "proposed"),
            version: proposal.version,
            text: &sentence,
        },
    };
    let json = serde_json::to_vec(&sent).unwrap_or_default();
    let about = format!("Proposal {} of {}.", proposal.id, for_people(proposal.proposed));
    let text = format!("{sentence}\n\n{next}\n\n{about}\n");
    Ok(Message { of_whom, json, subject, text })
}
