//! Telling somebody that a browser logged in as them which they had not used here before.

use fanlight_base::clock::{for_people, rfc3339_millis};
use fanlight_base::fault::with_causes;
use fanlight_base::{Facts, Resource, Timestamp, limits};
use fanlight_gate::Gate;
use fanlight_store::{BrowserNoticeRow, Store};
use fanlight_tell::Letter;
use serde_json::json;

use super::{AT_ONCE, MAIL, NOT_TOLD, NotTold, TOLD, Telling, WEBHOOK, address, name_of, pause};

/// Tells what is to be told by a way now, and says how many there were.
pub(super) async fn tell(telling: &Telling, store: &Store, gate: &Gate, way: &str) -> u64 {
    let due = store.browser_notices_due(way, gate.now(), AT_ONCE).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "it cannot be looked who is to be told of a new browser");
        Vec::new()
    });
    for row in &due {
        if let Err(why) = one(telling, store, gate, row).await {
            tracing::warn!(
                why,
                notice = row.id,
                "that somebody was told, or not, is not kept yet; it may be told again"
            );
        }
    }
    due.len() as u64
}

async fn one(telling: &Telling, store: &Store, gate: &Gate, row: &BrowserNoticeRow) -> Result<(), String> {
    let words = |error: fanlight_store::StoreError| with_causes(&error);
    let (now, tries) = (gate.now(), row.tries + 1);
    let facts = Facts::new()
        .with("about", "new-browser")
        .with("by", row.way.as_str())
        .with("tries", i64::try_from(tries).unwrap_or(i64::MAX));
    let (action, facts) = match sent(telling, store, row, now).await {
        Ok(()) => (TOLD, facts),
        Err(error) => {
            let why = error.without_data();
            let is_late = now.duration_since(row.at).unsigned_abs() >= limits::TELLING_TIME;
            if !error.is_final() && !is_late {
                tracing::info!(why, notice = row.id, tries, "somebody could not be told; it is tried again");
                let due = now.checked_add(pause(row.tries)).unwrap_or(now);
                return store.put_browser_notice_off(&row.id, due).await.map_err(words);
            }
            tracing::warn!(why, notice = row.id, tries, "somebody could not be told, and it is given up");
            (NOT_TOLD, facts.with("fault", why.as_str()))
        }
    };
    let person = Resource::new("Person", row.person.as_str());
    let recorded = gate.record_own(action, &person, facts).map_err(|error| with_causes(&error))?;
    recorded.durable().await.map_err(|error| with_causes(&error))?;
    store.forget_browser_notice(&row.id).await.map_err(words)
}

async fn sent(telling: &Telling, store: &Store, row: &BrowserNoticeRow, now: Timestamp) -> Result<(), NotTold> {
    let name = name_of(store, &row.person).await?;
    let name = name.ok_or(NotTold::Nobody("nobody is known any more of whom it is about"))?;
    let at = for_people(row.at);
    let sentence =
        format!("{name} logged in from a browser that they had not used here before: {}, {at}.", row.browser);
    match (&*row.way, &telling.webhook, &telling.post) {
        (WEBHOOK, Some(webhook), _) => {
            let data = json!({
                "person": name, "browser": row.browser, "at": rfc3339_millis(row.at), "text": sentence,
            });
            let body = json!({ "type": "login.new-browser", "timestamp": rfc3339_millis(row.at), "data": data });
            Ok(webhook.send(&row.id, now, body.to_string().into_bytes()).await?)
        }
        (MAIL, _, Some(post)) => {
            let to = address(post, Some(&name)).ok_or(NotTold::Nobody("no address is known of whom it is for"))?;
            let text = format!(
                "{sentence}\n\nIf that was you, there is nothing to do. If it was not:\n\n\
                 1. Log in, open the page /account and end that session, or have a steward do it:\n   \
                 fanlight people sessions {name} --end\n\
                 2. Change your password there, and remove passkeys that are not yours.\n\
                 3. Tell your security team.\n"
            );
            let subject = "A new browser logged in as you".to_owned();
            Ok(post.mail.send(&Letter { id: row.id.clone(), to, subject, text }).await?)
        }
        _ => Err(NotTold::Nobody("this way of telling is not set any more")),
    }
}
