//! Requests as they are shown: names for pseudonyms, and what became of the exception.

use std::collections::BTreeMap;

use fanlight_api::requests::{Answer, Granted, Judged, Request, State};
use fanlight_base::{Outcome, Whom};
use fanlight_gate::Context;
use fanlight_store::{ExceptionRow, RequestRow, StoreError};

use crate::Console;
use crate::acts::quarantine::name_of;
use crate::reads::Names;

impl Console {
    /// Requests as the caller may see them: with names where they may ask who has what, and their own always.
    pub(super) async fn shown(
        &self,
        context: &Context,
        rows: impl IntoIterator<Item = RequestRow>,
    ) -> Result<Vec<Request>, StoreError> {
        let rows: Vec<_> = rows.into_iter().collect();
        let people = rows.iter().flat_map(|row| [Some(&row.person), row.answered_by.as_ref()]).flatten();
        let (mut names, exceptions) =
            (self.names_to(context, &people.collect::<Vec<_>>()).await?, self.parts.store.exceptions().await?);
        if let Some(caller) = context.caller.principal.person() {
            names.extend(self.parts.store.names_of(&[caller]).await?);
        }
        Ok(rows.into_iter().map(|row| shown(row, &names, &exceptions)).collect())
    }

    /// One, as it stands now.
    pub(super) async fn one(&self, context: &Context, id: &str) -> Result<Option<Request>, StoreError> {
        let row = self.parts.store.request(id).await?;
        Ok(self.shown(context, row).await?.pop())
    }
}

fn shown(row: RequestRow, names: &Names, exceptions: &[ExceptionRow]) -> Request {
    let exception = row.exception.as_ref().and_then(|id| exceptions.iter().find(|one| one.id == *id));
    Request {
        by: name_of(names, Some(&row.person)).unwrap_or_default(),
        // What another version kept may not be read by this one; the request is shown all the same.
        judged: serde_json::from_str(&row.evidence).unwrap_or_else(|_| unknown(&row)),
        state: State::parse(&row.state).unwrap_or(State::Over),
        answer: row.answered.map(|at| Answer {
            at,
            by: name_of(names, row.answered_by.as_ref()),
            because: row.answer.unwrap_or_default(),
            exception: exception.map(|one| Granted {
                id: one.id.clone(),
                until: one.until,
                ended: one.ended,
                everybody: one.audience == Whom::Everybody,
                group: match &one.audience {
                    Whom::Group(group) => Some(group.to_string()),
                    _ => None,
                },
            }),
            seen: row.seen.is_some(),
        }),
        id: row.id,
        purl: row.thing,
        because: row.because,
        asked: row.asked,
    }
}

fn unknown(row: &RequestRow) -> Judged {
    Judged {
        outcome: Outcome::Hold,
        policies: Vec::new(),
        reason: None,
        advice: None,
        until: row.until,
        facts: BTreeMap::new(),
    }
}
