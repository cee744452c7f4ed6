//! The link for the first steward: made at the start of a node that nobody can log in to as one.

use fanlight_base::{Action, Facts, Resource, Role, Secret};
use fanlight_console::{Board, Roster, address_of_link};
use fanlight_gate::Gate;

use super::error::NodeError;

/// The node has made a link for the first steward, as the policy schema names it.
const FIRST_LINK: Action = Action::new("node:first-link");

/// The link, where there is no steward who can log in. Its record is on disk before it is made.
pub async fn link(gate: &Gate, board: &Board, roster: &Roster) -> Result<Option<Secret<String>>, NodeError> {
    let stewards = roster.hold().await.stewards();
    if gate.identity().can_log_in(&stewards).await? {
        return Ok(None);
    }
    gate.record_own(FIRST_LINK, &Resource::new("Node", "this"), Facts::new())?.durable().await?;
    let (secret, _) = gate.identity().make_link(None, Some(Role::Steward), None).await?;
    Ok(address_of_link(board, &secret))
}
