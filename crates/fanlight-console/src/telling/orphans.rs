//! What is told of an app that has nobody any more: a mentor is asked to find somebody for it.

use fanlight_base::clock::{for_people, rfc3339_millis};
use fanlight_store::{AppRow, TellingRow};
use serde_json::json;

use super::Message;

/// The telling in words. Who left is not named.
pub(super) fn message(row: &TellingRow, app: &AppRow) -> Message {
    let (id, title) = (&app.id, &app.layers.title);
    let sentence = format!("The app {title:?} has nobody any more: whoever owned it left without a successor");
    let next = format!("Find somebody for it: fanlight apps hand-over {id} NAME --successor NAME");
    let until = "Its keys go on for packages alone, and for two weeks: docs/apps.md.";
    let sent = json!({
        "type": "app.orphaned",
        "timestamp": rfc3339_millis(row.since),
        "data": { "app": id, "title": title, "headline": app.layers.headline, "text": sentence },
    });
    Message {
        of_whom: None,
        json: serde_json::to_vec(&sent).unwrap_or_default(),
        subject: format!("Nobody's app: {title}"),
        text: format!("{sentence}.\n\n{next}\n{until}\n\nApp {id}, since {}.\n", for_people(row.since)),
    }
}
